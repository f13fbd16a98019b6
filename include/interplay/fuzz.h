/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Make a fuzz target: one short C file that defines `interplay_fuzz_target`, and one line in
 * fuzz/targets.cmake. Everything else (entry points of the engine, mutator, runner, oracles,
 * printing of findings) is linked to it.
 *
 *     // Whatever the clients do, NAME keeps its promises.
 *     #include "generated/subjects.h"
 *     #include <interplay/fuzz.h>
 *
 *     const struct fuzz_target interplay_fuzz_target = {
 *         .name = "fuzz_NAME",
 *         .subject = &interplay_subject_memory,
 *         .stack = &my_pool,
 *     };
 *
 * Everything that the target points to lives as long as the process.
 */
#ifndef INTERPLAY_FUZZ_H
#define INTERPLAY_FUZZ_H

#include <interplay/error.h>
#include <interplay/stack.h>
#include <interplay/subject.h>

#include <stdbool.h>

/* What runs; an option of the target may change it before anything does. */
struct fuzz_setup {
    struct subject subject; /* the target's, to be decorated */
    struct subject beside;  /* likewise, where the target has one */
    const struct stack_ops *stack;
    const char *driver; /* see struct backend_options; NULL: the subject's */
    /* Puts back state that the target keeps, so that plans do not see each other; NULL: none. */
    void (*before_plan)(void);
};

/* An option that only this target has, given as --NAME=VALUE. */
struct fuzz_option {
    const char *name;    /* NULL ends the list */
    const char *meaning; /* one line for --help */
    /* May print and exit. On failure `error` says what is wrong with `value`. */
    enum error_code (*take)(struct fuzz_setup *setup, const char *value, struct error *error);
};

struct fuzz_target {
    const char *name;
    const struct subject *subject;
    /*
     * Each plan runs on this one, too, without its pauses and faults: results must be the same, as
     * far as both promise them. NULL: it does not.
     */
    const struct subject *beside;
    /* A pool of one's own; NULL: those of Interplay, as each plan's configuration says. */
    const struct stack_ops *stack;
    const struct fuzz_option *options; /* NULL: none */
    void (*before_plan)(void);         /* as in struct fuzz_setup, for a start */
    /*
     * How signatures begin that are no findings here, because what runs breaks these promises on
     * purpose; NULL ends the list. NULL: there are none.
     */
    const char *const *deserved;
};

extern const struct fuzz_target interplay_fuzz_target;

#endif
