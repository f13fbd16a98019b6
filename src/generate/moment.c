/* SPDX-License-Identifier: Apache-2.0 */
/* Following what the tasks of a plan are in the middle of. */
#include "generate/moment.h"

bool moment_needs_pool(enum plan_moment moment)
{
    return moment >= MOMENT_POOLED;
}

bool moment_fits(enum plan_moment moment, const struct task_state *state)
{
    bool outside = !state->in_transaction && !state->is_streaming;
    switch (moment) {
    case MOMENT_ALWAYS:
    case MOMENT_POOLED:
        return true;
    case MOMENT_OUTSIDE:
    case MOMENT_POOLED_OUTSIDE:
        return outside;
    case MOMENT_INSIDE:
        return state->in_transaction;
    case MOMENT_SAVED:
        return state->savepoints != 0;
    case MOMENT_HELD:
        return state->is_held;
    case MOMENT_UNLEASED:
        return state->lease == LEASE_NONE && outside;
    case MOMENT_LEASED:
        return state->lease != LEASE_NONE;
    case MOMENT_STREAMING:
        return state->is_streaming;
    }
    return false;
}

static void end_transaction(struct task_state *state)
{
    state->in_transaction = state->is_begun_by_savepoint = false;
    state->savepoints = 0;
}

static void let_go(struct task_state *state)
{
    end_transaction(state);
    state->is_streaming = false;
    state->lease = LEASE_NONE;
}

static void follow_opening(struct task_state *state, enum plan_section section,
                           const struct interaction *interaction)
{
    uint32_t savepoint = 1u << interaction->arguments[FIELD_savepoint];
    switch (section) {
    case SECTION_NONE:
    case SECTION_POOL:
        return;
    case SECTION_SAVEPOINT:
        state->savepoints = (uint8_t)(state->savepoints | savepoint);
        state->is_begun_by_savepoint |= !state->in_transaction;
        state->in_transaction = true;
        return;
    case SECTION_TRANSACTION:
        state->in_transaction = true;
        return;
    case SECTION_LEASE:
        state->lease =
            interaction->arguments[FIELD_access] == ACCESS_READ ? LEASE_READ : LEASE_WRITE;
        return;
    case SECTION_STREAM:
        state->is_streaming = true;
        return;
    }
}

static void follow_closing(struct task_state *state, enum plan_section section,
                           const struct interaction *interaction)
{
    uint32_t savepoint = 1u << interaction->arguments[FIELD_savepoint];
    switch (section) {
    case SECTION_NONE:
        return;
    case SECTION_SAVEPOINT:
        state->savepoints = (uint8_t)(state->savepoints & ~savepoint);
        if (state->savepoints == 0 && state->is_begun_by_savepoint)
            end_transaction(state);
        return;
    case SECTION_TRANSACTION:
        end_transaction(state);
        return;
    case SECTION_LEASE:
    case SECTION_POOL:
        let_go(state);
        return;
    case SECTION_STREAM:
        state->is_streaming = false;
        return;
    }
}

void moment_follow(struct task_state *states, uint32_t tasks, const struct interaction *interaction)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    struct task_state *state = &states[interaction->task];
    follow_opening(state, info->opens, interaction);
    follow_closing(state, info->closes, interaction);
    if (interaction->action == ACTION_drop)
        let_go(&states[interaction->arguments[FIELD_target] % tasks]);
}
