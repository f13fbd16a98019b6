/* SPDX-License-Identifier: Apache-2.0 */
/* Failures: who tells of them, what they are in common words, and what of them is kept. */
#include "mssql/mssql_connection.h"

#include <stdio.h>
#include <string.h>
#include <syberror.h>

static const struct {
    int number;
    enum outcome outcome;
} codes[] = {
#define CODE(number, outcome) {number, OUTCOME_##outcome},
#include "mssql/mssql_codes.def"
#undef CODE
};

/* Classes of severity: what is told, from where on something failed, and ends the connection. */
enum { LAST_TOLD = 10, FIRST_FATAL = 20 };

enum outcome mssql_outcome_of(int number, int severity)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].number == number)
            return codes[i].outcome;
    return severity >= FIRST_FATAL ? OUTCOME_DIED : OUTCOME_SQL_ERROR;
}

/* --- keeping them ----------------------------------------------------------------------------- */

static void keep(struct backend_connection *connection, const struct mssql_failure *failure)
{
    if (connection->failure.outcome == OUTCOME_OK)
        connection->failure = *failure;
}

static struct mssql_failure failure_of(enum outcome outcome, int number, int severity,
                                       const char *message)
{
    struct mssql_failure failure = {.outcome = outcome, .number = number, .severity = severity};
    (void)snprintf(failure.message, sizeof failure.message, "%s", message);
    return failure;
}

enum outcome mssql_refuse(struct backend_connection *connection, enum outcome outcome, int number,
                          const char *message)
{
    const struct mssql_failure failure = failure_of(outcome, number, 0, message);
    keep(connection, &failure);
    return outcome;
}

/* What was said before the connection was gone says more than that it is. */
enum outcome mssql_lost(struct backend_connection *connection, bool may_have_committed)
{
    enum outcome outcome = may_have_committed ? OUTCOME_IN_DOUBT : OUTCOME_DIED;
    bool was_told = connection->failure.number != 0;
    connection->is_dead = true;
    connection->in_transaction = connection->has_written = false;
    connection->failure.outcome = outcome;
    if (!was_told)
        connection->failure = failure_of(outcome, 0, 0, "the connection was lost");
    return outcome;
}

/* --- handlers --------------------------------------------------------------------------------- */

/* Those that are being opened: db-lib does not know yet whose they are. */
static struct mssql_opening *openings;
static pthread_mutex_t openings_mutex = PTHREAD_MUTEX_INITIALIZER;

void mssql_begin_opening(struct mssql_opening *opening)
{
    (void)pthread_mutex_lock(&openings_mutex);
    opening->thread = pthread_self();
    opening->next = openings;
    openings = opening;
    (void)pthread_mutex_unlock(&openings_mutex);
}

void mssql_end_opening(struct mssql_opening *opening)
{
    (void)pthread_mutex_lock(&openings_mutex);
    struct mssql_opening **link = &openings;
    while (*link != opening)
        link = &(*link)->next;
    *link = opening->next;
    (void)pthread_mutex_unlock(&openings_mutex);
}

static struct backend_connection *opened_here(void)
{
    (void)pthread_mutex_lock(&openings_mutex);
    const struct mssql_opening *found = openings;
    while (found != NULL && pthread_equal(found->thread, pthread_self()) == 0)
        found = found->next;
    (void)pthread_mutex_unlock(&openings_mutex);
    return found == NULL ? NULL : found->connection;
}

static struct backend_connection *connection_of(DBPROCESS *process)
{
    BYTE *user = process == NULL ? NULL : dbgetuserdata(process);
    return user == NULL ? opened_here() : (struct backend_connection *)(void *)user;
}

static enum outcome outcome_of_client(int error)
{
    return error == SYBETIME  ? OUTCOME_TIMEOUT
           : error == SYBEMEM ? OUTCOME_NO_MEMORY
                              : OUTCOME_OTHER;
}

/* db-lib's own errors. A time that is up ends the request, not the connection. */
static int on_error(DBPROCESS *process, int severity, int error, int system_error, char *text,
                    char *system_text)
{
    (void)system_error, (void)system_text;
    struct backend_connection *connection = connection_of(process);
    if (connection != NULL && error != SYBESMSG) {
        const struct mssql_failure failure =
            failure_of(outcome_of_client(error), error, severity, text == NULL ? "" : text);
        keep(connection, &failure);
    }
    return error == SYBETIME ? INT_TIMEOUT : INT_CANCEL;
}

/* The server's. */
static int on_message(DBPROCESS *process, DBINT number, int state, int severity, char *text,
                      char *server, char *procedure, int line)
{
    (void)state, (void)server, (void)procedure, (void)line;
    struct backend_connection *connection = connection_of(process);
    if (connection == NULL || severity <= LAST_TOLD)
        return 0;
    const struct mssql_failure failure =
        failure_of(mssql_outcome_of(number, severity), number, severity, text == NULL ? "" : text);
    keep(connection, &failure);
    connection->is_dead |= severity >= FIRST_FATAL;
    return 0;
}

/* --- the library ------------------------------------------------------------------------------ */

static bool has_library;

static void begin_library(void)
{
    has_library = dbinit() == SUCCEED;
    (void)dberrhandle(on_error);
    (void)dbmsghandle(on_message);
}

bool mssql_begin_library(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    return pthread_once(&once, begin_library) == 0 && has_library;
}
