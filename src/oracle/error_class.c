/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which outcomes a situation permits: an error that it cannot produce is a finding. Busy needs
 * somebody else who is active, an I/O error needs an I/O fault, an interrupt needs one, and damage
 * is never right.
 *
 * Faults that make the storage lie (a short read in the middle of a file) end its claims for the
 * run.
 */
#include "oracle/oracle.h"

#include <stdio.h>

struct session {
    bool is_connected, in_transaction, in_call;
    bool has_stream;      /* open meanwhile: the connection reads an old state */
    bool contended;       /* somebody else was active during the call */
    bool peers;           /* somebody else had a connection when it began */
    uint32_t faults;      /* bit set of the kinds that struck in this call */
    bool storage_suspect; /* an I/O fault struck since the connection was last idle and well */
    bool cancelled;       /* somebody cancelled the call */
    bool saw_drop;        /* one was under way when the call began */
    uint32_t drops_ended; /* until then */
    /* The plan's own SQL opened or ended a transaction: what the pool thinks of that is open. */
    bool was_moved;
    bool is_unsure;        /* a request was lost: what is open may be other than was told */
    bool lost_transaction; /* the database ended the transaction by itself, or the pool did */
    /* Where a failure ends the transaction: one was told in it, or said by the database itself. */
    bool may_have_failed, has_failed;
    size_t interaction;
};

struct error_class_oracle {
    const struct oracle_setting *setting;
    bool is_blind;
    uint32_t drops_under_way, drops_ended; /* of leases, by other tasks */
    bool was_closed;                       /* a pool was closed */
    bool was_interrupted;                  /* and that ended calls and transactions */
    bool may_have_lost;     /* a connection, and nobody was told: whoever has it next may be */
    uint32_t shared_faults; /* that may show in anybody's call: a bit set */
    bool gave_up; /* connections that owe an answer: closing one locks others out for a while */
    /* What somebody has let go of: the pool may have yet to end it, or nobody will. */
    bool lingers;
    struct session sessions[PLAN_TASKS_MAX];
};

static void begin(void *state, const struct oracle_setting *setting)
{
    *(struct error_class_oracle *)state =
        (struct error_class_oracle){.setting = setting, .lingers = setting->lingers};
}

/* The pool keeps its connections out of each other's way. */
static bool never_busy(const struct error_class_oracle *oracle)
{
    return (oracle->setting->traits & STACK_NEVER_BUSY) != 0 && !oracle->gave_up;
}

/* Connections that nobody has are in the way, too. */
static bool pool_blocks(const struct error_class_oracle *oracle)
{
    return oracle->setting->idle_blocks && oracle->setting->is_pooled && !never_busy(oracle);
}

/* --- what happens around a call -------------------------------------------------------------- */

static void look_at_peers(struct error_class_oracle *oracle, uint32_t task)
{
    struct session *session = &oracle->sessions[task];
    uint32_t tasks = plan_tasks(oracle->setting->judged);
    session->contended = session->peers = false;
    for (uint32_t other = 0; other < tasks; other++) {
        struct session *peer = &oracle->sessions[other];
        if (other == task)
            continue;
        if (peer->in_call)
            peer->contended = true;
        bool in_the_way =
            peer->in_transaction || (oracle->setting->idle_blocks && peer->is_connected);
        if (peer->in_call || (in_the_way && !never_busy(oracle)))
            session->contended = true;
        session->peers |= peer->is_connected || peer->in_transaction;
    }
    if (pool_blocks(oracle) || (oracle->lingers && !never_busy(oracle)))
        session->contended = session->peers = true;
}

static void on_call(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct error_class_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    look_at_peers(oracle, event->task);
    bool is_beside = event->detail == EVENT_CALL_BESIDE;
    session->interaction = event->interaction;
    session->in_call = session->is_connected = true;
    if (is_beside ||
        event->detail == EVENT_CALL_GOES_ON) { /* what struck one may show in another */
        session->has_stream = is_beside;
        return;
    }
    session->has_stream = false;
    session->cancelled = false;
    session->saw_drop = oracle->drops_under_way > 0;
    session->drops_ended = oracle->drops_ended;
    session->faults = 0;
}

