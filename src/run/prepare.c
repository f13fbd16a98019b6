/* SPDX-License-Identifier: Apache-2.0 */
/* Before a plan: everything back to the same clean state, and what its configuration means. */
#include "base/assert.h"
#include "run/state.h"
#include "sim/net.h"
#include "sim/posix_state.h"

#include <stdio.h>
#include <string.h>

static const uint64_t database_random_seed = 0x696e746572706c61u;

static void on_commit_point(void *context)
{
    struct run *run = context;
    if (world->current == NULL || world->current->acting_for >= PLAN_TASKS_MAX)
        return;
    uint32_t task = world->current->acting_for;
    run_tell_sleepers(run);
    run->tasks[task].writes_log = true;
    if (run->has_raw_sql && run->tasks[task].is_in_call && run_is_raw(&run->tasks[task]))
        run_commit_raw(&run->tasks[task]);
    run_tell(&run->tasks[task], EVENT_commit_point, 0);
}

/* --- the plan as a pool understands it ------------------------------------------------------- */

static void copy_plan(struct run *run, const struct plan *plan)
{
    run->effective = *plan;
    run->effective.interactions =
        ARENA_ARRAY(&run->arena, struct interaction, plan->interaction_count);
    if (plan->interaction_count > 0)
        memcpy(run->effective.interactions, plan->interactions,
               plan->interaction_count * sizeof *plan->interactions);
    run->judged = &run->effective;
}

/* For what all databases can do. */
static bool has_own_words(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan_action_infos[plan->interactions[i].action].same_as != 0)
            return true;
    return false;
}

/*
 * What is judged is what was asked of the database: a pool begins its transactions in its own mode
 * (lease.c), streams are selects and updates, what only one database has may be the same as what
 * all have, and a text may be known (raw.c).
 */
static void make_effective(struct run *run, const struct plan *plan)
{
    bool follows = run_follows_raw_transactions(run);
    if (!follows && !run_is_pooled(run) && !has_own_words(plan))
        return;
    copy_plan(run, plan);
    if (follows)
        run_take_raw_transactions(run);
    for (size_t i = 0; i < plan->interaction_count; i++) {
        struct interaction *interaction = &run->effective.interactions[i];
        enum plan_action action = plan_meant_action((enum plan_action)interaction->action);
        interaction->action = (uint8_t)(run_is_pooled(run) ? plan_streamed_action(action) : action);
    }
}

/* --- the database ---------------------------------------------------------------------------- */

static bool plan_loses_power(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (fault_loses_power((enum fault_kind)plan->interactions[i].fault))
            return true;
    return false;
}

static bool plan_ends_server(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (fault_ends_server((enum fault_kind)plan->interactions[i].fault))
            return true;
    return false;
}

static bool may_prepare(const struct interaction *interaction)
{
    return plan_action_infos[interaction->action].effect == EFFECT_PREPARE ||
           (interaction->sql != NULL && strcasestr(interaction->sql, "PREPARE") != NULL);
}

static bool plan_may_prepare(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (may_prepare(&plan->interactions[i]))
            return true;
    return false;
}

static bool plan_has_numbers(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++) {
        enum plan_effect effect = plan_action_infos[plan->interactions[i].action].effect;
        if (effect == EFFECT_NUMBER || effect == EFFECT_READ_NUMBER || effect == EFFECT_LOOK)
            return true;
    }
    return false;
}

static bool plan_has_properties(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].arguments[FIELD_property] != PROPERTY_none)
            return true;
    return false;
}

/* A lock that needs no transaction, perhaps not even its connection. */
static bool plan_lingers(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan_action_infos[plan->interactions[i].action].lingers)
            return true;
    return false;
}

static bool plan_has(const struct plan *plan, enum plan_action action)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].action == action)
            return true;
    return false;
}

static void reset_subject(struct run *run)
{
    if (run->subject.world == NULL)
        return;
    const struct subject_start start = {
        .settings = run->settings,
        .is_empty = !plan_kind(run->plan)->is_prepared,
        .loses_power = plan_loses_power(run->plan),
        .ends_server = plan_ends_server(run->plan),
        .may_prepare = plan_may_prepare(run->plan),
        .random_seed = database_random_seed,
    };
    run->subject.world->reset(run->instance, &start);
}

/* --- connections ----------------------------------------------------------------------------- */

static uint32_t number(const struct run *run, enum plan_config_field field)
{
    return (uint32_t)plan_config_get(&run->judged->config, field);
}

static void make_connection(struct run *run, struct backend_options *connection)
{
    *connection = (struct backend_options){
        .target = "",
        .busy_timeout_ms = number(run, PLAN_CONFIG_busy_timeout),
        .on_commit_point = plan_kind(run->plan)->is_prepared ? on_commit_point : NULL,
        .on_statement = run_listens(run) ? run_on_statement : NULL,
        .context = run,
    };
    if (run->subject.world != NULL)
        run->subject.world->connection(run->instance, connection);
    if (run->options.driver != NULL)
        connection->driver = run->options.driver;
}

