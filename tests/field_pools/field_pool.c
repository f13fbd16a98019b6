/* SPDX-License-Identifier: Apache-2.0 */
/* The pool without mistakes. */
#include "field_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- statements ------------------------------------------------------------------------------- */

bool field_in_transaction(struct stack_lease *lease)
{
    return lease->link != NULL && lease->stack->options.backend->in_transaction(lease->link);
}

static bool enter(struct stack_lease *lease, const void *tag)
{
    (void)pthread_mutex_lock(&lease->stack->lock);
    lease->tag = tag;
    lease->is_cancelled = false;
    (void)pthread_mutex_unlock(&lease->stack->lock);
    return true;
}

static void leave(struct stack_lease *lease)
{
    (void)pthread_mutex_lock(&lease->stack->lock);
    lease->tag = NULL;
    (void)pthread_mutex_unlock(&lease->stack->lock);
}

static void run(struct stack_lease *lease, const struct stack_call *call, struct stack_reply *reply)
{
    interplay_stack_run(lease->stack->options.backend, lease->link, call, reply);
}

void field_run(struct stack_lease *lease, const struct stack_call *call, struct stack_reply *reply)
{
    if (field_parts.enter(lease, call->tag))
        field_parts.run(lease, call, reply);
    else
        *reply = (struct stack_reply){.outcome = OUTCOME_INTERRUPTED};
    leave(lease);
    /* Who gave no answer in time may still do what he was asked, with somebody else's. */
    lease->is_spoilt |= reply->outcome == OUTCOME_DIED || reply->outcome == OUTCOME_TIMEOUT;
}

void field_run_text(struct stack_lease *lease, const char *sql, const void *tag,
                    struct stack_reply *reply)
{
    const struct stack_call call = {.access = STACK_WRITE,
                                    .sql = sql,
                                    .sql_length = strlen(sql),
                                    .tag = (void *)(uintptr_t)tag};
    field_run(lease, &call, reply);
}

/* Schema changes want a setting of their own, which must not outlive them. */
static void run_schema(struct stack_lease *lease, const struct stack_call *call,
                       struct stack_reply *reply)
{
    struct stack_reply set, reset;
    field_run_text(lease, "PRAGMA legacy_alter_table=1", NULL, &set);
    field_run(lease, call, reply);
    field_run_text(lease, "PRAGMA legacy_alter_table=0", NULL, &reset);
    lease->is_spoilt |= reset.outcome != OUTCOME_OK;
}

static bool changes_schema(const struct stack_call *call)
{
    static const char *const words[] = {"CREATE ", "DROP ", "ALTER ", NULL};
    for (const char *const *word = words; *word != NULL; word++)
        if (strncmp(call->sql, *word, strlen(*word)) == 0)
            return true;
    return false;
}

/* For who wants to know how the transaction has begun. */
static void note_savepoint(struct stack_lease *lease, const struct stack_call *call)
{
    if (field_in_transaction(lease))
        return;
    bool is_savepoint = strncmp(call->sql, "SAVEPOINT ", 10) == 0;
    (void)snprintf(lease->savepoint, sizeof lease->savepoint, "%s",
                   is_savepoint ? call->sql + 10 : "");
}

static void field_execute(struct stack_lease *lease, const struct stack_call *call,
                          struct stack_reply *ret_reply)
{
    note_savepoint(lease, call);
    (changes_schema(call) ? field_parts.run_schema : field_run)(lease, call, ret_reply);
    lease->has_transaction = field_in_transaction(lease);
}

static void cancel(struct stack_lease *lease, const void *tag)
{
    (void)pthread_mutex_lock(&lease->stack->lock);
    if (lease->tag == tag && tag != NULL) {
        lease->is_cancelled = true;
        lease->stack->options.backend->cancel(lease->link);
    }
    (void)pthread_mutex_unlock(&lease->stack->lock);
}

static void field_cancel(struct stack_lease *lease, const void *tag)
{
    field_parts.cancel(lease, tag);
}

/* --- transactions ----------------------------------------------------------------------------- */

void field_begin(struct stack_lease *lease, const char *sql, void *tag, struct stack_reply *reply)
{
    lease->savepoint[0] = '\0';
    field_run_text(lease, sql, tag, reply);
    lease->has_transaction = field_in_transaction(lease);
}

static void field_begin_as(struct stack_lease *lease, enum stack_begin mode, void *tag,
                           struct stack_reply *ret_reply)
{
    field_parts.begin(lease,
                      mode == STACK_BEGIN_DEFERRED    ? "BEGIN"
                      : mode == STACK_BEGIN_EXCLUSIVE ? "BEGIN EXCLUSIVE"
                                                      : "BEGIN IMMEDIATE",
                      tag, ret_reply);
}

static void field_begin_usual(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    field_begin_as(lease, STACK_BEGIN_IMMEDIATE, tag, ret_reply);
}

