/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawing plans. First what holds for the whole plan (configuration, swarm, hot keys, where pauses
 * and faults go), then one interaction after the other, following for each task what it is in the
 * middle of.
 */
#include "generate/generate.h"

#include "base/assert.h"
#include "base/hash.h"
#include "generate/aware.h"
#include "generate/draw.h"
#include "generate/moment.h"
#include "generate/properties/weave.h"
#include "generate/rates.h"

/* --- tables ---------------------------------------------------------------------------------- */

enum { HOT_KEYS_MAX = 8, SAVEPOINTS = 4 };
_Static_assert((int)HOT_KEYS_MAX >= (int)PLAN_SEED_ROWS, "all rows have room");

/*
 * Some things are done less often: what a reader must not do, a begin of who has no lease, a return
 * in the middle of work.
 */
enum { WRITE_OF_READER_ONE_IN = 8, BEGIN_WITHOUT_LEASE_ONE_IN = 4, EARLY_RETURN_ONE_IN = 4 };

/* How often something is done whose moment it is not. */
enum { ANYHOW_ONE_IN = 16, ANYHOW_OF_PROFILE_ONE_IN = 64 };

/* How often a read of all columns has more to say than the table's name. */
enum { NARROW_ONE_IN = 4 };

/* And how often a task leaves its turn to the one that is in its way. */
enum { GIVES_WAY_ONE_IN = 2 };

/* How many of the plan's interactions, pauses, faults. Ranges are inclusive. */
static const struct weighted_range lengths[] = {{3, 4, 8}, {8, 8, 24}, {6, 24, 40}};
static const struct weighted_range pause_counts[] = {
    {1, 0, 0}, {2, 1, 1}, {4, 2, 2}, {6, 3, 3}, {5, 4, 4}};
static const struct weighted_range fault_counts[] = {{12, 0, 0}, {3, 1, 1}, {1, 2, 2}};
static const struct weighted_range hot_key_counts[] = {{2, 1, 2}, {4, 3, 5}, {2, 6, 8}};
static const struct weighted_range hot_table_counts[] = {{8, 1, 1}, {6, 2, 2}, {1, 3, 4}};
static const struct weighted_range largest_sizes[] = {{6, 0, 2}, {4, 3, 4}, {2, 5, 6}, {1, 7, 7}};
static const struct weighted_range holds[] = {{1, 0, 0}, {3, 1, 2}, {4, 3, 6}, {2, 7, 12}};

/*
 * How far into a statement a pause strikes: weights of 1, 2, up to 4, up to 8, ... up to 256 yield
 * points. A statement has few writes, some locks, more of storage, and a hundred or more of any
 * kind; beyond its end a pause is wasted.
 */
enum { PAUSE_POWERS = 9 };
static const uint32_t pause_powers[PAUSE_CLASS_COUNT][PAUSE_POWERS] = {
    [PAUSE_STORAGE] = {6, 8, 10, 10, 8, 4, 1, 1, 1},
    [PAUSE_LOCK] = {10, 10, 10, 6, 3, 1, 1, 1, 1},
    [PAUSE_WRITE] = {10, 8, 6, 4, 2, 1, 1, 1, 1},
    [PAUSE_ANY] = {1, 2, 3, 5, 8, 10, 10, 8, 3},
};
static const uint32_t pause_classes[][PAUSE_CLASS_COUNT] = {
    [WORK_NOTHING] = {4, 4, 1, 2},
    [WORK_READS] = {8, 8, 1, 4},
    [WORK_WRITES] = {6, 6, 3, 3},
};
/* Where a pause goes: how likely an action has it, against the action's weight. */
static const uint8_t pause_factors[] = {[WORK_NOTHING] = 0, [WORK_READS] = 1, [WORK_WRITES] = 2};

/* --- the plan as a whole --------------------------------------------------------------------- */

