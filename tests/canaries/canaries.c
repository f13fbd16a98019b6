/* SPDX-License-Identifier: Apache-2.0 */
/* The canaries that break the backend, and the table of all of them. */
#include "decorator.h"

#include <sqlite3.h>
#include <string.h>

/* --- snapshot --------------------------------------------------------------------------------- */

static enum outcome lost_commit_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    if (canary_begins(here, "COMMIT") && honest->in_transaction(here->connection) &&
        canary_every(2))
        return canary_execute(here->connection, "ROLLBACK");
    return honest->step(statement);
}

static void install_lost_commit(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = lost_commit_step;
}

static enum outcome unrolled_back_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    if (here != NULL && strcmp(here->sql, "ROLLBACK") == 0 &&
        honest->in_transaction(here->connection))
        return canary_execute(here->connection, "COMMIT");
    return honest->step(statement);
}

static void install_unrolled_back(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = unrolled_back_step;
}

/* What a savepoint does not cover, one would think: a number of the header stays as it was set. */
static enum outcome kept_number_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    if (canary_begins(here, "PRAGMA USER_VERSION="))
        memcpy(canary_memory.number_sql, here->sql, sizeof here->sql);
    enum outcome outcome = honest->step(statement);
    if (outcome == OUTCOME_OK && canary_begins(here, "ROLLBACK TO") &&
        canary_memory.number_sql[0] != '\0')
        (void)canary_execute(here->connection, canary_memory.number_sql);
    return outcome;
}

static void install_kept_number(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = kept_number_step;
}

/* A column that was added outlives the transaction that added it. */
static enum outcome kept_column_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    enum outcome outcome = honest->step(statement);
    if (outcome != OUTCOME_OK || here == NULL)
        return outcome;
    if (canary_begins(here, "ALTER TABLE") && strstr(here->sql, " ADD COLUMN ") != NULL)
        memcpy(canary_memory.number_sql, here->sql, sizeof here->sql);
    if (strcmp(here->sql, "ROLLBACK") == 0 && canary_memory.number_sql[0] != '\0')
        (void)canary_execute(here->connection, canary_memory.number_sql);
    return outcome;
}

static void install_kept_column(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = kept_column_step;
}

static bool is_aggregate(const struct canary_statement *statement)
{
    return canary_begins(statement, "SELECT count") || canary_begins(statement, "SELECT sum") ||
           canary_begins(statement, "SELECT min") || canary_begins(statement, "SELECT max");
}

static struct canary_answer *answer_to(const char *sql)
{
    for (size_t i = 0; i < canary_memory.answer_count; i++)
        if (strcmp(canary_memory.answers[i].sql, sql) == 0)
            return &canary_memory.answers[i];
    return NULL;
}

/* The first answer is kept and given again. */
static enum outcome stale_read_step(struct backend_statement *statement)
{
    enum outcome outcome = honest->step(statement);
    struct canary_statement *here = canary_statement(statement);
    if (outcome != OUTCOME_ROW || !is_aggregate(here))
        return outcome;
    struct canary_answer *answer = answer_to(here->sql);
    if (answer != NULL) {
        here->is_altered = true;
        here->is_null = answer->is_null;
        here->number = answer->number;
    } else if (canary_memory.answer_count < CANARY_ANSWERS_MAX) {
        answer = &canary_memory.answers[canary_memory.answer_count++];
        memcpy(answer->sql, here->sql, sizeof answer->sql);
        answer->is_null = honest->column_is_null(statement, 0);
        answer->number = honest->column_int64(statement, 0);
    }
    return outcome;
}

/* What is counted, or what was counted the first time under this name, if that was less. */
static int first_count(const char *name, int count)
{
    struct canary_answer *answer = answer_to(name);
    if (answer == NULL && canary_memory.answer_count < CANARY_ANSWERS_MAX) {
        answer = &canary_memory.answers[canary_memory.answer_count++];
        memcpy(answer->sql, name, strlen(name) + 1);
        answer->number = count;
    }
    return answer != NULL && answer->number < count ? (int)answer->number : count;
}

/* A statement is taken for what it was when it was prepared for the first time. */
static int frozen_columns_count(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    int count = honest->column_count(statement);
    return canary_begins(here, "SELECT *") ? first_count(here->sql, count) : count;
}

