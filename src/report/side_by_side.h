/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the model says beside what was observed, line by line: of the call in which a finding was
 * noticed, or of the look at the whole database.
 */
#ifndef REPORT_SIDE_BY_SIDE_H
#define REPORT_SIDE_BY_SIDE_H

#include "history/recording.h"

#include <stdio.h>

/*
 * Lines "model | observed", those that differ marked; nothing where nothing was predicted.
 * `noticed` is the interaction of the verdict, SIZE_MAX after the last one.
 */
void side_by_side_print(const struct recording *recording, size_t noticed, FILE *out);

#endif
