/* SPDX-License-Identifier: Apache-2.0 */
/* The synchronous pool, for its own files. */
#ifndef POOL_POOL_INTERNAL_H
#define POOL_POOL_INTERNAL_H

#include "pool/options.h"
#include "pool/slot.h"
#include "pool/write_gate.h"

struct pool {
    struct options_copy copy; /* unchanged after opening */
    struct write_gate gate;
    uint32_t slot_count;

    pthread_mutex_t mutex; /* guards what follows, and the slots */
    pthread_cond_t all_back;
    struct slot slots[POOL_SLOTS_MAX]; /* readers first */
    struct wait_queue waiting_readers, waiting_writers;
    uint32_t leased;
    uint64_t prepares, replaced;
    bool is_closed; /* no new leases */
    bool is_ended;  /* the connections are closed, too */
};

/* What connections of a slot are opened with. */
struct connection_settings pool_settings(struct pool *pool, const struct slot *slot);

/* Checks a slot out, with an open connection. */
enum outcome pool_check_out(struct pool *pool, bool is_writer, uint32_t timeout_ms,
                            struct slot **ret_slot, struct pool_error *error) INTERPLAY_RESULT;

/*
 * Rolls back what is open, replaces a broken connection, and hands the slot on. By whoever has the
 * lease, outside of any call on it. The outcome is the rollback's.
 */
enum outcome pool_give_back(struct slot *slot);

/* With the mutex held: what the slot's connection has done since the last time. */
void pool_account(struct pool *pool, struct slot *slot);

#endif
