/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Interplay calls and older releases of SQLite lack, by what they have. Weak: where SQLite
 * has it, SQLite's is linked.
 */
#include "sqlite3.h"

/* Since 3.37.0. A plan changes fewer than 2^31 rows. */
__attribute__((weak)) sqlite3_int64 sqlite3_changes64(sqlite3 *db)
{
    return sqlite3_changes(db);
}

__attribute__((weak)) sqlite3_int64 sqlite3_total_changes64(sqlite3 *db)
{
    return sqlite3_total_changes(db);
}
