/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements by number. A number stands for a shape: what is left of an interaction when its
 * numbers are taken away. The text of a shape is written once, here; its operands are placeholders
 * for pools and numbers for people.
 */
#include "plan/statement.h"

#include "base/assert.h"

enum statement_kind {
    STATEMENT_SELECT,
    STATEMENT_INSERT,
    STATEMENT_UPSERT,
    STATEMENT_UPDATE,
    STATEMENT_MUTATE, /* an update that returns the rows */
    STATEMENT_DELETE,
    STATEMENT_KIND_COUNT
};

enum { FILTERS = FILTER_VALUE_BELOW + 1 };

/*
 * What a select ends in: rows as they come; the four aggregates; the four orders, without and with
 * a limit. A limit counts only with an order, and an aggregate has neither.
 */
enum {
    TAIL_ROWS = 0,
    TAIL_ORDER = AGGREGATE_MAX + 1,
    SELECT_TAILS = TAIL_ORDER + 2 * ORDER_VALUE_DESC
};

/* What a write ends in, but for deletes. */
enum { TAIL_NO_TEXT, TAIL_TEXT, WRITE_TAILS };

/* How many filters and tails the statements of a kind differ by. */
static const struct {
    uint32_t filters, tails;
} kinds[STATEMENT_KIND_COUNT] = {
    [STATEMENT_SELECT] = {FILTERS, SELECT_TAILS}, [STATEMENT_INSERT] = {1, WRITE_TAILS},
    [STATEMENT_UPSERT] = {1, WRITE_TAILS},        [STATEMENT_UPDATE] = {FILTERS, WRITE_TAILS},
    [STATEMENT_MUTATE] = {FILTERS, WRITE_TAILS},  [STATEMENT_DELETE] = {FILTERS, 1},
};

struct shape {
    enum statement_kind kind;
    uint32_t table, filter, tail;
};

/* --- shapes and their numbers ---------------------------------------------------------------- */

static uint32_t select_tail(const struct interaction *interaction)
{
    uint32_t order = interaction->arguments[FIELD_order];
    if (interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS)
        return interaction->arguments[FIELD_aggregate];
    if (order == ORDER_NONE)
        return TAIL_ROWS;
    return TAIL_ORDER + 2 * (order - 1) + (interaction->arguments[FIELD_limit] != 0);
}

static bool kind_of(enum plan_action action, enum statement_kind *ret_kind)
{
    static const struct {
        uint8_t action, kind;
    } kept[] = {
        {ACTION_select, STATEMENT_SELECT}, {ACTION_stream_open, STATEMENT_SELECT},
        {ACTION_insert, STATEMENT_INSERT}, {ACTION_upsert, STATEMENT_UPSERT},
        {ACTION_update, STATEMENT_UPDATE}, {ACTION_mutate_stream, STATEMENT_MUTATE},
        {ACTION_delete, STATEMENT_DELETE},
    };
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (kept[i].action == action) {
            *ret_kind = (enum statement_kind)kept[i].kind;
            return true;
        }
    }
    return false;
}

static bool shape_of(const struct interaction *interaction, struct shape *ret_shape)
{
    struct shape shape = {
        .table = interaction->arguments[FIELD_table],
        .filter = interaction->arguments[FIELD_filter],
    };
    if (!kind_of((enum plan_action)interaction->action, &shape.kind))
        return false;
    if (shape.kind == STATEMENT_SELECT)
        shape.tail = select_tail(interaction);
    else if (interaction->arguments[FIELD_size] != 0)
        shape.tail = TAIL_TEXT;
    *ret_shape = shape;
    return true;
}

static struct shape shape_from(uint32_t number)
{
    struct shape shape = {0};
    ASSERT(number < PLAN_STATEMENT_COUNT);
    for (int kind = 0; kind < STATEMENT_KIND_COUNT; kind++) {
        uint32_t filters = kinds[kind].filters, tails = kinds[kind].tails;
        uint32_t count = PLAN_TABLES * filters * tails;
        if (number < count) {
            shape.kind = (enum statement_kind)kind;
            shape.tail = number % tails;
            shape.filter = number / tails % filters;
            shape.table = number / tails / filters;
            break;
        }
        number -= count;
    }
    return shape;
}

bool plan_statement_number(const struct interaction *interaction, uint32_t *ret_number)
{
    struct shape shape;
    if (!shape_of(interaction, &shape))
        return false;
    uint32_t first = 0;
    for (int kind = 0; kind < (int)shape.kind; kind++)
        first += PLAN_TABLES * kinds[kind].filters * kinds[kind].tails;
    uint32_t filters = kinds[shape.kind].filters, tails = kinds[shape.kind].tails;
    *ret_number = first + (shape.table * filters + shape.filter) * tails + shape.tail;
    return true;
}

