/* SPDX-License-Identifier: Apache-2.0 */
/* What runs statements: the parts of it, a file each. */
#ifndef MSSQL_SERVER_RUN_H
#define MSSQL_SERVER_RUN_H

#include "mssql/server/bind.h"

/* As DONE names what has run ([MS-TDS] 2.2.7.6, CurCmd). */
enum run_command {
    COMMAND_NONE = 0,
    COMMAND_SELECT = 0xc1,
    COMMAND_INSERT = 0xc3,
    COMMAND_DELETE = 0xc4,
    COMMAND_UPDATE = 0xc5,
    COMMAND_CREATE_TABLE = 0xc6,
    COMMAND_DROP_TABLE = 0xc7,
    COMMAND_BEGIN = 0xd4,
    COMMAND_COMMIT = 0xd5,
    COMMAND_ROLLBACK = 0xd6,
};

/* What DONE is to say, should the statement succeed: so many rows. */
void run_succeed(struct engine_session *session, uint16_t command, uint64_t rows);
/* False, with error 701: the batch has used up its memory. */
bool run_has_room(struct engine_session *session);

/* All return false once an error was raised, or the session was cancelled. */

/* run_query.c: what SQLite does. False from `on_row` ends the query. */
typedef bool (*run_row_fn)(void *context, sqlite3_stmt *statement);
bool run_sqlite(struct binder *binder, run_row_fn on_row, void *context);
bool run_select(struct engine_session *session, struct tsql_statement *statement);
/* An expression on its own. */
bool run_value(struct engine_session *session, struct tsql_expression *expression,
               struct tsql_type type, struct value *ret_value);
/* One in SQLite's words, as a DEFAULT is kept. */
bool run_words(struct engine_session *session, const char *words, struct value *ret_value);
bool run_condition(struct engine_session *session, struct tsql_expression *condition,
                   bool *ret_holds);
struct value run_column(sqlite3_stmt *statement, int column);

/* run_insert.c, run_write.c */
bool run_insert(struct engine_session *session, struct tsql_statement *statement);
bool run_update(struct engine_session *session, struct tsql_statement *statement);
bool run_delete(struct engine_session *session, struct tsql_statement *statement);
bool run_truncate(struct engine_session *session, struct tsql_statement *statement);

/* run_rows.c: rows that are written, one by one. */
bool run_put_row(struct engine_session *session, struct engine_table *table, struct value *values);
bool run_change_row(struct engine_session *session, struct engine_table *table,
                    struct engine_row *row, struct value *values);
bool run_remove_row(struct engine_session *session, struct engine_table *table,
                    struct engine_row *row);
/* Types, NOT NULL and CHECK. */
bool run_check_row(struct engine_session *session, struct engine_table *table,
                   struct value *values);

/* run_define.c */
bool run_define(struct engine_session *session, struct tsql_statement *statement);

/* run_session.c: SET, transactions, messages. */
bool run_of_session(struct engine_session *session, struct tsql_statement *statement);
struct value run_global(struct engine_session *session, const char *name);

#endif
