/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private, throw-away server, one a process: started by the first who needs it, used by all of
 * the process and by those that it forks, each in a database of its own, and gone with the process,
 * however that ends. It listens on a Unix socket in a folder of its own, on shared memory where
 * there is room; what a killed process left there goes when the next server starts.
 *
 * It is set up to be fast and always the same (`settings` in postgres_server.c): nothing works in
 * its background, and it does not go on once a session has crashed.
 */
#ifndef POSTGRES_POSTGRES_SERVER_H
#define POSTGRES_POSTGRES_SERVER_H

#include "postgres/postgres_process.h"

#include <stdbool.h>
#include <stddef.h>

struct postgres_server {
    char folder[POSTGRES_PATH_BYTES]; /* where its socket is */
    pid_t process;                    /* the postmaster */
    pid_t owner;                      /* who started it */
};

/* The server at hand; starts one if there is none, or if it has died. */
enum error_code postgres_server_take(const struct postgres_server **ret_server, struct error *error)
    __attribute__((warn_unused_result));

/* It does not answer any more: until it is gone. The next one to take a server gets another one. */
void postgres_server_give_up(void);

/*
 * What the end of its log says of a process of its that ended by a signal, a line or more; false if
 * nothing does.
 */
bool postgres_server_crashed(const struct postgres_server *server, char *ret_text,
                             size_t capacity_bytes);

#endif
