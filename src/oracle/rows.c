/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows where several write at a time (struct promises, `locks_rows`): every result is what the
 * model predicts for a snapshot that the statement may have, its transaction's own work, and, of
 * what it writes, the newest versions. Nobody tells the order of commits; what follows from calls
 * is enough:
 *
 * - A snapshot has all that had been acknowledged when the call began that took it, and of what was
 *   being committed meanwhile each transaction wholly or not at all: all of these are tried.
 * - Who writes a row keeps others from it until his transaction has ended. So the order of the
 *   versions of a row is that of the statements that wrote them.
 *
 * What cannot be told so is left open: rows are then unknown until somebody writes them anew. Of
 * tables that are made, dropped or altered in the plan nothing is said; nor of plans with streams,
 * nor after a fault, a cancelled call, SQL of the plan's own, or what keeps to no snapshot. Rows
 * that an update returns are its own in any case, streams or not.
 *
 * Of a server that has ended with all its sessions, and recovered, it is judged what is there
 * (rows_recovery.h), and that is what is known from then on. Calls that were under way, and those
 * that find their connection lost, tell nothing: what they may have written is unknown.
 */
#include "oracle/oracle.h"
#include "oracle/rows_prepared.h"
#include "oracle/rows_recovery.h"
#include "oracle/rows_session.h"
#include "oracle/seen.h"

#include <stdio.h>
#include <string.h>

struct rows_oracle {
    const struct oracle_setting *setting;
    struct oracle_end end;     /* of all that it claims */
    struct oracle_end follows; /* of what is said of snapshots, and so of nearly all */
    uint32_t clock;
    uint32_t tables; /* of which something is said */
    struct rows_times times;
    struct rows_state known; /* at first, or when the server has recovered last */
    struct rows_state head;  /* all that has been acknowledged */
    bool has_ended;          /* the server, once */
    struct rows_commit *commits;
    uint32_t commit_count;
    struct rows_session sessions[PLAN_TASKS_MAX];
    struct rows_prepared prepared[PLAN_PREPARED];
};

/* --- the beginning ---------------------------------------------------------------------------- */

static uint32_t tables_that_stay(const struct plan *plan)
{
    uint32_t tables = (1u << PLAN_TABLES) - 1;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        enum plan_action action = (enum plan_action)interaction->action;
        if (plan_action_infos[action].effect == EFFECT_SCHEMA && action != ACTION_create_index &&
            action != ACTION_drop_index)
            tables &= ~(1u << interaction->arguments[FIELD_table]);
    }
    return tables;
}

/*
 * What a stream sees beside others of its session is not followed. (In what is judged there are
 * none: they are selects and updates.)
 */
static bool has_streams(const struct plan *plan)
{
    bool has = false;
    for (size_t i = 0; i < plan->interaction_count; i++)
        has |= plan_action_infos[plan->interactions[i].action].opens == SECTION_STREAM;
    return has;
}

static void begin(void *state, const struct oracle_setting *setting)
{
    struct rows_oracle *oracle = state;
    size_t count = setting->judged->interaction_count;
    oracle->setting = setting;
    oracle->end = oracle->follows = (struct oracle_end){0};
    if (count >= UINT16_MAX)
        oracle_end(&oracle->end, 0, "the plan is too long");
    if (has_streams(setting->plan))
        oracle_end(&oracle->follows, 0, "the plan has streams");
    oracle->clock = oracle->commit_count = 0;
    oracle->tables = tables_that_stay(setting->judged);
    oracle->times.called = ARENA_ARRAY(setting->arena, uint32_t, count + 1);
    oracle->times.returned = ARENA_ARRAY(setting->arena, uint32_t, count + 1);
    oracle->commits = arena_alloc(setting->arena, (count + 1) * sizeof *oracle->commits);
    rows_state_init(&oracle->head);
    oracle->known = oracle->head;
    oracle->has_ended = false;
    memset(oracle->prepared, 0, sizeof oracle->prepared);
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++) {
        rows_session_forget(&oracle->sessions[task]);
        oracle->sessions[task].in_call = oracle->sessions[task].is_passed_over = false;
        oracle->sessions[task].is_spared = false;
        oracle->sessions[task].commit = NULL;
    }
}

static bool follows(const struct rows_oracle *oracle)
{
    return !oracle_has_ended(&oracle->end) && !oracle_has_ended(&oracle->follows);
}

/* --- statements ------------------------------------------------------------------------------- */

