/* SPDX-License-Identifier: Apache-2.0 */
/* What each client does is drawn first, then who comes next. */
#include "generate/overlap.h"

#include "base/assert.h"
#include "generate/draw.h"

/* --- tables ---------------------------------------------------------------------------------- */

enum { ROWS_MAX = 3, WORK_MAX = 4 };

static const struct weighted_range row_counts[] = {{3, 1, 1}, {4, 2, 2}, {1, 3, 3}};
static const struct weighted_range work_counts[] = {{1, 1, 1}, {4, 2, 2}, {3, 3, 3}, {1, 4, 4}};

/* One in so many: a row that is not there at the start, in a table that neither is. */
enum { NEW_ROW_ONE_IN = 4, NEW_TABLE_ONE_IN = 16 };
/* A single statement in place of a transaction, one that gives up, one that keeps others out. */
enum { ALONE_ONE_IN = 4, ROLLBACK_ONE_IN = 8, OTHER_BEGIN_ONE_IN = 8 };

enum work { READ_ROW, READ_ROWS, READ_NUMBER, UPDATE, UPSERT, APPEND, DELETE, INSERT, WORK_COUNT };

static const uint32_t work_weights[WORK_COUNT] = {
    [READ_ROW] = 8, [READ_ROWS] = 4, [READ_NUMBER] = 2, [UPDATE] = 4,
    [UPSERT] = 4,   [APPEND] = 4,    [DELETE] = 1,      [INSERT] = 1,
};

static const enum plan_action actions[WORK_COUNT] = {
    [READ_ROW] = ACTION_select, [READ_ROWS] = ACTION_select, [READ_NUMBER] = ACTION_select,
    [UPDATE] = ACTION_update,   [UPSERT] = ACTION_upsert,    [APPEND] = ACTION_append,
    [DELETE] = ACTION_delete,   [INSERT] = ACTION_insert,
};

/* --- one client ------------------------------------------------------------------------------ */

struct row {
    uint8_t table, key;
};

struct client {
    uint8_t task;
    uint32_t count, next;
    struct interaction steps[OVERLAP_STEPS_MAX];
};

static struct interaction *add(struct client *client, enum plan_action action)
{
    ASSERT(client->count < OVERLAP_STEPS_MAX);
    struct interaction *step = &client->steps[client->count++];
    *step = (struct interaction){.task = client->task, .action = (uint8_t)action};
    return step;
}

/* Neighbours of the row, too. */
static void widen(struct interaction *step, struct random *random)
{
    step->arguments[FIELD_filter] = random_chance(random, 2) ? FILTER_ALL : FILTER_RANGE;
    if (step->arguments[FIELD_filter] == FILTER_RANGE)
        step->arguments[FIELD_span] = (uint8_t)random_below(random, 2 * PLAN_SEED_KEY_STRIDE);
}

static void add_work(struct client *client, struct random *random, const struct row *row)
{
    enum work work = (enum work)draw_weighted(random, work_weights, WORK_COUNT);
    struct interaction *step = add(client, actions[work]);
    step->arguments[FIELD_table] = row->table;
    step->arguments[FIELD_key] = row->key;
    if (plan_action_has((enum plan_action)step->action, FIELD_filter))
        step->arguments[FIELD_filter] = FILTER_KEY;
    if (work == READ_ROWS || work == READ_NUMBER)
        widen(step, random);
    if (work == READ_NUMBER)
        step->arguments[FIELD_aggregate] =
            random_chance(random, 2) ? AGGREGATE_COUNT : AGGREGATE_SUM;
}

static void add_begin(struct client *client, struct random *random)
{
    struct interaction *begin = add(client, ACTION_begin);
    if (random_chance(random, OTHER_BEGIN_ONE_IN))
        begin->arguments[FIELD_begin_mode] =
            (uint8_t)random_below(random, plan_field_infos[FIELD_begin_mode].domain);
}

static void draw_client(struct client *client, struct random *random, const struct row *rows,
                        uint32_t row_count, bool has_pool)
{
    bool is_alone = random_chance(random, ALONE_ONE_IN);
    if (has_pool)
        (void)add(client, ACTION_checkout);
    if (!is_alone)
        add_begin(client, random);
    for (uint32_t left = is_alone ? 1 : DRAW_RANGE(random, work_counts); left > 0; left--)
        add_work(client, random, &rows[random_below(random, row_count)]);
    if (!is_alone)
        (void)add(client, random_chance(random, ROLLBACK_ONE_IN) ? ACTION_rollback : ACTION_commit);
    if (has_pool)
        (void)add(client, ACTION_return);
}

/* --- all of them ----------------------------------------------------------------------------- */

static uint32_t draw_rows(struct row *ret_rows, struct random *random)
{
    uint32_t count = DRAW_RANGE(random, row_counts);
    for (uint32_t i = 0; i < count; i++) {
        bool is_new = random_chance(random, NEW_ROW_ONE_IN);
        uint32_t stride = is_new ? 1 : PLAN_SEED_KEY_STRIDE;
        uint32_t tables = random_chance(random, NEW_TABLE_ONE_IN) ? PLAN_TABLES : PLAN_SEED_TABLES;
        ret_rows[i] = (struct row){(uint8_t)random_below(random, tables),
                                   (uint8_t)(random_below(random, PLAN_KEYS / stride) * stride)};
    }
    return count;
}

/* The steps of each in their order, whose turn it is by lot. */
static size_t take_turns(struct interaction *ret_interactions, struct client *clients,
                         uint32_t count, struct random *random)
{
    size_t taken = 0, all = 0;
    for (uint32_t i = 0; i < count; i++)
        all += clients[i].count;
    while (taken < all) {
        struct client *client = &clients[random_below(random, count)];
        if (client->next < client->count)
            ret_interactions[taken++] = client->steps[client->next++];
    }
    return taken;
}

size_t overlap_draw(struct interaction ret_interactions[OVERLAP_INTERACTIONS_MAX],
                    struct random *random, uint32_t tasks, bool has_pool)
{
    struct row rows[ROWS_MAX];
    uint32_t row_count = draw_rows(rows, random);
    struct client clients[OVERLAP_CLIENTS_MAX];
    uint32_t count = tasks > 2 && random_chance(random, 3) ? 3 : 2;
    uint32_t first = random_below(random, tasks);
    for (uint32_t i = 0; i < count; i++) {
        clients[i].task = (uint8_t)((first + i) % tasks);
        clients[i].count = clients[i].next = 0;
        draw_client(&clients[i], random, rows, row_count, has_pool);
    }
    return take_turns(ret_interactions, clients, count, random);
}
