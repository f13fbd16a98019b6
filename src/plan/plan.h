/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan: a configuration and the interactions of several tasks, each with an optional pause, fault
 * and expectation. The types here are what the forms of a plan (compact bytes, JSON, protobuf)
 * decode to and what the runner executes. A plan does not own its memory: interactions and texts
 * live in the arena that the decoder was given.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/fault.h"
#include "base/text.h"
#include "plan/action.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PLAN_INTERACTIONS_MAX = 256, /* of the compact form; documents may have more */
    PLAN_PAUSE_MAX = 256,
    PLAN_POOL_SIZE_MAX = 64,
    PLAN_POOL_SIZE_DEFAULT = 8,
};

/* --- configuration --------------------------------------------------------------------------- */

enum plan_config_field {
#define CONFIG(number, byte, scope, name, kind, weights, meaning, values) PLAN_CONFIG_##name,
#include "plan/settings.def"
    PLAN_CONFIG_COUNT
};

struct plan_config {
    uint8_t choice[PLAN_CONFIG_COUNT]; /* index into the field's values */
};

struct plan_config_value {
    const char *name;
    int32_t number;
};

struct plan_config_info {
    const char *name;
    const char *meaning;
    enum plan_database database; /* that has it */
    bool is_word;
    bool is_of_pool; /* means something only with a pool */
    uint8_t number;  /* of protobuf's message Config */
    uint8_t byte;    /* of the compact header */
    uint8_t value_count;
    const struct plan_config_value *values;
    const uint32_t *weights; /* of the values in random plans */
};

extern const struct plan_config_info plan_config_infos[PLAN_CONFIG_COUNT];

/* The name of a setting's value, as documents have it; `info` is the setting's. */
const char *plan_config_value_name(const void *info, size_t index);

/*
 * The settings that a plan for this database may have (DATABASE_ALL: those that all have), by wire
 * number; returns how many.
 */
uint32_t plan_list_settings(enum plan_database database, uint8_t ret_settings[PLAN_CONFIG_COUNT]);

/* What stands between the clients and the database. */
enum plan_stack {
    PLAN_STACK_DIRECT, /* nothing: a connection a task, as long as the plan runs */
    PLAN_STACK_POOL,   /* connections are checked out and given back */
    PLAN_STACK_ACTORS, /* so they are, but each has a thread that serves calls from a mailbox */
};

static inline int32_t plan_config_get(const struct plan_config *config,
                                      enum plan_config_field field)
{
    return plan_config_infos[field].values[config->choice[field]].number;
}

/* The values of the settings that only `database` has, in the order of its table. */
void plan_own_settings(const struct plan_config *config, enum plan_database database,
                       int32_t *ret_values);

/* --- interactions ---------------------------------------------------------------------------- */

enum plan_filter {
    FILTER_ALL,
    FILTER_KEY,
    FILTER_RANGE,
    FILTER_FROM,
    FILTER_VALUE_FROM,
    FILTER_VALUE_BELOW
};
enum plan_order { ORDER_NONE, ORDER_KEY, ORDER_KEY_DESC, ORDER_VALUE, ORDER_VALUE_DESC };
enum plan_aggregate {
    AGGREGATE_ROWS,
    AGGREGATE_COUNT,
    AGGREGATE_SUM,
    AGGREGATE_MIN,
    AGGREGATE_MAX
};
enum plan_begin_mode { BEGIN_DEFERRED, BEGIN_IMMEDIATE, BEGIN_EXCLUSIVE };
/* Nothing remains; those before it do; all others do; it takes the other row's place. */
enum plan_conflict { CONFLICT_ABORT, CONFLICT_FAIL, CONFLICT_IGNORE, CONFLICT_REPLACE };
enum plan_column { COLUMN_VALUE, COLUMN_TEXT };
enum plan_columns { COLUMNS_NAMED, COLUMNS_ALL };
enum plan_layout { LAYOUT_ROWID, LAYOUT_WITHOUT_ROWID };
enum plan_access { ACCESS_WRITE, ACCESS_READ };
enum plan_timeout { TIMEOUT_DEFAULT, TIMEOUT_NONE, TIMEOUT_10_MS, TIMEOUT_1_S };
enum plan_close_mode { CLOSE_WAIT, CLOSE_INTERRUPT };

/*
 * Where a pause counts: the k-th yield point of this class. Each class contains those before it
 * only where its comment says so.
 */
