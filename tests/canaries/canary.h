/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canaries: planted bugs that prove the oracles. Each is a decorator around the SQLite backend or its VFS
 * that breaks one promise now and then, only inside of tasks (the harness's own look at the database stays
 * honest). What a canary remembers is forgotten before each plan, so that a plan breaks or not, always.
 */
#ifndef CANARY_H
#define CANARY_H

#include <interplay/fuzz.h>

#include <stdbool.h>
#include <stddef.h>

struct canary {
    const char *name;
    const char *meaning;
    const char
        *oracles; /* who may find it, whoever is first: the first part of the signature; "a|b" */
    void (*install)(struct fuzz_setup *setup);
};

extern const struct canary canaries[];
extern const size_t canary_count;

/* NULL when there is none of that name. */
const struct canary *canary_find(const char *name);

#endif
