/* SPDX-License-Identifier: Apache-2.0 */
/* Writers and write transactions, as callers see them. */
#include "pool/lease.h"
#include "pool/pool_internal.h"

enum outcome interplay_pool_writer(struct pool *pool, uint32_t timeout_ms,
                                   struct writer **ret_writer, struct pool_error *error)
{
    struct slot *slot;
    enum outcome outcome = pool_check_out(pool, true, timeout_ms, &slot, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    *ret_writer = &slot->writer;
    return OUTCOME_OK;
}

enum outcome interplay_writer_return(struct writer *writer)
{
    return lease_return(writer->slot);
}

void interplay_writer_drop(struct writer *writer)
{
    lease_drop(writer->slot);
}

void interplay_writer_cancel(struct writer *writer)
{
    lease_cancel(writer->slot);
}

bool interplay_writer_in_transaction(struct writer *writer)
{
    return connection_in_transaction(writer->slot->connection);
}

enum outcome interplay_writer_query(struct writer *writer, const struct read_statement *statement,
                                    const struct value *parameters, struct row_sink rows,
                                    struct pool_error *error)
{
    struct order order = order_of_statement(&statement->statement, parameters, false, false);
    return lease_run(writer->slot, &order, rows, NULL, error);
}

enum outcome interplay_writer_execute(struct writer *writer,
                                      const struct write_statement *statement,
                                      const struct value *parameters, struct row_sink rows,
                                      int64_t *ret_changes, struct pool_error *error)
{
    struct order order = order_of_statement(&statement->statement, parameters, true, false);
    return lease_run(writer->slot, &order, rows, ret_changes, error);
}

enum outcome interplay_writer_execute_sql(struct writer *writer, const char *sql,
                                          const struct value *parameters, uint32_t count,
                                          struct row_sink rows, int64_t *ret_changes,
                                          struct pool_error *error)
{
    struct order order = order_of_text(sql, parameters, count, true, false);
    return lease_run(writer->slot, &order, rows, ret_changes, error);
}

enum outcome interplay_writer_execute_batch(struct writer *writer, const struct batch_item *items,
                                            size_t count, int64_t *ret_changes,
                                            struct pool_error *error)
{
    struct slot *slot = writer->slot;
    enum outcome outcome = lease_enter(slot, false, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = connection_run_batch(slot->connection, items, count, ret_changes, error);
    return lease_leave(slot, outcome);
}

/* --- transactions ---------------------------------------------------------------------------- */

enum outcome interplay_writer_begin(struct writer *writer, struct write_txn **ret_txn,
                                    struct pool_error *error)
{
    struct slot *slot = writer->slot;
    enum outcome outcome = lease_begin(slot, &slot->write_txn, error);
    if (outcome == OUTCOME_OK)
        *ret_txn = &slot->write_txn;
    return outcome;
}

enum outcome interplay_write_txn_query(struct write_txn *txn,
                                       const struct read_statement *statement,
                                       const struct value *parameters, struct row_sink rows,
                                       struct pool_error *error)
{
    struct order order = order_of_statement(&statement->statement, parameters, false, true);
    return lease_run(txn->slot, &order, rows, NULL, error);
}

enum outcome interplay_write_txn_execute(struct write_txn *txn,
                                         const struct write_statement *statement,
                                         const struct value *parameters, struct row_sink rows,
                                         int64_t *ret_changes, struct pool_error *error)
{
    struct order order = order_of_statement(&statement->statement, parameters, true, true);
    return lease_run(txn->slot, &order, rows, ret_changes, error);
}

enum outcome interplay_write_txn_execute_sql(struct write_txn *txn, const char *sql,
                                             const struct value *parameters, uint32_t count,
                                             struct row_sink rows, int64_t *ret_changes,
                                             struct pool_error *error)
{
    struct order order = order_of_text(sql, parameters, count, true, true);
    return lease_run(txn->slot, &order, rows, ret_changes, error);
}

enum outcome interplay_write_txn_commit(struct write_txn *txn, struct pool_error *error)
{
    return lease_commit(txn->slot, &txn->slot->writer, error);
}

enum outcome interplay_write_txn_rollback(struct write_txn *txn, struct pool_error *error)
{
    return lease_rollback(txn->slot, &txn->slot->writer, error);
}
