/* The pool: plain POSIX threads. It has one mistake; -DMINI_POOL_FIXED=ON mends it. */
#include "mini_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct mini_pool {
    const struct backend_ops *database;
    struct backend_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* one is free, all are back, or the pool is closed */
    struct backend_connection *links[MINI_POOL_MAX]; /* NULL: not connected */
    uint32_t free_numbers[MINI_POOL_MAX];
    uint32_t free_count, size;
    bool is_closed;
};

/* --- connections ------------------------------------------------------------------------------ */

static bool run(struct mini_pool *pool, struct backend_connection *link, const char *sql)
{
    struct backend_statement *statement;
    enum outcome outcome = pool->database->prepare(link, sql, strlen(sql), &statement);
    if (outcome != OUTCOME_OK)
        return false;
    do
        outcome = pool->database->step(statement);
    while (outcome == OUTCOME_ROW);
    pool->database->finalize(statement);
    return outcome == OUTCOME_OK;
}

static void drop(struct mini_pool *pool, uint32_t number)
{
    (void)pool->database->disconnect(pool->links[number]);
    pool->links[number] = NULL;
}

/* Whoever gets it is in no transaction of somebody else's, and it works. */
static enum outcome make_ready(struct mini_pool *pool, uint32_t number)
{
    struct backend_connection *link = pool->links[number];
    if (link != NULL && !run(pool, link, "SELECT 1"))
        drop(pool, number);
#ifdef MINI_POOL_FIXED /* the mistake: nobody looks */
    if (pool->links[number] != NULL && pool->database->in_transaction(link))
        (void)run(pool, link, "ROLLBACK");
    if (pool->links[number] != NULL && pool->database->in_transaction(link))
        drop(pool, number);
#endif
    if (pool->links[number] != NULL)
        return OUTCOME_OK;
    return pool->database->connect(&pool->links[number], &pool->options);
}

/* --- get and put ------------------------------------------------------------------------------ */

static struct timespec deadline_in(uint32_t timeout_ms)
{
    struct timespec deadline;
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    deadline.tv_sec += deadline.tv_nsec / 1000000000;
    deadline.tv_nsec %= 1000000000;
    return deadline;
}

enum outcome mini_pool_get(struct mini_pool *pool, uint32_t timeout_ms, uint32_t *ret_number)
{
    struct timespec deadline = deadline_in(timeout_ms);
    enum outcome outcome = OUTCOME_OK;
    uint32_t number = 0;
    (void)pthread_mutex_lock(&pool->lock);
    while (outcome == OUTCOME_OK && !pool->is_closed && pool->free_count == 0)
        if (pthread_cond_timedwait(&pool->changed, &pool->lock, &deadline) != 0)
            outcome = OUTCOME_TIMEOUT;
    if (pool->is_closed)
        outcome = OUTCOME_CLOSED;
    else if (pool->free_count > 0) {
        number = pool->free_numbers[--pool->free_count];
        outcome = OUTCOME_OK;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = make_ready(pool, number);
    if (outcome == OUTCOME_OK)
        *ret_number = number;
    else
        mini_pool_put(pool, number);
    return outcome;
}

struct backend_connection *mini_pool_link(struct mini_pool *pool, uint32_t number)
{
    return pool->links[number];
}

void mini_pool_put(struct mini_pool *pool, uint32_t number)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->free_numbers[pool->free_count++] = number;
    (void)pthread_cond_broadcast(&pool->changed);
    (void)pthread_mutex_unlock(&pool->lock);
}

/* --- the pool --------------------------------------------------------------------------------- */

enum outcome mini_pool_open(struct mini_pool **ret_pool, const struct backend_ops *database,
                            const struct backend_options *options, uint32_t size)
{
    struct mini_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return OUTCOME_NO_MEMORY;
    pool->database = database;
    pool->options = *options;
    pool->size = size < MINI_POOL_MAX ? size : MINI_POOL_MAX;
    while (pool->free_count < pool->size) {
        pool->free_numbers[pool->free_count] = pool->size - 1 - pool->free_count;
        pool->free_count++;
    }
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    *ret_pool = pool;
    return OUTCOME_OK;
}

enum outcome mini_pool_close(struct mini_pool *pool, uint32_t timeout_ms)
{
    struct timespec deadline = deadline_in(timeout_ms);
    bool is_in_time = true;
    (void)pthread_mutex_lock(&pool->lock);
    pool->is_closed = true;
    (void)pthread_cond_broadcast(&pool->changed);
    while (pool->free_count < pool->size && is_in_time)
        is_in_time = pthread_cond_timedwait(&pool->changed, &pool->lock, &deadline) == 0;
    bool are_all_back = pool->free_count == pool->size;
    (void)pthread_mutex_unlock(&pool->lock);
    for (uint32_t number = 0; number < pool->size && are_all_back; number++)
        if (pool->links[number] != NULL)
            drop(pool, number);
    return are_all_back ? OUTCOME_OK : OUTCOME_TIMEOUT;
}

void mini_pool_free(struct mini_pool *pool)
{
    (void)pthread_cond_destroy(&pool->changed);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
}
