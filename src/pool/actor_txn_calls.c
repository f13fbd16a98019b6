/* SPDX-License-Identifier: Apache-2.0 */
/* Public calls on transactions of the pool with actors. */
#include "pool/actor_calls.h"
#include "pool/actor_pool.h"
#include "pool/actor_send.h"
#include "pool/failure.h"

#include <stdlib.h>

/* The types that users see, so that what only reads has no function that writes. */
struct actor_read_txn {
    struct actor_txn txn;
};
struct actor_write_txn {
    struct actor_txn txn;
};

/* --- begin ----------------------------------------------------------------------------------- */

/* A handle of either type is its transaction: that is all there is in it. */
static enum outcome begin(struct actor_pool *pool, struct actor_role *role,
                          const struct request_options *options, struct actor_txn **ret_txn,
                          struct request **ret_request, struct pool_error *error)
{
    struct actor_txn *txn = malloc(sizeof *txn);
    if (txn == NULL)
        return failure_set(error, OUTCOME_NO_MEMORY, "no memory for a transaction");
    *txn = (struct actor_txn){
        .pool = pool,
        .role = role,
        .references = 1,
        .lane = {.bound = role->mailbox.bound},
        .tag = options == NULL ? NULL : options->tag,
    };
    const struct destination to = {pool, role, txn, options};
    enum outcome outcome = OUTCOME_NO_MEMORY;
    struct request *request = destination_request(&to, REQUEST_BEGIN, error);
    if (request != NULL) {
        txn->begin = request;
        outcome = destination_send(&to, request, ret_request, error);
    }
    if (outcome == OUTCOME_OK) {
        *ret_txn = txn;
        return OUTCOME_OK;
    }
    pthread_mutex_lock(&pool->mutex);
    actor_txn_release(txn);
    pthread_mutex_unlock(&pool->mutex);
    return outcome;
}

enum outcome interplay_actors_begin_read(struct actor_pool *pool,
                                         const struct request_options *options,
                                         struct actor_read_txn **ret_txn,
                                         struct request **ret_request, struct pool_error *error)
{
    struct actor_txn *txn;
    enum outcome outcome = begin(pool, &pool->readers, options, &txn, ret_request, error);
    if (outcome == OUTCOME_OK)
        *ret_txn = (struct actor_read_txn *)txn;
    return outcome;
}

enum outcome interplay_actors_begin_write(struct actor_pool *pool,
                                          const struct request_options *options,
                                          struct actor_write_txn **ret_txn,
                                          struct request **ret_request, struct pool_error *error)
{
    struct actor_txn *txn;
    enum outcome outcome = begin(pool, &pool->writers, options, &txn, ret_request, error);
    if (outcome == OUTCOME_OK)
        *ret_txn = (struct actor_write_txn *)txn;
    return outcome;
}

/* --- statements ------------------------------------------------------------------------------ */

static struct destination lane_of(struct actor_txn *txn, const struct request_options *options)
{
    return (struct destination){txn->pool, txn->role, txn, options};
}

static enum outcome send_known(struct actor_txn *txn, const struct statement *statement,
                               const struct value *parameters, bool may_write,
                               const struct request_options *options, struct request **ret_request,
                               struct pool_error *error)
{
    const struct destination to = lane_of(txn, options);
    return destination_send_order(&to, order_of_statement(statement, parameters, may_write, true),
                                  ret_request, error);
}

static enum outcome send_sql(struct actor_txn *txn, struct order order,
                             const struct request_options *options, struct request **ret_request,
                             struct pool_error *error)
{
    const struct destination to = lane_of(txn, options);
    return destination_send_order(&to, order, ret_request, error);
}

enum outcome interplay_actor_read_txn_query(struct actor_read_txn *txn,
                                            const struct read_statement *statement,
                                            const struct value *parameters,
                                            const struct request_options *options,
                                            struct request **ret_request, struct pool_error *error)
{
    return send_known(&txn->txn, &statement->statement, parameters, false, options, ret_request,
                      error);
}

