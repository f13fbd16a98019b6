/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan came to, in the order in which it happened, as far as two runs of it can be compared:
 * results as they came, with their rows and messages, and what the database held at the end.
 */
#ifndef MODE_COURSE_H
#define MODE_COURSE_H

#include "base/arena.h"
#include "history/event.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COURSE_MESSAGE_BYTES = 128,
    COURSE_ROWS_BYTES = 256, /* of the rows as a text, for people */
};

/* An interaction begins, cannot be done, or ends; or a stream does, of one before. */
struct course_step {
    uint8_t kind; /* EVENT_invoke, EVENT_skip, EVENT_return, EVENT_result: of a stream */
    uint8_t task;
    uint8_t outcome; /* from here on of a return or a result */
    bool in_transaction, number_is_null;
    uint32_t interaction;
    int error_code;
    int64_t changes, number;
    uint64_t row_count;
    int64_t report[SUBJECT_REPORT_NUMBERS];
    uint64_t looked; /* of what a look found; 0: it was none */
    char error_state[BACKEND_STATE_BYTES];
    char message[COURSE_MESSAGE_BYTES];
};

/* That came of an interaction. */
struct course_rows {
    uint64_t count;
    uint64_t sequence; /* a hash of them as they came */
    uint64_t set;      /* the same in whatever order they come */
    size_t length;
    char text[COURSE_ROWS_BYTES]; /* the first ones */
};

struct course {
    struct arena arena;
    const struct plan *plan;
    /* Databases differ in what a sum is, 1 or 1.0, and in which indexes they have. */
    bool is_portable;
    bool is_cut; /* more happened than there is room for */
    size_t step_count, step_max;
    struct course_step *steps;
    struct course_rows *rows; /* by interaction */
    bool has_content;
    struct model_database content; /* at the end */
};

/* What it reads. */
#define COURSE_EVENTS                                                                              \
    (EVENT_BIT(invoke) | EVENT_BIT(skip) | EVENT_BIT(return ) | EVENT_BIT(result) |                \
     EVENT_BIT(content))

void course_init(struct course *course);
void course_clean_up(struct course *course);

/* The next run is of this plan, which lives as long. */
void course_begin(struct course *course, const struct plan *plan);

/* For struct run_mode: `context` is the course. */
void course_on_event(void *context, const struct event *event);
void course_on_row(void *context, size_t interaction, const struct value *columns, uint32_t count);

/* Appends what the step says: "ok, 2 rows: 1|32|NULL; 5|40|NULL". */
void course_describe(const struct course *course, const struct course_step *step,
                     struct text *text);

#endif
