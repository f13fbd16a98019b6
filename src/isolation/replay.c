/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/replay.h"

#include "isolation/versions.h"

enum { TRANSACTIONS_MAX = 256, NONE = 0 };

/* A transaction's operations are linked in their order, by index plus 1. */
struct turn {
    uint32_t first, last;
    uint64_t position;
    bool writes;
};

struct replay {
    const struct isolation_history *history;
    struct turn *turns;
    uint32_t *next;  /* by operation */
    uint32_t *order; /* transactions that committed */
    uint32_t count;
    int64_t *values; /* by key: as it is now */
};

/* --- the order -------------------------------------------------------------------------------- */

static bool link_operations(struct replay *replay)
{
    const struct isolation_history *history = replay->history;
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *operation = &history->operations[i];
        struct turn *turn = &replay->turns[operation->transaction];
        if (operation->kind == ISOLATION_APPEND || operation->kind == ISOLATION_READ_LIST)
            return false;
        if (operation->kind == ISOLATION_WRITE && turn->writes &&
            turn->position != operation->place)
            return false;
        if (operation->kind == ISOLATION_WRITE) {
            turn->writes = true;
            turn->position = operation->place;
        }
        *(turn->first == NONE ? &turn->first : &replay->next[turn->last - 1]) = (uint32_t)i + 1;
        turn->last = (uint32_t)i + 1;
    }
    return true;
}

/* False: two come at the same place, or somebody is in doubt. */
static bool put_in_order(struct replay *replay)
{
    const struct isolation_history *history = replay->history;
    for (uint32_t i = 0; i < history->transaction_count; i++) {
        struct turn *turn = &replay->turns[i];
        if (history->transactions[i].status == ISOLATION_IN_DOUBT)
            return false;
        if (history->transactions[i].status == ISOLATION_ABORTED || turn->first == NONE)
            continue;
        if (!turn->writes)
            turn->position = history->transactions[i].began;
        uint32_t at = replay->count++;
        for (; at > 0 && replay->turns[replay->order[at - 1]].position > turn->position; at--)
            replay->order[at] = replay->order[at - 1];
        replay->order[at] = i;
        if (at > 0 && replay->turns[replay->order[at - 1]].position == turn->position)
            return false;
    }
    return true;
}

/* Nobody comes after somebody who began when he had ended. */
static bool agrees_with_time(const struct replay *replay)
{
    uint64_t latest_begin = 0;
    for (uint32_t i = 0; i < replay->count; i++) {
        const struct isolation_transaction *transaction =
            &replay->history->transactions[replay->order[i]];
        if (transaction->ended < latest_begin)
            return false;
        if (transaction->began > latest_begin)
            latest_begin = transaction->began;
    }
    return true;
}

/* --- what is seen ----------------------------------------------------------------------------- */

static bool is_in_ranges(const struct replay *replay, uint32_t key)
{
    return !replay->history->keys[key].is_list && !replay->history->keys[key].is_unknown;
}

static bool sees_rows(const struct replay *replay, const struct isolation_operation *read)
{
    uint32_t found = 0, unknown = 0;
    for (uint32_t row = 0; row < read->row_count; row++) {
        bool is_unknown = !is_in_ranges(replay, read->rows[row].key);
        unknown += is_unknown;
        if (!is_unknown && replay->values[read->rows[row].key] != read->rows[row].value)
            return false;
    }
    for (uint32_t key = read->where.first_key; key <= read->where.last_key; key++)
        found += is_in_ranges(replay, key) && where_holds(&read->where, replay->values[key]);
    return found + unknown == read->row_count;
}

static bool sees_number(const struct replay *replay, const struct isolation_operation *read)
{
    int64_t count = 0, sum = 0;
    for (uint32_t key = read->where.first_key; key <= read->where.last_key; key++) {
        if (!is_in_ranges(replay, key) || !where_holds(&read->where, replay->values[key]))
            continue;
        count++;
        sum += replay->values[key];
    }
    if (read->kind == ISOLATION_COUNT)
        return read->value == count;
    return read->value == (count == 0 ? ISOLATION_NO_ROW : sum);
}

static bool sees(const struct replay *replay, const struct isolation_operation *read)
{
    if (read->kind == ISOLATION_READ)
        return replay->values[read->key] == read->value;
    return read->kind == ISOLATION_READ_WHERE ? sees_rows(replay, read) : sees_number(replay, read);
}

static bool takes_turn(struct replay *replay, const struct turn *turn)
{
    for (uint32_t at = turn->first; at != NONE; at = replay->next[at - 1]) {
        const struct isolation_operation *operation = &replay->history->operations[at - 1];
        if (operation->kind == ISOLATION_WRITE)
            replay->values[operation->key] = operation->value;
        else if (!sees(replay, operation))
            return false;
    }
    return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void make_room(struct replay *replay, struct arena *arena)
{
    const struct isolation_history *history = replay->history;
    replay->turns = ARENA_ARRAY(arena, struct turn, history->transaction_count);
    replay->next = ARENA_ARRAY(arena, uint32_t, history->operation_count);
    replay->order = arena_alloc(arena, history->transaction_count * sizeof *replay->order);
    replay->values = arena_alloc(arena, history->key_count * sizeof *replay->values);
    for (uint32_t key = 0; key < history->key_count; key++)
        replay->values[key] = history->keys[key].initial;
}

bool isolation_replays(const struct isolation_history *history, struct arena *arena)
{
    struct replay replay = {.history = history};
    if (history->transaction_count > TRANSACTIONS_MAX || history->key_orders != 0)
        return false;
    make_room(&replay, arena);
    if (!link_operations(&replay) || !put_in_order(&replay) || !agrees_with_time(&replay))
        return false;
    for (uint32_t i = 0; i < replay.count; i++)
        if (!takes_turn(&replay, &replay.turns[replay.order[i]]))
            return false;
    return true;
}
