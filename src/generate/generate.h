/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random plans that are well shaped: a few tasks that meet on few keys, transactions that mostly
 * end, a few pauses in places that differ a lot, sometimes a fault. Swarm testing (Groce et al.,
 * ISSTA 2012): each plan draws a subset of the actions and weights of its own, so that plans differ
 * more from each other than from their average. All choices come from tables; none of them knows of
 * any particular bug.
 */
#ifndef GENERATE_GENERATE_H
#define GENERATE_GENERATE_H

#include "base/arena.h"
#include "base/random.h"
#include "generate/families.h"
#include "plan/plan.h"

enum {
    /* Without a profile. */
    GENERATE_INTERACTIONS_MIN = 4,
    GENERATE_INTERACTIONS_MAX = 40,
    GENERATE_PAUSES_MAX = 4,
    GENERATE_FAULTS_MAX = 2,
    GENERATE_WOVEN_MAX = 10, /* steps of a property, beside the other interactions */
};

/* Where something is to be found wrong: it says how often a plan has a pool. */
enum generate_for {
    GENERATE_FOR_DATABASE, /* mostly without: a pool keeps its connections apart */
    GENERATE_FOR_POOL,     /* always with one */
};

/* What plans are drawn for. */
struct generate_subject {
    enum generate_for search;
    enum plan_database database;            /* whose settings and actions they have, too */
    const struct generate_profile *profile; /* NULL: none; else it has been settled */
    /* Not NULL: each plan is of one of these, by lot; then there is no `profile` */
    const struct generate_families *families;
    /*
     * A bit set; 0: whatever plans have. Without a profile plans are of these properties alone,
     * with one they stand among what it draws.
     */
    uint32_t properties;
};

/*
 * Whether its profile, or each of its families, can show its properties; ERROR_USAGE says of one
 * that it cannot.
 */
enum error_code generate_check(const struct generate_subject *subject, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Draws a native plan that the compact form can carry. Its interactions are allocated in `arena`.
 * The same subject and state of `random` give the same plan.
 */
void generate_plan(struct plan *plan, struct arena *arena, struct random *random,
                   struct generate_subject subject);

/*
 * Parts of a plan, for who changes one: draws the values of all arguments of `interaction->action`;
 * a pause; a fault that can strike, as often of each kind as the profile says (NULL: evenly).
 * False: there is none.
 */
void generate_arguments(struct interaction *interaction, struct random *random);
void generate_pause(struct interaction *interaction, struct random *random);
bool generate_fault(struct interaction *interaction, struct random *random,
                    enum plan_database database, const struct generate_profile *profile);

/* True for the actions that plans without a pool never have. */
bool generate_needs_pool(enum plan_action action);

/*
 * The random numbers of plan `index` of a run that was given `seed`: neighbours have nothing in
 * common.
 */
void generate_seed(struct random *random, uint64_t seed, uint64_t index);

#endif
