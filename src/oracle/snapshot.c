/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The snapshot oracle's bookkeeping: possible histories are kept, forked where something is in
 * doubt, and dropped when a result contradicts them. What a single history says of a result is in
 * snapshot_judge.c.
 */
#include "oracle/snapshot.h"

#include "oracle/snapshot_judge.h"

#include <stdio.h>
#include <string.h>

void snapshot_begin(struct snapshot_oracle *oracle, struct arena *arena, const struct plan *plan)
{
    oracle->arena = arena;
    oracle->plan = plan;
    oracle->is_blind = plan->kind != PLAN_NATIVE;
    oracle->shares_connections = false;
    oracle->common_cause = NULL;
    oracle->history_count = 1;
    oracle->kind[0] = oracle->why[0] = '\0';
    if (!oracle->is_blind)
        history_init(&oracle->histories[0], arena, plan->interaction_count * 2);
}

void snapshot_share_connections(struct snapshot_oracle *oracle)
{
    oracle->shares_connections = true;
}

void snapshot_give_up(struct snapshot_oracle *oracle)
{
    oracle->is_blind = true;
}

static void remove_history(struct snapshot_oracle *oracle, uint32_t index)
{
    oracle->histories[index] = oracle->histories[--oracle->history_count];
}

/*
 * A copy of the history at `index`, at the end of the list; NULL, and blind, when there are too
 * many.
 */
static struct history *fork_history(struct snapshot_oracle *oracle, uint32_t index)
{
    if (oracle->history_count == HISTORIES_MAX) {
        snapshot_give_up(oracle);
        return NULL;
    }
    struct history *copy = &oracle->histories[oracle->history_count++];
    history_copy(copy, &oracle->histories[index], oracle->arena,
                 oracle->plan->interaction_count * 2);
    return copy;
}

static void report(struct snapshot_oracle *oracle, const char *name, size_t interaction,
                   struct verdict *verdict)
{
    char signature[96];
    (void)snprintf(signature, sizeof signature, "%s/%s", name, oracle->kind);
    verdict_violation(verdict, interaction, signature, "%s", oracle->why);
}

void snapshot_invoke(struct snapshot_oracle *oracle, uint32_t task, size_t interaction)
{
    if (oracle->is_blind)
        return;
    for (uint32_t i = 0; i < oracle->history_count; i++) {
        struct history *history = &oracle->histories[i];
        struct session *session = &history->sessions[task];
        session->in_call = true;
        session->may_fail = false;
        session->interaction = interaction;
        session->floor = history->returned;
        session->commit_position = NO_POSITION;
    }
}

void snapshot_doubt(struct snapshot_oracle *oracle, uint32_t task)
{
    for (uint32_t i = 0; !oracle->is_blind && i < oracle->history_count; i++)
        oracle->histories[i].sessions[task].may_fail = true;
}

/*
 * True when the newest version comes from a call that is still under way and may yet fail.
 */
static bool head_is_doubtful(const struct history *history, uint32_t task)
{
    for (uint32_t other = 0; other < PLAN_TASKS_MAX; other++) {
        const struct session *session = &history->sessions[other];
        if (other != task && session->in_call && session->may_fail &&
            session->commit_position == history->head)
            return true;
    }
    return false;
}

/* Somebody has the write lock now: what is in doubt is decided. Keeps a history for each way. */
static void decide_doubts(struct snapshot_oracle *oracle, uint32_t task)
{
    uint32_t count = oracle->history_count;
    for (uint32_t i = 0; i < count; i++) {
        if (head_is_doubtful(&oracle->histories[i], task)) {
            struct history *without = fork_history(oracle, i);
            if (without != NULL)
                history_drop_head(without);
        } else if (oracle->histories[i].dropped_may_return) {
            struct history *with = fork_history(oracle, i);
            if (with != NULL)
                history_restore_dropped(with);
        }
    }
}

