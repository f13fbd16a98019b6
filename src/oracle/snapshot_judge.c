/* SPDX-License-Identifier: Apache-2.0 */
/* One history against one result, action by action. */
#include "oracle/snapshot_judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The case at hand: who called what in which history, and what came of it. */
struct judged {
    struct snapshot_oracle *oracle;
    struct history *history;
    struct session *session;
    const struct interaction *interaction;
    int64_t step;
    const struct observation *seen;
};

bool snapshot_takes_write_lock(const struct interaction *interaction, const struct session *session)
{
    enum plan_action action = (enum plan_action)interaction->action;
    if (session->own != NULL)
        return false;
    if (action == ACTION_begin)
        return interaction->arguments[FIELD_begin_mode] != BEGIN_DEFERRED;
    return session->in_transaction && model_is_write(action);
}

static bool contradiction(const struct judged *judged, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool contradiction(const struct judged *judged, const char *kind, const char *format, ...)
{
    struct snapshot_oracle *oracle = judged->oracle;
    (void)snprintf(oracle->kind, sizeof oracle->kind, "%s", kind);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(oracle->why, sizeof oracle->why, format, arguments);
    va_end(arguments);
    return false;
}

/* --- what a statement may see ----------------------------------------------------------------- */

bool snapshot_matches(const struct model_database *database, const struct interaction *interaction,
                      int64_t step, const struct observation *seen)
{
    if (interaction->action == ACTION_select)
        return model_select_matches(database, interaction, seen);
    struct model_database scratch = *database;
    struct prediction prediction = model_apply(&scratch, interaction, step);
    if (prediction.outcome != seen->outcome)
        return false;
    return prediction.outcome != OUTCOME_OK ||
           model_is_schema_change((enum plan_action)interaction->action) ||
           prediction.changes == seen->changes;
}

static bool matches(const struct judged *judged, const struct model_database *database)
{
    return snapshot_matches(database, judged->interaction, judged->step, judged->seen);
}

/* The connection may still know the schema of this position. */
static uint32_t schema_floor(const struct judged *judged)
{
    return judged->oracle->shares_connections ? 0 : judged->session->schema_floor;
}

/* The first position that a statement outside of a snapshot may see. */
static uint32_t window_floor(const struct judged *judged)
{
    const struct session *session = judged->session;
    if (judged->seen->outcome == OUTCOME_SQL_ERROR)
        return schema_floor(judged);
    return session->failed_floor < session->floor ? session->failed_floor : session->floor;
}

static bool some_position_matches(const struct judged *judged, uint32_t from, uint32_t to,
                                  uint32_t *ret_position)
{
    for (uint32_t position = from; position <= to; position++) {
        if (matches(judged, judged->history->versions[position])) {
            if (ret_position != NULL)
                *ret_position = position;
            return true;
        }
    }
    return false;
}

/* "3 rows" or "error no such table: t2". */
static const char *describe_seen(const struct judged *judged, char *text, size_t bytes)
{
    const struct observation *seen = judged->seen;
    if (seen->outcome != OUTCOME_OK)
        (void)snprintf(text, bytes, "%s (%s)", interplay_outcome_names[seen->outcome],
                       seen->error_message);
    else if (judged->interaction->action != ACTION_select)
        (void)snprintf(text, bytes, "%lld rows changed", (long long)seen->changes);
    else if (judged->interaction->arguments[FIELD_aggregate] == AGGREGATE_ROWS)
        (void)snprintf(text, bytes, "%llu rows", (unsigned long long)seen->row_count);
    else if (seen->number_is_null)
        (void)snprintf(text, bytes, "NULL");
    else
        (void)snprintf(text, bytes, "%lld", (long long)seen->number);
    return text;
}

static bool wrong_result(const struct judged *judged, const char *kind, uint32_t from, uint32_t to)
{
    char seen[192], name[64];
    uint32_t old;
    bool is_stale = from > 0 && some_position_matches(judged, 0, from - 1, &old);
    (void)snprintf(name, sizeof name, "%s-%s", is_stale ? "stale" : kind,
                   plan_action_infos[judged->interaction->action].name);
    return contradiction(
        judged, name,
        "the %s came to %s, which is right at none of the commits %u to %u that it "
        "may see%s",
        plan_action_infos[judged->interaction->action].name,
        describe_seen(judged, seen, sizeof seen), from, to,
        is_stale ? ", but at an older one" : "");
}

static bool judge_own(const struct judged *judged)
{
    if (matches(judged, judged->session->own))
        return true;
    char seen[192], name[64];
    (void)snprintf(name, sizeof name, "wrong-own-%s",
                   plan_action_infos[judged->interaction->action].name);
    return contradiction(judged, name,
                         "the %s came to %s, which is not right after what this transaction wrote "
                         "itself on commit %u",
                         plan_action_infos[judged->interaction->action].name,
                         describe_seen(judged, seen, sizeof seen), judged->session->base);
}

/* A read in a transaction that has its snapshot: keeps the candidates that agree. */
static bool judge_candidates(const struct judged *judged, bool narrow)
{
    struct session *session = judged->session;
    uint32_t agreeing = 0;
    for (uint32_t i = 0; i < session->candidate_count; i++)
        agreeing += matches(judged, judged->history->versions[session->candidates[i]]);
    if (agreeing == 0)
        return wrong_result(
            judged, "snapshot-moved", session->candidate_count ? session->candidates[0] : 0,
            session->candidate_count ? session->candidates[session->candidate_count - 1] : 0);
    if (!narrow || agreeing == session->candidate_count)
        return true;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < session->candidate_count; i++)
        if (matches(judged, judged->history->versions[session->candidates[i]]))
            session->candidates[kept++] = session->candidates[i];
    session->candidate_count = kept;
    return true;
}

