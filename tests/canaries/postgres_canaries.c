/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canaries that break PostgreSQL's client side: the backend on libpq, and the pool on it. The
 * linker puts each __wrap_f here in front of f, which is then __real_f (fuzz/targets.cmake names
 * them all). With no canary planted they only pass calls on.
 */
#include "canary.h"
#include "pool/pool_internal.h"
#include "postgres/postgres_connection.h"
#include "postgres/postgres_settings.h"
#include "sim/posix.h"

#include <stdio.h>
#include <string.h>

enum postgres_canary {
    TRUSTED_TAG,
    CANCEL_FOR_NEXT,
    FOREIGN_STATEMENT,
    OPEN_RETURN,
    REUSED_CONNECTION,
    RETRIED_COMMIT,
    SHIFTED_ROWS,
    MOVING_SNAPSHOT,
    FIRST_LOOK,
    DENIED_COMMIT,
    DROPPED_PREPARED,
    CARELESS_COMMIT,
};

static bool is_planted(enum postgres_canary canary)
{
    return canary_planted == &canaries[canary];
}

/* Forgotten before each plan. */
static struct {
    uint64_t name;       /* of the statement that was prepared last, on any connection */
    bool is_giving_back; /* the next rollback is that of a return */
    struct value value;  /* of the row that was locked or fetched last */
} memory;

WRAP(enum outcome, postgres_refuse, struct backend_connection *connection, enum outcome outcome,
     const char *state, const char *message);
WRAP(void, postgres_cancel_forget, struct postgres_cancel *cancel);
WRAP(bool, postgres_send, struct backend_statement *statement);
WRAP(void, postgres_column, struct backend_statement *statement, int column,
     struct value *ret_value);
WRAP(void, postgres_settings_setup, const int32_t *settings, char ret_setup[POSTGRES_SETUP_BYTES]);
WRAP(enum outcome, pool_give_back, struct slot *slot);
WRAP(enum outcome, connection_rollback, struct connection *connection, struct pool_error *error);
WRAP(enum outcome, connection_commit, struct connection *connection, struct pool_error *error);
WRAP(bool, connection_is_broken, const struct connection *connection);

/* --- the backend ------------------------------------------------------------------------------ */

enum outcome __wrap_postgres_refuse(struct backend_connection *connection, enum outcome outcome,
                                    const char *state, const char *message)
{
    if (is_planted(TRUSTED_TAG) && outcome == OUTCOME_ROLLED_BACK)
        return OUTCOME_OK;
    return __real_postgres_refuse(connection, outcome, state, message);
}

void __wrap_postgres_cancel_forget(struct postgres_cancel *cancel)
{
    if (!is_planted(CANCEL_FOR_NEXT))
        __real_postgres_cancel_forget(cancel);
}

enum { TEXT_BYTES = 512 };

/* Rows are found by a query of its own, whose condition is not looked at again. */
static void find_beforehand(const char *sql, char text[TEXT_BYTES])
{
    const char *condition = strstr(sql, " WHERE v"), *table = strstr(sql, "t");
    bool writes = strncmp(sql, "UPDATE ", 7) == 0 || strncmp(sql, "DELETE ", 7) == 0;
    if (writes && condition != NULL && table < condition && strstr(sql, "RETURNING") == NULL)
        (void)snprintf(text, TEXT_BYTES, "%.*s WHERE k IN(SELECT k FROM %.2s%s)",
                       (int)(condition - sql), sql, table, condition);
}

/* What is sent in place of the text; empty: that. */
static void alter_text(const char *sql, char text[TEXT_BYTES])
{
    text[0] = '\0';
    if (is_planted(MOVING_SNAPSHOT) && strcmp(sql, "BEGIN") == 0)
        (void)snprintf(text, TEXT_BYTES, "BEGIN ISOLATION LEVEL READ COMMITTED");
    else if (is_planted(FIRST_LOOK))
        find_beforehand(sql, text);
    else if (is_planted(DROPPED_PREPARED) && strncmp(sql, "COMMIT PREPARED", 15) == 0)
        (void)snprintf(text, TEXT_BYTES, "ROLLBACK%s", sql + strlen("COMMIT"));
}

/* By the name that a statement has which was prepared later, on whichever connection. */
bool __wrap_postgres_send(struct backend_statement *statement)
{
    const uint64_t own = statement->name;
    bool is_of_task = statement->connection->on_commit_point != NULL; /* not the harness's own */
    if (is_of_task && own > memory.name)
        memory.name = own;
    if (is_planted(FOREIGN_STATEMENT) && is_of_task && own != 0)
        statement->name = memory.name;
    char text[TEXT_BYTES], *sql = statement->sql;
    alter_text(sql, text);
    if (is_of_task && text[0] != '\0')
        statement->sql = text;
    bool is_sent = __real_postgres_send(statement);
    statement->name = own;
    statement->sql = sql;
    return is_sent;
}

