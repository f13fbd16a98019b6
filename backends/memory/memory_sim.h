/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory backend in the simulated world: its calls are yield points, and meet the plan's faults
 * there. What the runner uses is the subject made of it (memory_world.c).
 */
#ifndef MEMORY_MEMORY_SIM_H
#define MEMORY_MEMORY_SIM_H

#include <interplay/backend.h>

/* What a call does, and so what can go wrong in it. */
enum memory_call {
    MEMORY_CONNECT,
    MEMORY_PREPARE,
    MEMORY_BEGIN,
    MEMORY_READ, /* the first step of a query */
    MEMORY_ROW,  /* its other steps */
    MEMORY_WRITE,
    MEMORY_COMMIT,   /* the part of a commit before its commit point */
    MEMORY_SYNC,     /* the part behind it; of the same call, so no yield point */
    MEMORY_ROLLBACK, /* may meet busy, but no other failure */
    MEMORY_RELEASE,  /* disconnect, reset, finalize: never fails */
};

/* OUTCOME_OK, or how the call fails. OUTCOME_DIED: the process that makes the call is dead. */
enum outcome memory_sim_cross(enum memory_call call);

#endif