/* The database may have ended it. */
static void end_transaction(struct stack_lease *lease, const char *sql, void *tag,
                            struct stack_reply *reply)
{
    *reply = (struct stack_reply){.outcome = OUTCOME_ROLLED_BACK};
    if (field_in_transaction(lease))
        field_run_text(lease, sql, tag, reply);
    lease->has_transaction = field_in_transaction(lease);
}

void field_leave_transaction(struct stack_lease *lease)
{
    struct stack_reply reply;
    if (field_in_transaction(lease))
        field_run_text(lease, "ROLLBACK", NULL, &reply);
    lease->is_spoilt |= field_in_transaction(lease);
    lease->has_transaction = false;
}

static void field_rollback(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    end_transaction(lease, "ROLLBACK", tag, ret_reply);
    field_leave_transaction(lease);
}

/* Busy leaves it open, so that it can be tried again; after any other failure it is over. */
void field_commit(struct stack_lease *lease, void *tag, struct stack_reply *reply)
{
    end_transaction(lease, "COMMIT", tag, reply);
    if (reply->outcome != OUTCOME_BUSY)
        field_leave_transaction(lease);
}

static void field_commit_it(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    field_parts.commit(lease, tag, ret_reply);
}

/* --- who gets what ---------------------------------------------------------------------------- */

struct timespec field_deadline(uint32_t timeout_ms)
{
    struct timespec deadline;
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    int64_t ns = deadline.tv_nsec + (int64_t)(timeout_ms % 1000) * 1000000;
    deadline.tv_sec += (time_t)(timeout_ms / 1000 + (uint64_t)ns / 1000000000);
    deadline.tv_nsec = ns % 1000000000;
    return deadline;
}

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(condition, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
}

struct stack_lease *field_find_free(struct stack *stack)
{
    for (uint32_t i = 0; i < stack->size; i++)
        if (!stack->leases[i].is_out)
            return &stack->leases[i];
    return NULL;
}

static void stand_in_line(struct stack *stack, struct field_waiter *waiter)
{
    *stack->last = waiter;
    stack->last = &waiter->next;
}

static void step_out_of_line(struct stack *stack, const struct field_waiter *waiter)
{
    struct field_waiter **link = &stack->first;
    while (*link != NULL && *link != waiter)
        link = &(*link)->next;
    if (*link == NULL)
        return;
    *link = waiter->next;
    if (*link == NULL)
        stack->last = link;
}

bool field_wait(struct stack *stack, struct field_waiter *waiter, const struct timespec *deadline)
{
    bool is_in_time = true;
    init_condition(&waiter->woken);
    stand_in_line(stack, waiter);
    while (!waiter->is_woken && !stack->is_closed && is_in_time)
        is_in_time = pthread_cond_timedwait(&waiter->woken, &stack->lock, deadline) == 0;
    step_out_of_line(stack, waiter);
    (void)pthread_cond_destroy(&waiter->woken);
    return is_in_time;
}

enum outcome field_take(struct stack *stack, uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    const struct timespec deadline = field_deadline(timeout_ms);
    struct stack_lease *lease = field_find_free(stack);
    struct field_waiter waiter = {.granted = NULL};
    if (lease == NULL)
        (void)field_wait(stack, &waiter, &deadline);
    else
        stack->out++;
    *ret_lease = lease != NULL ? lease : waiter.granted;
    return *ret_lease != NULL ? OUTCOME_OK : stack->is_closed ? OUTCOME_CLOSED : OUTCOME_TIMEOUT;
}

void field_put_down(struct stack_lease *lease)
{
    lease->is_out = false;
    if (--lease->stack->out == 0)
        (void)pthread_cond_broadcast(&lease->stack->all_back);
}

void field_pass_on(struct stack_lease *lease)
{
    struct stack *stack = lease->stack;
    struct field_waiter *waiter = stack->first;
    if (waiter != NULL && !stack->is_closed) {
        step_out_of_line(stack, waiter);
        waiter->granted = lease;
        waiter->is_woken = true;
        (void)pthread_cond_signal(&waiter->woken);
        return;
    }
    field_put_down(lease);
}

void field_release(struct stack_lease *lease)
{
    (void)pthread_mutex_lock(&lease->stack->lock);
    field_pass_on(lease);
    (void)pthread_mutex_unlock(&lease->stack->lock);
}

/* --- leases ----------------------------------------------------------------------------------- */

enum outcome field_connect(struct stack_lease *lease)
{
    const struct stack_options *options = &lease->stack->options;
    return options->backend->connect(&lease->link, &options->connection);
}

static void disconnect(struct stack_lease *lease)
{
    struct backend_connection *link = lease->link;
    lease->link = NULL;
    lease->is_spoilt = lease->has_transaction = false;
    lease->uses = 0;
    memset(lease->kept, 0, sizeof lease->kept);
    lease->kept_count = 0;
    if (link != NULL)
        (void)lease->stack->options.backend->disconnect(link);
}

