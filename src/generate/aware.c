/* SPDX-License-Identifier: Apache-2.0 */
/* Following what a plan makes, and drawing what fits. */
#include "generate/aware.h"

#include <string.h>

/* Now and then somebody does what will be refused: that is tested, too. */
enum { CONTENDED = 1, UNSURE = 4, COLLIDES_ONE_IN = 24, COLUMNS = 2 };

static const uint8_t all_tables = (1u << PLAN_TABLES) - 1;

static bool writes(const struct plan_action_info *info)
{
    return info->effect == EFFECT_ROWS || info->effect == EFFECT_SCHEMA ||
           info->effect == EFFECT_NUMBER || info->effect == EFFECT_OUTSIDE;
}

static enum plan_action meant_by(const struct interaction *interaction)
{
    return plan_meant_action((enum plan_action)interaction->action);
}

static uint8_t index_bit(uint32_t table, uint32_t column)
{
    return (uint8_t)(1u << (table * COLUMNS + column));
}

/* The indexes that tables of this set could have. */
static uint8_t indexes_of(uint8_t tables)
{
    uint8_t indexes = 0;
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        if (tables >> table & 1u)
            indexes |= (uint8_t)(index_bit(table, COLUMN_VALUE) | index_bit(table, COLUMN_TEXT));
    return indexes;
}