static const uint32_t storage_faults =
    1u << FAULT_io_read | 1u << FAULT_io_write | 1u << FAULT_io_sync | 1u << FAULT_io_truncate |
    1u << FAULT_io_open | 1u << FAULT_io_delete | 1u << FAULT_io_lock | 1u << FAULT_io_shm |
    1u << FAULT_disk_full | 1u << FAULT_busy;
_Static_assert(FAULT_KIND_COUNT <= 32, "they are bits");

static const uint32_t unanswered = 1u << FAULT_request_drop | 1u << FAULT_request_reorder |
                                   1u << FAULT_partial_failure | 1u << FAULT_wire_silence;

static const uint32_t wire_faults =
#define FAULT(number, name, place, meaning)                                                        \
    (FAULT_##place == FAULT_WIRE || FAULT_##place == FAULT_SERVER ? 1u << (number) : 0u) |
#include "base/faults.def"
#undef FAULT
    0u;

/* An I/O error, or a connection that is lost, may come of them. */
static bool are_suspect(uint32_t faults)
{
    return (faults & (storage_faults | wire_faults)) != 0;
}

static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct error_class_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    session->faults |= 1u << event->detail;
    if (oracle->setting->promises->shares_failures)
        oracle->shared_faults |= 1u << event->detail & (storage_faults | 1u << FAULT_no_memory);
    session->storage_suspect |= are_suspect(1u << event->detail);
    session->is_unsure |= fault_is_of_request((enum fault_kind)event->detail);
    oracle->may_have_lost |= (wire_faults >> event->detail & 1u) && oracle->setting->is_pooled;
    oracle->gave_up |= (unanswered >> event->detail & 1u) != 0;
}

/* Whose connections are lost learns of it with his next call, which may be one after this one. */
static void on_server_ended(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    struct error_class_oracle *oracle = state;
    oracle->may_have_lost = true;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        oracle->sessions[task].storage_suspect = true;
}

static void on_disconnect(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct error_class_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    oracle->lingers |= oracle->setting->is_pooled && (session->in_transaction || session->in_call);
    session->is_connected = session->in_call; /* a call that closes a connection opens one again */
    session->in_transaction = session->was_moved = session->has_stream = false;
    session->may_have_failed = session->has_failed = false;
    session->is_unsure &= session->in_call;
    session->lost_transaction &= session->in_call; /* the call may still tell of it */
    session->storage_suspect = are_suspect(session->faults);
}

static void on_cancel(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct error_class_oracle *oracle = state;
    oracle->sessions[event->task].cancelled = true;
}

static void on_drop(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct error_class_oracle *oracle = state;
    if (event->kind == EVENT_drop_begins) {
        oracle->drops_under_way++;
    } else {
        oracle->drops_under_way--;
        oracle->drops_ended++;
    }
}

static void on_closes(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct error_class_oracle *oracle = state;
    oracle->was_closed = true;
    oracle->was_interrupted |= event->detail != 0;
    oracle->lingers |= oracle->setting->is_pooled;
}

static void on_claims_end(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    ((struct error_class_oracle *)state)->is_blind = true;
}

static bool is_left_at_work(const struct stack_slot *slot)
{
    return slot->lease == NULL &&
           (slot->state == STACK_SLOT_BUSY || slot->state == STACK_SLOT_IN_TRANSACTION ||
            slot->state == STACK_SLOT_BROKEN);
}

/* Nobody goes on by himself: what threads had to end is ended, or the pool shows it. */
static void on_look(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    const struct stack_view *view = event->look->view;
    bool lingers = false;
    if (view != NULL) {
        lingers = view->waiting_readers > 0 || view->waiting_writers > 0;
        for (uint32_t i = 0; i < view->slot_count; i++)
            lingers |= is_left_at_work(&view->slots[i]);
    }
    struct error_class_oracle *oracle = state;
    oracle->lingers &= lingers || oracle->setting->lingers;
}

/* --- its end --------------------------------------------------------------------------------- */

