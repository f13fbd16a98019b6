/* SPDX-License-Identifier: Apache-2.0 */
/* Statements about the session: transactions, SET, messages, and what @@names say. */
#include "mssql/server/run.h"

#include <stdio.h>
#include <string.h>

/* --- what the session knows ------------------------------------------------------------------- */

static struct value text_value(const char *text)
{
    return value_text(text, strlen(text));
}

static struct value of_caught(const struct engine_session *session, int64_t number)
{
    return session->caught.number == 0 ? (struct value){.kind = VALUE_NULL} : value_integer(number);
}

static bool find_caught(struct engine_session *session, const char *name, struct value *ret_value)
{
    const struct engine_error *caught = &session->caught;
    if (tsql_same_name(name, "ERROR_NUMBER"))
        *ret_value = of_caught(session, caught->number);
    else if (tsql_same_name(name, "ERROR_SEVERITY"))
        *ret_value = of_caught(session, caught->class_);
    else if (tsql_same_name(name, "ERROR_STATE"))
        *ret_value = of_caught(session, caught->state);
    else if (tsql_same_name(name, "ERROR_LINE"))
        *ret_value = of_caught(session, caught->line);
    else if (tsql_same_name(name, "ERROR_MESSAGE"))
        *ret_value =
            caught->number == 0 ? (struct value){.kind = VALUE_NULL} : text_value(caught->text);
    else
        return false;
    return true;
}

/* A statement of its own is no transaction for who asks. */
static uint32_t depth(const struct engine_session *session)
{
    return session->began_by_statement ? 0 : session->depth;
}

static bool find_text(const struct engine_session *session, const char *name,
                      struct value *ret_value)
{
    if (tsql_same_name(name, "@@VERSION"))
        *ret_value = text_value(TDS_SERVER_NAME " " ENGINE_VERSION);
    else if (tsql_same_name(name, "@@SERVERNAME"))
        *ret_value = text_value("interplay");
    else if (tsql_same_name(name, "@@LANGUAGE"))
        *ret_value = text_value("us_english");
    else if (tsql_same_name(name, "DB_NAME"))
        *ret_value = text_value(session->server->database);
    else if (tsql_same_name(name, "SUSER_SNAME"))
        *ret_value = text_value("sa");
    else
        return false;
    return true;
}

struct value run_global(struct engine_session *session, const char *name)
{
    struct value value = {.kind = VALUE_NULL};
    if (find_caught(session, name, &value) || find_text(session, name, &value))
        return value;
    if (tsql_same_name(name, "@@ROWCOUNT"))
        return value_integer(session->rows_affected);
    if (tsql_same_name(name, "@@TRANCOUNT"))
        return value_integer(depth(session));
    if (tsql_same_name(name, "@@ERROR"))
        return value_integer(session->last_error);
    if (tsql_same_name(name, "@@SPID"))
        return value_integer(session->number);
    if (tsql_same_name(name, "@@LOCK_TIMEOUT"))
        return value_integer(session->lock_timeout_ms);
    if (tsql_same_name(name, "@@MAX_PRECISION"))
        return value_integer(38);
    if (tsql_same_name(name, "@@MICROSOFTVERSION"))
        return value_integer(0x10000000);
    if (tsql_same_name(name, "@@OPTIONS"))
        return value_integer(0);
    if (tsql_same_name(name, "XACT_STATE"))
        return value_integer(depth(session) == 0 ? 0 : session->is_doomed ? -1 : 1);
    if (tsql_same_name(name, "CURRENT_TRANSACTION_ID"))
        return value_integer((int64_t)session->transaction);
    return value; /* @@IDENTITY: there is none */
}

/* --- variables -------------------------------------------------------------------------------- */

static bool declare(struct engine_session *session, const struct tsql_column *column)
{
    for (; column != NULL; column = column->next) {
        struct value value = {.kind = VALUE_NULL};
        if (engine_find_variable(session, column->name) != NULL)
            return engine_raise(session, 134, column->name);
        if (column->preset != NULL && !run_value(session, column->preset, column->type, &value))
            return false;
        if (session->variable_count == ENGINE_VARIABLES_MAX)
            return engine_raise(session, 701);
        session->variables[session->variable_count++] =
            (struct engine_variable){.name = column->name, .type = column->type, .value = value};
    }
    return true;
}

static bool set_variable(struct engine_session *session, const struct tsql_assignment *assignment)
{
    struct engine_variable *variable = engine_find_variable(session, assignment->name);
    if (variable == NULL)
        return engine_raise(session, 137, assignment->name);
    struct value value;
    if (!run_value(session, assignment->expression, variable->type, &value))
        return false;
    variable->value = value;
    return true;
}