/* The first read of a transaction: every position in the window that agrees is a candidate. */
static bool take_snapshot(const struct judged *judged)
{
    struct session *session = judged->session;
    uint32_t from = window_floor(judged), to = judged->history->head;
    if (!some_position_matches(judged, from, to, NULL))
        return wrong_result(judged, "wrong", from, to);
    session->candidates =
        arena_alloc(judged->oracle->arena, (to - from + 1) * sizeof *session->candidates);
    session->candidate_count = 0;
    for (uint32_t position = from; position <= to; position++)
        if (matches(judged, judged->history->versions[position]))
            session->candidates[session->candidate_count++] = position;
    session->has_snapshot = true;
    session->schema_floor = session->candidates[0];
    return true;
}

/* A statement that failed inside a transaction may have taken its snapshot all the same. */
static void remember_failed_floor(struct session *session)
{
    if (session->in_transaction && !session->has_snapshot && session->floor < session->failed_floor)
        session->failed_floor = session->floor;
}

/*
 * Errors that name the schema are decided on before the statement takes a snapshot, from the schema
 * that the connection knows: SQLite checks that one against the database for most of these errors,
 * not for all (3.40.1: "index already exists"), so that it may be as old as the connection's last
 * statement that worked.
 */
static bool judge_schema_error(const struct judged *judged)
{
    struct session *session = judged->session;
    uint32_t from = window_floor(judged), to = judged->history->head;
    if (session->own != NULL)
        return (schema_floor(judged) < session->base &&
                some_position_matches(judged, from, session->base, NULL)) ||
               judge_own(judged);
    if (some_position_matches(judged, from, to, NULL)) {
        remember_failed_floor(session);
        return true;
    }
    if (session->has_snapshot)
        return judge_candidates(judged, false);
    return wrong_result(judged, "wrong", from, to);
}

