/* SPDX-License-Identifier: Apache-2.0 */
/* The statement of an interaction: made, sent through the stack, and what comes back. */
#include "run/state.h"

#include "base/assert.h"
#include "plan/statement.h"
#include "plan/statement_tree.h"
#include "sql/print.h"

#include <stdio.h>
#include <string.h>

/* --- known statements ------------------------------------------------------------------------ */

struct known_statement {
    uint16_t length;
    uint8_t parameter_count, column_count;
    char sql[PLAN_STATEMENT_BYTES];
};

/*
 * By dialect and number, made when first needed: the address of its text is its identity.
 * Process-wide, as constants are.
 */
static struct known_statement known_statements[DIALECT_COUNT][PLAN_STATEMENT_COUNT];

static void make_known(struct known_statement *ret_known, const struct interaction *interaction,
                       enum dialect dialect)
{
    struct text text;
    struct plan_tree tree;
    text_init(&text, ret_known->sql, sizeof ret_known->sql);
    bool is_sql = plan_tree_make(&tree, interaction, 0);
    ASSERT(is_sql);
    struct sql_printed printed = sql_print(&tree.statement, dialect, SQL_AS_PLACEHOLDERS, &text);
    ASSERT(printed.missing == NULL && !text.truncated);
    ret_known->length = (uint16_t)text.length;
    ret_known->parameter_count = (uint8_t)printed.placeholders;
    ret_known->column_count = (uint8_t)sql_column_count(&tree.statement);
}

static const struct known_statement *known(const struct interaction *interaction, uint32_t number,
                                           enum dialect dialect)
{
    struct known_statement *statement = &known_statements[dialect][number];
    if (statement->length == 0)
        make_known(statement, interaction, dialect);
    return statement;
}

/* --- making a call --------------------------------------------------------------------------- */

static struct value payload(struct run_task *task, int64_t number, uint32_t units)
{
    char digits[PLAN_PAYLOAD_UNIT_BYTES];
    plan_digits(number, digits);
    for (uint32_t i = 0; i < units; i++)
        memcpy(task->payload + i * PLAN_PAYLOAD_UNIT_BYTES, digits, PLAN_PAYLOAD_UNIT_BYTES);
    return value_text(task->payload, units * PLAN_PAYLOAD_UNIT_BYTES);
}

static void take_parameters(struct run_task *task, const struct interaction *interaction,
                            struct stack_call *call)
{
    struct plan_tree tree;
    (void)plan_tree_make(&tree, interaction, (int64_t)task->interaction);
    ASSERT(call->parameter_count == tree.parameter_count);
    for (uint32_t i = 0; i < tree.parameter_count; i++) {
        const struct plan_parameter *parameter = &tree.parameters[i];
        call->parameters[i] = parameter->is_payload
                                  ? payload(task, parameter->number, parameter->units)
                                  : value_integer(parameter->number);
    }
}

/* A database that is none returns as many rows as it is told, of one column. */
static void take_rows_wanted(const struct interaction *interaction, struct stack_call *call)
{
    call->column_count = call->parameter_count;
    call->parameters[0] = value_integer(interaction->arguments[FIELD_span]);
}

static void make_known_call(struct run_task *task, const struct interaction *interaction,
                            uint32_t number, struct stack_call *call)
{
    enum dialect dialect = task->run->backend->dialect;
    const struct known_statement *statement = known(interaction, number, dialect);
    call->is_known = true;
    call->sql = statement->sql;
    call->sql_length = statement->length;
    call->parameter_count = statement->parameter_count;
    call->column_count = statement->column_count;
    if (dialect == DIALECT_NONE)
        take_rows_wanted(interaction, call);
    else
        take_parameters(task, interaction, call);
}

static void take_lines(struct run_task *task, const struct interaction *interaction,
                       struct stack_call *call)
{
    struct text lines;
    text_init(&lines, task->payload, sizeof task->payload);
    plan_own_lines(interaction, (int64_t)task->interaction, &lines);
    call->parameter_count = 1;
    call->parameters[0] = value_text(lines.bytes, lines.length);
}

static void make_text_call(struct run_task *task, const struct interaction *interaction,
                           struct stack_call *call)
{
    if (interaction->sql != NULL) {
        call->sql = interaction->sql;
        call->sql_length = strlen(interaction->sql);
        return;
    }
    struct text text;
    text_init(&text, task->sql, sizeof task->sql);
    int64_t step = (int64_t)task->interaction;
    uint32_t units = plan_sql(interaction, step, task->run->backend->dialect, &text);
    call->sql = task->sql;
    call->sql_length = text.length;
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    if (info->has_lines && info->effect == EFFECT_ROWS)
        take_lines(task, interaction, call);
    if (units == 0)
        return;
    call->parameter_count = 1;
    call->parameters[0] = payload(task, plan_value(step, interaction->arguments[FIELD_key]), units);
}

/* What nobody else keeps: rows of the plan's own SQL are no rows of the model's tables. */
static void keep_row(struct observation *seen, const struct value *columns, uint32_t count)
{
    struct text text = {.bytes = seen->row_text, .capacity_bytes = sizeof seen->row_text};
    if (seen->row_count == 0)
        seen->row_text[0] = '\0';
    text.length = strlen(seen->row_text);
    if (text.length + 1 == text.capacity_bytes)
        return;
    text_append(&text, seen->row_count == 0 ? "" : "; ");
    run_append_row(&text, columns, count);
}

