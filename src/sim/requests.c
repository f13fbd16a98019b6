/* SPDX-License-Identifier: Apache-2.0 */
/* A backend that loses requests and answers, as the plan says. */
#include "sim/requests.h"

#include "base/assert.h"
#include "sim/world.h"

#include <stdlib.h>
#include <string.h>

enum { PARAMETERS_MAX = 16 };

/* A statement with its parameters, kept for later. */
struct kept {
    char *sql;
    size_t length;
    uint32_t count;           /* the highest parameter that was bound */
    struct value *parameters; /* with bytes of their own; NULL: none was kept */
    bool is_complete;         /* there was room and memory for everything */
};

struct late {
    struct late_request told;
    struct kept kept;
};

struct request_line {
    struct handle handle;
    struct requests *requests;
    struct backend_connection *inner;
    struct late *late;  /* NULL: none is on its way */
    bool is_unanswered; /* that is what the last failure was */
};

struct request_sent {
    struct handle handle;
    struct request_line *line;
    struct backend_statement *inner;
    bool has_begun; /* further steps belong to the same request */
    struct kept kept;
};

/* Handles of this backend are not looked into by anybody else. NULL: it is not alive. */
static struct request_line *line_of(struct backend_connection *connection)
{
    struct request_line *line = (struct request_line *)(void *)connection;
    return handle_check(line->handle.is_open, HANDLE_CONNECTION_USED) ? line : NULL;
}

static struct request_sent *sent_of(struct backend_statement *statement)
{
    struct request_sent *sent = (struct request_sent *)(void *)statement;
    return handle_check(sent->handle.is_open, HANDLE_STATEMENT_USED) ? sent : NULL;
}

static const struct backend_ops *inner_of(const struct request_sent *sent)
{
    return sent->line->requests->inner;
}

/* --- kept statements ------------------------------------------------------------------------- */

static void free_parameter(struct value *value)
{
    if (value->kind == VALUE_TEXT || value->kind == VALUE_BLOB)
        free((void *)(uintptr_t)value->text.bytes);
    *value = (struct value){.kind = VALUE_NULL};
}

static void forget_parameters(struct kept *kept)
{
    for (uint32_t i = 0; i < kept->count; i++)
        free_parameter(&kept->parameters[i]);
    kept->count = 0;
    kept->is_complete = true;
}

static void free_kept(struct kept *kept)
{
    forget_parameters(kept);
    free(kept->parameters);
    free(kept->sql);
    *kept = (struct kept){0};
}

static bool keep_sql(struct kept *kept, const char *sql, size_t length)
{
    *kept = (struct kept){.sql = malloc(length + 1), .length = length, .is_complete = true};
    if (kept->sql == NULL)
        return false;
    memcpy(kept->sql, sql, length);
    kept->sql[length] = '\0';
    return true;
}

static bool copy_value(struct value *copy, const struct value *value)
{
    *copy = *value;
    if (value->kind != VALUE_TEXT && value->kind != VALUE_BLOB)
        return true;
    char *bytes = malloc(value->text.length + 1);
    copy->text.bytes = bytes;
    if (bytes != NULL && value->text.length > 0)
        memcpy(bytes, value->text.bytes, value->text.length);
    if (bytes == NULL)
        copy->kind = VALUE_NULL;
    return bytes != NULL;
}

/* Only what may be late is needed later. */
static bool may_be_late(void)
{
    const struct world_fault *fault = world_current_fault();
    return fault != NULL && fault->kind == FAULT_request_reorder;
}

static void keep_parameter(struct kept *kept, int parameter, const struct value *value)
{
    if (parameter < 1 || !may_be_late())
        return;
    uint32_t number = (uint32_t)parameter;
    if (kept->parameters == NULL)
        kept->parameters = calloc(PARAMETERS_MAX, sizeof *kept->parameters);
    if (number > PARAMETERS_MAX || kept->parameters == NULL) {
        kept->is_complete = false;
        return;
    }
    if (number <= kept->count)
        free_parameter(&kept->parameters[number - 1]);
    while (kept->count < number)
        kept->parameters[kept->count++] = (struct value){.kind = VALUE_NULL};
    kept->is_complete &= copy_value(&kept->parameters[number - 1], value);
}

/* --- late ones ------------------------------------------------------------------------------- */

static void drop_late(struct request_line *line)
{
    if (line->late == NULL)
        return;
    free_kept(&line->late->kept);
    free(line->late);
    line->late = NULL;
}