void snapshot_commit_point(struct snapshot_oracle *oracle, uint32_t task, struct verdict *verdict)
{
    if (oracle->is_blind)
        return;
    size_t interaction = oracle->histories[0].sessions[task].interaction;
    decide_doubts(oracle, task);
    for (uint32_t i = 0; !oracle->is_blind && i < oracle->history_count;) {
        if (snapshot_judge_commit_point(oracle, &oracle->histories[i], task))
            i++;
        else
            remove_history(oracle, i);
    }
    if (!oracle->is_blind && oracle->history_count == 0) {
        report(oracle, "snapshot", interaction, verdict);
        snapshot_give_up(oracle);
    }
}

/*
 * The commit of this call failed in the middle: it may have happened, or not, or come back in a
 * recovery.
 */
static void fork_failed_commit(struct snapshot_oracle *oracle, uint32_t index, uint32_t task,
                               bool still_open)
{
    struct history *history = &oracle->histories[index];
    struct session *session = &history->sessions[task];
    uint32_t position = session->commit_position;
    if (position == NO_POSITION || position != history->head) {
        session->commit_position = NO_POSITION;
        return; /* dropped before, or somebody committed on top of it: it happened */
    }
    if (still_open) {
        history_drop_head(history);
        history->dropped = NULL;
        return;
    }
    struct history *without = fork_history(oracle, index);
    if (without != NULL)
        history_drop_head(without);
    oracle->histories[index].sessions[task].commit_position = NO_POSITION;
    oracle->histories[index].returned = position;
}

static bool return_in(struct snapshot_oracle *oracle, uint32_t index, uint32_t task,
                      const struct observation *seen)
{
    if (snapshot_judge_return(oracle, &oracle->histories[index], task, seen))
        return true;
    if (!oracle->histories[index].dropped_may_return)
        return false;
    history_restore_dropped(&oracle->histories[index]);
    return snapshot_judge_return(oracle, &oracle->histories[index], task, seen);
}

/*
 * Failures after which SQLite (3.40.1 to 3.53.2) says that the transaction is still open although it
 * is not what it was: a write that met a locking protocol error keeps what it did so far; the
 * RELEASE of the savepoint that began the transaction undoes everything when its commit fails.
 */
static void note_common_cause(struct snapshot_oracle *oracle, const struct interaction *interaction,
                              const struct session *session, const struct observation *seen)
{
    if (oracle->common_cause != NULL || !snapshot_is_failure(seen->outcome) ||
        !seen->in_transaction)
        return;
    if (seen->outcome == OUTCOME_PROTOCOL && model_is_write((enum plan_action)interaction->action))
        oracle->common_cause = "write-kept-after-protocol-error";
    else if (interaction->action == ACTION_release && session->transaction_is_savepoint &&
             seen->outcome != OUTCOME_BUSY)
        oracle->common_cause = "failed-release-undoes-open-transaction";
}

void snapshot_return(struct snapshot_oracle *oracle, uint32_t task, const struct observation *seen,
                     struct verdict *verdict)
{
    if (oracle->is_blind)
        return;
    const struct session *first = &oracle->histories[0].sessions[task];
    size_t at = first->interaction;
    const struct interaction *interaction = &oracle->plan->interactions[at];
    note_common_cause(oracle, interaction, first, seen);
    if (snapshot_is_failure(seen->outcome)) {
        uint32_t count = oracle->history_count;
        for (uint32_t i = 0; !oracle->is_blind && i < count; i++)
            fork_failed_commit(oracle, i, task, seen->in_transaction);
    } else if (snapshot_takes_write_lock(interaction, first)) {
        decide_doubts(oracle, task);
    }
    for (uint32_t i = 0; !oracle->is_blind && i < oracle->history_count;) {
        if (return_in(oracle, i, task, seen)) {
            oracle->histories[i].sessions[task].in_call = false;
            i++;
        } else {
            remove_history(oracle, i);
        }
    }
    if (!oracle->is_blind && oracle->history_count == 0) {
        report(oracle, "snapshot", at, verdict);
        snapshot_give_up(oracle);
    }
}

void snapshot_disconnect(struct snapshot_oracle *oracle, uint32_t task)
{
    if (oracle->is_blind)
        return;
    for (uint32_t i = 0; i < oracle->history_count; i++) {
        session_reset(&oracle->histories[i].sessions[task]);
        oracle->histories[i].sessions[task].schema_floor = oracle->histories[i].returned;
        oracle->histories[i].dropped_may_return = oracle->histories[i].dropped != NULL;
    }
}

