/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a connection share with each other, and with nobody else. */
#ifndef POOL_CONNECTION_INTERNAL_H
#define POOL_CONNECTION_INTERNAL_H

#include "pool/connection.h"
#include "pool/statement_cache.h"

#include <pthread.h>

/* The statements that end and begin transactions; kept prepared outside of the cache. */
enum control { CONTROL_BEGIN, CONTROL_COMMIT, CONTROL_ROLLBACK, CONTROL_COUNT };

/* For connection_interrupt. */
struct connection_call {
    pthread_mutex_t mutex; /* guards what follows; the owner reads its own writes without it */
    uint32_t depth;        /* calls under way, one inside the other */
    bool is_stepping;
    bool is_interrupted; /* the call under way; its next statement does not begin */
};

struct connection {
    const struct pool_options *options;
    const struct backend_ops *backend;
    struct backend_connection *database;
    bool is_writer;
    struct write_gate *gate; /* or NULL */
    bool holds_gate;
    bool in_transaction; /* connection_begin opened one that was not ended since */
    bool is_broken;
    struct statement_cache cache;
    struct backend_statement *control[CONTROL_COUNT]; /* NULL: not prepared yet */
    uint64_t prepares;
    struct connection_call call;
};

/* --- calls (connection_call.c) --------------------------------------------------------------- */

/* Around the steps of a statement. False: the call was interrupted before. */
bool connection_start_stepping(struct connection *connection);
void connection_stop_stepping(struct connection *connection);

/* --- what all statements need (connection.c) ------------------------------------------------- */

/* Reports a failure that comes from the database and draws the conclusions for the connection. */
enum outcome connection_failed(struct connection *connection, enum outcome outcome,
                               struct pool_error *error);

enum outcome connection_prepare(struct connection *connection, const char *sql,
                                struct backend_statement **ret_statement,
                                struct pool_error *error) INTERPLAY_RESULT;

/* Before the first write; nothing where there is no gate or it is held already. */
enum outcome connection_take_gate(struct connection *connection,
                                  struct pool_error *error) INTERPLAY_RESULT;
/* After each call: leaves the gate unless a transaction goes on (or may go on). */
void connection_settle(struct connection *connection);

/* After a write has met busy: sleeps before try number `tries` (from 1); false: no more tries. */
bool connection_back_off(const struct connection *connection, uint32_t tries);

enum outcome connection_refuse_broken(struct pool_error *error);
enum outcome connection_refuse_nested(struct pool_error *error);

#endif
