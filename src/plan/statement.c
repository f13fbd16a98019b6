/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes and their numbers. */
#include "plan/statement.h"

enum statement_kind {
    STATEMENT_SELECT,
    STATEMENT_INSERT,
    STATEMENT_UPSERT,
    STATEMENT_UPDATE,
    STATEMENT_MUTATE, /* an update that returns the rows */
    STATEMENT_DELETE,
    STATEMENT_APPEND,
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
    [STATEMENT_SELECT] = {FILTERS, SELECT_TAILS},
    [STATEMENT_INSERT] = {1, WRITE_TAILS},
    [STATEMENT_UPSERT] = {1, WRITE_TAILS},
    [STATEMENT_UPDATE] = {FILTERS, WRITE_TAILS},
    [STATEMENT_MUTATE] = {FILTERS, WRITE_TAILS},
    [STATEMENT_DELETE] = {FILTERS, 1},
    [STATEMENT_APPEND] = {1, 1},
};

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
        {ACTION_delete, STATEMENT_DELETE}, {ACTION_append, STATEMENT_APPEND},
    };
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (kept[i].action == action) {
            *ret_kind = (enum statement_kind)kept[i].kind;
            return true;
        }
    }
    return false;
}

bool plan_statement_number(const struct interaction *interaction, uint32_t *ret_number)
{
    enum statement_kind kind;
    uint32_t tail = interaction->arguments[FIELD_size] != 0 ? TAIL_TEXT : TAIL_NO_TEXT;
    if (!kind_of((enum plan_action)interaction->action, &kind) ||
        plan_reads_all_columns(interaction))
        return false;
    if (kind == STATEMENT_SELECT)
        tail = select_tail(interaction);
    uint32_t first = 0;
    for (int before = 0; before < (int)kind; before++)
        first += PLAN_TABLES * kinds[before].filters * kinds[before].tails;
    uint32_t table = interaction->arguments[FIELD_table];
    uint32_t filter = interaction->arguments[FIELD_filter];
    *ret_number = first + (table * kinds[kind].filters + filter) * kinds[kind].tails + tail;
    return true;
}
