/* SPDX-License-Identifier: Apache-2.0 */
/* What a call may see, and what it must come to. */
#include "oracle/snapshot_rules.h"

struct snapshot_call snapshot_call_of(const struct snapshot_oracle *oracle,
                                      const struct history *history, uint32_t task,
                                      const struct observation *seen)
{
    const struct session *session = &history->sessions[task];
    const struct interaction *interaction = &oracle->plan->interactions[session->interaction];
    const struct promises *promises = oracle->setting->promises;
    bool is_number = plan_action_infos[interaction->action].effect == EFFECT_READ_NUMBER;
    return (struct snapshot_call){
        .history = history,
        .session = session,
        .interaction = interaction,
        .step = (int64_t)session->interaction,
        .seen = seen,
        .view = is_number ? promises->numbers : promises->rows,
        .shares_connections = oracle->shares_connections,
    };
}

/* --- states ---------------------------------------------------------------------------------- */

static void see_window(struct sight *sight, uint32_t from, uint32_t to)
{
    sight->has_window = true;
    sight->from = from;
    sight->to = to;
}

static void see_own(struct sight *sight, const struct session *session)
{
    sight->own = session->own;
    sight->base = session->base;
}

static void see_candidates(struct sight *sight, const struct session *session)
{
    sight->candidates = session->candidates;
    sight->candidate_count = session->candidate_count;
}

/*
 * Errors that name the schema are decided on before the statement takes a snapshot, from the schema
 * that the connection knows: that one is compared with the database for most of these errors, not
 * for all ("index already exists"), so that it may be as old as the connection's last statement
 * that worked.
 */
static void see_known_schemas(struct sight *sight, const struct snapshot_call *call)
{
    const struct session *session = call->session;
    uint32_t floor = call->shares_connections ? 0 : session->schema_floor;
    if (session->own == NULL) {
        see_window(sight, floor, call->history->head);
        if (session->has_snapshot)
            see_candidates(sight, session);
        return;
    }
    see_own(sight, session);
    if (floor < session->base)
        see_window(sight, floor, session->base);
}

/* A write is done on the newest commit, which must be the one that its transaction reads. */
static void see_newest(struct sight *sight, const struct snapshot_call *call)
{
    const struct session *session = call->session;
    bool reads_newest = !session->has_snapshot;
    for (uint32_t i = 0; i < session->candidate_count; i++)
        reads_newest |= session->candidates[i] == call->history->head;
    sight->is_refused = !reads_newest;
    if (reads_newest)
        see_window(sight, call->history->head, call->history->head);
}

static bool looks(const struct snapshot_call *call)
{
    return plan_action_infos[call->interaction->action].effect == EFFECT_LOOK;
}

struct sight snapshot_sight(const struct snapshot_call *call)
{
    const struct session *session = call->session;
    if (looks(call)) { /* on another connection */
        struct sight sight = {0};
        see_window(&sight, session->floor, call->history->head);
        return sight;
    }
    bool is_write = model_is_write((enum plan_action)call->interaction->action);
    struct sight sight = {.changes_nothing = is_write && !session->in_transaction &&
                                             session->commit_position == NO_POSITION,
                          .is_anything = call->view == VIEW_UNCLAIMED && !is_write &&
                                         session->own == NULL && call->seen->outcome == OUTCOME_OK};
    if (call->seen->outcome == OUTCOME_SQL_ERROR && session->commit_position == NO_POSITION)
        see_known_schemas(&sight, call);
    else if (session->own != NULL)
        see_own(&sight, session);
    else if (is_write && !session->in_transaction && session->commit_position != NO_POSITION)
        see_window(&sight, session->commit_position - 1, session->commit_position - 1);
    else if (is_write && session->in_transaction)
        see_newest(&sight, call);
    else if (session->has_snapshot)
        see_candidates(&sight, session);
    else
        see_window(&sight,
                   session->failed_floor < session->floor ? session->failed_floor : session->floor,
                   call->history->head);
    return sight;
}

struct sighted sight_at(const struct snapshot_call *call, const struct sight *sight, uint32_t i)
{
    uint32_t commits = sight->has_window ? sight->to - sight->from + 1 : 0, position;
    if (sight->own != NULL && i-- == 0)
        return (struct sighted){sight->base, sight->own};
    if (i < commits)
        position = sight->to - i;
    else
        position = sight->candidates[sight->candidate_count - 1 - (i - commits)];
    return (struct sighted){position, call->history->versions[position]};
}

