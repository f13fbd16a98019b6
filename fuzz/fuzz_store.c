/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What transactions see of each other in Interplay's own versioned store is what each isolation
 * level permits. It is there to prove the oracle of isolation, and for pools that need answers.
 */
#include "generated/subjects.h"

#include <interplay/fuzz.h>

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_store",
    .subject = &interplay_subject_store,
};
