/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the plan goes beyond what the database promises: from there on nothing is claimed of
 * content and errors, and the run goes on, judged by the rest.
 */
#include "run/state.h"

static void end_claims(struct run *run, enum event_reason reason)
{
    if (run->is_blind)
        return;
    run->is_blind = true;
    run_tell_here(run, EVENT_claims_end, reason);
}

void run_claim_power_loss(struct run *run)
{
    const struct durability_promise *durability = run->setting.durability;
    if (durability == NULL || durability->power_loss == SURVIVES_UNCLAIMED)
        end_claims(run, REASON_POWER_LOSS);
}

void run_claim_process_death(struct run *run)
{
    const struct durability_promise *durability = run->setting.durability;
    if (durability == NULL || durability->process_death == SURVIVES_UNCLAIMED)
        end_claims(run, REASON_DEATH);
}

void run_claim_short_read(struct run *run)
{
    end_claims(run, REASON_SHORT_READ); /* zeros for data, and nothing tells the reader */
}

/* What must be undone leaves the database in a state of which nothing is claimed. */
static bool can_undo(const struct run *run)
{
    const struct durability_promise *durability = run->setting.durability;
    return durability == NULL || !durability->cannot_undo;
}

void run_claim_result(struct run *run, const struct interaction *interaction,
                      const struct observation *seen)
{
    if (can_undo(run))
        return;
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    bool undoes = effect == EFFECT_ROLLBACK || effect == EFFECT_ROLLBACK_TO;
    if (undoes || (seen->outcome != OUTCOME_OK && interaction->action != ACTION_select))
        end_claims(run, REASON_UNDO);
}

void run_claim_disconnect(struct run *run)
{
    if (!can_undo(run))
        end_claims(run, REASON_UNDO);
}
