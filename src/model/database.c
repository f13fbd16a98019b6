/* SPDX-License-Identifier: Apache-2.0 */
/* States of the shadow database, and what writes do to them. */
#include "model/database.h"

#include "model/text.h"

#include <stdio.h>
#include <string.h>

void model_database_init(struct model_database *database)
{
    memset(database, 0, sizeof *database);
    for (int table = 0; table < PLAN_SEED_TABLES; table++) {
        struct model_table *rows = &database->tables[table];
        rows->exists = true;
        for (uint32_t key = 0; key < PLAN_KEYS; key += PLAN_SEED_KEY_STRIDE) {
            rows->present |= 1u << key;
            rows->value[key] = (int32_t)plan_value(-1, key);
            rows->text_value[key] = rows->value[key];
            rows->text_units[key] = plan_payload_units[1];
        }
    }
    database->tables[0].indexes = 1u << COLUMN_VALUE;
}

bool model_is_schema_change(enum plan_action action)
{
    return plan_action_infos[action].effect == EFFECT_SCHEMA;
}

bool model_is_write(enum plan_action action)
{
    enum plan_effect effect = plan_action_infos[action].effect;
    return effect == EFFECT_ROWS || effect == EFFECT_SCHEMA || effect == EFFECT_NUMBER;
}

static struct prediction fails(enum outcome outcome)
{
    return (struct prediction){.outcome = outcome};
}

static struct prediction succeeds(int64_t changes)
{
    return (struct prediction){.outcome = OUTCOME_OK, .changes = changes};
}

static void write_text(struct model_table *table, uint32_t key, int32_t value, uint32_t size)
{
    table->text_units[key] = plan_payload_units[size];
    table->text_value[key] = plan_payload_units[size] == 0 ? -1 : value;
}

static void write_row(struct model_table *table, uint32_t key, int64_t step, uint32_t size)
{
    int32_t value = (int32_t)plan_value(step, key);
    table->present |= 1u << key;
    table->value[key] = value;
    write_text(table, key, value, size);
}

/* The keys below `bound` (32: all of them). */
static uint32_t keys_below(uint32_t bound)
{
    return bound >= 32 ? UINT32_MAX : (1u << bound) - 1;
}

uint32_t model_filter_rows(const struct model_table *table, const struct interaction *interaction)
{
    uint32_t key = interaction->arguments[FIELD_key];
    uint32_t span = interaction->arguments[FIELD_span];
    uint32_t taken = 0;
    switch ((enum plan_filter)interaction->arguments[FIELD_filter]) {
    case FILTER_ALL:
        return table->present;
    case FILTER_KEY:
        return table->present & 1u << key;
    case FILTER_RANGE:
        return table->present & keys_below(key + span + 1) & ~keys_below(key);
    case FILTER_FROM:
        return table->present & ~keys_below(key);
    case FILTER_VALUE_FROM:
    case FILTER_VALUE_BELOW:
        for (uint32_t rest = table->present; rest != 0; rest &= rest - 1) {
            uint32_t row = (uint32_t)__builtin_ctz(rest);
            bool from = table->value[row] >= plan_filter_bound(key);
            if (from == (interaction->arguments[FIELD_filter] == FILTER_VALUE_FROM))
                taken |= 1u << row;
        }
        return taken;
    }
    return 0;
}

static struct prediction apply_update(struct model_table *table,
                                      const struct interaction *interaction, int64_t step)
{
    uint32_t taken = model_filter_rows(table, interaction);
    uint32_t size = interaction->arguments[FIELD_size];
    for (uint32_t rest = taken; rest != 0; rest &= rest - 1) {
        uint32_t key = (uint32_t)__builtin_ctz(rest);
        table->value[key] = (int32_t)plan_value(step, key);
        if (size != 0)
            write_text(table, key, table->value[key], size);
    }
    return succeeds(__builtin_popcount(taken));
}