static bool judge_select(const struct judged *judged)
{
    struct session *session = judged->session;
    if (judged->seen->outcome == OUTCOME_SQL_ERROR)
        return judge_schema_error(judged);
    if (session->own != NULL)
        return judge_own(judged);
    if (session->has_snapshot)
        return judge_candidates(judged, true);
    if (session->in_transaction)
        return take_snapshot(judged);
    uint32_t from = window_floor(judged), to = judged->history->head;
    if (!some_position_matches(judged, from, to, NULL))
        return wrong_result(judged, "wrong", from, to);
    session->schema_floor = session->floor;
    return true;
}

/* --- writes ----------------------------------------------------------------------------------- */

static bool lost_update(const struct judged *judged, uint32_t base)
{
    return contradiction(judged, "lost-update",
                         "a transaction on commit %u writes although commit %u is the newest", base,
                         judged->history->head);
}

/* The transaction's own state, made from the newest version, which must be the one that it reads. */
static bool begin_own(const struct judged *judged)
{
    struct session *session = judged->session;
    struct history *history = judged->history;
    if (session->has_snapshot) {
        bool reads_newest = false;
        for (uint32_t i = 0; i < session->candidate_count; i++)
            reads_newest |= session->candidates[i] == history->head;
        if (!reads_newest)
            return lost_update(judged, session->candidate_count ? session->candidates[0] : 0);
    }
    session->own = arena_alloc(judged->oracle->arena, sizeof *session->own);
    *session->own = *history_head(history);
    session->base = history->head;
    session->has_snapshot = true;
    return true;
}

static bool judge_write_in_transaction(const struct judged *judged)
{
    struct session *session = judged->session;
    if (judged->seen->outcome == OUTCOME_SQL_ERROR)
        return judge_schema_error(judged);
    bool begins = session->own == NULL;
    if (begins && !begin_own(judged))
        return false;
    if (!judge_own(judged)) {
        if (begins)
            session->own = NULL;
        return false;
    }
    (void)model_apply(session->own, judged->interaction, judged->step);
    session->schema_floor = session->base;
    return true;
}

static bool judge_autocommit_write(const struct judged *judged)
{
    struct session *session = judged->session;
    const struct observation *seen = judged->seen;
    if (session->commit_position == NO_POSITION) {
        uint32_t from = window_floor(judged), to = judged->history->head;
        bool nothing_done = seen->outcome != OUTCOME_OK || seen->changes == 0;
        if (nothing_done && some_position_matches(judged, from, to, NULL))
            return true;
        return wrong_result(judged, "wrong", from, to);
    }
    const struct prediction *prediction = &session->prediction;
    bool same_changes = model_is_schema_change((enum plan_action)judged->interaction->action) ||
                        prediction->changes == seen->changes;
    if (seen->outcome != prediction->outcome || !same_changes)
        return wrong_result(judged, "wrong", session->commit_position - 1,
                            session->commit_position - 1);
    session->schema_floor = session->commit_position;
    return true;
}

/* --- transactions and savepoints -------------------------------------------------------------- */

static bool expect_outcome(const struct judged *judged, enum outcome expected, const char *because)
{
    if (judged->seen->outcome == expected)
        return true;
    char name[64];
    const char *action = plan_action_infos[judged->interaction->action].name;
    (void)snprintf(name, sizeof name, "wrong-%s", action);
    return contradiction(judged, name, "%s came to %s (%s), but %s: %s was expected", action,
                         interplay_outcome_names[judged->seen->outcome],
                         judged->seen->error_message, because, interplay_outcome_names[expected]);
}

static bool judge_begin(const struct judged *judged)
{
    struct session *session = judged->session;
    if (session->in_transaction)
        return expect_outcome(judged, OUTCOME_SQL_ERROR, "a transaction is open");
    if (!expect_outcome(judged, OUTCOME_OK, "no transaction is open"))
        return false;
    session->in_transaction = true;
    if (judged->interaction->arguments[FIELD_begin_mode] != BEGIN_DEFERRED)
        return begin_own(judged);
    return true;
}