static const struct interaction *interaction_of(const struct rows_oracle *oracle,
                                                const struct event *event)
{
    return &oracle->setting->judged->interactions[event->interaction];
}

static enum plan_effect effect_of(const struct interaction *interaction)
{
    return plan_action_infos[interaction->action].effect;
}

/* It reads or writes rows of a table of which something is said. */
static bool is_of_rows(const struct rows_oracle *oracle, const struct interaction *interaction)
{
    enum plan_effect effect = effect_of(interaction);
    return (effect == EFFECT_READ || effect == EFFECT_ROWS) &&
           (oracle->tables >> interaction->arguments[FIELD_table] & 1u) != 0;
}

static bool takes_snapshot(const struct interaction *interaction)
{
    enum plan_effect effect = effect_of(interaction);
    return effect == EFFECT_READ || effect == EFFECT_ROWS || effect == EFFECT_SCHEMA ||
           effect == EFFECT_REPORT || effect == EFFECT_LOCK_ROWS || effect == EFFECT_CURSOR ||
           effect == EFFECT_FETCH || effect == EFFECT_ASIDE;
}

/* It may control the session only, and take none. */
static bool may_take_none(const struct interaction *interaction)
{
    return effect_of(interaction) == EFFECT_ASIDE;
}

static enum subject_view view_of(const struct rows_oracle *oracle)
{
    return oracle->setting->promises->rows;
}

/* --- commits ---------------------------------------------------------------------------------- */

static bool is_empty(const struct rows_work *work)
{
    uint32_t keys = 0;
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        keys |= work->keys[table];
    return keys == 0;
}

static void begin_commit(struct rows_oracle *oracle, struct rows_session *session, uint32_t task,
                         const struct interaction *interaction)
{
    const struct rows_work *prepared = effect_of(interaction) == EFFECT_COMMIT_PREPARED
                                           ? oracle->prepared[rows_name_of(interaction)].work
                                           : NULL;
    bool ends =
        effect_of(interaction) == EFFECT_COMMIT && session->in_transaction && !session->has_failed;
    bool is_alone = effect_of(interaction) == EFFECT_ROWS && !session->in_transaction &&
                    is_of_rows(oracle, interaction);
    if (!ends && !is_alone && prepared == NULL)
        return;
    session->commit = &oracle->commits[oracle->commit_count++];
    *session->commit =
        (struct rows_commit){.task = task, .called = oracle->clock, .work = prepared};
    if (ends)
        session->commit->work = rows_session_work(session, oracle->setting->arena);
    else if (is_alone)
        session->commit->touches[interaction->arguments[FIELD_table]] = plan_keys_of(interaction);
}

static void end_commit(struct rows_oracle *oracle, struct rows_session *session, bool is_done)
{
    struct rows_commit *commit = session->commit;
    session->commit = NULL;
    if (commit == NULL)
        return;
    commit->ended = oracle->clock;
    commit->status = is_done ? ROWS_COMMITTED : ROWS_FAILED;
    if (is_done)
        rows_see_commit(&oracle->head, commit->work, &oracle->times);
}

static void leave_open(struct rows_call *call, const struct rows_commit *commit)
{
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        call->open[table] |=
            commit->work != NULL ? commit->work->keys[table] : commit->touches[table];
}

/* Those of others that were under way at any time since the call began. */
static void find_maybes(const struct rows_oracle *oracle, uint32_t task, struct rows_call *call)
{
    for (uint32_t i = 0; i < oracle->commit_count; i++) {
        const struct rows_commit *commit = &oracle->commits[i];
        if (commit->task == task || commit->status == ROWS_FAILED ||
            (commit->status == ROWS_COMMITTED && commit->ended < call->called) ||
            (commit->work != NULL && is_empty(commit->work)))
            continue;
        if (commit->work != NULL && call->maybe_count < ROWS_MAYBE_MAX)
            call->maybes[call->maybe_count++] = commit;
        else
            leave_open(call, commit);
    }
}

/* --- snapshots -------------------------------------------------------------------------------- */

/* All that the call may have; each with the work that the transaction has done so far. */
static void find_views(const struct rows_oracle *oracle, struct rows_session *session,
                       const struct rows_call *call)
{
    const struct rows_work work = session->views[0].work;
    session->view_count = 1u << call->maybe_count;
    for (uint32_t set = 0; set < session->view_count; set++) {
        struct rows_state *snapshot = arena_alloc(oracle->setting->arena, sizeof *snapshot);
        rows_snapshot(call, set, snapshot);
        session->views[set].set = set;
        session->views[set].snapshot = snapshot;
        session->views[set].work = work;
    }
}

