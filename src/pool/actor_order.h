/* SPDX-License-Identifier: Apache-2.0 */
/* Orders and batches that outlive the call that gave them: everything in one block of memory. */
#ifndef POOL_ACTOR_ORDER_H
#define POOL_ACTOR_ORDER_H

#include "pool/connection.h"

/*
 * Copies the values (and, ad hoc, the SQL) of `order` into a block of its own, which `*ret_order`
 * points into. False: no memory. The block is the caller's, for free(); NULL when nothing had to be
 * copied.
 */
bool actor_order_copy(struct order *ret_order, const struct order *order, void **ret_block);

/* The same for a batch that is not empty. */
bool actor_batch_copy(struct batch_item **ret_items, const struct batch_item *items, size_t count,
                      void **ret_block);

#endif