bool sight_agrees(const struct snapshot_call *call, const struct sight *sight,
                  const struct model_database *database)
{
    const struct observation *seen = call->seen;
    if (looks(call))
        return seen->outcome == OUTCOME_OK && model_database_equal(database, seen->looked);
    if (sight->is_anything)
        return true;
    if (!model_is_write((enum plan_action)call->interaction->action))
        return model_read_matches(database, call->interaction, seen);
    if (sight->changes_nothing && seen->outcome == OUTCOME_OK && seen->changes != 0)
        return false;
    struct model_database scratch = *database;
    struct prediction prediction = model_apply(&scratch, call->interaction, call->step);
    if (prediction.outcome != seen->outcome)
        return false;
    if (sight->changes_nothing && prediction.changes != 0)
        return false; /* what a statement that failed half-way has done is committed */
    return prediction.outcome != OUTCOME_OK ||
           model_is_schema_change((enum plan_action)call->interaction->action) ||
           (prediction.changes == seen->changes &&
            model_columns_match(database, call->interaction, seen) &&
            model_returned_match(database, &scratch, call->interaction, seen));
}

uint32_t sight_find(const struct snapshot_call *call, const struct sight *sight)
{
    uint32_t i = 0, count = sight_count(sight);
    while (i < count && !sight_agrees(call, sight, sight_at(call, sight, i).database))
        i++;
    return i;
}

/* --- what is no statement -------------------------------------------------------------------- */

static const struct snapshot_rule in_transaction = {true, OUTCOME_OK, "a transaction is open"};
static const struct snapshot_rule not_in_one = {true, OUTCOME_SQL_ERROR, "no transaction is open"};
static const struct snapshot_rule outside = {true, OUTCOME_OK, "no transaction is open"};
static const struct snapshot_rule not_outside = {true, OUTCOME_SQL_ERROR, "a transaction is open"};
static const struct snapshot_rule saved = {true, OUTCOME_OK, "the savepoint is open"};
static const struct snapshot_rule not_saved = {true, OUTCOME_SQL_ERROR,
                                               "there is no such savepoint"};
static const struct snapshot_rule always = {true, OUTCOME_OK, "a savepoint can always be opened"};
static const struct snapshot_rule reports = {true, OUTCOME_OK,
                                             "it tells in its result what it could not do"};

struct snapshot_rule snapshot_rule(const struct snapshot_call *call)
{
    const struct session *session = call->session;
    uint8_t name = call->interaction->arguments[FIELD_savepoint];
    switch (plan_action_infos[call->interaction->action].effect) {
    case EFFECT_BEGIN:
    case EFFECT_OUTSIDE:
        return session->in_transaction ? not_outside : outside;
    case EFFECT_COMMIT:
    case EFFECT_ROLLBACK:
        return session->in_transaction ? in_transaction : not_in_one;
    case EFFECT_SAVEPOINT:
        return always;
    case EFFECT_RELEASE:
    case EFFECT_ROLLBACK_TO:
        return session_savepoint(session, name) != NULL ? saved : not_saved;
    case EFFECT_REPORT:
        return reports;
    case EFFECT_NONE:
    case EFFECT_PREPARE: /* where there is one writer nobody has them */
    case EFFECT_COMMIT_PREPARED:
    case EFFECT_ROLLBACK_PREPARED:
    case EFFECT_LOCK_ROWS:
    case EFFECT_CURSOR:
    case EFFECT_FETCH:
    case EFFECT_ASIDE:
    case EFFECT_READ:
    case EFFECT_ROWS:
    case EFFECT_SCHEMA:
    case EFFECT_NUMBER:
    case EFFECT_READ_NUMBER:
    case EFFECT_LOOK:
    case EFFECT_UNKNOWN:
    case EFFECT_COUNT:
        break;
    }
    return (struct snapshot_rule){0};
}

bool snapshot_takes_write_lock(const struct interaction *interaction, const struct session *session)
{
    enum plan_action action = (enum plan_action)interaction->action;
    if (session->own != NULL)
        return false;
    if (action == ACTION_begin)
        return interaction->arguments[FIELD_begin_mode] != BEGIN_DEFERRED;
    return session->in_transaction && model_is_write(action);
}
