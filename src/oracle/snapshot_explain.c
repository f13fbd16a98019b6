/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions for one result, from the first history that agrees with it. */
#include "oracle/snapshot_explain.h"

#include "oracle/snapshot_judge.h"

/* Equal as far as anybody can see. */
static bool is_same(const struct observation *left, const struct observation *right)
{
    if (left->outcome != right->outcome || left->changes != right->changes ||
        left->row_count != right->row_count || left->number != right->number ||
        left->number_is_null != right->number_is_null || left->rows_kept != right->rows_kept)
        return false;
    for (uint32_t i = 0; i < left->rows_kept; i++)
        if (!observed_row_equal(&left->rows[i], &right->rows[i]))
            return false;
    return true;
}

struct explained {
    const struct snapshot_oracle *oracle;
    const struct interaction *interaction;
    int64_t step;
    const struct observation *seen;
    struct explained_result *expectation;
};

/* Positions come newest first: the first one that agrees is the whole answer. */
static void add_prediction(const struct explained *explained, uint32_t position,
                           const struct model_database *database)
{
    struct explained_result *expectation = explained->expectation;
    struct observation expected;
    if (expectation->agrees)
        return;
    model_predict(database, explained->interaction, explained->step, &expected);
    expectation->agrees =
        snapshot_matches(database, explained->interaction, explained->step, explained->seen);
    if (expectation->agrees)
        expectation->count = 0;
    for (uint32_t i = 0; i < expectation->count; i++)
        if (is_same(&expectation->predictions[i].expected, &expected))
            return;
    if (expectation->count < EXPLAINED_PREDICTIONS_MAX)
        expectation->predictions[expectation->count++] =
            (struct explained_prediction){position, expected};
}

static void add_window(const struct explained *explained, const struct history *history,
                       uint32_t from, uint32_t to)
{
    explained->expectation->from = from;
    explained->expectation->to = to;
    for (uint32_t position = to + 1; position-- > from;)
        add_prediction(explained, position, history->versions[position]);
}

/* Else a write must be refused: it would lose what was committed since. */
static bool reads_newest(const struct history *history, const struct session *session)
{
    for (uint32_t i = 0; session->has_snapshot && i < session->candidate_count; i++)
        if (session->candidates[i] == history->head)
            return true;
    return !session->has_snapshot;
}

static void expect_outcome(struct explained_result *expectation, enum outcome outcome)
{
    struct explained_prediction *prediction = &expectation->predictions[expectation->count++];
    prediction->position = NO_POSITION;
    prediction->expected.outcome = outcome;
}

/* An error that names the schema may come from an old one; see judge_schema_error. */
static void explain_schema_error(const struct explained *explained, const struct history *history,
                                 const struct session *session)
{
    uint32_t floor = explained->oracle->shares_connections ? 0 : session->schema_floor;
    if (session->own != NULL)
        add_prediction(explained, session->base, session->own);
    add_window(explained, history, floor, session->own != NULL ? session->base : history->head);
    for (uint32_t i = session->candidate_count; i-- > 0;)
        add_prediction(explained, session->candidates[i],
                       history->versions[session->candidates[i]]);
}

/* As snapshot_judge.c does. */
static void explain_statement(const struct explained *explained, const struct history *history,
                              const struct session *session)
{
    struct explained_result *expectation = explained->expectation;
    bool is_write = model_is_write((enum plan_action)explained->interaction->action);
    uint32_t floor =
        session->failed_floor < session->floor ? session->failed_floor : session->floor;
    if (explained->seen->outcome == OUTCOME_SQL_ERROR) {
        explain_schema_error(explained, history, session);
    } else if (session->own != NULL) {
        expectation->is_own = true;
        expectation->from = expectation->to = session->base;
        add_prediction(explained, session->base, session->own);
    } else if (is_write && session->commit_position != NO_POSITION) {
        uint32_t base = session->commit_position - 1;
        add_window(explained, history, base, base);
    } else if (is_write && session->in_transaction && !reads_newest(history, session)) {
        expect_outcome(expectation, OUTCOME_BUSY_SNAPSHOT);
    } else if (is_write && session->in_transaction) {
        add_window(explained, history, history->head, history->head);
    } else if (session->has_snapshot && session->candidate_count > 0) {
        expectation->from = session->candidates[0];
        expectation->to = session->candidates[session->candidate_count - 1];
        for (uint32_t i = session->candidate_count; i-- > 0;)
            add_prediction(explained, session->candidates[i],
                           history->versions[session->candidates[i]]);
    } else {
        add_window(explained, history, floor, history->head);
    }
}

