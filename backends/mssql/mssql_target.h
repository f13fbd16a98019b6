/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a connection leads: "server=127.0.0.1 port=1433 user=sa password='a b' database=x". Each
 * key once, a value with spaces in single quotes; port, user, password and database may be left
 * out.
 */
#ifndef MSSQL_MSSQL_TARGET_H
#define MSSQL_MSSQL_TARGET_H

#include <stdbool.h>

enum { MSSQL_WORD_BYTES = 128 };

struct mssql_target {
    char server[MSSQL_WORD_BYTES], port[MSSQL_WORD_BYTES], user[MSSQL_WORD_BYTES];
    char password[MSSQL_WORD_BYTES], database[MSSQL_WORD_BYTES];
};

/* False: something else is there, or no server, or a value is too long. */
bool mssql_read_target(const char *text, struct mssql_target *ret_target);

#endif
