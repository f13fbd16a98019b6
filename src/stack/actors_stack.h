/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the stack over the asynchronous pool is made of (actors_stack.c), and its calls
 * (actors_call.c): one is sent, then waited for on the lease's own condition, so that it can be
 * dropped from outside.
 */
#ifndef STACK_ACTORS_STACK_H
#define STACK_ACTORS_STACK_H

#include <interplay/pool.h>
#include <interplay/stack.h>

#include <pthread.h>

/* Late callbacks of dropped calls find the cell that they were sent with, not the next call's. */
enum { ACTORS_LEASES_MAX = 16, ACTORS_CELLS = 8 };

struct call_cell {
    struct stack_lease *lease;
    bool is_done;
};

struct stack_lease {
    struct stack *stack;
    bool is_out;
    enum stack_access access;
    struct actor_read_txn *read_txn;
    struct actor_write_txn *write_txn;

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    struct stack_stream *stream;
    struct request *request; /* of the call under way, or NULL */
    const void *tag;         /* of that call */
    bool is_abandoned;
    bool is_timed_out;
    uint32_t cancellers; /* threads that are about to cancel request or stream */
    uint32_t cell;
    struct call_cell cells[ACTORS_CELLS];
};

struct stack_stream {
    struct stack_lease *lease;
    struct stream *stream;
    void (*on_row)(void *context, const struct value *columns, uint32_t count);
    void *context;
    const void *tag;
    bool wants_names;
};

struct stack {
    struct actor_pool *pool;
    struct stack_listener listener;
    uint32_t call_timeout_ms;
    struct stack_lease leases[ACTORS_LEASES_MAX];
    struct stack_stream streams[ACTORS_LEASES_MAX]; /* one for each lease */
};

/* How to send a new call of the lease. */
struct request_options actors_next_call(struct stack_lease *lease, void *tag);

/*
 * What becomes of a request that was sent with `sent` (which filled in `error`, unless OUTCOME_OK):
 * waits for its end, hands its rows to `call` (NULL: none can come), and drops it.
 */
void actors_finish_call(struct stack_lease *lease, enum outcome sent, struct request *request,
                        const struct stack_call *call, struct pool_error *error,
                        struct stack_reply *ret_reply);

/* Of the table. */
void actors_execute(struct stack_lease *lease, const struct stack_call *call,
                    struct stack_reply *ret_reply);
void actors_batch(struct stack_lease *lease, const struct stack_call *calls, uint32_t count,
                  struct stack_reply *ret_reply);

#endif
