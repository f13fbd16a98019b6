/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan may configure for SQLite: where each setting stands among the values that a subject
 * gets.
 */
#ifndef SQLITE_SQLITE_SETTINGS_H
#define SQLITE_SQLITE_SETTINGS_H

enum sqlite_setting {
#define CONFIG(number, byte, scope, name, ...) SQLITE_SETTING_##name,
#include "sqlite/sqlite_settings.def"
#undef CONFIG
    SQLITE_SETTING_COUNT
};

enum sqlite_journal_mode {
    SQLITE_JOURNAL_WAL,
    SQLITE_JOURNAL_DELETE,
    SQLITE_JOURNAL_TRUNCATE,
    SQLITE_JOURNAL_PERSIST,
    SQLITE_JOURNAL_MEMORY,
    SQLITE_JOURNAL_OFF,
};

/* As SQLite numbers them. */
enum sqlite_synchronous {
    SQLITE_SYNCHRONOUS_OFF,
    SQLITE_SYNCHRONOUS_NORMAL,
    SQLITE_SYNCHRONOUS_FULL,
    SQLITE_SYNCHRONOUS_EXTRA,
};

enum sqlite_shared_cache {
    SQLITE_CACHE_PRIVATE,
    SQLITE_CACHE_SHARED,
    SQLITE_CACHE_READ_UNCOMMITTED,
};

enum sqlite_locking_mode { SQLITE_LOCKING_NORMAL, SQLITE_LOCKING_EXCLUSIVE };

#endif
