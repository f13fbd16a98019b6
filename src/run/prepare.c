/* SPDX-License-Identifier: Apache-2.0 */
/* Before a plan: everything back to the same clean state, and what its configuration means. */
#include "base/assert.h"
#include "run/state.h"
#include "sim/posix_state.h"

#include <stdio.h>
#include <string.h>

enum { YIELDS_LIMIT = 5000000 };
static const uint64_t database_random_seed = 0x696e746572706c61u;

static void on_commit_point(void *context)
{
    struct run *run = context;
    if (world->current == NULL || world->current->acting_for >= PLAN_TASKS_MAX)
        return;
    uint32_t task = world->current->acting_for;
    run_tell_sleepers(run);
    run_tell(&run->tasks[task], EVENT_commit_point, 0);
}

/* --- the plan as a pool understands it ------------------------------------------------------- */

static const struct stack_ops *stack_of(const struct run *run, const struct plan *plan)
{
    if (plan->kind == PLAN_MIDDLEWARE)
        return &interplay_stack_fixed;
    if (run->options.stack != NULL)
        return run->options.stack;
    switch ((enum plan_stack)plan_config_get(&plan->config, PLAN_CONFIG_stack)) {
    case PLAN_STACK_DIRECT:
        /* Without a database behind it there is nothing to test but the pool. */
        return run_has_model(run) ? &interplay_stack_direct : &interplay_stack_pool;
    case PLAN_STACK_POOL:
        return &interplay_stack_pool;
    case PLAN_STACK_ACTORS:
        return &interplay_stack_actors;
    }
    return &interplay_stack_direct;
}

static void set_config(struct plan_config *config, enum plan_config_field field, int32_t number)
{
    uint8_t choice = 0;
    while (plan_config_infos[field].values[choice].number != number)
        choice++;
    config->choice[field] = choice;
}

/*
 * What is judged is what was asked of the database: a pool chooses the journal itself, begins its
 * transactions in its own mode (lease.c), and streams are selects and updates.
 */
static void make_effective(struct run *run, const struct plan *plan)
{
    run->effective = *plan;
    run->effective.interactions =
        ARENA_ARRAY(&run->arena, struct interaction, plan->interaction_count);
    if (plan->interaction_count > 0)
        memcpy(run->effective.interactions, plan->interactions,
               plan->interaction_count * sizeof *plan->interactions);
    for (size_t i = 0; i < plan->interaction_count; i++) {
        struct interaction *interaction = &run->effective.interactions[i];
        interaction->action = (uint8_t)plan_streamed_action((enum plan_action)interaction->action);
    }
    struct plan_config *config = &run->effective.config;
    set_config(config, PLAN_CONFIG_journal_mode, JOURNAL_WAL);
    set_config(config, PLAN_CONFIG_locking_mode, 0);
    run->judged = &run->effective;
}

/* --- connections ----------------------------------------------------------------------------- */

static void append_pragma(struct text *text, const char *name, const struct plan_config *config,
                          enum plan_config_field field)
{
    if (config->choice[field] == 0)
        return;
    const struct plan_config_info *info = &plan_config_infos[field];
    text_append(text, "PRAGMA ");
    text_append(text, name);
    text_append(text, "=");
    text_append(text, info->values[config->choice[field]].name);
    text_append(text, ";");
}

/* What a new connection runs first; nothing where SQLite's defaults are meant. */
static void make_setup(struct run *run)
{
    const struct plan_config *config = &run->judged->config;
    struct text text;
    text_init(&text, run->setup, sizeof run->setup);
    if (run->plan->kind == PLAN_MIDDLEWARE) {
        text_append(&text, "PRAGMA journal_mode=wal");
        return;
    }
    append_pragma(&text, "locking_mode", config, PLAN_CONFIG_locking_mode);
    if (plan_config_get(config, PLAN_CONFIG_journal_mode) > JOURNAL_DELETE)
        append_pragma(&text, "journal_mode", config, PLAN_CONFIG_journal_mode);
    append_pragma(&text, "synchronous", config, PLAN_CONFIG_synchronous);
    append_pragma(&text, "cache_size", config, PLAN_CONFIG_cache_size);
    append_pragma(&text, "mmap_size", config, PLAN_CONFIG_mmap_size);
    append_pragma(&text, "journal_size_limit", config, PLAN_CONFIG_journal_size_limit);
    ASSERT(!text.truncated);
}

