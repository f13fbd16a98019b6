/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections and statements that are used after their end, for backends that keep a handle that
 * was given back for a while. They ask before each call, and after whatever somebody else may have
 * come in between: so a build without sanitizers says the same as one with them.
 */
#ifndef SIM_HANDLES_H
#define SIM_HANDLES_H

#include "sim/world.h"

#include <stddef.h>

/* What whoever uses a handle that is not alive has done. */
#define HANDLE_CONNECTION_USED       "use of a connection after its disconnect"
#define HANDLE_CONNECTION_LEFT       "disconnect of a connection in the midst of a call"
#define HANDLE_CONNECTION_LEFT_TWICE "second disconnect of a connection"
#define HANDLE_STATEMENT_USED        "use of a statement after its finalize"
#define HANDLE_STATEMENT_LEFT        "finalize of a statement in the midst of a call"
#define HANDLE_STATEMENT_LEFT_TWICE  "second finalize of a statement"

/* True: go on. False: the run was told of `misuse`, and the call does nothing. */
static inline bool handle_check(bool is_alive, const char *misuse)
{
    if (__builtin_expect(!is_alive, 0))
        world_note_misuse(misuse);
    return is_alive;
}

/* --- handles from the heap -------------------------------------------------------------------- */

/* At the beginning of a struct of the backend's own. */
struct handle {
    struct handle *previous, *next;
    bool is_open;   /* false: it was given back */
    uint32_t calls; /* under way with it */
};

/* All of one kind and size; begins as zeros. */
struct handles {
    struct handle *open; /* any order */
    /* Given back. The oldest is taken again once there are HANDLES_KEPT. */
    struct handle *oldest, *newest;
    uint32_t kept;
};
enum { HANDLES_KEPT = 256 };

/* Open, all else zero. */
struct handle *handles_take(struct handles *handles, size_t size_bytes);
void handles_give(struct handles *handles, struct handle *handle);

/* Those that are kept; none may be open. */
void handles_free(struct handles *handles);

#endif