void aware_begin(struct aware *aware, const struct generate_profile *profile,
                 const struct plan_config *config)
{
    *aware = (struct aware){.profile = profile};
    aware->has_pool = plan_config_get(config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT;
    aware->has_streams = plan_config_get(config, PLAN_CONFIG_stack) == PLAN_STACK_ACTORS;
    aware->readers = (uint32_t)plan_config_get(config, PLAN_CONFIG_readers);
    aware->writers = (uint32_t)plan_config_get(config, PLAN_CONFIG_writers);
    aware->tasks = (uint32_t)plan_config_get(config, PLAN_CONFIG_tasks);
    aware->content.tables = (1u << PLAN_SEED_TABLES) - 1;
    aware->content.indexes = index_bit(0, COLUMN_VALUE);
    for (uint32_t table = 0; table < PLAN_SEED_TABLES; table++)
        for (uint32_t key = 0; key < PLAN_KEYS; key += PLAN_SEED_KEY_STRIDE)
            aware->content.keys[table] |= 1u << key;
}

static const struct aware_content *content_for(const struct aware *aware, uint32_t task)
{
    return aware->of[task].has_changed ? &aware->of[task].own : &aware->content;
}

/* --- the pool --------------------------------------------------------------------------------- */

/* What kind of connection a task has, or the call of it that is held back. */
static enum lease lease_of(const struct aware *aware, const struct task_state *states,
                           uint32_t task)
{
    const struct task_state *state = &states[task];
    if (state->lease != LEASE_NONE)
        return state->lease;
    if (state->in_transaction)
        return LEASE_WRITE;
    return state->is_streaming || state->is_held ? aware->of[task].held_in : LEASE_NONE;
}

/* Of who has none. */
static enum lease lease_for(const struct plan_action_info *info)
{
    return info->connection == CONNECTION_READER ? LEASE_READ : LEASE_WRITE;
}

static uint32_t free_connections(const struct aware *aware, const struct task_state *states,
                                 enum lease lease)
{
    uint32_t taken = 0, all = lease == LEASE_READ ? aware->readers : aware->writers;
    for (uint32_t task = 0; task < aware->tasks; task++)
        taken += lease_of(aware, states, task) == lease;
    return taken < all ? all - taken : 0;
}

static bool has_free(const struct aware *aware, const struct task_state *states, enum lease lease)
{
    return aware->profile->exhausts_pool || free_connections(aware, states, lease) > 0;
}

/* Whether the connection that it takes is there, or a lease that may do it. */
static bool has_connection(const struct aware *aware, const struct task_state *states,
                           uint32_t task, enum plan_action action)
{
    const struct plan_action_info *info = &plan_action_infos[action];
    if (action == ACTION_checkout)
        return has_free(aware, states, LEASE_READ) || has_free(aware, states, LEASE_WRITE);
    if (info->keeps_stream || (info->needs & (NEEDS_LEASE | NEEDS_ROOM_FOR_STACK)))
        return true;
    if (states[task].lease == LEASE_READ)
        return info->connection != CONNECTION_WRITER;
    if (lease_of(aware, states, task) != LEASE_NONE)
        return true;
    return has_free(aware, states, lease_for(info));
}

/* --- what an action needs --------------------------------------------------------------------- */

static bool is_target(const struct task_state *states, uint32_t task, uint32_t target,
                      enum plan_action action)
{
    if (target == task)
        return false;
    return action == ACTION_cancel ? states[target].is_held : states[target].lease != LEASE_NONE;
}

static bool has_target(const struct aware *aware, const struct task_state *states, uint32_t task,
                       enum plan_action action)
{
    for (uint32_t target = 0; target < aware->tasks; target++)
        if (is_target(states, task, target, action))
            return true;
    return false;
}

static bool has_what_it_needs(const struct aware *aware, const struct task_state *states,
                              uint32_t task, enum plan_action action)
{
    const struct task_state *state = &states[task];
    uint32_t needs = plan_action_infos[action].needs;
    /* Without a pool it may begin one. */
    bool begins = aware->has_pool || aware->profile->savepoint_needs_transaction ||
                  action != ACTION_savepoint;
    return !(((needs & NEEDS_LEASE) && state->lease == LEASE_NONE) ||
             ((needs & NEEDS_NO_LEASE) && lease_of(aware, states, task) != LEASE_NONE) ||
             ((needs & NEEDS_TRANSACTION) && begins && !state->in_transaction) ||
             ((needs & NEEDS_NO_TRANSACTION) && state->in_transaction) ||
             ((needs & NEEDS_STREAM) && !state->is_streaming) ||
             ((needs & NEEDS_STREAMS) && !aware->has_streams) ||
             ((needs & NEEDS_DIRECT) && aware->has_pool) ||
             ((needs & NEEDS_TARGET) && !has_target(aware, states, task, action)));
}

/* Of transactions that this prepares, or that are prepared and this ends. */
static uint32_t names_for(const struct aware *aware, const struct plan_action_info *info)
{
    uint32_t all = (1u << plan_field_infos[info->number_of].domain) - 1;
    return info->effect == EFFECT_PREPARE ? all & ~aware->prepared : aware->prepared;
}

static bool is_of_prepared(const struct plan_action_info *info)
{
    return info->effect == EFFECT_PREPARE || info->effect == EFFECT_COMMIT_PREPARED ||
           info->effect == EFFECT_ROLLBACK_PREPARED;
}

/* That it can be done to. */
static uint32_t tables_for(const struct aware_content *content, enum plan_action action)
{
    if (plan_meant_action(action) == ACTION_create_table)
        return all_tables & ~(uint32_t)content->tables;
    if (action == ACTION_add_column)
        return content->tables & ~(uint32_t)content->widened;
    return action == ACTION_drop_column ? content->widened : content->tables;
}

static bool has_content(const struct aware *aware, uint32_t task, enum plan_action action)
{
    const struct aware_content *content = content_for(aware, task);
    const struct plan_action_info *info = &plan_action_infos[action];
    if (is_of_prepared(info))
        return names_for(aware, info) != 0;
    if (!plan_action_has(action, FIELD_table))
        return true;
    if (action == ACTION_create_index)
        return (indexes_of(content->tables) & ~content->indexes) != 0;
    if (action == ACTION_drop_index)
        return content->indexes != 0;
    return tables_for(content, action) != 0;
}

bool aware_counts(const struct aware *aware, enum plan_action action)
{
    enum plan_section opens = plan_action_infos[action].opens;
    return aware->profile->max_in_flight_tx > 0 &&
           (opens == SECTION_TRANSACTION || opens == SECTION_SAVEPOINT);
}

static bool has_room_for_transaction(const struct aware *aware, const struct task_state *states,
                                     uint32_t task, enum plan_action action)
{
    uint32_t most = aware->profile->max_in_flight_tx, open = 0;
    if (states[task].in_transaction || !aware_counts(aware, action))
        return true;
    for (uint32_t i = 0; i < aware->tasks; i++)
        open += states[i].in_transaction;
    return open < most;
}

/* --- who is in the way ------------------------------------------------------------------------ */

uint32_t aware_who_is_in_the_way(const struct aware *aware, const struct task_state *states,
                                 uint32_t task)
{
    for (uint32_t other = 0; other < aware->tasks; other++)
        if (other != task && aware->of[other].keeps_others_out &&
            (states[other].in_transaction || states[other].is_held))
            return other;
    return task;
}

static bool is_kept_out(const struct aware *aware, const struct task_state *states, uint32_t task)
{
    return aware_who_is_in_the_way(aware, states, task) != task;
}

static bool is_behind(const struct aware *aware, const struct task_state *states, uint32_t task)
{
    const struct aware_task *own = &aware->of[task];
    return states[task].in_transaction && own->has_read && !own->keeps_others_out &&
           own->read_at != aware->commits;
}

static bool is_anybody_inside(const struct aware *aware, const struct task_state *states,
                              uint32_t task)
{
    for (uint32_t other = 0; other < aware->tasks; other++)
        if (other != task && (states[other].in_transaction || states[other].is_held ||
                              states[other].lease != LEASE_NONE))
            return true;
    return false;
}

static bool is_contended(const struct aware *aware, const struct task_state *states, uint32_t task,
                         enum plan_action action)
{
    const struct plan_action_info *info = &plan_action_infos[action];
    if (info->effect == EFFECT_OUTSIDE || (info->closes == SECTION_POOL && aware->has_pool))
        return is_anybody_inside(aware, states, task);
    return writes(info) && (is_kept_out(aware, states, task) || is_behind(aware, states, task));
}

uint32_t aware_part(const struct aware *aware, const struct task_state *states, uint32_t task,
                    enum plan_action action)
{
    if (!has_what_it_needs(aware, states, task, action) || !has_content(aware, task, action) ||
        !has_room_for_transaction(aware, states, task, action) ||
        (aware->has_pool && !has_connection(aware, states, task, action)))
        return 0;
    if (is_contended(aware, states, task, action))
        return CONTENDED;
    /* Who is held back may have ended long ago, its pause beyond the end of its call. */
    return action == ACTION_cancel ? UNSURE : AWARE_WHOLE;
}

/* --- arguments -------------------------------------------------------------------------------- */

/* A bit of the set that is drawn: `first` where it is in it. */
static uint32_t next_bit(uint32_t set, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (set >> ((first + i) % count) & 1u)
            return (first + i) % count;
    return first;
}

static void mend_index(const struct aware_content *content, struct interaction *interaction)
{
    uint8_t *arguments = interaction->arguments;
    uint32_t set = content->indexes;
    if (interaction->action != ACTION_drop_index)
        set = ~set & indexes_of(content->tables);
    uint32_t first = (uint32_t)arguments[FIELD_table] * COLUMNS + arguments[FIELD_column];
    uint32_t index = next_bit(set, first, PLAN_TABLES * COLUMNS);
    arguments[FIELD_table] = (uint8_t)(index / COLUMNS);
    arguments[FIELD_column] = (uint8_t)(index % COLUMNS);
}

static void mend_table(const struct aware_content *content, struct interaction *interaction)
{
    uint8_t *table = &interaction->arguments[FIELD_table];
    uint32_t set = tables_for(content, (enum plan_action)interaction->action);
    *table = (uint8_t)next_bit(set, *table, PLAN_TABLES);
}

/* Of rows that are added: keys that nobody has. */
static void mend_keys(const struct aware_content *content, struct interaction *interaction)
{
    uint8_t *arguments = interaction->arguments;
    uint32_t taken = content->keys[arguments[FIELD_table]];
    arguments[FIELD_key] = (uint8_t)next_bit(~taken, arguments[FIELD_key], PLAN_KEYS);
    if (meant_by(interaction) != ACTION_insert_rows)
        return;
    uint32_t span = 0;
    while (span < arguments[FIELD_span] && arguments[FIELD_key] + span + 1 < PLAN_KEYS &&
           !(taken >> (arguments[FIELD_key] + span + 1) & 1u))
        span++;
    arguments[FIELD_span] = (uint8_t)span;
}

static void mend_access(const struct aware *aware, const struct task_state *states,
                        struct interaction *interaction)
{
    uint8_t *access = &interaction->arguments[FIELD_access];
    enum lease wanted = *access == ACCESS_READ ? LEASE_READ : LEASE_WRITE;
    if (!has_free(aware, states, wanted))
        *access = *access == ACCESS_READ ? ACCESS_WRITE : ACCESS_READ;
}

void aware_mend(const struct aware *aware, const struct task_state *states,
                struct interaction *interaction, struct random *random)
{
    enum plan_action action = (enum plan_action)interaction->action;
    const struct plan_action_info *info = &plan_action_infos[action];
    const struct aware_content *content = content_for(aware, interaction->task);
    bool collides = random_chance(random, COLLIDES_ONE_IN);
    if (plan_action_has(action, FIELD_column) && info->effect == EFFECT_SCHEMA)
        mend_index(content, interaction);
    else if (plan_action_has(action, FIELD_table))
        mend_table(content, interaction);
    if (!collides && (action == ACTION_insert || meant_by(interaction) == ACTION_insert_rows))
        mend_keys(content, interaction);
    if (action == ACTION_begin && !collides && is_kept_out(aware, states, interaction->task))
        interaction->arguments[FIELD_begin_mode] = BEGIN_DEFERRED;
    if (action == ACTION_checkout)
        mend_access(aware, states, interaction);
    if (is_of_prepared(info)) {
        uint8_t *name = &interaction->arguments[info->number_of];
        uint32_t names = plan_field_infos[info->number_of].domain;
        *name = (uint8_t)next_bit(names_for(aware, info), *name, names);
    }
    if ((info->needs & NEEDS_TARGET) != 0) {
        uint32_t targets = 0;
        for (uint32_t target = 0; target < aware->tasks; target++)
            targets |= (uint32_t)is_target(states, interaction->task, target, action) << target;
        interaction->arguments[FIELD_target] = (uint8_t)next_bit(
            targets, interaction->arguments[FIELD_target] % aware->tasks, aware->tasks);
    }
}

/* --- following -------------------------------------------------------------------------------- */

/* Of a filter; what it says of values is not followed. */
static uint32_t keys_of_filter(const struct interaction *interaction)
{
    bool is_of_values = interaction->arguments[FIELD_filter] >= FILTER_VALUE_FROM;
    return is_of_values ? 0 : plan_keys_of(interaction);
}

static void change_schema(struct aware_content *content, const struct interaction *interaction)
{
    const uint8_t *arguments = interaction->arguments;
    uint32_t table = arguments[FIELD_table];
    uint8_t bit = index_bit(table, arguments[FIELD_column]);
    if (meant_by(interaction) == ACTION_create_table) {
        content->tables = (uint8_t)(content->tables | 1u << table);
        content->keys[table] = 0;
    } else if (interaction->action == ACTION_drop_table) {
        content->tables = (uint8_t)(content->tables & ~(1u << table));
        content->widened = (uint8_t)(content->widened & ~(1u << table));
        content->indexes &= (uint8_t)~indexes_of((uint8_t)(1u << table));
    } else if (interaction->action == ACTION_add_column) {
        content->widened = (uint8_t)(content->widened | 1u << table);
    } else if (interaction->action == ACTION_drop_column) {
        content->widened = (uint8_t)(content->widened & ~(1u << table));
    } else if (interaction->action == ACTION_create_index) {
        content->indexes |= bit;
    } else if (interaction->action == ACTION_drop_index) {
        content->indexes &= (uint8_t)~bit;
    }
}

static void change_rows(struct aware_content *content, const struct interaction *interaction)
{
    uint32_t *keys = &content->keys[interaction->arguments[FIELD_table]];
    if (interaction->action == ACTION_delete)
        *keys &= ~keys_of_filter(interaction);
    else if (interaction->action == ACTION_batch || meant_by(interaction) == ACTION_insert_rows ||
             interaction->action == ACTION_insert || interaction->action == ACTION_upsert)
        *keys |= plan_keys_of(interaction);
}

static void end_transaction(struct aware *aware, uint32_t task, bool is_kept)
{
    struct aware_task *own = &aware->of[task];
    if (is_kept && own->has_changed) {
        aware->content = own->own;
        aware->commits++;
    }
    *own = (struct aware_task){0};
}

static void follow_change(struct aware *aware, const struct task_state *states,
                          const struct interaction *interaction)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    struct aware_task *own = &aware->of[interaction->task];
    bool inside = states[interaction->task].in_transaction;
    if (inside && !own->has_changed) {
        own->own = aware->content;
        own->has_changed = true;
    }
    struct aware_content *content = inside ? &own->own : &aware->content;
    if (info->effect == EFFECT_SCHEMA)
        change_schema(content, interaction);
    else if (info->effect == EFFECT_ROWS)
        change_rows(content, interaction);
    aware->commits += !inside;
    own->keeps_others_out = inside || interaction->pause_after > 0;
}

