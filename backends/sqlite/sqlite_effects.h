/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a statement of somebody's own does beyond reading, and which modes a connection is in now.
 * In doubt it does more: pragmas that nobody looked at set something.
 */
#ifndef SQLITE_SQLITE_EFFECTS_H
#define SQLITE_SQLITE_EFFECTS_H

#include <interplay/backend.h>

#include <sqlite3.h>
#include <stdbool.h>

/* How a run of the statement, which is over, went. */
struct sqlite_effects_run {
    bool has_begun, has_failed;
    bool has_counted; /* the number of rows that the connection ever changed has grown */
};

/* A bit set of enum backend_effect. */
uint32_t sqlite_effects(sqlite3_stmt *statement, const struct sqlite_effects_run *run);

/* The text names a mode that sqlite_read_modes reads: whoever runs it may have set that. */
bool sqlite_names_mode(const char *sql);

/* "synchronous=2 journal_mode=wal locking_mode=normal"; empty when that cannot be read. */
void sqlite_read_modes(sqlite3 *database, char ret_modes[BACKEND_MODES_BYTES]);

#endif
