/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database of one's own on the server at hand, and its clean state before each plan. A process
 * claims the first one that nobody has: so there are never more than were in use at once, whatever
 * becomes of the processes.
 */
#ifndef POSTGRES_POSTGRES_DATABASE_H
#define POSTGRES_POSTGRES_DATABASE_H

#include "postgres/postgres_monitor.h"
#include "postgres/postgres_server.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { POSTGRES_TARGET_BYTES = POSTGRES_PATH_BYTES + 128 };

struct postgres_database {
    const struct postgres_server *server;
    pid_t process;   /* whose it is */
    int claim;       /* the locked file that says so */
    uint32_t number; /* of the database */
    uint32_t plans;  /* since it was made */
    bool has_schema; /* of a native plan, and nothing else */
    bool is_empty;
    const char *setup_sql;
    char target[POSTGRES_TARGET_BYTES]; /* for connections */
    struct postgres_monitor monitor;
};

/* `setup_sql` stays the caller's. */
enum error_code postgres_database_open(struct postgres_database *database, const char *setup_sql,
                                       struct error *error) __attribute__((warn_unused_result));
void postgres_database_close(struct postgres_database *database);

/*
 * It is still there, this process's, and not so old that its catalogs are full of what once was;
 * otherwise it is to be closed and opened anew.
 */
bool postgres_database_is_usable(const struct postgres_database *database);

/*
 * Nobody is connected. As if nothing had ever run: with the tables of a native plan, or empty.
 * `schema_is_old`: what it was set back to last may not be its schema any more. False: it could
 * not be done.
 */
bool postgres_database_set_back(struct postgres_database *database, bool is_empty,
                                bool schema_is_old);

#endif