enum plan_pause_class {
    PAUSE_STORAGE, /* every call into the storage */
    PAUSE_LOCK,    /* file locks, shared-memory locks, maps and barriers, sleeps */
    PAUSE_WRITE,   /* writes, syncs, truncations, deletions */
    PAUSE_ANY,     /* every call into the storage, every mutex and allocator call */
    PAUSE_CLASS_COUNT
};
extern const char *const plan_pause_class_words[PAUSE_CLASS_COUNT];

/* The values that `fault_at` can take: the compact form stores an index into them. */
enum { PLAN_FAULT_AT_COUNT = 16 };
extern const uint16_t plan_fault_at_values[PLAN_FAULT_AT_COUNT];

/* What a document expects of an interaction; compact bytes do not carry it. */
struct plan_expectation {
    bool has_row_count, has_column_count, expects_error;
    uint64_t row_count;
    uint64_t column_count;
    const char *rows;           /* the rows as show tells of them, "1|'a'; 2|NULL"; NULL: any */
    const char *error_contains; /* with expects_error */
};

struct interaction {
    uint8_t task;
    uint8_t action;                 /* enum plan_action */
    uint8_t arguments[FIELD_COUNT]; /* by enum plan_field; what the action does not have is 0 */
    uint8_t pause_class;            /* enum plan_pause_class; 0 without a pause */
    uint16_t pause_after;           /* 1 to PLAN_PAUSE_MAX yield points; 0: no pause */
    uint8_t fault;                  /* enum fault_kind */
    uint16_t fault_at;              /* 1: the first opportunity; 0 without a fault */
    /* of ACTION_sleep: what `duration` means, or what a document says */
    uint64_t sleep_ms;
    const char *sql;                            /* of ACTION_execute and ACTION_query, else NULL */
    const struct plan_expectation *expectation; /* NULL: none */
};

/* Where a plan comes from decides what a person may write into it. */
enum plan_kind {
    PLAN_NATIVE,     /* Interplay's own: prepared database, the stack that its config says */
    PLAN_MIDDLEWARE, /* sql-middleware's simulator: pool, empty database, strict order */
};

/* What a kind means for whoever runs, judges, shrinks or prints such a plan. */
struct plan_kind_info {
    bool is_prepared;   /* the database starts with a native plan's tables: results are predicted */
    bool has_config;    /* a person may change the configuration; else it is the simplest one */
    bool has_pool_size; /* it brings its own pool, which is the simplest there is */
    bool is_strict;     /* each interaction ends before the next one begins */
    bool has_rules;     /* what is not possible is wrong in the plan; else it is passed over */
    bool errors_are_findings; /* those that the plan does not expect */
};
extern const struct plan_kind_info plan_kind_infos[];

/* What a plan was run on that is told of. Native documents carry it, in each form; bytes do not. */
struct plan_origin {
    const char *target;  /* "interplay", or a fuzz target with its options */
    const char *backend; /* as --backend calls it */
};

struct plan {
    enum plan_kind kind;
    enum plan_database database; /* whose settings and actions it may have */
    struct plan_config config;
    uint32_t pool_size;               /* of PLAN_MIDDLEWARE: 1 to PLAN_POOL_SIZE_MAX */
    const struct plan_origin *origin; /* NULL: nobody says */
    size_t interaction_count;
    struct interaction *interactions;
};

static inline const struct plan_kind_info *plan_kind(const struct plan *plan)
{
    return &plan_kind_infos[plan->kind];
}

/* A setting of another database, and not said: nothing to tell. */
static inline bool plan_has_setting(const struct plan *plan, int field)
{
    enum plan_database of = plan_config_infos[field].database;
    return of == DATABASE_ALL || of == plan->database || plan->config.choice[field] != 0;
}

static inline uint32_t plan_tasks(const struct plan *plan)
{
    return (uint32_t)plan_config_get(&plan->config, PLAN_CONFIG_tasks);
}

/* Of a plan that does not say how many tasks it has: as many as its interactions name. */
uint8_t plan_tasks_choice(const struct plan *plan);

/*
 * A plan that says of no database is for the one that has a setting or an action of its own in it.
 */
void plan_settle_database(struct plan *plan);

/* Sets how long a sleep takes, and `duration`: that power of two, or 0 where it can say none. */
void plan_set_sleep(struct interaction *sleep, uint64_t ms);

/* Sets how long a sleep takes to what its `duration` says; of other actions, to 0. */
void plan_settle_sleep(struct interaction *interaction);

/* How long a checkout waits: what its `timeout` says, or else the configuration; 0: not at all. */
uint32_t plan_timeout_ms(const struct plan *plan, const struct interaction *checkout);

