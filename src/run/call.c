/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One interaction of a task, from the first byte sent to the oracles' judgement; runs on the task's
 * coroutine.
 */
#include "base/assert.h"
#include "oracle/expectation.h"
#include "run/feedback.h"
#include "run/state.h"
#include "sim/world.h"

#include <stdio.h>
#include <string.h>

/*
 * --- reading results
 * -------------------------------------------------------------------------------
 */

static void remember_failure(struct run_task *task, enum outcome outcome)
{
    const struct backend_ops *backend = task->run->backend;
    struct observation *seen = &task->seen;
    seen->outcome = outcome;
    if (task->connection == NULL)
        return;
    seen->error_code = backend->error_code(task->connection);
    (void)snprintf(seen->error_message, sizeof seen->error_message, "%s",
                   backend->error_message(task->connection));
}

void run_read_text(const char *text, size_t length, struct observed_row *row)
{
    const size_t unit = PLAN_PAYLOAD_UNIT_BYTES;
    row->text_units = (int64_t)(length / unit);
    row->intact = length % unit == 0 && length > 0 && memcmp(text, text + unit, length - unit) == 0;
    row->text_value = 0;
    for (size_t i = 0; row->intact && i < unit; i++) {
        if (text[i] < '0' || text[i] > '9')
            row->intact = false;
        else
            row->text_value = row->text_value * 10 + (text[i] - '0');
    }
}

static void read_row(const struct backend_ops *backend, struct backend_statement *statement,
                     struct observation *seen)
{
    if (seen->rows_kept == OBSERVED_ROWS_MAX)
        return;
    struct observed_row *row = &seen->rows[seen->rows_kept++];
    row->key = backend->column_int64(statement, 0);
    row->value = backend->column_int64(statement, 1);
    if (backend->column_is_null(statement, 2)) {
        row->text_value = -1;
        row->text_units = 0;
        row->intact = true;
        return;
    }
    size_t length;
    const char *text = backend->column_text(statement, 2, &length);
    row->intact = false;
    if (text != NULL)
        run_read_text(text, length, row);
}

static void read_result(const struct backend_ops *backend, struct backend_statement *statement,
                        const struct interaction *interaction, struct observation *seen)
{
    if (interaction->action == ACTION_select &&
        interaction->arguments[FIELD_aggregate] == AGGREGATE_ROWS) {
        read_row(backend, statement, seen);
    } else if (interaction->action == ACTION_select) {
        seen->number_is_null = backend->column_is_null(statement, 0);
        seen->number = backend->column_int64(statement, 0);
    } else if (interaction->action == ACTION_checkpoint) {
        for (int i = 0; i < 3; i++)
            seen->checkpoint[i] = backend->column_int64(statement, i);
    }
    seen->row_count++;
}

/*
 * --- running a statement
 * ---------------------------------------------------------------------------
 */

static enum outcome bind_payload(struct run_task *task, struct backend_statement *statement,
                                 const struct interaction *interaction, uint32_t units)
{
    int64_t rest = plan_value((int64_t)task->interaction, interaction->arguments[FIELD_key]);
    char digits[PLAN_PAYLOAD_UNIT_BYTES];
    for (int i = PLAN_PAYLOAD_UNIT_BYTES - 1; i >= 0; i--, rest /= 10)
        digits[i] = (char)('0' + rest % 10);
    for (uint32_t i = 0; i < units; i++)
        memcpy(task->payload + i * PLAN_PAYLOAD_UNIT_BYTES, digits, PLAN_PAYLOAD_UNIT_BYTES);
    return task->run->backend->bind_text(statement, 1, task->payload,
                                         units * PLAN_PAYLOAD_UNIT_BYTES);
}