static void install_frozen_columns(struct fuzz_setup *setup)
{
    canary_decorate(setup)->column_count = frozen_columns_count;
}

/* The same of the names alone: columns that came later have none. */
static const char *frozen_names_name(struct backend_statement *statement, int column)
{
    struct canary_statement *here = canary_statement(statement);
    bool is_known = !canary_begins(here, "SELECT *") ||
                    column < first_count(here->sql, honest->column_count(statement));
    return is_known ? honest->column_name(statement, column) : "";
}

static void install_frozen_names(struct fuzz_setup *setup)
{
    canary_decorate(setup)->column_name = frozen_names_name;
}

/* The same, but a row that comes shows how it is. */
static enum outcome frozen_empty_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    enum outcome outcome = honest->step(statement);
    if (here != NULL)
        here->has_row |= outcome == OUTCOME_ROW;
    return outcome;
}

static int frozen_empty_count(struct backend_statement *statement)
{
    const struct canary_statement *here = canary_statement(statement);
    return here != NULL && !here->has_row ? frozen_columns_count(statement)
                                          : honest->column_count(statement);
}

static void install_frozen_empty(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = frozen_empty_step;
    canary_decorated()->column_count = frozen_empty_count;
}

/* The same of an update that returns rows: values differ, so it goes by the table. */
static int frozen_returning_count(struct backend_statement *statement)
{
    const struct canary_statement *here = canary_statement(statement);
    int count = honest->column_count(statement);
    char table[] = "UPDATE t0";
    if (!canary_begins(here, "UPDATE") || count == 0)
        return count;
    memcpy(table, here->sql, sizeof table - 1);
    return first_count(table, count);
}

static void install_frozen_returning(struct fuzz_setup *setup)
{
    canary_decorate(setup)->column_count = frozen_returning_count;
}

/* Of an update that returns rows each has the value of the first. */
static enum outcome repeated_returning_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    enum outcome outcome = honest->step(statement);
    if (outcome != OUTCOME_ROW || !canary_begins(here, "UPDATE"))
        return outcome;
    if (!here->has_row)
        here->number = honest->column_int64(statement, 1);
    here->has_row = true;
    return outcome;
}

static int64_t repeated_returning_int64(struct backend_statement *statement, int column)
{
    const struct canary_statement *here = canary_statement(statement);
    bool is_repeated = here != NULL && here->has_row && column == 1;
    return is_repeated ? here->number : honest->column_int64(statement, column);
}

static void install_repeated_returning(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = repeated_returning_step;
    canary_decorated()->column_int64 = repeated_returning_int64;
}

static bool altered_column_is_null(struct backend_statement *statement, int column)
{
    struct canary_statement *here = canary_statement(statement);
    return here != NULL && here->is_altered ? here->is_null
                                            : honest->column_is_null(statement, column);
}

static int64_t altered_column_int64(struct backend_statement *statement, int column)
{
    struct canary_statement *here = canary_statement(statement);
    return here != NULL && here->is_altered ? here->number
                                            : honest->column_int64(statement, column);
}

static void install_stale_read(struct fuzz_setup *setup)
{
    struct backend_ops *broken = canary_decorate(setup);
    broken->step = stale_read_step;
    broken->column_is_null = altered_column_is_null;
    broken->column_int64 = altered_column_int64;
}

static int64_t wrong_count_int64(struct backend_statement *statement, int column)
{
    enum { RIGHT_UP_TO = 8 };
    int64_t number = honest->column_int64(statement, column);
    bool is_wrong =
        number > RIGHT_UP_TO && canary_begins(canary_statement(statement), "SELECT count");
    return is_wrong ? number - 1 : number;
}

static void install_wrong_count(struct fuzz_setup *setup)
{
    canary_decorate(setup)->column_int64 = wrong_count_int64;
}

/* Once at the end of a query, the row before comes again, empty. */
static enum outcome extra_row_step(struct backend_statement *statement)
{
    enum outcome outcome = honest->step(statement);
    struct canary_statement *here = canary_statement(statement);
    if (outcome != OUTCOME_OK || !canary_begins(here, "SELECT") || here->is_altered)
        return outcome;
    here->is_altered = true;
    here->is_null = true;
    return OUTCOME_ROW;
}

