/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections and statements of the memory backend, from fixed pools: nothing is allocated, and a
 * reset is a few stores. A handle that was given back stays what it was for as long as there are
 * others that nobody had, and then the oldest one goes first: whoever uses it is noticed.
 */
#include "memory/memory_internal.h"
#include "sim/world.h"

/* --- those that were given back --------------------------------------------------------------- */

static void empty(struct memory_free *handles)
{
    *handles = (struct memory_free){.end = &handles->oldest};
}

/* NULL: there is none. */
static struct memory_handle *take_oldest(struct memory_free *handles)
{
    struct memory_handle *handle = handles->oldest;
    if (handle == NULL)
        return NULL;
    handles->oldest = handle->next_free;
    if (handles->oldest == NULL)
        handles->end = &handles->oldest;
    return handle;
}

static void give(struct memory_free *handles, struct memory_handle *handle)
{
    handle->is_open = false;
    handle->next_free = NULL;
    *handles->end = handle;
    handles->end = &handle->next_free;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Left over by a plan: a pool that keeps them from plan to plan is to be noticed. */
static void close_leftovers(struct subject_instance *instance)
{
    for (uint32_t i = 0; i < instance->connections_touched; i++)
        instance->connections[i].handle.is_open = false;
    for (uint32_t i = 0; i < instance->statements_touched; i++)
        instance->statements[i].handle.is_open = false;
}

void memory_reset_handles(struct subject_instance *instance)
{
    if (instance->left > 0)
        close_leftovers(instance);
    empty(&instance->free_connections);
    empty(&instance->free_statements);
    instance->connections_touched = instance->statements_touched = 0;
    instance->left = 0;
}

struct backend_connection *memory_take_connection(void)
{
    struct subject_instance *pool = memory_at_hand();
    struct backend_connection *connection =
        pool->connections_touched < MEMORY_CONNECTIONS_MAX
            ? &pool->connections[pool->connections_touched++]
            : (struct backend_connection *)take_oldest(&pool->free_connections);
    if (connection == NULL) {
        world_meet_limit("connections of the backend memory (64)");
        return NULL;
    }
    pool->left++;
    return connection;
}

struct backend_statement *memory_take_statement(void)
{
    struct subject_instance *pool = memory_at_hand();
    struct backend_statement *statement =
        pool->statements_touched < MEMORY_STATEMENTS_MAX
            ? &pool->statements[pool->statements_touched++]
            : (struct backend_statement *)take_oldest(&pool->free_statements);
    if (statement == NULL) {
        world_meet_limit("statements of the backend memory (8192)");
        return NULL;
    }
    pool->left++;
    return statement;
}

void memory_give_connection(struct backend_connection *connection)
{
    struct subject_instance *pool = memory_at_hand();
    give(&pool->free_connections, &connection->handle);
    pool->left--;
}

void memory_give_statement(struct backend_statement *statement)
{
    struct subject_instance *pool = memory_at_hand();
    give(&pool->free_statements, &statement->handle);
    pool->left--;
}