/* --- SET -------------------------------------------------------------------------------------- */

static bool set_priority(struct engine_session *session, const struct tsql_statement *statement)
{
    int64_t priority = statement->number;
    if (statement->index != NULL)
        priority = tsql_same_name(statement->index, "LOW")    ? -5
                   : tsql_same_name(statement->index, "HIGH") ? 5
                                                              : 0;
    session->deadlock_priority = (int32_t)priority;
    return true;
}

/* Options that change nothing here: they are as most clients set them. */
static bool is_without_effect(const char *name)
{
    static const char *const names[] = {"ANSI_NULLS",
                                        "ANSI_NULL_DFLT_ON",
                                        "ANSI_PADDING",
                                        "ANSI_WARNINGS",
                                        "ANSI_DEFAULTS",
                                        "ARITHABORT",
                                        "ARITHIGNORE",
                                        "CONCAT_NULL_YIELDS_NULL",
                                        "CURSOR_CLOSE_ON_COMMIT",
                                        "DATEFIRST",
                                        "DATEFORMAT",
                                        "LANGUAGE",
                                        "NUMERIC_ROUNDABORT",
                                        "QUOTED_IDENTIFIER",
                                        "TEXTSIZE",
                                        "ROWCOUNT",
                                        "FMTONLY",
                                        "NOEXEC",
                                        "CONTEXT_INFO",
                                        "STATISTICS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tsql_same_name(name, names[i]))
            return true;
    return false;
}

static bool set_option(struct engine_session *session, const struct tsql_statement *statement)
{
    const char *name = statement->name;
    if (tsql_same_name(name, "XACT_ABORT"))
        session->xact_abort = statement->on;
    else if (tsql_same_name(name, "NOCOUNT"))
        session->no_count = statement->on;
    else if (tsql_same_name(name, "IMPLICIT_TRANSACTIONS"))
        session->implicit_transactions = statement->on;
    else if (tsql_same_name(name, "LOCK_TIMEOUT"))
        session->lock_timeout_ms = statement->number;
    else if (tsql_same_name(name, "DEADLOCK_PRIORITY"))
        return set_priority(session, statement);
    else if (!is_without_effect(name))
        return engine_raise(session, 195, name);
    return true;
}

static bool set_database(struct engine_session *session, const struct tsql_statement *statement)
{
    struct tds_server_options *options = &session->server->options;
    if (tsql_same_name(statement->name, "READ_COMMITTED_SNAPSHOT"))
        options->read_committed_snapshot = statement->on;
    else if (tsql_same_name(statement->name, "ALLOW_SNAPSHOT_ISOLATION"))
        options->no_snapshot_isolation = !statement->on;
    else
        return engine_raise(session, 5069, statement->name);
    return true;
}

static bool use(struct engine_session *session, const char *name)
{
    if (!engine_has_database(session->server, name))
        return engine_raise(session, 911, name);
    session->client->database(session->client_context, session->server->database);
    return true;
}

/* --- transactions ----------------------------------------------------------------------------- */

static bool begin(struct engine_session *session, const struct tsql_statement *statement)
{
    session->outcome.command = COMMAND_BEGIN;
    if (session->is_doomed)
        return engine_raise(session, 3930);
    engine_begin(session, statement->name);
    return true;
}

static bool commit(struct engine_session *session)
{
    session->outcome.command = COMMAND_COMMIT;
    if (session->depth == 0)
        return engine_raise(session, 3902);
    if (session->is_doomed)
        return engine_raise(session, 3930);
    if (session->depth > 1)
        session->depth--;
    else
        engine_commit(session);
    return true;
}

static bool rollback(struct engine_session *session, const char *name)
{
    session->outcome.command = COMMAND_ROLLBACK;
    if (session->depth == 0)
        return engine_raise(session, 3903);
    bool is_whole = name == NULL || (session->transaction_name != NULL &&
                                     tsql_same_name(name, session->transaction_name));
    if (!is_whole)
        return engine_rollback_to(session, name);
    engine_rollback(session);
    return true;
}

/* --- messages --------------------------------------------------------------------------------- */

static const struct tsql_type long_text = {TSQL_NVARCHAR, -1}, whole_number = {TSQL_INT, 0};

static bool take_message(struct engine_session *session, struct tsql_expression *expression,
                         char *text, size_t capacity)
{
    struct value value;
    if (!run_value(session, expression, long_text, &value))
        return false;
    if (value.kind == VALUE_NULL)
        value = value_text("", 0);
    snprintf(text, capacity, "%.*s", (int)value.text.length, value.text.bytes);
    return true;
}

static bool take_number(struct engine_session *session, struct tsql_expression *expression,
                        int64_t otherwise, int64_t *ret_number)
{
    struct value value = value_integer(otherwise);
    if (expression != NULL && !run_value(session, expression, whole_number, &value))
        return false;
    *ret_number = value.kind == VALUE_INTEGER ? value.integer : otherwise;
    return true;
}

static bool print(struct engine_session *session, struct tsql_expression *expression)
{
    struct engine_error message = {.state = 1, .line = session->line};
    if (!take_message(session, expression, message.text, sizeof message.text))
        return false;
    session->client->message(session->client_context, &message);
    return true;
}

/* Up to severity 10 it is only told; it never ends a transaction, but from severity 20 on. */
static bool raise_error(struct engine_session *session, struct tsql_expression *arguments)
{
    char text[sizeof session->error.text];
    int64_t severity, state;
    struct tsql_expression *next = arguments->next;
    if (!take_message(session, arguments, text, sizeof text) ||
        !take_number(session, next, 16, &severity) ||
        !take_number(session, next == NULL ? NULL : next->next, 1, &state))
        return false;
    severity = severity < 0 ? 0 : severity > 25 ? 25 : severity;
    if (severity <= 10) {
        struct engine_error message = {.number = 50000,
                                       .class_ = (uint8_t)severity,
                                       .state = (uint8_t)state,
                                       .line = session->line};
        snprintf(message.text, sizeof message.text, "%s", text);
        session->client->message(session->client_context, &message);
        return true;
    }
    engine_raise_text(session, 50000, (uint8_t)severity, (uint8_t)state, text);
    if (severity >= 20)
        session->error.ends = ENDS_SESSION;
    return false;
}

/* THROW ends the batch, and with XACT_ABORT the transaction. */
static bool throw(struct engine_session * session, struct tsql_expression *arguments)
{
    char text[sizeof session->error.text];
    int64_t number, state;
    if (arguments == NULL) {
        if (session->caught.number == 0)
            return engine_raise(session, 10704);
        session->error = session->caught;
        session->error.ends = ENDS_BATCH;
        return false;
    }
    if (arguments->next == NULL || arguments->next->next == NULL)
        return engine_raise(session, 102, "THROW");
    if (!take_number(session, arguments, 50000, &number) ||
        !take_message(session, arguments->next, text, sizeof text) ||
        !take_number(session, arguments->next->next, 1, &state))
        return false;
    engine_raise_text(session, (int32_t)number, 16, (uint8_t)state, text);
    session->error.ends = session->xact_abort ? ENDS_TRANSACTION : ENDS_BATCH;
    return false;
}

static bool wait_for_delay(struct engine_session *session, int64_t delay_ms)
{
    uint64_t until_ns = engine_now_ns(session->server) + (uint64_t)delay_ms * 1000000;
    while (session->host_context != NULL && engine_now_ns(session->server) < until_ns)
        if (!engine_wait(session, TDS_WAIT_DELAY, until_ns))
            return false;
    return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

bool run_of_session(struct engine_session *session, struct tsql_statement *statement)
{
    switch ((int)statement->kind) {
    case TSQL_BEGIN_TRANSACTION:
        return begin(session, statement);
    case TSQL_COMMIT:
        return commit(session);
    case TSQL_ROLLBACK:
        return rollback(session, statement->name);
    case TSQL_SAVE:
        return session->is_doomed ? engine_raise(session, 3931)
                                  : engine_save(session, statement->name);
    case TSQL_DECLARE:
        session->outcome.is_silent = true;
        return declare(session, statement->columns);
    case TSQL_SET_VARIABLE:
        session->outcome.is_silent = true;
        return set_variable(session, statement->assignments);
    case TSQL_SET_OPTION:
        return set_option(session, statement);
    case TSQL_SET_ISOLATION:
        session->isolation = statement->isolation;
        return true;
    case TSQL_SET_DATABASE:
        return set_database(session, statement);
    case TSQL_USE:
        return use(session, statement->name);
    case TSQL_PRINT:
        session->outcome.is_silent = true;
        return print(session, statement->arguments);
    case TSQL_RAISERROR:
        return raise_error(session, statement->arguments);
    case TSQL_THROW:
        return throw(session, statement->arguments);
    case TSQL_WAITFOR:
        return wait_for_delay(session, statement->number);
    default:
        return true;
    }
}