struct generator {
    struct random *random;
    uint32_t tasks;
    bool has_pool;
    uint32_t action_count;          /* that the database has */
    uint8_t actions[ACTION_COUNT];  /* these */
    uint32_t weights[ACTION_COUNT]; /* of each action in this plan; 0: not used */
    enum plan_database database;
    const struct generate_profile *profile; /* NULL: none, and `aware` is not used */
    struct aware aware;
    uint8_t hot_keys[HOT_KEYS_MAX];
    uint32_t hot_key_count;
    uint32_t hot_tables; /* tables 0 to hot_tables - 1 */
    uint32_t size_largest;
    uint32_t stickiness; /* of 4 interactions, how many stay with the task of the one before */
    uint32_t last_task;
    struct task_state states[PLAN_TASKS_MAX];
};

bool generate_needs_pool(enum plan_action action)
{
    return moment_needs_pool(plan_action_infos[action].draw.moment);
}

/* What weighs more is used by more plans, too. */
static bool is_used(struct random *random, uint32_t eighths, uint32_t per_cent)
{
    if (per_cent <= GENERATE_WEIGHT_USUAL)
        return random_below(random, 8) < eighths;
    return random_below(random, 8 * GENERATE_WEIGHT_USUAL) < eighths * per_cent;
}

/* Numbers that are not missed where they would have come from. */
static struct random draw_aside(const struct random *random)
{
    struct random copy = *random, aside;
    random_seed(&aside, random_next(&copy));
    return aside;
}

static void draw_swarm(struct generator *generator)
{
    struct random aside = draw_aside(generator->random);
    for (uint32_t i = 0; i < generator->action_count; i++) {
        uint8_t action = generator->actions[i];
        const struct plan_draw *draw = &plan_action_infos[action].draw;
        struct random *random = draw->is_aside ? &aside : generator->random;
        const struct generate_profile *profile = generator->profile;
        uint32_t per_cent =
            profile == NULL ? 1 : generate_profile_weight(profile, (enum plan_action)action);
        bool used = is_used(random, draw->swarm_eighths, per_cent);
        bool possible = generator->has_pool || !generate_needs_pool((enum plan_action)action);
        uint32_t weight = (uint32_t)draw->weight << random_below(random, 3);
        generator->weights[action] = used && possible ? weight * per_cent : 0;
    }
    uint32_t *weights = generator->weights;
    if (weights[ACTION_stream_open] == 0 && weights[ACTION_mutate_stream] == 0)
        weights[ACTION_stream_next] = weights[ACTION_stream_close] = 0;
    for (uint32_t i = 0; i < generator->action_count; i++) {
        uint8_t after = plan_action_infos[generator->actions[i]].after;
        if (after != 0 && weights[after - 1] == 0)
            weights[generator->actions[i]] = 0;
    }
    generator->stickiness = random_below(generator->random, 4);
}

static void draw_hot_spots(struct generator *generator)
{
    struct random *random = generator->random;
    generator->hot_key_count = DRAW_RANGE(random, hot_key_counts);
    for (uint32_t i = 0; i < generator->hot_key_count; i++)
        generator->hot_keys[i] = (uint8_t)random_below(random, PLAN_KEYS);
    generator->hot_tables = DRAW_RANGE(random, hot_table_counts);
    generator->size_largest = DRAW_RANGE(random, largest_sizes);
}

static bool has_few_keys(const struct generator *generator)
{
    return generator->profile != NULL && generator->profile->hot_keys > 0;
}

/* As many as the profile asks for, each of them there from the start. */
static void draw_few_keys(struct generator *generator)
{
    generator->hot_key_count = generator->profile->hot_keys;
    for (uint32_t i = 0; i < generator->hot_key_count; i++)
        generator->hot_keys[i] =
            (uint8_t)(random_below(generator->random, PLAN_SEED_ROWS) * PLAN_SEED_KEY_STRIDE);
    if (generator->hot_tables > PLAN_SEED_TABLES)
        generator->hot_tables = PLAN_SEED_TABLES;
}

/* --- one interaction ------------------------------------------------------------------------- */

/* What a profile leaves of a weight. */
static uint32_t heed(const struct generator *generator, const struct task_state *state,
                     enum plan_action action, uint32_t weight)
{
    uint32_t task = (uint32_t)(state - generator->states);
    return weight * aware_part(&generator->aware, generator->states, task, action) / AWARE_WHOLE;
}

static bool is_never_anyhow(const struct generator *generator, uint32_t action)
{
    return generator->profile != NULL && aware_counts(&generator->aware, (enum plan_action)action);
}

