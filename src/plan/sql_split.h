/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a statement of SQL ends, whatever the database: semicolons in strings, quoted names,
 * comments, dollar quotes, and in the body of a trigger or function that is made (BEGIN ... END
 * after CREATE) end none.
 */
#ifndef PLAN_SQL_SPLIT_H
#define PLAN_SQL_SPLIT_H

#include <stddef.h>

/* `length` bytes without space, semicolons and comments around them; 0: there is no more. */
struct sql_piece {
    const char *sql;
    size_t length;
};

/* The next statement at or behind `*at`, which goes on behind it. Up to `end`. */
struct sql_piece sql_split_next(const char **at, const char *end);

#endif
