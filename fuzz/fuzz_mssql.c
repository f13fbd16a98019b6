/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FreeTDS' db-lib, the backend on it and the pool, in front of Interplay's own TDS server (which is
 * not SQL Server): both ends are simulated. What transactions see of each other is what the server
 * promises at their level, and nobody is told a wrong end of anything.
 */
#include "generated/subjects.h"

#include <interplay/fuzz.h>

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_mssql",
    .subject = &interplay_subject_mssql,
};
