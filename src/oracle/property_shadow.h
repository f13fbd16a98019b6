/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is certain of the tables while a run goes on, for claims that must never be wrong: the
 * content that was acknowledged, as long as nothing is in doubt and nobody else is at work on the
 * table. It gives a table up rather than follow several histories (that is the snapshot oracle's).
 *
 * A table whose last write failed half-way may be either: both states are kept.
 */
#ifndef ORACLE_PROPERTY_SHADOW_H
#define ORACLE_PROPERTY_SHADOW_H

#include "oracle/oracle.h"

struct shadow_savepoint {
    const struct shadow_savepoint *below;
    const struct model_database *own; /* NULL: nothing was written yet */
    uint8_t name, written;
};

struct shadow_session {
    bool in_call, in_transaction, begun_by_savepoint;
    bool is_lost;               /* what its transaction has done is not certain */
    bool is_beside;             /* the call under way runs beside a stream */
    bool began_in_transaction;  /* the call under way */
    uint64_t call_at, begun_at; /* when that call began, and the transaction */
    uint64_t wrote_at;          /* when it has written last, in a transaction */
    uint8_t may, written;       /* tables that the call may change, that the transaction has */
    struct model_database *own; /* what the transaction sees; NULL: it has not written */
    const struct shadow_savepoint *savepoints;
};

struct shadow {
    const struct oracle_setting *setting;
    struct oracle_end end;          /* nothing is certain any more */
    bool is_current;                /* promised: who reads sees what was acknowledged before */
    uint64_t now;                   /* counts calls and results */
    uint8_t unknown;                /* tables, a bit set */
    uint8_t prepared;               /* those that a transaction which was prepared has written */
    uint8_t ambiguous;              /* those that may be as in `committed` or as in `otherwise` */
    uint64_t moved_at[PLAN_TABLES]; /* when others may have seen it change last */
    struct model_database committed, otherwise;
    struct shadow_session sessions[PLAN_TASKS_MAX];
};

void shadow_begin(struct shadow *shadow, const struct oracle_setting *setting);

/* What happens, in the order of the events. A result is judged before it is taken. */
void shadow_call(struct shadow *shadow, const struct event *event);
void shadow_result(struct shadow *shadow, const struct event *event);
void shadow_disconnect(struct shadow *shadow, uint32_t task);
void shadow_disaster(struct shadow *shadow, bool survives);

/*
 * True when no state but one of the table could be seen by the task's call that has ended just now,
 * and by all that it has done since `since`.
 */
bool shadow_is_still(const struct shadow *shadow, uint32_t task, uint32_t table, uint64_t since);

/*
 * The states of which the call that has ended so may have seen one of this table; 0: nothing is
 * certain.
 */
uint32_t shadow_views(const struct shadow *shadow, uint32_t task, uint32_t table,
                      const struct observation *seen, const struct model_database *ret_views[2]);

#endif
