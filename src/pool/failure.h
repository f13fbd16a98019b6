/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling `struct pool_error`; `error` may be NULL, the outcome comes back so that it can be passed
 * on.
 */
#ifndef POOL_FAILURE_H
#define POOL_FAILURE_H

#include <interplay/pool.h>

/* A failure that the pool itself found. */
enum outcome failure_set(struct pool_error *error, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One of the database's: its code and message, of its last call on `database`. */
enum outcome failure_of_database(struct pool_error *error, enum outcome outcome,
                                 const struct backend_ops *backend,
                                 struct backend_connection *database);

#endif
