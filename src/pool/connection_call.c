/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupting from other threads: it hits the call under way and no other one.
 *
 * The backend is only told while steps are under way, and the mutex keeps them under way until it
 * has been told. A call that waits in between (for the gate, before another try) remembers the
 * interruption and does not begin its next statement.
 */
#include "pool/connection_internal.h"

bool connection_enter(struct connection *connection)
{
    struct connection_call *call = &connection->call;
    if (call->is_stepping)
        return false;
    (void)pthread_mutex_lock(&call->mutex);
    if (call->depth++ == 0)
        call->is_interrupted = false;
    (void)pthread_mutex_unlock(&call->mutex);
    return true;
}

void connection_leave(struct connection *connection)
{
    struct connection_call *call = &connection->call;
    (void)pthread_mutex_lock(&call->mutex);
    call->depth--;
    (void)pthread_mutex_unlock(&call->mutex);
}

bool connection_start_stepping(struct connection *connection)
{
    struct connection_call *call = &connection->call;
    (void)pthread_mutex_lock(&call->mutex);
    bool is_interrupted = call->is_interrupted;
    call->is_stepping = !is_interrupted;
    (void)pthread_mutex_unlock(&call->mutex);
    return !is_interrupted;
}

void connection_stop_stepping(struct connection *connection)
{
    struct connection_call *call = &connection->call;
    (void)pthread_mutex_lock(&call->mutex);
    call->is_stepping = false;
    (void)pthread_mutex_unlock(&call->mutex);
}

void connection_interrupt(struct connection *connection)
{
    struct connection_call *call = &connection->call;
    (void)pthread_mutex_lock(&call->mutex);
    if (call->depth > 0)
        call->is_interrupted = true;
    if (call->is_stepping && (connection->backend->capabilities & BACKEND_CAN_CANCEL) != 0)
        connection->backend->cancel(connection->database);
    (void)pthread_mutex_unlock(&call->mutex);
}