enum outcome interplay_actor_read_txn_query_sql(struct actor_read_txn *txn, const char *sql,
                                                const struct value *parameters, uint32_t count,
                                                const struct request_options *options,
                                                struct request **ret_request,
                                                struct pool_error *error)
{
    return send_sql(&txn->txn, order_of_text(sql, parameters, count, false, true), options,
                    ret_request, error);
}

enum outcome interplay_actor_write_txn_query(struct actor_write_txn *txn,
                                             const struct read_statement *statement,
                                             const struct value *parameters,
                                             const struct request_options *options,
                                             struct request **ret_request, struct pool_error *error)
{
    return send_known(&txn->txn, &statement->statement, parameters, false, options, ret_request,
                      error);
}

enum outcome interplay_actor_write_txn_execute(struct actor_write_txn *txn,
                                               const struct write_statement *statement,
                                               const struct value *parameters,
                                               const struct request_options *options,
                                               struct request **ret_request,
                                               struct pool_error *error)
{
    return send_known(&txn->txn, &statement->statement, parameters, true, options, ret_request,
                      error);
}

enum outcome interplay_actor_write_txn_execute_sql(struct actor_write_txn *txn, const char *sql,
                                                   const struct value *parameters, uint32_t count,
                                                   const struct request_options *options,
                                                   struct request **ret_request,
                                                   struct pool_error *error)
{
    return send_sql(&txn->txn, order_of_text(sql, parameters, count, true, true), options,
                    ret_request, error);
}

/* --- the end --------------------------------------------------------------------------------- */

static enum outcome send_end(struct actor_txn *txn, enum request_kind kind,
                             const struct request_options *options, struct request **ret_request,
                             struct pool_error *error)
{
    const struct destination to = lane_of(txn, options);
    struct request *request = destination_request(&to, kind, error);
    if (request == NULL)
        return OUTCOME_NO_MEMORY;
    return destination_send(&to, request, ret_request, error);
}

enum outcome interplay_actor_write_txn_commit(struct actor_write_txn *txn,
                                              const struct request_options *options,
                                              struct request **ret_request,
                                              struct pool_error *error)
{
    return send_end(&txn->txn, REQUEST_COMMIT, options, ret_request, error);
}

enum outcome interplay_actor_write_txn_rollback(struct actor_write_txn *txn,
                                                const struct request_options *options,
                                                struct request **ret_request,
                                                struct pool_error *error)
{
    return send_end(&txn->txn, REQUEST_ROLLBACK, options, ret_request, error);
}

void interplay_actor_read_txn_drop(struct actor_read_txn *txn)
{
    struct actor_pool *pool = txn->txn.pool;
    struct request_queue given_up = {0};
    pthread_mutex_lock(&pool->mutex);
    actor_txn_finish(&txn->txn, OUTCOME_MISUSE, &given_up);
    actor_txn_release(&txn->txn);
    pthread_mutex_unlock(&pool->mutex);
    request_conclude_all(&given_up);
}

void interplay_actor_write_txn_drop(struct actor_write_txn *txn)
{
    struct actor_pool *pool = txn->txn.pool;
    struct request_queue given_up = {0};
    pthread_mutex_lock(&pool->mutex);
    actor_txn_stop(&txn->txn, OUTCOME_ROLLED_BACK, &given_up);
    actor_txn_release(&txn->txn);
    pthread_mutex_unlock(&pool->mutex);
    request_conclude_all(&given_up);
}

static bool is_open(struct actor_txn *txn)
{
    pthread_mutex_lock(&txn->pool->mutex);
    bool is_open = txn->is_open;
    pthread_mutex_unlock(&txn->pool->mutex);
    return is_open;
}

bool interplay_actor_read_txn_is_open(struct actor_read_txn *txn)
{
    return is_open(&txn->txn);
}

bool interplay_actor_write_txn_is_open(struct actor_write_txn *txn)
{
    return is_open(&txn->txn);
}