static void run_statement(struct run_task *task, const struct interaction *interaction)
{
    const struct backend_ops *backend = task->run->backend;
    struct observation *seen = &task->seen;
    struct text text;
    text_init(&text, task->sql, sizeof task->sql);
    uint32_t units = 0;
    if (interaction->sql == NULL)
        units = plan_sql(interaction, (int64_t)task->interaction, &text);
    const char *sql = interaction->sql != NULL ? interaction->sql : task->sql;
    size_t length = interaction->sql != NULL ? strlen(interaction->sql) : text.length;

    task->run->result.statements++;
    struct backend_statement *statement = NULL;
    enum outcome outcome = backend->prepare(task->connection, sql, length, &statement);
    if (outcome == OUTCOME_OK && units > 0)
        outcome = bind_payload(task, statement, interaction, units);
    if (outcome == OUTCOME_OK) {
        seen->column_count = backend->column_count(statement);
        while ((outcome = backend->step(statement)) == OUTCOME_ROW)
            read_result(backend, statement, interaction, seen);
    }
    if (outcome != OUTCOME_OK)
        remember_failure(task, outcome);
    if (statement != NULL)
        backend->finalize(statement);
    if (outcome == OUTCOME_OK && model_is_write((enum plan_action)interaction->action))
        seen->changes = backend->changes(task->connection);
}

/*
 * --- connections
 * -----------------------------------------------------------------------------------
 */

static bool connect_task(struct run_task *task)
{
    struct run *run = task->run;
    enum outcome outcome =
        run->backend->connect(&task->connection, &run->connect_options[task->number]);
    if (outcome != OUTCOME_OK)
        task->seen.outcome = outcome;
    return outcome == OUTCOME_OK;
}

void run_disconnect(struct run_task *task)
{
    struct run *run = task->run;
    if (task->connection == NULL)
        return;
    bool was_in_transaction = run->backend->in_transaction(task->connection);
    if (was_in_transaction &&
        plan_config_get(&run->plan->config, PLAN_CONFIG_journal_mode) == JOURNAL_OFF)
        run_give_up(run); /* rolls back without a journal */
    enum outcome outcome = run->backend->disconnect(task->connection);
    run->unclosed += outcome != OUTCOME_OK;
    task->connection = NULL;
    trace_add(&run->trace, TRACE_DISCONNECT, task->number, outcome, task->interaction, 0);
    snapshot_disconnect(&run->snapshot, task->number);
    error_class_disconnect(&run->error_class, task->number);
}

/*
 * --- actions that are not statements
 * ---------------------------------------------------------------
 */

static void plan_error(struct run_task *task, const char *what)
{
    verdict_plan_error(run_verdict(task->run), task->interaction, "interactions[%zu]: task %u %s",
                       task->interaction, task->number, what);
}

/* The rules of sql-middleware's simulator; false after a plan error. */
static bool check_middleware_rules(struct run_task *task, const struct interaction *interaction)
{
    bool has_connection = task->connection != NULL;
    bool in_transaction = has_connection && task->run->backend->in_transaction(task->connection);
    const char *error = NULL;
    if (interaction->action == ACTION_checkout && has_connection)
        error = "has a connection already";
    else if (interaction->action == ACTION_return && in_transaction)
        error = "returns its connection inside a transaction";
    else if (interaction->action == ACTION_begin && in_transaction)
        error = "begins a transaction inside another one";
    else if ((interaction->action == ACTION_commit || interaction->action == ACTION_rollback) &&
             !in_transaction)
        error = "ends a transaction, but none is open";
    else if (interaction->action != ACTION_checkout && interaction->action != ACTION_sleep &&
             !has_connection)
        error = "has no connection: check one out first";
    if (error != NULL && !(interaction->expectation && interaction->expectation->expects_error))
        plan_error(task, error);
    return error == NULL;
}

static void run_pool_action(struct run_task *task, const struct interaction *interaction)
{
    struct fixed_pool *pool = &task->run->pool;
    if (interaction->action == ACTION_return) {
        fixed_pool_return(pool, task->connection);
        task->connection = NULL;
        return;
    }
    enum outcome outcome = fixed_pool_checkout(pool, &task->connection);
    if (outcome == OUTCOME_BUSY)
        plan_error(task, "asks for a connection, but all of the pool's are checked out");
    else
        task->seen.outcome = outcome;
}

static void execute(struct run_task *task, const struct interaction *interaction)
{
    if (interaction->action == ACTION_sleep) {
        world_sleep(interaction->sleep_ms * 1000000u);
        return;
    }
    if (interaction->action == ACTION_checkout || interaction->action == ACTION_return) {
        run_pool_action(task, interaction);
        return;
    }
    if (interaction->action == ACTION_reopen)
        run_disconnect(task);
    if (task->connection == NULL && !connect_task(task))
        return;
    if (interaction->action != ACTION_reopen)
        run_statement(task, interaction);
}

