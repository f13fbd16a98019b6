/* SPDX-License-Identifier: Apache-2.0 */
/* Cooperative mutexes from a fixed pool. */
#include "sqlite/sim_mutex.h"

#include "base/assert.h"
#include "sim/world.h"
#include "sqlite/sim_share.h"

#include <sqlite3.h>
#include <string.h>

enum { STATIC_COUNT = SQLITE_MUTEX_STATIC_VFS3 + 1 }; /* by type; the dynamic types stay unused */

/* Process-wide: the library keeps their addresses. Nobody holds one while no plan runs. */
static struct sqlite3_mutex statics[STATIC_COUNT];

static uint32_t self(void)
{
    return world->current == NULL ? (uint32_t)WORLD_NOBODY : world_current_task();
}

/* SQLite calls this again while it initializes, with mutexes held. */
static int mutex_init(void)
{
    return SQLITE_OK;
}

static int mutex_end(void)
{
    memset(statics, 0, sizeof statics);
    memset(&sim_librarys_share.mutexes, 0, sizeof sim_librarys_share.mutexes);
    return SQLITE_OK;
}

static sqlite3_mutex *mutex_alloc(int type)
{
    if (type != SQLITE_MUTEX_FAST && type != SQLITE_MUTEX_RECURSIVE) {
        ASSERT(type >= 0 && type < STATIC_COUNT);
        statics[type].type = type;
        return &statics[type];
    }
    if (world_fault_due(FAULT_no_memory))
        return NULL;
    struct sim_mutexes *mutexes = &sim_share_at_hand()->mutexes;
    struct sqlite3_mutex *mutex = mutexes->free;
    if (mutex != NULL) {
        mutexes->free = mutex->next_free;
    } else if (mutexes->used < SIM_MUTEXES_MAX) {
        mutex = &mutexes->all[mutexes->used++];
    } else {
        world_meet_limit("mutexes of the database (256)");
        return NULL;
    }
    *mutex = (struct sqlite3_mutex){.type = type};
    mutexes->count++;
    return mutex;
}

static void mutex_free(sqlite3_mutex *mutex)
{
    ASSERT(mutex->depth == 0);
    struct sim_mutexes *mutexes = &sim_share_at_hand()->mutexes;
    mutex->next_free = mutexes->free;
    mutexes->free = mutex;
    mutexes->count--;
}

static void mutex_enter(sqlite3_mutex *mutex)
{
    world_yield(YIELD_mutex_enter);
    uint32_t owner = self();
    while (mutex->depth > 0 && mutex->owner != owner) {
        ASSERT(world->current != NULL);
        world_block(mutex, mutex->owner);
    }
    ASSERT(mutex->depth == 0 || mutex->type == SQLITE_MUTEX_RECURSIVE);
    mutex->owner = owner;
    mutex->depth++;
}

static int mutex_try(sqlite3_mutex *mutex)
{
    world_yield(YIELD_mutex_enter);
    if (mutex->depth > 0 && (mutex->owner != self() || mutex->type != SQLITE_MUTEX_RECURSIVE))
        return SQLITE_BUSY;
    mutex->owner = self();
    mutex->depth++;
    return SQLITE_OK;
}

static void mutex_leave(sqlite3_mutex *mutex)
{
    world_yield(YIELD_mutex_leave);
    ASSERT(mutex->depth > 0 && mutex->owner == self());
    if (--mutex->depth == 0)
        world_unblock(mutex);
}

static int mutex_held(sqlite3_mutex *mutex)
{
    return mutex->depth > 0 && mutex->owner == self();
}

static int mutex_not_held(sqlite3_mutex *mutex)
{
    return !mutex_held(mutex);
}

const struct sqlite3_mutex_methods sim_mutex_methods = {
    .xMutexInit = mutex_init,
    .xMutexEnd = mutex_end,
    .xMutexAlloc = mutex_alloc,
    .xMutexFree = mutex_free,
    .xMutexEnter = mutex_enter,
    .xMutexTry = mutex_try,
    .xMutexLeave = mutex_leave,
    .xMutexHeld = mutex_held,
    .xMutexNotheld = mutex_not_held,
};

void sim_mutexes_abandon_statics(void)
{
    for (uint32_t i = 0; i < STATIC_COUNT; i++)
        statics[i].depth = 0;
}