static void on_row(void *context, const struct value *columns, uint32_t count)
{
    struct run_task *task = context;
    task->rows_after_cancel += task->is_cancelled;
    if (run_interaction(task)->sql != NULL)
        keep_row(&task->seen, columns, count);
    run_tell_row(task->run, task->interaction, columns, count);
    struct value fields[MODEL_COLUMNS];
    if (plan_action_infos[run_interaction(task)->action].has_lines) {
        count = run_read_line(columns, fields);
        columns = fields;
    }
    task->seen.column_count = (int)count;
    run_read_row(&task->run->judged->interactions[task->interaction], columns, count, &task->seen);
}

_Static_assert((int)PLAN_PARAMETERS_MAX <= (int)STACK_PARAMETERS_MAX,
               "a call carries all that a statement has");

void run_make_call(struct run_task *task, const struct interaction *interaction,
                   struct stack_call *call)
{
    *call = (struct stack_call){
        .access = run_access((enum plan_action)interaction->action),
        .on_row = on_row,
        .wants_names = plan_reads_all_columns(interaction),
        .context = task,
        .tag = task->call_tag,
    };
    uint32_t number;
    if (run_is_pooled(task->run) && plan_statement_number(interaction, &number))
        make_known_call(task, interaction, number, call);
    else
        make_text_call(task, interaction, call);
}

/* --- around a call --------------------------------------------------------------------------- */

static struct run_tag *free_tag(struct run_task *task, uint32_t first)
{
    uint32_t number = first;
    while (task->tag_cancellers[number] > 0)
        number++;
    return &task->tags[number];
}

void run_take_call_tag(struct run_task *task)
{
    task->call_tag = free_tag(task, 0);
}

void run_take_begin_tag(struct run_task *task)
{
    task->begin_tag = free_tag(task, RUN_TAGS);
}

void run_begin_call(struct run_task *task, struct run_tag *tag, enum stack_access access)
{
    task->call_access = access;
    task->tag = tag;
    task->call_sql = NULL;
    tag->is_served = false;
    task->is_in_call = true;
    task->is_cancelled = false;
    task->rows_after_cancel = 0;
    task->call_count++;
}

static void tell_rows_after_cancel(struct run_task *task)
{
    struct event event = run_event(task, EVENT_rows_after_cancel);
    event.value = task->rows_after_cancel;
    run_emit(task->run, &event);
}

void run_end_call(struct run_task *task, struct run_tag *tag, struct stack_reply *reply)
{
    task->is_in_call = false;
    if (reply->is_abandoned) {
        while (!tag->is_served)
            (void)world_wait(tag, WORLD_NEVER);
        *reply = tag->reply;
        reply->is_abandoned = true;
        enum stack_access access = run_access((enum plan_action)run_interaction(task)->action);
        if (reply->outcome == OUTCOME_OK && access == STACK_READ)
            reply->outcome = OUTCOME_INTERRUPTED; /* nobody was there to read them */
    }
    if (task->rows_after_cancel > 0)
        tell_rows_after_cancel(task);
}

void run_on_serve(void *context, void *tag)
{
    (void)context;
    world_act_for(((const struct run_tag *)tag)->task);
}

void run_on_served(void *context, void *tag, const struct stack_reply *reply)
{
    (void)context;
    struct run_tag *served = tag;
    served->reply = *reply;
    served->is_served = true;
    world_wake_all(served);
    world_act_for(WORLD_NOBODY);
}

void run_take_reply(struct observation *seen, const struct stack_reply *reply)
{
    seen->outcome = reply->outcome;
    if (seen->row_count == 0) /* who saw a row has counted */
        seen->column_count = reply->column_count;
    seen->changes = 0;
    seen->has_names = reply->outcome == OUTCOME_OK && reply->column_names[0] != '\0';
    if (seen->has_names)
        memcpy(seen->column_names, reply->column_names, sizeof seen->column_names);
    if (reply->outcome == OUTCOME_OK)
        return;
    seen->error_code = reply->error_code;
    memcpy(seen->error_state, reply->error_state, sizeof seen->error_state);
    (void)snprintf(seen->error_message, sizeof seen->error_message, "%s", reply->error_message);
}

static void take_result(struct run_task *task, const struct interaction *interaction,
                        const struct stack_reply *reply)
{
    run_take_reply(&task->seen, reply);
    if (reply->outcome == OUTCOME_OK && model_is_write((enum plan_action)interaction->action))
        task->seen.changes = reply->changes;
}

void run_statement(struct run_task *task, const struct interaction *interaction)
{
    struct stack_call call;
    struct stack_reply reply;
    run_take_call_tag(task);
    run_make_call(task, interaction, &call);
    task->run->result.statements++;
    if (interaction->sql != NULL)
        run_begin_raw(task);
    run_begin_call(task, task->call_tag, call.access);
    task->call_sql = call.sql;
    task->run->ops->execute(task->held.lease, &call, &reply);
    run_end_call(task, task->call_tag, &reply);
    if (interaction->sql != NULL)
        run_end_raw(task, reply.outcome);
    take_result(task, interaction, &reply);
}

void run_batch(struct run_task *task, const struct interaction *interaction)
{
    const struct stack_ops *ops = task->run->ops;
    if (ops->batch == NULL) {
        run_statement(task, interaction);
        return;
    }
    struct stack_call calls[PLAN_KEYS];
    struct stack_reply reply;
    uint32_t count = plan_batch_count(interaction);
    run_take_call_tag(task);
    for (uint32_t i = 0; i < count; i++) {
        struct interaction item = plan_batch_item(interaction, i);
        run_make_call(task, &item, &calls[i]);
    }
    task->run->result.statements += count;
    run_begin_call(task, task->call_tag, STACK_WRITE);
    task->call_sql = calls[0].sql;
    ops->batch(task->held.lease, calls, count, &reply);
    run_end_call(task, task->call_tag, &reply);
    take_result(task, interaction, &reply);
}
