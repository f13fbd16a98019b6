/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a connection's session is not as it was when this was first asked: settings, temporary
 * schema, attached databases. Nothing of the database is read for it, so that nobody is in
 * anybody's way: what cannot be known without is asked when the schema has been read by somebody
 * else.
 */
#ifndef SQLITE_SQLITE_SESSION_H
#define SQLITE_SQLITE_SESSION_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum { SQLITE_SESSION_ITEMS = 27 };

/* Zeroed: not asked yet. */
struct sqlite_session {
    uint32_t known; /* a bit set of items */
    uint32_t values[SQLITE_SESSION_ITEMS];
};

/* As in struct backend_ops; the text is static. */
const char *sqlite_session_change(sqlite3 *database, struct sqlite_session *session);

#endif
