/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nobody who waits for a connection is overtaken more often than the stack says. Counted are those
 * who asked for one of the same kind after he was seen waiting, and got one before he was seen
 * waiting again: both times at a moment when nobody can go on by himself. So he was woken neither
 * before nor in between, and who is merely slow to take what was handed to him is not overtaken.
 */
#include "oracle/oracle.h"

struct waiter {
    bool waits; /* in a checkout */
    enum stack_access access;
    uint32_t asked;     /* which one of all checkouts it is */
    uint32_t seen;      /* how many had been asked for when it was first seen waiting; 0: not yet */
    uint32_t overtaken; /* since then */
};

struct queue_oracle {
    uint32_t tasks;
    uint32_t overtaken_max;
    bool has_readers;
    /* From a fault on the server may be silent: who waits may have his place, and wait for that. */
    struct oracle_end end;
    uint32_t asked; /* checkouts so far */
    struct waiter waiters[PLAN_TASKS_MAX];
};

static void begin(void *state, const struct oracle_setting *setting)
{
    *(struct queue_oracle *)state = (struct queue_oracle){
        .tasks = plan_tasks(setting->plan),
        .overtaken_max = setting->overtaken_max,
        .has_readers = (setting->traits & STACK_HAS_READERS) != 0,
    };
}

static void on_asked(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct queue_oracle *oracle = state;
    oracle->waiters[event->task] = (struct waiter){
        .waits = true,
        .access = oracle->has_readers ? (enum stack_access)event->detail : STACK_WRITE,
        .asked = ++oracle->asked,
    };
}

static void on_got(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct queue_oracle *oracle = state;
    struct waiter *newcomer = &oracle->waiters[event->task];
    newcomer->waits = false;
    if (event->lease == NULL)
        return;
    for (uint32_t task = 0; task < oracle->tasks; task++) {
        struct waiter *waiter = &oracle->waiters[task];
        waiter->overtaken += waiter->waits && waiter->access == newcomer->access &&
                             waiter->seen != 0 && newcomer->asked > waiter->seen;
    }
}

static void on_look(void *state, const struct event *event, struct verdict *verdict)
{
    struct queue_oracle *oracle = state;
    for (uint32_t task = 0; task < oracle->tasks && !oracle_has_ended(&oracle->end); task++) {
        struct waiter *waiter = &oracle->waiters[task];
        if (!waiter->waits || event->look->waiting[task] != WAITS_FOR_LEASE)
            continue;
        if (waiter->seen == 0)
            waiter->seen = oracle->asked;
        if (waiter->overtaken > oracle->overtaken_max)
            verdict_violation(verdict, event_interaction(event), "pool/overtaken",
                              "task %u waits for a connection, and %u who asked later got one; the "
                              "stack says that no more than %u do",
                              task, waiter->overtaken, oracle->overtaken_max);
    }
}

static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    if (fault_silences((enum fault_kind)event->detail))
        oracle_end(&((struct queue_oracle *)state)->end, event->interaction,
                   "a server may be silent");
}

/* Who waited for the old pool does not wait for the new one. */
static void on_new_start(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    struct queue_oracle *oracle = state;
    for (uint32_t task = 0; task < oracle->tasks; task++)
        oracle->waiters[task].waits = false;
}

static const struct oracle_handler handlers[] = {
    {EVENT_lease_asked, on_asked},
    {EVENT_lease_got, on_got},
    {EVENT_pool_look, on_look},
    {EVENT_pool_closes, on_new_start},
    {EVENT_everybody_died, on_new_start},
    {EVENT_fault, on_fault},
    {0},
};

static const struct oracle_end *end_of(const void *state)
{
    return &((const struct queue_oracle *)state)->end;
}

const struct oracle_ops oracle_queue_ops = {
    .state_bytes = sizeof(struct queue_oracle),
    .begin = begin,
    .handlers = handlers,
    .end = end_of,
};
