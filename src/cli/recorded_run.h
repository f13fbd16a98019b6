/* SPDX-License-Identifier: Apache-2.0 */
/* A plan from a file, run in a process of its own and recorded: for subcommands that show it. */
#ifndef CLI_RECORDED_RUN_H
#define CLI_RECORDED_RUN_H

#include "base/arena.h"
#include "cli/cli.h"
#include "history/recording.h"
#include "run/isolated.h"

struct cli_recorded_run {
    struct plan plan;
    struct arena arena; /* of the plan */
    struct recording *recording;
    struct isolated_result result; /* ok or a violation */
    char version[160];             /* what was under test */
};

/*
 * Loads and runs the plan in `path`; a plan error is an error (ERROR_INPUT). After success the
 * caller cleans up.
 */
enum error_code cli_record_run(struct cli_recorded_run *ret_recorded, const char *path,
                               const struct run_options *backend, struct error *error)
    __attribute__((warn_unused_result));
void cli_recorded_run_clean_up(struct cli_recorded_run *recorded);

/* The exit status that the verdict asks for: CLI_OK or CLI_FINDING. */
enum cli_status cli_recorded_run_status(const struct cli_recorded_run *recorded);

#endif
