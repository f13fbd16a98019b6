/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command tells programs: lines of JSON as it goes (--json), JUnit's XML and SARIF at its
 * end (--junit, --sarif). All of it is nothing where the order asks for none.
 */
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

#include "cli/command.h"
#include "cli/progress.h"
#include "report/records.h"
#include "report/results.h"

#include <time.h>

struct cli_results {
    const struct cli_order *order;
    const char *word; /* the command's name */
    char line[1024];  /* the command that does the same again */
    FILE *lines;      /* NULL: no --json */
    struct results results;
    struct timespec began;
};

/* `run` is what is under test, in version and mode; NULL: each entry has its own. */
struct cli_tested {
    const struct run *run;
    const char *beside;
    const char *seed;
};

/* Prints the first line. */
void cli_results_open(struct cli_results *ret_results, const struct cli_command *command,
                      const struct cli_order *order, const struct cli_tested *tested);

/* For the files at the end. */
void cli_results_add(struct cli_results *results, const struct result *result);

/* Prints an error's line, beside what cli_fail says. */
void cli_results_fail(const struct cli_results *results, const char *message);

/* Writes the files; `end`, which may have numbers, is the last line. Returns the exit status. */
enum cli_status cli_results_close(struct cli_results *results, struct record *end,
                                  enum cli_status status);

#endif
