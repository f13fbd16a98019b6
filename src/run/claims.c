/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the plan goes beyond what the database promises: from there on nothing is claimed of
 * content and errors, and the run goes on, judged by the rest.
 */
#include "run/state.h"

#include <string.h>

/* As whoever looks at the run is told of it. */
static const char *const reason_words[] = {
    [REASON_POWER_LOSS] = "what survives a power loss is open in this mode",
    [REASON_DEATH] = "what a process that dies leaves behind is open in this mode",
    [REASON_UNDO] = "what had to be undone cannot be in this mode",
    [REASON_LATE_REQUEST] = "a request that nobody waited for any more was done after all",
    [REASON_SHORT_READ] = "the storage lied, and nothing told the database",
    [REASON_GARBLED] = "the network lied, and nothing told the client",
    [REASON_RAW_WROTE] = "raw SQL wrote",
    [REASON_RAW_TRANSACTION] = "raw SQL opened or ended a transaction",
    [REASON_RAW_SET] = "raw SQL changed settings",
    [REASON_RAW_UNKNOWN] = "raw SQL ran, and nobody tells what it did",
    [REASON_PARTIAL_BATCH] = "a batch was told to be done, and is only in part",
    [REASON_NOT_SET_BACK] = "the tables were not set back",
    [REASON_NO_SNAPSHOT] = "an action keeps to no snapshot",
};

/* What was said first stands, unless it was less. */
static void note_unjudged(struct run *run, uint32_t interaction, enum event_reason reason,
                          bool is_everything)
{
    struct run_unjudged *unjudged = &run->result.unjudged;
    if (unjudged->reason == NULL || (is_everything && !unjudged->is_everything))
        *unjudged = (struct run_unjudged){reason_words[reason], interaction, is_everything};
}

static void end_claims_at(struct run *run, uint32_t interaction, enum event_reason reason)
{
    if (run->is_blind)
        return;
    run->is_blind = true;
    note_unjudged(run, interaction, reason, true);
    run_tell_here(run, EVENT_claims_end, reason);
}