static struct prediction apply_append(struct model_table *table,
                                      const struct interaction *interaction, int64_t step)
{
    uint32_t key = interaction->arguments[FIELD_key];
    if (!(table->present >> key & 1u))
        return succeeds(0);
    table->text_value[key] = model_text_append(table->text_value[key], table->text_units[key],
                                               (int32_t)plan_value(step, key));
    table->text_units[key]++;
    return succeeds(1);
}

static struct prediction apply_batch(struct model_table *table, const struct interaction *batch,
                                     int64_t step)
{
    uint32_t count = plan_batch_count(batch);
    for (uint32_t i = 0; i < count; i++) {
        struct interaction item = plan_batch_item(batch, i);
        write_row(table, item.arguments[FIELD_key], step, item.arguments[FIELD_size]);
    }
    return succeeds(count);
}

/*
 * A taken key ends the statement: what it did before that is undone (abort) or stays (fail), and is
 * counted although it failed.
 */
static struct prediction apply_insert_rows(struct model_table *table,
                                           const struct interaction *interaction, int64_t step)
{
    uint32_t first = interaction->arguments[FIELD_key], count = plan_batch_count(interaction);
    uint8_t conflict = interaction->arguments[FIELD_conflict];
    struct prediction prediction = succeeds(0);
    if (conflict == CONFLICT_ABORT &&
        (table->present & keys_below(first + count) & ~keys_below(first)) != 0)
        return fails(OUTCOME_CONSTRAINT);
    for (uint32_t key = first; key < first + count; key++) {
        bool is_taken = table->present >> key & 1u;
        if (is_taken && conflict == CONFLICT_IGNORE)
            continue;
        if (is_taken && conflict == CONFLICT_FAIL) {
            prediction.outcome = OUTCOME_CONSTRAINT;
            break;
        }
        write_row(table, key, step, 0);
        prediction.changes++;
    }
    return prediction;
}

static struct prediction apply_column_change(struct model_table *table, bool adds, int64_t step)
{
    if (!table->exists || (table->addend != 0) == adds)
        return fails(OUTCOME_SQL_ERROR);
    table->addend = adds ? plan_addend(step) : 0;
    return succeeds(0);
}

static struct prediction apply_schema_change(struct model_table *table,
                                             const struct interaction *interaction, int64_t step)
{
    if (interaction->action == ACTION_add_column || interaction->action == ACTION_drop_column)
        return apply_column_change(table, interaction->action == ACTION_add_column, step);
    uint8_t index = (uint8_t)(1u << interaction->arguments[FIELD_column]);
    bool creates =
        interaction->action == ACTION_create_table || interaction->action == ACTION_create_index;
    bool is_table =
        interaction->action == ACTION_create_table || interaction->action == ACTION_drop_table;
    bool there = is_table ? table->exists : table->indexes & index;
    if (there == creates || (!is_table && !table->exists))
        return fails(OUTCOME_SQL_ERROR);
    if (is_table) {
        memset(table, 0, sizeof *table);
        table->exists = creates;
    } else {
        table->indexes ^= index;
    }
    return succeeds(0);
}

struct prediction model_apply(struct model_database *database,
                              const struct interaction *interaction, int64_t step)
{
    struct model_table *table = &database->tables[interaction->arguments[FIELD_table]];
    uint32_t key = interaction->arguments[FIELD_key];
    if (plan_action_infos[interaction->action].effect == EFFECT_NUMBER) {
        database->numbers[plan_number_of(interaction)] = (int32_t)plan_number(step);
        return succeeds(0);
    }
    if (model_is_schema_change((enum plan_action)interaction->action))
        return apply_schema_change(table, interaction, step);
    if (!table->exists)
        return fails(OUTCOME_SQL_ERROR);
    if (interaction->action == ACTION_update)
        return apply_update(table, interaction, step);
    if (interaction->action == ACTION_append)
        return apply_append(table, interaction, step);
    if (interaction->action == ACTION_batch)
        return apply_batch(table, interaction, step);
    if (interaction->action == ACTION_insert_rows)
        return apply_insert_rows(table, interaction, step);
    if (interaction->action == ACTION_delete) {
        uint32_t taken = model_filter_rows(table, interaction);
        table->present &= ~taken;
        return succeeds(__builtin_popcount(taken));
    }
    if (interaction->action == ACTION_insert && (table->present >> key & 1u))
        return fails(OUTCOME_CONSTRAINT);
    write_row(table, key, step, interaction->arguments[FIELD_size]);
    return succeeds(1);
}

