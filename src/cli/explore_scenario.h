/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario of sessions, as what `interplay explore` runs. */
#ifndef CLI_EXPLORE_SCENARIO_H
#define CLI_EXPLORE_SCENARIO_H

#include "cli/cli.h"
#include "cli/order.h"
#include "explore/steps.h"
#include "plan/scenario.h"

/* One order of it as a plan, with the names of its steps. */
struct explore_order {
    struct scenario_plan made;
    struct steps_names names;
};

/* `order` may be NULL: all steps, session by session. All of it lives in the arena. */
enum error_code explore_make_order(struct explore_order *ret_order, struct arena *arena,
                                   const struct scenario *scenario,
                                   const struct scenario_order *order, struct error *error)
    __attribute__((warn_unused_result));

/* The permutations that are given, as isolationtester runs them. */
enum cli_status explore_permutations(const struct cli_order *order, const struct scenario *scenario,
                                     struct arena *arena);

#endif
