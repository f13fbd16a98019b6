/* SPDX-License-Identifier: Apache-2.0 */
/* Explaining a plan while somebody watches: for all subcommands that show a finding. */
#ifndef CLI_EXPLAIN_PLAN_H
#define CLI_EXPLAIN_PLAN_H

#include "explain/explain.h"

/* As explain_plan, with progress on a terminal; `name` is the plan's, for errors. */
enum error_code cli_explain_plan(struct explain_result **ret_result, struct run *run,
                                 const struct plan *plan, const char *name, bool is_quiet,
                                 struct error *error) __attribute__((warn_unused_result));

/* The same, printed after an empty line. */
enum error_code cli_print_explained(struct run *run, const struct plan *plan, const char *name,
                                    bool is_quiet, struct error *error)
    __attribute__((warn_unused_result));

#endif
