/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of the order of each register's versions besides what the rules of a level say
 * (enum isolation_key_order): that of the transactions which wrote or read them. Elle infers orders
 * from the same three assumptions (rw-register's linearizable-keys?, sequential-keys?, wfr-keys?).
 */
#ifndef ISOLATION_KEY_ORDER_H
#define ISOLATION_KEY_ORDER_H

#include "isolation/versions.h"

struct key_order {
    uint32_t count; /* of versions */
    uint8_t *must;  /* [earlier][later] */
};

/*
 * NULL comes back where nothing is known. False: no order of some key's versions is left, and the
 * finding says of which.
 */
bool key_orders_find(const struct versions *versions, struct arena *arena,
                     struct key_order **ret_orders, struct isolation_finding *finding);

/* Whether the version at `from` in the key's order may come at `position`, as the next one. */
bool key_order_permits(const struct key_order *order, const struct key_versions *key,
                       uint32_t position, uint32_t from);

#endif
