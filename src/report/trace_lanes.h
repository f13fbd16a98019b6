/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of a recorded run for a terminal. Without colours: a line an event, as trace_print.
 * With colours (ANSI escape sequences): before each event a narrow lane a task that tells who is in
 * a call, held back or waiting at that moment.
 */
#ifndef REPORT_TRACE_LANES_H
#define REPORT_TRACE_LANES_H

#include "history/recording.h"
#include "oracle/verdict.h"

#include <stdio.h>

struct trace_lanes {
    const struct plan *plan;
    const struct recording *recording;
    const struct verdict *verdict;
    bool has_colours;
    size_t width; /* longer texts go on in the next line; 0: no limit. Only with colours */
};

void trace_lanes_print(const struct trace_lanes *lanes, FILE *out);

#endif
