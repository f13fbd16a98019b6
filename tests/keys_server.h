/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that is a process of its own and locks keys: something outside of virtual time, for
 * tests. It takes its time, at random: before it does what it is asked for, and between the two
 * pieces of its answer. What it does depends on the order of the requests alone.
 *
 * A request is a byte (enum keys_request) and a key; an answer is four bytes: enum keys_answer, the
 * key, and how many locks the server has given so far (low byte first). A session holds what it has
 * locked until it releases everything. Who waits for a key gets it in the order of the requests.
 */
#ifndef TESTS_KEYS_SERVER_H
#define TESTS_KEYS_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { KEYS_SESSIONS = 32, KEYS_KEYS = 4, KEYS_REQUEST_BYTES = 2, KEYS_ANSWER_BYTES = 4 };

enum keys_request {
    KEYS_LOCK = 'l',
    KEYS_LOOK = 'o', /* locks nothing */
    KEYS_RELEASE = 'r',
    KEYS_CANCEL = 'c', /* has no answer: the lock that this session waits for has, KEYS_CANCELLED */
    KEYS_RESTART = 's', /* the count begins at 0 again */
    KEYS_DIE = 'd',
    KEYS_KEEP_SILENT = 'k', /* never answered */
};

enum keys_answer { KEYS_DONE = 'd', KEYS_DEADLOCK = 'x', KEYS_CANCELLED = 'c' };

struct keys_server_options {
    bool breaks_deadlocks; /* whoever would close a circle is told KEYS_DEADLOCK instead */
    uint32_t delay_max_us; /* 0: no delays */
};

struct keys_server {
    pid_t process;
    int sessions[KEYS_SESSIONS];
    int monitor;
};

/* Aborts if the system refuses. */
void keys_server_start(struct keys_server *server, const struct keys_server_options *options);
void keys_server_stop(struct keys_server *server);

/* The sessions that are in the way of this one's lock, a bit set; 0: it does not wait. */
uint32_t keys_server_blockers(const struct keys_server *server, uint32_t session);

#endif
