/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads that wait in line for something that is handed to them directly: whoever frees it gives
 * it to the first one, nobody can come in between. All functions are called with the mutex held
 * that guards the queue. A zeroed queue is empty.
 */
#ifndef POOL_WAIT_QUEUE_H
#define POOL_WAIT_QUEUE_H

#include <interplay/pool.h>

#include <pthread.h>

struct waiter;

struct wait_queue {
    struct waiter *first, *last;
    uint32_t count;
};

/*
 * Waits at the end of the line. OUTCOME_OK: `*ret_grant` is what was handed over, in time or at the
 * last moment; OUTCOME_TIMEOUT; OUTCOME_CLOSED: refused; OUTCOME_NO_MEMORY.
 */
enum outcome wait_queue_wait(struct wait_queue *queue, pthread_mutex_t *mutex, uint32_t timeout_ms,
                             void **ret_grant) INTERPLAY_RESULT;

/* Hands `grant` to the first in line; false: nobody waits. */
bool wait_queue_grant(struct wait_queue *queue, void *grant);

/* Sends everybody away. */
void wait_queue_refuse_all(struct wait_queue *queue);

#endif
