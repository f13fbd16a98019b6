/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session of the oracle of rows: the snapshots that its transaction may have, what it has done
 * with each, and its savepoints. Who may have which is rows.c's business.
 */
#ifndef ORACLE_ROWS_SESSION_H
#define ORACLE_ROWS_SESSION_H

#include "base/arena.h"
#include "oracle/rows_judge.h"

/* A snapshot that a transaction may have, and what it has done, if it has that one. */
struct rows_view {
    uint32_t set; /* which, by its maybes: tells it from the others */
    const struct rows_state *snapshot;
    struct rows_work work;
};

struct rows_session {
    bool in_call, in_transaction;
    bool has_failed;     /* its transaction: nothing is done in it */
    bool is_lost;        /* nobody can tell what its transaction sees */
    bool is_passed_over; /* its call: the server has ended meanwhile */
    bool is_spared;      /* its call, by a fault that would have ended the server */
    bool has_snapshot;
    uint32_t called;
    struct rows_state base;     /* what had been acknowledged when the call began */
    struct rows_commit *commit; /* that the call makes; NULL: none */
    uint32_t view_count;        /* at least one inside a transaction */
    struct rows_view views[ROWS_VIEWS_MAX];
    const struct rows_savepoint *savepoints;
};

/* No transaction is open. */
void rows_session_forget(struct rows_session *session);

void rows_session_begin(struct rows_session *session);

/* It has done nothing yet, on the one view that it has. */
void rows_session_begin_work(struct rows_session *session);

/* What it has done, whichever snapshot it has; from the arena. */
struct rows_work *rows_session_work(const struct rows_session *session, struct arena *arena);

/* Only the work stays: the next statement has views of its own. */
void rows_session_join_views(struct rows_session *session);

/*
 * An interaction that has ended well sets a savepoint, releases one, or goes back to one.
 * `keeps_views`: what has been done so far is known for each view of the session.
 */
void rows_session_follow_savepoints(struct rows_session *session,
                                    const struct interaction *interaction, bool keeps_views,
                                    struct arena *arena);

#endif
