/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For scripts: a server that stands for somebody's. Says in which folder its socket is and its data
 * are, and goes when standard input ends. Exit status 77, and why, where there is none to be had.
 */
#include "postgres/postgres_process.h"
#include "postgres/postgres_server.h"

#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED = 77 };

int main(void)
{
    char programs[POSTGRES_PATH_BYTES];
    const struct postgres_server *server;
    struct error error;
    if (postgres_find_programs(programs, &error) != ERROR_NONE) {
        (void)fprintf(stderr, "SKIPPED: %s\n", error.message);
        return SKIPPED;
    }
    if (postgres_server_take(false, &server, &error) != ERROR_NONE) {
        (void)fprintf(stderr, "%s\n", error.message);
        return EXIT_FAILURE;
    }
    (void)puts(server->folder);
    (void)fflush(stdout);
    while (getchar() != EOF)
        continue;
    return EXIT_SUCCESS;
}
