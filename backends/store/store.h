/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versioned store: a database of Interplay's own, in memory, small enough to be read at a
 * sitting. Tables t0 to t3 with rows (k, v, p), k from 0 to 31, and for a while a column x, v and a
 * number; a row is a chain of versions. Transactions see and write them by the isolation level that
 * the plan configures:
 *
 *   serializable      one snapshot; a commit fails if anything that was read has changed since
 *   snapshot          one snapshot; the first of two who write a row wins
 *   repeatable_read   as snapshot, and a commit fails if a row that was read has changed since
 *   read_committed    a snapshot for each statement
 *   read_uncommitted  whatever is newest
 *
 * Who finds a row written by a transaction that is still open gets busy at once. Where something
 * has changed, only a rollback helps (busy snapshot, also at COMMIT, which may not be tried again);
 * any other commit that fails has rolled back. Tables and x come and go at once and for all,
 * outside of one's own transactions, while nobody has written to them. There is no storage: it is
 * for what transactions see of each other, fast.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <interplay/backend.h>
#include <interplay/subject.h>

#include "base/arena.h"
#include "sim/world.h"

enum { STORE_TABLES = 4, STORE_KEYS = 32, STORE_SAVEPOINTS_MAX = 32, STORE_NAME_BYTES = 16 };

enum store_level {
    STORE_SERIALIZABLE,
    STORE_SNAPSHOT,
    STORE_REPEATABLE_READ,
    STORE_READ_COMMITTED,
    STORE_READ_UNCOMMITTED,
};

/* What a build for tests may do wrong; a bit set. Nothing sets it but tests. */
enum store_flaw {
    STORE_FLAW_DIRTY_READ = 1 << 0,         /* sees what others have not committed */
    STORE_FLAW_MOVING_SNAPSHOT = 1 << 1,    /* each statement takes a new one */
    STORE_FLAW_LOST_UPDATE = 1 << 2,        /* nobody looks whether a row has a newer version */
    STORE_FLAW_WRITE_SKEW = 1 << 3,         /* nobody looks whether what was read has changed */
    STORE_FLAW_FRACTURED_READ = 1 << 4,     /* odd keys are seen as they are now */
    STORE_FLAW_UNREPEATABLE_RANGE = 1 << 5, /* ranges are read as they are now, keys are not */
    STORE_FLAW_STALE_SNAPSHOT = 1 << 6,     /* one that is one commit old */
    STORE_FLAW_LOST_APPEND = 1 << 7, /* who leaves v as it is need not look for a newer version */
    STORE_FLAW_DIRTY_WRITE = 1 << 8, /* a row that somebody else has written is written over */
    STORE_FLAW_TORN_READ = 1 << 9,   /* what others have not committed is seen in part */
};
extern uint32_t store_flaws;
/* The level that it serves in place of the one that a plan asks for; below 0: that one. */
extern int store_serves;

/* --- rows ------------------------------------------------------------------------------------- */

struct store_text {
    const char *bytes; /* NULL: SQL's NULL */
    size_t length;
};

struct store_row {
    int64_t value;
    struct store_text text;
};

struct store_version {
    struct store_version *older;
    struct store_version *earlier_own; /* of the transaction, any row's */
    struct backend_connection *writer; /* NULL: it is committed */
    uint64_t commit;                   /* when: position in the order of commits */
    uint8_t table, key;
    bool is_row; /* false: it is removed */
    struct store_row row;
};

/* --- transactions ----------------------------------------------------------------------------- */

struct store_savepoint {
    char name[STORE_NAME_BYTES];
    struct store_version *own; /* the newest one at that time */
};

struct backend_connection {
    bool is_taken, is_dead, is_cancelled;
    bool in_transaction; /* an explicit one */
    bool has_snapshot;
    uint64_t snapshot; /* commits up to this one are seen */
    uint32_t read_rows[STORE_TABLES], read_ranges[STORE_TABLES]; /* keys: bit sets */
    struct store_version *own;                                   /* the newest one that it wrote */
    uint32_t savepoint_count;
    bool savepoint_began_it; /* the transaction: releasing that one commits */
    struct store_savepoint savepoints[STORE_SAVEPOINTS_MAX];
    uint32_t statements;
    int64_t changes;
    enum outcome failure;
    const char *message;
    void (*on_commit_point)(void *context);
    void *context;
};

/* --- statements ------------------------------------------------------------------------------- */

enum store_kind {
    STORE_SELECT,
    STORE_COUNT,
    STORE_SUM,
    STORE_MIN,
    STORE_MAX,
    STORE_INSERT,
    STORE_UPDATE,
    STORE_DELETE,
    STORE_CREATE_TABLE,
    STORE_DROP_TABLE,
    STORE_ADD_COLUMN,
    STORE_DROP_COLUMN,
    STORE_BEGIN,
    STORE_COMMIT,
    STORE_ROLLBACK,
    STORE_SAVEPOINT,
    STORE_RELEASE,
    STORE_ROLLBACK_TO,
    STORE_NOTHING, /* an index, which changes nothing here */
};

/* In a statement, or one of its parameters. */
struct store_number {
    int parameter; /* from 1; 0: `number` it is */
    int64_t number;
};

enum store_text_kind { STORE_NULL, STORE_LITERAL, STORE_TEXT_PARAMETER, STORE_DIGITS_OF_VALUE };