bool plan_statement_is_write(uint32_t number)
{
    return shape_from(number).kind != STATEMENT_SELECT;
}

uint32_t plan_statement_columns(uint32_t number)
{
    struct shape shape = shape_from(number);
    if (shape.kind == STATEMENT_MUTATE)
        return 3;
    if (shape.kind != STATEMENT_SELECT)
        return 0;
    return shape.tail == TAIL_ROWS || shape.tail >= TAIL_ORDER ? 3 : 1;
}

/* --- texts ----------------------------------------------------------------------------------- */

struct statement_writer {
    struct text *text;
    const struct plan_parameter *numbers; /* NULL: placeholders */
    uint32_t operands;                    /* written so far */
};

static void put(struct statement_writer *writer, const char *piece)
{
    text_append(writer->text, piece);
}

/* Operand `index`, which counts from 0. The text of a row is a placeholder even among numbers. */
static void put_operand(struct statement_writer *writer, uint32_t index)
{
    if (writer->numbers == NULL) {
        put(writer, "?");
        text_append_number(writer->text, index + 1);
    } else if (writer->numbers[index].is_payload) {
        put(writer, "?1");
    } else {
        text_append_number(writer->text, writer->numbers[index].number);
    }
}

static void put_next_operand(struct statement_writer *writer, const char *before)
{
    put(writer, before);
    put_operand(writer, writer->operands++);
}

static void put_table(struct statement_writer *writer, const char *before, uint32_t table)
{
    put(writer, before);
    put(writer, "t");
    text_append_number(writer->text, table);
}

static void put_filter(struct statement_writer *writer, enum plan_filter filter)
{
    switch (filter) {
    case FILTER_ALL:
        return;
    case FILTER_KEY:
        put_next_operand(writer, " WHERE k=");
        return;
    case FILTER_RANGE:
        put_next_operand(writer, " WHERE k BETWEEN ");
        put_next_operand(writer, " AND ");
        return;
    case FILTER_FROM:
        put_next_operand(writer, " WHERE k>=");
        return;
    case FILTER_VALUE_FROM:
        put_next_operand(writer, " WHERE v>=");
        return;
    case FILTER_VALUE_BELOW:
        put_next_operand(writer, " WHERE v<");
        return;
    }
}

static void put_select(struct statement_writer *writer, const struct shape *shape)
{
    static const char *const heads[] = {"SELECT k,v,p", "SELECT count(*)", "SELECT sum(v)",
                                        "SELECT min(v)", "SELECT max(v)"};
    static const char *const orders[] = {" ORDER BY k", " ORDER BY k DESC", " ORDER BY v",
                                         " ORDER BY v DESC"};
    bool has_order = shape->tail >= TAIL_ORDER;
    put(writer, heads[has_order ? AGGREGATE_ROWS : shape->tail]);
    put_table(writer, " FROM ", shape->table);
    put_filter(writer, (enum plan_filter)shape->filter);
    if (!has_order)
        return;
    put(writer, orders[(shape->tail - TAIL_ORDER) / 2]);
    if ((shape->tail - TAIL_ORDER) % 2 != 0)
        put_next_operand(writer, " LIMIT ");
}

static void put_insert(struct statement_writer *writer, const struct shape *shape)
{
    put_table(writer, "INSERT INTO ", shape->table);
    put_next_operand(writer, " VALUES(");
    put_next_operand(writer, ",");
    if (shape->tail == TAIL_TEXT)
        put_next_operand(writer, ",");
    else
        put(writer, ",NULL");
    put(writer, ")");
}

static void put_update(struct statement_writer *writer, const struct shape *shape)
{
    put_table(writer, "UPDATE ", shape->table);
    put_next_operand(writer, " SET v=k+");
    if (shape->tail == TAIL_TEXT) {
        put_next_operand(writer, ",p=replace(hex(zeroblob(");
        put(writer, ")),'00',printf('%08d',k+");
        put_operand(writer, 0);
        put(writer, "))");
    }
    put_filter(writer, (enum plan_filter)shape->filter);
}

