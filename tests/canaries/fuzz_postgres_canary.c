/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With a bug planted in its client side, PostgreSQL must be found wrong, with the signature that
 * the bug is for; without one it must not. The option --canary=NAME plants one; --canary=list lists
 * them with the signatures that each may be found with.
 */
#include "canary.h"

#include "generated/subjects.h"

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_postgres_canary",
    .subject = &interplay_subject_postgres,
    .options = canary_options,
};
