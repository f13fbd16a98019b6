/* SPDX-License-Identifier: Apache-2.0 */
/* All oracles, and those of a run: told of its events in the order of oracles.def. */
#ifndef ORACLE_ORACLES_H
#define ORACLE_ORACLES_H

#include "oracle/oracle.h"

enum {
    ORACLE_COUNT = 0
#define ORACLE(name, ...) +1
#include "oracle/oracles.def"
#undef ORACLE
};

extern const struct oracle oracle_table[ORACLE_COUNT];

struct oracles {
    struct {
        void (*on_event)(void *state, const struct event *event, struct verdict *verdict);
        void *state;
    } begun[ORACLE_COUNT];
    uint32_t readers[EVENT_COUNT]; /* who reads a kind: a bit set */
};

/* For a new run: those whose needs are met begin. States live in the setting's arena. */
void oracles_begin(struct oracles *oracles, const struct oracle_setting *setting);

/* What the first of them that knows says of the event; see struct oracle_ops. */
void oracles_explain(const struct oracles *oracles, const struct event *event,
                     struct explanation *explanation);

/* Lets them judge. */
static inline void oracles_read(struct oracles *oracles, const struct event *event,
                                struct verdict *verdict)
{
    for (uint32_t left = oracles->readers[event->kind]; left != 0; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left);
        oracles->begun[i].on_event(oracles->begun[i].state, event, verdict);
    }
}

#endif
