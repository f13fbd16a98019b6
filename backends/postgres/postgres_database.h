/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database that plans run on, and its clean state before each. On a private server it is one's
 * own: a process claims the first one that nobody has, so there are never more than were in use at
 * once, whatever becomes of the processes. Or it is somebody's (postgres_target.h).
 */
#ifndef POSTGRES_POSTGRES_DATABASE_H
#define POSTGRES_POSTGRES_DATABASE_H

#include "postgres/postgres_monitor.h"
#include "postgres/postgres_server.h"
#include "postgres/postgres_target.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { POSTGRES_SCHEMA_BYTES = 256 };

struct postgres_database {
    const struct postgres_target *somebodys; /* NULL: it is on `server` */
    const struct postgres_server *server;
    pid_t process;   /* whose it is */
    int claim;       /* the locked file that says so */
    int names;       /* another one: that of names of prepared transactions; -1: not locked */
    uint32_t number; /* of the database */
    char name[16];   /* its own */
    uint32_t plans;  /* since it was made */
    bool has_schema; /* of a native plan, and nothing else */
    bool is_empty;
    const char *setup_sql;
    char schema[POSTGRES_SCHEMA_BYTES]; /* in somebody's: which tables it was */
    bool is_set_back; /* the plan finds what it begins with, as far as anybody can say */
    char target[POSTGRES_CONNECTION_BYTES]; /* for connections */
    struct postgres_monitor monitor;
};

/* `setup_sql` stays the caller's. `is_mortal`: on a server that may be killed. */
enum error_code postgres_database_open(struct postgres_database *database, const char *setup_sql,
                                       bool is_mortal, struct error *error)
    __attribute__((warn_unused_result));
void postgres_database_close(struct postgres_database *database);

/*
 * It is still there, this process's, and not so old that its catalogs are full of what once was;
 * otherwise it is to be closed and opened anew. `is_mortal`: and its server may be killed, or it is
 * somebody's, which never may.
 */
bool postgres_database_is_usable(const struct postgres_database *database, bool is_mortal);

/*
 * As postgres_server_crash; when it returns the server accepts connections, and the monitor has a
 * new one. Only where the server may be killed.
 */
enum error_code postgres_database_crash(struct postgres_database *database, pid_t session,
                                        struct error *error) __attribute__((warn_unused_result));
bool postgres_database_is_mortal(const struct postgres_database *database);

/*
 * Names of prepared transactions are the server's: one process at a time may give some. Waits until
 * nobody else does, in whichever database; until postgres_database_give_names.
 */
enum error_code postgres_database_take_names(struct postgres_database *database,
                                             struct error *error)
    __attribute__((warn_unused_result));
void postgres_database_give_names(struct postgres_database *database);

/* Those of this database are rolled back; of somebody's, those that plans may have prepared. */
bool postgres_database_end_prepared(struct postgres_database *database);

/*
 * Nobody is connected. As if nothing had ever run: with the tables of a native plan, or empty; of
 * somebody's, what may be emptied. `schema_is_old`: what it was set back to last may not be its
 * schema any more. Fails when it could not be done.
 */
enum error_code postgres_database_set_back(struct postgres_database *database, bool is_empty,
                                           bool schema_is_old, struct error *error)
    __attribute__((warn_unused_result));

#endif
