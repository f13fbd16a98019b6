/* SPDX-License-Identifier: Apache-2.0 */
/* Several known statements in one transaction. */
#include "pool/connection_internal.h"

static enum outcome run_items(struct connection *connection, const struct batch_item *items,
                              size_t count, int64_t *ret_changes, struct pool_error *error)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        const struct order order =
            order_of_statement(&items[i].statement->statement, items[i].parameters, true, true);
        int64_t changes = 0;
        enum outcome outcome =
            connection_run(connection, &order, (struct row_sink){.on_row = NULL}, &changes, error);
        if (outcome != OUTCOME_OK)
            return outcome;
        sum += changes;
    }
    *ret_changes = sum;
    return OUTCOME_OK;
}

static enum outcome run_transaction(struct connection *connection, const struct batch_item *items,
                                    size_t count, int64_t *ret_changes, struct pool_error *error)
{
    int64_t changes = 0;
    enum outcome outcome = connection_begin(connection, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = run_items(connection, items, count, &changes, error);
    if (outcome == OUTCOME_OK)
        outcome = connection_commit(connection, error);
    if (outcome != OUTCOME_OK)
        (void)connection_rollback(connection, NULL); /* also after a commit that met busy */
    else if (ret_changes != NULL)
        *ret_changes = changes;
    return outcome;
}

enum outcome connection_run_batch(struct connection *connection, const struct batch_item *items,
                                  size_t count, int64_t *ret_changes, struct pool_error *error)
{
    /* One call around the others: an interruption between two of them is not lost. */
    if (!connection_enter(connection))
        return connection_refuse_nested(error);
    enum outcome outcome = run_transaction(connection, items, count, ret_changes, error);
    connection_leave(connection);
    return outcome;
}