/* One that cannot be kept is lost: nobody can tell. */
static void put_late(struct request_line *line, struct kept *kept)
{
    struct requests *requests = line->requests;
    struct late *late = line->late == NULL && kept->is_complete ? calloc(1, sizeof *late) : NULL;
    if (late == NULL || !keep_sql(&late->kept, kept->sql, kept->length)) {
        free(late);
        return;
    }
    char *sql = late->kept.sql;
    late->kept = *kept;
    late->kept.sql = sql;
    kept->parameters = NULL; /* the values have gone over */
    kept->count = 0;
    late->told.task = world->current->acting_for;
    late->told.number = requests->number_of(requests->context, late->told.task);
    line->late = late;
}

static void run_to_end(const struct backend_ops *inner, struct backend_statement *statement)
{
    while (inner->step(statement) == OUTCOME_ROW)
        ;
}

static void bind_and_run(const struct backend_ops *inner, struct backend_statement *statement,
                         const struct kept *kept)
{
    for (uint32_t i = 0; i < kept->count; i++)
        if (inner->bind(statement, (int)i + 1, &kept->parameters[i]) != OUTCOME_OK)
            return;
    run_to_end(inner, statement);
}

/* Whatever it comes to: nobody waits for the answer. */
static void let_late_arrive(struct request_line *line, const char *sql)
{
    struct requests *requests = line->requests;
    const struct backend_ops *inner = requests->inner;
    struct late *late = line->late;
    struct backend_statement *statement;
    line->late = NULL;
    late->told.sql = sql;
    requests->on_late(requests->context, &late->told);
    if (inner->prepare(line->inner, late->kept.sql, late->kept.length, &statement) == OUTCOME_OK) {
        bind_and_run(inner, statement, &late->kept);
        inner->finalize(statement);
    }
    free_kept(&late->kept);
    free(late);
}

/* --- striking -------------------------------------------------------------------------------- */

static enum outcome wait_in_vain(struct request_line *line)
{
    world_sleep(WORLD_LATENCY_NS);
    line->is_unanswered = !world->current->dead;
    return line->is_unanswered ? OUTCOME_TIMEOUT : OUTCOME_DIED;
}

/* OUTCOME_ROW: none strikes. */
static enum outcome strike(struct request_sent *sent, enum fault_kind kind)
{
    const struct backend_ops *inner = inner_of(sent);
    if (kind == FAULT_partial_success && inner->column_count(sent->inner) > 0)
        return OUTCOME_ROW;
    if (!world_fault_due(kind))
        return OUTCOME_ROW;
    if (kind == FAULT_partial_success)
        return OUTCOME_OK;
    if (kind == FAULT_partial_failure)
        run_to_end(inner, sent->inner);
    else if (kind == FAULT_request_reorder)
        put_late(sent->line, &sent->kept);
    return wait_in_vain(sent->line);
}

static enum outcome begin_step(struct request_sent *sent)
{
    struct request_line *line = sent->line;
    if (world->current != NULL && line->late != NULL)
        let_late_arrive(line, sent->kept.sql);
    line->is_unanswered = false;
    const struct world_fault *fault = world_current_fault();
    if (fault == NULL || !fault_is_of_request(fault->kind))
        return OUTCOME_ROW;
    return strike(sent, fault->kind);
}

static enum outcome step(struct request_sent *sent)
{
    enum outcome outcome = sent->has_begun ? OUTCOME_ROW : begin_step(sent);
    if (outcome != OUTCOME_ROW)
        return outcome;
    outcome = inner_of(sent)->step(sent->inner);
    sent->has_begun = outcome == OUTCOME_ROW;
    return outcome;
}

static enum outcome requests_step(struct backend_statement *statement)
{
    struct request_sent *sent = sent_of(statement);
    if (sent == NULL)
        return OUTCOME_MISUSE;
    sent->handle.calls++;
    enum outcome outcome = step(sent);
    sent->handle.calls--;
    return outcome;
}

/* --- handles --------------------------------------------------------------------------------- */

static enum outcome requests_connect(struct backend_connection **ret_connection,
                                     const struct backend_options *options)
{
    struct requests *requests = world->requests;
    struct backend_connection *inner;
    enum outcome outcome = requests->inner->connect(&inner, options);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct request_line *line = (void *)handles_take(&requests->lines, sizeof *line);
    line->requests = requests;
    line->inner = inner;
    *ret_connection = (struct backend_connection *)(void *)line;
    return OUTCOME_OK;
}

static void end_line(struct requests *requests, struct request_line *line)
{
    drop_late(line);
    handles_give(&requests->lines, &line->handle);
}

