/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call: one HTTP request, from its arrival to its reply. Its statement runs on an actor, while
 * its connection is suspended, so that the one thread of the service never waits for the database.
 *
 * Everything here is for that thread; what the actors say comes through the pipe `wake`.
 */
#ifndef HTTP_SERVER_CALLS_H
#define HTTP_SERVER_CALLS_H

#include "routes.h"

#include <interplay/pool.h>
#include <microhttpd.h>

enum { CALLS_MAX = 256 }; /* at a time; the mailboxes have room for all of them */

struct call {
    struct service *service;
    struct MHD_Connection *connection;
    const struct route *route; /* NULL: there is none */
    struct request *request;   /* NULL: not sent yet, or answered */
    int socket;
    bool is_suspended;            /* it waits for its statement */
    bool is_gone;                 /* the client hung up meanwhile: the statement was cancelled */
    struct call *next, *previous; /* of those that are suspended */
};

struct service {
    struct actor_pool *pool;
    int wake[2]; /* the actors write calls that have ended */
    struct call *suspended;
    /* Requests; of those whose client hung up, whose statement was cancelled; statements that run
     * although nobody waits for them, which there must be none of. */
    uint64_t replied, refused, hung_up, cancelled, left;
};

/* For MHD_start_daemon: what comes in, and what has ended. `context` is the service. */
enum MHD_Result calls_handle(void *context, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *upload_data,
                             size_t *upload_data_size, void **call);
void calls_completed(void *context, struct MHD_Connection *connection, void **call,
                     enum MHD_RequestTerminationCode reason);

/* Its client has hung up: what runs for it is interrupted, and `wake` will tell of its end. */
void call_hang_up(struct call *call);

/* The pipe is readable: whoever has ended goes on. */
void calls_wake_up(struct service *service);

#endif
