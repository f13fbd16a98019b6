/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A state model of every lease, compared with what the pool does and shows. No lease with two
 * owners; nothing handed out that is broken or inside a transaction; nobody waits while something
 * is free, or past a timeout; nothing held by nobody; what was asked for is not forgotten; who gave
 * everything back can close. Times are virtual nanoseconds.
 */
#include "oracle/oracle.h"

struct session {
    bool waits; /* in a checkout */
    enum stack_access access;
    uint64_t timeout_ns;             /* of the checkout */
    uint64_t deadline_ns;            /* counted from its call */
    uint64_t last_deadline_ns;       /* counted from when it was first seen waiting; 0: not yet */
    const struct stack_lease *lease; /* NULL: none */
    bool in_transaction;
    bool holds_slot; /* the lease holds one now: always, or in transactions only */
    bool may_hold_slot;
    bool in_stream;
    enum stack_access stream_access;
    bool fault_struck; /* since the lease was asked for: its connection may be broken by that */
    bool wire_struck;  /* the same in the call under way, where it may show in the next one only */
};

struct pool_oracle {
    uint32_t tasks;  /* of the plan */
    uint32_t traits; /* enum stack_trait */
    bool has_model;
    bool was_interrupted; /* a pool was closed so: transactions may end at any moment */
    /* From a fault on: a slot may be taken by the pool, and a wait be for that. */
    bool is_server_silent;
    uint32_t unnoticed; /* connections that may have been lost while nobody was told */
    uint32_t slots[2];  /* by enum stack_access; [STACK_READ] is 0 where there are no readers */
    struct session sessions[PLAN_TASKS_MAX];
};

static const char *const access_words[] = {[STACK_READ] = "read", [STACK_WRITE] = "write"};

static void begin(void *state, const struct oracle_setting *setting)
{
    struct pool_oracle *oracle = state;
    *oracle = (struct pool_oracle){
        .tasks = plan_tasks(setting->plan),
        .traits = setting->traits,
        .has_model = setting->has_model,
    };
    bool has_readers = (setting->traits & STACK_HAS_READERS) != 0;
    oracle->slots[STACK_READ] = has_readers ? setting->readers : 0;
    oracle->slots[STACK_WRITE] =
        has_readers ? setting->writers : setting->readers + setting->writers;
}

static enum stack_access role_of(const struct pool_oracle *oracle, enum stack_access access)
{
    return oracle->traits & STACK_HAS_READERS ? access : STACK_WRITE;
}

/* --- leases ---------------------------------------------------------------------------------- */

static void on_asked(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct pool_oracle *oracle = state;
    oracle->sessions[event->task] = (struct session){
        .waits = true,
        .access = role_of(oracle, (enum stack_access)event->detail),
        .timeout_ns = (uint64_t)event->value,
        .deadline_ns = event->now_ns + (uint64_t)event->value,
    };
}

/* How many of the slots of a role tasks hold for certain. */
static uint32_t held(const struct pool_oracle *oracle, enum stack_access access)
{
    uint32_t count = 0;
    for (uint32_t task = 0; task < oracle->tasks; task++)
        count += oracle->sessions[task].holds_slot && oracle->sessions[task].access == access;
    return count;
}

static void check_owner(const struct pool_oracle *oracle, const struct event *event,
                        struct verdict *verdict)
{
    uint32_t task = event->task;
    enum stack_access access = oracle->sessions[task].access;
    for (uint32_t other = 0; other < oracle->tasks; other++)
        if (other != task && oracle->sessions[other].lease == event->lease)
            verdict_violation(verdict, event_interaction(event), "pool/double-checkout",
                              "task %u was handed the connection that task %u still has", task,
                              other);
    if (held(oracle, access) > oracle->slots[access])
        verdict_violation(verdict, event_interaction(event), "pool/double-checkout",
                          "task %u was handed a connection, so that %u for %s are out; the pool "
                          "has %u of them",
                          task, held(oracle, access), access_words[access], oracle->slots[access]);
}

static void check_timeout(const struct session *session, const struct event *event,
                          struct verdict *verdict)
{
    if (event->detail == OUTCOME_TIMEOUT && event->now_ns < session->deadline_ns)
        verdict_violation(verdict, event_interaction(event), "pool/timeout-too-early",
                          "task %u's checkout timed out %llu ns before its deadline", event->task,
                          (unsigned long long)(session->deadline_ns - event->now_ns));
}

