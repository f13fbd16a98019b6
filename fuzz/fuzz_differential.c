/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever several connections do to one SQLite database, one statement after the other: two
 * versions of SQLite come to the same rows, in the same order where one is promised, the same
 * numbers of changes, the same classes of errors, and the same content in the end.
 */
#include "generated/subjects.h"

#include <interplay/fuzz.h>

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_differential",
    .subject = &interplay_subject_sqlite,
    .beside = &interplay_subject_sqlite_beside,
};
