/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement begins with the word that says what it is (lang.html); whether it writes SQLite says
 * itself. Pragmas (pragma.html) may do their work when they are prepared, EXPLAIN or not.
 */
#include "sqlite/sqlite_effects.h"

#include "sqlite/sqlite_words.h"

#include <string.h>

/* --- words ------------------------------------------------------------------------------------ */

static const char *skip_space(const char *next)
{
    next = sqlite_skip_blank(next);
    while (*next == ';')
        next = sqlite_skip_blank(next + 1);
    return next;
}

static const char *take_word(const char *next, char ret_word[SQLITE_WORD_BYTES])
{
    return sqlite_take_word(skip_space(next), ret_word);
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

/* --- pragmas ---------------------------------------------------------------------------------- */

/* Nobody else's results depend on what these set, or `modes` has it, or they write. */
static const char *const harmless_pragmas[] = {
    "analysis_limit",       "application_id",
    "automatic_index",      "busy_timeout",
    "cache_size",           "cache_spill",
    "checkpoint_fullfsync", "foreign_key_check",
    "foreign_key_list",     "fullfsync",
    "index_info",           "index_list",
    "index_xinfo",          "integrity_check",
    "journal_mode",         "journal_size_limit",
    "locking_mode",         "mmap_size",
    "quick_check",          "schema_version",
    "shrink_memory",        "synchronous",
    "table_info",           "table_list",
    "table_xinfo",          "threads",
    "user_version",         "wal_autocheckpoint",
    "wal_checkpoint",       NULL,
};

/* They write, but neither rows nor the schema. */
static const char *const unwriting_pragmas[] = {"journal_mode", "wal_checkpoint", NULL};
static const char *const number_pragmas[] = {"application_id", "user_version", NULL};

/* `next` follows the word PRAGMA. */
static uint32_t pragma_effects(const char *next, bool writes)
{
    char name[SQLITE_WORD_BYTES];
    next = skip_space(take_word(next, name));
    if (*next == '.')
        next = skip_space(take_word(next + 1, name));
    if (writes && is_one_of(name, unwriting_pragmas))
        return 0;
    if (writes && is_one_of(name, number_pragmas))
        return BACKEND_WROTE_NUMBER;
    if (writes)
        return BACKEND_WROTE;
    bool only_asks = *next == '\0' && name[0] != '\0';
    return only_asks || is_one_of(name, harmless_pragmas) ? 0 : BACKEND_SET;
}

/* --- statements ------------------------------------------------------------------------------- */

static const char *const transaction_words[] = {"begin",     "commit",  "end", "rollback",
                                                "savepoint", "release", NULL};
/* What these have done to rows is counted. */
static const char *const counted_words[] = {"insert", "update", "delete", "replace", "with", NULL};
static const char *const naming_words[] = {"attach", "detach", NULL};

static uint32_t effects_of(const char *word, bool writes, bool has_counted)
{
    if (is_one_of(word, transaction_words))
        return BACKEND_MOVED_TRANSACTION;
    if (is_one_of(word, naming_words))
        return BACKEND_SET;
    if (!writes || (is_one_of(word, counted_words) && !has_counted))
        return 0;
    return BACKEND_WROTE;
}

uint32_t sqlite_effects(sqlite3_stmt *statement, const struct sqlite_effects_run *run)
{
    char word[SQLITE_WORD_BYTES];
    const char *next = take_word(sqlite3_sql(statement), word);
    bool writes = run->has_begun && !sqlite3_stmt_readonly(statement);
    bool explains = strcmp(word, "explain") == 0;
    if (explains)
        next = take_word(next, word);
    if (explains && strcmp(word, "query") == 0)
        next = take_word(take_word(next, word), word);
    if (strcmp(word, "pragma") == 0)
        return pragma_effects(next, writes);
    if (explains || !run->has_begun)
        return 0;
    if (run->has_failed) /* undone, but for what OR FAIL keeps, which is counted */
        return run->has_counted ? BACKEND_WROTE : 0;
    return effects_of(word, writes, run->has_counted);
}

/* --- modes ------------------------------------------------------------------------------------ */

static const char *const modes[] = {"synchronous", "journal_mode", "locking_mode"};
enum { MODE_COUNT = sizeof modes / sizeof modes[0] };

bool sqlite_names_mode(const char *sql)
{
    for (; *sql != '\0'; sql++)
        for (int i = 0; i < MODE_COUNT; i++)
            if (sqlite3_strnicmp(sql, modes[i], (int)strlen(modes[i])) == 0)
                return true;
    return false;
}

static bool read_mode(sqlite3 *database, const char *mode, char *ret_value, int bytes)
{
    char sql[64];
    sqlite3_stmt *statement = NULL;
    (void)sqlite3_snprintf((int)sizeof sql, sql, "PRAGMA main.%s", mode);
    bool ok = sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    const unsigned char *value = ok ? sqlite3_column_text(statement, 0) : NULL;
    if (value != NULL)
        (void)sqlite3_snprintf(bytes, ret_value, "%s", value);
    (void)sqlite3_finalize(statement);
    return value != NULL;
}

void sqlite_read_modes(sqlite3 *database, char ret_modes[BACKEND_MODES_BYTES])
{
    ret_modes[0] = '\0';
    for (int i = 0; i < MODE_COUNT; i++) {
        char value[16];
        if (!read_mode(database, modes[i], value, (int)sizeof value)) {
            ret_modes[0] = '\0';
            return;
        }
        size_t length = strlen(ret_modes);
        (void)sqlite3_snprintf((int)(BACKEND_MODES_BYTES - length), ret_modes + length, "%s%s=%s",
                               i == 0 ? "" : " ", modes[i], value);
    }
}
