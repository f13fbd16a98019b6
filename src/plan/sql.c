/* SPDX-License-Identifier: Apache-2.0 */
/* The trees of interactions, printed with their numbers. */
#include "plan/sql.h"

#include "base/assert.h"
#include "plan/statement_tree.h"
#include "sql/print.h"

/* Of the parameter that is no number. */
static uint32_t payload_units(const struct plan_tree *tree)
{
    for (uint32_t i = 0; i < tree->parameter_count; i++)
        if (tree->parameters[i].is_payload)
            return tree->parameters[i].units;
    return 0;
}

uint32_t plan_sql(const struct interaction *interaction, int64_t step, enum dialect dialect,
                  struct text *text)
{
    struct plan_tree tree;
    if (!plan_tree_make(&tree, interaction, step))
        return 0;
    struct sql_printed printed = sql_print(&tree.statement, dialect, SQL_NUMBERS_AS_VALUES, text);
    ASSERT(printed.missing == NULL);
    return printed.placeholders == 0 ? 0 : payload_units(&tree);
}

static bool can_print(const struct interaction *interaction, enum dialect dialect)
{
    char buffer[PLAN_SQL_BYTES];
    struct text text;
    struct plan_tree tree;
    text_init(&text, buffer, sizeof buffer);
    return !plan_tree_make(&tree, interaction, 0) ||
           sql_print(&tree.statement, dialect, SQL_NUMBERS_AS_VALUES, &text).missing == NULL;
}

/* Each value of each argument, the others as they are in `form`. */
static bool can_print_around(const struct interaction *form, enum dialect dialect)
{
    enum plan_action action = (enum plan_action)form->action;
    bool can = can_print(form, dialect);
    for (uint32_t field = 0; field < FIELD_COUNT; field++) {
        struct interaction varied = *form;
        bool has = plan_action_has(action, (enum plan_field)field);
        uint8_t values = has ? plan_field_infos[field].domain : 0;
        for (uint8_t value = 0; value < values && can; value++) {
            varied.arguments[field] = value;
            can = can_print(&varied, dialect);
        }
    }
    return can;
}

/* With all arguments at their lowest values, and then at their highest, each part is there once. */
bool plan_sql_can_say(enum plan_action action, enum dialect dialect)
{
    struct interaction form = {.action = (uint8_t)action};
    if (plan_action_infos[action].has_sql)
        form.sql = "";
    bool can = can_print_around(&form, dialect);
    for (uint32_t field = 0; field < FIELD_COUNT; field++)
        if (plan_action_has(action, (enum plan_field)field))
            form.arguments[field] = (uint8_t)(plan_field_infos[field].domain - 1);
    return can && can_print_around(&form, dialect);
}

bool plan_savepoint_begins(enum dialect dialect)
{
    return sql_savepoint_begins(dialect);
}

void plan_setup_sql(enum dialect dialect, struct text *text)
{
    struct plan_tree tree;
    for (uint32_t i = 0; plan_setup_tree(&tree, i); i++) {
        struct sql_printed printed = sql_print(&tree.statement, dialect, SQL_AS_VALUES, text);
        ASSERT(printed.missing == NULL);
        text_append(text, ";");
    }
}
