/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two versions of SQLite of which the second does something else: proves what the differential mode
 * compares. The option --canary=NAME plants one; --canary=list lists them.
 */
#include "canary.h"

#include "generated/subjects.h"

#include <stdio.h>
#include <string.h>

static struct backend_ops broken;
static const struct backend_ops *honest;

static struct backend_ops *break_beside(struct fuzz_setup *setup)
{
    honest = setup->beside.backend;
    broken = *honest;
    setup->beside.backend = &broken;
    return &broken;
}

/* A select of rows with a promised order gets the opposite one. */
static enum outcome reversed_prepare(struct backend_connection *connection, const char *sql,
                                     size_t length, struct backend_statement **ret_statement)
{
    static const char begins[] = "SELECT k";
    char longer[2048];
    bool is_turned = length > sizeof begins && strncmp(sql, begins, sizeof begins - 1) == 0 &&
                     memmem(sql, length, "ORDER BY", 8) != NULL &&
                     memmem(sql, length, "DESC", 4) == NULL &&
                     memmem(sql, length, "LIMIT", 5) == NULL;
    int size =
        snprintf(longer, sizeof longer, "%.*s%s", (int)length, sql, is_turned ? " DESC" : "");
    return honest->prepare(connection, longer, (size_t)size, ret_statement);
}

static void install_row_order(struct fuzz_setup *setup)
{
    break_beside(setup)->prepare = reversed_prepare;
}

/* A number comes as a text of its digits. */
static void texted_column(struct backend_statement *statement, int column, struct value *ret_value)
{
    static char digits[32];
    honest->column(statement, column, ret_value);
    if (ret_value->kind != VALUE_INTEGER || column != 1)
        return;
    int length = snprintf(digits, sizeof digits, "%lld", (long long)ret_value->integer);
    *ret_value = value_text(digits, (size_t)length);
}

static void install_type(struct fuzz_setup *setup)
{
    break_beside(setup)->column = texted_column;
}

static enum outcome misclassified_step(struct backend_statement *statement)
{
    enum outcome outcome = honest->step(statement);
    return outcome == OUTCOME_CONSTRAINT ? OUTCOME_READONLY : outcome;
}

static void install_error_class(struct fuzz_setup *setup)
{
    break_beside(setup)->step = misclassified_step;
}

const struct canary canaries[] = {
    {"differential_row_order", "rows come in the opposite of the order that was asked for",
     "differential/row-order", install_row_order},
    {"differential_type", "a number comes as a text", "differential/rows", install_type},
    {"differential_error_class", "a constraint is said to be of another class",
     "differential/error-class", install_error_class},
};

const size_t canary_count = sizeof canaries / sizeof canaries[0];

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_differential_canary",
    .subject = &interplay_subject_sqlite,
    .beside = &interplay_subject_sqlite_beside,
    .options = canary_options,
};
