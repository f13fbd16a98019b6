/* SPDX-License-Identifier: Apache-2.0 */
/* What a recorded run tells of its finding, in the terms of those who write programs for it. */
#ifndef CLI_PROGRAM_FACTS_H
#define CLI_PROGRAM_FACTS_H

#include "cli/recorded_run.h"

#include <interplay/subject.h>

struct cli_program_facts {
    struct subject_finding finding;
    struct arena arena;
    char replay_command[1024];
};

/* `recorded` and `path` stay as long as the facts; the caller cleans up. */
void cli_program_facts_find(struct cli_program_facts *ret_facts,
                            const struct cli_recorded_run *recorded, const char *path,
                            const struct run_options *backend);
void cli_program_facts_clean_up(struct cli_program_facts *facts);

#endif
