/* SPDX-License-Identifier: Apache-2.0 */
/* What `interplay replay` is doing: plan after plan, and what each came to. */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "bugbase/recognize.h"
#include "cli/results.h"
#include "run/isolated.h"

#include <stdint.h>
#include <time.h>

struct replay {
    const struct cli_order *order;
    struct known_findings known;
    struct run *run;
    const char *path; /* of the plan at hand */
    const struct plan *plan;
    struct timespec began; /* that one */
    struct cli_results results;
    uint64_t counts[RESULT_FAILED + 1];
};

/*
 * Counts what the plan at hand came to, and tells programs. `message` is why it was not judged;
 * `result` is NULL where it was not run to an end.
 */
void replay_tell(struct replay *replay, enum result_kind kind, const char *message,
                 const struct isolated_result *result);

/* With the numbers of all plans; the exit status. */
enum cli_status replay_close_results(struct replay *replay, enum cli_status status);

#endif