static void on_got(void *state, const struct event *event, struct verdict *verdict)
{
    struct pool_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    session->waits = false;
    if (event->lease == NULL) {
        check_timeout(session, event, verdict);
        return;
    }
    session->lease = event->lease;
    session->holds_slot = (oracle->traits & STACK_LEASES_HOLD_SLOTS) != 0;
    if (session->holds_slot)
        check_owner(oracle, event, verdict);
    if (event->value != 0)
        verdict_violation(verdict, event_interaction(event), "pool/handed-out-in-transaction",
                          "task %u was handed a connection with a transaction open on it",
                          event->task);
}

static bool tells_of_loss(enum outcome outcome)
{
    return outcome == OUTCOME_DIED || outcome == OUTCOME_IN_DOUBT;
}

/* Behind the last byte of an answer a connection can be cut, and its session ended, unnoticed. */
static void note_unnoticed(struct pool_oracle *oracle, struct session *session)
{
    oracle->unnoticed += session->wire_struck;
    session->wire_struck = false;
}

static void check_death(struct pool_oracle *oracle, struct session *session,
                        const struct event *event, struct verdict *verdict)
{
    if (session->fault_struck)
        return;
    if (oracle->unnoticed == 0)
        verdict_violation(verdict, event_interaction(event), "pool/broken-handed-out",
                          "task %u works on a connection that was dead before it was handed out",
                          event->task);
    else
        oracle->unnoticed--;
}

static void on_called(void *state, const struct event *event, struct verdict *verdict)
{
    struct pool_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    bool in_transaction = (event->value & EVENT_LEASE_IN_TRANSACTION) != 0;
    session->in_transaction = in_transaction;
    if (!(oracle->traits & STACK_LEASES_HOLD_SLOTS))
        session->holds_slot = in_transaction && !oracle->was_interrupted;
    session->may_hold_slot = (event->value & EVENT_LEASE_HAS_TRANSACTION) != 0;
    session->in_stream = false;
    if (event->detail == OUTCOME_DIED)
        check_death(oracle, session, event, verdict);
    if (tells_of_loss((enum outcome)event->detail)) {
        session->fault_struck = true; /* broken from now on, by its own doing */
        session->wire_struck = false;
    }
    note_unnoticed(oracle, session);
}

/* It is over when the next call has ended. */
static void on_streams(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct pool_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    session->in_stream = true;
    session->stream_access = role_of(oracle, (enum stack_access)event->detail);
}

static void on_ended(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct pool_oracle *oracle = state;
    note_unnoticed(oracle, &oracle->sessions[event->task]);
    oracle->sessions[event->task] = (struct session){0};
}

static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct pool_oracle *oracle = state;
    oracle->sessions[event->task].fault_struck = true;
    oracle->sessions[event->task].wire_struck |= fault_is_of_wire((enum fault_kind)event->detail);
    oracle->is_server_silent |= fault_silences((enum fault_kind)event->detail);
}

static void on_everybody_died(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    struct pool_oracle *oracle = state;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        oracle->sessions[task].fault_struck = true;
}

/* Each of its connections is lost, and nobody was told of it. */
static void on_server_ended(void *state, const struct event *event, struct verdict *verdict)
{
    struct pool_oracle *oracle = state;
    on_everybody_died(state, event, verdict);
    oracle->unnoticed += oracle->slots[STACK_READ] + oracle->slots[STACK_WRITE];
}

/* The pool ends whatever transactions are open, sooner or later. */
static void interrupt(struct pool_oracle *oracle)
{
    if (oracle->traits & STACK_LEASES_HOLD_SLOTS)
        return; /* who has a lease keeps its connection */
    oracle->was_interrupted = true;
    for (uint32_t task = 0; task < oracle->tasks; task++)
        oracle->sessions[task].holds_slot = oracle->sessions[task].in_transaction = false;
}

/* --- a quiet moment -------------------------------------------------------------------------- */

/* What tasks and pool say of the slots of one role. */
struct tally {
    uint32_t held; /* for certain */
    /*
     * At most: a stream holds one until its statement has ended, a transaction that the database or
     * the pool has ended holds it until its task lets go; nobody is told when exactly.
     */
    uint32_t held_at_most;
    uint32_t waiting_for_lease, waiting_for_call;
    uint32_t in_use; /* as the pool shows it */
    uint32_t busy;   /* of those: serving a single call */
};

