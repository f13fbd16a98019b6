/* SPDX-License-Identifier: Apache-2.0 */
/* Each item is a statement, whose rows are kept as a hash. */
#include "sqlite/sqlite_session.h"

#include <stddef.h>

enum need {
    NEEDS_NOTHING,
    NEEDS_SCHEMA, /* it would read the schema, where nobody has done so */
    NEEDS_TEMP,   /* that, and it is empty where no temporary database has been opened */
};

#define PRAGMA(name)                                                                               \
    {                                                                                              \
#name, "PRAGMA " #name, NEEDS_NOTHING                                                      \
    }
#define PRAGMA_OF_SCHEMA(name)                                                                     \
    {                                                                                              \
#name, "PRAGMA main." #name, NEEDS_SCHEMA                                                  \
    }

/* https://www.sqlite.org/pragma.html; those that the database file keeps are not the session's. */
static const struct item {
    const char *name, *sql;
    enum need need;
} items[SQLITE_SESSION_ITEMS] = {
    PRAGMA(foreign_keys),
    PRAGMA(query_only),
    PRAGMA(recursive_triggers),
    PRAGMA(defer_foreign_keys),
    PRAGMA(ignore_check_constraints),
    PRAGMA(read_uncommitted),
    PRAGMA(reverse_unordered_selects),
    PRAGMA(writable_schema),
    PRAGMA(trusted_schema),
    PRAGMA(legacy_alter_table),
    PRAGMA(automatic_index),
    PRAGMA(cell_size_check),
    PRAGMA(fullfsync),
    PRAGMA(checkpoint_fullfsync),
    PRAGMA(busy_timeout),
    PRAGMA(temp_store),
    PRAGMA(threads),
    PRAGMA(analysis_limit),
    PRAGMA(wal_autocheckpoint),
    PRAGMA(journal_size_limit),
    PRAGMA(locking_mode),
    PRAGMA(secure_delete),
    PRAGMA_OF_SCHEMA(synchronous),
    PRAGMA_OF_SCHEMA(cache_size),
    PRAGMA_OF_SCHEMA(max_page_count),
    {"attached-databases", "PRAGMA database_list", NEEDS_NOTHING},
    {"temporary-schema", "SELECT type, name, tbl_name, sql FROM sqlite_temp_master", NEEDS_TEMP},
};

/* FNV-1a */
static uint32_t add_text(uint32_t hash, const unsigned char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ *text) * 16777619u;
    return (hash ^ 0xffu) * 16777619u;
}

/* Of the databases, main and temp are always there, whether opened or not. */
static bool is_counted(const struct item *item, sqlite3_stmt *statement)
{
    return item->sql != items[SQLITE_SESSION_ITEMS - 2].sql || sqlite3_column_int(statement, 0) > 1;
}

static bool ask(sqlite3 *database, const struct item *item, uint32_t *ret_value)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, item->sql, -1, &statement, NULL) != SQLITE_OK)
        return false;
    uint32_t hash = 0;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        for (int i = 0; is_counted(item, statement) && i < sqlite3_column_count(statement); i++)
            hash = add_text(hash, sqlite3_column_text(statement, i));
    (void)sqlite3_finalize(statement);
    *ret_value = hash;
    return code == SQLITE_DONE;
}

static bool has_read_schema(sqlite3 *database)
{
    int bytes = 0, mark;
    return sqlite3_db_status(database, SQLITE_DBSTATUS_SCHEMA_USED, &bytes, &mark, 0) ==
               SQLITE_OK &&
           bytes > 0;
}

const char *sqlite_session_change(sqlite3 *database, struct sqlite_session *session)
{
    bool has_schema = has_read_schema(database);
    bool has_temp = sqlite3_db_readonly(database, "temp") >= 0;
    const char *change = "";
    for (uint32_t i = 0; i < SQLITE_SESSION_ITEMS; i++) {
        const struct item *item = &items[i];
        bool is_empty = item->need == NEEDS_TEMP && !has_temp;
        uint32_t value = 0, bit = 1u << i;
        if (!is_empty && item->need != NEEDS_NOTHING && !has_schema)
            continue;
        if (!is_empty && !ask(database, item, &value))
            return NULL;
        if ((session->known & bit) == 0)
            session->values[i] = value;
        else if (session->values[i] != value && change[0] == '\0')
            change = item->name;
        session->known |= bit;
    }
    return change;
}