/* How many rows a statement with this filter is about. */
static uint32_t count_rows(const struct aware_content *content,
                           const struct interaction *interaction)
{
    const uint8_t *arguments = interaction->arguments;
    uint32_t keys = content->keys[arguments[FIELD_table]];
    uint32_t rows = (uint32_t)__builtin_popcount(keys & keys_of_filter(interaction));
    if (arguments[FIELD_filter] >= FILTER_VALUE_FROM)
        rows = (uint32_t)__builtin_popcount(keys) / 2;
    bool is_limited = arguments[FIELD_limit] > 0 && arguments[FIELD_order] != ORDER_NONE;
    return is_limited && rows > arguments[FIELD_limit] ? arguments[FIELD_limit] : rows;
}

/* Statements end the stream of their task, and so does the end of its rows. */
static void follow_stream(struct aware *aware, struct task_state *state,
                          const struct interaction *interaction)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    struct aware_task *own = &aware->of[interaction->task];
    state->is_streaming &= info->keeps_stream;
    if (info->opens == SECTION_STREAM) {
        own->rows_left = count_rows(content_for(aware, interaction->task), interaction);
    } else if (info->within == SECTION_STREAM && state->is_streaming) {
        uint32_t taken = interaction->arguments[FIELD_span] + 1u;
        state->is_streaming = taken <= own->rows_left;
        own->rows_left -= state->is_streaming ? taken : own->rows_left;
    }
}

