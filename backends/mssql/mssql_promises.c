/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Interplay's own TDS server promises: its levels are made as SQL Server's documentation says
 * of its own ("SET TRANSACTION ISOLATION LEVEL", "Transaction Locking and Row Versioning Guide"),
 * and what of that is claimed is claimed of this server. (docs/mssql.md)
 */
#include "mssql/mssql_promises.h"

#include "mssql/mssql_settings.h"

/* --- isolation -------------------------------------------------------------------------------- */

static bool has_level(const int32_t *settings, enum mssql_isolation level)
{
    return settings[MSSQL_SETTING_transaction_isolation] == (int32_t)level;
}

static bool is_read_committed_by_versions(const int32_t *settings)
{
    return has_level(settings, MSSQL_READ_COMMITTED) &&
           settings[MSSQL_SETTING_read_committed_snapshot] != 0;
}

#define COVERS(name, level)                                                                        \
    static bool name(const int32_t *settings)                                                      \
    {                                                                                              \
        return has_level(settings, level);                                                         \
    }

COVERS(is_read_committed, MSSQL_READ_COMMITTED)
COVERS(is_repeatable_read, MSSQL_REPEATABLE_READ)
COVERS(is_snapshot, MSSQL_SNAPSHOT)
COVERS(is_serializable, MSSQL_SERIALIZABLE)
COVERS(is_read_uncommitted, MSSQL_READ_UNCOMMITTED)

static const struct isolation_promise isolation[] = {
    {"read committed by versions", is_read_committed_by_versions, "read-committed",
     "row versions give each statement what was committed when it began", "strict-serializable"},
    {"read committed by locks", is_read_committed, "read-committed",
     "a row is read under a shared lock, which goes when it has been read", NULL},
    {"repeatable read", is_repeatable_read, "repeatable-read",
     "shared locks on what was read are held to the transaction's end; rows may come", NULL},
    {"snapshot", is_snapshot, "strict-snapshot-isolation",
     "row versions as of the transaction's first access of data; 3960 for a row that somebody "
     "else has changed since",
     NULL},
    {"serializable", is_serializable, "strict-serializable",
     "locks on ranges of keys are held to the transaction's end", NULL},
    {"read uncommitted", is_read_uncommitted, "read-uncommitted", "rows are read without a lock",
     NULL},
};

/* --- durability ------------------------------------------------------------------------------- */

static bool is_anything(const int32_t *settings)
{
    (void)settings;
    return true;
}

static const struct durability_promise durability[] = {
    {.mode = "any",
     .covers = is_anything,
     .power_loss = SURVIVES_UNCLAIMED,
     .process_death = SURVIVES_ALL, /* of a client: the server lives */
     .source = "the server keeps what it has acknowledged as long as it runs"},
};

/* --- outcomes --------------------------------------------------------------------------------- */

/*
 * CONSTRAINT and SQL_ERROR: the statement says so. Who waits for a lock waits for somebody else,
 * until its own time is up (1222), or it is chosen as the victim of a deadlock (1205), which ends
 * its transaction; with XACT_ABORT the former ends it, too, and a pool that tries the statement
 * again is told so. Who stops a statement that writes, because its own time is up, is not told
 * whether it was done: db-lib throws that away.
 */
#define COMMON                                                                                     \
    .durability = durability, .durability_count = sizeof durability / sizeof durability[0],        \
    .isolation = isolation, .isolation_count = sizeof isolation / sizeof isolation[0],             \
    .numbers = VIEW_UNCLAIMED, .permits[OUTCOME_CONSTRAINT] = SITUATION_PREDICTED,                 \
    .permits[OUTCOME_SQL_ERROR] = SITUATION_PREDICTED,                                             \
    .permits[OUTCOME_BUSY] = SITUATION_CONTENDED | SITUATION_DROP,                                 \
    .permits[OUTCOME_DEADLOCK] = SITUATION_CONTENDED | SITUATION_DROP,                             \
    .permits[OUTCOME_ROLLED_BACK] = SITUATION_CONTENDED | SITUATION_DROP,                          \
    .permits[OUTCOME_IN_DOUBT] = SITUATION_PREDICTED

/* Of rows that are read one after the other no moment can be named. */
static const struct promises by_rows = {COMMON, .rows = VIEW_UNCLAIMED};

static const struct promises by_snapshot = {
    COMMON,
    .rows = VIEW_OF_TRANSACTION,
    .permits[OUTCOME_BUSY_SNAPSHOT] =
        SITUATION_CONTENDED | SITUATION_DROP | SITUATION_IN_TRANSACTION,
};

static const struct promises *by_settings(const int32_t *settings)
{
    if (is_snapshot(settings))
        return &by_snapshot;
    return is_serializable(settings) || is_read_committed_by_versions(settings) ? NULL : &by_rows;
}

/*
 * What a statement has read under locks that stay, or of versions, is what was committed at one
 * moment of it. The order of commits is that of the replies, but where one frees another that was
 * waiting for it and commits by itself: so it is not claimed.
 */
const struct promises mssql_promises = {
    COMMON,
    .rows = VIEW_OF_STATEMENT,
    .instead = by_settings,
};