/*
 * Appends the statement of an action that only one database has: the `sql` of its row, in which
 * {field} stands for the word of that argument in capital letters, or for the number of one that
 * has no words, and {number} for the number that interaction `step` sets. {-field} is a word with
 * blanks for its underscores, {?field} the same, and nothing of the simplest value, {+field} 1 more
 * than the number.
 */
void plan_own_sql(const struct interaction *interaction, int64_t step, struct text *text);

/*
 * Of such an action that has lines: a text for each row, its fields with tabs between them, an
 * empty one being NULL. Appends those that interaction `step` writes, each with its end: one for
 * each of its keys, with k, v and no p.
 */
void plan_own_lines(const struct interaction *interaction, int64_t step, struct text *text);

/*
 * Appends what the one row of such an action says: the `result` of the action's row, in which {n}
 * stands for number n and {n?text} for the text, if number n is not 0.
 */
void plan_own_result(enum plan_action action, const int64_t *numbers, struct text *text);

/* The task that `target` of a drop or cancel means. */
static inline uint32_t plan_target(const struct plan *plan, const struct interaction *interaction)
{
    return interaction->arguments[FIELD_target] % plan_tasks(plan);
}

/*
 * A batch is a list of upserts in one transaction: keys `key` to `key` + `span`, as far as there
 * are such keys (those of an insert of rows, too), each an upsert of the same step with text class
 * 0. How many there are, and number `index` of them.
 */
uint32_t plan_batch_count(const struct interaction *batch);
struct interaction plan_batch_item(const struct interaction *batch, uint32_t index);

/*
 * The keys of its table that an interaction may read or write, as a bit set: those of its filter (a
 * range of values is about all), of its batch, or its only one; none where it is about no row.
 */
uint32_t plan_keys_of(const struct interaction *interaction);

/*
 * True when the two plans mean the same, field by field, texts by content, whichever database is to
 * run them and wherever they come from.
 */
bool plan_equal(const struct plan *left, const struct plan *right);

/* --- what the database of a native plan holds ------------------------------------------------ */

/*
 * Tables t0 to t3: (k INTEGER PRIMARY KEY, v INTEGER, p TEXT), and for a while x, which is computed
 * of v. t0 and t1 exist at the start, with an index on t0.v and rows for PLAN_SEED_KEYS keys. A
 * value v that interaction `step` writes for key k is plan_value(step, k), so that each is unique
 * in a plan and tells its writer; the seed rows are written by step -1.
 */
enum {
    PLAN_SEED_TABLES = 2,
    PLAN_SEED_KEY_STRIDE = 4,
    PLAN_SEED_ROWS = PLAN_KEYS / PLAN_SEED_KEY_STRIDE, /* in each */
};

static inline int64_t plan_value(int64_t step, uint32_t key)
{
    return (step + 1) * PLAN_KEYS + key;
}

/* What interaction `step` sets a number beside the tables to: so that it tells its writer, too. */
static inline int64_t plan_number(int64_t step)
{
    return step + 1;
}

/* What column x adds to v that interaction `step` gives a table: never 0, and of 16 bits. */
static inline uint16_t plan_addend(int64_t step)
{
    return (uint16_t)(1 + step % UINT16_MAX);
}

/* True of what returns rows with all columns that the table has: SELECT *, RETURNING *. */
static inline bool plan_reads_all_columns(const struct interaction *interaction)
{
    return interaction->arguments[FIELD_columns] == COLUMNS_ALL &&
           interaction->arguments[FIELD_aggregate] == AGGREGATE_ROWS;
}

/* Which one an interaction of EFFECT_NUMBER or EFFECT_READ_NUMBER is about. */
static inline uint32_t plan_number_of(const struct interaction *interaction)
{
    return interaction->arguments[plan_action_infos[interaction->action].number_of];
}

/*
 * The value that FILTER_VALUE_FROM and FILTER_VALUE_BELOW compare with: what step 8 * key - 1
 * writes for key 0.
 */
static inline int64_t plan_filter_bound(uint32_t key)
{
    return (int64_t)key * 8 * PLAN_KEYS;
}

/*
 * Text p is the value in 8 decimal digits, repeated: this many times by size class. Class 0 writes
 * NULL, except in an update, where it leaves the text as it is.
 */
extern const uint16_t plan_payload_units[8];
enum { PLAN_PAYLOAD_UNIT_BYTES = 8 };

/* Writes the value in 8 digits, without a terminating zero. */
static inline void plan_digits(int64_t value, char ret_digits[PLAN_PAYLOAD_UNIT_BYTES])
{
    for (int i = PLAN_PAYLOAD_UNIT_BYTES - 1; i >= 0; i--, value /= 10)
        ret_digits[i] = (char)('0' + value % 10);
}

#endif
