/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL of the plan's own: nobody knows what it does but the connection that it ran on, which tells
 * when the statement is over, whoever holds that connection. Modes that a pool of one's own sets
 * are learnt in the same way.
 */
#include "run/state.h"

#include <string.h>

bool run_finds_raw_sql(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].sql != NULL)
            return true;
    return false;
}

static bool is_own_stack(const struct stack_ops *ops)
{
    return ops == &interplay_stack_direct || ops == &interplay_stack_fixed ||
           ops == &interplay_stack_pool || ops == &interplay_stack_actors;
}

bool run_listens(const struct run *run)
{
    return run_has_model(run) && plan_kind(run->plan)->is_prepared &&
           (run->has_raw_sql || !is_own_stack(run->ops));
}

/* Who asked for it: a statement is told with its own text, which the plan may have among others. */
static struct run_task *asker_of(struct run *run, const char *sql)
{
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++) {
        struct run_task *task = &run->tasks[i];
        if (task->is_in_call && run_is_raw(task) && strstr(run_interaction(task)->sql, sql) != NULL)
            return task;
    }
    return NULL;
}

void run_on_statement(void *context, const struct backend_told *told)
{
    struct run *run = context;
    if (told->modes != NULL)
        run_claim_modes(run, told->modes);
    if (!run->has_raw_sql || told->sql == NULL)
        return;
    struct run_task *task = asker_of(run, told->sql);
    if (task == NULL)
        return;
    task->is_told = true;
    run_claim_effects(task, told->effects);
}

/* --- around a call ---------------------------------------------------------------------------- */

void run_begin_raw(struct run_task *task)
{
    task->is_told = task->has_committed = false;
    task->began_in_transaction = task->run->ops->in_transaction(task->held.lease);
}

/* What follows is seen by others before the statement is over. */
void run_commit_raw(struct run_task *task)
{
    task->has_committed = true;
    if (task->began_in_transaction)
        run_claim_effects(task, BACKEND_MOVED_TRANSACTION);
}

void run_end_raw(struct run_task *task, enum outcome outcome)
{
    if (outcome == OUTCOME_OK && !task->is_told)
        run_claim_untold(task);
    if (outcome != OUTCOME_OK && task->has_committed) /* in doubt */
        run_claim_effects(task, BACKEND_WROTE);
    task->has_committed = false;
}

void run_doubt_raw(struct run *run, const struct run_task *judged)
{
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++)
        if (&run->tasks[i] != judged && run->tasks[i].has_committed)
            run_claim_effects(&run->tasks[i], BACKEND_WROTE);
}
