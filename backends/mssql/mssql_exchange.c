/* SPDX-License-Identifier: Apache-2.0 */
/* What is around everything that is sent: whether it may be, and who wants it to stop. */
#include "mssql/mssql_below.h"
#include "mssql/mssql_connection.h"

/* --- cancelling ------------------------------------------------------------------------------- */

void mssql_cancel_ask(struct backend_connection *connection)
{
    struct mssql_cancel *cancel = &connection->cancel;
    (void)pthread_mutex_lock(&cancel->mutex);
    cancel->is_asked = true;
    if (cancel->is_out && !cancel->is_sent) {
        cancel->is_sent = true;
        mssql_interrupt(connection->process);
    }
    (void)pthread_mutex_unlock(&cancel->mutex);
}

void mssql_cancel_forget(struct backend_connection *connection)
{
    struct mssql_cancel *cancel = &connection->cancel;
    (void)pthread_mutex_lock(&cancel->mutex);
    cancel->is_asked = false;
    (void)pthread_mutex_unlock(&cancel->mutex);
}

static bool is_cancelled(struct mssql_cancel *cancel)
{
    (void)pthread_mutex_lock(&cancel->mutex);
    bool is_asked = cancel->is_asked;
    (void)pthread_mutex_unlock(&cancel->mutex);
    return is_asked;
}

/* Attention is sent without the lock: nobody else sends it then, and may ask once more. */
void mssql_sent(struct backend_connection *connection)
{
    struct mssql_cancel *cancel = &connection->cancel;
    (void)pthread_mutex_lock(&cancel->mutex);
    cancel->is_out = true;
    bool is_asked = cancel->is_sent = cancel->is_asked;
    (void)pthread_mutex_unlock(&cancel->mutex);
    if (is_asked)
        mssql_interrupt(connection->process);
}

/* True: attention was sent, or may still be. */
static bool take_back(struct mssql_cancel *cancel)
{
    (void)pthread_mutex_lock(&cancel->mutex);
    bool was_sent = cancel->is_sent;
    cancel->is_out = cancel->is_sent = false;
    (void)pthread_mutex_unlock(&cancel->mutex);
    return was_sent;
}

/* --- exchanges -------------------------------------------------------------------------------- */

/* db-lib does not go on by itself within a result that has failed. */
void mssql_give_up(struct backend_connection *connection)
{
    if (!DBDEAD(connection->process))
        (void)dbcancel(connection->process);
}

/* False: it broke off. */
static bool take_rows(DBPROCESS *process)
{
    RETCODE code;
    do
        code = dbnextrow(process);
    while (code != NO_MORE_ROWS && code != FAIL);
    return code == NO_MORE_ROWS;
}

static void take_all(struct backend_connection *connection)
{
    DBPROCESS *process = connection->process;
    RETCODE code;
    while (!DBDEAD(process) && (code = dbresults(process)) != NO_MORE_RESULTS) {
        connection->has_failed |= code == FAIL;
        if (code == FAIL || take_rows(process))
            continue;
        connection->has_failed = true;
        mssql_give_up(connection);
        return;
    }
}

/* What nobody cancels, and what comes of it nobody is told but that the connection is gone. */
static void ask(struct backend_connection *connection, const char *sql)
{
    const struct mssql_failure failure = connection->failure;
    (void)dbfreebuf(connection->process);
    if (dbcmd(connection->process, sql) == SUCCEED && dbsqlsend(connection->process) == SUCCEED)
        (void)dbsqlok(connection->process);
    take_all(connection);
    connection->failure = failure;
    connection->is_dead |= DBDEAD(connection->process) != 0;
    if (!connection->is_dead)
        connection->in_transaction = mssql_in_transaction(connection->process);
}

void mssql_undo_transaction(struct backend_connection *connection)
{
    ask(connection, "IF @@TRANCOUNT > 0 ROLLBACK TRAN");
}

enum outcome mssql_begin_exchange(struct backend_connection *connection)
{
    if (connection->is_dead)
        return mssql_refuse(connection, OUTCOME_DIED, 0, "the connection is gone");
    mssql_make_room(connection);
    if (connection->is_dead)
        return OUTCOME_DIED;
    connection->failure = (struct mssql_failure){.outcome = OUTCOME_OK};
    connection->has_failed = false;
    if (is_cancelled(&connection->cancel))
        return mssql_refuse(connection, OUTCOME_INTERRUPTED, 0, "cancelled");
    return OUTCOME_OK;
}

/*
 * Attention that was asked for when the answer was there already stays with db-lib until something
 * is waited for: that is to be something harmless.
 */
void mssql_end_exchange(struct backend_connection *connection)
{
    bool was_sent = take_back(&connection->cancel);
    connection->is_dead |= DBDEAD(connection->process) != 0;
    if (connection->has_failed) /* whoever knows why has said so already */
        (void)mssql_refuse(connection, OUTCOME_OTHER, 0, "the answer broke off");
    if (!connection->is_dead)
        connection->in_transaction = mssql_in_transaction(connection->process);
    if (was_sent && !connection->is_dead)
        ask(connection, "SELECT 1");
    /* Stopped, and nobody said why: it was asked for. */
    if (was_sent && connection->failure.outcome == OUTCOME_OTHER && !connection->is_dead)
        connection->failure.outcome = OUTCOME_INTERRUPTED;
}

enum outcome mssql_run_text(struct backend_connection *connection, const char *sql)
{
    enum outcome outcome = mssql_begin_exchange(connection);
    if (outcome != OUTCOME_OK)
        return outcome;
    (void)dbfreebuf(connection->process);
    bool is_sent =
        dbcmd(connection->process, sql) == SUCCEED && dbsqlsend(connection->process) == SUCCEED;
    if (is_sent) {
        mssql_sent(connection);
        connection->has_failed = dbsqlok(connection->process) == FAIL;
        take_all(connection);
    }
    mssql_end_exchange(connection);
    if (connection->is_dead)
        return mssql_lost(connection, false);
    return is_sent ? connection->failure.outcome : OUTCOME_NO_MEMORY;
}