/* The last position that SQLite's documentation promises to survive a power loss in this mode. */
static uint32_t promised_position(const struct history *history, const struct plan_config *config)
{
    int32_t synchronous = plan_config_get(config, PLAN_CONFIG_synchronous);
    int32_t journal = plan_config_get(config, PLAN_CONFIG_journal_mode);
    if (journal == JOURNAL_WAL)
        return synchronous >= SYNCHRONOUS_FULL ? history->returned : history->checkpointed;
    bool removal_is_synced = synchronous == SYNCHRONOUS_EXTRA ||
                             (synchronous == SYNCHRONOUS_FULL && journal != JOURNAL_DELETE);
    if (removal_is_synced)
        return history->returned;
    return history->returned == 0 ? 0 : history->returned - 1;
}

void snapshot_power_loss(struct snapshot_oracle *oracle)
{
    if (oracle->is_blind)
        return;
    for (uint32_t i = 0; i < oracle->history_count; i++)
        oracle->histories[i].survivor_floor =
            promised_position(&oracle->histories[i], &oracle->plan->config);
}

/*
 * Finds the survivors in one history and makes them its present; false when they are not a promised
 * prefix.
 */
static bool recover(struct history *history, const struct model_database *content)
{
    if (history->dropped != NULL && model_database_equal(history->dropped, content))
        history_restore_dropped(history);
    for (uint32_t position = history->head + 1; position-- > history->survivor_floor;) {
        if (!model_database_equal(history->versions[position], content))
            continue;
        history_truncate(history, position);
        history->returned = history->checkpointed = position;
        return true;
    }
    return false;
}

/* Which promise the survivors break. */
static void explain_loss(struct snapshot_oracle *oracle, const struct history *history,
                         const struct model_database *content)
{
    for (uint32_t position = 0; position < history->survivor_floor; position++) {
        if (model_database_equal(history->versions[position], content)) {
            (void)snprintf(oracle->kind, sizeof oracle->kind, "lost-commit");
            (void)snprintf(oracle->why, sizeof oracle->why,
                           "after the power loss the database is at commit %u, but commit %u was "
                           "acknowledged and promised to survive",
                           position, history->survivor_floor);
            return;
        }
    }
    char difference[256];
    model_database_difference(history_head(history), content, difference, sizeof difference);
    (void)snprintf(oracle->kind, sizeof oracle->kind, "no-prefix");
    (void)snprintf(
        oracle->why, sizeof oracle->why,
        "after the power loss the database is at no commit at all; against the last one: %s",
        difference);
}

void snapshot_recovered(struct snapshot_oracle *oracle, const struct model_database *content,
                        size_t interaction, struct verdict *verdict)
{
    if (oracle->is_blind)
        return;
    explain_loss(oracle, &oracle->histories[0], content);
    for (uint32_t i = 0; i < oracle->history_count;) {
        if (recover(&oracle->histories[i], content))
            i++;
        else
            remove_history(oracle, i);
    }
    if (oracle->history_count == 0) {
        report(oracle, "durability", interaction, verdict);
        snapshot_give_up(oracle);
    }
}

void snapshot_final(struct snapshot_oracle *oracle, const struct model_database *content,
                    struct verdict *verdict)
{
    if (oracle->is_blind)
        return;
    for (uint32_t i = 0; i < oracle->history_count; i++) {
        const struct history *history = &oracle->histories[i];
        if (model_database_equal(history_head(history), content) ||
            (history->dropped != NULL && model_database_equal(history->dropped, content)))
            return;
    }
    char difference[256];
    model_database_difference(history_head(&oracle->histories[0]), content, difference,
                              sizeof difference);
    (void)snprintf(oracle->kind, sizeof oracle->kind, "final-content");
    (void)snprintf(oracle->why, sizeof oracle->why,
                   "after every connection was closed, a new one does not read what was "
                   "committed: %s",
                   difference);
    report(oracle, "snapshot", SIZE_MAX, verdict);
}

const struct model_database *snapshot_expected(const struct snapshot_oracle *oracle)
{
    return history_head(&oracle->histories[0]);
}
