/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED = 77 };

const char *fixture_target(void)
{
    return getenv("INTERPLAY_TEST_POSTGRES");
}

int fixture_run(const struct CMUnitTest *tests, size_t count)
{
    if (fixture_target() != NULL)
        return _cmocka_run_group_tests("tests", tests, count, NULL, NULL);
    (void)fprintf(stderr, "SKIPPED: INTERPLAY_TEST_POSTGRES does not say where a server is\n");
    return SKIPPED;
}
