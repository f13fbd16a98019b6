/* SPDX-License-Identifier: Apache-2.0 */
/* What `interplay explore` prints. */
#ifndef CLI_EXPLORE_SAY_H
#define CLI_EXPLORE_SAY_H

#include "cli/order.h"
#include "explore/explore.h"

/* What was explored, and with what. */
struct explore_told {
    const struct cli_order *order;
    const char *path;   /* of the scenario */
    const char *folder; /* that plans are written to; NULL: none */
    struct run *run;
    const struct steps *steps;
    struct explore *explore;
};

/* The scenario, and how many interleavings of each kind there are and were run. */
void explore_say_counts(const struct explore_told *told);

/*
 * Each finding, made small, with how many interleavings come to it; its plans go to the folder, if
 * there is one.
 */
enum error_code explore_say_findings(const struct explore_told *told, struct error *error)
    __attribute__((warn_unused_result));

/* The plan of finding `number`, which comes to `signature`: made small, printed and written. */
enum error_code explore_say_plan(const struct explore_told *told, const struct plan *plan,
                                 const char *signature, uint32_t number, struct error *error)
    __attribute__((warn_unused_result));

/* The table of outcomes: what differs, in how many interleavings, and an example of each. */
enum error_code explore_say_outcomes(const struct explore_told *told, struct error *error)
    __attribute__((warn_unused_result));

#endif