/* The transaction's commit succeeded. */
static bool judge_committed(const struct judged *judged)
{
    struct session *session = judged->session;
    struct history *history = judged->history;
    if (session->commit_position == NO_POSITION && session->own != NULL &&
        !model_database_equal(session->own, history->versions[session->base]))
        return contradiction(judged, "commit-without-effect",
                             "a transaction with changes was reported as committed, but there "
                             "was no commit");
    session_end_transaction(session);
    return true;
}

static bool judge_commit(const struct judged *judged)
{
    if (!judged->session->in_transaction)
        return expect_outcome(judged, OUTCOME_SQL_ERROR, "no transaction is open");
    return expect_outcome(judged, OUTCOME_OK, "a transaction is open") && judge_committed(judged);
}

static bool judge_rollback(const struct judged *judged)
{
    if (!judged->session->in_transaction)
        return expect_outcome(judged, OUTCOME_SQL_ERROR, "no transaction is open");
    if (!expect_outcome(judged, OUTCOME_OK, "a transaction is open"))
        return false;
    session_end_transaction(judged->session);
    return true;
}

static bool judge_savepoint(const struct judged *judged)
{
    struct session *session = judged->session;
    if (!expect_outcome(judged, OUTCOME_OK, "a savepoint can always be opened"))
        return false;
    if (!session->in_transaction) {
        session->in_transaction = true;
        session->transaction_is_savepoint = true;
    }
    struct savepoint_state *state = ARENA_NEW(judged->oracle->arena, struct savepoint_state);
    state->below = session->savepoints;
    state->name = judged->interaction->arguments[FIELD_savepoint];
    if (session->own != NULL) {
        struct model_database *copy = arena_alloc(judged->oracle->arena, sizeof *copy);
        *copy = *session->own;
        state->database = copy;
    }
    session->savepoints = state;
    return true;
}

static const struct savepoint_state *find_savepoint(const struct judged *judged)
{
    return session_savepoint(judged->session, judged->interaction->arguments[FIELD_savepoint]);
}

static bool judge_release(const struct judged *judged)
{
    struct session *session = judged->session;
    const struct savepoint_state *state = find_savepoint(judged);
    if (state == NULL)
        return expect_outcome(judged, OUTCOME_SQL_ERROR, "there is no such savepoint");
    if (!expect_outcome(judged, OUTCOME_OK, "the savepoint is open"))
        return false;
    if (state->below == NULL && session->transaction_is_savepoint)
        return judge_committed(judged);
    session->savepoints = state->below;
    return true;
}

static bool judge_rollback_to(const struct judged *judged)
{
    struct session *session = judged->session;
    const struct savepoint_state *state = find_savepoint(judged);
    if (state == NULL)
        return expect_outcome(judged, OUTCOME_SQL_ERROR, "there is no such savepoint");
    if (!expect_outcome(judged, OUTCOME_OK, "the savepoint is open"))
        return false;
    session->savepoints = state;
    if (state->database != NULL)
        *session->own = *state->database;
    else if (session->own != NULL)
        *session->own = *judged->history->versions[session->base];
    return true;
}

static bool judge_checkpoint(const struct judged *judged)
{
    const int64_t *numbers = judged->seen->checkpoint;
    if (!expect_outcome(judged, OUTCOME_OK, "a checkpoint reports being busy in its result"))
        return false;
    bool is_complete = numbers[0] == 0 && numbers[1] >= 0 && numbers[1] == numbers[2];
    if (is_complete && judged->history->checkpointed < judged->session->floor)
        judged->history->checkpointed = judged->session->floor;
    return true;
}

static bool judge_write(const struct judged *judged)
{
    return judged->session->in_transaction ? judge_write_in_transaction(judged)
                                           : judge_autocommit_write(judged);
}

