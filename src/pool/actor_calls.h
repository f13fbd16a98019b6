/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls of the public interface have in common: making a request and sending it. */
#ifndef POOL_ACTOR_CALLS_H
#define POOL_ACTOR_CALLS_H

#include "pool/actor_txn.h"
#include "pool/request.h"

/* Where a request goes to, and how. */
struct destination {
    struct actor_pool *pool;
    struct actor_role *role;
    struct actor_txn *txn; /* NULL: to any actor of the role */
    const struct request_options *options;
};

/* A request for this destination, with a reference to its transaction. NULL: no memory. */
struct request *destination_request(const struct destination *to, enum request_kind kind,
                                    struct pool_error *error);

/* Sends it, or releases it on failure. */
enum outcome destination_send(const struct destination *to, struct request *request,
                              struct request **ret_request,
                              struct pool_error *error) INTERPLAY_RESULT;

/* Makes and sends a statement, which is in a transaction if the destination is one. */
enum outcome destination_send_order(const struct destination *to, struct order order,
                                    struct request **ret_request,
                                    struct pool_error *error) INTERPLAY_RESULT;

#endif
