/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SQLite promises, each with its source: sections of https://www.sqlite.org, "pragma" for
 * pragma.html, "wal" for wal.html, "atomic" for atomiccommit.html, "rescode" for rescode.html
 * (numbers as in the manual of 3.40.1). Where the manual is silent or behind, the source is a
 * function of SQLite.
 */
#include "sqlite/sqlite_promises.h"

#include "sqlite/sqlite_settings.h"

/* --- what lasts ------------------------------------------------------------------------------- */

static bool is_wal(const int32_t *settings)
{
    return settings[SQLITE_SETTING_journal_mode] == SQLITE_JOURNAL_WAL;
}

/* DELETE, TRUNCATE or PERSIST. */
static bool is_rollback(const int32_t *settings)
{
    int32_t mode = settings[SQLITE_SETTING_journal_mode];
    return mode == SQLITE_JOURNAL_DELETE || mode == SQLITE_JOURNAL_TRUNCATE ||
           mode == SQLITE_JOURNAL_PERSIST;
}

static bool synchronous_is(const int32_t *settings, int32_t synchronous)
{
    return settings[SQLITE_SETTING_synchronous] == synchronous;
}

static bool is_wal_full(const int32_t *settings)
{
    return is_wal(settings) && settings[SQLITE_SETTING_synchronous] >= SQLITE_SYNCHRONOUS_FULL;
}

static bool is_wal_normal_powersafe(const int32_t *settings)
{
    return is_wal(settings) && synchronous_is(settings, SQLITE_SYNCHRONOUS_NORMAL) &&
           settings[SQLITE_SETTING_powersafe_overwrite] != 0;
}

static bool is_rollback_extra(const int32_t *settings)
{
    return is_rollback(settings) && synchronous_is(settings, SQLITE_SYNCHRONOUS_EXTRA);
}

static bool is_delete_full(const int32_t *settings)
{
    return settings[SQLITE_SETTING_journal_mode] == SQLITE_JOURNAL_DELETE &&
           synchronous_is(settings, SQLITE_SYNCHRONOUS_FULL);
}

static bool is_rollback_full(const int32_t *settings)
{
    return is_rollback(settings) && synchronous_is(settings, SQLITE_SYNCHRONOUS_FULL);
}

static bool is_memory(const int32_t *settings)
{
    return settings[SQLITE_SETTING_journal_mode] == SQLITE_JOURNAL_MEMORY;
}

static bool is_off(const int32_t *settings)
{
    return settings[SQLITE_SETTING_journal_mode] == SQLITE_JOURNAL_OFF;
}

static const struct durability_promise durability[] = {
    {.mode = "WAL, FULL or EXTRA",
     .covers = is_wal_full,
     .power_loss = SURVIVES_ALL,
     .process_death = SURVIVES_ALL,
     .source = "pragma, synchronous: FULL; wal, 2.3"},
    {.mode = "WAL, NORMAL, powersafe overwrite",
     .covers = is_wal_normal_powersafe,
     .power_loss = SURVIVES_SYNCED,
     .process_death = SURVIVES_ALL,
     .source = "pragma, synchronous: NORMAL; wal, 2.3"},
    /* SQLite pads the log to a sector's end only where it syncs each commit. */
    {.mode = "WAL, NORMAL without powersafe overwrite; WAL, OFF",
     .covers = is_wal,
     .power_loss = SURVIVES_UNCLAIMED,
     .process_death = SURVIVES_ALL,
     .source = "pragma, synchronous: OFF"},
    {.mode = "rollback journal, EXTRA",
     .covers = is_rollback_extra,
     .power_loss = SURVIVES_ALL,
     .process_death = SURVIVES_ALL,
     .source = "pragma, synchronous: EXTRA"},
    /* The journal's removal is what commits, and the directory is not synced after it. */
    {.mode = "rollback journal DELETE, FULL",
     .covers = is_delete_full,
     .power_loss = SURVIVES_ALL_BUT_LAST,
     .process_death = SURVIVES_ALL,
     .source = "pragma, synchronous: EXTRA; atomic, 3.11"},
    /*
     * The manual's overview says of FULL and rollback journals "maybe not durable", which the
     * removal is (above), and atomic, 7.6, that TRUNCATE is not synced: it is, as PERSIST is, in
     * all versions that were looked at (3.13.0 to 3.54.1).
     */
    {.mode = "rollback journal TRUNCATE or PERSIST, FULL",
     .covers = is_rollback_full,
     .power_loss = SURVIVES_ALL,
     .process_death = SURVIVES_ALL,
     .source = "pragma, synchronous: FULL; pager_end_transaction()"},
    {.mode = "rollback journal, NORMAL or OFF",
     .covers = is_rollback,
     .power_loss = SURVIVES_UNCLAIMED,
     .process_death = SURVIVES_ALL,
     .source = "pragma, synchronous: NORMAL, OFF"},
    {.mode = "`journal_mode` MEMORY",
     .covers = is_memory,
     .power_loss = SURVIVES_UNCLAIMED,
     .process_death = SURVIVES_UNCLAIMED,
     .source = "pragma, journal_mode: MEMORY"},
    {.mode = "`journal_mode` OFF",
     .covers = is_off,
     .power_loss = SURVIVES_UNCLAIMED,
     .process_death = SURVIVES_UNCLAIMED,
     .cannot_undo = true,
     .source = "pragma, journal_mode: OFF"},
};

