/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection of a pool: the backend's connection, the statements that it keeps prepared, and
 * the rules for transactions and errors. Both pools are made of these.
 *
 * Used by one thread at a time, but for connection_interrupt. Whoever runs something on a
 * connection looks afterwards whether it is broken: a broken one is closed, never used again.
 */
#ifndef POOL_CONNECTION_H
#define POOL_CONNECTION_H

#include <interplay/pool.h>

struct connection;
struct write_gate;

struct connection_settings {
    const struct pool_options *options; /* lives longer than the connection */
    bool is_writer;
    struct write_gate *gate; /* writers of one pool take turns; NULL: there is only one */
};

/* One statement to run: a known one, or text. */
struct order {
    const struct statement *known; /* NULL: ad hoc, `sql` */
    const char *sql;
    const struct value *parameters;
    uint32_t parameter_count;
    bool may_write;      /* else it must be read-only by the database's own word */
    bool in_transaction; /* belongs to the transaction that connection_begin opened */
};

/* `parameters` as the statement declares them. */
static inline struct order order_of_statement(const struct statement *known,
                                              const struct value *parameters, bool may_write,
                                              bool in_transaction)
{
    return (struct order){
        .known = known,
        .parameters = parameters,
        .parameter_count = known->parameter_count,
        .may_write = may_write,
        .in_transaction = in_transaction,
    };
}

static inline struct order order_of_text(const char *sql, const struct value *parameters,
                                         uint32_t count, bool may_write, bool in_transaction)
{
    return (struct order){
        .sql = sql,
        .parameters = parameters,
        .parameter_count = count,
        .may_write = may_write,
        .in_transaction = in_transaction,
    };
}

/* Opens and sets up a connection (SQLite: WAL, query_only for readers, the options' setup). */
enum outcome connection_open(struct connection **ret_connection,
                             const struct connection_settings *settings,
                             struct pool_error *error) INTERPLAY_RESULT;

/* Finalizes everything and closes; rolls back what is open. NULL is allowed. */
void connection_close(struct connection *connection);

/* Cannot be used any more: a rollback failed, a commit is in doubt, the server is gone. */
bool connection_is_broken(const struct connection *connection);

/* What the database says. */
bool connection_in_transaction(struct connection *connection);

/* Statements kept prepared now, and prepared ever. */
uint32_t connection_statements(const struct connection *connection);
uint64_t connection_prepares(const struct connection *connection);

/*
 * SQLite: writers BEGIN IMMEDIATE, readers BEGIN. Takes the write gate until the transaction ends.
 */
enum outcome connection_begin(struct connection *connection,
                              struct pool_error *error) INTERPLAY_RESULT;
/* As interplay_write_txn_commit says; OUTCOME_BUSY: still open. */
enum outcome connection_commit(struct connection *connection,
                               struct pool_error *error) INTERPLAY_RESULT;
/*
 * Nothing is open afterwards, or the connection is broken. OUTCOME_ROLLED_BACK: the database had
 * done it before. OUTCOME_OK, too, when no transaction was begun.
 */
enum outcome connection_rollback(struct connection *connection, struct pool_error *error);

/*
 * Runs a statement to its end, or until `rows` has enough; one that writes always to its end, the
 * rows that are not wanted or not as declared are thrown away. `ret_changes` may be NULL.
 */
enum outcome connection_run(struct connection *connection, const struct order *order,
                            struct row_sink rows, int64_t *ret_changes,
                            struct pool_error *error) INTERPLAY_RESULT;

/* All in one transaction. */
enum outcome connection_run_batch(struct connection *connection, const struct batch_item *items,
                                  size_t count, int64_t *ret_changes,
                                  struct pool_error *error) INTERPLAY_RESULT;

/*
 * From any thread: interrupts the connection_run (or begin, commit) under way; nothing if none is.
 */
void connection_interrupt(struct connection *connection);

/*
 * Around each call from outside: what is interrupted between these two ends as interrupted, whether
 * its statement has begun or not. Calls do it themselves; who says earlier that the work has begun
 * does it around the call. False: a statement runs already, this is a call from its row function.
 */
bool connection_enter(struct connection *connection);
void connection_leave(struct connection *connection);

#endif