static const char *extra_row_text(struct backend_statement *statement, int column,
                                  size_t *ret_length)
{
    struct canary_statement *here = canary_statement(statement);
    if (here == NULL || !here->is_altered)
        return honest->column_text(statement, column, ret_length);
    *ret_length = 0;
    return "";
}

static void install_extra_row(struct fuzz_setup *setup)
{
    struct backend_ops *broken = canary_decorate(setup);
    broken->step = extra_row_step;
    broken->column_is_null = altered_column_is_null;
    broken->column_int64 = altered_column_int64;
    broken->column_text = extra_row_text;
}

static bool is_write(const struct canary_statement *statement)
{
    return canary_begins(statement, "INSERT") || canary_begins(statement, "UPDATE") ||
           canary_begins(statement, "DELETE");
}

/*
 * A retry that starts a new transaction without telling: what was read before is not what is now.
 */
static enum outcome silent_retry_step(struct backend_statement *statement)
{
    enum outcome outcome = honest->step(statement);
    struct canary_statement *here = canary_statement(statement);
    /* A busy statement is still running; resetting it forgets parameters. */
    if (outcome != OUTCOME_BUSY_SNAPSHOT || !is_write(here) ||
        honest->parameter_count(statement) > 0)
        return outcome;
    honest->reset(statement);
    if (canary_execute(here->connection, "ROLLBACK") != OUTCOME_OK ||
        canary_execute(here->connection, "BEGIN") != OUTCOME_OK)
        return outcome;
    return honest->step(statement);
}

static void install_silent_retry(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = silent_retry_step;
}

static enum outcome swallowed_error_step(struct backend_statement *statement)
{
    enum outcome outcome = honest->step(statement);
    bool is_swallowed = outcome == OUTCOME_IO_ERROR || outcome == OUTCOME_FULL ||
                        outcome == OUTCOME_NO_MEMORY || outcome == OUTCOME_INTERRUPTED;
    return is_swallowed && is_write(canary_statement(statement)) ? OUTCOME_OK : outcome;
}

static void install_swallowed_error(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = swallowed_error_step;
}

/* --- error class ------------------------------------------------------------------------------ */

static enum outcome wrong_error_step(struct backend_statement *statement)
{
    enum outcome outcome = honest->step(statement);
    return outcome == OUTCOME_BUSY && canary_in_task() ? OUTCOME_MISUSE : outcome;
}

static void install_wrong_error(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = wrong_error_step;
}

/* --- busy ------------------------------------------------------------------------------------- */

static enum outcome lost_timeout_connect(struct backend_connection **ret_connection,
                                         const struct backend_options *options)
{
    struct backend_options impatient = *options;
    if (canary_in_task() && canary_every(2))
        impatient.busy_timeout_ms = 0;
    return honest->connect(ret_connection, &impatient);
}

static void install_lost_timeout(struct fuzz_setup *setup)
{
    canary_decorate(setup)->connect = lost_timeout_connect;
}

/* --- the log ---------------------------------------------------------------------------------- */

static enum outcome endless_log_connect(struct backend_connection **ret_connection,
                                        const struct backend_options *options)
{
    struct backend_options careless = *options;
    if (canary_in_task())
        (void)strcpy(careless.parameters, "autocheckpoint=0");
    return honest->connect(ret_connection, &careless);
}

static void install_endless_log(struct fuzz_setup *setup)
{
    canary_decorate(setup)->connect = endless_log_connect;
}

/* --- resources -------------------------------------------------------------------------------- */

static void leaked_statement_finalize(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    bool is_leaked = here != NULL && canary_every(5);
    if (here != NULL)
        *here = (struct canary_statement){0};
    if (!is_leaked)
        honest->finalize(statement);
}

static void install_leaked_statement(struct fuzz_setup *setup)
{
    canary_decorate(setup)->finalize = leaked_statement_finalize;
}

static enum outcome leaked_connection_connect(struct backend_connection **ret_connection,
                                              const struct backend_options *options)
{
    enum outcome outcome = honest->connect(ret_connection, options);
    if (outcome == OUTCOME_OK && canary_in_task() && canary_every(3))
        canary_memory.leaked = *ret_connection;
    return outcome;
}

