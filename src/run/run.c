/* SPDX-License-Identifier: Apache-2.0 */
/* Plans from clean state to verdict: what happens in which order. */
#include "run/run.h"

#include "base/assert.h"
#include "base/hash.h"
#include "run/feedback.h"
#include "run/state.h"
#include "sim/world.h"
#include "sqlite/sqlite_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { YIELDS_LIMIT = 5000000 };
/* address space; what a plan touches is far less */
static const size_t arena_bytes = (size_t)1 << 30;
static const uint64_t sqlite_random_seed = 0x696e746572706c61u;

static struct run *the_run;

/*
 * --- faults that are more than a failed call
 * -------------------------------------------------------
 */

void run_give_up(struct run *run)
{
    run->is_blind = true;
    snapshot_give_up(&run->snapshot);
    error_class_give_up(&run->error_class);
}

static void lose_power(struct run *run)
{
    const struct plan_config *config = &run->plan->config;
    int32_t journal = plan_config_get(config, PLAN_CONFIG_journal_mode);
    int32_t synchronous = plan_config_get(config, PLAN_CONFIG_synchronous);
    bool beside_survives = plan_config_get(config, PLAN_CONFIG_powersafe_overwrite) != 0;
    /*
     * WAL pads to the sector's end only where it syncs each commit; without that, NORMAL needs
     * powersafe overwrite.
     */
    bool promises_something = journal == JOURNAL_WAL
                                  ? synchronous >= SYNCHRONOUS_FULL ||
                                        (synchronous == SYNCHRONOUS_NORMAL && beside_survives)
                                  : journal < JOURNAL_MEMORY && synchronous >= SYNCHRONOUS_FULL;
    snapshot_power_loss(&run->snapshot);
    if (!promises_something)
        run_give_up(run);
    uint64_t seed =
        hash_word((uint64_t)plan_config_get(config, PLAN_CONFIG_loss_seed), run->position);
    sqlite_sim_power_loss(seed);
    run->power_is_lost = true;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        world.tasks[task].dead = true;
    trace_add(&run->trace, TRACE_POWER_LOSS, 0, 0, run->position, 0);
}

static void kill_process(struct run *run, uint32_t task)
{
    int32_t journal = plan_config_get(&run->plan->config, PLAN_CONFIG_journal_mode);
    if (journal == JOURNAL_OFF || journal == JOURNAL_MEMORY)
        run_give_up(run);
    sqlite_sim_process_died(task);
    world.tasks[task].dead = true;
}

static void on_fault(void *context, uint32_t task, enum fault_kind kind)
{
    struct run *run = context;
    run->result.faults++;
    trace_add(&run->trace, TRACE_FAULT, task, kind, run->tasks[task].interaction, 0);
    snapshot_fault(&run->snapshot, task);
    error_class_fault(&run->error_class, task, kind);
    if (kind == FAULT_power_loss)
        lose_power(run);
    else if (kind == FAULT_process_death)
        kill_process(run, task);
    else if (kind == FAULT_interrupt && run->tasks[task].connection != NULL)
        run->backend->cancel(run->tasks[task].connection);
    else if (kind == FAULT_short_read)
        run_give_up(run);
}

static void on_commit_point(void *context)
{
    struct run_task *task = context;
    struct run *run = task->run;
    trace_add(&run->trace, TRACE_COMMIT_POINT, task->number, 0, task->interaction, 0);
    snapshot_commit_point(&run->snapshot, task->number, run_verdict(run));
}

/*
 * --- opening
 * ---------------------------------------------------------------------------------------
 */

static void open_world(struct run *run)
{
    world_open();
    world.on_fault = on_fault;
    world.on_fault_context = run;
}

