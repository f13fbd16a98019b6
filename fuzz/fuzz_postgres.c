/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What transactions on PostgreSQL see of each other is what their isolation level permits, and
 * what the server, libpq and the pool between them come to is what the manual says. Needs a server
 * (postgresql-15): a private one is started.
 */
#include "generated/subjects.h"

#include <interplay/fuzz.h>

static enum error_code take_through(struct fuzz_setup *setup, const char *value,
                                    struct error *error)
{
    return interplay_subject_postgres.through(value, &setup->subject, error);
}

static const struct fuzz_option options[] = {
    {"through", "a pooler between clients and server, as pgbouncer:session (docs/postgres.md)",
     take_through},
    {NULL, NULL, NULL},
};

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_postgres",
    .subject = &interplay_subject_postgres,
    .options = options,
};
