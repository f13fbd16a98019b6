/* SPDX-License-Identifier: Apache-2.0 */
/* The shadow database's answer written out, for people: oracles only compare. */
#include "model/database.h"

#include <stdio.h>
#include <string.h>

static struct observed_row row_of(const struct model_table *table, uint16_t addend, uint32_t key)
{
    return (struct observed_row){
        .key = key,
        .value = table->value[key],
        .text_value = table->text_value[key],
        .text_units = table->text_units[key],
        .addend = addend,
        .intact = true,
    };
}

static void predict_columns(const struct model_table *table, const struct interaction *interaction,
                            struct observation *predicted)
{
    const char *names = model_column_names(table, interaction);
    predicted->column_count = model_column_count(table, interaction);
    predicted->has_names = names != NULL;
    if (names != NULL)
        (void)snprintf(predicted->column_names, sizeof predicted->column_names, "%s", names);
}

static void predict_rows(const struct model_table *table, const struct interaction *interaction,
                         uint32_t taken, struct observation *predicted)
{
    enum plan_order order = (enum plan_order)interaction->arguments[FIELD_order];
    uint32_t limit = order == ORDER_NONE ? 0 : interaction->arguments[FIELD_limit];
    uint16_t addend = model_addend_seen(table, interaction);
    uint32_t count = 0;
    for (; taken != 0; taken &= taken - 1) {
        struct observed_row row = row_of(table, addend, (uint32_t)__builtin_ctz(taken));
        uint32_t at = count++;
        for (; at > 0 && model_stands_before(order, &row, &predicted->rows[at - 1]); at--)
            predicted->rows[at] = predicted->rows[at - 1];
        predicted->rows[at] = row;
    }
    if (limit != 0 && limit < count)
        count = limit;
    predict_columns(table, interaction, predicted);
    predicted->rows_kept = count;
    predicted->row_count = count;
}

void model_predict_returned(const struct model_database *database,
                            const struct interaction *interaction, int64_t step,
                            struct observation *predicted)
{
    const struct model_table *table = &database->tables[interaction->arguments[FIELD_table]];
    struct model_database after = *database;
    if (model_apply(&after, interaction, step).outcome != OUTCOME_OK)
        return;
    predict_rows(&after.tables[interaction->arguments[FIELD_table]], interaction,
                 model_filter_rows(table, interaction), predicted);
    predicted->row_count = 0; /* of a write its changes are told */
}

static void predict_select(const struct model_database *database,
                           const struct interaction *interaction, struct observation *predicted)
{
    const struct model_table *table = &database->tables[interaction->arguments[FIELD_table]];
    enum plan_aggregate aggregate = (enum plan_aggregate)interaction->arguments[FIELD_aggregate];
    if (!table->exists) {
        predicted->outcome = OUTCOME_SQL_ERROR;
        return;
    }
    uint32_t taken = model_filter_rows(table, interaction);
    if (aggregate == AGGREGATE_ROWS) {
        predict_rows(table, interaction, taken, predicted);
        return;
    }
    predicted->row_count = 1;
    predicted->number_is_null = !model_number(table, aggregate, taken, &predicted->number);
}

void model_predict(const struct model_database *database, const struct interaction *interaction,
                   int64_t step, struct observation *ret_predicted)
{
    memset(ret_predicted, 0, sizeof *ret_predicted);
    ret_predicted->outcome = OUTCOME_OK;
    if (interaction->action == ACTION_select) {
        predict_select(database, interaction, ret_predicted);
    } else if (plan_action_infos[interaction->action].effect == EFFECT_READ_NUMBER) {
        ret_predicted->row_count = 1;
        ret_predicted->number = database->numbers[plan_number_of(interaction)];
    } else if (model_is_write((enum plan_action)interaction->action)) {
        struct model_database scratch = *database;
        struct prediction prediction = model_apply(&scratch, interaction, step);
        ret_predicted->outcome = prediction.outcome;
        ret_predicted->changes = prediction.changes;
        predict_columns(&database->tables[interaction->arguments[FIELD_table]], interaction,
                        ret_predicted);
    }
}
