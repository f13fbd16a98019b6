/* SPDX-License-Identifier: Apache-2.0 */
/* Slots change hands here. */
#include "pool/slot.h"

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
