/* SPDX-License-Identifier: Apache-2.0 */
/* What a statement has done, for whoever listens (struct backend_told). */
#include "postgres/postgres_connection.h"

#include <stdio.h>

/* In a transaction that has failed nobody can ask. */
static void read_modes(struct backend_connection *connection, char ret_modes[BACKEND_MODES_BYTES])
{
    ret_modes[0] = '\0';
    if (connection->has_failed || postgres_begin_exchange(connection) != OUTCOME_OK)
        return;
    PGresult *result = PQexec(connection->pg, "SHOW synchronous_commit");
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
        (void)snprintf(ret_modes, BACKEND_MODES_BYTES, "synchronous_commit=%s",
                       PQgetvalue(result, 0, 0));
    PQclear(result);
    if (PQstatus(connection->pg) != CONNECTION_OK)
        (void)postgres_lost(connection, false);
    postgres_end_exchange(connection);
}

static void tell(struct backend_connection *connection, const char *sql, uint32_t effects,
                 bool names_modes)
{
    char modes[BACKEND_MODES_BYTES];
    struct backend_told told = {.sql = sql, .effects = effects};
    if (names_modes) {
        read_modes(connection, modes);
        told.modes = modes;
    }
    connection->on_statement(connection->context, &told);
}

void postgres_tell_setup(struct backend_connection *connection, const char *setup)
{
    if (postgres_read_text(setup).names_modes)
        tell(connection, NULL, 0, true);
}

void postgres_tell_statement(struct backend_statement *statement)
{
    tell(statement->connection, statement->sql, statement->effects, statement->text.names_modes);
}
