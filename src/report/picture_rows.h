/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of a picture of a run. A row is what one task did without another one in between, so
 * that a long run stays readable.
 */
#ifndef REPORT_PICTURE_ROWS_H
#define REPORT_PICTURE_ROWS_H

#include "report/lock_strips.h"

enum { PICTURE_EVERYBODY = LOCK_LANES }; /* instead of a lane */

struct picture_row {
    uint64_t first, last; /* events */
    uint32_t lane;        /* of the first one */
    bool has_tick;        /* virtual time has moved on since the row before */
    uint32_t line;        /* of the grid; the header is 1, a tick has a line of its own */
};

/* The lane that an event belongs to: its task, LOCK_LANE_THREADS, or PICTURE_EVERYBODY. */
uint32_t picture_lane(const struct trace_event *event);

/* That a call goes on is told late, when it has ended: its own events told it before. */
bool picture_hides(const struct trace_event *event);

/* Fills in `ret_rows`, which has room for a row an event, and returns how many there are. */
size_t picture_rows_make(const struct recording *recording, struct picture_row *ret_rows);

#endif