static void end_claims(struct run *run, enum event_reason reason)
{
    end_claims_at(run, (uint32_t)run->position, reason);
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

void run_claim_start(struct run *run)
{
    end_claims_at(run, 0, REASON_NOT_SET_BACK);
}

void run_claim_garbled(struct run *run)
{
    end_claims(run, REASON_GARBLED);
}

void run_claim_late_request(struct run *run)
{
    end_claims(run, REASON_LATE_REQUEST);
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

/* --- the plan's own SQL ---------------------------------------------------------------------- */

static void end_content(struct run_task *task, enum event_reason reason)
{
    struct run *run = task->run;
    bool is_judged = run_has_model(run) && plan_kind(run->plan)->is_prepared;
    if (run->is_content_lost || run->is_blind || !is_judged)
        return;
    run->is_content_lost = true;
    note_unjudged(run, (uint32_t)task->interaction, reason, false);
    run_tell(task, EVENT_content_ends, reason);
}

void run_claim_effects(struct run_task *task, uint32_t effects)
{
    struct run *run = task->run;
    if ((effects & BACKEND_SET) != 0)
        end_claims_at(run, (uint32_t)task->interaction, REASON_RAW_SET);
    if ((effects & BACKEND_WROTE) || ((effects & BACKEND_WROTE_NUMBER) && run->has_numbers))
        end_content(task, REASON_RAW_WROTE);
    if (effects & BACKEND_MOVED_TRANSACTION)
        end_content(task, REASON_RAW_TRANSACTION);
}

void run_claim_untold(struct run_task *task)
{
    end_content(task, REASON_RAW_UNKNOWN);
}

void run_claim_unpredicted(struct run_task *task)
{
    end_content(task, REASON_NO_SNAPSHOT);
}

static bool adds_column(const struct run_task *task)
{
    return run_interaction(task)->action == ACTION_add_column;
}

/*
 * Snapshots are older that others have when a column is added, or take before that is committed: in
 * transactions, and in calls that wait for it.
 */
void run_claim_columns(struct run_task *task)
{
    const struct run *run = task->run;
    if (run->is_content_lost || !run->setting.promises->new_columns_break_snapshots)
        return;
    bool adds = adds_column(task), breaks = false;
    bool outlasts_call = adds && run_is_in_transaction(task);
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++) {
        const struct run_task *other = &run->tasks[i];
        bool is_in_call = world->tasks[i].state != TASK_IDLE;
        if (other == task)
            continue;
        breaks |= adds ? outlasts_call || is_in_call || run_is_in_transaction(other)
                       : is_in_call && adds_column(other);
    }
    if (breaks)
        run_claim_unpredicted(task);
}

void run_claim_partial_batch(struct run_task *task)
{
    end_content(task, REASON_PARTIAL_BATCH);
}

/* --- modes ----------------------------------------------------------------------------------- */

static void weaken(enum survival *held, enum survival now)
{
    if (now > *held)
        *held = now;
}

static const struct durability_promise no_promise = {.mode = "unknown modes",
                                                     .power_loss = SURVIVES_UNCLAIMED,
                                                     .process_death = SURVIVES_UNCLAIMED,
                                                     .cannot_undo = true};

/*
 * What holds of the database as a whole is the weakest that was ever set: other connections may
 * still be in the weaker mode, and nothing says when the last of what was committed in it has
 * become safe.
 */
static void weaken_promise(struct run *run, const struct durability_promise *now)
{
    run->held = *run->setting.durability;
    weaken(&run->held.power_loss, now->power_loss);
    weaken(&run->held.process_death, now->process_death);
    run->held.cannot_undo |= now->cannot_undo;
    run->setting.durability = &run->held;
}

static void tell_durability(struct run_task *task, enum survival survival)
{
    struct event event = run_event(task, EVENT_durability);
    event.detail = (uint16_t)survival;
    event.value = task->run->has_mixed_modes;
    run_emit(task->run, &event);
}

/*
 * What is committed from here on, by whom. Where connections are shared nobody follows which of
 * them is in which mode: all of them count as in the weakest.
 */
static void follow_modes(struct run *run, uint32_t setter, const struct durability_promise *now)
{
    enum survival weakest = run->held.power_loss;
    bool has_own = !run_is_pooled(run) && !run->has_mixed_modes;
    bool is_own = has_own && setter < plan_tasks(run->plan);
    if (has_own && !is_own)
        return; /* a new connection, set up as all are */
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++)
        if (!is_own || i == setter)
            tell_durability(&run->tasks[i], is_own ? now->power_loss : weakest);
}

static bool outlasts(const struct run *run, const int32_t *settings)
{
    const struct promises *promises = run->setting.promises;
    return promises->outlasts_modes != NULL && promises->outlasts_modes(run->settings, settings);
}

void run_claim_modes(struct run *run, uint32_t setter, const char *modes)
{
    const struct promises *promises = run->setting.promises;
    int32_t settings[SUBJECT_SETTINGS_MAX];
    memcpy(settings, run->settings, sizeof settings);
    bool is_known =
        run->subject.settings_of_modes != NULL && run->subject.settings_of_modes(modes, settings);
    const struct durability_promise *now =
        is_known ? promised_durability(promises, settings) : NULL;
    if (run->setting.durability != NULL) {
        now = now != NULL ? now : &no_promise;
        run->has_mixed_modes |= !is_known || !outlasts(run, settings);
        weaken_promise(run, now);
        follow_modes(run, setter, now);
    }
    if (promises->idle_blocks != NULL && (!is_known || promises->idle_blocks(settings)))
        run->setting.idle_blocks = true;
}

void run_claim_fresh(struct run_task *task)
{
    struct run *run = task->run;
    bool was_set = run->setting.durability != NULL && run->setting.durability == &run->held;
    if (was_set && !run_is_pooled(run) && !run->has_mixed_modes)
        tell_durability(task,
                        promised_durability(run->setting.promises, run->settings)->power_loss);
}
