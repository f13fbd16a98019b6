/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL by interplay/backend.h, on libpq. `target` is a connection string of libpq's; what it
 * does not say comes from libpq's environment. With a busy timeout, lock_timeout is that; without
 * one a statement waits for a lock as long as it takes. `parameters`:
 *   protocol=extended|prepared|simple  how statements are sent; extended if not told
 *   rows=all                           all rows of a statement at once, in place of one by one
 *   values=binary                      values come in binary, in place of text
 *   waits=forever                      whatever the busy timeout
 */
#ifndef POSTGRES_POSTGRES_BACKEND_H
#define POSTGRES_POSTGRES_BACKEND_H

#include <interplay/backend.h>

extern const struct backend_ops interplay_backend_postgres;

#endif