/* How likely an action is next; `pauses`: the interaction will be held back, or have a fault. */
static uint32_t weight_now(const struct generator *generator, const struct task_state *state,
                           uint32_t action, bool pauses, bool anyhow)
{
    const struct plan_draw *draw = &plan_action_infos[action].draw;
    uint32_t weight = generator->weights[action];
    anyhow = anyhow && !is_never_anyhow(generator, action);
    if (weight == 0 || (!anyhow && !moment_fits(draw->moment, state)))
        return 0;
    if (pauses)
        weight = weight * pause_factors[draw->work] / 2;
    if (generator->profile != NULL && !anyhow)
        weight = heed(generator, state, (enum plan_action)action, weight);
    if (state->lease == LEASE_READ && draw->work == WORK_WRITES && draw->moment != MOMENT_INSIDE)
        weight /= WRITE_OF_READER_ONE_IN;
    if (generator->has_pool && action == ACTION_begin && state->lease == LEASE_NONE)
        weight /= BEGIN_WITHOUT_LEASE_ONE_IN;
    if (action == ACTION_return && (state->in_transaction || state->is_streaming))
        weight /= EARLY_RETURN_ONE_IN;
    return weight;
}

/* How likely it is of the only group that a rate asks for, whatever else this plan uses. */
static uint32_t weight_in_group(const struct generator *generator, const struct task_state *state,
                                enum plan_action action, enum generate_group group)
{
    const struct plan_draw *draw = &plan_action_infos[action].draw;
    bool fits = generate_group_of(action) == group && generator->profile->actions[action] > 0;
    return fits && moment_fits(draw->moment, state)
               ? heed(generator, state, action, draw->weight * AWARE_WHOLE)
               : 0;
}

/* Where this plan's own choice of actions has none for the moment: by the profile's. */
static uint32_t weight_in_profile(const struct generator *generator, const struct task_state *state,
                                  enum plan_action action)
{
    const struct plan_draw *draw = &plan_action_infos[action].draw;
    bool possible = generator->has_pool || !generate_needs_pool(action);
    if (!possible || !moment_fits(draw->moment, state))
        return 0;
    return heed(generator, state, action,
                draw->weight * generate_profile_weight(generator->profile, action));
}

/* How likely each action is next; returns what that adds up to. */
static uint32_t weigh_actions(struct generator *generator, const struct task_state *state,
                              bool pauses, enum generate_group group, uint32_t *ret_weights)
{
    uint32_t total = 0;
    if (group != GROUP_COUNT)
        for (uint32_t i = 0; i < generator->action_count; i++)
            total += ret_weights[i] =
                weight_in_group(generator, state, (enum plan_action)generator->actions[i], group);
    if (total > 0)
        return total;
    bool anyhow = random_chance(
        generator->random, generator->profile == NULL ? ANYHOW_ONE_IN : ANYHOW_OF_PROFILE_ONE_IN);
    for (uint32_t i = 0; i < generator->action_count; i++) {
        ret_weights[i] = weight_now(generator, state, generator->actions[i], pauses, anyhow);
        total += ret_weights[i];
    }
    return total;
}

/* ACTION_select: there is none that the profile has. */
static enum plan_action draw_any(struct generator *generator, const struct task_state *state)
{
    uint32_t weights[ACTION_COUNT], total = 0;
    for (uint32_t i = 0; generator->profile != NULL && i < generator->action_count; i++)
        total += weights[i] =
            weight_in_profile(generator, state, (enum plan_action)generator->actions[i]);
    if (total == 0)
        return ACTION_select;
    return (enum plan_action)
        generator->actions[draw_weighted(generator->random, weights, generator->action_count)];
}

/* A profile's tasks give way to one that has something to do. */
static enum plan_action draw_action(struct generator *generator, uint8_t *task, bool pauses,
                                    enum generate_group group)
{
    uint32_t weights[ACTION_COUNT];
    uint32_t tries = generator->profile == NULL ? 1 : generator->tasks;
    for (uint32_t i = 0; i < tries; i++) {
        uint32_t next = (*task + i) % generator->tasks;
        const struct task_state *state = &generator->states[next];
        if ((i > 0 && state->held > 0) ||
            weigh_actions(generator, state, pauses, group, weights) == 0)
            continue;
        uint32_t drawn = draw_weighted(generator->random, weights, generator->action_count);
        *task = (uint8_t)next;
        return (enum plan_action)generator->actions[drawn];
    }
    return draw_any(generator, &generator->states[*task]);
}