enum error_code run_open(struct run **ret_run, const struct run_options *options,
                         struct error *error)
{
    if (the_run != NULL)
        return interplay_error(error, ERROR_USAGE, "only one run can be open in a process");
    enum error_code code = sqlite_sim_open(plan_setup_sql, error);
    if (code != ERROR_NONE)
        return code;
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        sqlite_sim_close();
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    }
    run->options = *options;
    run->backend = options->backend != NULL ? options->backend : &interplay_backend_sqlite;
    (void)snprintf(run->version, sizeof run->version, "%s %s", run->backend->name,
                   run->backend->version());
    arena_init(&run->arena, arena_bytes);
    open_world(run);
    for (uint32_t i = 0; i < PLAN_TASKS_MAX; i++) {
        run->tasks[i].run = run;
        run->tasks[i].number = i;
    }
    the_run = run;
    *ret_run = run;
    return ERROR_NONE;
}

void run_close(struct run *run)
{
    if (run == NULL)
        return;
    world_close();
    sqlite_sim_close();
    arena_clean_up(&run->arena);
    free(run);
    the_run = NULL;
}

const char *run_backend_version(const struct run *run)
{
    return run->version;
}

/*
 * --- clean state
 * -----------------------------------------------------------------------------------
 */

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
static void make_setup(struct run *run, const struct plan_config *config)
{
    struct text text;
    text_init(&text, run->setup, sizeof run->setup);
    append_pragma(&text, "locking_mode", config, PLAN_CONFIG_locking_mode);
    if (plan_config_get(config, PLAN_CONFIG_journal_mode) > JOURNAL_DELETE)
        append_pragma(&text, "journal_mode", config, PLAN_CONFIG_journal_mode);
    append_pragma(&text, "synchronous", config, PLAN_CONFIG_synchronous);
    append_pragma(&text, "cache_size", config, PLAN_CONFIG_cache_size);
    append_pragma(&text, "mmap_size", config, PLAN_CONFIG_mmap_size);
    append_pragma(&text, "journal_size_limit", config, PLAN_CONFIG_journal_size_limit);
    ASSERT(!text.truncated);
}

static void prepare_connections(struct run *run, const struct plan *plan)
{
    make_setup(run, &plan->config);
    if (plan->kind == PLAN_MIDDLEWARE)
        (void)snprintf(run->setup, sizeof run->setup, "PRAGMA journal_mode=wal");
    for (uint32_t i = 0; i < PLAN_TASKS_MAX; i++) {
        struct run_task *task = &run->tasks[i];
        task->interaction = 0;
        task->is_parked = false;
        run->connect_options[i] = (struct backend_options){
            .target = SQLITE_SIM_DATABASE,
            .driver = run->options.driver != NULL ? run->options.driver : SQLITE_SIM_VFS,
            .setup = run->setup[0] != '\0' ? run->setup : NULL,
            .busy_timeout_ms = (uint32_t)plan_config_get(&plan->config, PLAN_CONFIG_busy_timeout),
            .autocheckpoint_frames = plan_config_get(&plan->config, PLAN_CONFIG_autocheckpoint),
            .on_commit_point = plan->kind == PLAN_NATIVE ? on_commit_point : NULL,
            .context = task,
        };
    }
    if (plan->kind == PLAN_MIDDLEWARE)
        fixed_pool_init(&run->pool, run->backend, &run->connect_options[0], plan->pool_size);
}

static bool plan_loses_power(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].fault == FAULT_power_loss)
            return true;
    return false;
}

static void begin(struct run *run, const struct plan *plan)
{
    const struct plan_config *config = &plan->config;
    arena_reset(&run->arena);
    struct sqlite_sim_options options = {
        .page_size = (uint32_t)plan_config_get(config, PLAN_CONFIG_page_size),
        .wal = plan_config_get(config, PLAN_CONFIG_journal_mode) == JOURNAL_WAL,
        .empty = plan->kind == PLAN_MIDDLEWARE,
        .track_unsynced = plan_loses_power(plan),
        .powersafe_overwrite = plan_config_get(config, PLAN_CONFIG_powersafe_overwrite) != 0,
        .random_seed = sqlite_random_seed,
    };
    sqlite_sim_reset(&options);
    world_reset(YIELDS_LIMIT);
    run->plan = plan;
    run->position = 0;
    run->power_is_lost = run->is_blind = false;
    run->unclosed = 0;
    run->result.verdict.kind = VERDICT_OK;
    run->result.verdict.signature[0] = run->result.verdict.report[0] = '\0';
    run->result.statements = 0;
    run->result.pauses = run->result.faults = 0;
    prepare_connections(run, plan);
    trace_begin(&run->trace, plan);
    snapshot_begin(&run->snapshot, &run->arena, plan);
    error_class_begin(&run->error_class, plan);
}

