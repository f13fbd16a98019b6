/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections and statements of the memory backend, from fixed pools: nothing is allocated, a reset
 * is a few stores, and AddressSanitizer sees the use of a handle that was given back.
 */
#include "base/sanitizer.h"
#include "memory/memory_internal.h"

static struct {
    struct backend_connection *free_connection;
    struct backend_statement *free_statement;
    uint32_t connections_touched, statements_touched; /* of the pools, since the reset */
    uint32_t left;
    struct backend_connection connections[MEMORY_CONNECTIONS_MAX];
    struct backend_statement statements[MEMORY_STATEMENTS_MAX];
} pool;

uint64_t memory_schema_version;

void memory_reset_handles(void)
{
    sanitizer_unpoison(pool.connections, pool.connections_touched * sizeof pool.connections[0]);
    sanitizer_unpoison(pool.statements, pool.statements_touched * sizeof pool.statements[0]);
    pool.free_connection = NULL;
    pool.free_statement = NULL;
    pool.connections_touched = pool.statements_touched = 0;
    pool.left = 0;
}

uint32_t memory_handles_left(void)
{
    return pool.left;
}

struct backend_connection *memory_take_connection(void)
{
    struct backend_connection *connection = pool.free_connection;
    if (connection != NULL) {
        sanitizer_unpoison(connection, sizeof *connection);
        pool.free_connection = connection->next_free;
    } else if (pool.connections_touched < MEMORY_CONNECTIONS_MAX) {
        connection = &pool.connections[pool.connections_touched++];
    } else {
        return NULL;
    }
    pool.left++;
    return connection;
}

struct backend_statement *memory_take_statement(void)
{
    struct backend_statement *statement = pool.free_statement;
    if (statement != NULL) {
        sanitizer_unpoison(statement, sizeof *statement);
        pool.free_statement = statement->next_free;
    } else if (pool.statements_touched < MEMORY_STATEMENTS_MAX) {
        statement = &pool.statements[pool.statements_touched++];
    } else {
        return NULL;
    }
    pool.left++;
    return statement;
}

void memory_give_connection(struct backend_connection *connection)
{
    connection->next_free = pool.free_connection;
    pool.free_connection = connection;
    pool.left--;
    sanitizer_poison(connection, sizeof *connection);
}

void memory_give_statement(struct backend_statement *statement)
{
    statement->next_free = pool.free_statement;
    pool.free_statement = statement;
    pool.left--;
    sanitizer_poison(statement, sizeof *statement);
}