static bool keeps_snapshot(const struct rows_oracle *oracle, const struct rows_session *session)
{
    return session->in_transaction && view_of(oracle) == VIEW_OF_TRANSACTION;
}

static bool view_fits(const struct rows_call *call, struct rows_view *view)
{
    const struct observation *seen = call->seen;
    bool exists = view->snapshot->database.tables[call->interaction->arguments[FIELD_table]].exists;
    if (seen->outcome == OUTCOME_SQL_ERROR)
        return !exists;
    if (seen->outcome == OUTCOME_CONSTRAINT)
        return exists && rows_conflict_fits(call, &view->work);
    if (effect_of(call->interaction) == EFFECT_ROWS)
        return rows_write_fits(call, view->snapshot, view->set, &view->work);
    struct rows_state visible = *view->snapshot;
    rows_see_own(&visible, &view->work);
    return call->interaction->action != ACTION_select || rows_read_fits(call, &visible);
}

/* Views with which the call cannot have come to that are none. */
static void keep_fitting(struct rows_session *session, const struct rows_call *call)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < session->view_count; i++) {
        if (!view_fits(call, &session->views[i]))
            continue;
        if (kept != i)
            session->views[kept] = session->views[i];
        kept++;
    }
    session->view_count = kept;
}

/* --- verdicts --------------------------------------------------------------------------------- */

/* `is_held`: the transaction had its snapshot before. */
static void contradict(const struct rows_call *call, bool is_held, uint32_t view_count,
                       struct verdict *verdict)
{
    const char *action = plan_action_infos[call->interaction->action].name;
    char signature[96], seen[192];
    (void)snprintf(signature, sizeof signature, "rows/%s-%s", is_held ? "moved" : "wrong", action);
    verdict_violation(verdict, call->step, signature,
                      "the %s came to %s, which is right on none of the %u snapshots that %s, with "
                      "its transaction's own work",
                      action, seen_describe(call->interaction, call->seen, seen, sizeof seen),
                      view_count, is_held ? "its transaction may have" : "it may see");
}

/* --- one call --------------------------------------------------------------------------------- */

static struct rows_call call_of(const struct rows_oracle *oracle, const struct event *event)
{
    const struct rows_session *session = &oracle->sessions[event->task];
    struct rows_call call = {
        .interaction = interaction_of(oracle, event),
        .step = event->interaction,
        .seen = event->result->seen,
        .view = view_of(oracle),
        .times = &oracle->times,
        .called = session->called,
        .base = &session->base,
    };
    find_maybes(oracle, event->task, &call);
    return call;
}

/* Nobody can tell what it has seen; what it has written, then, neither. */
static void pass_over(struct rows_session *session, const struct rows_call *call)
{
    if (effect_of(call->interaction) != EFFECT_ROWS || call->seen->outcome != OUTCOME_OK)
        return;
    for (uint32_t i = 0; i < session->view_count; i++)
        rows_write_unknown(&session->views[i].work, call->interaction->arguments[FIELD_table],
                           plan_keys_of(call->interaction), call->step);
}

/* A failed one may have taken the snapshot all the same, or not. */
static void take_snapshot(const struct rows_oracle *oracle, struct rows_session *session,
                          const struct rows_call *call)
{
    bool is_kept = keeps_snapshot(oracle, session);
    if ((is_kept && session->has_snapshot) || !takes_snapshot(call->interaction))
        return;
    if (is_kept && (call->seen->outcome != OUTCOME_OK || may_take_none(call->interaction)))
        session->is_lost = true;
    find_views(oracle, session, call);
    session->has_snapshot = is_kept;
}

static void judge(struct rows_oracle *oracle, struct rows_session *session,
                  const struct rows_call *call, bool is_held, struct verdict *verdict)
{
    if (!is_of_rows(oracle, call->interaction) || outcome_is_failure(call->seen->outcome))
        return;
    if (session->is_lost) {
        pass_over(session, call);
        return;
    }
    uint32_t view_count = session->view_count;
    keep_fitting(session, call);
    if (session->view_count > 0)
        return;
    contradict(call, is_held, view_count, verdict);
    oracle_end(&oracle->end, (uint32_t)call->step, "");
}

