/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What transactions on PostgreSQL see of each other is what their isolation level permits, and
 * what the server, libpq and the pool between them come to is what the manual says. Needs a server
 * (postgresql-15): a private one is started.
 */
#include "generated/subjects.h"

#include <interplay/fuzz.h>

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_postgres",
    .subject = &interplay_subject_postgres,
};
