/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile says what plans are made of: weights of groups and of single actions, what their
 * configuration may be, how long they are, and rates of what disturbs them. It is data, a JSON file
 * (docs/profiles.md); those that Interplay has are such files, too: src/generate/profiles/, and
 * backends/X/profiles/ for what only one database can do.
 *
 * With a profile the generator heeds what its plan has made so far (aware.h); without one plans are
 * those that they have always been.
 */
#ifndef GENERATE_PROFILE_H
#define GENERATE_PROFILE_H

#include "base/fault.h"
#include "base/text.h"
#include "generate/group.h"
#include "plan/plan.h"

#include <interplay/backend.h>
#include <interplay/error.h>

/* What the settings of a pool's connections add up to. */
enum { GENERATE_POOL_MIN = 2, GENERATE_POOL_MAX = 6 };

/* Per cent. */
enum { GENERATE_WEIGHT_USUAL = 100, GENERATE_WEIGHT_MAX = 5000 };

struct generate_rate {
    bool is_given;
    uint32_t millionths;
};
enum { GENERATE_RATE_ONE = 1000000 };

struct generate_profile {
    /* In per cent of what they are without a profile; 0: never. */
    uint16_t weights[GROUP_COUNT];
    uint16_t actions[ACTION_COUNT]; /* of what its group leaves it */
    uint16_t fault_kinds[FAULT_KIND_COUNT];
    uint16_t settings[PLAN_CONFIG_COUNT]; /* bit set of the values that are drawn; 0: all */
    bool is_family;                       /* one of those that take turns, see families.h */
    bool is_swarm;      /* each plan draws the weights of the groups anew, from 0 to these */
    bool exhausts_pool; /* tasks may wait for connections that others keep */
    bool savepoint_needs_transaction; /* of the database: there is none outside of one */
#define COUNT(name, minimum, maximum, meaning) uint32_t name;
#define RATE(name, meaning)                    struct generate_rate name;
#include "generate/profile_fields.def"
};

/* One that changes nothing. */
void generate_profile_init(struct generate_profile *ret_profile);

/*
 * The profile of this name that plans for `database` can have, or else the one in this file. Fails
 * with ERROR_USAGE where there is neither, with ERROR_INPUT, file and place where it is wrong.
 */
enum error_code generate_profile_load(struct generate_profile *ret_profile, const char *name,
                                      enum plan_database database, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Once all that is to be said has been: fails with ERROR_USAGE where it contradicts itself. Plans
 * are drawn from what has been settled only.
 */
enum error_code generate_profile_settle(struct generate_profile *profile, struct error *error)
    __attribute__((warn_unused_result));

/* Takes from it what a database that speaks this dialect cannot be told. */
void generate_profile_limit(struct generate_profile *profile, enum dialect dialect);

/* Those that plans for `database` can have, one after the other; NULL: no more. */
const char *generate_profile_name(enum plan_database database, uint32_t index);

/* Names for people, "quick, stress, ..." */
void generate_profile_list(enum plan_database database, struct text *text);

/* Of an action, in per cent; the rates have the say where they take the place of weights. */
uint32_t generate_profile_weight(const struct generate_profile *profile, enum plan_action action);

/* Whether random faults may be of this kind; those of a rate are not drawn like that. */
bool generate_profile_has_fault(const struct generate_profile *profile, enum fault_kind kind);

/* Whether a plan may have it at all, be it by a weight or by a rate. */
bool generate_profile_may_do(const struct generate_profile *profile, enum plan_action action);
bool generate_profile_may_fail(const struct generate_profile *profile, enum fault_kind kind);

/* Whether its plans may have a pool, or none. */
bool generate_profile_may_have_stack(const struct generate_profile *profile, bool has_pool);

/* Whether these choices of readers and writers make a pool of the size that it has. */
bool generate_profile_splits(const struct generate_profile *profile, uint32_t readers,
                             uint32_t writers);

/* The profile as it is read from its text; `name` is the file's, for errors. */
enum error_code generate_profile_read(struct generate_profile *ret_profile, const char *name,
                                      const char *text, size_t length, struct error *error)
    __attribute__((warn_unused_result));

#endif
