/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came of many paths: outcomes and findings, each with how many paths came to it and the first
 * of them. The same whoever counts: tallies of parts, joined in any order, are that of the whole.
 */
#ifndef EXPLORE_TALLY_H
#define EXPLORE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TALLY_OUTCOMES_MAX = 1 << 16,
    TALLY_SLOTS = 2 * TALLY_OUTCOMES_MAX,
    TALLY_FINDINGS_MAX = 128,
    TALLY_SIGNATURE_BYTES = 96
};

/* A path: number `number` of stage `stage`. */
struct tally_place {
    uint32_t stage;
    uint64_t number;
};

struct tally_outcome {
    uint64_t hash; /* of results */
    uint64_t count;
    struct tally_place first;
};

struct tally_finding {
    char signature[TALLY_SIGNATURE_BYTES];
    uint64_t count;
    struct tally_place first;
};

struct tally {
    uint32_t outcome_count, finding_count;
    uint64_t other_outcomes, other_findings; /* paths that came to more than there is room for */
    uint64_t limits; /* paths that met a limit of the harness: nobody knows what they come to */
    struct tally_place first_limit;
    uint32_t slots[TALLY_SLOTS]; /* by hash: place in `outcomes` + 1; 0: none */
    struct tally_outcome outcomes[TALLY_OUTCOMES_MAX];
    struct tally_finding findings[TALLY_FINDINGS_MAX];
};

void tally_add_outcome(struct tally *tally, uint64_t hash, uint64_t count,
                       struct tally_place first);
void tally_add_finding(struct tally *tally, const char *signature, uint64_t count,
                       struct tally_place first);
void tally_add_limits(struct tally *tally, uint64_t count, struct tally_place first);

void tally_join(struct tally *tally, const struct tally *part);

/* In the order of the first path of each; nothing can be added any more. */
void tally_sort(struct tally *tally);

#endif