void aware_follow(struct aware *aware, struct task_state *states,
                  const struct interaction *interaction)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    struct task_state *state = &states[interaction->task];
    struct aware_task *own = &aware->of[interaction->task];
    follow_stream(aware, state, interaction);
    if (!state->in_transaction) /* whatever its last one was */
        *own = (struct aware_task){.held_in = own->held_in, .rows_left = own->rows_left};
    if (!info->keeps_stream)
        own->held_in = lease_for(info);
    if ((writes(info) || info->effect == EFFECT_READ) && state->in_transaction && !own->has_read) {
        own->has_read = true;
        own->read_at = aware->commits;
    }
    if (writes(info))
        follow_change(aware, states, interaction);
    if (info->effect == EFFECT_BEGIN &&
        interaction->arguments[FIELD_begin_mode] != BEGIN_DEFERRED) {
        own->keeps_others_out = own->has_read = true;
        own->read_at = aware->commits;
    }
    if (info->effect == EFFECT_COMMIT || info->effect == EFFECT_ROLLBACK ||
        info->effect == EFFECT_PREPARE)
        end_transaction(aware, interaction->task, info->effect == EFFECT_COMMIT);
    if (is_of_prepared(info))
        aware->prepared ^= 1u << interaction->arguments[info->number_of];
    if (info->effect == EFFECT_RELEASE && state->is_begun_by_savepoint &&
        (state->savepoints & ~(1u << interaction->arguments[FIELD_savepoint])) == 0)
        end_transaction(aware, interaction->task, true);
    if (info->closes == SECTION_LEASE || info->closes == SECTION_POOL)
        end_transaction(aware, interaction->task, false);
    if (interaction->action == ACTION_drop)
        end_transaction(aware, interaction->arguments[FIELD_target] % aware->tasks, false);
}
