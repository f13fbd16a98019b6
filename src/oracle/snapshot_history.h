/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One possible history of the database: the committed versions in commit order, and what each
 * session (a task's connection) may see of them. The snapshot and durability oracles keep several
 * where something is in doubt, a commit that failed with an I/O error say, and drop those that a
 * result contradicts.
 *
 * A version's position is its place in the commit order; position 0 is the prepared database.
 */
#ifndef ORACLE_SNAPSHOT_HISTORY_H
#define ORACLE_SNAPSHOT_HISTORY_H

#include "base/arena.h"
#include "base/fault.h"
#include "history/explanation.h"
#include "model/database.h"

enum { HISTORIES_MAX = 16 };

struct savepoint_state {
    const struct savepoint_state *below;
    const struct model_database *database; /* NULL: nothing was written yet */
    uint8_t name;
};

/* What came of a call whose request or answer was lost. */
enum guess { GUESS_AS_TOLD, GUESS_DONE, GUESS_NOT_DONE };

struct session {
    bool in_transaction;
    bool transaction_is_savepoint; /* opened by SAVEPOINT: releasing that one commits */
    const struct savepoint_state *savepoints;

    /*
     * What the transaction reads: its own state once it wrote, else one of the candidate positions
     * once it read.
     */
    struct model_database *own;
    uint32_t base; /* position that `own` was made from */
    bool has_snapshot;
    uint32_t *candidates;
    uint32_t candidate_count;
    /* a failed statement may have taken the snapshot: as early as this, or NO_POSITION */
    uint32_t failed_floor;

    uint32_t schema_floor; /* the connection may still know the schema of this position */

    /* The call under way. */
    bool in_call, may_fail;
    uint8_t struck;   /* enum fault_kind: one of requests, or FAULT_NONE */
    enum guess guess; /* at what became of it, if its answer says too little */
    size_t interaction;
    uint32_t floor;           /* the last position whose commit had returned when the call began */
    uint32_t commit_position; /* of the version that this call committed, or NO_POSITION */

    /* A stream that is open beside it: the connection may go on seeing what that one sees. */
    bool has_stream;
    uint32_t stream_floor;
};

struct history {
    const struct model_database **versions; /* by position */
    uint32_t head;
    uint32_t returned;       /* everything up to here was acknowledged */
    uint32_t synced;         /* everything up to here survives whatever comes */
    uint32_t kept;           /* everything up to here was promised to, when it was acknowledged */
    uint32_t survivor_floor; /* of a power loss that was not recovered from yet */
    uint32_t acknowledged;   /* everything up to here was, when that came */
    /* a failed commit that a recovery may still bring back, after `head` */
    const struct model_database *dropped;
    bool dropped_may_return;
    struct session sessions[PLAN_TASKS_MAX];
};

/* Starts at the prepared database; at most `commits_max` versions are ever added. */
void history_init(struct history *history, struct arena *arena, size_t commits_max);

/* A copy that shares only what never changes. */
void history_copy(struct history *copy, const struct history *history, struct arena *arena,
                  size_t commits_max);

static inline const struct model_database *history_head(const struct history *history)
{
    return history->versions[history->head];
}

void history_append(struct history *history, const struct model_database *database);

/* Takes the last version back, to be brought back by a recovery perhaps. */
void history_drop_head(struct history *history);

/* The other way round: the dropped version is the head again. */
void history_restore_dropped(struct history *history);

/* Everything after `position` never happened (a power loss). */
void history_truncate(struct history *history, uint32_t position);

/* The innermost savepoint of this name; NULL: there is none. */
const struct savepoint_state *session_savepoint(const struct session *session, uint8_t name);

/* The transaction is over, whichever way. */
void session_end_transaction(struct session *session);

/* The connection is gone: as after connecting anew. */
void session_reset(struct session *session);

#endif
