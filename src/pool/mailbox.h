/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded queue of requests, first come first served, and behind it those whose senders wait for
 * room. It knows nothing of threads: the pool's mutex guards it.
 */
#ifndef POOL_MAILBOX_H
#define POOL_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

struct request;

/* Requests are linked through themselves: each is in one queue at a time. */
struct request_queue {
    struct request *first, *last;
    uint32_t count;
};

void request_queue_append(struct request_queue *queue, struct request *request);
void request_queue_remove(struct request_queue *queue, struct request *request);
/* The first one, removed; NULL if there is none. */
struct request *request_queue_take(struct request_queue *queue);

struct mailbox {
    struct request_queue waiting; /* accepted */
    struct request_queue senders; /* not accepted yet: their senders wait for room */
    uint32_t bound;               /* of `waiting` */
};

/* True when one more request may be pushed. */
bool mailbox_has_room(const struct mailbox *mailbox);

/* Accepts a request, behind all others. */
void mailbox_push(struct mailbox *mailbox, struct request *request);

#endif
