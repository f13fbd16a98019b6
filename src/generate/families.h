/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Families of plans: profiles that are drawn by in turns. The plans of each reach what those of the
 * others seldom do, since configuration, actions and faults are mixed into each other in all of
 * them. Which of Interplay's profiles are families is said in their files ("family": true).
 */
#ifndef GENERATE_FAMILIES_H
#define GENERATE_FAMILIES_H

#include "generate/profile.h"

enum { GENERATE_FAMILIES_MAX = 16 };

/* In place of a profile's name: all families; no profile. */
#define GENERATE_FAMILIES_NAME "families"
#define GENERATE_USUAL_NAME    "none"

struct generate_subject;

struct generate_families {
    uint32_t count; /* 0: plans are without a profile */
    struct generate_profile profiles[GENERATE_FAMILIES_MAX];
};

/*
 * What plans for `subject` are to be of, by name: the one profile of this name or file
 * (generate_profile_load), with GENERATE_FAMILIES_NAME all families, with GENERATE_USUAL_NAME or
 * NULL none. Families that always have a pool are for who looks at pools.
 */
enum error_code generate_families_load(struct generate_families *ret_families, const char *name,
                                       const struct generate_subject *subject, struct error *error)
    __attribute__((warn_unused_result));

/* generate_profile_limit and generate_profile_settle of each. */
void generate_families_limit(struct generate_families *families, enum dialect dialect);
enum error_code generate_families_settle(struct generate_families *families, struct error *error)
    __attribute__((warn_unused_result));

/* How many take turns, at least 1, and whose plans those of turn `turn` are; NULL: no profile's. */
uint32_t generate_families_turns(const struct generate_families *families);
const struct generate_profile *generate_families_profile(const struct generate_families *families,
                                                         uint32_t turn);

#endif
