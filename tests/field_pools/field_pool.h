/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool as the field has them: who waits is handed a connection in the order of coming, a cancel
 * is meant for one call, a connection that died is replaced, and a returned one is as it was set
 * up. What it does at the places where public bug reports say that pools go wrong are `parts`,
 * which a mistake replaces: a file each beside this one, listed in field_mistakes.def.
 */
#ifndef FIELD_POOLS_FIELD_POOL_H
#define FIELD_POOLS_FIELD_POOL_H

#include <interplay/stack.h>

#include <pthread.h>
#include <time.h>

enum {
    FIELD_USES_MAX = 3, /* leases, after which a connection is replaced */
    FIELD_KEPT_MAX = 8, /* statements of a connection */
};

/* Who waits for a connection, on his own stack. */
struct field_waiter {
    struct field_waiter *next;
    pthread_cond_t woken;
    bool is_woken;
    struct stack_lease *granted; /* NULL: nothing */
};

/* A place for a connection, and the lease on it. */
struct stack_lease {
    struct stack *stack;
    struct backend_connection *link; /* NULL: not opened yet */
    bool is_out;
    uint32_t uses;
    bool was_connected;   /* once */
    bool is_awaited;      /* by somebody, when its return began */
    bool is_spoilt;       /* to be replaced when it comes back */
    bool has_transaction; /* as the pool believes, which does not look at it if it is right */
    const void *tag;      /* of the call under way; NULL: there is none */
    bool is_cancelled;    /* that call */
    char savepoint[8];    /* that began the transaction, if one did */
    /* Statements that are kept, and how many columns their rows have; the newest in place of the
     * oldest.
     */
    struct field_kept {
        char sql[64];
        uint32_t columns;
    } kept[FIELD_KEPT_MAX];
    uint32_t kept_count;
};

struct stack {
    struct stack_options options;
    pthread_mutex_t lock; /* guards what follows, and of leases all but link and transaction */
    pthread_cond_t all_back;
    struct field_waiter *first, **last; /* who waits */
    uint32_t size, out;
    bool is_closed;
    struct stack_lease leases[STACK_SLOTS_MAX];
};

struct field_parts {
    /* Without the lock. */
    enum outcome (*connect)(struct stack_lease *lease);
    void (*begin)(struct stack_lease *lease, const char *sql, void *tag, struct stack_reply *reply);
    void (*commit)(struct stack_lease *lease, void *tag, struct stack_reply *reply);
    void (*run)(struct stack_lease *lease, const struct stack_call *call,
                struct stack_reply *reply); /* on its connection */
    void (*run_schema)(struct stack_lease *lease, const struct stack_call *call,
                       struct stack_reply *reply);
    bool (*enter)(struct stack_lease *lease, const void *tag); /* false: it is cancelled already */
    void (*leave_transaction)(struct stack_lease *lease);
    void (*cancel)(struct stack_lease *lease, const void *tag);
    void (*release)(struct stack_lease *lease); /* nobody has it any more */
    /* With the lock. */
    enum outcome (*take)(struct stack *stack, uint32_t timeout_ms, struct stack_lease **ret_lease);
    void (*connect_failed)(struct stack_lease *lease);
};

extern struct field_parts field_parts;
extern const struct stack_ops field_pool;

/* --- what the pool does, for mistakes that do a little else ----------------------------------- */

bool field_in_transaction(struct stack_lease *lease);

/* Runs it as the call with its tag, which may be cancelled. */
void field_run(struct stack_lease *lease, const struct stack_call *call, struct stack_reply *reply);
void field_run_text(struct stack_lease *lease, const char *sql, const void *tag,
                    struct stack_reply *reply);

enum outcome field_connect(struct stack_lease *lease);
void field_begin(struct stack_lease *lease, const char *sql, void *tag, struct stack_reply *reply);
void field_commit(struct stack_lease *lease, void *tag, struct stack_reply *reply);
void field_leave_transaction(struct stack_lease *lease);
void field_release(struct stack_lease *lease);

/* With the lock. */
struct stack_lease *field_find_free(struct stack *stack);
void field_pass_on(struct stack_lease *lease);  /* to who waits longest, or to nobody */
void field_put_down(struct stack_lease *lease); /* to nobody */
enum outcome field_take(struct stack *stack, uint32_t timeout_ms, struct stack_lease **ret_lease);

/* Stands in line until he is woken, or sent away; false: the time was up. */
bool field_wait(struct stack *stack, struct field_waiter *waiter, const struct timespec *deadline);
struct timespec field_deadline(uint32_t timeout_ms);

#endif
