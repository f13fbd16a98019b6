/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_promises.h"

#include "postgres/postgres_settings.h"

/* --- isolation -------------------------------------------------------------------------------- */

#define COVERS(name, setting, value)                                                               \
    static bool name(const int32_t *settings)                                                      \
    {                                                                                              \
        return settings[POSTGRES_SETTING_##setting] == (value);                                    \
    }

COVERS(is_read_committed, isolation_level, POSTGRES_READ_COMMITTED)
COVERS(is_repeatable_read, isolation_level, POSTGRES_REPEATABLE_READ)
COVERS(is_serializable, isolation_level, POSTGRES_SERIALIZABLE)

/*
 * A snapshot holds all that had been acknowledged before it was taken: what it is of is decided
 * when the server works on the statement, and a commit is seen before its client is told. So
 * snapshots, and what is serializable on top of them, are strict.
 */
static const struct isolation_promise isolation[] = {
    {"read committed", is_read_committed, "read-committed",
     "13.2.1, Read Committed: a SELECT query sees only data committed before the query began; it "
     "never sees changes committed by concurrent transactions during its execution",
     "strict-serializable"},
    {"repeatable read", is_repeatable_read, "strict-snapshot-isolation",
     "13.2.2, Repeatable Read: a snapshot as of the start of the first non-transaction-control "
     "statement in the transaction",
     NULL},
    {"serializable", is_serializable, "strict-serializable",
     "13.2.3, Serializable: as if transactions had been executed one after another, serially; "
     "works exactly the same as Repeatable Read otherwise",
     NULL},
};

/* --- durability ------------------------------------------------------------------------------- */

static bool is_synchronous(const int32_t *settings)
{
    return settings[POSTGRES_SETTING_synchronous_commit] < 2;
}

static bool is_anything(const int32_t *settings)
{
    (void)settings;
    return true;
}

static const struct durability_promise durability[] = {
    {.mode = "synchronous_commit on or local",
     .covers = is_synchronous,
     .power_loss = SURVIVES_ALL,
     .process_death = SURVIVES_ALL,
     .source = "30.1, Reliability; 30.3, Write-Ahead Logging (WAL)"},
    {.mode = "synchronous_commit off",
     .covers = is_anything,
     .power_loss = SURVIVES_SYNCED,
     .process_death = SURVIVES_SYNCED, /* a crash of the server is meant, too */
     .source = "30.4, Asynchronous Commit: the most recent transactions may be lost, as if they "
               "had been aborted cleanly"},
};

/* --- outcomes --------------------------------------------------------------------------------- */

/*
 * Rows are locked until the transaction ends: 13.3.2, Row-Level Locks; what who finds a newer
 * version does: 13.2.1 and 13.2.2.
 *
 * Common to all. CONSTRAINT and SQL_ERROR: the statement says so. Whoever waits for a lock waits
 * for somebody else; BUSY is for those who do not want to wait (NOWAIT), for objects in use.
 * SCHEMA: what was prepared has other columns since.
 */
#define COMMON                                                                                     \
    .durability = durability, .durability_count = sizeof durability / sizeof durability[0],        \
    .isolation = isolation, .isolation_count = sizeof isolation / sizeof isolation[0],             \
    .failure_ends_transaction = true, .locks_rows = true, .numbers = VIEW_UNCLAIMED,               \
    .permits[OUTCOME_CONSTRAINT] = SITUATION_PREDICTED,                                            \
    .permits[OUTCOME_SQL_ERROR] = SITUATION_PREDICTED,                                             \
    .permits[OUTCOME_BUSY] = SITUATION_CONTENDED | SITUATION_DROP,                                 \
    .permits[OUTCOME_DEADLOCK] = SITUATION_CONTENDED | SITUATION_DROP,                             \
    .permits[OUTCOME_SCHEMA] = SITUATION_CONTENDED | SITUATION_DROP | SITUATION_IN_TRANSACTION

/*
 * 13.2.1 and 13.2.2; SET TRANSACTION, READ ONLY. Of what rewrites a table 13.6, Caveats: to older
 * snapshots it appears empty.
 */
#define OF_STATEMENTS .rows = VIEW_OF_STATEMENT
#define OF_TRANSACTIONS                                                                            \
    .rows = VIEW_OF_TRANSACTION, .new_columns_break_snapshots = true,                              \
    .permits[OUTCOME_BUSY_SNAPSHOT] =                                                              \
        SITUATION_CONTENDED | SITUATION_DROP | SITUATION_IN_TRANSACTION
#define READ_ONLY .permits[OUTCOME_READONLY] = SITUATION_PREDICTED

static const struct promises of_transactions = {COMMON, OF_TRANSACTIONS};
static const struct promises of_read_only_statements = {COMMON, OF_STATEMENTS, READ_ONLY};
static const struct promises of_read_only_transactions = {COMMON, OF_TRANSACTIONS, READ_ONLY};

static const struct promises *by_settings(const int32_t *settings)
{
    bool is_read_only = settings[POSTGRES_SETTING_read_only] != 0;
    if (!is_read_committed(settings))
        return is_read_only ? &of_read_only_transactions : &of_transactions;
    return is_read_only ? &of_read_only_statements : NULL;
}

/*
 * The order of commits is that of the replies, but where one frees another that was waiting for it
 * and commits by itself: so it is not claimed. What is not kept is said so by an error, which ends
 * the transaction (the manual, "Error handling" of the protocol, 55.2.2.1, and 13.5).
 */
const struct promises postgres_promises = {
    COMMON,
    OF_STATEMENTS,
    .instead = by_settings,
};
