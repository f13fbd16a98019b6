/* SPDX-License-Identifier: Apache-2.0 */
/* The pool: connections that are opened when first needed, and handed out to who waits. */
#include "plain_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAME_BYTES = 8 };

struct stack_stream {
    struct stack_lease *lease;
    struct stack_call call; /* as it was opened: its statement refers to it */
    struct backend_statement *statement;
    bool is_over;
};

/* The last query without parameters, kept prepared. */
struct cached {
    char sql[64]; /* empty: none */
    struct backend_statement *statement;
    int columns;                   /* when it was prepared */
    char names[STACK_NAMES_BYTES]; /* of those, when it was first run; empty: it was not */
};

struct stack_lease {
    struct stack_stream stream;
    struct cached cached;
    struct stack *stack;
    struct backend_connection *link; /* NULL: not opened yet */
    bool is_out;
    bool is_doubtful;           /* no answer came in time: what was asked may still happen */
    char savepoint[NAME_BYTES]; /* that began the transaction */
};

struct stack {
    struct stack_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_closing;
    uint32_t size;
    struct stack_lease leases[STACK_SLOTS_MAX];
};

enum plain_mistake plain_pool_mistake;

/* --- statements ------------------------------------------------------------------------------- */

static void run(struct stack_lease *lease, const struct stack_call *call, struct stack_reply *reply)
{
    interplay_stack_run(lease->stack->options.backend, lease->link, call, reply);
    lease->is_doubtful |= reply->outcome == OUTCOME_TIMEOUT;
}

/* --- the cached statement --------------------------------------------------------------------- */

static void forget_cached(struct stack_lease *lease)
{
    if (lease->cached.sql[0] != '\0')
        lease->stack->options.backend->finalize(lease->cached.statement);
    lease->cached.sql[0] = '\0';
}

static bool is_cacheable(const struct stack_call *call)
{
    return !call->is_known && call->parameter_count == 0 && call->on_row != NULL &&
           call->sql_length < sizeof((struct cached){0}).sql &&
           strncmp(call->sql, "SELECT *", 8) == 0;
}

/* True: it is in the cache. */
static bool find_cached(struct stack_lease *lease, const struct stack_call *call)
{
    const struct backend_ops *backend = lease->stack->options.backend;
    struct cached *cached = &lease->cached;
    if (strcmp(cached->sql, call->sql) == 0)
        return true;
    forget_cached(lease);
    if (backend->prepare(lease->link, call->sql, call->sql_length, &cached->statement) !=
        OUTCOME_OK)
        return false;
    cached->columns = backend->column_count(cached->statement);
    cached->names[0] = '\0';
    (void)snprintf(cached->sql, sizeof cached->sql, "%s", call->sql);
    return true;
}

static void take_cached_names(struct stack_lease *lease, const struct stack_call *call,
                              struct stack_reply *reply)
{
    struct cached *cached = &lease->cached;
    interplay_stack_take_names(lease->stack->options.backend, cached->statement, call, reply);
    if (cached->names[0] == '\0')
        memcpy(cached->names, reply->column_names, sizeof cached->names);
    if (plain_pool_mistake == PLAIN_names)
        memcpy(reply->column_names, cached->names, sizeof cached->names);
}

/* A statement that the database has compiled anew, in its first step, may have other columns. */
static void run_cached(struct stack_lease *lease, const struct stack_call *call,
                       struct stack_reply *reply)
{
    const struct backend_ops *backend = lease->stack->options.backend;
    struct cached *cached = &lease->cached;
    struct value columns[8];
    *reply = (struct stack_reply){.outcome = OUTCOME_OK};
    while ((reply->outcome = backend->step(cached->statement)) == OUTCOME_ROW) {
        int count = plain_pool_mistake == PLAIN_columns ? cached->columns
                                                        : backend->column_count(cached->statement);
        for (int i = 0; i < count && i < 8; i++)
            backend->column(cached->statement, i, &columns[i]);
        reply->column_count = count;
        call->on_row(call->context, columns, (uint32_t)count);
    }
    if (reply->outcome != OUTCOME_OK) {
        reply->error_code = backend->error_code(lease->link);
        (void)snprintf(reply->error_message, sizeof reply->error_message, "%s",
                       backend->error_message(lease->link));
    } else {
        take_cached_names(lease, call, reply);
    }
    lease->is_doubtful |= reply->outcome == OUTCOME_TIMEOUT;
    backend->reset(cached->statement);
}

/* --- calls ------------------------------------------------------------------------------------ */

