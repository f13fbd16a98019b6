/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/seen.h"

#include <stdio.h>

static void describe_rows(const struct interaction *interaction, const struct observation *seen,
                          char *text, size_t bytes)
{
    bool reads = interaction->action == ACTION_select;
    int length = reads ? snprintf(text, bytes, "%llu rows", (unsigned long long)seen->row_count)
                       : snprintf(text, bytes, "%lld rows changed", (long long)seen->changes);
    if (plan_reads_all_columns(interaction) && seen->column_count > 0)
        length +=
            snprintf(text + length, bytes - (size_t)length, " of %d columns", seen->column_count);
    if (plan_reads_all_columns(interaction) && seen->has_names)
        (void)snprintf(text + length, bytes - (size_t)length, " (%s)", seen->column_names);
}

const char *seen_describe(const struct interaction *interaction, const struct observation *seen,
                          char *text, size_t bytes)
{
    if (seen->outcome != OUTCOME_OK)
        (void)snprintf(text, bytes, "%s (%s)", interplay_outcome_names[seen->outcome],
                       seen->error_message);
    else if (plan_action_infos[interaction->action].effect == EFFECT_READ_NUMBER)
        (void)snprintf(text, bytes, "%lld", (long long)seen->number);
    else if (interaction->action != ACTION_select ||
             interaction->arguments[FIELD_aggregate] == AGGREGATE_ROWS)
        describe_rows(interaction, seen, text, bytes);
    else if (seen->number_is_null)
        (void)snprintf(text, bytes, "NULL");
    else
        (void)snprintf(text, bytes, "%lld", (long long)seen->number);
    return text;
}
