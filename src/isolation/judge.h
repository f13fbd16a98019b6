/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a history is one that an isolation level permits, and if not, the shortest cycle of
 * dependencies that shows it. Pure: a history in, a finding out.
 *
 *   ww  one overwrote what the other wrote
 *   wr  one read what the other wrote
 *   rw  one read what the other then overwrote (an anti-dependency)
 *   rt  one had ended before the other began
 *
 * Exact in both directions: where the order of versions, who of those in doubt committed, or what a
 * read of a range saw is open, a level is violated only if every choice violates it. The search for
 * such a choice has a bound; beyond it nothing is said (`is_bounded`).
 */
#ifndef ISOLATION_JUDGE_H
#define ISOLATION_JUDGE_H

#include "base/arena.h"
#include "isolation/history.h"

/* What a level forbids. */
enum isolation_rule {
    ISOLATION_G0 = 1 << 0,            /* cycles of ww */
    ISOLATION_G1 = 1 << 1,            /* aborted and intermediate reads, cycles of ww and wr */
    ISOLATION_G_SINGLE = 1 << 2,      /* cycles with one rw */
    ISOLATION_G_NONADJACENT = 1 << 3, /* cycles without two rw one after the other */
    ISOLATION_G2_ITEM = 1 << 4,       /* cycles, rw of rows that were read */
    ISOLATION_G2 = 1 << 5,            /* cycles, rw of all that ranges have been asked for */
    ISOLATION_REAL_TIME = 1 << 6,     /* rt counts in all of them */
    ISOLATION_SESSIONS = 1 << 7,      /* rt counts in all of them, within a session */
};

/* They say something of who reads what. */
static inline bool isolation_reads_matter(uint32_t rules)
{
    return (rules & ~(uint32_t)(ISOLATION_G0 | ISOLATION_REAL_TIME | ISOLATION_SESSIONS)) != 0;
}

enum isolation_level {
#define LEVEL(name, words, forbids) ISOLATION_LEVEL_##name,
#include "isolation/levels.def"
#undef LEVEL
    ISOLATION_LEVEL_COUNT,
};

struct isolation_level_info {
    const char *name, *words;
    uint32_t forbids; /* bit set of enum isolation_rule */
};
extern const struct isolation_level_info isolation_levels[ISOLATION_LEVEL_COUNT];

/* "snapshot-isolation", or as Elle calls it; NULL: there is no such level. */
const struct isolation_level_info *isolation_level_named(const char *name);

enum isolation_anomaly {
    ISOLATION_ANOMALY_none,
#define ANOMALY(name, word, meaning) ISOLATION_ANOMALY_##name,
#include "isolation/anomalies.def"
#undef ANOMALY
    ISOLATION_ANOMALY_COUNT,
};

struct isolation_anomaly_info {
    const char *word, *meaning;
};
extern const struct isolation_anomaly_info isolation_anomalies[ISOLATION_ANOMALY_COUNT];

enum isolation_dependency { ISOLATION_WW, ISOLATION_WR, ISOLATION_RW, ISOLATION_RT };
extern const char *const isolation_dependency_names[];

struct isolation_edge {
    uint32_t from, to;
    enum isolation_dependency kind;
    bool is_predicate; /* of an rw: the reader had asked for a range, and got no such row */
    uint32_t key;
    uint32_t from_operation, to_operation; /* indexes; SIZE_MAX cut to 32 bits: of an rt */
};

/* Kinds of edges that are told apart: ww, wr, rw of rows, rw of ranges; their sets. */
enum { ISOLATION_CHAIN_MAX = 3, ISOLATION_KIND_SETS = 1 << 4 };

/*
 * How near what is permitted comes to what is not. A chain leads by edges from a transaction to one
 * that ran beside it, so that one more edge, back, would close a cycle; the shortest chains count.
 */
struct isolation_nearness {
    uint64_t chains; /* bits: (length - 1) * KIND_SETS + the set of kinds on the way */
    /* Of the weakest rule that the history breaks, as it may; none: it breaks none. */
    uint8_t anomaly; /* enum isolation_anomaly */
    uint8_t length;  /* of its shortest cycle; 0: longer than is told */
};

enum { ISOLATION_CYCLE_MAX = 16 };

struct isolation_finding {
    enum isolation_anomaly anomaly; /* none: the level permits the history */
    bool needs_real_time;           /* the cycle has an rt */
    bool is_bounded;                /* given up: nothing is said */
    /* The read that is wrong by itself, or that closes the cycle; an index. */
    size_t operation;
    /* Of the read that is wrong by itself: who wrote it, or UINT32_MAX. */
    uint32_t writer;
    /* Each from where the last one leads to; 0: no cycle is needed to see it, or it is longer. */
    uint32_t length;
    struct isolation_edge cycle[ISOLATION_CYCLE_MAX];
    /* Of what is permitted; zeros where that was plain without a graph. */
    struct isolation_nearness near;
};

enum { ISOLATION_EFFORT = 20000 }; /* choices that are tried, unless somebody knows better */

/*
 * `rules` is a bit set of enum isolation_rule, `effort` how many choices are tried at most. Works
 * in `arena`. True: it is permitted, or nothing is said.
 */
bool isolation_judge(const struct isolation_history *history, uint32_t rules, uint32_t effort,
                     struct arena *arena, struct isolation_finding *ret_finding);

#endif
