/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections and statements of the memory backend, from fixed pools: nothing is allocated, a reset
 * is a few stores, and AddressSanitizer sees the use of a handle that was given back.
 */
#include "base/sanitizer.h"
#include "memory/memory_internal.h"
#include "sim/world.h"

void memory_reset_handles(struct subject_instance *instance)
{
    sanitizer_unpoison(instance->connections,
                       instance->connections_touched * sizeof instance->connections[0]);
    sanitizer_unpoison(instance->statements,
                       instance->statements_touched * sizeof instance->statements[0]);
    instance->free_connection = NULL;
    instance->free_statement = NULL;
    instance->connections_touched = instance->statements_touched = 0;
    instance->left = 0;
}

struct backend_connection *memory_take_connection(void)
{
    struct subject_instance *pool = memory_at_hand();
    struct backend_connection *connection = pool->free_connection;
    if (connection != NULL) {
        sanitizer_unpoison(connection, sizeof *connection);
        pool->free_connection = connection->next_free;
    } else if (pool->connections_touched < MEMORY_CONNECTIONS_MAX) {
        connection = &pool->connections[pool->connections_touched++];
    } else {
        world_meet_limit("connections of the backend memory (64)");
        return NULL;
    }
    pool->left++;
    return connection;
}

struct backend_statement *memory_take_statement(void)
{
    struct subject_instance *pool = memory_at_hand();
    struct backend_statement *statement = pool->free_statement;
    if (statement != NULL) {
        sanitizer_unpoison(statement, sizeof *statement);
        pool->free_statement = statement->next_free;
    } else if (pool->statements_touched < MEMORY_STATEMENTS_MAX) {
        statement = &pool->statements[pool->statements_touched++];
    } else {
        world_meet_limit("statements of the backend memory (8192)");
        return NULL;
    }
    pool->left++;
    return statement;
}

void memory_give_connection(struct backend_connection *connection)
{
    struct subject_instance *pool = memory_at_hand();
    connection->next_free = pool->free_connection;
    pool->free_connection = connection;
    pool->left--;
    sanitizer_poison(connection, sizeof *connection);
}

void memory_give_statement(struct backend_statement *statement)
{
    struct subject_instance *pool = memory_at_hand();
    statement->next_free = pool->free_statement;
    pool->free_statement = statement;
    pool->left--;
    sanitizer_poison(statement, sizeof *statement);
}