static void put_statement(struct statement_writer *writer, const struct shape *shape)
{
    switch (shape->kind) {
    case STATEMENT_SELECT:
        put_select(writer, shape);
        return;
    case STATEMENT_INSERT:
        put_insert(writer, shape);
        return;
    case STATEMENT_UPSERT:
        put_insert(writer, shape);
        put(writer, PLAN_ON_CONFLICT);
        return;
    case STATEMENT_UPDATE:
        put_update(writer, shape);
        return;
    case STATEMENT_MUTATE:
        put_update(writer, shape);
        put(writer, " RETURNING k,v,p");
        return;
    case STATEMENT_DELETE:
        put_table(writer, "DELETE FROM ", shape->table);
        put_filter(writer, (enum plan_filter)shape->filter);
        return;
    case STATEMENT_KIND_COUNT:
        return;
    }
}

void plan_statement_sql(uint32_t number, struct text *text)
{
    struct shape shape = shape_from(number);
    struct statement_writer writer = {.text = text};
    put_statement(&writer, &shape);
}

/* --- parameters ------------------------------------------------------------------------------ */

static struct plan_parameter number_parameter(int64_t number)
{
    return (struct plan_parameter){.number = number};
}

static uint32_t filter_parameters(const struct interaction *interaction,
                                  struct plan_parameter *ret_parameters)
{
    uint32_t key = interaction->arguments[FIELD_key];
    switch ((enum plan_filter)interaction->arguments[FIELD_filter]) {
    case FILTER_ALL:
        return 0;
    case FILTER_KEY:
    case FILTER_FROM:
        ret_parameters[0] = number_parameter(key);
        return 1;
    case FILTER_RANGE:
        ret_parameters[0] = number_parameter(key);
        ret_parameters[1] = number_parameter(key + interaction->arguments[FIELD_span]);
        return 2;
    case FILTER_VALUE_FROM:
    case FILTER_VALUE_BELOW:
        ret_parameters[0] = number_parameter(plan_filter_bound(key));
        return 1;
    }
    return 0;
}

static uint32_t row_parameters(const struct interaction *interaction, int64_t step,
                               struct plan_parameter *ret_parameters)
{
    uint32_t key = interaction->arguments[FIELD_key];
    uint32_t units = plan_payload_units[interaction->arguments[FIELD_size]];
    int64_t value = plan_value(step, key);
    ret_parameters[0] = number_parameter(key);
    ret_parameters[1] = number_parameter(value);
    if (units == 0)
        return 2;
    ret_parameters[2] =
        (struct plan_parameter){.is_payload = true, .number = value, .units = units};
    return 3;
}

static uint32_t update_parameters(const struct interaction *interaction, int64_t step,
                                  struct plan_parameter *ret_parameters)
{
    uint32_t count = 0;
    uint32_t units = plan_payload_units[interaction->arguments[FIELD_size]];
    ret_parameters[count++] = number_parameter(plan_value(step, 0));
    if (units != 0)
        ret_parameters[count++] = number_parameter(units);
    return count + filter_parameters(interaction, ret_parameters + count);
}

uint32_t plan_statement_parameters(const struct interaction *interaction, int64_t step,
                                   struct plan_parameter ret_parameters[PLAN_PARAMETERS_MAX])
{
    struct shape shape;
    uint32_t count = 0;
    bool is_kept = shape_of(interaction, &shape);
    ASSERT(is_kept);
    switch (shape.kind) {
    case STATEMENT_SELECT:
        count = filter_parameters(interaction, ret_parameters);
        if (shape.tail >= TAIL_ORDER && interaction->arguments[FIELD_limit] != 0)
            ret_parameters[count++] = number_parameter(interaction->arguments[FIELD_limit]);
        return count;
    case STATEMENT_INSERT:
    case STATEMENT_UPSERT:
        return row_parameters(interaction, step, ret_parameters);
    case STATEMENT_UPDATE:
    case STATEMENT_MUTATE:
        return update_parameters(interaction, step, ret_parameters);
    case STATEMENT_DELETE:
        return filter_parameters(interaction, ret_parameters);
    case STATEMENT_KIND_COUNT:
        break;
    }
    return 0;
}

uint32_t plan_statement_literal(const struct interaction *interaction, int64_t step,
                                struct text *text)
{
    struct shape shape;
    struct plan_parameter numbers[PLAN_PARAMETERS_MAX];
    uint32_t units = 0;
    uint32_t count = plan_statement_parameters(interaction, step, numbers);
    struct statement_writer writer = {.text = text, .numbers = numbers};
    bool is_kept = shape_of(interaction, &shape);
    ASSERT(is_kept);
    put_statement(&writer, &shape);
    for (uint32_t i = 0; i < count; i++)
        units += numbers[i].units;
    return units;
}
