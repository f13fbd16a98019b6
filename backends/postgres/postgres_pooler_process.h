/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pooler's process, between clients and the private server: started anew for each plan, which so
 * finds no connection of another one's, as the user that the server runs as. It goes with the
 * process that started it. Its files and its log are in a folder of its own within the server's.
 */
#ifndef POSTGRES_POSTGRES_POOLER_PROCESS_H
#define POSTGRES_POSTGRES_POOLER_PROCESS_H

#include "postgres/postgres_pooler.h"
#include "postgres/postgres_process.h"
#include "postgres/postgres_server.h"

#include <stdint.h>

struct postgres_pooler_process {
    const struct postgres_pooler *pooler;
    const struct postgres_server *server;
    struct postgres_user user;
    char program[POSTGRES_PATH_BYTES];
    char folder[POSTGRES_PATH_BYTES];
    char host[POSTGRES_PATH_BYTES];
    int port;
    pid_t process; /* 0: none */
    pid_t owner;   /* who started it */
};

/* Where the program is; fails where it is not installed. */
enum error_code postgres_pooler_find(const struct postgres_pooler *pooler,
                                     char ret_program[POSTGRES_PATH_BYTES], struct error *error)
    __attribute__((warn_unused_result));

/* What it says of its version, one line; empty: nothing. */
void postgres_pooler_ask_version(const struct postgres_pooler *pooler, char *ret_version,
                                 size_t capacity_bytes);

/* `number` tells its folder from those of others on the same server. */
enum error_code postgres_pooler_open(struct postgres_pooler_process *process,
                                     const struct postgres_pooler *pooler,
                                     const struct postgres_server *server, uint32_t number,
                                     struct error *error) __attribute__((warn_unused_result));

/* Clients can connect to it. */
enum error_code postgres_pooler_start(struct postgres_pooler_process *process, struct error *error)
    __attribute__((warn_unused_result));

/* At once; whoever is connected, on either side, learns it. Not in a process that was forked. */
void postgres_pooler_stop(struct postgres_pooler_process *process);

/* It has ended by itself: for people, the end of its log; false: it is there. */
bool postgres_pooler_has_ended(struct postgres_pooler_process *process, char *ret_text,
                               size_t capacity_bytes);

#endif
