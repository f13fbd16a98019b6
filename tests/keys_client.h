/* SPDX-License-Identifier: Apache-2.0 */
/* Calls to the server of keys from coroutines of the world that is entered. */
#ifndef TESTS_KEYS_CLIENT_H
#define TESTS_KEYS_CLIENT_H

#include "keys_server.h"
#include "sim/outside.h"

struct keys_session {
    struct outside line; /* first; its `connection` is the caller's */
    const struct keys_server *server;
    uint32_t number;
    bool is_cancelled;
    bool is_at_end; /* the server is gone */
    unsigned char answer[KEYS_ANSWER_BYTES];
    size_t got;
};

/* Opens the line of the server's session `number`. */
void keys_client_open(struct keys_session *session, const struct keys_server *server,
                      uint32_t number);
void keys_client_close(struct keys_session *session);

/* Which of the others are in the way of this one, as the server says: a bit set. */
uint64_t keys_client_blockers(const struct keys_session *session,
                              const struct keys_session *const *others, uint32_t count);

/* Sends a request; there is a yield point before it and one behind it. */
void keys_client_ask(struct keys_session *session, enum keys_request request, uint32_t key);

/* Waits for its answer; false at the deadline. */
bool keys_client_wait(struct keys_session *session, uint64_t deadline_ns);

/* What is waited for is no longer wanted; it is answered then. */
void keys_client_cancel(struct keys_session *session);

/* The answer that has come, or 0 at the server's end. */
unsigned keys_client_take(struct keys_session *session);

#endif
