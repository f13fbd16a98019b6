/* SPDX-License-Identifier: Apache-2.0 */
/* Which version of a row a connection sees, and whether it may add one. */
#include "store/store.h"

uint32_t store_flaws;
int store_serves = -1;

static bool has_flaw(enum store_flaw flaw)
{
    return (store_flaws & flaw) != 0;
}

/* --- seeing ----------------------------------------------------------------------------------- */

/* The newest commit that the connection sees of this row. */
static uint64_t horizon(const struct backend_connection *connection, uint32_t key, bool is_range)
{
    bool looks_now = (has_flaw(STORE_FLAW_FRACTURED_READ) && key % 2 != 0) ||
                     (has_flaw(STORE_FLAW_UNREPEATABLE_RANGE) && is_range);
    return looks_now ? UINT64_MAX : connection->snapshot;
}

static bool is_seen(const struct backend_connection *connection,
                    const struct store_version *version, uint64_t upto)
{
    enum store_level level = store_at_hand()->level;
    if (version->writer != NULL)
        return version->writer == connection || level == STORE_READ_UNCOMMITTED ||
               has_flaw(STORE_FLAW_DIRTY_READ);
    return level == STORE_READ_UNCOMMITTED || version->commit <= upto;
}

/* Half of its value, so to say: one bit is another. */
static const struct store_row *torn(const struct store_row *row)
{
    struct store_row *row_torn = store_alloc(sizeof *row_torn);
    if (row_torn == NULL)
        return row;
    *row_torn = *row;
    row_torn->value ^= 1;
    return row_torn;
}

const struct store_row *store_see(struct backend_connection *connection, uint32_t table,
                                  uint32_t key, bool is_range)
{
    const struct store_version *version = store_at_hand()->rows[table][key];
    uint64_t upto = horizon(connection, key, is_range);
    while (version != NULL && !is_seen(connection, version, upto))
        version = version->older;
    bool is_there = version != NULL && version->is_row;
    connection->read_ranges[table] |= 1u << key;
    if (is_there || !is_range)
        connection->read_rows[table] |= 1u << key;
    if (!is_there)
        return NULL;
    bool is_torn =
        has_flaw(STORE_FLAW_TORN_READ) && version->writer != NULL && version->writer != connection;
    return is_torn ? torn(&version->row) : &version->row;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool keeps_snapshot(enum store_level level)
{
    return level == STORE_SERIALIZABLE || level == STORE_SNAPSHOT || level == STORE_REPEATABLE_READ;
}

/* A planted bug is why nobody looks whether the row has a newer version; `row` NULL: removed. */
static bool overlooks(const struct store_version *newest, const struct store_row *row)
{
    bool leaves_value = row != NULL && newest->is_row && row->value == newest->row.value;
    return has_flaw(STORE_FLAW_LOST_UPDATE) || (has_flaw(STORE_FLAW_LOST_APPEND) && leaves_value);
}

static enum outcome may_write(struct backend_connection *connection,
                              const struct store_version *newest, const struct store_row *row)
{
    if (newest == NULL || newest->writer == connection)
        return OUTCOME_OK;
    if (newest->writer != NULL)
        return has_flaw(STORE_FLAW_DIRTY_WRITE)
                   ? OUTCOME_OK
                   : store_fail(connection, OUTCOME_BUSY, "somebody else has written the row");
    if (keeps_snapshot(store_at_hand()->level) && newest->commit > connection->snapshot &&
        !overlooks(newest, row))
        return store_fail(connection, OUTCOME_BUSY_SNAPSHOT, "the row has a newer version");
    return OUTCOME_OK;
}

enum outcome store_write(struct backend_connection *connection, uint32_t table, uint32_t key,
                         const struct store_row *row)
{
    struct subject_instance *store = store_at_hand();
    enum outcome outcome = may_write(connection, store->rows[table][key], row);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct store_version *version = store_alloc(sizeof *version);
    if (version == NULL)
        return store_fail(connection, OUTCOME_FULL, "the store is full");
    *version = (struct store_version){
        .older = store->rows[table][key],
        .earlier_own = connection->own,
        .writer = connection,
        .table = (uint8_t)table,
        .key = (uint8_t)key,
        .is_row = row != NULL,
    };
    if (row != NULL)
        version->row = *row;
    store->rows[table][key] = version;
    connection->own = version;
    return OUTCOME_OK;
}

/* The newest one, unless a planted bug lets somebody write over it, or then drop its table. */
static void remove_version(const struct store_version *version)
{
    struct store_version **link = &store_at_hand()->rows[version->table][version->key];
    while (*link != NULL && *link != version)
        link = &(*link)->older;
    if (*link != NULL)
        *link = version->older;
}

void store_undo(struct backend_connection *connection, const struct store_version *mark)
{
    for (; connection->own != mark; connection->own = connection->own->earlier_own)
        remove_version(connection->own);
}