static uint32_t draw_key(struct generator *generator)
{
    if (!has_few_keys(generator) && random_chance(generator->random, 8))
        return random_below(generator->random, PLAN_KEYS);
    return generator->hot_keys[random_below(generator->random, generator->hot_key_count)];
}

static uint32_t draw_savepoint(struct generator *generator, const struct task_state *state,
                               enum plan_action action)
{
    uint32_t first = random_below(generator->random, SAVEPOINTS);
    if (action != ACTION_savepoint)
        for (uint32_t i = 0; i < SAVEPOINTS; i++)
            if ((state->savepoints >> ((first + i) % SAVEPOINTS)) & 1u)
                return (first + i) % SAVEPOINTS;
    return first;
}

/* Another task, three times of four one that is held back, if there is any. */
static uint32_t draw_target(struct generator *generator, const struct task_state *own)
{
    const struct task_state *states = generator->states;
    uint32_t tasks = generator->tasks;
    if (tasks < 2)
        return random_below(generator->random, PLAN_TASKS_MAX);
    bool prefers_held = !random_chance(generator->random, 4);
    uint32_t first = random_below(generator->random, tasks);
    uint32_t target = &states[first] == own ? (first + 1) % tasks : first;
    for (uint32_t i = 0; prefers_held && i < tasks; i++) {
        uint32_t candidate = (first + i) % tasks;
        if (&states[candidate] != own && states[candidate].is_held)
            return candidate;
    }
    return target;
}

static uint32_t draw_argument(struct generator *generator, const struct task_state *state,
                              enum plan_action action, enum plan_field field)
{
    struct random *random = generator->random;
    uint32_t domain = plan_field_infos[field].domain;
    const uint32_t *weights = plan_field_infos[field].weights;
    if (field == FIELD_property)
        return PROPERTY_none; /* it is of a shape */
    if (field == FIELD_columns && generator->weights[ACTION_add_column] == 0)
        return COLUMNS_NAMED; /* which are all there are */
    if (weights != NULL)
        return draw_weighted(random, weights, domain);
    if (field == FIELD_table && (action == ACTION_create_table || random_chance(random, 24)))
        return random_below(random, domain);
    if (field == FIELD_table)
        return random_below(random, generator->hot_tables);
    if (field == FIELD_size)
        return random_below(random,
                            random_chance(random, 24) ? domain : generator->size_largest + 1);
    if (field == FIELD_key)
        return draw_key(generator);
    if (field == FIELD_span || field == FIELD_duration || field == FIELD_limit)
        return random_below(random, draw_between(random, 1, domain)); /* small ones more often */
    if (field == FIELD_savepoint)
        return draw_savepoint(generator, state, action);
    if (field == FIELD_target)
        return draw_target(generator, state);
    return random_below(random, domain);
}

static uint32_t draw_task(struct generator *generator)
{
    struct task_state *states = generator->states;
    uint32_t task = generator->last_task;
    if (states[task].held > 0 || random_below(generator->random, 4) >= generator->stickiness)
        task = random_below(generator->random, generator->tasks);
    uint32_t next = task;
    for (uint32_t i = 1; states[next].held > 0 && i < generator->tasks; i++)
        next = (task + i) % generator->tasks;
    for (uint32_t i = 0; i < generator->tasks; i++)
        if (states[i].held > 0)
            states[i].held--;
    generator->last_task = next;
    return next;
}

/* A power of two, as likely as a statement has so many yield points; then evenly up to it. */
static uint16_t draw_pause_after(struct random *random, enum plan_pause_class class)
{
    uint32_t most = 1u << draw_weighted(random, pause_powers[class], PAUSE_POWERS);
    return (uint16_t)draw_between(random, most / 2 + 1, most);
}

