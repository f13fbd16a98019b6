/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots, commits, and what may stand between a transaction and its commit. */
#include "store/store.h"

#include <string.h>

enum outcome store_fail(struct backend_connection *connection, enum outcome outcome,
                        const char *message)
{
    connection->failure = outcome;
    connection->message = message;
    return outcome;
}

/* --- snapshots -------------------------------------------------------------------------------- */

static bool takes_each_statement(enum store_level level)
{
    return level == STORE_READ_COMMITTED || level == STORE_READ_UNCOMMITTED ||
           (store_flaws & STORE_FLAW_MOVING_SNAPSHOT) != 0;
}

void store_begin_statement(struct backend_connection *connection)
{
    const struct subject_instance *store = store_at_hand();
    if (connection->in_transaction && connection->has_snapshot &&
        !takes_each_statement(store->level))
        return;
    bool is_old = (store_flaws & STORE_FLAW_STALE_SNAPSHOT) != 0 && store->commits > 0;
    connection->snapshot = store->commits - is_old;
    connection->has_snapshot = true;
}

static void end(struct backend_connection *connection)
{
    connection->in_transaction = connection->has_snapshot = false;
    connection->savepoint_count = 0;
    connection->own = NULL;
    memset(connection->read_rows, 0, sizeof connection->read_rows);
    memset(connection->read_ranges, 0, sizeof connection->read_ranges);
}

void store_rollback(struct backend_connection *connection)
{
    store_undo(connection, NULL);
    end(connection);
}

/* --- commits ---------------------------------------------------------------------------------- */

/* The newest committed version of a row that somebody else wrote after the snapshot. */
static bool has_changed(const struct backend_connection *connection, uint32_t table, uint32_t key)
{
    const struct store_version *version = store_at_hand()->rows[table][key];
    while (version != NULL && version->writer != NULL)
        version = version->older;
    return version != NULL && version->commit > connection->snapshot;
}

static bool what_was_read_has_changed(const struct backend_connection *connection)
{
    enum store_level level = store_at_hand()->level;
    const uint32_t *read = level == STORE_SERIALIZABLE      ? connection->read_ranges
                           : level == STORE_REPEATABLE_READ ? connection->read_rows
                                                            : NULL;
    if (read == NULL || connection->own == NULL || (store_flaws & STORE_FLAW_WRITE_SKEW) != 0)
        return false;
    for (uint32_t table = 0; table < STORE_TABLES; table++)
        for (uint32_t keys = read[table]; keys != 0; keys &= keys - 1)
            if (has_changed(connection, table, (uint32_t)__builtin_ctz(keys)))
                return true;
    return false;
}

/* Of several versions of one row the last one stays. */
static void publish(struct backend_connection *connection)
{
    struct subject_instance *store = store_at_hand();
    store->commits++;
    for (struct store_version *version = connection->own; version != NULL;
         version = version->earlier_own) {
        while (version->older != NULL && version->older->writer == connection)
            version->older = version->older->older;
        version->writer = NULL;
        version->commit = store->commits;
    }
}

/* Others may come between the call and what it does, but not into that. */
enum outcome store_commit(struct backend_connection *connection)
{
    enum outcome outcome = connection->own == NULL ? OUTCOME_OK : store_cross(STORE_CALL_COMMIT);
    if (outcome != OUTCOME_OK) {
        store_rollback(connection);
        return store_fail(connection, outcome, "the commit failed");
    }
    if (what_was_read_has_changed(connection))
        return store_fail(connection, OUTCOME_BUSY_SNAPSHOT, "what was read has changed since");
    if (connection->own != NULL) {
        publish(connection);
        if (connection->on_commit_point != NULL)
            connection->on_commit_point(connection->context);
    }
    end(connection);
    return OUTCOME_OK;
}

/* --- savepoints ------------------------------------------------------------------------------- */

static enum outcome set_savepoint(struct backend_connection *connection, const char *name)
{
    if (connection->savepoint_count == STORE_SAVEPOINTS_MAX)
        return store_fail(connection, OUTCOME_SQL_ERROR, "too many savepoints");
    if (!connection->in_transaction)
        connection->savepoint_began_it = true;
    connection->in_transaction = true;
    struct store_savepoint *savepoint = &connection->savepoints[connection->savepoint_count++];
    memcpy(savepoint->name, name, sizeof savepoint->name);
    savepoint->own = connection->own;
    return OUTCOME_OK;
}

/* Its number plus 1; 0: there is none of this name. */
static uint32_t find_savepoint(const struct backend_connection *connection, const char *name)
{
    uint32_t at = connection->savepoint_count;
    while (at > 0 && strcmp(connection->savepoints[at - 1].name, name) != 0)
        at--;
    return at;
}

static enum outcome end_savepoint(struct backend_connection *connection,
                                  const struct store_query *query)
{
    uint32_t found = find_savepoint(connection, query->name);
    if (found == 0)
        return store_fail(connection, OUTCOME_SQL_ERROR, "no such savepoint");
    if (query->kind == STORE_ROLLBACK_TO) {
        store_undo(connection, connection->savepoints[found - 1].own);
        connection->savepoint_count = found;
        return OUTCOME_OK;
    }
    enum outcome outcome =
        found == 1 && connection->savepoint_began_it ? store_commit(connection) : OUTCOME_OK;
    if (outcome == OUTCOME_OK)
        connection->savepoint_count = found - 1;
    return outcome;
}

enum outcome store_control(struct backend_connection *connection, const struct store_query *query)
{
    if (query->kind == STORE_SAVEPOINT)
        return set_savepoint(connection, query->name);
    if (query->kind == STORE_RELEASE || query->kind == STORE_ROLLBACK_TO)
        return end_savepoint(connection, query);
    if ((query->kind == STORE_BEGIN) == connection->in_transaction)
        return store_fail(connection, OUTCOME_SQL_ERROR,
                          connection->in_transaction ? "a transaction is open"
                                                     : "no transaction is open");
    if (query->kind == STORE_BEGIN) {
        connection->in_transaction = true;
        connection->savepoint_began_it = false;
        return OUTCOME_OK;
    }
    if (query->kind == STORE_COMMIT)
        return store_commit(connection);
    store_rollback(connection);
    return OUTCOME_OK;
}
