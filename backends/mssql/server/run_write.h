/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements that write: a query says which rows, and what they are to be; when it has ended they
 * are written. So a statement does not meet its own work, and has done all or nothing.
 */
#ifndef MSSQL_SERVER_RUN_WRITE_H
#define MSSQL_SERVER_RUN_WRITE_H

#include "mssql/server/run.h"

/* What a query gave: the row that is meant, or NULL, and values, one for each column. */
struct change {
    struct change *next;
    struct engine_row *row;
    struct value *values, *old; /* old: of a row that was there */
};

struct write {
    struct engine_session *session;
    struct tsql_statement *statement;
    struct engine_table *table;
    struct binder binder;
    uint32_t count; /* columns that are given */
    uint8_t columns[ENGINE_COLUMNS_MAX];
    struct change *changes, **end;
    uint64_t rows; /* how many changes there are */
};

/* All return false once an error was raised, or the session was cancelled. */

typedef bool (*write_fn)(struct write *write);

/* Around the statement. */
bool write_run(struct engine_session *session, struct tsql_statement *statement, uint16_t command,
               write_fn run);
bool write_bind_target(struct write *write, struct tsql_source *target);
/* A column is given a value. */
bool write_add_column(struct write *write, int column, const char *name);
void write_print_preset(struct write *write, uint32_t column);
struct change *write_add_change(struct write *write);
/* The rows that were changed, if OUTPUT asks for them. */
bool write_send_output(struct write *write);

#endif
