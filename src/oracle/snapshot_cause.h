/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Things that a database is known to go wrong after, in many ways, all of them one finding: they
 * name its signature, whichever result shows it. They excuse nothing: without a violation of a
 * claim there is no finding, and with one there is.
 */
#ifndef ORACLE_SNAPSHOT_CAUSE_H
#define ORACLE_SNAPSHOT_CAUSE_H

#include "oracle/oracle.h"
#include "oracle/snapshot_history.h"

/* Of a task's connection. */
struct cause_session {
    bool has_read;     /* something of the database, so that it knows what is there */
    bool wrote_unread; /* its transaction wrote, or took the right to, before that */
    bool is_undone;    /* and was undone to the savepoint that began it */
};

struct snapshot_cause {
    const struct oracle_setting *setting;
    const char *name; /* NULL: nothing of the kind has happened */
    struct cause_session sessions[PLAN_TASKS_MAX];
};

void snapshot_cause_begin(struct snapshot_cause *cause, const struct oracle_setting *setting);

/* The call came to `seen`; `session` is as it was before. */
void snapshot_cause_note(struct snapshot_cause *cause, uint32_t task,
                         const struct interaction *interaction, const struct session *session,
                         const struct observation *seen);

/* The task's next connection is another one. */
void snapshot_cause_disconnect(struct snapshot_cause *cause, uint32_t task);

/*
 * Names a violation that comes of something of the kind. What is wrong in a transaction that was
 * undone, and has not ended, has the name with "/in-transaction": nothing is lost yet.
 */
void snapshot_cause_sign(const struct snapshot_cause *cause, struct verdict *verdict);

#endif
