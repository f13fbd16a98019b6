/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts what a run's tasks read and wrote together to a history of transactions (isolation/): what
 * clients can know of it, without a model of the database. Of an update that took some of a range,
 * nobody can tell which, those rows count that somebody has seen; what was deleted like that is
 * left out for good.
 *
 * A row is a register, its v. The text of a row that was there from the start is a list besides,
 * where nothing was done to it but to append; in a history the lists stand behind the registers.
 *
 * Where each statement sees a state of its own, statements that only read are split off: each is a
 * transaction, and what is left of theirs are writes.
 */
#ifndef ORACLE_ISOLATION_COLLECT_H
#define ORACLE_ISOLATION_COLLECT_H

#include "isolation/history.h"
#include "oracle/oracle.h"

#define COLLECT_NOBODY UINT32_MAX /* as a transaction */

struct collect_savepoint {
    uint8_t name;
    size_t operations; /* that were before it */
};

enum { COLLECT_SAVEPOINTS_MAX = 16 };

struct collect_task {
    uint32_t open;     /* its transaction, or COLLECT_NOBODY */
    uint32_t ends;     /* the prepared one that its call is to end, likewise */
    uint32_t prepares; /* the name under which its call is to prepare one, as a bit; 0: it is not */
    bool in_call;
    bool is_struck;  /* a fault struck in the call */
    bool has_stream; /* that is open: what it sees may be old, and so may what is read beside it */
    bool in_transaction, is_begun; /* and something was done in it */
    bool has_written;              /* its transaction, perhaps in a part that was undone since */
    uint64_t called;               /* the call */
    uint64_t began;  /* the same; in a transaction: of the first one that may have looked */
    uint64_t place;  /* of a commit point that belongs to no transaction yet; 0: there was none */
    uint8_t cursors; /* opened by its transaction, by table: they read what that reads */
    uint32_t savepoint_count;
    struct collect_savepoint savepoints[COLLECT_SAVEPOINTS_MAX];
};

struct collect {
    const struct oracle_setting *setting;
    const struct isolation_level_info *level; /* that what is collected is judged by */
    bool splits;                              /* statements that only read off their transactions */
    uint64_t clock;                           /* of events; also the order of commit points */
    uint32_t transaction_count, transaction_max;
    size_t operation_count, operation_max, row_count, row_max;
    struct isolation_transaction *transactions;
    struct isolation_operation *operations;
    struct isolation_row *rows;
    bool reads_matter;             /* the promised level says something of who reads what */
    bool has_maybes;               /* writes of which nobody was told whether they took the row */
    uint32_t unknown[PLAN_TABLES]; /* keys that are left out: bit sets */
    bool knows_possible;
    uint32_t possible[PLAN_TABLES]; /* keys that may ever have a row, once that is known */
    /* Texts as lists: who was appended to, and which of them somebody may have replaced. */
    uint32_t appended[PLAN_TABLES], replaced[PLAN_TABLES];
    uint32_t prepared[PLAN_PREPARED]; /* transactions, by name, or COLLECT_NOBODY */
    uint32_t ended_early; /* names of which one was ended that nobody was told of: a bit set */
    struct model_database initial;
    struct collect_task tasks[PLAN_TASKS_MAX];
};

/* As a kind of operation: a write if somebody has seen its value, and nothing otherwise. */
enum { COLLECT_MAYBE_WRITE = ISOLATION_SUM + 1 };

static inline bool collect_is_register_write(const struct isolation_operation *operation)
{
    return operation->kind == ISOLATION_WRITE || operation->kind == COLLECT_MAYBE_WRITE;
}

static inline bool collect_is_of_list(const struct isolation_operation *operation)
{
    return operation->kind == ISOLATION_APPEND || operation->kind == ISOLATION_READ_LIST;
}

/* The lists of a table whose order is judged, as a bit set. */
static inline uint32_t collect_lists_of(const struct collect *collect, uint32_t table)
{
    return collect->appended[table] & ~collect->replaced[table] &
           collect->initial.tables[table].present;
}

/* False: the plan is too long for this. */
bool collect_begin(struct collect *collect, const struct oracle_setting *setting, bool splits);

/* `detail` of the event: it runs beside a stream, or is that stream going on. */
void collect_call(struct collect *collect, uint32_t task, const struct interaction *interaction,
                  size_t step, uint32_t detail);
void collect_commit_point(struct collect *collect, uint32_t task);
void collect_result(struct collect *collect, uint32_t task, const struct interaction *interaction,
                    size_t step, const struct event_result *result);
void collect_gone(struct collect *collect, uint32_t task);

/* Whoever is in a call does not learn for certain what became of it. */
void collect_server_ended(struct collect *collect);

/* The look at everything, as a transaction of the harness. */
void collect_look(struct collect *collect, const struct model_database *found,
                  const struct observed_lists *lists, size_t step);

/*
 * False: a statement has committed by itself, or nobody tells whether it has, and has not returned,
 * so that others may have seen what nobody has written yet.
 */
bool collect_is_complete(const struct collect *collect);

/* Where nobody wrote, everybody reads the same. */
uint32_t collect_written_tables(const struct collect *collect);

/*
 * (isolation_assemble.c) In `arena`. Who is in the middle of a call is in doubt; `ret_numbers` are
 * the keys' own ones.
 */
void collect_history(const struct collect *collect, struct arena *arena,
                     struct isolation_history *ret_history, const uint32_t **ret_numbers);

#endif