/*
 * pragma, synchronous: with a log, NORMAL is always consistent, and what might roll back is "a
 * transaction committed in WAL mode with synchronous=NORMAL"; what FULL has synced is in the log
 * before it, or in the database, which is synced before the log is used anew. Without one, FULL
 * differs from EXTRA by not syncing the removal of the journal: what then comes back is the journal
 * of the last commit, which undoes that one. OFF, and NORMAL without a log, claim nothing at all.
 * What a change of the journal mode leaves behind the manual does not say; nor whose synchronous
 * counts where connections share a cache.
 */
static bool outlasts_modes(const int32_t *before, const int32_t *after)
{
    return before[SQLITE_SETTING_journal_mode] == after[SQLITE_SETTING_journal_mode] &&
           before[SQLITE_SETTING_shared_cache] == SQLITE_CACHE_PRIVATE;
}

/* --- calls ------------------------------------------------------------------------------------ */

/*
 * pragma, locking_mode: who has locked the database keeps it locked until it disconnects, or sets
 * the mode back and uses the database.
 */
static bool idle_blocks(const int32_t *settings)
{
    return settings[SQLITE_SETTING_locking_mode] == SQLITE_LOCKING_EXCLUSIVE;
}

/*
 * c3ref/busy_timeout.html. Inside of a transaction c3ref/busy_handler.html reserves not to wait:
 * who reads and would write could be what the other one waits for. Who must read the schema for a
 * statement goes on with the waiting of the call before (3.40.1 to 3.54.1: sqlite3LockAndPrepare()
 * leaves busyHandler.nBusy as it finds it): after one that has waited in vain it does not wait at
 * all, after one that has waited with success for less than the timeout.
 */
static bool waits_when_busy(const int32_t *settings, const struct busy_call *call)
{
    return !call->in_transaction && !call->is_after_wait && !idle_blocks(settings);
}

/*
 * wal, 2.1 and 6: who commits with so many frames in the log copies all of them into the database,
 * and where nobody reads, the next writer begins at the log's beginning. So a write that appends
 * finds fewer frames there. walformat.html, 1: a header of 32 bytes, and frames of a page with a
 * header of 24. Who has locked the database for good has a log of its own kind.
 */
static uint64_t log_limit_bytes(const int32_t *settings)
{
    int32_t frames = settings[SQLITE_SETTING_autocheckpoint];
    if (!is_wal(settings) || idle_blocks(settings) || frames <= 0)
        return 0;
    return 32 + (uint64_t)(frames - 1) * (24 + (uint64_t)settings[SQLITE_SETTING_page_size]);
}

/*
 * Failures after which SQLite (3.40.1 to 3.53.2) says that the transaction is still open although
 * it is not what it was: a write that met a locking protocol error keeps what it did so far; the
 * RELEASE of the savepoint that began the transaction undoes everything when its commit fails.
 * docs/findings.md explains both.
 */
static const char *known_cause(const struct failed_call *call)
{
    if (call->outcome == OUTCOME_PROTOCOL && call->is_write)
        return "write-kept-after-protocol-error";
    if (call->is_outermost_release && call->outcome != OUTCOME_BUSY)
        return "failed-release-undoes-open-transaction";
    return NULL;
}

/*
 * A checkpoint (pragma, wal_checkpoint) reports whether it was busy, the frames in the log and
 * those that it copied: with all of them in the database file, which it syncs, what was committed
 * before does not need the log any more.
 */
static bool report_syncs(const int64_t numbers[SUBJECT_REPORT_NUMBERS])
{
    return numbers[0] == 0 && numbers[1] >= 0 && numbers[1] == numbers[2];
}

/* --- what transactions see of each other ------------------------------------------------------ */

static bool has_private_caches(const int32_t *settings)
{
    return settings[SQLITE_SETTING_shared_cache] == SQLITE_CACHE_PRIVATE;
}

static bool reads_uncommitted(const int32_t *settings)
{
    return settings[SQLITE_SETTING_shared_cache] == SQLITE_CACHE_READ_UNCOMMITTED;
}

static bool always(const int32_t *settings)
{
    (void)settings;
    return true;
}

/*
 * With a shared cache a transaction keeps a lock on each table that it reads or writes until its
 * end (sharedcache.html, 2.2), which gives what two-phase locking gives.
 */