/* Of an update whose rows come back: they are as it writes them, whatever they were before. */
static void judge_returned(struct rows_oracle *oracle, const struct event *event,
                           struct verdict *verdict)
{
    const struct interaction *interaction = interaction_of(oracle, event);
    const struct observation *seen = event->result->seen;
    if (interaction->action != ACTION_update || seen->outcome != OUTCOME_OK ||
        rows_returned_fit(interaction, event->interaction, seen))
        return;
    verdict_violation(verdict, event->interaction, "rows/wrong-returned",
                      "the %u rows that the update has returned are none that it can have written",
                      seen->rows_kept);
    oracle_end(&oracle->end, event->interaction, "");
}

/* --- transactions ----------------------------------------------------------------------------- */

/* Something else than its end has ended it, and nothing tells how. */
static bool has_vanished(const struct rows_session *session, const struct interaction *interaction,
                         const struct observation *seen)
{
    enum plan_effect effect = effect_of(interaction);
    return session->in_transaction && !seen->in_transaction && seen->outcome == OUTCOME_OK &&
           effect != EFFECT_COMMIT && effect != EFFECT_ROLLBACK && effect != EFFECT_PREPARE;
}

static void follow_transaction(struct rows_oracle *oracle, struct rows_session *session,
                               const struct interaction *interaction, const struct event *event)
{
    const struct observation *seen = event->result->seen;
    if (has_vanished(session, interaction, seen))
        oracle_end(&oracle->end, event->interaction, "a transaction ended, and nobody told");
    if (seen->outcome == OUTCOME_OK && session->in_transaction)
        rows_session_follow_savepoints(
            session, interaction, session->has_snapshot || view_of(oracle) == VIEW_OF_STATEMENT,
            oracle->setting->arena);
    if (!seen->in_transaction) {
        rows_session_forget(session);
    } else if (!session->in_transaction) {
        rows_session_begin(session);
        session->is_lost = effect_of(interaction) != EFFECT_BEGIN;
    } else if (effect_of(interaction) != EFFECT_LOOK) { /* which is none of its connection */
        session->has_failed |=
            seen->outcome != OUTCOME_OK && oracle->setting->promises->failure_ends_transaction;
    }
}

/* --- transactions that are prepared ----------------------------------------------------------- */

static void begin_of_prepared(struct rows_oracle *oracle, const struct event *event)
{
    const struct interaction *interaction = interaction_of(oracle, event);
    if (rows_is_of_prepared(interaction) &&
        !rows_prepared_call(&oracle->prepared[rows_name_of(interaction)], interaction))
        oracle_end(&oracle->end, event->interaction, "who has a prepared name is open");
}

/* Before its session forgets it. */
static void end_of_prepared(struct rows_oracle *oracle, const struct rows_session *session,
                            const struct rows_call *call, struct verdict *verdict)
{
    const struct interaction *interaction = call->interaction;
    if (!rows_is_of_prepared(interaction))
        return;
    bool prepares = effect_of(interaction) == EFFECT_PREPARE;
    const struct rows_work *work =
        prepares ? rows_session_work(session, oracle->setting->arena) : NULL;
    rows_prepared_result(&oracle->prepared[rows_name_of(interaction)], interaction, call->step,
                         call->seen->outcome, work, session->in_transaction, verdict);
}

/* --- the server ends, and recovers ------------------------------------------------------------ */

/* Of what these rows hold nobody can tell from now on. */
static void doubt_rows(struct rows_oracle *oracle, const struct rows_commit *commit, size_t step)
{
    struct rows_work work;
    memset(&work, 0, sizeof work);
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        rows_write_unknown(
            &work, table, commit->work != NULL ? commit->work->keys[table] : commit->touches[table],
            step);
    rows_see_commit(&oracle->head, &work, &oracle->times);
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        oracle->known.unknown[table] |= work.keys[table];
}

/* The connection was lost: whether the call has committed nobody can tell. */
static void lose_call(struct rows_oracle *oracle, struct rows_session *session, size_t step,
                      bool in_transaction)
{
    struct rows_commit *commit = session->commit;
    oracle->times.returned[step + 1] = ++oracle->clock;
    if (commit != NULL && commit->status == ROWS_UNDER_WAY)
        doubt_rows(oracle, commit, step);
    end_commit(oracle, session, false);
    rows_session_forget(session);
    if (in_transaction)
        rows_session_begin(session);
    session->is_lost = in_transaction;
    session->in_call = session->is_passed_over = false;
}

