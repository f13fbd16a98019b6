/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search for orders between two tasks that a finding needs. First between parts of
 * interactions, as pauses cut them: a pair is brought together, everything else staying in an order
 * that shows the finding, and turned round. Where that loses it, the later one is let through the
 * earlier one crossing by crossing, as early as the finding allows: what stops it are two crossings
 * whose order alone decides.
 */
#ifndef EXPLAIN_ORDERS_H
#define EXPLAIN_ORDERS_H

#include "explain/explain.h"

/* A place of a stack that is still without a name. */
struct unnamed_place {
    const struct course_stack *stack;
    struct code_places *places;
};

struct unnamed_places {
    size_t count, capacity;
    struct unnamed_place *items;
};

/* `places` gets what `stack` is called, once all are named; `stack` is copied to the arena. */
void unnamed_add(struct unnamed_places *unnamed, struct arena *arena,
                 const struct course_stack *stack, struct code_places *places);

/*
 * Fills in the orders of `result`, whose plan shows what `judge` looks for; `course` is of it, and
 * has room for no longer plan.
 */
enum error_code orders_find(struct explain_result *result, struct judge *judge,
                            struct unnamed_places *unnamed, struct error *error)
    __attribute__((warn_unused_result));

/* Takes out those that follow from others and from the order of each task's own interactions. */
void orders_reduce(struct explain_result *result);

#endif