/*
 * --- driving
 * ---------------------------------------------------------------------------------------
 */

static bool has_verdict(const struct run *run)
{
    return run->result.verdict.kind != VERDICT_OK;
}

/* Tells the trace who was stopped, and why, since the last look. */
static void trace_stops(struct run *run)
{
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++) {
        struct run_task *task = &run->tasks[i];
        const struct world_task *there = &world.tasks[i];
        bool is_parked = there->state == TASK_PARKED;
        if (is_parked == task->is_parked)
            continue;
        task->is_parked = is_parked;
        run->result.pauses += is_parked;
        trace_add(&run->trace, is_parked ? TRACE_PARK : TRACE_CONTINUE, i,
                  is_parked ? there->stopped_at : 0, task->interaction,
                  is_parked ? (int64_t)world.yields : 0);
    }
}

static void trace_wait(struct run *run, uint32_t task)
{
    const struct world_task *there = &world.tasks[task];
    if (there->state == TASK_BLOCKED)
        trace_add(&run->trace, TRACE_WAIT, task, 0, run->tasks[task].interaction,
                  there->blocked_by);
    else if (there->state == TASK_SLEEPING)
        trace_add(&run->trace, TRACE_SLEEP, task, 0, run->tasks[task].interaction,
                  (int64_t)there->wake_ns);
}

static void report_deadlock(struct run *run)
{
    char who[512];
    struct text text;
    text_init(&text, who, sizeof who);
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++)
        if (world.tasks[i].state == TASK_BLOCKED)
            text_append_format(
                &text, "%stask %u (%s) waits for task %u", text.length ? ", " : "", i,
                plan_action_infos[run->plan->interactions[run->tasks[i].interaction].action].name,
                world.tasks[i].blocked_by);
    progress_deadlock(who, run->position, run_verdict(run));
}

static void report_exhausted(struct run *run)
{
    const struct run_task *task = &run->tasks[world.exhausted_task];
    progress_exhausted(plan_action_infos[run->plan->interactions[task->interaction].action].name,
                       yield_point_names[world.tasks[task->number].stopped_at], world.yields,
                       task->interaction, run_verdict(run));
}

static void handle_progress(struct run *run, enum world_progress progress)
{
    trace_stops(run);
    switch (progress) {
    case WORLD_IDLE:
    case WORLD_STOPPED:
        return;
    case WORLD_DEADLOCK:
        run->is_stuck = true;
        report_deadlock(run);
        return;
    case WORLD_EXHAUSTED:
        run->is_stuck = true;
        report_exhausted(run);
        return;
    }
}

static void finish_task(struct run *run, uint32_t task)
{
    if (world.tasks[task].state == TASK_IDLE || run->is_stuck)
        return;
    world_arm_pause(0, 0);
    handle_progress(run, world_finish(task));
}

static void finish_all(struct run *run)
{
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++)
        finish_task(run, i);
}

static void disconnect_all(struct run *run)
{
    if (run->plan->kind == PLAN_MIDDLEWARE) {
        run->unclosed += fixed_pool_clean_up(&run->pool);
        for (uint32_t i = 0; i < PLAN_TASKS_MAX; i++)
            run->tasks[i].connection = NULL;
    }
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++)
        run_disconnect(&run->tasks[i]);
}