static void count_sessions(const struct pool_oracle *oracle, const struct event_look *look,
                           struct tally tallies[2])
{
    for (uint32_t task = 0; task < oracle->tasks; task++) {
        const struct session *session = &oracle->sessions[task];
        struct tally *tally = &tallies[session->access];
        tally->held += session->holds_slot;
        tally->held_at_most += session->holds_slot || session->may_hold_slot;
        tallies[session->stream_access].held_at_most += session->in_stream;
        tallies[look->access[task]].waiting_for_lease += look->waiting[task] == WAITS_FOR_LEASE;
        tallies[look->access[task]].waiting_for_call += look->waiting[task] == WAITS_FOR_CALL;
    }
}

static bool is_held(enum stack_slot_state state)
{
    return state == STACK_SLOT_LEASED || state == STACK_SLOT_IN_TRANSACTION ||
           state == STACK_SLOT_BUSY || state == STACK_SLOT_BROKEN;
}

static void count_slots(const struct stack_view *view, struct tally tallies[2])
{
    for (uint32_t i = 0; i < view->slot_count; i++) {
        enum stack_slot_state state = view->slots[i].state;
        bool is_lost = state == STACK_SLOT_BROKEN && view->slots[i].lease == NULL;
        struct tally *tally = &tallies[view->slots[i].access];
        tally->in_use += is_held(state) && !is_lost;
        tally->busy += state == STACK_SLOT_BUSY;
    }
}

/*
 * Who is seen waiting began to wait before: its timer runs out, at the latest, a timeout from now.
 */
static void check_deadline(struct session *session, uint32_t task, const struct event *event,
                           struct verdict *verdict)
{
    if (session->last_deadline_ns == 0)
        session->last_deadline_ns = event->now_ns + session->timeout_ns;
    uint64_t last = session->last_deadline_ns;
    if (event->look->timer_ns[task] > last || event->now_ns > last)
        verdict_violation(verdict, event_interaction(event), "pool/acquire-past-timeout",
                          "task %u waits for a connection with a timeout of %llu ms, and nothing "
                          "ends that wait in time",
                          task, (unsigned long long)(session->timeout_ns / 1000000));
}

/* The slot that the pool shows for a lease agrees with what its task knows. */
static void check_slot(const struct session *session, uint32_t task, const struct event *event,
                       struct verdict *verdict)
{
    const struct stack_view *view = event->look->view;
    for (uint32_t i = 0; i < view->slot_count; i++) {
        const struct stack_slot *slot = &view->slots[i];
        if (slot->lease != session->lease)
            continue;
        bool agrees = slot->access == session->access && is_held(slot->state) &&
                      (slot->state == STACK_SLOT_BROKEN ||
                       (slot->state == STACK_SLOT_IN_TRANSACTION) == session->in_transaction);
        if (!agrees && event->look->waiting[task] == WAITS_FOR_NOTHING)
            verdict_violation(verdict, event_interaction(event), "pool/wrong-state",
                              "slot %u of task %u: the pool shows state %d, the task %s a "
                              "transaction open",
                              i, task, (int)slot->state,
                              session->in_transaction ? "has" : "has not");
        return;
    }
    verdict_violation(verdict, event_interaction(event), "pool/owner-unknown",
                      "task %u has a connection that the pool does not show as its own", task);
}

static void check_sessions(struct pool_oracle *oracle, const struct event *event,
                           struct verdict *verdict)
{
    const struct event_look *look = event->look;
    for (uint32_t task = 0; task < oracle->tasks; task++) {
        if (look->waiting[task] == WAITS_FOR_LEASE && !oracle->is_server_silent)
            check_deadline(&oracle->sessions[task], task, event, verdict);
        if (look->view != NULL && oracle->sessions[task].holds_slot)
            check_slot(&oracle->sessions[task], task, event, verdict);
    }
}

/* Somebody waits while there is a slot that nobody has. */
static void check_wakeup(const struct tally *tally, uint32_t slots, const char *role,
                         const struct event *event, struct verdict *verdict)
{
    if (tally->waiting_for_lease > 0 && tally->held < slots)
        verdict_violation(verdict, event_interaction(event), "pool/lost-wakeup",
                          "%u wait for a connection to %s while %u of %u are out: nobody woke them",
                          tally->waiting_for_lease, role, tally->held, slots);
}

