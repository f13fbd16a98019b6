/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/rows_state.h"

#include <string.h>

void rows_state_init(struct rows_state *state)
{
    memset(state, 0, sizeof *state);
    model_database_init(&state->database);
}

void rows_take(struct rows_state *state, const struct rows_state *from, uint32_t table,
               uint32_t key)
{
    struct model_table *rows = &state->database.tables[table];
    const struct model_table *others = &from->database.tables[table];
    uint32_t bit = 1u << key;
    rows->present = (rows->present & ~bit) | (others->present & bit);
    rows->value[key] = others->value[key];
    rows->text_value[key] = others->text_value[key];
    rows->text_units[key] = others->text_units[key];
    state->unknown[table] = (state->unknown[table] & ~bit) | (from->unknown[table] & bit);
    state->writer[table][key] = from->writer[table][key];
    state->maker[table][key] = from->maker[table][key];
}

bool rows_is_newer(const struct rows_times *times, uint16_t writer, uint16_t other)
{
    if (writer == 0 || writer == other)
        return false;
    return other == 0 ||
           (times->returned[other] != 0 && times->returned[other] < times->called[writer]);
}

void rows_see_own(struct rows_state *state, const struct rows_work *work)
{
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        for (uint32_t keys = work->keys[table]; keys != 0; keys &= keys - 1)
            rows_take(state, &work->state, table, (uint32_t)__builtin_ctz(keys));
}

static bool ended_later(const struct rows_times *times, uint16_t writer, uint16_t other)
{
    return times->returned[writer] == 0 ||
           (times->returned[other] != 0 && times->returned[writer] > times->returned[other]);
}

/* Of two of which nobody can tell, who ended later stands for both: who is newer than that one. */
static void see_row(struct rows_state *state, const struct rows_work *work, uint32_t table,
                    uint32_t key, const struct rows_times *times)
{
    uint16_t there = state->writer[table][key], comes = work->state.writer[table][key];
    if (rows_is_newer(times, there, comes) || there == comes)
        return;
    bool is_newer = rows_is_newer(times, comes, there);
    if (is_newer || ended_later(times, comes, there))
        rows_take(state, &work->state, table, key);
    if (!is_newer)
        state->unknown[table] |= 1u << key;
}

void rows_see_commit(struct rows_state *state, const struct rows_work *work,
                     const struct rows_times *times)
{
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        for (uint32_t keys = work->keys[table]; keys != 0; keys &= keys - 1)
            see_row(state, work, table, (uint32_t)__builtin_ctz(keys), times);
}

void rows_write_unknown(struct rows_work *work, uint32_t table, uint32_t keys, size_t step)
{
    work->keys[table] |= keys;
    work->state.unknown[table] |= keys;
    for (; keys != 0; keys &= keys - 1)
        work->state.writer[table][__builtin_ctz(keys)] = (uint16_t)(step + 1);
}

static bool are_equal(const struct rows_state *one, const struct rows_state *other, uint32_t table,
                      uint32_t key)
{
    const struct model_table *rows = &one->database.tables[table];
    bool is_there = rows->present >> key & 1u;
    return model_row_equal(rows, &other->database.tables[table], key) &&
           (!is_there || one->maker[table][key] == other->maker[table][key]);
}

void rows_merge(struct rows_work *work, const struct rows_work *other)
{
    for (uint32_t table = 0; table < PLAN_TABLES; table++) {
        uint32_t both = work->keys[table] & other->keys[table];
        uint32_t differ = work->keys[table] ^ other->keys[table];
        for (uint32_t keys = other->keys[table] & ~both; keys != 0; keys &= keys - 1)
            rows_take(&work->state, &other->state, table, (uint32_t)__builtin_ctz(keys));
        for (uint32_t keys = both; keys != 0; keys &= keys - 1)
            if (!are_equal(&work->state, &other->state, table, (uint32_t)__builtin_ctz(keys)))
                differ |= keys & -keys;
        work->keys[table] |= other->keys[table];
        work->state.unknown[table] |= differ | (other->state.unknown[table] & both);
    }
}
