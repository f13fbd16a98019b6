/* SPDX-License-Identifier: Apache-2.0 */
/* What the rates of a profile make of the next interaction. */
#ifndef GENERATE_RATES_H
#define GENERATE_RATES_H

#include "base/random.h"
#include "generate/moment.h"
#include "generate/profile.h"

struct rates_wish {
    enum generate_group group; /* the only one that the action is drawn from; GROUP_COUNT: of all */
    bool is_refused;           /* a lock is refused to its call */
    bool dies;                 /* who does it, or a commit becomes a rollback */
};

/* Draws a number for each rate that is given, and none for the others. */
void rates_draw(struct rates_wish *ret_wish, struct random *random,
                const struct generate_profile *profile, const struct task_state *state);

/* Makes a rollback of a commit, or gives the interaction its fault. */
void rates_disturb(const struct rates_wish *wish, struct interaction *interaction,
                   struct random *random);

#endif