/* Whether a call that is no statement on rows may be made; -1: nobody says. */
static int is_allowed(const struct session *session, const struct interaction *interaction)
{
    enum plan_action action = (enum plan_action)interaction->action;
    if (action == ACTION_begin)
        return !session->in_transaction;
    if (action == ACTION_commit || action == ACTION_rollback)
        return session->in_transaction;
    if (action == ACTION_release || action == ACTION_rollback_to)
        return session_savepoint(session, interaction->arguments[FIELD_savepoint]) != NULL;
    return action == ACTION_savepoint ? 1 : -1;
}

static void explain_in(const struct explained *explained, const struct history *history,
                       const struct session *session)
{
    struct explained_result *expectation = explained->expectation;
    const struct interaction *interaction = explained->interaction;
    *expectation = (struct explained_result){.from = NO_POSITION, .to = NO_POSITION};
    if (interaction->action == ACTION_select ||
        model_is_write((enum plan_action)interaction->action)) {
        explain_statement(explained, history, session);
        return;
    }
    int allowed = is_allowed(session, interaction);
    if (allowed < 0)
        return;
    enum outcome outcome = allowed ? OUTCOME_OK : OUTCOME_SQL_ERROR;
    expect_outcome(expectation, outcome);
    expectation->agrees = outcome == explained->seen->outcome;
}

static const struct session *explain_with(const struct snapshot_oracle *oracle, uint32_t index,
                                          uint32_t task, const struct observation *seen,
                                          struct explained_result *ret_expectation)
{
    const struct history *history = &oracle->histories[index];
    const struct session *session = &history->sessions[task];
    const struct explained explained = {
        .oracle = oracle,
        .interaction = &oracle->plan->interactions[session->interaction],
        .step = (int64_t)session->interaction,
        .seen = seen,
        .expectation = ret_expectation,
    };
    explain_in(&explained, history, session);
    return session;
}

static void explain_result(const struct snapshot_oracle *oracle, uint32_t task,
                           const struct observation *seen, struct explained_result *ret_explained)
{
    *ret_explained = (struct explained_result){.from = NO_POSITION, .to = NO_POSITION};
    if (outcome_is_failure(seen->outcome))
        return;
    /* Where no history agrees, the first one is what is shown. */
    for (uint32_t i = 0; i <= oracle->history_count && !ret_explained->agrees; i++)
        (void)explain_with(oracle, i % oracle->history_count, task, seen, ret_explained);
}

/* The state that a write, which came to `seen`, was done on; NULL: that is not clear. */
static const struct model_database *write_base(const struct snapshot_oracle *oracle, uint32_t task,
                                               const struct observation *seen)
{
    const struct model_database *base = NULL;
    uint32_t agreeing = 0;
    for (uint32_t i = 0; i < oracle->history_count; i++) {
        struct explained_result expectation;
        const struct session *session = explain_with(oracle, i, task, seen, &expectation);
        const struct history *history = &oracle->histories[i];
        if (!expectation.agrees && oracle->history_count > 1)
            continue;
        agreeing++;
        base = session->own != NULL ? session->own
               : session->commit_position != NO_POSITION
                   ? history->versions[session->commit_position - 1]
                   : history_head(history);
    }
    return agreeing == 1 ? base : NULL;
}

void snapshot_explain(const void *state, const struct event *event, struct explanation *explanation)
{
    const struct snapshot_oracle *oracle = state;
    if (oracle->is_blind)
        return;
    if (event->kind != EVENT_result) {
        explanation->is_known = true;
        explanation->content = history_head(&oracle->histories[0]);
    } else if (!snapshot_is_lost(&oracle->plan->interactions[event->interaction])) {
        const struct observation *seen = event->result->seen;
        explanation->is_known = true;
        explain_result(oracle, event->task, seen, explanation->result);
        explanation->write_base = write_base(oracle, event->task, seen);
    }
}
