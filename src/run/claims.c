/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the plan goes beyond what the database promises: from there on nothing is claimed of content
 * and errors, and the run goes on, judged by the rest. See docs/architecture.md for the sources.
 */
#include "run/state.h"

/* What SQLite's documentation promises of a power loss in this mode. */
static bool survives_power_loss(const struct plan_config *config)
{
    int32_t journal = plan_config_get(config, PLAN_CONFIG_journal_mode);
    int32_t synchronous = plan_config_get(config, PLAN_CONFIG_synchronous);
    bool beside_survives = plan_config_get(config, PLAN_CONFIG_powersafe_overwrite) != 0;
    /*
     * WAL pads to the sector's end only where it syncs each commit; without that, NORMAL needs
     * powersafe overwrite.
     */
    return journal == JOURNAL_WAL ? synchronous >= SYNCHRONOUS_FULL ||
                                        (synchronous == SYNCHRONOUS_NORMAL && beside_survives)
                                  : journal < JOURNAL_MEMORY && synchronous >= SYNCHRONOUS_FULL;
}

static bool survives_process_death(const struct plan_config *config)
{
    int32_t journal = plan_config_get(config, PLAN_CONFIG_journal_mode);
    return journal != JOURNAL_OFF && journal != JOURNAL_MEMORY;
}

/* Without a journal nothing can be. */
static bool can_undo(const struct plan_config *config)
{
    return plan_config_get(config, PLAN_CONFIG_journal_mode) != JOURNAL_OFF;
}

static void end_claims(struct run *run, enum event_reason reason)
{
    if (run->is_blind)
        return;
    run->is_blind = true;
    run_tell_here(run, EVENT_claims_end, reason);
}

void run_claim_power_loss(struct run *run)
{
    if (!survives_power_loss(&run->judged->config))
        end_claims(run, REASON_POWER_LOSS);
}

void run_claim_process_death(struct run *run)
{
    if (!survives_process_death(&run->judged->config))
        end_claims(run, REASON_DEATH);
}

void run_claim_short_read(struct run *run)
{
    end_claims(run, REASON_SHORT_READ); /* zeros for data, and nothing tells the reader */
}

void run_claim_result(struct run *run, const struct interaction *interaction,
                      const struct observation *seen)
{
    if (can_undo(&run->judged->config))
        return;
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    bool undoes = effect == EFFECT_ROLLBACK || effect == EFFECT_ROLLBACK_TO;
    if (undoes || (seen->outcome != OUTCOME_OK && interaction->action != ACTION_select))
        end_claims(run, REASON_UNDO);
}

void run_claim_disconnect(struct run *run)
{
    if (!can_undo(&run->judged->config))
        end_claims(run, REASON_UNDO);
}