/* Somebody dropped somebody's lease during the call: nobody had it, and its locks, for a while. */
static bool drop_was_under_way(const struct error_class_oracle *oracle,
                               const struct session *session)
{
    return session->saw_drop || session->drops_ended != oracle->drops_ended ||
           oracle->drops_under_way > 0;
}

static bool struck(const struct session *session, enum fault_kind kind)
{
    return session->faults >> kind & 1u;
}

/* The call is there to end it. */
static bool ends_transaction(const struct error_class_oracle *oracle, const struct session *session)
{
    uint8_t action = oracle->setting->judged->interactions[session->interaction].action;
    enum plan_effect effect = plan_action_infos[action].effect;
    return effect == EFFECT_COMMIT || effect == EFFECT_ROLLBACK || effect == EFFECT_PREPARE;
}

/*
 * Who ends a transaction that is gone, or whose connection dies of it, is told. Where threads work
 * for the clients, a client need not wait for the end.
 */
static bool conceals_end(const struct error_class_oracle *oracle, const struct session *session)
{
    bool is_gone = session->lost_transaction && !oracle->was_interrupted;
    return ends_transaction(oracle, session) && !oracle->setting->calls_time_out &&
           (is_gone || struck(session, FAULT_process_death));
}

/* Nothing of a transaction that has failed can be done, or kept. */
static bool conceals_failure(const struct error_class_oracle *oracle, const struct session *session)
{
    uint8_t action = oracle->setting->judged->interactions[session->interaction].action;
    static const bool does[EFFECT_COUNT] = {
        [EFFECT_READ] = true,
        [EFFECT_ROWS] = true,
        [EFFECT_SCHEMA] = true,
        [EFFECT_FETCH] = true,
        [EFFECT_LOCK_ROWS] = true,
        [EFFECT_CURSOR] = true,
        [EFFECT_ASIDE] = true,
        [EFFECT_SAVEPOINT] = true,
        [EFFECT_RELEASE] = true,
        [EFFECT_COMMIT] = true,
        [EFFECT_PREPARE] = true,
        [EFFECT_COMMIT_PREPARED] = true,
        [EFFECT_ROLLBACK_PREPARED] = true,
    };
    return session->has_failed && does[plan_action_infos[action].effect];
}

/* By another connection than the task's, which then is somebody else. */
static bool looks(const struct error_class_oracle *oracle, const struct session *session)
{
    uint8_t action = oracle->setting->judged->interactions[session->interaction].action;
    return plan_action_infos[action].effect == EFFECT_LOOK;
}

static bool is_contended(const struct error_class_oracle *oracle, const struct session *session)
{
    bool is_in_own_way = session->in_transaction || oracle->setting->idle_blocks;
    return session->contended || (is_in_own_way && looks(oracle, session));
}

static uint32_t situation_of(const struct error_class_oracle *oracle, const struct session *session)
{
    bool saw_drop = !never_busy(oracle) && drop_was_under_way(oracle, session);
    return (session->in_transaction || session->has_stream ? SITUATION_IN_TRANSACTION : 0u) |
           (is_contended(oracle, session) ? SITUATION_CONTENDED : 0u) |
           (session->storage_suspect ? SITUATION_STORAGE_FAULT : 0u) |
           (saw_drop ? SITUATION_DROP : 0u) |
           (oracle->setting->has_model ? SITUATION_PREDICTED : 0u);
}

static bool is_promised(const struct error_class_oracle *oracle, const struct session *session,
                        enum outcome outcome)
{
    return (oracle->setting->promises->permits[outcome] & situation_of(oracle, session)) != 0;
}

/*
 * What comes of the circumstances, whichever database it is, or of the pool; the rest is the
 * database's promise.
 */
