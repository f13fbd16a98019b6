/* SPDX-License-Identifier: Apache-2.0 */
/* Readers and read transactions, as callers see them. */
#include "pool/lease.h"
#include "pool/pool_internal.h"

enum outcome interplay_pool_reader(struct pool *pool, uint32_t timeout_ms,
                                   struct reader **ret_reader, struct pool_error *error)
{
    struct slot *slot;
    enum outcome outcome = pool_check_out(pool, false, timeout_ms, &slot, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    *ret_reader = &slot->reader;
    return OUTCOME_OK;
}

enum outcome interplay_reader_return(struct reader *reader)
{
    return lease_return(reader->slot);
}

void interplay_reader_drop(struct reader *reader)
{
    lease_drop(reader->slot);
}

void interplay_reader_cancel(struct reader *reader)
{
    lease_cancel(reader->slot);
}

bool interplay_reader_in_transaction(struct reader *reader)
{
    return connection_in_transaction(reader->slot->connection);
}

enum outcome interplay_reader_query(struct reader *reader, const struct read_statement *statement,
                                    const struct value *parameters, struct row_sink rows,
                                    struct pool_error *error)
{
    struct order order = order_of_statement(&statement->statement, parameters, false, false);
    return lease_run(reader->slot, &order, rows, NULL, error);
}

enum outcome interplay_reader_query_sql(struct reader *reader, const char *sql,
                                        const struct value *parameters, uint32_t count,
                                        struct row_sink rows, struct pool_error *error)
{
    struct order order = order_of_text(sql, parameters, count, false, false);
    return lease_run(reader->slot, &order, rows, NULL, error);
}

/* --- transactions ---------------------------------------------------------------------------- */

enum outcome interplay_reader_begin(struct reader *reader, struct read_txn **ret_txn,
                                    struct pool_error *error)
{
    struct slot *slot = reader->slot;
    enum outcome outcome = lease_begin(slot, &slot->read_txn, error);
    if (outcome == OUTCOME_OK)
        *ret_txn = &slot->read_txn;
    return outcome;
}

enum outcome interplay_read_txn_query(struct read_txn *txn, const struct read_statement *statement,
                                      const struct value *parameters, struct row_sink rows,
                                      struct pool_error *error)
{
    struct order order = order_of_statement(&statement->statement, parameters, false, true);
    return lease_run(txn->slot, &order, rows, NULL, error);
}

enum outcome interplay_read_txn_query_sql(struct read_txn *txn, const char *sql,
                                          const struct value *parameters, uint32_t count,
                                          struct row_sink rows, struct pool_error *error)
{
    struct order order = order_of_text(sql, parameters, count, false, true);
    return lease_run(txn->slot, &order, rows, NULL, error);
}

enum outcome interplay_read_txn_end(struct read_txn *txn)
{
    return lease_rollback(txn->slot, &txn->slot->reader, NULL);
}
