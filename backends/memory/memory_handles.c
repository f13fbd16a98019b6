/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections and statements of the memory backend, from fixed pools: nothing is allocated, and a
 * reset is a few stores. A handle that was given back stays what it was for as long as there are
 * others that nobody had, and then the oldest one goes first: whoever uses it is noticed.
 */
#include "memory/memory_internal.h"
#include "sim/world.h"

/* Left over by a plan: a pool that keeps them from plan to plan is to be noticed. */
static void close_leftovers(struct subject_instance *instance)
{
    for (uint32_t i = 0; i < instance->connections_touched; i++)
        instance->connections[i].is_open = false;
    for (uint32_t i = 0; i < instance->statements_touched; i++)
        instance->statements[i].is_open = false;
}

void memory_reset_handles(struct subject_instance *instance)
{
    if (instance->left > 0)
        close_leftovers(instance);
    instance->free_connection = NULL;
    instance->last_free_connection = &instance->free_connection;
    instance->free_statement = NULL;
    instance->last_free_statement = &instance->free_statement;
    instance->connections_touched = instance->statements_touched = 0;
    instance->left = 0;
}

static struct backend_connection *oldest_free_connection(struct subject_instance *pool)
{
    struct backend_connection *connection = pool->free_connection;
    if (connection == NULL)
        return NULL;
    pool->free_connection = connection->next_free;
    if (pool->free_connection == NULL)
        pool->last_free_connection = &pool->free_connection;
    return connection;
}

struct backend_connection *memory_take_connection(void)
{
    struct subject_instance *pool = memory_at_hand();
    struct backend_connection *connection = pool->connections_touched < MEMORY_CONNECTIONS_MAX
                                                ? &pool->connections[pool->connections_touched++]
                                                : oldest_free_connection(pool);
    if (connection == NULL) {
        world_meet_limit("connections of the backend memory (64)");
        return NULL;
    }
    pool->left++;
    return connection;
}

static struct backend_statement *oldest_free_statement(struct subject_instance *pool)
{
    struct backend_statement *statement = pool->free_statement;
    if (statement == NULL)
        return NULL;
    pool->free_statement = statement->next_free;
    if (pool->free_statement == NULL)
        pool->last_free_statement = &pool->free_statement;
    return statement;
}

struct backend_statement *memory_take_statement(void)
{
    struct subject_instance *pool = memory_at_hand();
    struct backend_statement *statement = pool->statements_touched < MEMORY_STATEMENTS_MAX
                                              ? &pool->statements[pool->statements_touched++]
                                              : oldest_free_statement(pool);
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
    connection->is_open = false;
    connection->next_free = NULL;
    *pool->last_free_connection = connection;
    pool->last_free_connection = &connection->next_free;
    pool->left--;
}

void memory_give_statement(struct backend_statement *statement)
{
    struct subject_instance *pool = memory_at_hand();
    statement->is_open = false;
    statement->next_free = NULL;
    *pool->last_free_statement = statement;
    pool->last_free_statement = &statement->next_free;
    pool->left--;
}