static bool tells_of_loss(const struct rows_oracle *oracle, const struct rows_session *session,
                          const struct observation *seen)
{
    return session->is_passed_over || (oracle->has_ended && (seen->outcome == OUTCOME_DIED ||
                                                             seen->outcome == OUTCOME_IN_DOUBT));
}

static void on_server_ended(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct rows_oracle *oracle = state;
    oracle->has_ended = true;
    for (uint32_t name = 0; name < PLAN_PREPARED; name++)
        if (oracle->prepared[name].in_calls > 0)
            oracle_end(&oracle->end, event->interaction, "who has a prepared name is open");
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++) {
        struct rows_session *session = &oracle->sessions[task];
        session->is_passed_over = session->in_call;
        rows_session_forget(session);
    }
}

/*
 * What is there is there. A statement that is a transaction of its own may be done once more, on
 * another connection: until it returns, its rows are open.
 */
static void take_found(struct rows_oracle *oracle, const struct model_database *found)
{
    rows_state_init(&oracle->known);
    for (uint32_t tables = oracle->tables; tables != 0; tables &= tables - 1) {
        uint32_t table = (uint32_t)__builtin_ctz(tables);
        oracle->known.database.tables[table] = found->tables[table];
    }
    oracle->head = oracle->known;
    for (uint32_t i = 0; i < oracle->commit_count; i++) {
        struct rows_commit *commit = &oracle->commits[i];
        if (commit->status != ROWS_UNDER_WAY || commit->work != NULL)
            commit->status = ROWS_FAILED; /* it is over, or in what is known */
    }
}

static void on_recovered(void *state, const struct event *event, struct verdict *verdict)
{
    struct rows_oracle *oracle = state;
    const struct durability_promise *durability = oracle->setting->durability;
    if (!follows(oracle))
        return;
    const struct rows_remains remains = {
        .known = &oracle->known,
        .commits = oracle->commits,
        .commit_count = oracle->commit_count,
        .times = &oracle->times,
        .tables = oracle->tables,
        .may_lose = durability == NULL || durability->process_death != SURVIVES_ALL,
    };
    rows_judge_recovery(&remains, event->recovery->content, event_interaction(event), verdict);
    take_found(oracle, event->recovery->content);
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_call(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct rows_oracle *oracle = state;
    struct rows_session *session = &oracle->sessions[event->task];
    const struct interaction *interaction = interaction_of(oracle, event);
    if (interaction->sql != NULL)
        oracle_end(&oracle->end, event->interaction, "SQL of the plan's own");
    if (effect_of(interaction) == EFFECT_UNKNOWN)
        oracle_end(&oracle->end, event->interaction, "an action keeps to no snapshot");
    session->is_spared = false;
    if (!follows(oracle))
        return;
    session->in_call = true;
    session->called = oracle->times.called[event->interaction + 1] = ++oracle->clock;
    session->base = oracle->head;
    begin_of_prepared(oracle, event);
    begin_commit(oracle, session, event->task, interaction);
}

/* What it was told does not say what it has done. */
static bool is_open_end(const struct interaction *interaction, const struct observation *seen)
{
    bool is_half = interaction->action == ACTION_insert_rows &&
                   interaction->arguments[FIELD_conflict] == CONFLICT_FAIL &&
                   seen->outcome == OUTCOME_CONSTRAINT;
    return is_half || seen->outcome == OUTCOME_IN_DOUBT || seen->outcome == OUTCOME_DIED;
}

/* A statement without a transaction is one, whose work is known now. */
static void end_alone(struct rows_oracle *oracle, struct rows_session *session,
                      const struct interaction *interaction, bool is_done)
{
    if (session->commit != NULL && effect_of(interaction) == EFFECT_ROWS && is_done)
        session->commit->work = rows_session_work(session, oracle->setting->arena);
    end_commit(oracle, session, is_done);
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    struct rows_oracle *oracle = state;
    struct rows_session *session = &oracle->sessions[event->task];
    const struct interaction *interaction = interaction_of(oracle, event);
    const struct observation *seen = event->result->seen;
    if (follows(oracle) && tells_of_loss(oracle, session, seen)) {
        lose_call(oracle, session, event->interaction, seen->in_transaction);
        return;
    }
    if ((event->result->is_struck && !session->is_spared) || is_open_end(interaction, seen))
        oracle_end(&oracle->end, event->interaction, "it is open what a call has done");
    if (oracle_has_ended(&oracle->end))
        return;
    judge_returned(oracle, event, verdict);
    if (!follows(oracle))
        return;
    const struct rows_call call = call_of(oracle, event);
    oracle->times.returned[event->interaction + 1] = ++oracle->clock;
    if (session->view_count == 0)
        rows_session_begin_work(session);
    if (!session->has_failed) {
        bool is_held = session->has_snapshot;
        take_snapshot(oracle, session, &call);
        judge(oracle, session, &call, is_held, verdict);
    }
    if (oracle_has_ended(&oracle->end))
        return;
    if (!keeps_snapshot(oracle, session))
        rows_session_join_views(session);
    end_of_prepared(oracle, session, &call, verdict);
    end_alone(oracle, session, interaction, seen->outcome == OUTCOME_OK);
    follow_transaction(oracle, session, interaction, event);
    session->in_call = false;
}

static void on_disconnect(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct rows_oracle *oracle = state;
    struct rows_session *session = &oracle->sessions[event->task];
    bool is_open = session->in_call && !session->is_passed_over &&
                   effect_of(interaction_of(oracle, event)) != EFFECT_NONE;
    if (is_open) /* and not that it is closed because that was asked for */
        oracle_end(&oracle->end, event->interaction, "it is open what a call has done");
    rows_session_forget(session);
}

static void on_doubt(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    const char *why = event->kind == EVENT_fault    ? "a fault struck"
                      : event->kind == EVENT_cancel ? "a call was cancelled"
                      : event->kind == EVENT_everybody_died || event->kind == EVENT_power_loss
                          ? "all connections were lost"
                          : "";
    oracle_end(&((struct rows_oracle *)state)->end, event->interaction, why);
}

static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    struct rows_oracle *oracle = state;
    if (fault_ends_server((enum fault_kind)event->detail))
        oracle->sessions[event->task].is_spared = true; /* else EVENT_server_ended comes */
    else
        on_doubt(state, event, verdict);
}