static void check_leak(const struct pool_oracle *oracle, const struct tally *tally,
                       const char *role, const struct event *event, struct verdict *verdict)
{
    bool leases_hold_slots = (oracle->traits & STACK_LEASES_HOLD_SLOTS) != 0;
    uint32_t taken = leases_hold_slots ? tally->in_use : tally->in_use - tally->busy;
    if (taken > tally->held_at_most)
        verdict_violation(verdict, event_interaction(event), "pool/leaked-slot",
                          "%u slots for %s are taken, but only %u leases are out", taken, role,
                          tally->held_at_most);
}

/* Calls that were sent and wait must be known to the pool, and not wait beside a free slot. */
static void check_requests(const struct pool_oracle *oracle, const struct tally *tally,
                           uint32_t shown, enum stack_access access, const struct event *event,
                           struct verdict *verdict)
{
    const char *role = access_words[access];
    if (shown + tally->busy < tally->waiting_for_call &&
        !(oracle->traits & STACK_LEASES_HOLD_SLOTS))
        verdict_violation(verdict, event_interaction(event), "pool/lost-request",
                          "%u calls to %s wait for their end, but the pool knows of %u only",
                          tally->waiting_for_call, role, shown + tally->busy);
    else if (shown > 0 && tally->in_use < oracle->slots[access])
        verdict_violation(verdict, event_interaction(event), "pool/lost-wakeup",
                          "%u requests to %s wait while %u of %u slots are in use", shown, role,
                          tally->in_use, oracle->slots[access]);
}

static void on_look(void *state, const struct event *event, struct verdict *verdict)
{
    struct pool_oracle *oracle = state;
    const struct stack_view *view = event->look->view;
    struct tally tallies[2] = {0};
    count_sessions(oracle, event->look, tallies);
    if (view != NULL)
        count_slots(view, tallies);
    check_sessions(oracle, event, verdict);
    for (int access = STACK_READ; access <= STACK_WRITE && !oracle->is_server_silent; access++) {
        const struct tally *tally = &tallies[access];
        if (oracle->slots[access] == 0)
            continue;
        check_wakeup(tally, oracle->slots[access], access_words[access], event, verdict);
        if (view == NULL)
            continue;
        check_leak(oracle, tally, access_words[access], event, verdict);
        check_requests(oracle, tally,
                       access == STACK_READ ? view->waiting_readers : view->waiting_writers,
                       (enum stack_access)access, event, verdict);
    }
}

static void on_deadlock(void *state, const struct event *event, struct verdict *verdict)
{
    const struct pool_oracle *oracle = state;
    for (uint32_t task = 0; task < oracle->tasks; task++)
        if (oracle->sessions[task].waits)
            verdict_violation(verdict, event_interaction(event), "pool/acquire-past-timeout",
                              "task %u waits for a connection with a timeout, but no timer runs",
                              task);
}

/* --- closing, rows of streams ---------------------------------------------------------------- */

static void on_closes(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    if (event->detail != 0)
        interrupt(state);
}

static void on_closed(void *state, const struct event *event, struct verdict *verdict)
{
    if (event->value != 0)
        interrupt(state); /* what began meanwhile, too */
    if (event->interaction == EVENT_AT_END && event->detail != OUTCOME_OK)
        verdict_violation(verdict, event_interaction(event), "pool/does-not-close",
                          "everything was given back, but closing the pool came to %s",
                          interplay_outcome_names[event->detail]);
}

static void on_stream_ended(void *state, const struct event *event, struct verdict *verdict)
{
    const struct pool_oracle *oracle = state;
    if (oracle->has_model && (int64_t)event->seen->row_count != event->value)
        verdict_violation(verdict, event_interaction(event), "pool/stream-rows",
                          "the stream gave %llu rows of %lld changed ones",
                          (unsigned long long)event->seen->row_count, (long long)event->value);
}

static const struct oracle_handler handlers[] = {
    {EVENT_lease_asked, on_asked},
    {EVENT_lease_got, on_got},
    {EVENT_lease_called, on_called},
    {EVENT_lease_streams, on_streams},
    {EVENT_lease_ended, on_ended},
    {EVENT_fault, on_fault},
    {EVENT_everybody_died, on_everybody_died},
    {EVENT_server_ended, on_server_ended},
    {EVENT_pool_look, on_look},
    {EVENT_deadlock, on_deadlock},
    {EVENT_pool_closes, on_closes},
    {EVENT_pool_closed, on_closed},
    {EVENT_stream_ended, on_stream_ended},
    {0},
};

const struct oracle_ops oracle_pool_ops = {
    .state_bytes = sizeof(struct pool_oracle),
    .begin = begin,
    .handlers = handlers,
};
