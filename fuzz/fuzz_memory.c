/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever several clients do with a connection pool, wherever each of them is held back and
 * whatever goes wrong on the way: no connection has two owners, none is handed out broken or in a
 * transaction, nobody waits while something is free, nothing is left over. No database: the pool
 * alone.
 */
#include "generated/subjects.h"

#include <interplay/fuzz.h>

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_memory",
    .subject = &interplay_subject_memory,
};