static void run_text(struct stack_lease *lease, const char *sql, struct stack_reply *reply)
{
    const struct stack_call call = {.access = STACK_WRITE, .sql = sql, .sql_length = strlen(sql)};
    run(lease, &call, reply);
}

static bool plain_in_transaction(struct stack_lease *lease)
{
    return lease->stack->options.backend->in_transaction(lease->link);
}

static void note_savepoint(struct stack_lease *lease, const struct stack_call *call)
{
    if (!plain_in_transaction(lease) && strncmp(call->sql, "SAVEPOINT ", 10) == 0)
        (void)snprintf(lease->savepoint, sizeof lease->savepoint, "%s", call->sql + 10);
}

/* Only of statements that bring their values with them. */
static void insert_what_works(struct stack_lease *lease, const struct stack_call *call,
                              struct stack_reply *reply)
{
    char sql[4096];
    int length = snprintf(sql, sizeof sql, "INSERT OR FAIL %s", call->sql + strlen("INSERT "));
    if (call->parameter_count == 0 && length < (int)sizeof sql &&
        strncmp(call->sql, "INSERT INTO", 11) == 0)
        run_text(lease, sql, reply);
}

static void plain_execute(struct stack_lease *lease, const struct stack_call *call,
                          struct stack_reply *ret_reply)
{
    note_savepoint(lease, call);
    lease->stream.is_over |= plain_pool_mistake == PLAIN_stream;
    if (is_cacheable(call) && find_cached(lease, call))
        run_cached(lease, call, ret_reply);
    else
        run(lease, call, ret_reply);
    if (plain_pool_mistake == PLAIN_rows && ret_reply->outcome == OUTCOME_CONSTRAINT)
        insert_what_works(lease, call, ret_reply);
    if (plain_pool_mistake != PLAIN_upgrade || ret_reply->outcome != OUTCOME_BUSY_SNAPSHOT)
        return;
    run_text(lease, "ROLLBACK", ret_reply);
    run_text(lease, "BEGIN", ret_reply);
    run(lease, call, ret_reply);
}

/* --- streams ---------------------------------------------------------------------------------- */

static enum outcome plain_stream_open(struct stack_lease *lease, const struct stack_call *call,
                                      struct stack_stream **ret_stream)
{
    const struct backend_ops *backend = lease->stack->options.backend;
    struct stack_stream *stream = &lease->stream;
    *stream = (struct stack_stream){.lease = lease, .call = *call};
    enum outcome outcome =
        backend->prepare(lease->link, call->sql, call->sql_length, &stream->statement);
    for (uint32_t i = 0; outcome == OUTCOME_OK && i < call->parameter_count; i++)
        outcome = backend->bind(stream->statement, (int)i + 1, &stream->call.parameters[i]);
    if (outcome == OUTCOME_OK)
        *ret_stream = stream;
    else if (stream->statement != NULL)
        backend->finalize(stream->statement);
    return outcome;
}

static void hand_out_row(const struct stack_stream *stream, struct stack_reply *reply)
{
    const struct backend_ops *backend = stream->lease->stack->options.backend;
    struct value columns[8];
    reply->column_count = backend->column_count(stream->statement);
    for (int i = 0; i < reply->column_count && i < 8; i++)
        backend->column(stream->statement, i, &columns[i]);
    stream->call.on_row(stream->call.context, columns, (uint32_t)reply->column_count);
}

static void end_of_stream(const struct stack_stream *stream)
{
    const struct backend_ops *backend = stream->lease->stack->options.backend;
    if (plain_pool_mistake == PLAIN_finalized || plain_pool_mistake == PLAIN_finalized_twice)
        backend->finalize(stream->statement);
    if (plain_pool_mistake == PLAIN_finalized)
        (void)backend->step(stream->statement);
}

static void plain_stream_next(struct stack_stream *stream, struct stack_reply *ret_reply)
{
    const struct backend_ops *backend = stream->lease->stack->options.backend;
    struct backend_connection *link = stream->lease->link;
    *ret_reply = (struct stack_reply){.outcome = OUTCOME_OK};
    if (stream->is_over)
        return;
    ret_reply->outcome = backend->step(stream->statement);
    stream->lease->is_doubtful |= ret_reply->outcome == OUTCOME_TIMEOUT;
    if (ret_reply->outcome == OUTCOME_ROW) {
        hand_out_row(stream, ret_reply);
    } else if (ret_reply->outcome == OUTCOME_OK) {
        interplay_stack_take_names(backend, stream->statement, &stream->call, ret_reply);
        end_of_stream(stream);
    } else if (ret_reply->outcome != OUTCOME_OK) {
        ret_reply->error_code = backend->error_code(link);
        (void)snprintf(ret_reply->error_message, sizeof ret_reply->error_message, "%s",
                       backend->error_message(link));
    }
}

