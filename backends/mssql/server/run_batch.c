/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: statement after statement, IF and WHILE and TRY, and what an error ends. */
#include "mssql/server/run.h"

#include <string.h>

enum flow {
    FLOW_ON,
    FLOW_BREAK,
    FLOW_CONTINUE,
    FLOW_RETURN, /* the batch ends */
    FLOW_CATCH,  /* an error is on its way to CATCH */
};

static enum flow run_list(struct engine_session *session, struct tsql_statement *statement);

/* --- errors ----------------------------------------------------------------------------------- */

/* With XACT_ABORT ON, what ends a statement ends the transaction; but not RAISERROR. */
static enum engine_ends ends(const struct engine_session *session, const struct engine_error *error)
{
    bool is_own = error->number >= 50000;
    if (error->ends == ENDS_STATEMENT && session->xact_abort && !is_own)
        return ENDS_TRANSACTION;
    return error->ends;
}

/* A deadlock's loser must not be in the way any longer, whoever catches the error. */
static void doom(struct engine_session *session, const struct engine_error *error)
{
    if (session->depth == 0)
        return;
    session->is_doomed = true;
    if (error->number != 1205)
        return;
    engine_undo_to(session, 0);
    engine_unlock_all(session, false);
}

static bool has_written(const struct engine_session *session)
{
    uint16_t command = session->outcome.command;
    return command == COMMAND_INSERT || command == COMMAND_UPDATE || command == COMMAND_DELETE;
}

/* The error, what it ends, and that the statement is done. */
static void tell(struct engine_session *session, const struct engine_error *error,
                 enum engine_ends ended)
{
    session->client->message(session->client_context, error);
    if (ended >= ENDS_TRANSACTION && session->depth > 0)
        engine_rollback(session);
    else if (ended == ENDS_STATEMENT && has_written(session))
        engine_tell(session, 3621);
    session->client->done(session->client_context, session->outcome.command, false, 0, true);
}

static enum flow fail(struct engine_session *session)
{
    if (session->is_cancelled)
        return FLOW_RETURN;
    struct engine_error error = session->error;
    enum engine_ends ended = ends(session, &error);
    session->last_error = error.number;
    session->rows_affected = 0;
    if (session->try_depth > 0 && error.class_ < 20) {
        if (ended == ENDS_TRANSACTION)
            doom(session, &error);
        return FLOW_CATCH;
    }
    session->error.number = 0;
    tell(session, &error, ended);
    session->is_killed |= ended == ENDS_SESSION;
    return ended == ENDS_STATEMENT ? FLOW_ON : FLOW_RETURN;
}

/* --- control of flow -------------------------------------------------------------------------- */

static enum flow run_if(struct engine_session *session, struct tsql_statement *statement)
{
    bool holds;
    if (!run_condition(session, statement->condition, &holds))
        return fail(session);
    if (holds)
        return run_list(session, statement->body);
    return run_list(session, statement->otherwise);
}

static enum flow run_while(struct engine_session *session, struct tsql_statement *statement)
{
    for (;;) {
        bool holds;
        if (!run_condition(session, statement->condition, &holds) || !run_has_room(session) ||
            !engine_wait_briefly(session))
            return fail(session);
        if (!holds)
            return FLOW_ON;
        enum flow flow = run_list(session, statement->body);
        if (flow == FLOW_BREAK)
            return FLOW_ON;
        if (flow == FLOW_RETURN || flow == FLOW_CATCH)
            return flow;
    }
}

static enum flow run_try(struct engine_session *session, struct tsql_statement *statement)
{
    session->try_depth++;
    enum flow flow = run_list(session, statement->body);
    session->try_depth--;
    if (flow != FLOW_CATCH)
        return flow;
    struct engine_error before = session->caught;
    session->caught = session->error;
    session->error.number = 0;
    flow = run_list(session, statement->otherwise);
    session->caught = before;
    return flow;
}

/* --- statements ------------------------------------------------------------------------------- */