/*
 * --- telling the oracles
 * ---------------------------------------------------------------------------
 */

/* Without a journal nothing can be undone: what had to be is undefined. */
static void watch_journal_off(struct run *run, const struct interaction *interaction,
                              const struct observation *seen)
{
    if (plan_config_get(&run->plan->config, PLAN_CONFIG_journal_mode) != JOURNAL_OFF)
        return;
    enum plan_action action = (enum plan_action)interaction->action;
    bool undoes = action == ACTION_rollback || action == ACTION_rollback_to;
    if (undoes || (seen->outcome != OUTCOME_OK && action != ACTION_select))
        run_give_up(run);
}

static void feed_back(struct run_task *task, const struct interaction *interaction)
{
    const struct observation *seen = &task->seen;
    uint32_t result = (uint32_t)seen->outcome << 1 | seen->in_transaction;
    feedback(FEEDBACK_OUTCOME, interaction->action, result);
    if (world.tasks[task->number].fault.fired)
        feedback(FEEDBACK_FAULT, (uint32_t)interaction->action << 8 | interaction->fault,
                 (uint32_t)seen->outcome);
    for (uint32_t other = 0; other < PLAN_TASKS_MAX; other++) {
        const struct run_task *peer = &task->run->tasks[other];
        if (other == task->number || world.tasks[other].state != TASK_PARKED)
            continue;
        uint32_t there = (uint32_t)world.tasks[other].stopped_at << 8 |
                         task->run->plan->interactions[peer->interaction].action;
        feedback(FEEDBACK_OVERTAKEN, there, (uint32_t)interaction->action << 8 | result);
        uint64_t footprint = world.tasks[task->number].footprint;
        for (; footprint != 0; footprint &= footprint - 1)
            feedback(FEEDBACK_CONFLICT, there, (uint32_t)__builtin_ctzll(footprint));
    }
}

static int64_t result_number(const struct interaction *interaction, const struct observation *seen)
{
    if (interaction->action == ACTION_select &&
        interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS)
        return seen->number;
    return seen->row_count > 0 ? (int64_t)seen->row_count : seen->changes;
}

static void judge(struct run_task *task, const struct interaction *interaction)
{
    struct run *run = task->run;
    const struct observation *seen = &task->seen;
    struct verdict *verdict = run_verdict(run);
    trace_return(&run->trace, task->number, task->interaction, seen,
                 result_number(interaction, seen));
    feed_back(task, interaction);
    watch_journal_off(run, interaction, seen);
    if (interaction->action == ACTION_execute)
        snapshot_give_up(&run->snapshot); /* nobody knows what it did */
    expectation_judge(interaction, task->interaction, seen, run->plan->kind == PLAN_MIDDLEWARE,
                      verdict);
    error_class_return(&run->error_class, task->number, seen, verdict);
    snapshot_return(&run->snapshot, task->number, seen, verdict);
}

void run_call(void *argument)
{
    struct run_task *task = argument;
    struct run *run = task->run;
    const struct interaction *interaction = &run->plan->interactions[task->interaction];
    struct observation *seen = &task->seen;
    memset(seen, 0, offsetof(struct observation, rows));
    trace_add(&run->trace, TRACE_INVOKE, task->number, 0, task->interaction, 0);
    snapshot_invoke(&run->snapshot, task->number, task->interaction);
    error_class_invoke(&run->error_class, task->number, task->interaction);

    if (run->plan->kind == PLAN_NATIVE || check_middleware_rules(task, interaction))
        execute(task, interaction);

    seen->in_transaction =
        task->connection != NULL && run->backend->in_transaction(task->connection);
    if (world.tasks[task->number].dead) {
        seen->outcome = OUTCOME_DIED;
        seen->in_transaction = false;
    }
    judge(task, interaction);
    if (world.tasks[task->number].dead) {
        run_disconnect(task);
        if (!run->power_is_lost)
            world.tasks[task->number].dead = false;
    }
}
