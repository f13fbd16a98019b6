/* Above the system's malloc: the nth allocation of a call fails, once. */
#ifndef MEMORY_H
#define MEMORY_H

#include "clients.h"

static sqlite3_mem_methods system_memory;

static int allocation_fails(void)
{
    if (me == NULL || me->failing_allocation == 0 || ++me->allocations != me->failing_allocation)
        return 0;
    printf("    [allocation %d of the call fails]\n", me->allocations);
    return 1;
}

static void *own_malloc(int bytes)
{
    return allocation_fails() ? NULL : system_memory.xMalloc(bytes);
}

static void *own_realloc(void *memory, int bytes)
{
    return allocation_fails() ? NULL : system_memory.xRealloc(memory, bytes);
}

static void use_own_memory(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_memory);
    sqlite3_mem_methods own = system_memory;
    own.xMalloc = own_malloc;
    own.xRealloc = own_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &own);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* so that every allocation is one of these */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static void fail_allocation(int nth)
{
    me->failing_allocation = nth;
}

#endif
