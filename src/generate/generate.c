/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawing plans. First what holds for the whole plan (configuration, swarm, hot keys, where pauses
 * and faults go), then one interaction after the other, following for each task what it is in the
 * middle of.
 */
#include "generate/generate.h"

#include "base/assert.h"
#include "base/hash.h"
#include "generate/configuration.h"
#include "generate/draw.h"
#include "generate/moment.h"

/* --- tables ---------------------------------------------------------------------------------- */

enum { HOT_KEYS_MAX = 8, SAVEPOINTS = 4 };

/*
 * Some things are done less often: what a reader must not do, a begin of who has no lease, a return
 * in the middle of work.
 */
enum { WRITE_OF_READER_ONE_IN = 8, BEGIN_WITHOUT_LEASE_ONE_IN = 4, EARLY_RETURN_ONE_IN = 4 };

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
static const uint8_t pause_powers[PAUSE_CLASS_COUNT][PAUSE_POWERS] = {
    [PAUSE_STORAGE] = {6, 8, 10, 10, 8, 4, 1, 1, 1},
    [PAUSE_LOCK] = {10, 10, 10, 6, 3, 1, 1, 1, 1},
    [PAUSE_WRITE] = {10, 8, 6, 4, 2, 1, 1, 1, 1},
    [PAUSE_ANY] = {1, 2, 3, 5, 8, 10, 10, 8, 3},
};
static const uint8_t pause_classes[][PAUSE_CLASS_COUNT] = {
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
    uint32_t action_count;         /* that the database has */
    uint8_t actions[ACTION_COUNT]; /* these */
    uint8_t weights[ACTION_COUNT]; /* of each action in this plan; 0: not used */
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

static void draw_swarm(struct generator *generator)
{
    struct random *random = generator->random;
    for (uint32_t i = 0; i < generator->action_count; i++) {
        uint8_t action = generator->actions[i];
        const struct plan_draw *profile = &plan_action_infos[action].draw;
        bool used = random_below(random, 8) < profile->swarm_eighths;
        bool possible = generator->has_pool || !generate_needs_pool((enum plan_action)action);
        uint32_t weight = (uint32_t)profile->weight << random_below(random, 3);
        ASSERT(weight <= UINT8_MAX);
        generator->weights[action] = used && possible ? (uint8_t)weight : 0;
    }
    uint8_t *weights = generator->weights;
    if (weights[ACTION_stream_open] == 0 && weights[ACTION_mutate_stream] == 0)
        weights[ACTION_stream_next] = weights[ACTION_stream_close] = 0;
    generator->stickiness = random_below(random, 4);
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

/* --- one interaction ------------------------------------------------------------------------- */

/* How likely an action is next; `pauses`: the interaction will be held back, or have a fault. */
static uint32_t weight_now(const struct generator *generator, const struct task_state *state,
                           uint32_t action, bool pauses, bool anyhow)
{
    const struct plan_draw *profile = &plan_action_infos[action].draw;
    uint32_t weight = generator->weights[action];
    if (!anyhow && !moment_fits(profile->moment, state))
        return 0;
    if (pauses)
        weight = weight * pause_factors[profile->work] / 2;
    if (state->lease == LEASE_READ && profile->work == WORK_WRITES &&
        profile->moment != MOMENT_INSIDE)
        weight /= WRITE_OF_READER_ONE_IN;
    if (generator->has_pool && action == ACTION_begin && state->lease == LEASE_NONE)
        weight /= BEGIN_WITHOUT_LEASE_ONE_IN;
    if (action == ACTION_return && (state->in_transaction || state->is_streaming))
        weight /= EARLY_RETURN_ONE_IN;
    return weight;
}

static enum plan_action draw_action(struct generator *generator, const struct task_state *state,
                                    bool pauses)
{
    bool anyhow = random_chance(generator->random, 16);
    uint8_t weights[ACTION_COUNT];
    uint32_t total = 0;
    for (uint32_t i = 0; i < generator->action_count; i++) {
        weights[i] = (uint8_t)weight_now(generator, state, generator->actions[i], pauses, anyhow);
        total += weights[i];
    }
    if (total == 0)
        return ACTION_select;
    uint32_t drawn = draw_weighted(generator->random, weights, generator->action_count);
    return (enum plan_action)generator->actions[drawn];
}

static uint32_t draw_key(struct generator *generator)
{
    if (random_chance(generator->random, 8))
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
    const uint8_t *weights = plan_field_infos[field].weights;
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

static void draw_arguments(struct generator *generator, const struct task_state *state,
                           struct interaction *interaction)
{
    enum plan_action action = (enum plan_action)interaction->action;
    for (uint32_t field = 0; field < FIELD_COUNT; field++)
        interaction->arguments[field] =
            plan_action_infos[action].fields & (1u << field)
                ? (uint8_t)draw_argument(generator, state, action, (enum plan_field)field)
                : 0;
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
    const uint8_t *classes = pause_classes[plan_action_infos[interaction->action].draw.work];
    interaction->pause_class = (uint8_t)draw_weighted(random, classes, PAUSE_CLASS_COUNT);
    interaction->pause_after =
        draw_pause_after(random, (enum plan_pause_class)interaction->pause_class);
}

void generate_fault(struct interaction *interaction, struct random *random)
{
    interaction->fault = (uint8_t)draw_between(random, FAULT_NONE + 1, FAULT_KIND_COUNT - 1);
    uint32_t bound = draw_between(random, 1, PLAN_FAULT_AT_COUNT);
    interaction->fault_at = plan_fault_at_values[random_below(random, bound)];
}

static void draw_interaction(struct generator *generator, struct interaction *interaction,
                             bool pauses, bool fails)
{
    interaction->task = (uint8_t)draw_task(generator);
    struct task_state *state = &generator->states[interaction->task];
    interaction->action = (uint8_t)draw_action(generator, state, pauses || fails);
    draw_arguments(generator, state, interaction);
    state->is_held = pauses;
    if (pauses) {
        generate_pause(interaction, generator->random);
        state->held = DRAW_RANGE(generator->random, holds);
    }
    if (fails)
        generate_fault(interaction, generator->random);
    moment_follow(generator->states, generator->tasks, interaction);
}

/* Sets `wanted` different bits of the first `count`; no more than there are. */
static uint64_t draw_places(struct random *random, uint32_t wanted, uint32_t count)
{
    uint64_t places = 0;
    for (uint32_t i = 0; i < wanted && i < count; i++) {
        uint32_t place = random_below(random, count);
        while ((places >> place) & 1u)
            place = (place + 1) % count;
        places |= 1ull << place;
    }
    return places;
}

_Static_assert(GENERATE_INTERACTIONS_MAX <= 64, "places of pauses are bits of a 64-bit set");

void generate_plan(struct plan *plan, struct arena *arena, struct random *random,
                   struct generate_subject subject)
{
    *plan = (struct plan){.kind = PLAN_NATIVE, .database = subject.database};
    draw_configuration(&plan->config, random, subject);
    struct generator generator = {
        .random = random,
        .tasks = plan_tasks(plan),
        .has_pool = plan_config_get(&plan->config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT,
    };
    generator.action_count = plan_list_actions(subject.database, generator.actions);
    draw_swarm(&generator);
    draw_hot_spots(&generator);

    uint32_t count = DRAW_RANGE(random, lengths);
    ASSERT(count >= GENERATE_INTERACTIONS_MIN && count <= GENERATE_INTERACTIONS_MAX);
    plan->interaction_count = count;
    plan->interactions = ARENA_ARRAY(arena, struct interaction, count);
    uint64_t pauses = draw_places(random, DRAW_RANGE(random, pause_counts), count);
    uint64_t faults = draw_places(random, DRAW_RANGE(random, fault_counts), count);
    for (uint32_t i = 0; i < count; i++)
        draw_interaction(&generator, &plan->interactions[i], (pauses >> i) & 1u,
                         (faults >> i) & 1u);
}

void generate_seed(struct random *random, uint64_t seed, uint64_t index)
{
    random_seed(random, hash_word(hash_word(0, seed), index));
}
