/* SPDX-License-Identifier: Apache-2.0 */
/* Plans that are changed rather than drawn, and a profile all the same: for who mutates them. */
#ifndef GENERATE_KEEP_H
#define GENERATE_KEEP_H

#include "base/random.h"
#include "generate/generate.h"
#include "generate/moment.h"

/* An action, as often as the profile says; its database has it, and the stack can do it. */
enum plan_action generate_action(struct random *random, const struct generate_subject *subject,
                                 bool has_pool);

/* The interaction would open one more transaction than the profile has open at a time. */
bool generate_is_too_much(const struct generate_profile *profile, const struct task_state *states,
                          uint32_t tasks, const struct interaction *interaction);

/*
 * Takes from a plan what its profile never draws: settings get a value that it has; actions, faults
 * and pauses that it excludes go, and so does what is more than its numbers permit. Without a
 * profile everything stays.
 */
void generate_keep_within(const struct generate_profile *profile, struct plan *plan);

#endif
