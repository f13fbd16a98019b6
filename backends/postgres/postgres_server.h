/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private, throw-away server, one a process: started by the first who needs it, used by all of
 * the process and by those that it forks, each in a database of its own, and gone with the process,
 * however that ends. It listens on a Unix socket in a folder of its own, on shared memory where
 * there is room; what a killed process left there goes when the next server starts.
 *
 * It is set up to be fast and always the same (`settings` in postgres_server.c): nothing works in
 * its background, and it does not go on once a session has crashed.
 *
 * One that is to be killed is its process's alone, and goes on when a session has crashed. What was
 * committed without waiting (synchronous_commit) reaches the log by nobody's doing but that of who
 * does wait: the process that sees to it otherwise, by the clock, is stopped.
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
    bool is_mortal;                   /* it may be killed, and started again */
    pid_t writer;                     /* of a mortal one: a process that is stopped; 0: none */
    long log_read;                    /* how much of its log */
};

/* The server at hand; starts one where there is none, or none that is mortal as it is to be. */
enum error_code postgres_server_take(bool is_mortal, const struct postgres_server **ret_server,
                                     struct error *error) __attribute__((warn_unused_result));

/* The mortal one at hand: who writes its log by the clock; who did before is gone. */
void postgres_server_stop_writer(pid_t writer);
/* It goes on for a moment, as it may have what others wait for. */
void postgres_server_nudge_writer(void);

/*
 * Kills the process `session` of the mortal server at hand, and lets the server recover from that;
 * 0: all of its processes, and starts it again. When it returns, who was connected is not any more;
 * whether it accepts connections yet must be tried. Fails where that cannot be done.
 */
enum error_code postgres_server_crash(pid_t session, struct error *error)
    __attribute__((warn_unused_result));

/* It does not answer any more: until it is gone. The next one to take a server gets another one. */
void postgres_server_give_up(void);

/*
 * What its log has to say since somebody asked last of a process of its that ended by a signal, a
 * line or more; false if nothing. That we have killed one is nothing.
 */
bool postgres_server_crashed(char *ret_text, size_t capacity_bytes);

#endif
