/* SPDX-License-Identifier: Apache-2.0 */
/* What a call came to, as verdicts tell it. */
#ifndef ORACLE_SEEN_H
#define ORACLE_SEEN_H

#include "model/observation.h"
#include "plan/plan.h"

/* "3 rows", "2 rows changed", "NULL", or "error (no such table: t2)"; returns `text`. */
const char *seen_describe(const struct interaction *interaction, const struct observation *seen,
                          char *text, size_t bytes);

#endif
