/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing by rates. */
#include "generate/rates.h"

#include "generate/draw.h"

/* The first calls of any statement are opportunities, later ones not of each. */
enum { REFUSED_AT_MOST = 3, DIES_AT_MOST = 8 };

static bool happens(struct random *random, const struct generate_rate *rate)
{
    return rate->is_given && random_below(random, GENERATE_RATE_ONE) < rate->millionths;
}

void rates_draw(struct rates_wish *ret_wish, struct random *random,
                const struct generate_profile *profile, const struct task_state *state)
{
    struct rates_wish wish = {.group = GROUP_COUNT};
    bool makes = happens(random, &profile->ddl_rate),
         sleeps = happens(random, &profile->sleep_rate);
    wish.is_refused = happens(random, &profile->busy_rate);
    wish.dies = happens(random, &profile->panic_rate);
    bool keeps = state->lease != LEASE_NONE || state->in_transaction;
    if (sleeps || (wish.is_refused && keeps && random_chance(random, 2)))
        wish = (struct rates_wish){.group = GROUP_sleeps};
    else if (makes)
        wish.group = GROUP_ddl;
    *ret_wish = wish;
}

static void set_fault(struct interaction *interaction, enum fault_kind kind, uint32_t at_most,
                      struct random *random)
{
    interaction->fault = (uint8_t)kind;
    interaction->fault_at = (uint16_t)draw_between(random, 1, at_most);
}

void rates_disturb(const struct rates_wish *wish, struct interaction *interaction,
                   struct random *random)
{
    if (wish->dies && interaction->action == ACTION_commit)
        interaction->action = ACTION_rollback;
    else if (wish->dies)
        set_fault(interaction, FAULT_process_death, DIES_AT_MOST, random);
    else if (wish->is_refused)
        set_fault(interaction, FAULT_busy, REFUSED_AT_MOST, random);
}
