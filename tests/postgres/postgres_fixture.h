/* SPDX-License-Identifier: Apache-2.0 */
/* For tests that need a PostgreSQL server: one is started, or they are skipped. */
#ifndef TESTS_POSTGRES_FIXTURE_H
#define TESTS_POSTGRES_FIXTURE_H

#include <stddef.h>

struct CMUnitTest;

/* A connection string of libpq's. */
const char *fixture_target(void);

/* Runs them, and says SKIPPED (exit status 77) where there is no server to be had. */
int fixture_run(const struct CMUnitTest *tests, size_t count);

#endif