static bool is_permitted(const struct error_class_oracle *oracle, const struct session *session,
                         enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_OK:
        return !conceals_end(oracle, session) && !conceals_failure(oracle, session);
    case OUTCOME_ROW:
        return true;
    case OUTCOME_INTERRUPTED:
        return struck(session, FAULT_interrupt) || session->cancelled || oracle->was_interrupted;
    case OUTCOME_NO_MEMORY:
        return struck(session, FAULT_no_memory);
    case OUTCOME_FULL:
        return struck(session, FAULT_disk_full);
    case OUTCOME_IO_ERROR:
    case OUTCOME_CANNOT_OPEN:
        return session->storage_suspect;
    case OUTCOME_DIED:
        return true;      /* reported by the simulated world, not by the database */
    case OUTCOME_TIMEOUT: /* no answer, or somebody else has what this one waits for */
        return oracle->setting->calls_time_out || (session->faults & unanswered) != 0 ||
               (oracle->setting->is_pooled &&
                (session->contended || session->peers || drop_was_under_way(oracle, session)));
    case OUTCOME_CLOSED:
        return oracle->was_closed;
    case OUTCOME_ROLLED_BACK:
        return session->lost_transaction || session->may_have_failed || oracle->was_interrupted ||
               session->faults != 0 || oracle->may_have_lost ||
               is_promised(oracle, session, outcome);
    case OUTCOME_IN_DOUBT:
        return session->faults != 0 || session->storage_suspect || session->cancelled ||
               session->contended || oracle->may_have_lost ||
               (oracle->setting->calls_time_out && is_promised(oracle, session, outcome));
    case OUTCOME_BUSY:
    case OUTCOME_BUSY_SNAPSHOT:
    case OUTCOME_LOCKED:
    case OUTCOME_CONSTRAINT:
    case OUTCOME_PROTOCOL:
    case OUTCOME_SCHEMA:
    case OUTCOME_SQL_ERROR:
    case OUTCOME_CORRUPT:
    case OUTCOME_READONLY:
    case OUTCOME_MISUSE:
    case OUTCOME_OTHER:
    case OUTCOME_DEADLOCK:
        return is_promised(oracle, session, outcome);
    case OUTCOME_COUNT:
        return false;
    }
    return false;
}

static bool opens_or_ends(const struct interaction *interaction)
{
    return interaction->action == ACTION_begin || interaction->action == ACTION_commit ||
           interaction->action == ACTION_rollback;
}

/* What a person writes may ask for what cannot be done: only who made the call knows. */
static bool is_asked_for(const struct interaction *interaction, const struct session *session,
                         enum outcome outcome)
{
    if (session->is_unsure && opens_or_ends(interaction) && outcome == OUTCOME_SQL_ERROR)
        return true;
    if ((session->was_moved || session->is_unsure) &&
        (outcome == OUTCOME_MISUSE || outcome == OUTCOME_ROLLED_BACK))
        return true;
    if (interaction->sql == NULL)
        return false;
    if (outcome == OUTCOME_BUSY || outcome == OUTCOME_LOCKED)
        return session->peers || session->in_transaction || session->has_stream;
    return outcome == OUTCOME_READONLY || outcome == OUTCOME_MISUSE ||
           outcome == OUTCOME_CANNOT_OPEN;
}

static void judge(const struct error_class_oracle *oracle, const struct session *session,
                  const struct observation *seen, struct verdict *verdict)
{
    const struct interaction *interaction =
        &oracle->setting->judged->interactions[session->interaction];
    bool closes = interaction->action == ACTION_reopen && seen->outcome == OUTCOME_TIMEOUT;
    if (oracle->is_blind || closes || is_permitted(oracle, session, seen->outcome) ||
        is_asked_for(interaction, session, seen->outcome))
        return;
    const char *action = plan_action_infos[interaction->action].name;
    const char *outcome = interplay_outcome_names[seen->outcome];
    char signature[96];
    (void)snprintf(signature, sizeof signature, "error-class/%s/%s", outcome, action);
    verdict_violation(
        verdict, session->interaction, signature,
        "the %s came to %s (code %d%s%s: %s), which nothing in this situation explains", action,
        outcome, seen->error_code, seen->error_state[0] != '\0' ? ", " : "", seen->error_state,
        seen->error_message);
}

/*
 * Where threads work for the clients, who gives up a call or a transaction does not wait until it
 * has ended, and locks go with its end.
 */