/* Rows that are no plain select's: each has the value of the one before it. */
void __wrap_postgres_column(struct backend_statement *statement, int column,
                            struct value *ret_value)
{
    __real_postgres_column(statement, column, ret_value);
    bool is_shifted =
        strncmp(statement->sql, "FETCH", 5) == 0 ||
        (strstr(statement->sql, " FOR ") != NULL && statement->text.word == POSTGRES_WORD_select);
    if (!is_planted(SHIFTED_ROWS) || !is_shifted || column != 1)
        return;
    const struct value before = memory.value;
    memory.value = *ret_value;
    if (before.kind == VALUE_INTEGER)
        *ret_value = before;
}

/* --- the server ------------------------------------------------------------------------------- */

/* Commits do not wait until they are in the log, whatever the plan asks for. */
void __wrap_postgres_settings_setup(const int32_t *settings, char ret_setup[POSTGRES_SETUP_BYTES])
{
    __real_postgres_settings_setup(settings, ret_setup);
    size_t length = strlen(ret_setup);
    if (is_planted(CARELESS_COMMIT))
        (void)snprintf(ret_setup + length, POSTGRES_SETUP_BYTES - length,
                       ";SET synchronous_commit = off");
}

/* --- the pool --------------------------------------------------------------------------------- */

enum outcome __wrap_pool_give_back(struct slot *slot)
{
    memory.is_giving_back = true;
    return __real_pool_give_back(slot);
}

enum outcome __wrap_connection_rollback(struct connection *connection, struct pool_error *error)
{
    bool is_giving_back = memory.is_giving_back;
    memory.is_giving_back = false;
    return is_planted(OPEN_RETURN) && is_giving_back
               ? OUTCOME_OK
               : __real_connection_rollback(connection, error);
}

/*
 * Retried on a connection that takes the lost one's place, it finds nothing to commit, which is no
 * error. Denied, it counts as rolled back, as what was open on a lost connection mostly is.
 */
enum outcome __wrap_connection_commit(struct connection *connection, struct pool_error *error)
{
    enum outcome outcome = __real_connection_commit(connection, error);
    if (outcome != OUTCOME_IN_DOUBT)
        return outcome;
    return is_planted(RETRIED_COMMIT)  ? OUTCOME_OK
           : is_planted(DENIED_COMMIT) ? OUTCOME_ROLLED_BACK
                                       : outcome;
}

bool __wrap_connection_is_broken(const struct connection *connection)
{
    return !is_planted(REUSED_CONNECTION) && __real_connection_is_broken(connection);
}

/* --- the list --------------------------------------------------------------------------------- */

static void forget(void)
{
    memory.name = 0;
    memory.is_giving_back = false;
    memory.value = (struct value){.kind = VALUE_NULL};
}

static void install(struct fuzz_setup *setup)
{
    setup->before_plan = forget;
}

/* A property may be what shows it first. */
#define READS "rows|isolation|property|expectation|snapshot"

const struct canary canaries[] = {
    [TRUSTED_TAG] = {"postgres_trusted_tag", "COMMIT that answers ROLLBACK counts as done",
                     "error-class/ok|" READS, install},
    [CANCEL_FOR_NEXT] = {"postgres_cancel_for_next", "a cancel that comes late hits the next call",
                         "error-class/interrupted|pool/cancel-hits-later-call|" READS, install},
    [FOREIGN_STATEMENT] = {"postgres_foreign_statement",
                           "a statement runs by the name that it has in another session",
                           "error-class|pool|" READS, install},
    [OPEN_RETURN] = {"postgres_open_return", "a return does not roll back",
                     "pool/handed-out-in-transaction", install},
    [REUSED_CONNECTION] = {"postgres_reused_connection",
                           "lost: a connection whose session is gone stays in the pool",
                           "pool/broken-handed-out|misuse", install},
    [RETRIED_COMMIT] = {"postgres_retried_commit",
                        "lost: a commit whose answer was lost is tried again on another connection",
                        "pool/told-committed-but-lost|" READS, install},
    [SHIFTED_ROWS] = {"postgres_shifted_rows",
                      "rows that are locked or fetched have the value of the one before",
                      "isolation", install},
    [MOVING_SNAPSHOT] = {"postgres_moving_snapshot",
                         "rare: each statement of a transaction takes a new snapshot, at any level",
                         "rows|isolation", install},
    [FIRST_LOOK] = {"postgres_first_look",
                    "rare: who had to wait for a row does not look at his condition again", "rows",
                    install},
    [DENIED_COMMIT] = {"postgres_denied_commit",
                       "lost: a commit whose answer was lost is told to be rolled back",
                       "pool/told-failed-but-committed|" READS, install},
    [DROPPED_PREPARED] = {"postgres_dropped_prepared",
                          "rare: COMMIT PREPARED drops the work of the transaction",
                          "rows|isolation", install},
    [CARELESS_COMMIT] = {"postgres_careless_commit",
                         "rare: commits do not wait until they are in the server's log",
                         "durability", install},
};
const size_t canary_count = sizeof canaries / sizeof canaries[0];
