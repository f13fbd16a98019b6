/* SPDX-License-Identifier: Apache-2.0 */
/* How requests get into mailboxes, and out again without having been served. */
#ifndef POOL_ACTOR_SEND_H
#define POOL_ACTOR_SEND_H

#include "pool/mailbox.h"
#include "pool/request.h"

/*
 * Puts a new request into the mailbox, waiting for room if there is none. On failure the request is
 * as it was; the mutex must not be held.
 */
enum outcome request_send(struct request *request, struct mailbox *mailbox,
                          struct pool_error *error) INTERPLAY_RESULT;

/* The rest is called with the pool's mutex held. */

/* After a request has left the mailbox: accepts those that wait for room. */
void mailbox_admit(struct mailbox *mailbox);

/*
 * Whoever waits for room is refused, all that was accepted is given up: it ends with this outcome
 * and goes to the end of `given_up`, for request_conclude_all.
 */
void mailbox_give_up(struct mailbox *mailbox, enum outcome outcome, struct request_queue *given_up);

/* Only those that wait for room. */
void mailbox_refuse(struct mailbox *mailbox, enum outcome outcome);

/* Stops one request wherever it stands: waiting, running, or ended, when nothing happens. */
void request_stop(struct request *request, struct request_queue *given_up);

#endif