static bool lets_go(const struct error_class_oracle *oracle, const struct session *session,
                    const struct observation *seen)
{
    bool gives_up = seen->outcome == OUTCOME_TIMEOUT && oracle->setting->calls_time_out;
    bool has_ended = session->in_transaction && !seen->in_transaction;
    return gives_up || session->cancelled || has_ended;
}

/* With what struck others, where that may show. */
static struct session session_as_told(const struct error_class_oracle *oracle, uint32_t task)
{
    struct session session = oracle->sessions[task];
    session.faults |= oracle->shared_faults;
    session.storage_suspect |= (oracle->shared_faults & storage_faults) != 0;
    return session;
}

/* Who comes next begins with nothing that others left. */
static bool is_anybody_there(const struct error_class_oracle *oracle)
{
    bool is_there = false;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        is_there |= oracle->sessions[task].in_transaction || oracle->sessions[task].in_call;
    return is_there;
}

/* Only the database says these, having looked at the statement. */
static bool is_said_by_database(enum outcome outcome)
{
    return outcome == OUTCOME_CONSTRAINT || outcome == OUTCOME_SQL_ERROR ||
           outcome == OUTCOME_BUSY || outcome == OUTCOME_BUSY_SNAPSHOT ||
           outcome == OUTCOME_DEADLOCK || outcome == OUTCOME_ROLLED_BACK;
}

/* Pools have failures of their own, and a text may do what nobody followed. */
static void note_failure(const struct error_class_oracle *oracle, struct session *session,
                         const struct interaction *interaction, const struct observation *seen)
{
    bool goes_back = plan_action_infos[interaction->action].effect == EFFECT_ROLLBACK_TO &&
                     seen->outcome == OUTCOME_OK;
    if (!oracle->setting->promises->failure_ends_transaction || looks(oracle, session))
        return;
    if (!seen->in_transaction || goes_back || interaction->sql != NULL)
        session->has_failed = false;
    if (!seen->in_transaction || goes_back)
        session->may_have_failed = false;
    if (!seen->in_transaction || seen->outcome == OUTCOME_OK)
        return;
    session->may_have_failed = true;
    session->has_failed |= !oracle->setting->is_pooled && interaction->sql == NULL &&
                           is_said_by_database(seen->outcome);
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    struct error_class_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    const struct observation *seen = event->result->seen;
    const struct session told = session_as_told(oracle, event->task);
    judge(oracle, &told, seen, verdict);
    oracle->lingers |= oracle->setting->is_pooled && lets_go(oracle, session, seen);
    session->in_call = session->has_stream; /* others see what it holds */
    session->was_moved |= oracle->setting->judged->interactions[event->interaction].sql != NULL &&
                          session->in_transaction != seen->in_transaction;
    if (session->in_transaction && !seen->in_transaction)
        /* A stream, say, tells of its beginning; what a text did beside it, nobody followed. */
        session->lost_transaction = !session->was_moved && !ends_transaction(oracle, session);
    else if (seen->in_transaction)
        session->lost_transaction = false;
    session->in_transaction = seen->in_transaction;
    note_failure(oracle, session, &oracle->setting->judged->interactions[event->interaction], seen);
    if (seen->outcome == OUTCOME_OK && !seen->in_transaction && session->faults == 0 &&
        !looks(oracle, session))
        session->storage_suspect = false;
    if (oracle->shared_faults != 0 && seen->outcome == OUTCOME_OK && session->faults == 0 &&
        !is_anybody_there(oracle))
        oracle->shared_faults = 0;
}

static const struct oracle_handler handlers[] = {
    {EVENT_call, on_call},
    {EVENT_result, on_result},
    {EVENT_fault, on_fault},
    {EVENT_server_ended, on_server_ended},
    {EVENT_cancel, on_cancel},
    {EVENT_disconnect, on_disconnect},
    {EVENT_drop_begins, on_drop},
    {EVENT_drop_ends, on_drop},
    {EVENT_pool_closes, on_closes},
    {EVENT_pool_look, on_look},
    {EVENT_claims_end, on_claims_end},
    {0},
};

const struct oracle_ops oracle_error_class_ops = {
    .state_bytes = sizeof(struct error_class_oracle),
    .begin = begin,
    .handlers = handlers,
};