static bool judge_outside(const struct judged *judged)
{
    if (judged->session->in_transaction)
        return expect_outcome(judged, OUTCOME_SQL_ERROR, "a transaction is open");
    return expect_outcome(judged, OUTCOME_OK, "no transaction is open");
}

static bool judge_action(const struct judged *judged)
{
    static bool (*const judges[EFFECT_COUNT])(const struct judged *judged) = {
        [EFFECT_READ] = judge_select,
        [EFFECT_ROWS] = judge_write,
        [EFFECT_SCHEMA] = judge_write,
        [EFFECT_BEGIN] = judge_begin,
        [EFFECT_COMMIT] = judge_commit,
        [EFFECT_ROLLBACK] = judge_rollback,
        [EFFECT_SAVEPOINT] = judge_savepoint,
        [EFFECT_RELEASE] = judge_release,
        [EFFECT_ROLLBACK_TO] = judge_rollback_to,
        [EFFECT_REPORT] = judge_checkpoint,
        [EFFECT_OUTSIDE] = judge_outside,
    };
    enum plan_effect effect = plan_action_infos[judged->interaction->action].effect;
    return judges[effect] == NULL || judges[effect](judged);
}

/*
 * The call failed: the statement had no effect; the transaction is still open, or was rolled back
 * as a whole.
 */
static void accept_failure(const struct judged *judged)
{
    struct session *session = judged->session;
    if (!judged->seen->in_transaction)
        session_end_transaction(session);
    else if (!session->in_transaction)
        session->in_transaction = true;
    else
        remember_failed_floor(session);
}

static struct judged judged_call(struct snapshot_oracle *oracle, struct history *history,
                                 uint32_t task, const struct observation *seen)
{
    struct session *session = &history->sessions[task];
    return (struct judged){
        .oracle = oracle,
        .history = history,
        .session = session,
        .interaction = &oracle->plan->interactions[session->interaction],
        .step = (int64_t)session->interaction,
        .seen = seen,
    };
}

bool snapshot_judge_return(struct snapshot_oracle *oracle, struct history *history, uint32_t task,
                           const struct observation *seen)
{
    struct judged judged = judged_call(oracle, history, task, seen);
    if (outcome_is_failure(seen->outcome)) {
        accept_failure(&judged);
        return true;
    }
    if (!judge_action(&judged))
        return false;
    struct session *session = judged.session;
    if (session->commit_position != NO_POSITION && session->commit_position > history->returned)
        history->returned = session->commit_position;
    if (session->in_transaction != seen->in_transaction)
        return contradiction(
            &judged, "transaction-state",
            "after the %s the connection is %s a transaction, which it should not be",
            plan_action_infos[judged.interaction->action].name,
            seen->in_transaction ? "in" : "outside of");
    return true;
}

bool snapshot_judge_commit_point(struct snapshot_oracle *oracle, struct history *history,
                                 uint32_t task)
{
    struct judged judged = judged_call(oracle, history, task, NULL);
    struct session *session = judged.session;
    enum plan_action action = (enum plan_action)judged.interaction->action;
    if (!session->in_call)
        return true;
    if (session->in_transaction) {
        if (session->own == NULL)
            return true; /* a write statement failed before: nothing to commit */
        if (action != ACTION_commit && action != ACTION_release)
            return contradiction(&judged, "unasked-commit", "%s committed the open transaction",
                                 plan_action_infos[action].name);
        if (session->base != history->head)
            return lost_update(&judged, session->base);
        if (model_database_equal(session->own, history_head(history)))
            return true; /* nothing changed: no new version */
        history_append(history, session->own);
    } else {
        struct model_database *next = arena_alloc(oracle->arena, sizeof *next);
        *next = *history_head(history);
        if (model_is_write(action))
            session->prediction = model_apply(next, judged.interaction, judged.step);
        if (model_database_equal(next, history_head(history)))
            return true;
        history_append(history, next);
    }
    session->commit_position = history->head;
    return true;
}