static void plain_stream_close(struct stack_stream *stream)
{
    stream->lease->stack->options.backend->finalize(stream->statement);
}

/* --- transactions ----------------------------------------------------------------------------- */

static void plain_begin_as(struct stack_lease *lease, enum stack_begin mode, void *tag,
                           struct stack_reply *ret_reply)
{
    (void)tag;
    bool is_deferred = mode == STACK_BEGIN_DEFERRED || plain_pool_mistake == PLAIN_begin;
    run_text(lease,
             is_deferred                     ? "BEGIN"
             : mode == STACK_BEGIN_IMMEDIATE ? "BEGIN IMMEDIATE"
                                             : "BEGIN EXCLUSIVE",
             ret_reply);
}

static void plain_begin(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    plain_begin_as(lease, STACK_BEGIN_IMMEDIATE, tag, ret_reply);
}

/* The database may have ended it. */
static void end_transaction(struct stack_lease *lease, const char *sql, struct stack_reply *reply)
{
    *reply = (struct stack_reply){.outcome = OUTCOME_ROLLED_BACK};
    if (plain_in_transaction(lease))
        run_text(lease, sql, reply);
}

static void plain_rollback(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    (void)tag;
    end_transaction(lease, "ROLLBACK", ret_reply);
}

static void roll_back_rest(struct stack_lease *lease)
{
    struct stack_reply reply;
    if (plain_in_transaction(lease))
        run_text(lease, "ROLLBACK", &reply);
}

/* Busy leaves it open, so that it can be tried again; after any other failure it is over. */
static void plain_commit(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    (void)tag;
    end_transaction(lease, "COMMIT", ret_reply);
    bool is_busy = ret_reply->outcome == OUTCOME_BUSY;
    if (is_busy && plain_pool_mistake == PLAIN_commit)
        *ret_reply = (struct stack_reply){.outcome = OUTCOME_OK};
    if (!is_busy || plain_pool_mistake == PLAIN_commit)
        roll_back_rest(lease);
}

/* --- leases ----------------------------------------------------------------------------------- */

static enum outcome connect_lease(struct stack_lease *lease)
{
    struct stack *stack = lease->stack;
    lease->savepoint[0] = '\0';
    lease->is_doubtful = false;
    return lease->link != NULL
               ? OUTCOME_OK
               : stack->options.backend->connect(&lease->link, &stack->options.connection);
}

static void disconnect_lease(struct stack_lease *lease)
{
    forget_cached(lease);
    if (lease->link != NULL)
        (void)lease->stack->options.backend->disconnect(lease->link);
    if (plain_pool_mistake != PLAIN_closed)
        lease->link = NULL;
}

static void leave_transaction(struct stack_lease *lease)
{
    struct stack_reply reply;
    char sql[32];
    if (!plain_in_transaction(lease))
        return;
    if (plain_pool_mistake == PLAIN_savepoint && lease->savepoint[0] != '\0') {
        (void)snprintf(sql, sizeof sql, "ROLLBACK TO %s", lease->savepoint);
        run_text(lease, sql, &reply);
        return;
    }
    run_text(lease, "ROLLBACK", &reply);
    if (plain_in_transaction(lease))
        disconnect_lease(lease);
}

/* A statement that reads nothing tells whether there is anybody at the other end. */
static bool is_alive(struct stack_lease *lease)
{
    struct stack_reply reply;
    run_text(lease, "SELECT 1", &reply);
    return reply.outcome != OUTCOME_DIED;
}

static void release(struct stack_lease *lease)
{
    struct stack *stack = lease->stack;
    (void)pthread_mutex_lock(&stack->lock);
    lease->is_out = false;
    (void)pthread_cond_broadcast(&stack->changed);
    (void)pthread_mutex_unlock(&stack->lock);
}

static enum outcome plain_give_back(struct stack_lease *lease)
{
    leave_transaction(lease);
    if (lease->link != NULL && (lease->is_doubtful || !is_alive(lease)))
        disconnect_lease(lease);
    release(lease);
    return OUTCOME_OK;
}

static struct stack_lease *find_free(struct stack *stack)
{
    for (uint32_t i = 0; i < stack->size; i++)
        if (!stack->leases[i].is_out)
            return &stack->leases[i];
    return NULL;
}

