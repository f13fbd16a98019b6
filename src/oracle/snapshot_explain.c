/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions for one result, from the first history that agrees with it. */
#include "oracle/snapshot_explain.h"

#include "oracle/snapshot_rules.h"

/* Equal as far as anybody can see. */
static bool is_same(const struct observation *left, const struct observation *right)
{
    if (left->outcome != right->outcome || left->changes != right->changes ||
        left->row_count != right->row_count || left->number != right->number ||
        left->number_is_null != right->number_is_null || left->rows_kept != right->rows_kept ||
        left->column_count != right->column_count)
        return false;
    for (uint32_t i = 0; i < left->rows_kept; i++)
        if (!observed_row_equal(&left->rows[i], &right->rows[i]))
            return false;
    return true;
}

/* The first state that agrees is the whole answer. */
static void add_prediction(const struct snapshot_call *call, const struct sight *sight,
                           const struct sighted *at, struct explained_result *explained)
{
    struct observation expected;
    model_predict(at->database, call->interaction, call->step, &expected);
    if (call->interaction->action == ACTION_update && call->seen->rows_kept > 0)
        model_predict_returned(at->database, call->interaction, call->step, &expected);
    explained->agrees = sight_agrees(call, sight, at->database);
    if (explained->agrees)
        explained->count = 0;
    for (uint32_t i = 0; i < explained->count; i++)
        if (is_same(&explained->predictions[i].expected, &expected))
            return;
    if (explained->count < EXPLAINED_PREDICTIONS_MAX)
        explained->predictions[explained->count++] =
            (struct explained_prediction){at->position, expected};
}

static void expect_outcome(const struct snapshot_call *call, enum outcome outcome,
                           struct explained_result *explained)
{
    struct explained_prediction *prediction = &explained->predictions[explained->count++];
    prediction->position = NO_POSITION;
    prediction->expected.outcome = outcome;
    explained->agrees = outcome == call->seen->outcome;
}

static void explain_window(const struct sight *sight, struct explained_result *explained)
{
    explained->is_own = sight->own != NULL && !sight->has_window;
    if (explained->is_own) {
        explained->from = explained->to = sight->base;
    } else if (sight->has_window) {
        explained->from = sight->from;
        explained->to = sight->to;
    } else if (sight->candidate_count > 0) {
        explained->from = sight->candidates[0];
        explained->to = sight->candidates[sight->candidate_count - 1];
    }
}

static void explain_statement(const struct snapshot_call *call, struct explained_result *explained)
{
    const struct sight sight = snapshot_sight(call);
    if (sight.is_refused) {
        expect_outcome(call, OUTCOME_BUSY_SNAPSHOT, explained);
        return;
    }
    if (sight.is_anything) {
        explained->agrees = true;
        return;
    }
    explain_window(&sight, explained);
    for (uint32_t i = 0; i < sight_count(&sight) && !explained->agrees; i++) {
        const struct sighted at = sight_at(call, &sight, i);
        add_prediction(call, &sight, &at, explained);
    }
}

static void explain_call(const struct snapshot_call *call, struct explained_result *ret_explained)
{
    *ret_explained = (struct explained_result){.from = NO_POSITION, .to = NO_POSITION};
    if (snapshot_sees(call->interaction)) {
        explain_statement(call, ret_explained);
        return;
    }
    const struct snapshot_rule rule = snapshot_rule(call);
    if (rule.is_there)
        expect_outcome(call, rule.outcome, ret_explained);
}

static void explain_result(const struct snapshot_oracle *oracle, uint32_t task,
                           const struct observation *seen, struct explained_result *ret_explained)
{
    *ret_explained = (struct explained_result){.from = NO_POSITION, .to = NO_POSITION};
    if (outcome_is_failure(seen->outcome))
        return;
    /* Where no history agrees, the first one is what is shown. */
    for (uint32_t i = 0; i <= oracle->history_count && !ret_explained->agrees; i++) {
        const struct history *history = &oracle->histories[i % oracle->history_count];
        const struct snapshot_call call = snapshot_call_of(oracle, history, task, seen);
        explain_call(&call, ret_explained);
    }
}

/* The state that a write, which came to `seen`, was done on; NULL: that is not clear. */
static const struct model_database *write_base(const struct snapshot_oracle *oracle, uint32_t task,
                                               const struct observation *seen)
{
    const struct model_database *base = NULL;
    uint32_t agreeing = 0;
    for (uint32_t i = 0; i < oracle->history_count; i++) {
        const struct history *history = &oracle->histories[i];
        const struct snapshot_call call = snapshot_call_of(oracle, history, task, seen);
        struct explained_result explained;
        explain_call(&call, &explained);
        if (!explained.agrees && oracle->history_count > 1)
            continue;
        agreeing++;
        base = call.session->own != NULL ? call.session->own
               : call.session->commit_position != NO_POSITION
                   ? history->versions[call.session->commit_position - 1]
                   : history_head(history);
    }
    return agreeing == 1 ? base : NULL;
}

/* The newest commit that left what was found, or NO_POSITION. */
static uint32_t find_survivor(const struct history *history, const struct model_database *found)
{
    for (uint32_t position = history->head + 1; position-- > 0;)
        if (model_database_equal(history->versions[position], found))
            return position;
    return NO_POSITION;
}

/* Shown beside what was found: that commit, or, where it may not be it, the acknowledged one. */
static uint32_t wanted_position(const struct history *history, uint32_t survived)
{
    if (survived != NO_POSITION && survived >= history->survivor_floor)
        return survived;
    return history->acknowledged <= history->head ? history->acknowledged : history->head;
}

static void explain_recovered(const struct snapshot_oracle *oracle,
                              const struct model_database *found, struct explanation *explanation)
{
    const struct history *history = NULL;
    uint32_t survived = NO_POSITION;
    for (uint32_t i = 0; i < oracle->history_count && survived == NO_POSITION; i++) {
        history = &oracle->histories[i];
        survived = find_survivor(history, found);
    }
    explanation->content = history->versions[wanted_position(history, survived)];
    explanation->loss = (struct explained_loss){
        .newest = history->head,
        .acknowledged = history->acknowledged,
        .promised = history->survivor_floor,
        .survived = survived,
    };
}

void snapshot_explain(const void *state, const struct event *event, struct explanation *explanation)
{
    const struct snapshot_oracle *oracle = state;
    if (oracle_has_ended(&oracle->end))
        return;
    explanation->is_known = true;
    if (event->kind == EVENT_recovered) {
        explain_recovered(oracle, event->recovery->content, explanation);
    } else if (event->kind != EVENT_result) {
        explanation->content = history_head(&oracle->histories[0]);
    } else {
        const struct observation *seen = event->result->seen;
        explain_result(oracle, event->task, seen, explanation->result);
        explanation->write_base = write_base(oracle, event->task, seen);
    }
}
