/* SPDX-License-Identifier: Apache-2.0 */
/* Slots change hands here. */
#include "pool/slot.h"

void slot_init(struct slot *slot, struct pool *pool, pthread_mutex_t *mutex, bool is_writer)
{
    *slot = (struct slot){
        .pool = pool, .mutex = mutex, .is_writer = is_writer, .state = POOL_SLOT_EMPTY};
    slot->reader.slot = slot;
    slot->writer.slot = slot;
    slot->read_txn.slot = slot;
    slot->write_txn.slot = slot;
}

bool slot_claim(struct slot *slot)
{
    if (slot->state != POOL_SLOT_EMPTY && slot->state != POOL_SLOT_IDLE)
        return false;
    slot->state = POOL_SLOT_LEASED;
    return true;
}

bool slot_wake_waiter(struct slot *slot, struct wait_queue *waiting)
{
    return wait_queue_grant(waiting, slot);
}
