/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/look.h"

#include <stdio.h>
#include <string.h>

/* --- one statement ---------------------------------------------------------------------------- */

static void note_failure(struct subject_look *look)
{
    if (look->outcome != OUTCOME_OK && look->outcome != OUTCOME_ROW)
        (void)snprintf(look->message, sizeof look->message, "%s",
                       look->backend->error_message(look->connection));
}

struct backend_statement *look_prepare(struct subject_look *look, const char *sql)
{
    struct backend_statement *statement = NULL;
    look->outcome = look->backend->prepare(look->connection, sql, strlen(sql), &statement);
    note_failure(look);
    return statement;
}

bool look_step(struct subject_look *look, struct backend_statement *statement)
{
    if (look->outcome == OUTCOME_OK || look->outcome == OUTCOME_ROW)
        look->outcome = look->backend->step(statement);
    note_failure(look);
    return look->outcome == OUTCOME_ROW;
}

void look_finalize(struct subject_look *look, struct backend_statement *statement)
{
    if (statement != NULL)
        look->backend->finalize(statement);
}

/* --- all tables ------------------------------------------------------------------------------- */

void look_take_row(const struct subject_look *look, struct backend_statement *statement,
                   const struct subject_sink *sink, uint32_t table)
{
    const struct backend_ops *backend = look->backend;
    struct value columns[SUBJECT_COLUMNS] = {
        value_integer(backend->column_int64(statement, 1)),
        value_integer(backend->column_int64(statement, 2)),
        {.kind = VALUE_NULL},
    };
    if (!backend->column_is_null(statement, 3)) {
        size_t length;
        const char *text = backend->column_text(statement, 3, &length);
        columns[2] = value_text(text, text == NULL ? 0 : length);
    }
    sink->row(sink->context, table, columns);
}

void look_guess_and_read(struct subject_look *look, const struct subject_sink *sink,
                         look_reader *read)
{
    uint32_t guess = sink->tables;
    for (int attempt = 0; attempt < 3; attempt++) {
        sink->begin(sink->context);
        uint32_t found = read(look, guess, sink);
        bool is_wrong =
            look->outcome == OUTCOME_SQL_ERROR || (look->outcome == OUTCOME_OK && found != guess);
        if (!is_wrong)
            return;
        guess = look->outcome == OUTCOME_OK ? found : 0;
    }
}
