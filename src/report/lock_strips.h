/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which locks each task holds in each row of a picture: the strongest of what it held at any moment
 * of the row, as a file lock and as locks on shared memory.
 */
#ifndef REPORT_LOCK_STRIPS_H
#define REPORT_LOCK_STRIPS_H

#include "base/arena.h"
#include "history/recording.h"

#include <interplay/subject.h>

#include <stdio.h>

enum {
    LOCK_LANE_THREADS = PLAN_TASKS_MAX, /* who acts for nobody */
    LOCK_LANES,
    LOCK_FILES_MAX = 64, /* open at the same time; locks of more are not shown */
};

enum lock_strip { LOCK_STRIP_FILE, LOCK_STRIP_SHARED };
enum { LOCK_STRIPS = LOCK_STRIP_SHARED + 1 };

struct lock_state {
    uint8_t level, shared, exclusive;
};

struct lock_strips {
    const struct recording *recording;
    const struct subject_locks *names; /* NULL: there are no locks on shared memory */
    struct lock_state (*rows)[LOCK_LANES];
    size_t row_count;
    uint64_t next; /* of the recorded changes */
    struct event_lock files[LOCK_FILES_MAX];
};

struct lock_look {
    const char *class, *letter;
};

/* Rows live in `arena`; at most `rows_max` are added. */
void lock_strips_init(struct lock_strips *strips, const struct recording *recording,
                      const struct subject_locks *names, size_t rows_max, struct arena *arena);

/* The signs and what they mean, as HTML. */
void lock_strips_legend(const struct subject_locks *names, FILE *out);

/* The row of events up to number `last`. */
void lock_strips_add_row(struct lock_strips *strips, uint64_t last);

/* Both rows look the same. */
bool lock_strips_same(const struct lock_strips *strips, size_t row, size_t other, uint32_t lane,
                      enum lock_strip strip);

/* Class and letter, and `words` for all that is held; false: nothing is. */
bool lock_strips_look(const struct lock_strips *strips, size_t row, uint32_t lane,
                      enum lock_strip strip, struct lock_look *ret_look, struct text *words);

#endif