/* --- what a select returns ------------------------------------------------------------------- */

bool model_number(const struct model_table *table, enum plan_aggregate aggregate, uint32_t taken,
                  int64_t *ret_number)
{
    int64_t count = 0, sum = 0, minimum = INT64_MAX, maximum = INT64_MIN;
    for (uint32_t rest = taken; rest != 0; rest &= rest - 1) {
        int64_t value = table->value[__builtin_ctz(rest)];
        count++;
        sum += value;
        minimum = value < minimum ? value : minimum;
        maximum = value > maximum ? value : maximum;
    }
    if (aggregate == AGGREGATE_COUNT)
        *ret_number = count;
    else if (count > 0)
        *ret_number = aggregate == AGGREGATE_SUM   ? sum
                      : aggregate == AGGREGATE_MIN ? minimum
                                                   : maximum;
    return aggregate == AGGREGATE_COUNT || count > 0;
}

static bool number_matches(const struct model_table *table, uint32_t taken,
                           enum plan_aggregate aggregate, const struct observation *seen)
{
    int64_t expected;
    if (seen->row_count != 1)
        return false;
    if (!model_number(table, aggregate, taken, &expected))
        return seen->number_is_null;
    return !seen->number_is_null && seen->number == expected;
}

uint16_t model_addend_seen(const struct model_table *table, const struct interaction *interaction)
{
    return plan_reads_all_columns(interaction) ? table->addend : 0;
}

int model_column_count(const struct model_table *table, const struct interaction *interaction)
{
    return plan_reads_all_columns(interaction) ? MODEL_COLUMNS + (table->addend != 0) : 0;
}

const char *model_column_names(const struct model_table *table,
                               const struct interaction *interaction)
{
    if (!plan_reads_all_columns(interaction))
        return NULL;
    return table->addend != 0 ? "k,v,p,x" : "k,v,p";
}

bool model_columns_match(const struct model_database *database,
                         const struct interaction *interaction, const struct observation *seen)
{
    const struct model_table *table = &database->tables[interaction->arguments[FIELD_table]];
    int expected = model_column_count(table, interaction);
    if (expected == 0)
        return true;
    return (seen->column_count <= 0 || seen->column_count == expected) &&
           (!seen->has_names ||
            strcmp(seen->column_names, model_column_names(table, interaction)) == 0);
}

static bool row_matches(const struct model_table *table, uint16_t addend,
                        const struct observed_row *row)
{
    if (row->key < 0 || row->key >= PLAN_KEYS || !row->intact || row->addend != addend)
        return false;
    return row->value == table->value[row->key] && row->text_value == table->text_value[row->key] &&
           row->text_units == table->text_units[row->key];
}

bool model_stands_before(enum plan_order order, const struct observed_row *row,
                         const struct observed_row *other)
{
    switch (order) {
    case ORDER_NONE:
    case ORDER_KEY:
        return row->key < other->key;
    case ORDER_KEY_DESC:
        return row->key > other->key;
    case ORDER_VALUE:
        return row->value < other->value;
    case ORDER_VALUE_DESC:
        return row->value > other->value;
    }
    return false;
}

/* True when a row that is not in the result should have come before its last row. */
static bool misses_earlier_row(const struct model_table *table, uint32_t missing,
                               enum plan_order order, const struct observed_row *last)
{
    for (uint32_t rest = missing; rest != 0; rest &= rest - 1) {
        uint32_t key = (uint32_t)__builtin_ctz(rest);
        struct observed_row row = {.key = key, .value = table->value[key]};
        if (model_stands_before(order, &row, last))
            return true;
    }
    return false;
}

