/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bring a pool: what a connection pool (or any middleware between clients and a database) must
 * offer to be fuzzed, as a table of functions. Small pools need the first half only; a function
 * that is NULL is a thing that the pool cannot do, and plans pass over it.
 *
 * The pool is compiled with interplay's simulated POSIX in front (interplay_add_target does that),
 * so that its threads, locks and clocks are the simulator's. Every function but `inspect` is called
 * on a task's coroutine, many at the same time as far as the pool can tell, and may block.
 *
 * Ownership: who opens closes and destroys; a lease ends with `give_back` or `drop`, a stream with
 * `stream_close`. Texts and parameters of a call live until the call returns.
 */
#ifndef INTERPLAY_STACK_H
#define INTERPLAY_STACK_H

#include <interplay/backend.h>
#include <interplay/value.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STACK_SLOTS_MAX = 32, STACK_PARAMETERS_MAX = 16, STACK_NAMES_BYTES = 64 };

struct stack;
struct stack_lease;
struct stack_stream;

enum stack_access { STACK_READ, STACK_WRITE };

/* In a reply: how many columns the rows would have if there were any is not known; so is 0. */
enum { STACK_COLUMNS_UNKNOWN = -1 };

struct stack_reply {
    enum outcome outcome;
    bool is_abandoned; /* the call was dropped (`abandon`): its true end is told to the listener */
    int64_t changes;   /* rows that a write changed */
    int column_count;  /* of what returns rows, judged even if none came; of a stream: at its end */
    int error_code;    /* the database's own; so is its state, "" if there is none */
    char error_state[BACKEND_STATE_BYTES];
    char error_message[128];
    /* Of a call that wants them: "k,v,p"; "": they are not known, or are longer. */
    char column_names[STACK_NAMES_BYTES];
};

/* For stacks with threads of their own: whose call a thread works for. The tag is the call's. */
struct stack_listener {
    void (*on_serve)(void *context, void *tag);
    void (*on_served)(void *context, void *tag, const struct stack_reply *reply);
    void *context;
};

struct stack_options {
    const struct backend_ops *backend;
    struct backend_options connection;
    uint32_t readers, writers;
    uint32_t acquire_timeout_ms;
    uint32_t statement_cache; /* prepared statements kept by a connection */
    uint32_t mailbox;         /* requests that may wait */
    uint32_t stream_rows;     /* rows that a stream holds ready */
    struct stack_listener listener;
};

struct stack_call {
    enum stack_access access;
    const char *sql;
    size_t sql_length; /* a '\0' follows */
    /*
     * The same statement will come again: `sql` is its identity and lives as long as the process.
     */
    bool is_known;
    uint32_t column_count; /* of the rows of a known one */
    bool wants_names; /* of columns, in the reply, from who knows them; of a stream: at its end */
    uint32_t parameter_count;
    struct value parameters[STACK_PARAMETERS_MAX];
    void (*on_row)(void *context, const struct value *columns, uint32_t count); /* NULL: no rows */
    void *context;
    void *tag;
};

enum stack_slot_state {
    STACK_SLOT_EMPTY,
    STACK_SLOT_IDLE,
    STACK_SLOT_LEASED,
    STACK_SLOT_IN_TRANSACTION,
    STACK_SLOT_BUSY,
    STACK_SLOT_BROKEN,
};

struct stack_slot {
    enum stack_access access;
    enum stack_slot_state state;
    const struct stack_lease *lease; /* who has it; NULL: nobody */
};

struct stack_view {
    uint32_t slot_count;
    struct stack_slot slots[STACK_SLOTS_MAX];
    uint32_t waiting_readers, waiting_writers; /* checkouts, or requests, that wait for a slot */
};

/* How a transaction begins. */
enum stack_begin {
    /* In a table of functions that says nothing: immediate; of a reader, by `begin`, deferred. */
    STACK_BEGIN_USUAL,
    STACK_BEGIN_AS_ASKED, /* as the plan asks; a stack that has `begin` needs `begin_as`, too */
    STACK_BEGIN_DEFERRED,
    STACK_BEGIN_IMMEDIATE,
    STACK_BEGIN_EXCLUSIVE,
};

/* Bits of `struct stack_ops.traits`. */
enum stack_trait {
    STACK_LEASES_HOLD_SLOTS = 1, /* from checkout to return one slot is the lease's alone */
    /* nobody outside of a pool's own calls makes its connections busy: OUTCOME_BUSY is a bug */
    STACK_NEVER_BUSY = 2,
    STACK_HAS_READERS = 4, /* readers and writers differ; else every lease may do everything */
    /*
     * no pool to be tested: each task keeps the connection that it once took; plans give back none
     */
    STACK_TASKS_KEEP_CONNECTIONS = 8,
    /* `cancel` interrupts the call that ran when it began, however late it comes, and no other */
    STACK_CANCELS_ONE_CALL = 16,
    /* every connection waits for locks as long as `backend_options.busy_timeout_ms` says */
    STACK_KEEPS_BUSY_TIMEOUT = 32,
    /* who waits in `checkout` is overtaken by at most `overtaken_max` who came later */
    STACK_BOUNDS_OVERTAKING = 64,
    /*
     * whoever gets a connection finds its session (backend_ops.session_change) as the first one did
     * who got it; needs `connection`
     */
    STACK_RETURNS_AS_SET_UP = 128,
    /*
     * what the database does to keep its log short is left to it, on every connection: no settings
     * of that changed, and nothing goes on in the background
     */
    STACK_LEAVES_LOG_ALONE = 256,
    /*
     * a statement (SAVEPOINT, a person's own BEGIN) may begin a transaction; the usual calls end
     * it, or another statement
     */
    STACK_SQL_BEGINS = 1024,
    /*
     * a stream is an open statement on the lease's own connection, and runs where stream_next is
     * called; other statements of the lease run beside it. It reads, and no listener hears of it
     */
    STACK_STREAMS_ARE_CURSORS = 2048,
};