static const struct isolation_promise isolation[] = {
    {
        .mode = "separate caches",
        .covers = has_private_caches,
        .level = "strict-serializable",
        .source = "isolation.html, Summary; wal.html, 2.2: a read transaction begins at the "
                  "newest commit",
    },
    {
        .mode = "`shared_cache`, `read_uncommitted`",
        .covers = reads_uncommitted,
        .level = "read-uncommitted",
        .source = "sharedcache.html, 2.2.1: reads take no locks on tables, so that a query may see "
                  "what others write meanwhile; writes take them",
    },
    {
        .mode = "`shared_cache`",
        .covers = always,
        .level = "strict-serializable",
        .source = "sharedcache.html, 2.2: a lock on a table is held until the transaction ends; "
                  "isolation.html: serializable but for read_uncommitted",
    },
};

/* --- all of it -------------------------------------------------------------------------------- */

static const struct promises *instead(const int32_t *settings);

const struct promises sqlite_promises = {
    .durability = durability,
    .durability_count = sizeof durability / sizeof durability[0],
    .outlasts_modes = outlasts_modes,
    .isolation = isolation,
    .isolation_count = sizeof isolation / sizeof isolation[0],
    /* The manual says no more than that the hook is called; vdbeCommit() has all locks by then. */
    .commit_order_is_known = true,
    .one_writer = true, /* isolation.html; wal, 2.2 */
    .idle_blocks = idle_blocks,
    .permits =
        {
            [OUTCOME_CONSTRAINT] = SITUATION_PREDICTED,
            [OUTCOME_SQL_ERROR] = SITUATION_PREDICTED,
            /*
             * rescode, SQLITE_BUSY; SQLITE_PROTOCOL: a race for the log's locks, given up after
             * many tries
             */
            [OUTCOME_BUSY] = SITUATION_CONTENDED | SITUATION_STORAGE_FAULT | SITUATION_DROP,
            [OUTCOME_PROTOCOL] = SITUATION_CONTENDED | SITUATION_STORAGE_FAULT | SITUATION_DROP,
            /*
             * rescode, SQLITE_BUSY_SNAPSHOT: somebody else wrote since the transaction's first read
             */
            [OUTCOME_BUSY_SNAPSHOT] =
                SITUATION_IN_TRANSACTION | SITUATION_CONTENDED | SITUATION_STORAGE_FAULT,
            /* rescode, SQLITE_SCHEMA */
            [OUTCOME_SCHEMA] = SITUATION_CONTENDED,
            /*
             * rescode, SQLITE_LOCKED: a conflict within a connection; sqlite3BtreeCheckpoint(): a
             * checkpoint inside of one's own transaction
             */
            [OUTCOME_LOCKED] = SITUATION_IN_TRANSACTION,
        },
    .waits_when_busy = waits_when_busy,
    .log_limit_bytes = log_limit_bytes,
    .known_cause = known_cause,
    .unread_undo_cause = "database-emptied-by-rollback-to", /* docs/findings.md */
    .report_syncs = report_syncs,
    .instead = instead,
};

/*
 * sharedcache.html. Who meets the lock of another connection on a table, on the schema or for
 * writing is refused at once (rescode, SQLITE_LOCKED_SHAREDCACHE), and no busy handler is asked;
 * sqlite3BtreeCheckpoint() refuses a checkpoint while any of them has a transaction, so that the
 * log grows. Numbers of the header belong to no table: no lock keeps others from seeing them as
 * somebody sets them (sqlite3BtreeUpdateMeta()). One pager fails for all (pager_error()).
 */
static void share(struct promises *promises, enum subject_view rows)
{
    *promises = sqlite_promises;
    promises->permits[OUTCOME_LOCKED] |= SITUATION_CONTENDED | SITUATION_DROP;
    promises->waits_when_busy = NULL;
    promises->log_limit_bytes = NULL;
    promises->rows = rows;
    promises->numbers = VIEW_UNCLAIMED;
    promises->is_one_process = promises->shares_failures = true;
}

/* 2.2: tables stay as they were read, each from when it was. 2.2.1: or reads take no locks. */
static const struct promises *instead(const int32_t *settings)
{
    static struct promises shared, uncommitted;
    if (has_private_caches(settings))
        return NULL;
    bool is_uncommitted = reads_uncommitted(settings);
    struct promises *promises = is_uncommitted ? &uncommitted : &shared;
    share(promises, is_uncommitted ? VIEW_UNCLAIMED : VIEW_OF_STATEMENT);
    return promises;
}

/* --- pools ------------------------------------------------------------------------------------ */

void sqlite_settings_of_no_pool(int32_t settings[SUBJECT_SETTINGS_MAX])
{
    settings[SQLITE_SETTING_shared_cache] = SQLITE_CACHE_PRIVATE;
}

void sqlite_settings_of_pool(int32_t settings[SUBJECT_SETTINGS_MAX])
{
    settings[SQLITE_SETTING_journal_mode] = SQLITE_JOURNAL_WAL;
    settings[SQLITE_SETTING_locking_mode] = SQLITE_LOCKING_NORMAL;
}