/* Who comes while a call is under way, or too late, is turned away before there is any harm. */
static enum outcome requests_disconnect(struct backend_connection *connection)
{
    struct request_line *line = (struct request_line *)(void *)connection;
    if (!handle_check(line->handle.is_open, HANDLE_CONNECTION_LEFT_TWICE) ||
        !handle_check(line->handle.calls == 0, HANDLE_CONNECTION_LEFT))
        return OUTCOME_MISUSE;
    line->handle.calls++;
    enum outcome outcome = line->requests->inner->disconnect(line->inner);
    line->handle.calls--;
    if (outcome == OUTCOME_OK)
        end_line(line->requests, line);
    return outcome;
}

static void end_sent(struct requests *requests, struct request_sent *sent)
{
    free_kept(&sent->kept);
    handles_give(&requests->sent, &sent->handle);
}

static enum outcome prepare(struct request_line *line, const char *sql, size_t length,
                            struct backend_statement **ret_inner)
{
    line->is_unanswered = false;
    line->handle.calls++;
    enum outcome outcome = line->requests->inner->prepare(line->inner, sql, length, ret_inner);
    line->handle.calls--;
    return outcome;
}

static enum outcome requests_prepare(struct backend_connection *connection, const char *sql,
                                     size_t length, struct backend_statement **ret_statement)
{
    struct request_line *line = line_of(connection);
    struct backend_statement *inner;
    enum outcome outcome = line == NULL ? OUTCOME_MISUSE : prepare(line, sql, length, &inner);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct requests *requests = line->requests;
    struct request_sent *sent = (void *)handles_take(&requests->sent, sizeof *sent);
    bool is_kept = !requests->loses || keep_sql(&sent->kept, sql, length);
    ASSERT(is_kept);
    sent->line = line;
    sent->inner = inner;
    *ret_statement = (struct backend_statement *)(void *)sent;
    return OUTCOME_OK;
}

static void requests_reset(struct backend_statement *statement)
{
    struct request_sent *sent = sent_of(statement);
    if (sent == NULL)
        return;
    sent->handle.calls++;
    inner_of(sent)->reset(sent->inner);
    sent->handle.calls--;
    sent->has_begun = false;
    forget_parameters(&sent->kept);
}

static void requests_finalize(struct backend_statement *statement)
{
    struct request_sent *sent = (struct request_sent *)(void *)statement;
    if (!handle_check(sent->handle.is_open, HANDLE_STATEMENT_LEFT_TWICE) ||
        !handle_check(sent->handle.calls == 0, HANDLE_STATEMENT_LEFT))
        return;
    sent->handle.calls++;
    inner_of(sent)->finalize(sent->inner);
    sent->handle.calls--;
    end_sent(sent->line->requests, sent);
}

/* --- passed on ------------------------------------------------------------------------------- */

static const char *requests_version(void)
{
    return world->requests->inner->version();
}

static enum outcome requests_bind(struct backend_statement *statement, int parameter,
                                  const struct value *value)
{
    struct request_sent *sent = sent_of(statement);
    if (sent == NULL)
        return OUTCOME_MISUSE;
    keep_parameter(&sent->kept, parameter, value);
    return inner_of(sent)->bind(sent->inner, parameter, value);
}

static enum outcome requests_bind_int64(struct backend_statement *statement, int parameter,
                                        int64_t value)
{
    struct request_sent *sent = sent_of(statement);
    const struct value kept = value_integer(value);
    if (sent == NULL)
        return OUTCOME_MISUSE;
    keep_parameter(&sent->kept, parameter, &kept);
    return inner_of(sent)->bind_int64(sent->inner, parameter, value);
}

static enum outcome requests_bind_text(struct backend_statement *statement, int parameter,
                                       const char *text, size_t length)
{
    struct request_sent *sent = sent_of(statement);
    const struct value kept = value_text(text, length);
    if (sent == NULL)
        return OUTCOME_MISUSE;
    keep_parameter(&sent->kept, parameter, &kept);
    return inner_of(sent)->bind_text(sent->inner, parameter, text, length);
}

static int requests_parameter_count(struct backend_statement *statement)
{
    struct request_sent *sent = sent_of(statement);
    return sent == NULL ? 0 : inner_of(sent)->parameter_count(sent->inner);
}

static bool requests_is_read_only(struct backend_statement *statement)
{
    struct request_sent *sent = sent_of(statement);
    return sent != NULL && inner_of(sent)->is_read_only(sent->inner);
}

static int requests_column_count(struct backend_statement *statement)
{
    struct request_sent *sent = sent_of(statement);
    return sent == NULL ? 0 : inner_of(sent)->column_count(sent->inner);
}

