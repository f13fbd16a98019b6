/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three small oracles over the state that a run leaves: integrity (the database says of itself that
 * it is sound), resources (nothing is left over), and progress (somebody can always go on).
 */
#ifndef ORACLE_STATE_H
#define ORACLE_STATE_H

#include "oracle/verdict.h"

#include <stdint.h>

/*
 * `findings` is what the database's own check says, one finding a line; "ok" when it is sound. The
 * signature keeps the words of the first finding and drops its numbers.
 */
void integrity_judge(const char *findings, size_t interaction, struct verdict *verdict);

struct resources_left {
    int64_t memory_bytes; /* beyond what was in use before the plan */
    int64_t allocations;
    int64_t open_files;
    int64_t file_locks;
    int64_t shared_memory; /* attachments */
    int64_t connections;   /* that refused to close: statements were not finalized */
};

void resources_judge(const struct resources_left *left, struct verdict *verdict);

/* Nothing can run and no timer is pending; `who` describes the waiting tasks. */
void progress_deadlock(const char *who, size_t interaction, struct verdict *verdict);

/* More yield points than any plan needs. */
void progress_exhausted(const char *action, const char *where, uint64_t yields, size_t interaction,
                        struct verdict *verdict);

#endif
