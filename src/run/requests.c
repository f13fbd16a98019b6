/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between a pool and the database: where requests get lost, late or half done, and what
 * that means to the run; in front of a pool of one's own always, which may use what it has closed.
 */
#include "run/state.h"

#include <string.h>

static bool loses_requests(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (fault_is_of_request((enum fault_kind)plan->interactions[i].fault))
            return true;
    return false;
}

static uint32_t lease_number(void *context, uint32_t task)
{
    const struct run *run = context;
    return run->tasks[task].lease_count;
}

/*
 * It arrives with what the task itself has asked for. What a pool does for itself before that (to
 * see whether the connection is well, say) may well be there to let such requests arrive.
 */
static bool is_own_text(const struct run_task *task, const char *sql)
{
    return task->is_in_call && task->call_sql != NULL && strcmp(task->call_sql, sql) == 0;
}

static void on_late(void *context, const struct late_request *late)
{
    struct run *run = context;
    uint32_t now = world->current->acting_for;
    if (now < PLAN_TASKS_MAX) {
        struct run_task *task = &run->tasks[now];
        bool is_the_same = now == late->task && task->lease_count == late->number;
        if (!is_the_same && is_own_text(task, late->sql)) {
            struct event event = run_event(task, EVENT_late_request);
            event.value = late->task;
            run_emit(run, &event);
        }
    }
    run_claim_late_request(run);
}

const struct backend_ops *run_backend_of_stack(struct run *run)
{
    requests_close(&run->requests);
    bool loses = loses_requests(run->plan);
    bool is_seen = run->options.stack == NULL || /* ours uses nothing that it has closed */
                   (run->backend->capabilities & BACKEND_NOTICES_MISUSE) != 0;
    if (!run_is_pooled(run) || (!loses && is_seen))
        return run->backend;
    run->requests.number_of = lease_number;
    run->requests.on_late = on_late;
    run->requests.context = run;
    run->requests.loses = loses;
    return requests_open(&run->requests, run->backend);
}
