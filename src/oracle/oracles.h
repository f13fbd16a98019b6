/* SPDX-License-Identifier: Apache-2.0 */
/* All oracles, and those of a run: told of its events in the order of oracles.def. */
#ifndef ORACLE_ORACLES_H
#define ORACLE_ORACLES_H

#include "base/text.h"
#include "oracle/oracle.h"

enum {
    ORACLE_COUNT = 0
#define ORACLE(name, ...) +1
#include "oracle/oracles.def"
#undef ORACLE
};

extern const struct oracle oracle_table[ORACLE_COUNT];

struct oracle_reader {
    oracle_handler_fn *on_event;
    uint32_t oracle; /* number in the table */
};

/* Oracles that have ended before the run, of themselves, in the order of oracles.def. */
struct oracle_ends {
    uint32_t count;
    struct {
        const char *name;
        struct oracle_end end;
    } ends[ORACLE_COUNT];
};

/* Starts as zeros. */
struct oracles {
    uint32_t active; /* those that have something to say in this run: a bit set */
    void *states[ORACLE_COUNT];
    /* By kind of event; made for those that are active, and kept while these stay the same. */
    uint8_t reader_count[EVENT_COUNT];
    struct oracle_reader readers[EVENT_COUNT][ORACLE_COUNT];
};

/* For a new run: those whose needs are met begin. States live in the setting's arena. */
void oracles_begin(struct oracles *oracles, const struct oracle_setting *setting);

/* What the first of them that knows says of the event; see struct oracle_ops. */
void oracles_explain(const struct oracles *oracles, const struct event *event,
                     struct explanation *explanation);

void oracles_find_ends(const struct oracles *oracles, struct oracle_ends *ret_ends);

/* Appends "log, rows from step 3: a fault struck; busy from step 5: ...", or nothing. */
void oracle_ends_describe(const struct oracle_ends *ends, struct text *text);

/* Somebody reads events of this kind. */
static inline bool oracles_listen(const struct oracles *oracles, enum event_kind kind)
{
    return oracles->reader_count[kind] > 0;
}

/* Lets them judge. `kind` is the event's, which most callers know when they are compiled. */
static inline void oracles_read(struct oracles *oracles, enum event_kind kind,
                                const struct event *event, struct verdict *verdict)
{
    const struct oracle_reader *next = oracles->readers[kind];
    const struct oracle_reader *end = next + oracles->reader_count[kind];
    for (; next < end; next++)
        next->on_event(oracles->states[next->oracle], event, verdict);
}

#endif
