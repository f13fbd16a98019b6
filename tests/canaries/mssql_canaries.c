/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canaries that break the client side of SQL Server: the backend on db-lib, and the pool on it.
 * The linker puts each __wrap_f here in front of f, which is then __real_f (fuzz/targets.cmake
 * names them all). With no canary planted they only pass calls on.
 */
#include "canary.h"
#include "mssql/mssql_connection.h"
#include "pool/pool_internal.h"
#include "sim/posix.h"

enum mssql_canary {
    TRUSTED_COMMIT,
    ATTENTION_FOR_NEXT,
    FOREIGN_REPLY,
    REUSED_CONNECTION,
    RETRIED_COMMIT,
};

static bool is_planted(enum mssql_canary canary)
{
    return canary_planted == &canaries[canary];
}

WRAP(void, mssql_end_exchange, struct backend_connection *connection);
WRAP(void, mssql_cancel_forget, struct backend_connection *connection);
WRAP(struct mssql_row *, mssql_take_row, DBPROCESS *process);
WRAP(void, dbclose, DBPROCESS *process);
WRAP(enum outcome, connection_commit, struct connection *connection, struct pool_error *error);
WRAP(bool, connection_is_broken, const struct connection *connection);

/* --- the backend ------------------------------------------------------------------------------ */

/* Error 3902: the server has rolled the transaction back before. */
void __wrap_mssql_end_exchange(struct backend_connection *connection)
{
    enum { NO_TRANSACTION_TO_COMMIT = 3902 };
    __real_mssql_end_exchange(connection);
    if (is_planted(TRUSTED_COMMIT) && connection->failure.number == NO_TRANSACTION_TO_COMMIT)
        connection->failure.outcome = OUTCOME_OK;
}

void __wrap_mssql_cancel_forget(struct backend_connection *connection)
{
    if (!is_planted(ATTENTION_FOR_NEXT))
        __real_mssql_cancel_forget(connection);
}

/* The row that came before, on whichever connection; the one at hand is the next one's. */
static struct mssql_row *held_back;

struct mssql_row *__wrap_mssql_take_row(DBPROCESS *process)
{
    struct mssql_row *row = __real_mssql_take_row(process);
    if (!is_planted(FOREIGN_REPLY) || row == NULL)
        return row;
    struct mssql_row *earlier = held_back;
    if (earlier != NULL && earlier->count != row->count)
        return row;
    held_back = row;
    return earlier == NULL ? __real_mssql_take_row(process) : earlier;
}

static void forget(void)
{
    if (held_back != NULL)
        mssql_free_row(held_back);
    held_back = NULL;
}

/* Nothing is left when all connections are closed: the bug is no leak. */
void __wrap_dbclose(DBPROCESS *process)
{
    forget();
    __real_dbclose(process);
}

/* --- the pool --------------------------------------------------------------------------------- */

/* On a connection that takes the lost one's place it finds nothing to commit, which is no error. */
enum outcome __wrap_connection_commit(struct connection *connection, struct pool_error *error)
{
    enum outcome outcome = __real_connection_commit(connection, error);
    return is_planted(RETRIED_COMMIT) && outcome == OUTCOME_IN_DOUBT ? OUTCOME_OK : outcome;
}

bool __wrap_connection_is_broken(const struct connection *connection)
{
    return !is_planted(REUSED_CONNECTION) && __real_connection_is_broken(connection);
}

/* --- the list --------------------------------------------------------------------------------- */

static void install(struct fuzz_setup *setup)
{
    setup->before_plan = forget;
}

/* A property may be what shows it first. */
#define READS "isolation|property|expectation|snapshot"

const struct canary canaries[] = {
    [TRUSTED_COMMIT] = {"mssql_trusted_commit",
                        "COMMIT of a transaction that the server has rolled back counts as done",
                        "error-class/ok|" READS, install},
    [ATTENTION_FOR_NEXT] = {"mssql_attention_for_next",
                            "a cancel that comes late hits the next call",
                            "error-class/interrupted|pool/cancel-hits-later-call|" READS, install},
    [FOREIGN_REPLY] = {"mssql_foreign_reply", "a statement reads a row of another one's reply",
                       "error-class|pool|" READS, install},
    [REUSED_CONNECTION] = {"mssql_reused_connection", "a connection that is gone stays in the pool",
                           "pool/broken-handed-out|misuse", install},
    [RETRIED_COMMIT] = {"mssql_retried_commit",
                        "rare: a commit whose answer was lost is tried again on another connection",
                        "pool|" READS, install},
};
const size_t canary_count = sizeof canaries / sizeof canaries[0];