static enum outcome leaked_connection_disconnect(struct backend_connection *connection)
{
    return connection == canary_memory.leaked ? OUTCOME_OK : honest->disconnect(connection);
}

static void install_leaked_connection(struct fuzz_setup *setup)
{
    struct backend_ops *broken = canary_decorate(setup);
    broken->connect = leaked_connection_connect;
    broken->disconnect = leaked_connection_disconnect;
}

/* --- deadlock, progress ----------------------------------------------------------------------- */

/* Inserts and deletes take two locks, the second one after the statement, in opposite order. */
static enum outcome lock_order_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    bool inserts = canary_begins(here, "INSERT"), deletes = canary_begins(here, "DELETE");
    if (!inserts && !deletes)
        return honest->step(statement);
    sqlite3_mutex *one = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex *other = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP2);
    sqlite3_mutex_enter(inserts ? one : other);
    enum outcome outcome = honest->step(statement);
    sqlite3_mutex_enter(inserts ? other : one);
    sqlite3_mutex_leave(other);
    sqlite3_mutex_leave(one);
    return outcome;
}

static void install_lock_order(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = lock_order_step;
}

static enum outcome endless_retry_step(struct backend_statement *statement)
{
    enum outcome outcome;
    do {
        outcome = honest->step(statement);
    } while (outcome == OUTCOME_BUSY && canary_in_task());
    return outcome;
}

static void install_endless_retry(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = endless_retry_step;
}

/* --- properties ------------------------------------------------------------------------------- */

/* A query leaves out its first row. */
static enum outcome missing_row_step(struct backend_statement *statement)
{
    enum outcome outcome = honest->step(statement);
    struct canary_statement *here = canary_statement(statement);
    if (outcome != OUTCOME_ROW || !canary_begins(here, "SELECT k") || here->is_altered)
        return outcome;
    here->is_altered = true; /* once */
    return honest->step(statement);
}

static void install_missing_row(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = missing_row_step;
}

/* A lock that was met once is met again, although it is gone. */
static enum outcome remembered_lock_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    if (is_write(here) && canary_memory.times > 0 && !honest->in_transaction(here->connection))
        return OUTCOME_BUSY;
    enum outcome outcome = honest->step(statement);
    if (outcome == OUTCOME_BUSY && is_write(here))
        canary_memory.times++;
    return outcome;
}

static void install_remembered_lock(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = remembered_lock_step;
}

static enum outcome forgotten_update_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    if (canary_begins(here, "UPDATE"))
        canary_memory.updated = here->connection;
    return honest->step(statement);
}

/* Who has updated reads values that are older than that. */
static int64_t forgotten_update_int64(struct backend_statement *statement, int column)
{
    int64_t number = honest->column_int64(statement, column);
    struct canary_statement *here = canary_statement(statement);
    bool is_own = canary_begins(here, "SELECT k") && here->connection == canary_memory.updated;
    return is_own && column == 1 ? number - 32 : number;
}

static void install_forgotten_update(struct fuzz_setup *setup)
{
    struct backend_ops *broken = canary_decorate(setup);
    broken->step = forgotten_update_step;
    broken->column_int64 = forgotten_update_int64;
}

/* The error comes when the statement is prepared: another one takes its place. */
static enum outcome (*decorated_prepare)(struct backend_connection *connection, const char *sql,
                                         size_t length, struct backend_statement **ret_statement);

static enum outcome tolerant_create_prepare(struct backend_connection *connection, const char *sql,
                                            size_t length, struct backend_statement **ret_statement)
{
    static const char nothing[] = "SELECT 1 WHERE 0", creates[] = "CREATE TABLE";
    enum outcome outcome = decorated_prepare(connection, sql, length, ret_statement);
    if (outcome != OUTCOME_SQL_ERROR || !canary_in_task() ||
        strncmp(sql, creates, sizeof creates - 1) != 0)
        return outcome;
    return honest->prepare(connection, nothing, sizeof nothing - 1, ret_statement);
}

static void install_tolerant_create(struct fuzz_setup *setup)
{
    struct backend_ops *broken = canary_decorate(setup);
    decorated_prepare = broken->prepare;
    broken->prepare = tolerant_create_prepare;
}

static enum outcome undropped_step(struct backend_statement *statement)
{
    bool drops = canary_begins(canary_statement(statement), "DROP TABLE");
    return drops ? OUTCOME_OK : honest->step(statement);
}

