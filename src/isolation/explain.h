/* SPDX-License-Identifier: Apache-2.0 */
/* A finding as a sentence: the few reads and writes that matter, and what the level forbids. */
#ifndef ISOLATION_EXPLAIN_H
#define ISOLATION_EXPLAIN_H

#include "base/text.h"
#include "isolation/judge.h"

/* What the caller calls things. */
struct isolation_names {
    void (*transaction)(const void *context, uint32_t transaction, struct text *text);
    void (*key)(const void *context, uint32_t key, struct text *text);
    /* Where an operation stands, as "step 4". */
    void (*place)(const void *context, size_t operation, struct text *text);
    const void *context;
};

/*
 * "task 1 read t0[3] as task 0 left it (step 4) and t0[5] as it was before task 0 (step 6): read
 * skew, which snapshot isolation forbids"
 */
void isolation_explain(const struct isolation_history *history,
                       const struct isolation_finding *finding, const char *level,
                       const struct isolation_names *names, struct text *text);

/* One edge of the cycle, for a list of them. */
void isolation_explain_edge(const struct isolation_history *history,
                            const struct isolation_edge *edge, const struct isolation_names *names,
                            struct text *text);

/* All of them, a line each: "  rw  task 1 read t0[5] ..."; nothing where there is no cycle. */
void isolation_explain_cycle(const struct isolation_history *history,
                             const struct isolation_finding *finding,
                             const struct isolation_names *names, struct text *text);

#endif
