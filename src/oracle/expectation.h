/* SPDX-License-Identifier: Apache-2.0 */
/* Expectation oracle: what the plan itself says of an interaction's result. */
#ifndef ORACLE_EXPECTATION_H
#define ORACLE_EXPECTATION_H

#include "model/observation.h"
#include "oracle/verdict.h"

/*
 * Compares with the interaction's expectation. Without one, an error of raw SQL or of a plan of
 * sql-middleware's simulator is unexpected too: `errors_are_findings`.
 */
void expectation_judge(const struct interaction *interaction, size_t index,
                       const struct observation *seen, bool errors_are_findings,
                       struct verdict *verdict);

#endif
