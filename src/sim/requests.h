/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way between a pool and its database: a backend in front of another one that notices handles
 * that are used after their end (sim/handles.h), whatever the other one makes of them, and where
 * requests and answers get lost. It strikes with the faults request_drop, request_reorder,
 * partial_failure and partial_success. A request is a statement from its first step on, BEGIN and
 * COMMIT among them; connecting, preparing and fetching further rows are none.
 *
 * Where no answer comes in time, the call comes to OUTCOME_TIMEOUT after WORLD_LATENCY_NS,
 * whichever way it was lost: who asked cannot know what became of it, and may only look (the
 * connection still says the truth of its transaction) or give the connection up. A late request
 * arrives before the next one on its connection, whoever sends that; never, where the connection is
 * closed first. A statement that returns rows is never told to have succeeded without them.
 *
 * Handles belong to struct requests: what a pool has not given back ends with it.
 */
#ifndef SIM_REQUESTS_H
#define SIM_REQUESTS_H

#include "sim/handles.h"

#include <interplay/backend.h>

/* A request that arrives late. */
struct late_request {
    uint32_t task;   /* that it was sent for */
    uint32_t number; /* what `number_of` said of that task then */
    const char *sql; /* of the request that it arrives with */
};

struct requests {
    struct backend_ops ops; /* for the pool */
    const struct backend_ops *inner;
    uint32_t (*number_of)(void *context, uint32_t task);
    void (*on_late)(void *context, const struct late_request *late); /* before it is done */
    void *context;
    bool loses; /* requests may be lost: else nothing is kept of what they say */
    struct handles lines, sent;
};

/*
 * The backend to hand to a pool in the world that is entered, in place of `inner`. The callbacks
 * and `context` are filled in before.
 */
const struct backend_ops *requests_open(struct requests *requests, const struct backend_ops *inner);

/* Whatever a pool has left over ends; does nothing where none was opened, or twice. */
void requests_close(struct requests *requests);

/* The same, at the end of all. */
void requests_free(struct requests *requests);

#endif
