/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/snapshot_cause.h"

#include <stdio.h>

void snapshot_cause_begin(struct snapshot_cause *cause, const struct oracle_setting *setting)
{
    *cause = (struct snapshot_cause){.setting = setting};
}

/* --- a call that failed, and left its transaction open --------------------------------------- */

static void note_failure(struct snapshot_cause *cause, const struct interaction *interaction,
                         const struct session *session, const struct observation *seen)
{
    const struct promises *promises = cause->setting->promises;
    if (cause->name != NULL || promises->known_cause == NULL || !seen->in_transaction ||
        !outcome_is_failure(seen->outcome))
        return;
    enum plan_action action = (enum plan_action)interaction->action;
    const struct failed_call call = {
        .outcome = seen->outcome,
        .is_write = model_is_write(action),
        .is_outermost_release =
            plan_action_infos[action].effect == EFFECT_RELEASE && session->transaction_is_savepoint,
    };
    cause->name = promises->known_cause(&call);
}

/* --- a transaction that wrote before its connection had read anything ------------------------ */

/* What the call does to its connection, if it was there to do it. */
static bool takes_write_lock(const struct interaction *interaction)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    return effect == EFFECT_NUMBER ||
           (effect == EFFECT_BEGIN && interaction->arguments[FIELD_begin_mode] != BEGIN_DEFERRED);
}

static bool reads(const struct interaction *interaction)
{
    switch (plan_action_infos[interaction->action].effect) {
    case EFFECT_NONE:
    case EFFECT_NUMBER:
    case EFFECT_BEGIN:
    case EFFECT_COMMIT:
    case EFFECT_ROLLBACK:
    case EFFECT_SAVEPOINT:
    case EFFECT_RELEASE:
    case EFFECT_ROLLBACK_TO:
    case EFFECT_PREPARE:
    case EFFECT_COMMIT_PREPARED:
    case EFFECT_ROLLBACK_PREPARED:
    case EFFECT_LOOK:
        return false;
    case EFFECT_READ:
    case EFFECT_LOCK_ROWS:
    case EFFECT_CURSOR:
    case EFFECT_FETCH:
    case EFFECT_ASIDE:
    case EFFECT_ROWS:
    case EFFECT_SCHEMA:
    case EFFECT_READ_NUMBER:
    case EFFECT_REPORT:
    case EFFECT_OUTSIDE:
    case EFFECT_UNKNOWN:
    case EFFECT_COUNT:
        break;
    }
    return true;
}

/* A rollback takes it back; whatever else ends the transaction makes it last. */
static void note_end(struct snapshot_cause *cause, struct cause_session *there,
                     const struct interaction *interaction)
{
    bool is_rolled_back = plan_action_infos[interaction->action].effect == EFFECT_ROLLBACK;
    if (there->is_undone && !is_rolled_back && cause->name == NULL)
        cause->name = cause->setting->promises->unread_undo_cause;
    there->wrote_unread = there->is_undone = false;
}

static bool undoes_transaction(const struct interaction *interaction, const struct session *session)
{
    if (plan_action_infos[interaction->action].effect != EFFECT_ROLLBACK_TO ||
        !session->transaction_is_savepoint)
        return false;
    const struct savepoint_state *to =
        session_savepoint(session, interaction->arguments[FIELD_savepoint]);
    return to != NULL && to->below == NULL;
}

static void note_unread(struct snapshot_cause *cause, struct cause_session *there,
                        const struct interaction *interaction, const struct session *session,
                        const struct observation *seen)
{
    if (outcome_is_failure(seen->outcome) && seen->in_transaction)
        return;
    /* Where connections are shared, nobody knows what the next one has read. */
    if (cause->setting->is_pooled && !session->in_transaction)
        there->has_read = false;
    bool writes = takes_write_lock(interaction);
    there->wrote_unread |= writes && !there->has_read;
    /* What failed may have read nothing. */
    there->has_read |= (writes || reads(interaction)) && !outcome_is_failure(seen->outcome);
    there->is_undone |= there->wrote_unread && undoes_transaction(interaction, session);
    if (!seen->in_transaction)
        note_end(cause, there, interaction);
}

/* --- both ------------------------------------------------------------------------------------ */

void snapshot_cause_note(struct snapshot_cause *cause, uint32_t task,
                         const struct interaction *interaction, const struct session *session,
                         const struct observation *seen)
{
    note_failure(cause, interaction, session, seen);
    if (cause->setting->promises->unread_undo_cause != NULL)
        note_unread(cause, &cause->sessions[task], interaction, session, seen);
}

void snapshot_cause_disconnect(struct snapshot_cause *cause, uint32_t task)
{
    cause->sessions[task] = (struct cause_session){0};
}

void snapshot_cause_sign(const struct snapshot_cause *cause, struct verdict *verdict)
{
    bool is_undone = false;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        is_undone |= cause->sessions[task].is_undone;
    if (verdict->kind != VERDICT_VIOLATION || (cause->name == NULL && !is_undone))
        return;
    const char *unread = cause->setting->promises->unread_undo_cause;
    (void)snprintf(verdict->signature, sizeof verdict->signature, "snapshot/%s%s",
                   cause->name != NULL ? cause->name : unread,
                   cause->name != NULL ? "" : "/in-transaction");
}
