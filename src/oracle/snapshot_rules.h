/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of one possible history: which states of the database a call may see, and what else it
 * must come to. Each is written here once; snapshot_judge.c judges by it, snapshot_explain.c tells
 * it.
 */
#ifndef ORACLE_SNAPSHOT_RULES_H
#define ORACLE_SNAPSHOT_RULES_H

#include "oracle/snapshot.h"

/* A call that has ended, in one history. */
struct snapshot_call {
    const struct history *history;
    const struct session *session;
    const struct interaction *interaction;
    int64_t step;
    const struct observation *seen;
    enum subject_view view;  /* of what it reads */
    bool shares_connections; /* see struct snapshot_oracle */
};

struct snapshot_call snapshot_call_of(const struct snapshot_oracle *oracle,
                                      const struct history *history, uint32_t task,
                                      const struct observation *seen);

/*
 * The states that a statement on rows or on the schema may see, in this order: what its transaction
 * wrote itself, commits `from` to `to`, those that may be its transaction's snapshot.
 */
struct sight {
    /*
     * a write on what is not the newest commit: it must be refused, as it would lose what came
     * since
     */
    bool is_refused;
    const struct model_database *own; /* NULL: it wrote nothing, or that does not matter */
    uint32_t base;                    /* commit that `own` was made from */
    bool has_window;
    uint32_t from, to;
    const uint32_t *candidates; /* oldest first */
    uint32_t candidate_count;
    bool is_anything;     /* nothing is promised of what it sees */
    bool changes_nothing; /* there was no commit: whatever it saw, nothing can have been changed */
};

struct sight snapshot_sight(const struct snapshot_call *call);

/* One of the states: commits and candidates come newest first. */
struct sighted {
    uint32_t position;
    const struct model_database *database;
};
static inline uint32_t sight_count(const struct sight *sight)
{
    return (sight->own != NULL) + (sight->has_window ? sight->to - sight->from + 1 : 0) +
           sight->candidate_count;
}
struct sighted sight_at(const struct snapshot_call *call, const struct sight *sight, uint32_t i);

/* True when the statement, done on this state, may come to what was seen. */
bool sight_agrees(const struct snapshot_call *call, const struct sight *sight,
                  const struct model_database *database);

/* The first state that agrees; sight_count(): none does. */
uint32_t sight_find(const struct snapshot_call *call, const struct sight *sight);

/* What a call that is no such statement must come to. */
struct snapshot_rule {
    bool is_there; /* false: nobody says */
    enum outcome outcome;
    const char *because;
};
struct snapshot_rule snapshot_rule(const struct snapshot_call *call);

/* The statement reads or writes something of the state. */
static inline bool snapshot_sees(const struct interaction *interaction)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    return effect == EFFECT_READ || effect == EFFECT_READ_NUMBER || effect == EFFECT_ROWS ||
           effect == EFFECT_SCHEMA || effect == EFFECT_NUMBER || effect == EFFECT_LOOK;
}

/*
 * True when the call, having succeeded, holds or held the write lock for the first time in its
 * transaction.
 */
bool snapshot_takes_write_lock(const struct interaction *interaction,
                               const struct session *session);

#endif