static void install_undropped(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = undropped_step;
}

static enum outcome kept_savepoint_step(struct backend_statement *statement)
{
    bool undoes = canary_begins(canary_statement(statement), "ROLLBACK TO");
    return undoes ? OUTCOME_OK : honest->step(statement);
}

static void install_kept_savepoint(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = kept_savepoint_step;
}

static enum outcome short_scan_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    bool is_whole = here != NULL && strstr(here->sql, "WHERE") == NULL;
    return is_whole ? missing_row_step(statement) : honest->step(statement);
}

static void install_short_scan(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = short_scan_step;
}

/* What is read after another connection has committed lacks a row. */
static enum outcome unseen_commit_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    bool is_other =
        here != NULL && canary_memory.updated != NULL && here->connection != canary_memory.updated;
    enum outcome outcome = is_other ? missing_row_step(statement) : honest->step(statement);
    if (outcome == OUTCOME_OK && canary_begins(here, "COMMIT"))
        canary_memory.updated = here->connection;
    return outcome;
}

static void install_unseen_commit(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = unseen_commit_step;
}

/* What is read after a rollback has a row more. */
static enum outcome ghost_row_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    enum outcome outcome =
        canary_memory.times > 0 ? extra_row_step(statement) : honest->step(statement);
    if (outcome == OUTCOME_OK && here != NULL && strcmp(here->sql, "ROLLBACK") == 0)
        canary_memory.times++;
    return outcome;
}

static void install_ghost_row(struct fuzz_setup *setup)
{
    install_extra_row(setup);
    canary_decorated()->step = ghost_row_step;
}

/* What is read after a write that the storage failed lacks a row. */
static enum outcome torn_write_step(struct backend_statement *statement)
{
    enum outcome outcome =
        canary_memory.times > 0 ? missing_row_step(statement) : honest->step(statement);
    bool has_failed = outcome == OUTCOME_IO_ERROR || outcome == OUTCOME_FULL ||
                      outcome == OUTCOME_NO_MEMORY || outcome == OUTCOME_INTERRUPTED;
    if (has_failed && is_write(canary_statement(statement)))
        canary_memory.times++;
    return outcome;
}

static void install_torn_write(struct fuzz_setup *setup)
{
    canary_decorate(setup)->step = torn_write_step;
}

/* Once somebody has gone, who comes anew misses a row in whatever he reads. */
static enum outcome forgetful_disconnect(struct backend_connection *connection)
{
    if (canary_in_task())
        canary_memory.times++;
    return honest->disconnect(connection);
}

static enum outcome forgetful_connect(struct backend_connection **ret_connection,
                                      const struct backend_options *options)
{
    enum outcome outcome = honest->connect(ret_connection, options);
    if (outcome == OUTCOME_OK && canary_in_task() && canary_memory.times > 0)
        canary_memory.forgetful = *ret_connection;
    return outcome;
}

static enum outcome forgetful_step(struct backend_statement *statement)
{
    struct canary_statement *here = canary_statement(statement);
    bool forgets = here != NULL && here->connection == canary_memory.forgetful;
    return forgets ? missing_row_step(statement) : honest->step(statement);
}

static void install_forgetful_connection(struct fuzz_setup *setup)
{
    struct backend_ops *broken = canary_decorate(setup);
    broken->connect = forgetful_connect;
    broken->disconnect = forgetful_disconnect;
    broken->step = forgetful_step;
}

/* --- the table -------------------------------------------------------------------------------- */

/*
 * What somebody sees, and then writes, who sees one part as it was and another as it is now; in a
 * pool that may be without his own work.
 */
#define MOVES                                                                                      \
    "isolation/non-repeatable-read|isolation/read-skew|isolation/lost-update|isolation/long-fork|" \
    "isolation/phantom|isolation/own-write"