/* SELECT * FROM t: the same text again and again is what statements are kept for. */
static void ask_for_whole_rows(struct interaction *interaction)
{
    static const enum plan_field narrowing[] = {FIELD_filter, FIELD_key,       FIELD_span,
                                                FIELD_order,  FIELD_aggregate, FIELD_limit};
    for (size_t i = 0; i < sizeof narrowing / sizeof narrowing[0]; i++)
        interaction->arguments[narrowing[i]] = 0;
}

static void draw_arguments(struct generator *generator, const struct task_state *state,
                           struct interaction *interaction)
{
    enum plan_action action = (enum plan_action)interaction->action;
    for (uint32_t field = 0; field < FIELD_COUNT; field++)
        interaction->arguments[field] =
            plan_action_has(action, (enum plan_field)field)
                ? (uint8_t)draw_argument(generator, state, action, (enum plan_field)field)
                : 0;
    if (interaction->arguments[FIELD_columns] == COLUMNS_ALL &&
        !random_chance(generator->random, NARROW_ONE_IN))
        ask_for_whole_rows(interaction);
    plan_settle_sleep(interaction);
}

void generate_arguments(struct interaction *interaction, struct random *random)
{
    struct generator generator = {.random = random};
    struct task_state state = {0};
    draw_hot_spots(&generator);
    draw_arguments(&generator, &state, interaction);
}

void generate_pause(struct interaction *interaction, struct random *random)
{
    const uint32_t *classes = pause_classes[plan_action_infos[interaction->action].draw.work];
    interaction->pause_class = (uint8_t)draw_weighted(random, classes, PAUSE_CLASS_COUNT);
    interaction->pause_after =
        draw_pause_after(random, (enum plan_pause_class)interaction->pause_class);
}

/* Only where a profile asks for it: what its clients hear of its end is not the plan's. */
static uint32_t weight_of_ending_server(enum plan_database database,
                                        const struct generate_profile *profile,
                                        enum fault_kind kind)
{
    bool is_asked_for = profile != NULL && profile->weights[GROUP_faults] > 0 &&
                        profile->fault_kinds[kind] != GENERATE_WEIGHT_USUAL;
    return plan_database_infos[database].is_mortal && is_asked_for ? profile->fault_kinds[kind] : 0;
}

/* As often of each kind that can strike as the profile says; 0: of none. */
static uint32_t weigh_faults(enum plan_database database, const struct generate_profile *profile,
                             uint32_t ret_weights[FAULT_KIND_COUNT])
{
    uint32_t total = 0;
    bool is_remote = plan_database_infos[database].is_remote;
    for (uint32_t i = 0; i < FAULT_KIND_COUNT; i++) {
        enum fault_kind kind = (enum fault_kind)i;
        uint32_t weight = profile == NULL                             ? 1
                          : generate_profile_has_fault(profile, kind) ? profile->fault_kinds[i]
                                                                      : 0;
        ret_weights[i] = fault_ends_server(kind) ? weight_of_ending_server(database, profile, kind)
                         : fault_can_strike(kind, is_remote) ? weight
                                                             : 0;
        total += ret_weights[i];
    }
    return total;
}

bool generate_fault(struct interaction *interaction, struct random *random,
                    enum plan_database database, const struct generate_profile *profile)
{
    uint32_t weights[FAULT_KIND_COUNT];
    if (weigh_faults(database, profile, weights) == 0)
        return false;
    interaction->fault = (uint8_t)draw_weighted(random, weights, FAULT_KIND_COUNT);
    uint32_t bound = draw_between(random, 1, PLAN_FAULT_AT_COUNT);
    interaction->fault_at = plan_fault_at_values[random_below(random, bound)];
    return true;
}

/* Mostly who keeps others from writing goes on: else they would only be refused. */
static void give_way(struct generator *generator, uint8_t *task)
{
    uint32_t other = aware_who_is_in_the_way(&generator->aware, generator->states, *task);
    if (generator->states[other].held == 0 && random_chance(generator->random, GIVES_WAY_ONE_IN))
        *task = (uint8_t)other;
}

/* What a profile's plan does anyhow, though it will be refused, changes nothing. */
static bool will_be_done(const struct generator *generator, const struct interaction *interaction)
{
    return generator->profile == NULL ||
           aware_part(&generator->aware, generator->states, interaction->task,
                      (enum plan_action)interaction->action) > 0;
}