static bool rows_match(const struct model_table *table, uint32_t taken,
                       const struct interaction *interaction, const struct observation *seen)
{
    enum plan_order order = (enum plan_order)interaction->arguments[FIELD_order];
    uint64_t limit = order == ORDER_NONE ? 0 : interaction->arguments[FIELD_limit];
    uint64_t expected = (uint64_t)__builtin_popcount(taken);
    if (limit != 0 && limit < expected)
        expected = limit;
    uint16_t addend = model_addend_seen(table, interaction);
    if (seen->row_count != expected)
        return false;
    uint32_t found = 0;
    for (uint64_t i = 0; i < seen->row_count; i++) {
        const struct observed_row *row = &seen->rows[i];
        if (!row_matches(table, addend, row) || !(taken >> row->key & 1u) ||
            (found >> row->key & 1u))
            return false;
        if (i > 0 && order != ORDER_NONE && !model_stands_before(order, &seen->rows[i - 1], row))
            return false;
        found |= 1u << row->key;
    }
    return found == taken || expected == 0 ||
           !misses_earlier_row(table, taken & ~found, order, &seen->rows[expected - 1]);
}

bool model_returned_match(const struct model_database *before, const struct model_database *after,
                          const struct interaction *interaction, const struct observation *seen)
{
    uint32_t table = interaction->arguments[FIELD_table];
    uint32_t left = model_filter_rows(&before->tables[table], interaction);
    uint16_t addend = model_addend_seen(&after->tables[table], interaction);
    for (uint32_t i = 0; i < seen->rows_kept; i++) {
        const struct observed_row *row = &seen->rows[i];
        if (!row_matches(&after->tables[table], addend, row) || !(left >> row->key & 1u))
            return false;
        left &= ~(1u << row->key);
    }
    return true;
}

static bool select_matches(const struct model_database *database,
                           const struct interaction *interaction, const struct observation *seen)
{
    const struct model_table *table = &database->tables[interaction->arguments[FIELD_table]];
    if (!table->exists || seen->outcome != OUTCOME_OK)
        return !table->exists && seen->outcome == OUTCOME_SQL_ERROR;
    uint32_t taken = model_filter_rows(table, interaction);
    enum plan_aggregate aggregate = (enum plan_aggregate)interaction->arguments[FIELD_aggregate];
    if (aggregate != AGGREGATE_ROWS)
        return number_matches(table, taken, aggregate, seen);
    return model_columns_match(database, interaction, seen) &&
           rows_match(table, taken, interaction, seen);
}

bool model_read_matches(const struct model_database *database,
                        const struct interaction *interaction, const struct observation *seen)
{
    if (plan_action_infos[interaction->action].effect != EFFECT_READ_NUMBER)
        return select_matches(database, interaction, seen);
    return seen->outcome == OUTCOME_OK && seen->row_count == 1 &&
           seen->number == database->numbers[plan_number_of(interaction)];
}

/* --- comparing states ------------------------------------------------------------------------ */

static void describe_row(const struct model_table *table, uint32_t key, char *text, size_t bytes)
{
    if (!(table->present >> key & 1u))
        (void)snprintf(text, bytes, "no row");
    else if (table->text_units[key] == 0)
        (void)snprintf(text, bytes, "v=%d, p=NULL", table->value[key]);
    else if (model_text_is_list(table->text_value[key]))
        (void)snprintf(text, bytes, "v=%d, p=list %08x of %u", table->value[key],
                       (unsigned)table->text_value[key], table->text_units[key]);
    else
        (void)snprintf(text, bytes, "v=%d, p=%08d times %u", table->value[key],
                       table->text_value[key], table->text_units[key]);
}

/* The first one; `kind` NULL: there is none. */
struct difference {
    const char *kind;
    uint32_t key; /* of a row */
};

