/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canaries: planted bugs that prove the oracles. Each is a decorator that breaks one promise of
 * what it is put around: SQLite's backend or VFS (canaries.c), or functions of the pool
 * (pool_canaries.c). The harness's own look at the database stays honest. What a canary remembers
 * is forgotten before each plan, so that a plan breaks or not, always.
 */
#ifndef CANARY_H
#define CANARY_H

#include <interplay/fuzz.h>

#include <stddef.h>

struct canary {
    const char *name;
    /*
     * Begins with "rare: " where a search of some seconds finds it only by luck, with "slow: "
     * where it takes hundreds of thousands of plans, or does so with "profile=NAME: " behind that:
     * of plans as that profile makes them.
     */
    const char *meaning;
    /* With which words, up to a slash, the signature of its finding may begin: "a|b". */
    const char *signatures;
    void (*install)(struct fuzz_setup *setup);
};

/* Those of this program. */
extern const struct canary canaries[];
extern const size_t canary_count;

/* The one that is planted; NULL: none. */
extern const struct canary *canary_planted;

/* Declares what stands in front of a function (WRAP of its target), and the function itself. */
#define WRAP(result, name, ...)                                                                    \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

/* The options of a target with canaries: --canary=NAME plants one, --canary=list lists them. */
extern const struct fuzz_option canary_options[];

#endif
