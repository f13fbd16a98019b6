/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where plans were found. Who saves a plan after having run it says on what (plan_origin of
 * plan/plan.h); who is to run one that names another program or backend refuses.
 */
#ifndef CLI_ORIGIN_H
#define CLI_ORIGIN_H

#include "plan/plan.h"
#include "run/run.h"

#include <interplay/error.h>

/* What this program is, for a plan that it tells of; the same until somebody asks again. */
const struct plan_origin *cli_origin(const struct run_options *backend);

/* Whatever its options: "fuzz_x --fixed=return" is fuzz_x, and so is its `interplay`. */
bool cli_is_same_program(const char *target);

/* What the command line asks for although plans say otherwise. The program includes the backend. */
void cli_origin_insist(bool on_program, bool on_backend);

/*
 * ERROR_USAGE where the plan was recorded on another program, with options that this one was called
 * without, or on another backend, and nobody insists. Plans that say nothing run everywhere.
 */
enum error_code cli_origin_check(const struct plan *plan, const char *path,
                                 const struct run_options *backend, struct error *error)
    __attribute__((warn_unused_result));

#endif
