/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With a bug planted in its client side, SQL Server must be found wrong, with the signature that
 * the bug is for; without one it must not. The option --canary=NAME plants one; --canary=list lists
 * them with the signatures that each may be found with.
 */
#include "canary.h"

#include "generated/subjects.h"

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_mssql_canary",
    .subject = &interplay_subject_mssql,
    .options = canary_options,
};
