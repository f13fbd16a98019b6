/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is told busy has waited: where the database promises that it waits for a lock, no call comes
 * to busy before the plan's busy timeout is over, in virtual time. Held against stacks that say so,
 * as they may have a timeout of their own, or none.
 *
 * Nothing is claimed of a task that a fault has struck, nor once the plan has run SQL of its own.
 */
#include "oracle/oracle.h"

struct session {
    uint64_t begun_ns; /* the call */
    bool in_transaction;
    bool has_stream;                /* open meanwhile: it reads, as in a transaction */
    bool is_after_wait, has_waited; /* the call before did, or came to busy; the last that ended */
    bool is_struck;                 /* by a fault, once */
};

struct busy_oracle {
    const struct oracle_setting *setting;
    uint64_t timeout_ns;
    struct oracle_end end;
    bool was_busy; /* somebody's call waited, or came to busy */
    struct session sessions[PLAN_TASKS_MAX];
};

static void begin(void *state, const struct oracle_setting *setting)
{
    const uint64_t ns_of_ms = 1000000;
    int32_t timeout_ms = plan_config_get(&setting->plan->config, PLAN_CONFIG_busy_timeout);
    *(struct busy_oracle *)state = (struct busy_oracle){
        .setting = setting,
        .timeout_ns = oracle_waits_when_busy(setting) ? (uint64_t)timeout_ms * ns_of_ms : 0,
    };
}

static void on_call(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct busy_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    session->begun_ns = event->now_ns;
    session->has_stream = event->detail != 0;
    session->is_after_wait = session->has_waited;
    /* It may set the timeout, or lock for good. */
    if (oracle->setting->judged->interactions[event->interaction].sql != NULL)
        oracle_end(&oracle->end, event->interaction, "SQL of the plan's own");
}

static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    ((struct busy_oracle *)state)->sessions[event->task].is_struck = true;
}

static void on_claims_end(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    oracle_end(&((struct busy_oracle *)state)->end, event->interaction, "");
}

/* In the terms of the promise; false: of other actions nothing is promised. */
static bool what_waits(uint8_t action, enum busy_kind *ret_kind)
{
    bool reads = action == ACTION_select, begins = action == ACTION_begin;
    *ret_kind = reads ? BUSY_IN_READ : begins ? BUSY_IN_BEGIN : BUSY_IN_WRITE;
    return reads || begins || action == ACTION_insert || action == ACTION_update ||
           action == ACTION_delete;
}

static void judge(const struct busy_oracle *oracle, const struct session *session,
                  const struct event *event, struct verdict *verdict)
{
    const struct oracle_setting *setting = oracle->setting;
    const struct interaction *interaction = &setting->judged->interactions[event->interaction];
    uint64_t waited_ns = event->now_ns - session->begun_ns;
    struct busy_call call = {.in_transaction = session->in_transaction || session->has_stream,
                             .is_after_wait = session->is_after_wait};
    if (waited_ns >= oracle->timeout_ns || oracle_has_ended(&oracle->end) || session->is_struck ||
        setting->idle_blocks || !what_waits(interaction->action, &call.kind) ||
        !setting->promises->waits_when_busy(setting->settings, &call))
        return;
    verdict_violation(verdict, event_interaction(event), "busy/too-early",
                      "the %s came to busy after %llu us, with a busy timeout of %llu ms",
                      plan_action_infos[interaction->action].name,
                      (unsigned long long)(waited_ns / 1000),
                      (unsigned long long)(oracle->timeout_ns / 1000000));
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    struct busy_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    const struct observation *seen = event->result->seen;
    if (seen->outcome == OUTCOME_BUSY && !event->result->is_struck)
        judge(oracle, session, event, verdict);
    session->in_transaction = seen->in_transaction;
}

/* A sleep, say, or a look by another connection: the call before it is the last one still. */
static bool is_no_call(const struct busy_oracle *oracle, const struct event *event)
{
    uint8_t action = oracle->setting->judged->interactions[event->interaction].action;
    enum plan_effect effect = plan_action_infos[action].effect;
    return effect == EFFECT_NONE || effect == EFFECT_LOOK;
}

/* One that fails may have run nothing, so that the connection is as it was. */
static void on_return(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct busy_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    if (is_no_call(oracle, event))
        return;
    if (event->detail == OUTCOME_BUSY || event->now_ns > session->begun_ns)
        oracle->was_busy = session->has_waited = true;
    else if (event->detail == OUTCOME_OK)
        session->has_waited = false;
}

/* In a pool it may be a connection whose last call waited, when somebody else had it. */
static void on_got(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct busy_oracle *oracle = state;
    oracle->sessions[event->task].has_waited = oracle->setting->is_pooled && oracle->was_busy;
}

static void on_gone(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct session *session = &((struct busy_oracle *)state)->sessions[event->task];
    session->in_transaction = session->has_waited = false;
}

static const struct oracle_handler handlers[] = {
    {EVENT_call, on_call},
    {EVENT_fault, on_fault},
    {EVENT_return, on_return},
    {EVENT_result, on_result},
    {EVENT_lease_got, on_got},
    {EVENT_disconnect, on_gone},
    {EVENT_claims_end, on_claims_end},
    {0},
};

static const struct oracle_end *end_of(const void *state)
{
    return &((const struct busy_oracle *)state)->end;
}

const struct oracle_ops oracle_busy_ops = {
    .state_bytes = sizeof(struct busy_oracle),
    .begin = begin,
    .handlers = handlers,
    .end = end_of,
};