static void follow(struct generator *generator, const struct interaction *interaction)
{
    if (generator->profile != NULL)
        aware_follow(&generator->aware, generator->states, interaction);
    moment_follow(generator->states, generator->tasks, interaction);
}

/* What a fault, a pause and the rates make of it. */
static void disturb(struct generator *generator, struct interaction *interaction,
                    const struct rates_wish *wish, bool pauses, bool fails)
{
    struct task_state *state = &generator->states[interaction->task];
    state->is_held = pauses;
    if (pauses) {
        generate_pause(interaction, generator->random);
        state->held = DRAW_RANGE(generator->random, holds);
    }
    if (fails)
        (void)generate_fault(interaction, generator->random, generator->database,
                             generator->profile);
    rates_disturb(wish, interaction, generator->random);
}

/* A step of a property, which has a fault of its own, or one that strikes any. */
static void take_step(struct generator *generator, struct interaction *interaction,
                      const struct interaction *step, bool pauses, bool fails)
{
    struct rates_wish wish = {.group = GROUP_COUNT};
    *interaction = *step;
    if (step->fault == FAULT_NONE)
        rates_draw(&wish, generator->random, generator->profile, &generator->states[step->task]);
    disturb(generator, interaction, &wish, pauses, fails && step->fault == FAULT_NONE);
    generator->last_task = step->task;
    follow(generator, interaction);
}

static void draw_interaction(struct generator *generator, struct interaction *interaction,
                             bool pauses, bool fails)
{
    const struct generate_profile *profile = generator->profile;
    struct rates_wish wish = {.group = GROUP_COUNT};
    interaction->task = (uint8_t)draw_task(generator);
    if (profile != NULL)
        give_way(generator, &interaction->task);
    if (profile != NULL)
        rates_draw(&wish, generator->random, profile, &generator->states[interaction->task]);
    bool strikes = pauses || fails || wish.is_refused || wish.dies;
    interaction->action = (uint8_t)draw_action(generator, &interaction->task, strikes, wish.group);
    draw_arguments(generator, &generator->states[interaction->task], interaction);
    if (profile != NULL)
        aware_mend(&generator->aware, generator->states, interaction, generator->random);
    bool is_done = will_be_done(generator, interaction);
    disturb(generator, interaction, &wish, pauses, fails);
    if (is_done)
        follow(generator, interaction);
}

/* Which interactions of a plan: a bit each. */
struct places {
    uint64_t words[PLAN_INTERACTIONS_MAX / 64];
};

static bool is_place(const struct places *places, uint32_t at)
{
    return places->words[at / 64] >> at % 64 & 1u;
}

/* `wanted` different ones of the first `count`; no more than there are. */
static void draw_places(struct places *ret_places, struct random *random, uint32_t wanted,
                        uint32_t count)
{
    *ret_places = (struct places){{0}};
    for (uint32_t i = 0; i < wanted && i < count; i++) {
        uint32_t place = random_below(random, count);
        while (is_place(ret_places, place))
            place = (place + 1) % count;
        ret_places->words[place / 64] |= 1ull << place % 64;
    }
}

/* So many pauses, or faults: as often as the weight says, and more in long plans. */
static uint32_t draw_count(struct random *random, const struct weighted_range *ranges, size_t size,
                           uint32_t per_cent, uint32_t interactions)
{
    uint32_t times = (interactions + GENERATE_INTERACTIONS_MAX - 1) / GENERATE_INTERACTIONS_MAX;
    uint32_t count = 0;
    for (uint32_t left = per_cent * times; left > 0;) {
        uint32_t part = left < GENERATE_WEIGHT_USUAL ? left : GENERATE_WEIGHT_USUAL;
        uint32_t drawn = draw_range(random, ranges, size);
        for (uint32_t i = 0; i < drawn; i++)
            count +=
                part == GENERATE_WEIGHT_USUAL || random_below(random, GENERATE_WEIGHT_USUAL) < part;
        left -= part;
    }
    return count;
}

#define DRAW_COUNT(random, table, per_cent, interactions)                                          \
    draw_count((random), (table), sizeof(table) / sizeof((table)[0]), (per_cent), (interactions))

