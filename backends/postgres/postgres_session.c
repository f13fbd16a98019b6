/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_session.h"

#include <stdio.h>
#include <string.h>

static const char *const reported[POSTGRES_REPORTED] = {
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "IntervalStyle",
    "is_superuser",
    "session_authorization",
    "standard_conforming_strings",
    "TimeZone",
};

static const char *value_of(const PGconn *pg, int which)
{
    const char *value = PQparameterStatus(pg, reported[which]);
    return value == NULL ? "" : value;
}

static void keep(struct postgres_session *session, const PGconn *pg)
{
    for (int i = 0; i < POSTGRES_REPORTED; i++)
        (void)snprintf(session->values[i], sizeof session->values[i], "%s", value_of(pg, i));
    session->is_known = true;
}

const char *postgres_session_change(struct postgres_session *session, const PGconn *pg)
{
    if (!session->is_known)
        keep(session, pg);
    for (int i = 0; i < POSTGRES_REPORTED; i++)
        if (strncmp(session->values[i], value_of(pg, i), POSTGRES_REPORTED_BYTES - 1) != 0)
            return reported[i];
    return "";
}
