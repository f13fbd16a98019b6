/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a session is not as it was, as far as the server reports it by itself (the manual,
 * "Frontend/Backend Protocol", "Asynchronous Operations"): nobody is asked.
 */
#ifndef POSTGRES_POSTGRES_SESSION_H
#define POSTGRES_POSTGRES_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>

enum { POSTGRES_REPORTED = 9, POSTGRES_REPORTED_BYTES = 64 };

struct postgres_session {
    bool is_known; /* what follows: what was reported when it was first asked for */
    char values[POSTGRES_REPORTED][POSTGRES_REPORTED_BYTES];
};

/* As backend_ops.session_change. */
const char *postgres_session_change(struct postgres_session *session, const PGconn *pg);

#endif