const struct canary canaries[] = {
    {"lost_commit", "every second commit rolls back and says ok", "snapshot|property",
     install_lost_commit},
    {"unrolled_back", "a rollback commits", "snapshot|property", install_unrolled_back},
    {"stale_read", "an aggregate gives the answer of the first time", "snapshot|property",
     install_stale_read},
    {"kept_number", "a rollback to a savepoint keeps the user_version that was set last",
     "snapshot|property", install_kept_number},
    {"kept_column", "a rollback keeps the column that was added last", "snapshot|property",
     install_kept_column},
    {"frozen_columns", "a read of all columns has those that there were the first time",
     "snapshot|property", install_frozen_columns},
    {"frozen_empty", "rare: the same, where no row comes", "snapshot|property",
     install_frozen_empty},
    {"frozen_returning", "rare: an update that returns all columns has those of the first time",
     "snapshot|property", install_frozen_returning},
    {"frozen_names", "a read of all columns has names for those of the first time only",
     "snapshot|property", install_frozen_names},
    {"repeated_returning", "the rows that an update returns have the value of the first",
     "snapshot|property", install_repeated_returning},
    {"wrong_count", "a count above 8 is one too low", "snapshot|property", install_wrong_count},
    {"extra_row", "a query returns an empty row more", "snapshot|property", install_extra_row},
    {"silent_retry", "a stale transaction is silently begun anew", "snapshot|property",
     install_silent_retry},
    {"swallowed_error", "a write that the storage failed says ok", "snapshot|property",
     install_swallowed_error},
    {"skipped_sync", "the write-ahead log is never synced", "durability",
     canary_install_skipped_sync},
    {"lost_page", "now and then a page of the database is not written",
     "snapshot|integrity|error-class|property", canary_install_lost_page},
    {"freelist_count", "the count of free pages is one too low", "integrity",
     canary_install_freelist_count},
    {"wrong_error", "busy is reported as misuse", "error-class", install_wrong_error},
    {"lost_timeout", "every second connection has no busy timeout", "busy", install_lost_timeout},
    {"endless_log", "nobody moves what is in the log to the database", "log", install_endless_log},
    {"leaked_statement", "every fifth statement is not finalized", "resources",
     install_leaked_statement},
    {"leaked_connection", "every third connection is not closed", "resources",
     install_leaked_connection},
    {"dirty_read", "a read is answered from the midst of somebody's transaction",
     "isolation/value-from-nowhere|isolation/aborted-read|isolation/intermediate-read|" MOVES,
     canary_install_dirty_read},
    {"moving_snapshot", "each read of a transaction takes a new snapshot", MOVES,
     canary_install_moving_snapshot},
    {"lost_update", "who has read a table writes to it although it has changed", MOVES,
     canary_install_lost_update},
    {"write_skew", "who writes to a table that he has not read need not have read the newest state",
     "isolation/write-skew|isolation/anti-dependency-cycle|" MOVES, canary_install_write_skew},
    {"fractured_read", "t1 is read as it is now, t0 as it was", MOVES,
     canary_install_fractured_read},
    {"unrepeatable_range", "ranges are read as they are now, keys as they were", MOVES,
     canary_install_unrepeatable_range},
    {"lock_order", "two locks are taken in opposite order", "deadlock", install_lock_order},
    {"missing_row", "a query leaves out its first row", "property|snapshot", install_missing_row},
    {"remembered_lock", "who was told busy once is told so for ever",
     "property/retry-after-busy|busy|error-class/busy", install_remembered_lock},
    {"forgotten_update", "who has updated reads older values", "property|snapshot",
     install_forgotten_update},
    {"tolerant_create", "a table that is there is created again", "property|snapshot",
     install_tolerant_create},
    {"undropped", "a table that is dropped stays", "property|snapshot|error-class",
     install_undropped},
    {"kept_savepoint", "a rollback to a savepoint undoes nothing", "property|snapshot",
     install_kept_savepoint},
    {"forgetful_connection", "a connection that comes after another has gone misses a row",
     "property|snapshot", install_forgetful_connection},
    {"short_scan", "a query without a condition leaves out its first row", "property|snapshot",
     install_short_scan},
    {"unseen_commit", "what another connection reads after a commit lacks a row",
     "property|snapshot", install_unseen_commit},
    {"ghost_row", "what is read after a rollback has an empty row more", "property|snapshot",
     install_ghost_row},
    {"torn_write", "what is read after a write that the storage failed lacks a row",
     "property|snapshot", install_torn_write},
    {"endless_retry", "busy is tried again without end", "progress", install_endless_retry},
};
const size_t canary_count = sizeof canaries / sizeof canaries[0];