static void make_stack_options(struct run *run)
{
    bool has_own_size = plan_kind(run->plan)->has_pool_size;
    run->stack_options = (struct stack_options){
        .backend = run_backend_of_stack(run),
        .readers = number(run, PLAN_CONFIG_readers),
        .writers = has_own_size ? run->plan->pool_size : number(run, PLAN_CONFIG_writers),
        .acquire_timeout_ms = number(run, PLAN_CONFIG_acquire_timeout),
        .statement_cache = number(run, PLAN_CONFIG_statement_cache),
        .mailbox = number(run, PLAN_CONFIG_mailbox),
        .stream_rows = number(run, PLAN_CONFIG_stream_rows),
        .listener = {.on_serve = run_on_serve, .on_served = run_on_served, .context = run},
    };
    make_connection(run, &run->stack_options.connection);
}

/* --- everything ------------------------------------------------------------------------------ */

static void reset_task(struct run_task *task)
{
    task->held = (struct run_lease){0};
    task->interaction = 0;
    task->cancellers = task->droppers = 0;
    memset(task->tag_cancellers, 0, sizeof task->tag_cancellers);
    task->tag = task->call_tag = task->begin_tag = &task->tags[0];
    task->has_committed = task->writes_log = false;
    task->call_sql = NULL;
    task->is_in_checkout = task->is_in_call = task->is_cancelled = false;
}

static void reset_result(struct run_result *result)
{
    result->verdict.kind = VERDICT_OK;
    result->verdict.signature[0] = result->verdict.report[0] = '\0';
    result->statements = 0;
    result->pauses = result->faults = 0;
    result->unjudged = (struct run_unjudged){0};
    result->ends.count = 0;
    result->failures = (struct run_failures){0};
    result->cuts = (struct run_cuts){0};
}

static const struct promises no_promises;

static const struct promises *promises_of(const struct run *run)
{
    const struct promises *usual = run->subject.promises;
    const struct promises *now =
        usual != NULL && usual->instead != NULL ? usual->instead(run->settings) : NULL;
    return now != NULL ? now : usual != NULL ? usual : &no_promises;
}

static const struct isolation_level_info *level_named(const char *name)
{
    return name == NULL ? NULL : isolation_level_named(name);
}

/* Making writers take turns keeps nobody from busy where each writer excludes some others only. */
static uint32_t traits_of(const struct run *run)
{
    bool has_one_writer = (run->backend->capabilities & BACKEND_ONE_WRITER) != 0;
    return run->ops->traits & ~(has_one_writer ? 0 : (uint32_t)STACK_NEVER_BUSY);
}

static void make_setting(struct run *run)
{
    static const struct isolation_promise no_level;
    const struct promises *promises = promises_of(run);
    const struct isolation_promise *level = promised_isolation(promises, run->settings);
    if (level == NULL)
        level = &no_level;
    run->setting = (struct oracle_setting){
        .arena = &run->arena,
        .plan = run->plan,
        .judged = run->judged,
        .promises = promises,
        .settings = run->settings,
        .durability = promised_durability(promises, run->settings),
        .isolation = level_named(level->level),
        .statements = level_named(level->statements),
        .idle_blocks = promises->idle_blocks != NULL && promises->idle_blocks(run->settings),
        .lingers = plan_lingers(run->plan),
        .has_model = run_has_model(run),
        .is_pooled = run_is_pooled(run),
        .has_properties = plan_has_properties(run->plan),
        .hears_commits = world->net != NULL && world->net->protocol->committed != NULL,
        .calls_time_out = run->ops->abandon != NULL,
        .traits = traits_of(run),
        .overtaken_max = run->ops->overtaken_max,
        .readers = run->stack_options.readers,
        .writers = run->stack_options.writers,
    };
}

static bool begins_clean(const struct run *run)
{
    const struct subject_world_ops *ops = run->subject.world;
    return ops == NULL || ops->is_set_back == NULL || ops->is_set_back(run->instance);
}

void run_prepare(struct run *run, const struct plan *plan)
{
    arena_reset(&run->arena);
    run->ops = run_stack_of(&run->subject, run->options.stack, plan);
    run->plan = run->judged = plan;
    run->has_raw_sql = run_finds_raw_sql(plan);
    make_effective(run, plan);
    run_take_settings(run, plan);
    run->position = 0;
    reset_result(&run->result);
    reset_subject(run); /* may meet a limit */
    world_reset(RUN_YIELDS_MAX);
    posix_reset();
    run->begun_at = 0;
    run->stack_count = run->closed_count = run->releases = 0;
    run->is_closing = run->is_down = run->power_is_lost = run->is_blind = false;
    run->was_interrupted = run->is_content_lost = run->has_mixed_modes = false;
    run->has_numbers = plan_has_numbers(plan);
    run->has_columns = plan_has(plan, ACTION_add_column);
    run->has_lists = plan_has(plan, ACTION_append);
    run->unclosed = 0;
    run->parked = 0;
    for (uint32_t i = 0; i < PLAN_TASKS_MAX; i++)
        reset_task(&run->tasks[i]);
    make_stack_options(run);
    make_setting(run);
    run_begin_history(run);
    run->begins_clean = begins_clean(run);
    if (plan_kind(plan)->is_prepared && !run->begins_clean)
        run_claim_start(run);
}