struct stack_ops {
    const char *name;
    uint32_t traits; /* bit set of enum stack_trait */
    /* 0: connections go to those who want the same kind of one (reader, writer) as they came. */
    uint32_t overtaken_max;

    /*
     * What the stack makes of what plans ask for, as data: it is said wherever a plan is shown, and
     * what is promised follows. `begins`, by enum stack_access, may be as asked. `modes` are those
     * that the stack forces on the database, "NAME=VALUE" with spaces between them; those that it
     * does not name are the plan's ("": all of them). NULL: those that pools usually take (struct
     * subject.settings_of_pool).
     */
    enum stack_begin begins[2];
    const char *modes;

    /* --- every pool --- */

    enum outcome (*open)(struct stack **ret_stack, const struct stack_options *options);
    /*
     * No new leases; waits until those that are out are back, at most `timeout_ms`, interrupting
     * what runs if told so. OUTCOME_TIMEOUT: some are still out, it will be called again.
     */
    enum outcome (*close)(struct stack *stack, bool interrupt, uint32_t timeout_ms);
    /* Frees it; only after a close that succeeded. */
    void (*destroy)(struct stack *stack);

    /* OUTCOME_TIMEOUT when nothing came free within `timeout_ms`. */
    enum outcome (*checkout)(struct stack *stack, enum stack_access access, uint32_t timeout_ms,
                             struct stack_lease **ret_lease);
    /* What is still open is rolled back. */
    enum outcome (*give_back)(struct stack_lease *lease);
    void (*execute)(struct stack_lease *lease, const struct stack_call *call,
                    struct stack_reply *ret_reply);
    /* What the connection says; not what was asked of it. */
    bool (*in_transaction)(struct stack_lease *lease);

    /* --- those that can; NULL: they cannot --- */

    /*
     * NULL: BEGIN, COMMIT and ROLLBACK are executed. `tag` as in a call. Ending a transaction that
     * is gone already does not come to OUTCOME_OK (but OUTCOME_ROLLED_BACK, say): who asks must
     * learn it.
     */
    void (*begin)(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply);
    /* Instead of `begin`, where `begins` says that a plan may ask: deferred to exclusive. */
    void (*begin_as)(struct stack_lease *lease, enum stack_begin mode, void *tag,
                     struct stack_reply *ret_reply);
    void (*commit)(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply);
    void (*rollback)(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply);
    /* All calls or none, in a transaction of its own. */
    void (*batch)(struct stack_lease *lease, const struct stack_call *calls, uint32_t count,
                  struct stack_reply *ret_reply);

    /* Like give_back, for who cannot wait for it or see how it went. */
    void (*drop)(struct stack_lease *lease);
    /*
     * From another task, while the lease is out: interrupts the call with this tag. It may have
     * ended, and the next one begun, before this gets to it. Calls have the same tag only where no
     * cancel of the earlier one is under way.
     */
    void (*cancel)(struct stack_lease *lease, const void *tag);
    /*
     * From another task, while a call of the lease is under way: the call is dropped and returns at
     * once (true); what was sent may still be under way, its end is told to the listener. False:
     * nothing was there to drop.
     */
    bool (*abandon)(struct stack_lease *lease);

    enum outcome (*stream_open)(struct stack_lease *lease, const struct stack_call *call,
                                struct stack_stream **ret_stream);
    /* OUTCOME_ROW after on_row of the call was called with one; OUTCOME_OK at the end. */
    void (*stream_next)(struct stack_stream *stream, struct stack_reply *ret_reply);
    void (*stream_close)(struct stack_stream *stream);

    /* The connection that the lease has, to be asked how it is; NULL: none now. */
    struct backend_connection *(*connection)(struct stack_lease *lease);

    /* Called when nobody is inside a call that could hold the pool's locks. */
    void (*inspect)(struct stack *stack, struct stack_view *ret_view);
};

/*
 * For stacks that own backend connections: prepares, binds, steps and finalizes the call's
 * statement there, hands its rows to the call, and fills in the reply.
 */
void interplay_stack_run(const struct backend_ops *backend, struct backend_connection *connection,
                         const struct stack_call *call, struct stack_reply *ret_reply);

/*
 * For stacks that step statements themselves: the names of the columns of one that is at its end,
 * if the call wants them and the backend knows them.
 */
void interplay_stack_take_names(const struct backend_ops *backend,
                                struct backend_statement *statement, const struct stack_call *call,
                                struct stack_reply *reply);

/* No pool: each checkout opens a connection, each return closes it. */
extern const struct stack_ops interplay_stack_direct;
/*
 * The simplest pool there is: `writers` connections, opened when first needed, handed out lowest
 * number first, never waited for. Of plans of sql-middleware's simulator, whose interactions come
 * one after the other.
 */
extern const struct stack_ops interplay_stack_fixed;
/* interplay/pool.h */
extern const struct stack_ops interplay_stack_pool;
/* The same with actors. */
extern const struct stack_ops interplay_stack_actors;

#endif