static const char *requests_column_name(struct backend_statement *statement, int column)
{
    struct request_sent *sent = sent_of(statement);
    return sent == NULL ? NULL : inner_of(sent)->column_name(sent->inner, column);
}

static bool requests_column_is_null(struct backend_statement *statement, int column)
{
    struct request_sent *sent = sent_of(statement);
    return sent == NULL || inner_of(sent)->column_is_null(sent->inner, column);
}

static int64_t requests_column_int64(struct backend_statement *statement, int column)
{
    struct request_sent *sent = sent_of(statement);
    return sent == NULL ? 0 : inner_of(sent)->column_int64(sent->inner, column);
}

static const char *requests_column_text(struct backend_statement *statement, int column,
                                        size_t *ret_length)
{
    struct request_sent *sent = sent_of(statement);
    if (sent != NULL)
        return inner_of(sent)->column_text(sent->inner, column, ret_length);
    if (ret_length != NULL)
        *ret_length = 0;
    return NULL;
}

static void requests_column(struct backend_statement *statement, int column,
                            struct value *ret_value)
{
    struct request_sent *sent = sent_of(statement);
    if (sent == NULL)
        *ret_value = (struct value){.kind = VALUE_NULL};
    else
        inner_of(sent)->column(sent->inner, column, ret_value);
}

static int64_t requests_changes(struct backend_connection *connection)
{
    const struct request_line *line = line_of(connection);
    return line == NULL ? 0 : line->requests->inner->changes(line->inner);
}

static bool requests_in_transaction(struct backend_connection *connection)
{
    const struct request_line *line = line_of(connection);
    return line != NULL && line->requests->inner->in_transaction(line->inner);
}

static void requests_cancel(struct backend_connection *connection)
{
    const struct request_line *line = line_of(connection);
    if (line != NULL)
        line->requests->inner->cancel(line->inner);
}

static int requests_error_code(struct backend_connection *connection)
{
    const struct request_line *line = line_of(connection);
    return line == NULL || line->is_unanswered ? 0 : line->requests->inner->error_code(line->inner);
}

static const char *requests_error_state(struct backend_connection *connection)
{
    const struct request_line *line = line_of(connection);
    return line == NULL || line->is_unanswered ? ""
                                               : line->requests->inner->error_state(line->inner);
}

static const char *requests_error_message(struct backend_connection *connection)
{
    const struct request_line *line = line_of(connection);
    if (line == NULL)
        return interplay_outcome_names[OUTCOME_MISUSE];
    return line->is_unanswered ? "no answer came in time"
                               : line->requests->inner->error_message(line->inner);
}

static const char *requests_session_change(struct backend_connection *connection)
{
    const struct request_line *line = line_of(connection);
    return line == NULL ? NULL : line->requests->inner->session_change(line->inner);
}

/* --- opening --------------------------------------------------------------------------------- */

const struct backend_ops *requests_open(struct requests *requests, const struct backend_ops *inner)
{
    requests->inner = inner;
    requests->ops = (struct backend_ops){
        .name = inner->name,
        .dialect = inner->dialect,
        .capabilities = inner->capabilities,
        .version = requests_version,
        .connect = requests_connect,
        .disconnect = requests_disconnect,
        .prepare = requests_prepare,
        .bind_int64 = requests_bind_int64,
        .bind_text = requests_bind_text,
        .bind = requests_bind,
        .parameter_count = requests_parameter_count,
        .is_read_only = requests_is_read_only,
        .step = requests_step,
        .column_count = requests_column_count,
        .column_name = inner->column_name == NULL ? NULL : requests_column_name,
        .column_is_null = requests_column_is_null,
        .column_int64 = requests_column_int64,
        .column_text = requests_column_text,
        .column = requests_column,
        .reset = requests_reset,
        .finalize = requests_finalize,
        .changes = requests_changes,
        .in_transaction = requests_in_transaction,
        .cancel = requests_cancel,
        .error_code = requests_error_code,
        .error_state = requests_error_state,
        .error_message = requests_error_message,
        .session_change = inner->session_change == NULL ? NULL : requests_session_change,
    };
    world->requests = requests;
    return &requests->ops;
}

void requests_close(struct requests *requests)
{
    while (requests->sent.open != NULL)
        end_sent(requests, (void *)requests->sent.open);
    while (requests->lines.open != NULL)
        end_line(requests, (void *)requests->lines.open);
}

void requests_free(struct requests *requests)
{
    requests_close(requests);
    handles_free(&requests->sent);
    handles_free(&requests->lines);
}
