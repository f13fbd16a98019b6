/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three small oracles over the state that a run leaves: integrity (the database says of itself that
 * it is sound), resources (nothing is left over), and progress (somebody can always go on).
 */
#ifndef ORACLE_STATE_H
#define ORACLE_STATE_H

#include "oracle/verdict.h"

#include <stdbool.h>
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
    int64_t threads;       /* that run, or were not joined */
    int64_t locks;         /* mutexes */
};

void resources_judge(const struct resources_left *left, struct verdict *verdict);

/* Locks or threads were used in a way that POSIX leaves undefined. */
void misuse_judge(const char *what, struct verdict *verdict);

/*
 * Nothing can run and no timer is pending; `who` describes the waiting tasks. `is_signal`: one of
 * them waits to be woken, not for a lock.
 */
void progress_deadlock(const char *who, bool is_signal, size_t interaction,
                       struct verdict *verdict);

/* More yield points than any plan needs. */
void progress_exhausted(const char *action, const char *where, uint64_t yields, size_t interaction,
                        struct verdict *verdict);

#endif