static bool run_simple(struct engine_session *session, struct tsql_statement *statement)
{
    switch (statement->kind) {
    case TSQL_SELECT:
        return run_select(session, statement);
    case TSQL_INSERT:
        return run_insert(session, statement);
    case TSQL_UPDATE:
        return run_update(session, statement);
    case TSQL_DELETE:
        return run_delete(session, statement);
    case TSQL_TRUNCATE:
        return run_truncate(session, statement);
    case TSQL_CREATE_TABLE:
    case TSQL_DROP_TABLE:
    case TSQL_CREATE_INDEX:
    case TSQL_DROP_INDEX:
    case TSQL_ADD_COLUMN:
    case TSQL_DROP_COLUMN:
        return run_define(session, statement);
    case TSQL_BEGIN_TRANSACTION:
    case TSQL_COMMIT:
    case TSQL_ROLLBACK:
    case TSQL_SAVE:
    case TSQL_DECLARE:
    case TSQL_SET_VARIABLE:
    case TSQL_SET_OPTION:
    case TSQL_SET_ISOLATION:
    case TSQL_SET_DATABASE:
    case TSQL_USE:
    case TSQL_PRINT:
    case TSQL_RAISERROR:
    case TSQL_THROW:
    case TSQL_WAITFOR:
    case TSQL_IF:
    case TSQL_WHILE:
    case TSQL_BREAK:
    case TSQL_CONTINUE:
    case TSQL_BLOCK:
    case TSQL_TRY:
    case TSQL_RETURN:
        break;
    }
    return run_of_session(session, statement);
}

static enum flow run_and_tell(struct engine_session *session, struct tsql_statement *statement)
{
    memset(&session->outcome, 0, sizeof session->outcome);
    if (!run_simple(session, statement))
        return fail(session);
    session->last_error = 0;
    session->rows_affected = session->outcome.has_count ? (int64_t)session->outcome.count : 0;
    if (!session->outcome.is_silent)
        session->client->done(session->client_context, session->outcome.command,
                              session->outcome.has_count && !session->no_count,
                              session->outcome.count, false);
    return FLOW_ON;
}

static enum flow run_statement(struct engine_session *session, struct tsql_statement *statement)
{
    session->line = statement->line;
    switch ((int)statement->kind) {
    case TSQL_IF:
        return run_if(session, statement);
    case TSQL_WHILE:
        return run_while(session, statement);
    case TSQL_BLOCK:
        return run_list(session, statement->body);
    case TSQL_TRY:
        return run_try(session, statement);
    case TSQL_BREAK:
        return FLOW_BREAK;
    case TSQL_CONTINUE:
        return FLOW_CONTINUE;
    case TSQL_RETURN:
        session->return_status = (int32_t)statement->number;
        return FLOW_RETURN;
    default:
        return run_and_tell(session, statement);
    }
}

static enum flow run_list(struct engine_session *session, struct tsql_statement *statement)
{
    for (; statement != NULL; statement = statement->next) {
        enum flow flow = run_statement(session, statement);
        if (flow != FLOW_ON)
            return flow;
        if (session->is_cancelled || session->is_killed)
            return FLOW_RETURN;
    }
    return FLOW_ON;
}

/* --- batches ---------------------------------------------------------------------------------- */

/* Attention leaves the transaction open, but with XACT_ABORT ON. */
static void end_batch(struct engine_session *session)
{
    session->error.number = session->caught.number = 0;
    session->try_depth = 0;
    if (session->depth == 0)
        return;
    if (session->is_cancelled && session->xact_abort) {
        engine_rollback(session);
    } else if (session->is_doomed) {
        engine_rollback(session);
        engine_tell(session, 3998);
    }
}

static bool fail_to_parse(struct engine_session *session, const struct tsql_problem *problem)
{
    session->line = problem->line;
    return engine_raise(session, problem->number, problem->text);
}

void engine_run(struct engine_session *session, const char *sql, size_t length)
{
    struct tsql_statement *batch = NULL;
    struct tsql_problem problem;
    memset(&session->outcome, 0, sizeof session->outcome);
    session->return_status = 0;
    if (tsql_parse(&session->arena, sql, length, &batch, &problem)) {
        run_list(session, batch);
    } else {
        fail_to_parse(session, &problem);
        fail(session);
    }
    end_batch(session);
}
