/* SPDX-License-Identifier: Apache-2.0 */
/* Histories: forked, and dropped. */
#include "oracle/snapshot_doubt.h"

void snapshot_remove_history(struct snapshot_oracle *oracle, uint32_t index)
{
    oracle->histories[index] = oracle->histories[--oracle->history_count];
}

/*
 * A copy of the history at `index`, at the end of the list, for what the task does; NULL, and the
 * end, when there are too many.
 */
static struct history *fork_history(struct snapshot_oracle *oracle, uint32_t index, uint32_t task)
{
    if (oracle->history_count == HISTORIES_MAX) {
        oracle_end(&oracle->end, (uint32_t)oracle->histories[index].sessions[task].interaction,
                   "more is in doubt than is followed");
        return NULL;
    }
    struct history *copy = &oracle->histories[oracle->history_count++];
    history_copy(copy, &oracle->histories[index], oracle->arena,
                 oracle->plan->interaction_count * 2);
    return copy;
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

void snapshot_decide_doubts(struct snapshot_oracle *oracle, uint32_t task)
{
    uint32_t count = oracle->history_count;
    for (uint32_t i = 0; i < count; i++) {
        if (head_is_doubtful(&oracle->histories[i], task)) {
            struct history *without = fork_history(oracle, i, task);
            if (without != NULL)
                history_drop_head(without);
        } else if (oracle->histories[i].dropped_may_return) {
            struct history *with = fork_history(oracle, i, task);
            if (with != NULL)
                history_restore_dropped(with);
        }
    }
}

/*
 * The commit of this call failed in the middle: it may have happened, or not, or come back in a
 * recovery.
 */
static void fork_failed(struct snapshot_oracle *oracle, uint32_t index, uint32_t task,
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
    struct history *without = fork_history(oracle, index, task);
    if (without != NULL)
        history_drop_head(without);
    oracle->histories[index].sessions[task].commit_position = NO_POSITION;
    oracle->histories[index].returned = position;
}

void snapshot_fork_failed_commit(struct snapshot_oracle *oracle, uint32_t task, bool still_open)
{
    uint32_t count = oracle->history_count;
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < count; i++)
        fork_failed(oracle, i, task, still_open);
}

/* --- lost requests, lost answers ------------------------------------------------------------- */

static bool is_of_savepoint(enum plan_effect effect)
{
    return effect == EFFECT_SAVEPOINT || effect == EFFECT_RELEASE || effect == EFFECT_ROLLBACK_TO;
}

/*
 * What else may have become of the call than is told. Whether a commit was done, and whether a
 * transaction is open, needs no guess: commit points and the connection say it.
 */
static enum guess other_guess(const struct session *session, const struct interaction *interaction,
                              const struct observation *seen)
{
    enum plan_action action = (enum plan_action)interaction->action;
    bool writes = model_is_write(action);
    bool reads = plan_action_infos[action].effect == EFFECT_READ;
    if (outcome_is_failure(seen->outcome))
        return seen->in_transaction && (writes || is_of_savepoint(plan_action_infos[action].effect))
                   ? GUESS_DONE
                   : GUESS_AS_TOLD;
    return seen->outcome == OUTCOME_OK && session->struck == FAULT_partial_success && !reads &&
                   session->commit_position == NO_POSITION
               ? GUESS_NOT_DONE
               : GUESS_AS_TOLD;
}

void snapshot_fork_lost_request(struct snapshot_oracle *oracle, uint32_t task,
                                const struct observation *seen)
{
    uint32_t count = oracle->history_count;
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < count; i++) {
        const struct session *session = &oracle->histories[i].sessions[task];
        enum guess guess =
            other_guess(session, &oracle->plan->interactions[session->interaction], seen);
        struct history *other = guess == GUESS_AS_TOLD ? NULL : fork_history(oracle, i, task);
        if (other != NULL)
            other->sessions[task].guess = guess;
    }
}
