/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres_fixture.h"

#include "postgres/postgres_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

enum { SKIPPED = 77 };

static char target[POSTGRES_PATH_BYTES + 64];

const char *fixture_target(void)
{
    return target;
}

static int start_server(void **state)
{
    const struct postgres_server *server;
    struct error error;
    (void)state;
    if (postgres_server_take(false, &server, &error) != ERROR_NONE) {
        (void)fprintf(stderr, "%s\n", error.message);
        return -1;
    }
    (void)snprintf(target, sizeof target, "host='%s' dbname=postgres user=interplay",
                   server->folder);
    return 0;
}

int fixture_run(const struct CMUnitTest *tests, size_t count)
{
    char programs[POSTGRES_PATH_BYTES];
    struct error error;
    if (postgres_find_programs(programs, &error) == ERROR_NONE)
        return _cmocka_run_group_tests("tests", tests, count, start_server, NULL);
    (void)fprintf(stderr, "SKIPPED: %s\n", error.message);
    return SKIPPED;
}
