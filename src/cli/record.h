/* SPDX-License-Identifier: Apache-2.0 */
/* A plan from a file, run once in a process of its own and recorded: for subcommands that show it. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "base/arena.h"
#include "run/isolated.h"
#include "run/recording.h"

struct cli_record {
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
enum error_code cli_record_run(struct cli_record *ret_record, const char *path,
                               const struct run_options *backend, struct error *error)
    __attribute__((warn_unused_result));
void cli_record_clean_up(struct cli_record *record);

/* The exit status that the verdict asks for: CLI_OK or CLI_FINDING. */
int cli_record_status(const struct cli_record *record);

#endif