static bool is_quiet(const struct rows_oracle *oracle)
{
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        if (oracle->sessions[task].in_call || oracle->sessions[task].commit != NULL)
            return false;
    return true;
}

/* Everything that is committed and known is there; of the rest nothing is said. */
static void on_content(void *state, const struct event *event, struct verdict *verdict)
{
    struct rows_oracle *oracle = state;
    if (!follows(oracle) || !is_quiet(oracle))
        return;
    struct model_database expected = *event->content;
    for (uint32_t tables = oracle->tables; tables != 0; tables &= tables - 1) {
        uint32_t table = (uint32_t)__builtin_ctz(tables);
        struct rows_state found = {.database = *event->content};
        for (uint32_t keys = ~oracle->head.unknown[table]; keys != 0; keys &= keys - 1)
            rows_take(&found, &oracle->head, table, (uint32_t)__builtin_ctz(keys));
        expected.tables[table] = found.database.tables[table];
    }
    struct model_difference difference;
    model_database_difference(&expected, event->content, &difference);
    if (difference.kind[0] == '\0')
        return;
    char signature[96];
    (void)snprintf(signature, sizeof signature, "rows/content/%s", difference.kind);
    verdict_violation(verdict, event_interaction(event), signature,
                      "the database holds what the commits do not come to: %s", difference.text);
}

static const struct oracle_handler handlers[] = {
    {EVENT_call, on_call},
    {EVENT_result, on_result},
    {EVENT_disconnect, on_disconnect},
    {EVENT_fault, on_fault},
    {EVENT_server_ended, on_server_ended},
    {EVENT_recovered, on_recovered},
    {EVENT_cancel, on_doubt},
    {EVENT_late_request, on_doubt},
    {EVENT_everybody_died, on_doubt},
    {EVENT_power_loss, on_doubt},
    {EVENT_claims_end, on_doubt},
    {EVENT_content_ends, on_doubt},
    {EVENT_content, on_content},
    {0},
};

static const struct oracle_end *end_of(const void *state)
{
    const struct rows_oracle *oracle = state;
    return oracle_has_ended(&oracle->follows) ? &oracle->follows : &oracle->end;
}

const struct oracle_ops oracle_rows_ops = {
    .state_bytes = sizeof(struct rows_oracle),
    .begin = begin,
    .handlers = handlers,
    .end = end_of,
};
