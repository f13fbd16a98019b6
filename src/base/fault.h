/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of faults: what plans order and what the simulated world decides on. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

enum fault_kind {
    FAULT_NONE,
#define FAULT(number, name, place, meaning) FAULT_##name = (number),
#include "base/faults.def"
#undef FAULT
    FAULT_KIND_COUNT
};

/* Where a kind can strike: what the database must have. */
enum fault_place { FAULT_ANYWHERE, FAULT_STORAGE, FAULT_WIRE, FAULT_SERVER };

struct fault_info {
    const char *name; /* "none" for FAULT_NONE */
    enum fault_place place;
    const char *meaning;
};
extern const struct fault_info fault_infos[FAULT_KIND_COUNT];

static inline bool fault_loses_power(enum fault_kind kind)
{
    return kind == FAULT_power_loss || kind == FAULT_sync_power_loss;
}

/* Of what is said to a server: whom it strikes loses his connection, or hears wrong. */
static inline bool fault_is_of_wire(enum fault_kind kind)
{
    return fault_infos[kind].place == FAULT_WIRE || fault_infos[kind].place == FAULT_SERVER;
}

static inline bool fault_ends_server(enum fault_kind kind)
{
    return fault_infos[kind].place == FAULT_SERVER;
}

/*
 * Of a database that is spoken to over a network, or of one that is not. Those that end a server
 * are rarer than the others, as each costs as much time as hundreds of plans: they are drawn in the
 * place of one that ends a session.
 */
static inline bool fault_can_strike(enum fault_kind kind, bool is_remote)
{
    return kind != FAULT_NONE && !fault_ends_server(kind) &&
           fault_infos[kind].place != (is_remote ? FAULT_STORAGE : FAULT_WIRE);
}

/* Strikes a request, and nothing else: see sim/requests.h. */
static inline bool fault_is_of_request(enum fault_kind kind)
{
    return kind == FAULT_request_drop || kind == FAULT_request_reorder ||
           kind == FAULT_partial_failure || kind == FAULT_partial_success;
}

/* Nothing is heard behind it, or who heard something wrong waits for more than there is. */
static inline bool fault_silences(enum fault_kind kind)
{
    return kind == FAULT_wire_silence || kind == FAULT_wire_garble;
}

#endif