static struct timespec deadline_in(uint32_t timeout_ms)
{
    struct timespec deadline;
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    int64_t ns = deadline.tv_nsec + (int64_t)(timeout_ms % 1000) * 1000000;
    deadline.tv_sec += (time_t)(timeout_ms / 1000 + (uint64_t)ns / 1000000000);
    deadline.tv_nsec = ns % 1000000000;
    return deadline;
}

/* Nobody else can go on meanwhile: there is one thread, and this calls nothing. */
static void spin(struct stack *stack)
{
    while (plain_pool_mistake == PLAIN_spin && find_free(stack) == NULL)
        __asm__ volatile("" ::: "memory");
}

static enum outcome take(struct stack *stack, uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    struct timespec deadline = deadline_in(timeout_ms);
    struct stack_lease *lease = NULL;
    bool is_in_time = true;
    spin(stack);
    (void)pthread_mutex_lock(&stack->lock);
    while (!stack->is_closing && (lease = find_free(stack)) == NULL && is_in_time)
        is_in_time = pthread_cond_timedwait(&stack->changed, &stack->lock, &deadline) == 0;
    enum outcome outcome = lease != NULL ? OUTCOME_OK : OUTCOME_TIMEOUT;
    if (stack->is_closing)
        outcome = OUTCOME_CLOSED;
    else if (lease != NULL)
        lease->is_out = true;
    (void)pthread_mutex_unlock(&stack->lock);
    *ret_lease = lease;
    return outcome;
}

static enum outcome plain_checkout(struct stack *stack, enum stack_access access,
                                   uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    (void)access;
    struct stack_lease *lease = NULL;
    enum outcome outcome = take(stack, timeout_ms, &lease);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = connect_lease(lease);
    if (outcome == OUTCOME_OK && !is_alive(lease)) {
        disconnect_lease(lease);
        outcome = connect_lease(lease);
    }
    if (outcome == OUTCOME_OK)
        *ret_lease = lease;
    else
        release(lease);
    return outcome;
}

/* --- the pool --------------------------------------------------------------------------------- */

static enum outcome plain_open(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL)
        return OUTCOME_NO_MEMORY;
    stack->options = *options;
    stack->size = options->readers + options->writers;
    for (uint32_t i = 0; i < stack->size; i++)
        stack->leases[i].stack = stack;
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&stack->lock, NULL);
    (void)pthread_cond_init(&stack->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    *ret_stack = stack;
    return OUTCOME_OK;
}

static void disconnect_all(struct stack *stack)
{
    for (uint32_t i = 0; i < stack->size; i++) {
        struct backend_connection *link = stack->leases[i].link;
        disconnect_lease(&stack->leases[i]);
        if (plain_pool_mistake == PLAIN_closed_twice && link != NULL)
            (void)stack->options.backend->disconnect(link);
    }
}

static bool is_anything_out(const struct stack *stack)
{
    for (uint32_t i = 0; i < stack->size; i++)
        if (stack->leases[i].is_out)
            return true;
    return false;
}

/* The pool cannot interrupt what runs. */
static enum outcome plain_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    (void)interrupt;
    struct timespec deadline = deadline_in(timeout_ms);
    bool is_in_time = true;
    (void)pthread_mutex_lock(&stack->lock);
    stack->is_closing = true;
    (void)pthread_cond_broadcast(&stack->changed);
    while (is_anything_out(stack) && is_in_time)
        is_in_time = pthread_cond_timedwait(&stack->changed, &stack->lock, &deadline) == 0;
    bool is_all_back = !is_anything_out(stack);
    (void)pthread_mutex_unlock(&stack->lock);
    if (is_all_back)
        disconnect_all(stack);
    return is_all_back ? OUTCOME_OK : OUTCOME_TIMEOUT;
}

static void plain_destroy(struct stack *stack)
{
    (void)pthread_cond_destroy(&stack->changed);
    (void)pthread_mutex_destroy(&stack->lock);
    free(stack);
}

const struct stack_ops plain_pool = {
    .name = "plain",
    .traits = STACK_LEASES_HOLD_SLOTS | STACK_SQL_BEGINS | STACK_STREAMS_ARE_CURSORS,
    .begins = {STACK_BEGIN_AS_ASKED, STACK_BEGIN_AS_ASKED},
    .modes = "",
    .open = plain_open,
    .close = plain_close,
    .destroy = plain_destroy,
    .checkout = plain_checkout,
    .give_back = plain_give_back,
    .execute = plain_execute,
    .in_transaction = plain_in_transaction,
    .begin = plain_begin,
    .begin_as = plain_begin_as,
    .commit = plain_commit,
    .rollback = plain_rollback,
    .stream_open = plain_stream_open,
    .stream_next = plain_stream_next,
    .stream_close = plain_stream_close,
};
