/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario: sessions, each with steps of SQL of its own, and the orders in which they are to be
 * taken. It is read from a specification of PostgreSQL's isolationtester (.spec), or from a file of
 * SQL in which lines say whose statements follow (.sql: "-- session: NAME").
 *
 *     read:   scenario_read(&scenario, &arena, path, text, length, form, &error)
 *     orders: scenario_first_order(&scenario, &arena, &order), then scenario_next_order(&order)
 *     a plan: scenario_make_plan(&scenario, &order, &arena, &made, &error)
 *
 * Guaranteed after a successful read: there is at least one session and at most
 * SCENARIO_SESSIONS_MAX, each has at least one step, steps stand session by session in their order
 * (those of session s are first_step to first_step + step_count - 1), names of steps are unique,
 * each step of a permutation is one of the scenario's, a step that another waits for is in the same
 * permutation and of another session. Everything lives in the arena, nothing points into the text.
 */
#ifndef PLAN_SCENARIO_H
#define PLAN_SCENARIO_H

#include "base/arena.h"
#include "plan/plan.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCENARIO_SESSIONS_MAX = PLAN_TASKS_MAX,
    SCENARIO_NAME_MAX = 64,            /* bytes of a name */
    SCENARIO_INTERACTIONS_MAX = 16384, /* of a plan */
    SCENARIO_ARENA_FACTOR = 192, /* an arena of this times the text's length, and 2 MiB, suffices */
};

#define SCENARIO_NO_STEP UINT32_MAX

enum scenario_form { SCENARIO_SPEC, SCENARIO_SQL };

/* As it is written, without space around it, and the statements in it, maybe none. */
struct scenario_text {
    const char *sql; /* NULL: there is nothing, as if it were empty */
    const char *const *statements;
    uint32_t statement_count;
};

struct scenario_step {
    const char *name; /* of SCENARIO_SQL: "SESSION:LINE" */
    struct scenario_text text;
    uint32_t session;
    uint32_t line; /* from 1 */
};

struct scenario_session {
    const char *name;
    struct scenario_text setup, teardown; /* on its own connection */
    uint32_t first_step, step_count;
};

/*
 * What a step in a permutation waits for before it may be told to have ended, in isolationtester's
 * words: step(*): it is told to wait as soon as it has been sent; step(other): until `other` has
 * ended; step(other notices n): until `other`'s session has got n more notices.
 */
struct scenario_blocker {
    bool is_star;
    uint32_t step;    /* or SCENARIO_NO_STEP, with a star */
    uint32_t notices; /* 0: until that step has ended */
};

struct scenario_turn {
    uint32_t step;
    uint32_t blocker_count;
    const struct scenario_blocker *blockers;
};

/* A step may come in it several times, or not at all. */
struct scenario_permutation {
    const struct scenario_turn *turns;
    uint32_t turn_count;
    uint32_t line;
};

struct scenario {
    const struct scenario_text *setups; /* in their order, on a connection that is no session's */
    uint32_t setup_count;
    struct scenario_text teardown; /* on the same one */
    const struct scenario_session *sessions;
    uint32_t session_count;
    const struct scenario_step *steps;
    uint32_t step_count;
    const struct scenario_permutation *permutations;
    uint32_t permutation_count; /* 0: none is given, all are meant */
};

/*
 * Errors are ERROR_INPUT and read "NAME:LINE: expected ..., found ...". Of SCENARIO_SQL what stands
 * before the first session is set-up, what follows a line "-- teardown" is that, and the one
 * permutation is the order of the file; each statement is a step.
 */
enum error_code scenario_read(struct scenario *ret_scenario, struct arena *arena, const char *name,
                              const char *text, size_t length, enum scenario_form form,
                              struct error *error) __attribute__((warn_unused_result));

/* --- orders ---------------------------------------------------------------------------------- */

/* One order of steps: a permutation that is given, or, where none is, one of all that there are. */
struct scenario_order {
    const struct scenario *scenario;
    uint64_t number; /* from 0 */
    uint32_t count;
    uint32_t *steps;
};

/* One after the other; false: that was the last. Without permutations the sessions come in turn. */
void scenario_first_order(const struct scenario *scenario, struct arena *arena,
                          struct scenario_order *ret_order);
bool scenario_next_order(struct scenario_order *order);

/* How many there are; UINT64_MAX: so many, or more. */
uint64_t scenario_count_orders(const struct scenario *scenario);

/* --- plans ----------------------------------------------------------------------------------- */

/*
 * Session number s is task s; set-up and teardown are those of one task more, or, where there is
 * none, of task 0. A statement that has to wait for another session's lock does so for 5 s of
 * virtual time. Each statement is an interaction (ACTION_query): a step of several statements is
 * several of them, which follow each other in the plan; one of none is none. The first ones remove
 * the prepared tables, so that the database is empty.
 */
struct scenario_plan {
    struct plan plan; /* PLAN_NATIVE, for any database */
    /* So many interactions stand before the first step's, and behind the last one's. */
    size_t setup, check;
    uint32_t *step_of; /* by interaction: the scenario's step, or SCENARIO_NO_STEP */
};

/*
 * `order` may be NULL: session by session, each step once. Texts are the scenario's. Takes up to
 * SCENARIO_PLAN_BYTES of the arena. Fails with ERROR_INPUT when there are too many interactions.
 */
enum error_code scenario_make_plan(const struct scenario *scenario,
                                   const struct scenario_order *order, struct arena *arena,
                                   struct scenario_plan *ret_plan, struct error *error)
    __attribute__((warn_unused_result));

#define SCENARIO_PLAN_BYTES                                                                        \
    (SCENARIO_INTERACTIONS_MAX * (sizeof(struct interaction) + sizeof(uint32_t)) + 64)

#endif
