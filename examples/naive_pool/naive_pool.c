/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool: plain POSIX threads, and nothing of Interplay but the table of functions that stands
 * for a database. Look for MISTAKE.
 */
#include "naive_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint32_t naive_pool_fixed;

struct naive_pool {
    const struct backend_ops *backend;
    struct backend_options options;
    pthread_mutex_t lock;
    pthread_cond_t returned; /* for who waits for a connection */
    pthread_cond_t all_back; /* for who closes the pool */
    uint32_t waiting;        /* for a connection */
    uint32_t out;
    bool is_closed;
    uint32_t size;
    struct naive_connection connections[];
};

/* --- the database ---------------------------------------------------------------------------- */

/* True when the statement succeeds; its rows do not matter. */
static bool run(const struct naive_pool *pool, struct backend_connection *link, const char *sql)
{
    struct backend_statement *statement;
    if (pool->backend->prepare(link, sql, strlen(sql), &statement) != OUTCOME_OK)
        return false;
    enum outcome outcome;
    do
        outcome = pool->backend->step(statement);
    while (outcome == OUTCOME_ROW);
    pool->backend->finalize(statement);
    return outcome == OUTCOME_OK;
}

static void disconnect(struct naive_pool *pool, struct naive_connection *connection)
{
    (void)pool->backend->disconnect(connection->link); /* no statement is open */
    connection->link = NULL;
}

static void leave_transaction(struct naive_pool *pool, struct naive_connection *connection)
{
    if (!pool->backend->in_transaction(connection->link))
        return;
    (void)run(pool, connection->link, "ROLLBACK");
    if (pool->backend->in_transaction(connection->link))
        disconnect(pool, connection);
}

static enum outcome make_usable(struct naive_pool *pool, struct naive_connection *connection)
{
    /*
     * MISTAKE: since the connection was used last the server may be gone, or an answer not come.
     */
    if (naive_pool_fixed & NAIVE_BROKEN && connection->link != NULL &&
        !run(pool, connection->link, "SELECT 1"))
        disconnect(pool, connection);
    /* A late BEGIN may have arrived with that. */
    if (naive_pool_fixed & NAIVE_RETURN && connection->link != NULL)
        leave_transaction(pool, connection);
    if (connection->link != NULL)
        return OUTCOME_OK;
    return pool->backend->connect(&connection->link, &pool->options);
}

/* --- checkout and return --------------------------------------------------------------------- */

static struct timespec deadline_in(uint32_t timeout_ms)
{
    struct timespec deadline;
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    return deadline;
}

static struct naive_connection *find_free(struct naive_pool *pool)
{
    for (uint32_t i = 0; i < pool->size; i++)
        if (!pool->connections[i].is_out)
            return &pool->connections[i];
    return NULL;
}

static void put_back(struct naive_pool *pool, struct naive_connection *connection)
{
    /* MISTAKE: who begins to wait after this look is not woken. */
    bool is_awaited = pool->waiting > 0;
    (void)pthread_mutex_lock(&pool->lock);
    if (naive_pool_fixed & NAIVE_WAKEUP)
        is_awaited = pool->waiting > 0;
    connection->is_out = false;
    pool->out--;
    if (is_awaited)
        (void)pthread_cond_signal(&pool->returned);
    if (pool->out == 0)
        (void)pthread_cond_signal(&pool->all_back);
    (void)pthread_mutex_unlock(&pool->lock);
}

enum outcome naive_pool_checkout(struct naive_pool *pool, uint32_t timeout_ms,
                                 struct naive_connection **ret_connection)
{
    struct timespec deadline = deadline_in(timeout_ms);
    struct naive_connection *connection = NULL;
    bool is_in_time = true;
    (void)pthread_mutex_lock(&pool->lock);
    while (!pool->is_closed && (connection = find_free(pool)) == NULL && is_in_time) {
        pool->waiting++;
        is_in_time = pthread_cond_timedwait(&pool->returned, &pool->lock, &deadline) == 0;
        pool->waiting--;
    }
    enum outcome outcome = pool->is_closed ? OUTCOME_CLOSED : OUTCOME_TIMEOUT;
    if (connection != NULL) {
        connection->is_out = true;
        pool->out++;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (connection == NULL)
        return outcome;
    outcome = make_usable(pool, connection);
    if (outcome == OUTCOME_OK)
        *ret_connection = connection;
    else
        put_back(pool, connection);
    return outcome;
}

void naive_pool_return(struct naive_pool *pool, struct naive_connection *connection)
{
    /* MISTAKE: whoever gets it next is inside of somebody else's transaction. */
    if (naive_pool_fixed & NAIVE_RETURN)
        leave_transaction(pool, connection);
    put_back(pool, connection);
}

/* --- the pool -------------------------------------------------------------------------------- */

enum outcome naive_pool_open(struct naive_pool **ret_pool, const struct backend_ops *backend,
                             const struct backend_options *options, uint32_t size)
{
    struct naive_pool *pool = calloc(1, sizeof *pool + size * sizeof pool->connections[0]);
    if (pool == NULL)
        return OUTCOME_NO_MEMORY;
    pool->backend = backend;
    pool->options = *options;
    pool->size = size;
    for (uint32_t i = 0; i < size; i++)
        pool->connections[i].number = i;
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->returned, &attributes);
    (void)pthread_cond_init(&pool->all_back, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    *ret_pool = pool;
    return OUTCOME_OK;
}

enum outcome naive_pool_close(struct naive_pool *pool, uint32_t timeout_ms)
{
    struct timespec deadline = deadline_in(timeout_ms);
    bool is_in_time = true;
    (void)pthread_mutex_lock(&pool->lock);
    pool->is_closed = true;
    (void)pthread_cond_broadcast(&pool->returned);
    while (pool->out > 0 && is_in_time)
        is_in_time = pthread_cond_timedwait(&pool->all_back, &pool->lock, &deadline) == 0;
    bool are_all_back = pool->out == 0;
    (void)pthread_mutex_unlock(&pool->lock);
    if (!are_all_back)
        return OUTCOME_TIMEOUT;
    for (uint32_t i = 0; i < pool->size; i++)
        if (pool->connections[i].link != NULL)
            disconnect(pool, &pool->connections[i]);
    return OUTCOME_OK;
}

void naive_pool_free(struct naive_pool *pool)
{
    (void)pthread_cond_destroy(&pool->all_back);
    (void)pthread_cond_destroy(&pool->returned);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
}
