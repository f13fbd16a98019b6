/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an interaction says, as a tree of SQL. The tree stands for any dialect; its parameters are
 * what an interaction's numbers come to.
 */
#ifndef PLAN_STATEMENT_TREE_H
#define PLAN_STATEMENT_TREE_H

#include "plan/plan.h"
#include "sql/tree.h"

/* Of a statement's parameters. */
struct plan_parameter {
    bool is_payload; /* the text of `number` in 8 digits, `units` times; else the number itself */
    int64_t number;
    uint32_t units;
};

enum {
    PLAN_PARAMETERS_MAX = 4,
    PLAN_TREE_NODES = 4 * PLAN_KEYS, /* a batch is the largest: three values and a row a key */
};

/* A statement with room for its nodes, which point into it: it stays where it was made. */
struct plan_tree {
    struct sql_statement statement;
    uint32_t parameter_count, node_count, text_count;
    struct plan_parameter parameters[PLAN_PARAMETERS_MAX]; /* of parameter n: n - 1 */
    struct sql_source source;
    struct sql_order order;
    struct sql_assignment assignments[2];
    char digits[PLAN_SEED_ROWS][PLAN_PAYLOAD_UNIT_BYTES + 1]; /* texts of one unit */
    char own_words[320]; /* of an action that only one database has */
    struct sql_expression nodes[PLAN_TREE_NODES];
};

/* By number. */
extern const char *const plan_savepoint_names[PLAN_SAVEPOINTS];

/* False: interaction number `step` runs no SQL, and nothing is made. */
bool plan_tree_make(struct plan_tree *ret_tree, const struct interaction *interaction,
                    int64_t step);

/* --- the tables of a native plan ------------------------------------------------------------- */

/*
 * Statement number `index` of those that make what src/model/database.c starts from:
 * PLAN_SEED_TABLES tables with PLAN_SEED_ROWS rows each, and an index on t0.v. False: there are no
 * more.
 */
bool plan_setup_tree(struct plan_tree *ret_tree, uint32_t index);

#endif
