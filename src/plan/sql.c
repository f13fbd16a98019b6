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

void plan_setup_sql(enum dialect dialect, struct text *text)
{
    struct plan_tree tree;
    for (uint32_t i = 0; plan_setup_tree(&tree, i); i++) {
        struct sql_printed printed = sql_print(&tree.statement, dialect, SQL_AS_VALUES, text);
        ASSERT(printed.missing == NULL);
        text_append(text, ";");
    }
}