static uint32_t number(const struct run *run, enum plan_config_field field)
{
    return (uint32_t)plan_config_get(&run->judged->config, field);
}

static const char *driver(const struct run *run)
{
    if (run->options.driver != NULL || run->options.environment == NULL)
        return run->options.driver;
    return run->options.environment->driver;
}

static void make_stack_options(struct run *run)
{
    make_setup(run);
    bool is_middleware = run->plan->kind == PLAN_MIDDLEWARE;
    run->stack_options = (struct stack_options){
        .backend = run->backend,
        .connection =
            {
                .target = run->options.environment == NULL ? "" : run->options.environment->target,
                .driver = driver(run),
                .setup = run->setup[0] != '\0' ? run->setup : NULL,
                .busy_timeout_ms = number(run, PLAN_CONFIG_busy_timeout),
                .autocheckpoint_frames =
                    plan_config_get(&run->judged->config, PLAN_CONFIG_autocheckpoint),
                .on_commit_point = is_middleware ? NULL : on_commit_point,
                .context = run,
            },
        .readers = number(run, PLAN_CONFIG_readers),
        .writers = is_middleware ? run->plan->pool_size : number(run, PLAN_CONFIG_writers),
        .acquire_timeout_ms = number(run, PLAN_CONFIG_acquire_timeout),
        .statement_cache = number(run, PLAN_CONFIG_statement_cache),
        .mailbox = number(run, PLAN_CONFIG_mailbox),
        .stream_rows = number(run, PLAN_CONFIG_stream_rows),
        .listener = {.on_serve = run_on_serve, .on_served = run_on_served, .context = run},
    };
}

/* --- everything ------------------------------------------------------------------------------ */

static bool plan_loses_power(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].fault == FAULT_power_loss)
            return true;
    return false;
}

static void reset_environment(struct run *run)
{
    if (run->options.environment == NULL)
        return;
    const struct plan_config *config = &run->judged->config;
    struct environment_options options = {
        .page_size = number(run, PLAN_CONFIG_page_size),
        .wal = plan_config_get(config, PLAN_CONFIG_journal_mode) == JOURNAL_WAL,
        .empty = run->plan->kind == PLAN_MIDDLEWARE,
        .loses_power = plan_loses_power(run->plan),
        .powersafe_overwrite = plan_config_get(config, PLAN_CONFIG_powersafe_overwrite) != 0,
        .random_seed = database_random_seed,
    };
    run->options.environment->reset(&options);
}

static void reset_task(struct run_task *task)
{
    task->held = (struct run_lease){0};
    task->interaction = 0;
    task->cancellers = 0;
    task->is_in_checkout = task->is_in_call = task->is_cancelled = false;
}

static void reset_result(struct run_result *result)
{
    result->verdict.kind = VERDICT_OK;
    result->verdict.signature[0] = result->verdict.report[0] = '\0';
    result->statements = 0;
    result->pauses = result->faults = 0;
}

static void make_setting(struct run *run)
{
    run->setting = (struct oracle_setting){
        .arena = &run->arena,
        .plan = run->plan,
        .judged = run->judged,
        .has_model = run_has_model(run),
        .is_pooled = run->is_pooled,
        .calls_time_out = run->ops->abandon != NULL,
        .traits = run->ops->traits,
        .readers = run->stack_options.readers,
        .writers = run->stack_options.writers,
    };
}

void run_prepare(struct run *run, const struct plan *plan)
{
    arena_reset(&run->arena);
    run->ops = stack_of(run, plan);
    run->is_pooled = run->ops != &interplay_stack_direct && run->ops != &interplay_stack_fixed;
    run->plan = run->judged = plan;
    if (run->is_pooled)
        make_effective(run, plan);
    reset_environment(run);
    world_reset(YIELDS_LIMIT);
    posix_reset();
    run->position = 0;
    run->stack_count = run->closed_count = run->releases = 0;
    run->is_closing = run->is_down = run->power_is_lost = run->is_blind = false;
    run->was_interrupted = false;
    run->unclosed = 0;
    run->parked = 0;
    reset_result(&run->result);
    for (uint32_t i = 0; i < PLAN_TASKS_MAX; i++)
        reset_task(&run->tasks[i]);
    make_stack_options(run);
    make_setting(run);
    run_begin_history(run);
}
