/* SPDX-License-Identifier: Apache-2.0 */
/* Leases and slots: who has what, and who waits in vain. */
#include "oracle/pool.h"

static const char *const access_words[] = {[STACK_READ] = "read", [STACK_WRITE] = "write"};

void pool_oracle_begin(struct pool_oracle *oracle, uint32_t tasks, uint32_t traits,
                       uint32_t readers, uint32_t writers)
{
    *oracle = (struct pool_oracle){.tasks = tasks, .traits = traits};
    bool has_readers = (traits & STACK_HAS_READERS) != 0;
    oracle->slots[STACK_READ] = has_readers ? readers : 0;
    oracle->slots[STACK_WRITE] = has_readers ? writers : readers + writers;
}

static enum stack_access role_of(const struct pool_oracle *oracle, enum stack_access access)
{
    return oracle->traits & STACK_HAS_READERS ? access : STACK_WRITE;
}

void pool_oracle_fault(struct pool_oracle *oracle, uint32_t task)
{
    oracle->sessions[task].fault_struck = true;
}

void pool_oracle_wait(struct pool_oracle *oracle, uint32_t task, enum stack_access access,
                      uint64_t now_ns, uint64_t timeout_ns)
{
    oracle->sessions[task] = (struct pool_session){
        .waits = true,
        .access = role_of(oracle, access),
        .timeout_ns = timeout_ns,
        .deadline_ns = now_ns + timeout_ns,
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

static void check_owner(const struct pool_oracle *oracle, uint32_t task,
                        const struct stack_lease *lease, size_t interaction,
                        struct verdict *verdict)
{
    enum stack_access access = oracle->sessions[task].access;
    for (uint32_t other = 0; other < oracle->tasks; other++)
        if (other != task && oracle->sessions[other].lease == lease)
            verdict_violation(verdict, interaction, "pool/double-checkout",
                              "task %u was handed the connection that task %u still has", task,
                              other);
    if (held(oracle, access) > oracle->slots[access])
        verdict_violation(verdict, interaction, "pool/double-checkout",
                          "task %u was handed a connection, so that %u for %s are out; the pool "
                          "has %u of them",
                          task, held(oracle, access), access_words[access], oracle->slots[access]);
}

void pool_oracle_got(struct pool_oracle *oracle, uint32_t task, const struct stack_lease *lease,
                     bool in_transaction, enum outcome outcome, uint64_t now_ns, size_t interaction,
                     struct verdict *verdict)
{
    struct pool_session *session = &oracle->sessions[task];
    session->waits = false;
    if (lease == NULL) {
        if (outcome == OUTCOME_TIMEOUT && now_ns < session->deadline_ns)
            verdict_violation(verdict, interaction, "pool/timeout-too-early",
                              "task %u's checkout timed out %llu ns before its deadline", task,
                              (unsigned long long)(session->deadline_ns - now_ns));
        return;
    }
    session->lease = lease;
    session->holds_slot = (oracle->traits & STACK_LEASES_HOLD_SLOTS) != 0;
    if (session->holds_slot)
        check_owner(oracle, task, lease, interaction, verdict);
    if (in_transaction)
        verdict_violation(verdict, interaction, "pool/handed-out-in-transaction",
                          "task %u was handed a connection with a transaction open on it", task);
}

void pool_oracle_returned(struct pool_oracle *oracle, uint32_t task)
{
    oracle->sessions[task] = (struct pool_session){0};
}

void pool_oracle_called(struct pool_oracle *oracle, uint32_t task, enum outcome outcome,
                        bool in_transaction, bool has_transaction, size_t interaction,
                        struct verdict *verdict)
{
    struct pool_session *session = &oracle->sessions[task];
    session->in_transaction = in_transaction;
    if (!(oracle->traits & STACK_LEASES_HOLD_SLOTS))
        session->holds_slot = in_transaction && !oracle->was_interrupted;
    session->may_hold_slot = has_transaction;
    session->in_stream = false;
    if (outcome == OUTCOME_DIED && !session->fault_struck)
        verdict_violation(verdict, interaction, "pool/broken-handed-out",
                          "task %u works on a connection that was dead before it was handed out",
                          task);
    session->fault_struck |= outcome == OUTCOME_IN_DOUBT; /* broken from now on, by its own doing */
}

void pool_oracle_stream(struct pool_oracle *oracle, uint32_t task, enum stack_access access)
{
    oracle->sessions[task].in_stream = true;
    oracle->sessions[task].stream_access = role_of(oracle, access);
}

void pool_oracle_interrupted(struct pool_oracle *oracle)
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

static void count_sessions(const struct pool_oracle *oracle, const struct pool_look *look,
                           struct tally tallies[2])
{
    for (uint32_t task = 0; task < oracle->tasks; task++) {
        const struct pool_session *session = &oracle->sessions[task];
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

/* Who is seen waiting began to wait before: its timer runs out, at the latest, a timeout from now. */
static void check_deadline(struct pool_session *session, uint32_t task,
                           const struct pool_look *look, size_t interaction,
                           struct verdict *verdict)
{
    if (session->last_deadline_ns == 0)
        session->last_deadline_ns = look->now_ns + session->timeout_ns;
    uint64_t last = session->last_deadline_ns;
    if (look->timer_ns[task] > last || look->now_ns > last)
        verdict_violation(verdict, interaction, "pool/acquire-past-timeout",
                          "task %u waits for a connection with a timeout of %llu ms, and nothing "
                          "ends that wait in time",
                          task, (unsigned long long)(session->timeout_ns / 1000000));
}

/* The slot that the pool shows for a lease agrees with what its task knows. */
static void check_slot(const struct pool_session *session, uint32_t task,
                       const struct pool_look *look, size_t interaction, struct verdict *verdict)
{
    const struct stack_view *view = look->view;
    for (uint32_t i = 0; i < view->slot_count; i++) {
        const struct stack_slot *slot = &view->slots[i];
        if (slot->lease != session->lease)
            continue;
        bool agrees = slot->access == session->access && is_held(slot->state) &&
                      (slot->state == STACK_SLOT_BROKEN ||
                       (slot->state == STACK_SLOT_IN_TRANSACTION) == session->in_transaction);
        if (!agrees && look->waiting[task] == WAITS_FOR_NOTHING)
            verdict_violation(verdict, interaction, "pool/wrong-state",
                              "slot %u of task %u: the pool shows state %d, the task %s a "
                              "transaction open",
                              i, task, (int)slot->state,
                              session->in_transaction ? "has" : "has not");
        return;
    }
    verdict_violation(verdict, interaction, "pool/owner-unknown",
                      "task %u has a connection that the pool does not show as its own", task);
}

static void check_sessions(struct pool_oracle *oracle, const struct pool_look *look,
                           size_t interaction, struct verdict *verdict)
{
    for (uint32_t task = 0; task < oracle->tasks; task++) {
        if (look->waiting[task] == WAITS_FOR_LEASE)
            check_deadline(&oracle->sessions[task], task, look, interaction, verdict);
        if (look->view != NULL && oracle->sessions[task].holds_slot)
            check_slot(&oracle->sessions[task], task, look, interaction, verdict);
    }
}

/* Somebody waits while there is a slot that nobody has. */
static void check_wakeup(const struct tally *tally, uint32_t slots, const char *role,
                         size_t interaction, struct verdict *verdict)
{
    if (tally->waiting_for_lease > 0 && tally->held < slots)
        verdict_violation(verdict, interaction, "pool/lost-wakeup",
                          "%u wait for a connection to %s while %u of %u are out: nobody woke them",
                          tally->waiting_for_lease, role, tally->held, slots);
}

static void check_leak(const struct pool_oracle *oracle, const struct tally *tally,
                       const char *role, size_t interaction, struct verdict *verdict)
{
    bool leases_hold_slots = (oracle->traits & STACK_LEASES_HOLD_SLOTS) != 0;
    uint32_t taken = leases_hold_slots ? tally->in_use : tally->in_use - tally->busy;
    if (taken > tally->held_at_most)
        verdict_violation(verdict, interaction, "pool/leaked-slot",
                          "%u slots for %s are taken, but only %u leases are out", taken, role,
                          tally->held_at_most);
}

/* Calls that were sent and wait must be known to the pool, and not wait beside a free slot. */
static void check_requests(const struct pool_oracle *oracle, const struct tally *tally,
                           uint32_t shown, enum stack_access access, size_t interaction,
                           struct verdict *verdict)
{
    const char *role = access_words[access];
    if (shown + tally->busy < tally->waiting_for_call &&
        !(oracle->traits & STACK_LEASES_HOLD_SLOTS))
        verdict_violation(verdict, interaction, "pool/lost-request",
                          "%u calls to %s wait for their end, but the pool knows of %u only",
                          tally->waiting_for_call, role, shown + tally->busy);
    else if (shown > 0 && tally->in_use < oracle->slots[access])
        verdict_violation(verdict, interaction, "pool/lost-wakeup",
                          "%u requests to %s wait while %u of %u slots are in use", shown, role,
                          tally->in_use, oracle->slots[access]);
}

void pool_oracle_look(struct pool_oracle *oracle, const struct pool_look *look, size_t interaction,
                      struct verdict *verdict)
{
    struct tally tallies[2] = {0};
    count_sessions(oracle, look, tallies);
    if (look->view != NULL)
        count_slots(look->view, tallies);
    check_sessions(oracle, look, interaction, verdict);
    for (int access = STACK_READ; access <= STACK_WRITE; access++) {
        const struct tally *tally = &tallies[access];
        const char *role = access_words[access];
        if (oracle->slots[access] == 0)
            continue;
        check_wakeup(tally, oracle->slots[access], role, interaction, verdict);
        if (look->view == NULL)
            continue;
        check_leak(oracle, tally, role, interaction, verdict);
        check_requests(oracle, tally,
                       access == STACK_READ ? look->view->waiting_readers
                                            : look->view->waiting_writers,
                       (enum stack_access)access, interaction, verdict);
    }
}

void pool_oracle_stuck(const struct pool_oracle *oracle, size_t interaction,
                       struct verdict *verdict)
{
    for (uint32_t task = 0; task < oracle->tasks; task++)
        if (oracle->sessions[task].waits)
            verdict_violation(verdict, interaction, "pool/acquire-past-timeout",
                              "task %u waits for a connection with a timeout, but no timer runs",
                              task);
}

void pool_oracle_not_closed(enum outcome outcome, struct verdict *verdict)
{
    verdict_violation(verdict, SIZE_MAX, "pool/does-not-close",
                      "everything was given back, but closing the pool came to %s",
                      interplay_outcome_names[outcome]);
}

void pool_oracle_cancel_ignored(uint32_t task, uint32_t rows, size_t interaction,
                                struct verdict *verdict)
{
    verdict_violation(verdict, interaction, "pool/cancel-ignored",
                      "task %u's statement was cancelled while it ran, and %u more rows came", task,
                      rows);
}
