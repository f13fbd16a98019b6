/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan may configure for SQLite: where each setting stands among the values that a subject gets. */
#ifndef SQLITE_SQLITE_SETTINGS_H
#define SQLITE_SQLITE_SETTINGS_H

enum sqlite_setting {
    SQLITE_SETTING_journal_mode,
    SQLITE_SETTING_synchronous,
    SQLITE_SETTING_page_size,
    SQLITE_SETTING_autocheckpoint,
    SQLITE_SETTING_cache_size,
    SQLITE_SETTING_locking_mode,
    SQLITE_SETTING_mmap_size,
    SQLITE_SETTING_powersafe_overwrite,
    SQLITE_SETTING_journal_size_limit,
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

enum sqlite_locking_mode { SQLITE_LOCKING_NORMAL, SQLITE_LOCKING_EXCLUSIVE };

#endif
