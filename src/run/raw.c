/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL of the plan's own: nobody knows what it does but the connection that it ran on, which tells
 * when the statement is over, whoever holds that connection. Modes that a pool of one's own sets
 * are learnt in the same way. But a text that opens or ends a transaction, and surely nothing else,
 * is judged as the action is that says the same.
 */
#include "plan/statement_tree.h"
#include "run/state.h"

#include <stdio.h>
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

/* --- transactions ----------------------------------------------------------------------------- */

/* Savepoints of a plan's actions are the first ones; those of its own texts follow. */
struct savepoint_names {
    uint32_t count;
    char names[PLAN_SAVEPOINTS + 32][SUBJECT_WORDS_BYTES];
};

/* Its number; false where there are too many. */
static bool find_savepoint(struct savepoint_names *names, const char *name, uint8_t *ret_number)
{
    uint32_t number = 0;
    while (number < names->count && strcmp(names->names[number], name) != 0)
        number++;
    if (number == sizeof names->names / sizeof names->names[0])
        return false;
    if (number == names->count)
        (void)snprintf(names->names[names->count++], SUBJECT_WORDS_BYTES, "%s", name);
    *ret_number = (uint8_t)number;
    return true;
}

static void begin_names(struct savepoint_names *ret_names)
{
    ret_names->count = PLAN_SAVEPOINTS;
    for (uint32_t i = 0; i < PLAN_SAVEPOINTS; i++)
        (void)snprintf(ret_names->names[i], SUBJECT_WORDS_BYTES, "%s", plan_savepoint_names[i]);
}

static const struct {
    enum plan_action action;
    enum plan_begin_mode mode;
    bool has_name;
} said_by[SUBJECT_TRANSACTION_COUNT] = {
    [SUBJECT_BEGIN_DEFERRED] = {.action = ACTION_begin, .mode = BEGIN_DEFERRED},
    [SUBJECT_BEGIN_IMMEDIATE] = {.action = ACTION_begin, .mode = BEGIN_IMMEDIATE},
    [SUBJECT_BEGIN_EXCLUSIVE] = {.action = ACTION_begin, .mode = BEGIN_EXCLUSIVE},
    [SUBJECT_COMMIT] = {.action = ACTION_commit},
    [SUBJECT_ROLLBACK] = {.action = ACTION_rollback},
    [SUBJECT_SAVEPOINT] = {.action = ACTION_savepoint, .has_name = true},
    [SUBJECT_RELEASE] = {.action = ACTION_release, .has_name = true},
    [SUBJECT_ROLLBACK_TO] = {.action = ACTION_rollback_to, .has_name = true},
};

static void take_transaction(const struct subject *subject, struct savepoint_names *names,
                             struct interaction *interaction)
{
    char name[SUBJECT_WORDS_BYTES];
    uint8_t number = 0;
    enum subject_transaction kind = subject->transaction_of(interaction->sql, name);
    if (kind == SUBJECT_NO_TRANSACTION ||
        (said_by[kind].has_name && !find_savepoint(names, name, &number)))
        return;
    interaction->action = (uint8_t)said_by[kind].action;
    interaction->arguments[FIELD_begin_mode] = (uint8_t)said_by[kind].mode;
    interaction->arguments[FIELD_savepoint] = number;
    interaction->sql = NULL;
}

/*
 * A pool that keeps account of transactions by its own calls, and not by what runs on a connection,
 * may do anything about one that it does not know.
 */
bool run_follows_raw_transactions(const struct run *run)
{
    bool is_told = !run_is_pooled(run) || (run->ops->traits & STACK_SQL_BEGINS) != 0;
    return is_told && run->has_raw_sql && run_has_model(run) && plan_kind(run->plan)->is_prepared &&
           run->subject.transaction_of != NULL;
}

void run_take_raw_transactions(struct run *run)
{
    struct savepoint_names names;
    begin_names(&names);
    for (size_t i = 0; i < run->effective.interaction_count; i++)
        if (run->effective.interactions[i].sql != NULL)
            take_transaction(&run->subject, &names, &run->effective.interactions[i]);
}

void run_forget_raw_transaction(struct run_task *task)
{
    const struct interaction *interaction = run_interaction(task);
    if (interaction->sql != NULL && task->run->judged == &task->run->effective)
        task->run->effective.interactions[task->interaction] = *interaction;
}

/* The model knows what the task's statement is there for. */
static bool is_followed(const struct run_task *task)
{
    return task->run->judged->interactions[task->interaction].sql == NULL;
}

/* --- what is told ----------------------------------------------------------------------------- */

/* Whose work is done; PLAN_TASKS_MAX or more: nobody's. */
static uint32_t whose_work(void)
{
    return world->current == NULL ? PLAN_TASKS_MAX : world->current->acting_for;
}

static bool has_asked(const struct run_task *task, const char *sql)
{
    return task->is_in_call && run_is_raw(task) && strstr(run_interaction(task)->sql, sql) != NULL;
}

/*
 * A statement is told with its own text, which the plan may have among others: whose work is done
 * has asked for it, or somebody who waits for work that nobody's name is on.
 */
static struct run_task *asker_of(struct run *run, const char *sql)
{
    uint32_t now = whose_work();
    if (now < plan_tasks(run->plan) && has_asked(&run->tasks[now], sql))
        return &run->tasks[now];
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++)
        if (has_asked(&run->tasks[i], sql))
            return &run->tasks[i];
    return NULL;
}

void run_on_statement(void *context, const struct backend_told *told)
{
    struct run *run = context;
    if (told->modes != NULL)
        run_claim_modes(run, told->sql == NULL ? PLAN_TASKS_MAX : whose_work(), told->modes);
    if (!run->has_raw_sql || told->sql == NULL)
        return;
    struct run_task *task = asker_of(run, told->sql);
    if (task == NULL)
        return;
    task->is_told = true;
    uint32_t known = is_followed(task) ? (uint32_t)BACKEND_MOVED_TRANSACTION : 0;
    run_claim_effects(task, told->effects & ~known);
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
    if (is_followed(task))
        return;
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
