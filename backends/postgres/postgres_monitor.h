/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection of the harness's own, which asks the server while the plan's connections wait, and
 * puts things in order between plans. It goes to the system's network, whatever world is entered.
 */
#ifndef POSTGRES_POSTGRES_MONITOR_H
#define POSTGRES_POSTGRES_MONITOR_H

#include <interplay/error.h>

#include <libpq-fe.h>
#include <stdbool.h>

struct postgres_monitor {
    PGconn *pg; /* NULL: none */
    /*
     * Somebody who was stopped may hold what the server needs to answer: called when it takes its
     * time; NULL: nobody is ever stopped.
     */
    void (*on_silence)(void *context);
    void *context;
};

/* The callback is filled in later. */
enum error_code postgres_monitor_open(struct postgres_monitor *monitor, const char *target,
                                      struct error *error) __attribute__((warn_unused_result));
void postgres_monitor_close(struct postgres_monitor *monitor);

/* ERROR_BACKEND: `context`, and the first line of what was said last on a connection. */
enum error_code postgres_monitor_fail(const PGconn *pg, const char *context, struct error *error);

/* In a process that was forked: the connection stays its parent's. */
void postgres_monitor_leave(struct postgres_monitor *monitor);

/* Statements without parameters; true if all went well. */
bool postgres_monitor_run(struct postgres_monitor *monitor, const char *sql);

/*
 * The rows of one statement with one text as its parameter $1, or NULL as there is none; NULL if
 * it failed. PQclear is the caller's.
 */
PGresult *postgres_monitor_ask(struct postgres_monitor *monitor, const char *sql,
                               const char *parameter);

/*
 * Prepares such a statement under a name, and asks it.
 */
bool postgres_monitor_prepare(struct postgres_monitor *monitor, const char *name, const char *sql);
PGresult *postgres_monitor_ask_prepared(struct postgres_monitor *monitor, const char *name,
                                        const char *parameter);

#endif
