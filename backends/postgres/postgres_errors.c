/* SPDX-License-Identifier: Apache-2.0 */
/* Failures: what they are in common words, and what of them is kept. */
#include "postgres/postgres_connection.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *state;
    enum outcome outcome;
} codes[] = {
#define CODE(state, outcome) {state, OUTCOME_##outcome},
#include "postgres/postgres_codes.def"
#undef CODE
};

/*
 * "cached plan must not change result type" has the state of all that is not supported; its text
 * may be translated.
 */
static bool has_changed_columns(const char *state, const char *routine)
{
    return strcmp(state, "0A000") == 0 && routine != NULL &&
           strcmp(routine, "RevalidateCachedQuery") == 0;
}

enum outcome postgres_outcome_of(const char *state, const char *routine)
{
    if (has_changed_columns(state, routine))
        return OUTCOME_SCHEMA;
    size_t i = 0;
    while (strncmp(codes[i].state, state, strlen(codes[i].state)) != 0)
        i++;
    return codes[i].outcome;
}

/* Without the newline that libpq's own messages end in. */
static void keep(struct backend_connection *connection, const char *state, const char *message)
{
    struct postgres_failure *failure = &connection->failure;
    (void)snprintf(failure->state, sizeof failure->state, "%s", state);
    (void)snprintf(failure->message, sizeof failure->message, "%s", message);
    failure->message[strcspn(failure->message, "\n")] = '\0';
}

enum outcome postgres_refuse(struct backend_connection *connection, enum outcome outcome,
                             const char *state, const char *message)
{
    keep(connection, state, message);
    return outcome;
}

/*
 * Where a request could not be sent, libpq may not have read yet that the other end is gone: the
 * warning of a server that crashes comes before that.
 */
bool postgres_has_ended(struct backend_connection *connection)
{
    return PQstatus(connection->pg) != CONNECTION_OK || PQconsumeInput(connection->pg) == 0;
}

enum outcome postgres_failed(struct backend_connection *connection, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state == NULL && postgres_has_ended(connection))
        return postgres_lost(connection, false);
    if (state == NULL) /* libpq itself */
        return postgres_refuse(connection, OUTCOME_NO_MEMORY, "53200",
                               PQerrorMessage(connection->pg));
    keep(connection, state, message == NULL ? "" : message);
    return postgres_outcome_of(state, PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION));
}

enum outcome postgres_lost(struct backend_connection *connection, bool may_have_committed)
{
    connection->is_dead = true;
    connection->in_transaction = connection->has_failed = connection->has_written = false;
    if (connection->failure.state[0] == '\0')
        keep(connection, "08006", PQerrorMessage(connection->pg));
    return may_have_committed ? OUTCOME_IN_DOUBT : OUTCOME_DIED;
}