static uint32_t per_cent_of(const struct generate_profile *profile, enum generate_group group)
{
    return profile == NULL ? GENERATE_WEIGHT_USUAL : profile->weights[group];
}

/* A quarter, all, four times of what the profile says, or nothing. */
static void draw_group_weights(struct generate_profile *profile, struct random *random)
{
    static const uint32_t per_cents[] = {0, 25, 100, 400};
    for (uint32_t group = 0; group < GROUP_COUNT; group++) {
        uint32_t weight = profile->weights[group] * per_cents[random_below(random, 4)] / 100;
        profile->weights[group] =
            (uint16_t)(weight < GENERATE_WEIGHT_MAX ? weight : GENERATE_WEIGHT_MAX);
    }
}

static void draw_interactions(struct generator *generator, struct plan *plan, uint32_t count,
                              struct weave *weave)
{
    struct random *random = generator->random;
    const struct generate_profile *profile = generator->profile;
    struct places pauses, faults;
    draw_places(&pauses, random,
                DRAW_COUNT(random, pause_counts, per_cent_of(profile, GROUP_pauses), count), count);
    draw_places(&faults, random,
                DRAW_COUNT(random, fault_counts, per_cent_of(profile, GROUP_faults), count), count);
    for (uint32_t i = 0; i < count; i++) {
        struct interaction *interaction = &plan->interactions[i];
        const struct interaction *step = weave_next(weave, generator->states, count - i);
        if (step != NULL)
            take_step(generator, interaction, step, is_place(&pauses, i), is_place(&faults, i));
        else
            draw_interaction(generator, interaction, is_place(&pauses, i), is_place(&faults, i));
    }
}

static uint32_t draw_length(struct random *random, const struct generate_profile *profile)
{
    uint32_t count =
        profile != NULL && profile->steps > 0 ? profile->steps : DRAW_RANGE(random, lengths);
    ASSERT(count <= PLAN_INTERACTIONS_MAX);
    return count;
}

/* One of the families, by lot; where there is but one, nothing is drawn. */
static struct generate_subject settle_family(struct generate_subject subject, struct random *random)
{
    if (subject.families == NULL)
        return subject;
    uint32_t turns = generate_families_turns(subject.families);
    uint32_t turn = turns > 1 ? random_below(random, turns) : 0;
    subject.profile = generate_families_profile(subject.families, turn);
    subject.families = NULL;
    return subject;
}

void generate_plan(struct plan *plan, struct arena *arena, struct random *random,
                   struct generate_subject subject)
{
    subject = settle_family(subject, random);
    if (subject.properties != 0 && subject.profile == NULL) {
        weave_alone(plan, arena, random, subject);
        return;
    }
    *plan = (struct plan){.kind = PLAN_NATIVE, .database = subject.database};
    const struct generate_subject asked = subject;
    struct generate_profile swarm;
    if (subject.profile != NULL && subject.profile->is_swarm) {
        swarm = *subject.profile;
        draw_group_weights(&swarm, random);
        subject.profile = &swarm;
    }
    weave_draw_configuration(plan, random, subject);
    struct generator generator = {
        .random = random,
        .tasks = plan_tasks(plan),
        .has_pool = plan_config_get(&plan->config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT,
        .database = subject.database,
        .profile = subject.profile,
    };
    if (subject.profile != NULL)
        aware_begin(&generator.aware, subject.profile, &plan->config);
    generator.action_count = plan_list_actions(subject.database, generator.actions);
    draw_swarm(&generator);
    draw_hot_spots(&generator);
    if (has_few_keys(&generator))
        draw_few_keys(&generator);

    struct weave weave;
    weave_begin(&weave, plan, random, &asked);
    uint32_t count = draw_length(random, subject.profile);
    if (count < weave_length(&weave))
        count = weave_length(&weave);
    plan->interaction_count = count;
    plan->interactions = ARENA_ARRAY(arena, struct interaction, count + SHAPE_STEPS_MAX);
    draw_interactions(&generator, plan, count, &weave);
    if (subject.profile == NULL)
        weave_into(plan, random);
}

void generate_seed(struct random *random, uint64_t seed, uint64_t index)
{
    random_seed(random, hash_word(hash_word(0, seed), index));
}
