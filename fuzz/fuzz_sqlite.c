/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever several connections do to one SQLite database, wherever each of them is held back and
 * whatever goes wrong on the way: each result is what some order of the commits explains, what was
 * promised to last does last, the database stays intact, and nothing hangs or leaks.
 */
#include "generated/subjects.h"

#include <interplay/fuzz.h>

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_sqlite",
    .subject = &interplay_subject_sqlite,
};