static const char *row_difference(const struct model_table *expected,
                                  const struct model_table *found, uint32_t key)
{
    if (!(found->present >> key & 1u))
        return "missing-row";
    if (!(expected->present >> key & 1u))
        return "extra-row";
    if (model_row_equal(expected, found, key))
        return NULL;
    return expected->value[key] != found->value[key] ? "other-value" : "other-text";
}

static struct difference table_difference(const struct model_table *expected,
                                          const struct model_table *found)
{
    if (expected->exists != found->exists)
        return (struct difference){.kind = expected->exists ? "missing-table" : "extra-table"};
    if (expected->indexes != found->indexes)
        return (struct difference){
            .kind = (expected->indexes & ~found->indexes) != 0 ? "missing-index" : "extra-index"};
    if (expected->addend != found->addend)
        return (struct difference){.kind = found->addend == 0      ? "missing-column"
                                           : expected->addend == 0 ? "extra-column"
                                                                   : "other-column"};
    for (uint32_t rest = expected->present | found->present; rest != 0; rest &= rest - 1) {
        uint32_t key = (uint32_t)__builtin_ctz(rest);
        const char *kind = row_difference(expected, found, key);
        if (kind != NULL)
            return (struct difference){.kind = kind, .key = key};
    }
    return (struct difference){0};
}

static void describe_schema(const struct model_table *table, char *text, size_t bytes)
{
    int length = snprintf(text, bytes, "%s with index set %u", table->exists ? "table" : "no table",
                          table->indexes);
    if (table->addend != 0)
        (void)snprintf(text + length, bytes - (size_t)length, " and column x = v + %u",
                       table->addend);
}

static void describe_difference(const struct model_table *expected, const struct model_table *found,
                                int number, uint32_t key, char *text, size_t bytes)
{
    char wanted[64], got[64];
    if (!model_schema_equal(expected, found)) {
        describe_schema(expected, wanted, sizeof wanted);
        describe_schema(found, got, sizeof got);
        (void)snprintf(text, bytes, "t%d: %s expected, %s found", number, wanted, got);
        return;
    }
    describe_row(expected, key, wanted, sizeof wanted);
    describe_row(found, key, got, sizeof got);
    (void)snprintf(text, bytes, "t%d k=%u: %s expected, %s found", number, key, wanted, got);
}

bool model_database_equal(const struct model_database *left, const struct model_database *right)
{
    for (int table = 0; table < PLAN_TABLES; table++)
        if (table_difference(&left->tables[table], &right->tables[table]).kind != NULL)
            return false;
    return memcmp(left->numbers, right->numbers, sizeof left->numbers) == 0;
}

static void number_difference(const struct model_database *expected,
                              const struct model_database *found,
                              struct model_difference *ret_difference)
{
    for (int i = 0; i < PLAN_NUMBERS; i++) {
        if (expected->numbers[i] == found->numbers[i])
            continue;
        (void)snprintf(ret_difference->kind, sizeof ret_difference->kind, "number%d", i);
        (void)snprintf(ret_difference->text, sizeof ret_difference->text,
                       "number %d beside the tables: %d expected, %d found", i,
                       expected->numbers[i], found->numbers[i]);
        return;
    }
}

void model_database_difference(const struct model_database *expected,
                               const struct model_database *found,
                               struct model_difference *ret_difference)
{
    *ret_difference = (struct model_difference){0};
    for (int i = 0; i < PLAN_TABLES; i++) {
        const struct model_table *wanted = &expected->tables[i], *got = &found->tables[i];
        const struct difference first = table_difference(wanted, got);
        if (first.kind == NULL)
            continue;
        (void)snprintf(ret_difference->kind, sizeof ret_difference->kind, "t%d/%s", i, first.kind);
        describe_difference(wanted, got, i, first.key, ret_difference->text,
                            sizeof ret_difference->text);
        return;
    }
    number_difference(expected, found, ret_difference);
}