/* Everybody is gone; what the storage kept is judged, and the tasks may connect anew. */
static void recover_power(struct run *run)
{
    finish_all(run);
    if (run->is_stuck)
        return;
    disconnect_all(run);
    run->power_is_lost = false;
    for (uint32_t i = 0; i < PLAN_TASKS_MAX; i++)
        world.tasks[i].dead = false;
    if (!run->is_blind && !has_verdict(run))
        run_check_survivors(run);
}

static void arm_pause(const struct interaction *interaction)
{
    const uint32_t points[PAUSE_CLASS_COUNT] = {
        [PAUSE_STORAGE] = yield_points_storage,
        [PAUSE_LOCK] = yield_points_lock,
        [PAUSE_WRITE] = yield_points_write,
        [PAUSE_ANY] = UINT32_MAX,
    };
    if (interaction->pause_after == 0)
        world_arm_pause(0, 0);
    else
        world_arm_pause(points[interaction->pause_class], interaction->pause_after);
}

static void start_task(struct run *run, uint32_t task, const struct interaction *interaction)
{
    run->tasks[task].interaction = run->position;
    arm_pause(interaction);
    world_start(task, run_call, &run->tasks[task], (enum fault_kind)interaction->fault,
                interaction->fault_at);
    world_run(task);
    if (world.exhausted)
        handle_progress(run, WORLD_EXHAUSTED);
    else
        trace_stops(run);
    trace_wait(run, task);
}

/* Starts one interaction, whatever its task was held back in being finished first. */
static void step(struct run *run, const struct interaction *interaction)
{
    uint32_t task = interaction->task;
    if (interaction->action == ACTION_resume) {
        if (world.tasks[task].state == TASK_IDLE)
            return;
        arm_pause(interaction);
        handle_progress(run, world_finish(task));
        return;
    }
    finish_task(run, task);
    if (run->power_is_lost)
        recover_power(run);
    if (has_verdict(run) || run->is_stuck)
        return;
    start_task(run, task, interaction);
    if (run->plan->kind == PLAN_MIDDLEWARE)
        finish_task(run, task); /* strict order */
}

/* Abandoned coroutines cannot be unwound: new ones take their place. */
static void leave_stuck_tasks(struct run *run)
{
    run->is_stuck = false;
    world_close();
    open_world(run);
    sqlite_sim_close();
    struct error error;
    ASSERT(sqlite_sim_open(plan_setup_sql, &error) == ERROR_NONE);
    for (uint32_t i = 0; i < PLAN_TASKS_MAX; i++)
        run->tasks[i].connection = NULL;
}

/* What one cause leads to, up to a corrupt database, is one finding, whichever result shows it. */
static void name_common_cause(struct run *run)
{
    struct verdict *verdict = run_verdict(run);
    if (verdict->kind == VERDICT_VIOLATION && run->snapshot.common_cause != NULL)
        (void)snprintf(verdict->signature, sizeof verdict->signature, "snapshot/%s",
                       run->snapshot.common_cause);
}

static void end(struct run *run)
{
    finish_all(run);
    if (run->power_is_lost)
        recover_power(run);
    if (!run->is_stuck) {
        disconnect_all(run);
        if (!has_verdict(run))
            run_check_end(run);
    }
    trace_add(&run->trace, TRACE_END, 0, run->result.verdict.kind, run->position,
              (int64_t)world.yields);
    if (run->is_stuck)
        leave_stuck_tasks(run);
}

const struct run_result *run_plan(struct run *run, const struct plan *plan)
{
    begin(run, plan);
    for (size_t i = 0; i < plan->interaction_count && !has_verdict(run); i++) {
        run->position = i;
        step(run, &plan->interactions[i]);
        if (run->power_is_lost)
            recover_power(run);
    }
    end(run);
    name_common_cause(run);
    run->result.trace_hash = run->trace.hash;
    run->result.yields = world.yields;
    run->result.trace = &run->trace;
    return &run->result;
}