static enum outcome field_checkout(struct stack *stack, enum stack_access access,
                                   uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    (void)access;
    struct stack_lease *lease = NULL;
    (void)pthread_mutex_lock(&stack->lock);
    enum outcome outcome =
        stack->is_closed ? OUTCOME_CLOSED : field_parts.take(stack, timeout_ms, &lease);
    if (lease != NULL)
        lease->is_out = true;
    (void)pthread_mutex_unlock(&stack->lock);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = lease->link != NULL ? OUTCOME_OK : field_parts.connect(lease);
    lease->was_connected |= outcome == OUTCOME_OK;
    if (outcome == OUTCOME_OK) {
        *ret_lease = lease;
        return OUTCOME_OK;
    }
    (void)pthread_mutex_lock(&stack->lock);
    field_parts.connect_failed(lease);
    (void)pthread_mutex_unlock(&stack->lock);
    return outcome;
}

static enum outcome field_give_back(struct stack_lease *lease)
{
    field_parts.leave_transaction(lease);
    if (lease->is_spoilt || ++lease->uses == FIELD_USES_MAX)
        disconnect(lease);
    field_parts.release(lease);
    return OUTCOME_OK;
}

static struct backend_connection *field_connection(struct stack_lease *lease)
{
    return lease->link;
}

/* --- the pool --------------------------------------------------------------------------------- */

static enum outcome field_open(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL)
        return OUTCOME_NO_MEMORY;
    stack->options = *options;
    stack->size = options->readers + options->writers;
    stack->last = &stack->first;
    for (uint32_t i = 0; i < stack->size; i++)
        stack->leases[i].stack = stack;
    (void)pthread_mutex_init(&stack->lock, NULL);
    init_condition(&stack->all_back);
    *ret_stack = stack;
    return OUTCOME_OK;
}

static void send_away(struct stack *stack)
{
    for (struct field_waiter *waiter = stack->first; waiter != NULL; waiter = waiter->next)
        (void)pthread_cond_signal(&waiter->woken);
}

/* The pool does not interrupt what runs. */
static enum outcome field_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    (void)interrupt;
    const struct timespec deadline = field_deadline(timeout_ms);
    bool is_in_time = true;
    (void)pthread_mutex_lock(&stack->lock);
    stack->is_closed = true;
    send_away(stack);
    while (stack->out > 0 && is_in_time)
        is_in_time = pthread_cond_timedwait(&stack->all_back, &stack->lock, &deadline) == 0;
    bool is_all_back = stack->out == 0;
    (void)pthread_mutex_unlock(&stack->lock);
    for (uint32_t i = 0; i < stack->size && is_all_back; i++)
        disconnect(&stack->leases[i]);
    return is_all_back ? OUTCOME_OK : OUTCOME_TIMEOUT;
}

static void field_destroy(struct stack *stack)
{
    (void)pthread_cond_destroy(&stack->all_back);
    (void)pthread_mutex_destroy(&stack->lock);
    free(stack);
}

static enum stack_slot_state state_of(struct stack_lease *lease)
{
    if (!lease->is_out)
        return lease->link == NULL ? STACK_SLOT_EMPTY : STACK_SLOT_IDLE;
    if (lease->is_spoilt)
        return STACK_SLOT_BROKEN;
    return field_in_transaction(lease) ? STACK_SLOT_IN_TRANSACTION : STACK_SLOT_LEASED;
}

static void field_inspect(struct stack *stack, struct stack_view *ret_view)
{
    *ret_view = (struct stack_view){.slot_count = stack->size};
    for (uint32_t i = 0; i < stack->size; i++) {
        struct stack_lease *lease = &stack->leases[i];
        ret_view->slots[i] = (struct stack_slot){
            .access = STACK_WRITE, .state = state_of(lease), .lease = lease->is_out ? lease : NULL};
    }
    for (struct field_waiter *waiter = stack->first; waiter != NULL; waiter = waiter->next)
        ret_view->waiting_writers++;
}

struct field_parts field_parts = {
    .connect = field_connect,
    .begin = field_begin,
    .commit = field_commit,
    .run = run,
    .run_schema = run_schema,
    .enter = enter,
    .leave_transaction = field_leave_transaction,
    .cancel = cancel,
    .release = field_release,
    .take = field_take,
    .connect_failed = field_pass_on,
};

const struct stack_ops field_pool = {
    .name = "field",
    .traits = STACK_LEASES_HOLD_SLOTS | STACK_CANCELS_ONE_CALL | STACK_KEEPS_BUSY_TIMEOUT |
              STACK_BOUNDS_OVERTAKING | STACK_RETURNS_AS_SET_UP | STACK_LEAVES_LOG_ALONE |
              STACK_SQL_BEGINS,
    .overtaken_max = 0,
    .begins = {STACK_BEGIN_AS_ASKED, STACK_BEGIN_AS_ASKED},
    .modes = "",
    .open = field_open,
    .close = field_close,
    .destroy = field_destroy,
    .checkout = field_checkout,
    .give_back = field_give_back,
    .execute = field_execute,
    .in_transaction = field_in_transaction,
    .begin = field_begin_usual,
    .begin_as = field_begin_as,
    .commit = field_commit_it,
    .rollback = field_rollback,
    .cancel = field_cancel,
    .connection = field_connection,
    .inspect = field_inspect,
};
