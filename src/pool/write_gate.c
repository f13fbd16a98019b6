/* SPDX-License-Identifier: Apache-2.0 */
/* The gate is handed from one to the next: it stays taken while anybody waits. */
#include "pool/write_gate.h"

bool write_gate_init(struct write_gate *gate)
{
    *gate = (struct write_gate){.is_taken = false};
    return pthread_mutex_init(&gate->mutex, NULL) == 0;
}

void write_gate_clean_up(struct write_gate *gate)
{
    (void)pthread_mutex_destroy(&gate->mutex);
}

enum outcome write_gate_take(struct write_gate *gate, uint32_t timeout_ms)
{
    enum outcome outcome = OUTCOME_OK;
    void *grant;
    (void)pthread_mutex_lock(&gate->mutex);
    if (gate->is_taken)
        outcome = wait_queue_wait(&gate->waiting, &gate->mutex, timeout_ms, &grant);
    else
        gate->is_taken = true;
    (void)pthread_mutex_unlock(&gate->mutex);
    return outcome;
}

void write_gate_leave(struct write_gate *gate)
{
    (void)pthread_mutex_lock(&gate->mutex);
    gate->is_taken = wait_queue_grant(&gate->waiting, gate);
    (void)pthread_mutex_unlock(&gate->mutex);
}
