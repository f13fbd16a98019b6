/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for what is outside of virtual time: a server that is a process of its own.
 *
 * A *line* leads there, one for each connection. Whoever sends a request on it says so
 * (outside_expect): from then on the line owes an answer, whether its coroutine waits for it
 * (world_wait_outside) or is held back before it does. Each time a coroutine has stopped, the world
 * looks at the lines that owe one, before anybody goes on, and it looks, in real time, until each
 * is
 *   answered  the whole answer has come, or the line's end, or
 *   blocked   whoever is outside says that no answer comes before somebody else has done something.
 * So the order of what happens is the plan's, never the operating system's: who waits for an answer
 * that has come becomes ready in the order in which they began to wait. Virtual time stands still
 * meanwhile; a wait with a deadline ends when the clock gets there (world_finish) and its line is
 * blocked.
 *
 * Deterministic if the outside is, which must
 *   - do what it does by the order of the requests, whatever time passes between them,
 *   - not answer before `blockers` can see what the request has changed,
 *   - call blocked only what stays so until somebody sends something: who will be answered anyhow,
 *   as
 *     the victim of a deadlock that the outside breaks, is not, and
 *   - be told good-bye: a line that is closed while the other side does not know it yet (it holds
 *     locks, say) must first be seen to its end.
 * An answer that comes in pieces is one answer: `arrive` takes the pieces.
 *
 * The other end of a line may be simulated, too (sim/net_peer.h): then `work` lets it go on in the
 * place of waiting for it, until no such end can, and virtual time can end what it waits for.
 *
 * Whoever neither answers nor is blocked for `outside_limit_ms` of real time is broken: that is an
 * error of the harness (WORLD_SILENT), never a verdict.
 */
#ifndef SIM_OUTSIDE_H
#define SIM_OUTSIDE_H

#include "sim/world.h"

enum outside_state {
    OUTSIDE_IDLE,     /* owes nothing */
    OUTSIDE_OWES,     /* nobody knows yet what becomes of it */
    OUTSIDE_ANSWERED, /* the answer can be taken */
    OUTSIDE_BLOCKED,  /* by `blocked_by` */
};

/* Lives in the caller's memory from outside_open to outside_close. */
struct outside {
    int descriptor;
    short events; /* what poll waits for; may be changed while nothing is owed */
    /*
     * Called when poll says so, outside of all tasks: takes what has come, without waiting for
     * more, and says whether the answer, or the end, is there. NULL: whatever comes is an answer.
     */
    bool (*arrive)(struct outside *line);
    /*
     * Of a line whose other end is simulated: lets that go on until it waits, outside of all tasks,
     * and says whether the answer, or the end, is there. NULL: it is a process of its own.
     */
    bool (*work)(struct outside *line);
    void *connection; /* the caller's, for `blockers` */

    /* The world's: */
    enum outside_state state;
    /*
     * Who expects the answer, or expected the last one, and so can do something about what this
     * line is in the way of: a task, or a thread that acts for none. WORLD_NOBODY: the harness.
     */
    uint32_t task;
    uint64_t blocked_by; /* of OUTSIDE_BLOCKED: a bit set of tasks and threads, and WORLD_NOBODY */
    uint64_t wake_ns;    /* when `work` can go on by itself, as it said; WORLD_NEVER: it cannot */
    struct outside *next;
};

/* The fields up to `connection` are set. */
void outside_open(struct outside *line);

/* Nobody waits for it. */
void outside_close(struct outside *line);

/* A request has been sent on the line, which owed nothing. */
void outside_expect(struct outside *line);

/*
 * Something has been sent that is not answered itself, but may change what becomes of what is owed.
 * (A request that waits and is cancelled will be answered anyhow: it is not blocked from then on.)
 */
void outside_tell(void);

/*
 * Who waits for the line's answer is to look whether something else has happened: its wait ends, as
 * at a deadline.
 */
void outside_interrupt(struct outside *line);

/* The answer has been taken: the line owes nothing any more. */
void outside_take(struct outside *line);

/*
 * The running task waits for the answer. False when virtual time reached `deadline_ns` first (a
 * deadline that has passed already: when the line is blocked): then the line still owes it.
 * Outside of every task: false when the line is blocked.
 */
bool world_wait_outside(struct outside *line, uint64_t deadline_ns);

#endif
