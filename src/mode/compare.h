/* SPDX-License-Identifier: Apache-2.0 */
/* Two courses of one plan, and the words for the first difference between them. */
#ifndef MODE_COMPARE_H
#define MODE_COMPARE_H

#include "mode/course.h"
#include "oracle/verdict.h"

struct comparison {
    const char *mode; /* how signatures begin */
    const struct course *courses[2];
    const char *names[2]; /* "first run", or a subject and its version */
    bool second_is_cut;   /* by a verdict of its own: what is missing is no difference */
    struct verdict *verdict;
};

/* The steps that are compared; either may be NULL, where a course has ended. */
struct step_pair {
    const struct course_step *steps[2];
};

/* "MODE/WHAT/ACTION": what of the two steps differs. */
void compare_report(const struct comparison *comparison, const char *what,
                    const struct step_pair *pair);

/* Both are of the same interaction, and both begin, or both end. */
bool compare_is_same_place(const struct step_pair *pair);

/* What the databases held at the end; false, and reported, when they differ. */
bool compare_content(const struct comparison *comparison);

/* The pair at that place; false: both courses have ended, or the second one was cut. */
bool compare_at(const struct comparison *comparison, size_t place, struct step_pair *ret_pair);

/* The rows that came of the pair's interaction are the same, in their order or in any. */
bool compare_rows(const struct comparison *comparison, const struct step_pair *pair,
                  bool order_counts);

#endif
