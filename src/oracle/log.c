/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log does not grow without bound while nobody reads. A transaction that nobody else was beside
 * from its beginning until its commit had returned has left the log short, or ready to be written
 * from its beginning: so the next such one, if nobody came beside anybody in between, makes it no
 * longer than the promised length and what has been written to it since, if it was shorter.
 *
 * Nothing is claimed once a fault has struck, or the plan has run SQL of its own.
 */
#include "oracle/oracle.h"

struct session {
    bool in_interaction, in_call; /* a stream is a call until it ends */
    bool in_transaction;
    bool was_alone;  /* since it began all this */
    bool ended_well; /* the call that ended last: alone, outside of transactions, with success */
    bool has_stream; /* open beside its calls */
};

struct log_oracle {
    const struct oracle_setting *setting;
    uint32_t tasks;
    struct oracle_end end;
    bool is_short;         /* somebody committed alone, and everybody was alone since */
    struct event_log then; /* the log when that was seen */
    struct session sessions[PLAN_TASKS_MAX];
};

static void begin(void *state, const struct oracle_setting *setting)
{
    *(struct log_oracle *)state = (struct log_oracle){
        .setting = setting,
        .tasks = plan_tasks(setting->plan),
    };
}

static bool is_active(const struct session *session)
{
    return session->in_interaction || session->in_call || session->in_transaction;
}

/* --- who is beside whom ----------------------------------------------------------------------- */

static void on_invoke(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct log_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    session->was_alone |= !is_active(session);
    for (uint32_t task = 0; task < oracle->tasks; task++) {
        struct session *other = &oracle->sessions[task];
        if (task == event->task || !is_active(other))
            continue;
        session->was_alone = other->was_alone = oracle->is_short = false;
    }
    session->in_interaction = true;
    /* It may do anything to the log, and to the settings. */
    if (oracle->setting->judged->interactions[event->interaction].sql != NULL)
        oracle_end(&oracle->end, event->interaction, "SQL of the plan's own");
}

static void on_return(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    ((struct log_oracle *)state)->sessions[event->task].in_interaction = false;
}

static void on_call(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct session *session = &((struct log_oracle *)state)->sessions[event->task];
    session->in_call = true;
    session->has_stream = event->detail == EVENT_CALL_BESIDE;
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct session *session = &((struct log_oracle *)state)->sessions[event->task];
    const struct observation *seen = event->result->seen;
    session->in_call = session->has_stream; /* which reads on */
    session->in_transaction = seen->in_transaction;
    session->ended_well = session->was_alone && !session->has_stream && !seen->in_transaction &&
                          seen->outcome == OUTCOME_OK;
}

static void on_gone(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct session *session = &((struct log_oracle *)state)->sessions[event->task];
    session->in_transaction = session->has_stream = false;
}

static void on_doubt(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    oracle_end(&((struct log_oracle *)state)->end, event->interaction,
               event->kind == EVENT_claims_end ? ""
               : event->kind == EVENT_fault    ? "a fault struck"
                                               : "all connections were lost");
}

/* --- the log ---------------------------------------------------------------------------------- */

/* A stream's last step, which commits, may be left out: nobody looks at the log after it. */
static bool is_stream(const struct log_oracle *oracle, const struct event *event)
{
    uint8_t action = oracle->setting->plan->interactions[event->interaction].action;
    return action == ACTION_stream_open || action == ACTION_mutate_stream;
}

static void judge(const struct log_oracle *oracle, const struct event *event,
                  struct verdict *verdict)
{
    const struct event_log *now = event->log, *then = &oracle->then;
    uint64_t written = now->written_bytes - then->written_bytes;
    uint64_t limit = oracle->setting->promises->log_limit_bytes(oracle->setting->settings);
    if (now->bytes > then->bytes && now->bytes > limit + written)
        verdict_violation(verdict, event_interaction(event), "log/grows",
                          "the log grew from %llu to %llu bytes in the commits of who were alone; "
                          "%llu bytes were written to it meanwhile, and it need not be longer than "
                          "%llu before",
                          (unsigned long long)then->bytes, (unsigned long long)now->bytes,
                          (unsigned long long)written, (unsigned long long)limit);
}

static void on_log(void *state, const struct event *event, struct verdict *verdict)
{
    struct log_oracle *oracle = state;
    bool ended_well = oracle->sessions[event->task].ended_well && !is_stream(oracle, event);
    if (event->log->call_bytes == 0)
        return; /* there was nothing to commit, and so no reason to look at the log */
    if (ended_well && oracle->is_short && !oracle_has_ended(&oracle->end))
        judge(oracle, event, verdict);
    oracle->is_short = ended_well;
    oracle->then = *event->log;
}

static const struct oracle_handler handlers[] = {
    {EVENT_invoke, on_invoke},
    {EVENT_return, on_return},
    {EVENT_call, on_call},
    {EVENT_result, on_result},
    {EVENT_log, on_log},
    {EVENT_lease_ended, on_gone},
    {EVENT_disconnect, on_gone},
    {EVENT_fault, on_doubt},
    {EVENT_everybody_died, on_doubt},
    {EVENT_claims_end, on_doubt},
    {0},
};

static const struct oracle_end *end_of(const void *state)
{
    return &((const struct log_oracle *)state)->end;
}

const struct oracle_ops oracle_log_ops = {
    .state_bytes = sizeof(struct log_oracle),
    .begin = begin,
    .handlers = handlers,
    .end = end_of,
};
