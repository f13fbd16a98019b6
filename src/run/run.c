/* SPDX-License-Identifier: Apache-2.0 */
/* Plans from clean state to verdict: what happens in which order. */
#include "run/run.h"

#include "base/assert.h"
#include "base/sanitizer.h"
#include "run/state.h"
#include "sql/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if SANITIZER_ADDRESS
#include <sanitizer/lsan_interface.h>
#endif

/* address space; what a plan touches is far less, and a container may allow little */
static const size_t arena_bytes = (size_t)256 << 20;

/* --- opening --------------------------------------------------------------------------------- */

/* The interaction of who runs, or the one that was started last. */
static size_t interaction_at_work(const struct run *run)
{
    if (world->current != NULL && world->current->acting_for < PLAN_TASKS_MAX)
        return run->tasks[world->current->acting_for].interaction;
    return run->position;
}

/* Before anybody judges what comes of it. */
static void on_limit(void *context, const char *what)
{
    struct run *run = context;
    verdict_limit(run_verdict(run), interaction_at_work(run), what);
}

/* Told at once: what comes of it is due to it. */
static void on_misuse(void *context, const char *what)
{
    struct run *run = context;
    struct event event = run_event_here(run, EVENT_misuse);
    event.interaction = (uint32_t)interaction_at_work(run);
    event.detail = EVENT_MISUSE_OF_HANDLE;
    event.text = what;
    run_emit(run, &event);
}

/* Told when it is heard, which may be before the client hears it, or although it never does. */
static void on_commit(void *context, uint32_t task, bool wrote)
{
    struct run *run = context;
    struct event event = task < PLAN_TASKS_MAX ? run_event(&run->tasks[task], EVENT_server_commit)
                                               : run_event_here(run, EVENT_server_commit);
    event.detail = task >= PLAN_TASKS_MAX ? EVENT_COMMIT_OF_ANYBODY
                   : wrote                ? EVENT_COMMIT_WROTE
                                          : EVENT_COMMIT_EMPTY;
    run_emit(run, &event);
}

static void open_world(struct run *run)
{
    run->world = world_open();
    world_enter(run->world);
    world->on_fault = run_on_fault;
    world->on_fault_context = run;
    run_ask_blockers(run);
    world->on_limit = on_limit;
    world->on_limit_context = run;
    world->on_commit = on_commit;
    world->on_commit_context = run;
    world->on_server_end = run_on_server_end;
    world->on_server_end_context = run;
    world->on_misuse = on_misuse;
    world->on_misuse_context = run;
}

static enum error_code open_subject(struct run *run, struct error *error)
{
    if (run->subject.world == NULL)
        return ERROR_NONE;
    char buffer[PLAN_SETUP_SQL_BYTES];
    struct text setup;
    text_init(&setup, buffer, sizeof buffer);
    plan_setup_sql(run->backend->dialect, &setup);
    return run->subject.world->open(&run->instance, buffer, error);
}

static void close_subject(struct run *run)
{
    if (run->subject.world != NULL)
        run->subject.world->close(run->instance);
}

static void init_tasks(struct run *run)
{
    for (uint32_t i = 0; i < PLAN_TASKS_MAX; i++) {
        struct run_task *task = &run->tasks[i];
        task->run = run;
        task->number = i;
        for (uint32_t tag = 0; tag < 2 * RUN_TAGS; tag++)
            task->tags[tag].task = i;
    }
}

enum error_code run_open(struct run **ret_run, const struct run_options *options,
                         struct error *error)
{
    const struct subject *subject = options->subject;
    if (!sql_has_dialect(subject->backend->dialect))
        return interplay_error(error, ERROR_BACKEND, "%s: nothing writes the SQL of its dialect",
                               subject->name);
    enum error_code wrong = run_check_stack(options, error);
    if (wrong != ERROR_NONE)
        return wrong;
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    run->options = *options;
    run->subject = *subject;
    run->backend = subject->backend;
    open_world(run);
    enum error_code code = open_subject(run, error);
    if (code != ERROR_NONE) {
        world_close(run->world);
        free(run);
        return code;
    }
    (void)snprintf(run->version, sizeof run->version, "%s %s", subject->name,
                   run->backend->version());
    arena_init(&run->arena, arena_bytes);
    for (int action = 0; action < ACTION_COUNT; action++)
        run->can_say[action] = plan_sql_can_say((enum plan_action)action, run->backend->dialect);
    init_tasks(run);
    *ret_run = run;
    return ERROR_NONE;
}

void run_close(struct run *run)
{
    if (run == NULL)
        return;
    world_enter(run->world);
    close_subject(run);
    requests_free(&run->requests);
    world_close(run->world);
    arena_clean_up(&run->arena);
    free(run);
}

enum error_code run_renew(struct run **run, struct error *error)
{
    const struct run_options options = (*run)->options;
    run_close(*run);
    *run = NULL;
    return run_open(run, &options, error);
}

const char *run_backend_version(const struct run *run)
{
    return run->version;
}

const struct subject *run_subject(const struct run *run)
{
    return &run->subject;
}

/* --- one plan -------------------------------------------------------------------------------- */

/* As after a restart of all processes. */
static void recover(struct run *run)
{
    run_recover(run);
    if (!run_has_verdict(run) && !run->is_stuck)
        run_open_stack(run);
}

