/* SPDX-License-Identifier: Apache-2.0 */
/* Following what the tasks of a plan are in the middle of. */
#include "generate/moment.h"

bool moment_needs_pool(enum moment moment)
{
    return moment >= POOLED;
}

bool moment_fits(enum moment moment, const struct task_state *state)
{
    bool outside = !state->in_transaction && !state->is_streaming;
    switch (moment) {
    case ALWAYS:
    case POOLED:
        return true;
    case OUTSIDE:
    case POOLED_OUTSIDE:
        return outside;
    case INSIDE:
        return state->in_transaction;
    case SAVED:
        return state->savepoints != 0;
    case HELD:
        return state->is_held;
    case UNLEASED:
        return state->lease == LEASE_NONE && outside;
    case LEASED:
        return state->lease != LEASE_NONE;
    case STREAMING:
        return state->is_streaming;
    }
    return false;
}

static void end_transaction(struct task_state *state)
{
    state->in_transaction = false;
    state->savepoints = 0;
}

static void let_go(struct task_state *state)
{
    end_transaction(state);
    state->is_streaming = false;
    state->lease = LEASE_NONE;
}

static void follow_pool(struct task_state *states, uint32_t tasks,
                        const struct interaction *interaction)
{
    struct task_state *state = &states[interaction->task];
    if (interaction->action == ACTION_checkout)
        state->lease =
            interaction->arguments[FIELD_access] == ACCESS_READ ? LEASE_READ : LEASE_WRITE;
    else if (interaction->action == ACTION_return || interaction->action == ACTION_reopen)
        let_go(state);
    else if (interaction->action == ACTION_drop)
        let_go(&states[interaction->arguments[FIELD_target] % tasks]);
    else if (interaction->action == ACTION_stream_open ||
             interaction->action == ACTION_mutate_stream)
        state->is_streaming = true;
    else if (interaction->action == ACTION_stream_close)
        state->is_streaming = false;
}

void moment_follow(struct task_state *states, uint32_t tasks, const struct interaction *interaction)
{
    struct task_state *state = &states[interaction->task];
    uint32_t savepoint = 1u << interaction->arguments[FIELD_savepoint];
    if (interaction->action == ACTION_begin) {
        state->in_transaction = true;
    } else if (interaction->action == ACTION_savepoint) {
        state->in_transaction = true;
        state->savepoints = (uint8_t)(state->savepoints | savepoint);
    } else if (interaction->action == ACTION_release) {
        state->savepoints = (uint8_t)(state->savepoints & ~savepoint);
    } else if (interaction->action == ACTION_commit || interaction->action == ACTION_rollback) {
        end_transaction(state);
    }
    follow_pool(states, tasks, interaction);
}