struct store_text_source {
    enum store_text_kind kind;
    struct store_text literal;
    int parameter;
    struct store_number times; /* how often it is repeated */
};

struct store_where {
    bool by_key, by_value;
    struct store_number first, last; /* of the key, or of the value */
    bool has_last, is_below;         /* below `first`, not from it on */
};

struct store_new_row {
    struct store_number key, value;
    struct store_text_source text;
};

struct store_query {
    enum store_kind kind;
    uint8_t table;
    struct store_where where;
    bool is_ordered, by_value, is_descending, has_limit;
    struct store_number limit;
    bool replaces;   /* ON CONFLICT DO UPDATE */
    bool keeps_part; /* OR FAIL: rows before the one whose key is taken stay */
    bool skips;      /* OR IGNORE: it does without that one */
    uint32_t row_count;
    struct store_new_row rows[STORE_KEYS];
    struct store_number addend; /* UPDATE SET v = k + this, ADD COLUMN x ... AS (v + this) */
    bool has_all_columns;       /* SELECT *, RETURNING * */
    bool sets_text;
    bool appends; /* UPDATE SET p = coalesce(p, '') || text, and nothing else */
    struct store_text_source text;
    bool returns_rows;
    char name[STORE_NAME_BYTES]; /* of a savepoint */
    int parameter_count;
};

/* False: it is none that the store understands. Texts point into `sql`. */
bool store_parse(const char *sql, size_t length, struct store_query *ret_query);

enum { STORE_PARAMETERS_MAX = 128 };

struct store_result_row {
    int64_t key, value;
    struct store_text text;
};

struct backend_statement {
    bool is_taken;
    struct backend_connection *connection;
    char *sql; /* a copy: texts of the query point into it */
    struct store_query query;
    struct value parameters[STORE_PARAMETERS_MAX];
    bool has_run;
    uint32_t row_count, row; /* rows of the result, and the next one to give */
    struct store_result_row rows[STORE_KEYS];
    bool has_x; /* the rows */
    bool number_is_null;
    int64_t number;
};

/* --- the backend (store_backend.c) ------------------------------------------------------------ */

extern const struct backend_ops interplay_backend_store;

/* --- the database ----------------------------------------------------------------------------- */

enum {
    STORE_CONNECTIONS_MAX = 64,
    STORE_STATEMENTS_MAX = 1024,
    STORE_STATEMENTS_NEAR = 16, /* that are prepared first */
};

struct subject_instance {
    enum store_level level;
    uint64_t commits;
    bool table_exists[STORE_TABLES];
    bool has_x[STORE_TABLES];
    int64_t addends[STORE_TABLES];                        /* of x, which is v + this */
    struct store_version *rows[STORE_TABLES][STORE_KEYS]; /* the newest first; NULL: never there */
    struct arena arena;                                   /* versions and texts of a plan */
    uint32_t left; /* connections that were not closed, statements not finalized */
    uint32_t connections_touched, statements_touched; /* since the reset */
    /* Where the search for a free one begins, so that the one given back last is not the next. */
    uint32_t next_connection, next_statement;
    struct backend_connection connections[STORE_CONNECTIONS_MAX];
    struct backend_statement *statements[STORE_STATEMENTS_MAX]; /* made when first needed */
    /* How plans start. */
    struct arena kept;
    struct store_version *prepared[STORE_TABLES][STORE_KEYS];
    bool is_prepared[STORE_TABLES];
};

/* NULL: the plan has used up all that there is, which the run is told of. */
void *store_alloc(size_t size_bytes);

static inline struct subject_instance *store_at_hand(void)
{
    return world->subject;
}

/* --- rows (store_rows.c) ---------------------------------------------------------------------- */

/* As the connection sees it now; NULL: there is no such row. `is_range`: it was not asked for. */
const struct store_row *store_see(struct backend_connection *connection, uint32_t table,
                                  uint32_t key, bool is_range);

/* OUTCOME_OK, or why it may not; `row` NULL removes. */
enum outcome store_write(struct backend_connection *connection, uint32_t table, uint32_t key,
                         const struct store_row *row);

/* Takes back what the connection wrote after `mark`. */
void store_undo(struct backend_connection *connection, const struct store_version *mark);

/* --- transactions (store_transaction.c) ------------------------------------------------------- */

/* Before each statement: one that is not in a transaction has its own. */
void store_begin_statement(struct backend_connection *connection);

/* Committed, rolled back, or, with OUTCOME_BUSY_SNAPSHOT, as it was. */
enum outcome store_commit(struct backend_connection *connection);
void store_rollback(struct backend_connection *connection);

/* BEGIN, COMMIT, ROLLBACK and savepoints. */
enum outcome store_control(struct backend_connection *connection, const struct store_query *query);

enum outcome store_fail(struct backend_connection *connection, enum outcome outcome,
                        const char *message);

/* --- statements (store_run.c) ----------------------------------------------------------------- */

/* Runs it whole; a result stands in the statement. A write that fails has done nothing. */
enum outcome store_run(struct backend_statement *statement);

/* --- the simulated world (store_sim.c) -------------------------------------------------------- */

enum store_call {
    STORE_CALL_CONNECT,
    STORE_CALL_PREPARE,
    STORE_CALL_STEP,
    STORE_CALL_COMMIT,
    STORE_CALL_RELEASE
};

/* OUTCOME_OK, or how the call fails. */
enum outcome store_cross(enum store_call call);

#endif