/* The task cannot: somebody outside is in its way who has no work now. */
static void tell_blocked(struct run *run, uint32_t task)
{
    struct event event = run_event_here(run, EVENT_skip);
    event.task = (uint8_t)task;
    run_emit(run, &event);
}

/* The run goes on as if nothing had been said of it. */
static void pass_over_deserved(struct run *run)
{
    const char *const *left = run->options.deserved;
    struct verdict *verdict = run_verdict(run);
    if (left == NULL || verdict->kind != VERDICT_VIOLATION)
        return;
    while (*left != NULL && strncmp(verdict->signature, *left, strlen(*left)) != 0)
        left++;
    if (*left == NULL)
        return;
    verdict->kind = VERDICT_OK;
    verdict->signature[0] = verdict->report[0] = '\0';
}

/* Starts one interaction, whatever its task was held back in being finished first. */
static void step(struct run *run, const struct interaction *interaction)
{
    uint32_t task = interaction->task;
    run->begun_at = world->yields;
    if (interaction->action == ACTION_resume) {
        run_resume(run, task, interaction);
        return;
    }
    run_finish(run, task);
    if (run->is_down)
        recover(run);
    if (run_has_verdict(run) || run->is_stuck)
        return;
    if (world->tasks[task].state != TASK_IDLE) {
        tell_blocked(run, task);
        return;
    }
    run_start(run, task, interaction);
    if (plan_kind(run->plan)->is_strict)
        run_finish(run, task);
}

#if SANITIZER_ADDRESS
static bool has_abandoned; /* process-wide, as leak detection is */

/*
 * What abandoned coroutines had allocated is nobody's any more, and would be called a leak of
 * whatever runs later, or of a run that only met a limit. The resources oracle goes on counting.
 */
int __lsan_is_turned_off(void)
{
    return has_abandoned;
}
#endif

/* Abandoned coroutines cannot be unwound: new ones take their place. */
static void leave_stuck_tasks(struct run *run)
{
#if SANITIZER_ADDRESS
    has_abandoned = true;
#endif
    run->is_stuck = false;
    close_subject(run);
    world_close(run->world);
    open_world(run);
    struct error error;
    ASSERT(open_subject(run, &error) == ERROR_NONE);
}

/* Nothing of the plan is in the way of who looks, nor of other plans. */
static void end_prepared(const struct run *run)
{
    if (run->subject.world != NULL && run->subject.world->end_prepared != NULL)
        (void)run->subject.world->end_prepared(run->instance, true);
}

static void end(struct run *run)
{
    run_finish_all(run);
    if (run->is_down)
        run_recover(run);
    if (!run->is_stuck) {
        run_close_stacks(run);
        end_prepared(run);
    }
    if (!run->is_stuck && !run_has_verdict(run))
        run_check_end(run);
    struct event event = run_event_here(run, EVENT_end);
    event.detail = (uint16_t)run->result.verdict.kind;
    event.value = (int64_t)world->yields;
    run_emit(run, &event);
    feedback_end(&run->oracles);
    oracles_find_ends(&run->oracles, &run->result.ends);
    run->result.yields = world->yields;
    if (run->is_stuck)
        leave_stuck_tasks(run);
}

void run_record(struct run *run, struct recording *recording)
{
    run->recording = recording;
}

/* Process-wide, for run_is_at_work. */
static const struct run *volatile at_work;
static volatile uint64_t plans_begun;

/* What a mode makes of it. */
static const struct plan *adapt(const struct run *run, const struct plan *plan)
{
    const struct run_mode *mode = run->options.mode;
    return mode == NULL || mode->begin == NULL ? plan : mode->begin(mode->context, plan);
}

static void review(struct run *run)
{
    const struct run_mode *mode = run->options.mode;
    if (mode == NULL || mode->review == NULL || run_has_verdict(run) || !run->begins_clean)
        return;
    mode->review(mode->context, run->plan, &run->trace, run_verdict(run));
    world_enter(run->world);
    pass_over_deserved(run);
}

const struct run_result *run_plan(struct run *run, const struct plan *given)
{
    const struct plan *plan = adapt(run, given);
    world_enter(run->world);
    if (run->options.before_plan != NULL)
        run->options.before_plan();
    run_prepare(run, plan);
    plans_begun++;
    at_work = run;
    run_open_stack(run);
    for (size_t i = 0; i < plan->interaction_count && !run_has_verdict(run); i++) {
        run->position = i;
        step(run, &run->plan->interactions[i]);
        if (run->is_down)
            recover(run);
        if (run_is_pooled(run) && !run_has_verdict(run))
            run_check_pool(run);
        pass_over_deserved(run);
    }
    end(run);
    pass_over_deserved(run);
    at_work = NULL;
    run->result.trace_hash = run->trace.hash;
    run->result.trace = &run->trace;
    review(run);
    return &run->result;
}

uint64_t run_next_number(void)
{
    return plans_begun + 1;
}

bool run_is_at_work(struct run_at_work *ret_at_work)
{
    const struct run *run = at_work;
    if (run == NULL)
        return false;
    size_t interaction = interaction_at_work(run);
    *ret_at_work = (struct run_at_work){
        .number = plans_begun,
        .plan = run->plan,
        .interaction = interaction,
        .task = interaction < run->plan->interaction_count
                    ? run->plan->interactions[interaction].task
                    : 0,
    };
    return true;
}
