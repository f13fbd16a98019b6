/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The write gate: the writers of one pool take turns, first come, first served, so that none of
 * them meets another one's lock in the database. Held by a connection for the time of one writing
 * statement or of a whole write transaction.
 *
 * It does not stand in for the busy timeout: an SQLite reader that finds the log's header half
 * written takes the write lock for a moment, too.
 */
#ifndef POOL_WRITE_GATE_H
#define POOL_WRITE_GATE_H

#include "pool/wait_queue.h"

struct write_gate {
    pthread_mutex_t mutex;
    bool is_taken;
    struct wait_queue waiting;
};

/* False when there is no memory for it. */
bool write_gate_init(struct write_gate *gate);
void write_gate_clean_up(struct write_gate *gate);

/* OUTCOME_OK, OUTCOME_TIMEOUT or OUTCOME_NO_MEMORY. */
enum outcome write_gate_take(struct write_gate *gate, uint32_t timeout_ms) INTERPLAY_RESULT;
void write_gate_leave(struct write_gate *gate);

#endif
