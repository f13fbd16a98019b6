/* SPDX-License-Identifier: Apache-2.0 */
/* A pool's own copy of its options, texts included. */
#ifndef POOL_OPTIONS_H
#define POOL_OPTIONS_H

#include <interplay/pool.h>

struct options_copy {
    struct pool_options options;
    char *target, *driver, *setup; /* what `options.connection` points to */
};

/* OUTCOME_MISUSE: they make no sense; OUTCOME_NO_MEMORY. */
enum outcome options_copy_init(struct options_copy *copy, const struct pool_options *options,
                               struct pool_error *error) INTERPLAY_RESULT;
void options_copy_clean_up(struct options_copy *copy);

/*
 * True when the writers must take turns: there are several, and the database lets only one write.
 */
bool options_need_gate(const struct pool_options *options);

#endif
