/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From T-SQL's tree to SQLite's words. Binding finds the tables and columns that are meant and
 * gives each expression its type; printing then writes it. Both raise errors in the session (207,
 * 208, 209, 137 …). Tables are locked when they are found, so that they stay as they are.
 */
#ifndef MSSQL_SERVER_BIND_H
#define MSSQL_SERVER_BIND_H

#include "base/growing_text.h"
#include "mssql/server/engine.h"

struct bind_scope {
    struct bind_scope *outer;
    struct tsql_source *sources;
};

struct binder {
    struct engine_session *session;
    struct bind_scope *scope;
    uint32_t sources; /* numbers that were given out */
    /* What SQLite runs, and what is bound to its parameters. */
    struct growing_text text;
    uint32_t parameter_count, parameter_capacity;
    const struct tsql_expression **parameters;
};

/* Flags beside the hints in a scan's second argument. */
enum { SCAN_FOR_UPDATE = 1 << 16 };

void binder_init(struct binder *binder, struct engine_session *session);
void binder_clean_up(struct binder *binder);

/* bind.c */
bool bind_value(struct binder *binder, struct tsql_expression *expression);
bool bind_optional(struct binder *binder, struct tsql_expression *expression); /* or NULL */
bool bind_list(struct binder *binder, struct tsql_expression *list);
bool bind_condition(struct binder *binder, struct tsql_expression *expression);
int bind_find_output(const struct tsql_query *query, const char *name); /* -1: there is none */

/* bind_query.c */
bool bind_query(struct binder *binder, struct tsql_query *query);
bool bind_sources(struct binder *binder, struct bind_scope *scope, struct tsql_source *sources);
void bind_leave(struct binder *binder);

/* bind_function.c */
enum bind_result { /* of which type a function is */
                   RESULT_INT,
                   RESULT_BIGINT,
                   RESULT_TEXT,
                   RESULT_FIRST, /* as its first argument */
                   RESULT_ALL,   /* as all of its arguments together */
                   RESULT_SUM,   /* int or bigint or float */
                   RESULT_LATER, /* as all but the first */
};
struct bind_function {
    const char *name, *sqlite;
    uint32_t least, most;
    enum bind_result result;
};
const struct bind_function *bind_find_function(const char *name);
struct tsql_type bind_global_type(const char *name); /* kind TSQL_UNKNOWN: there is none */

/* print.c */
void print_text(struct binder *binder, const char *text);
void print_value(struct binder *binder, const struct value *value);
void print_number(struct binder *binder, int64_t number);
void print_expression(struct binder *binder, const struct tsql_expression *expression);
/* Converted where a number is wanted and a text is given. */
void print_as(struct binder *binder, const struct tsql_expression *expression,
              struct tsql_type wanted);
void print_list(struct binder *binder, const struct tsql_expression *list, struct tsql_type wanted);

/* print_query.c */
void print_query(struct binder *binder, const struct tsql_query *query);
void print_enclosed(struct binder *binder, const char *before, const struct tsql_query *query);
void print_from(struct binder *binder, const struct tsql_query *query); /* FROM and WHERE */
void print_limit(struct binder *binder, const struct tsql_query *query);

/* types */
struct tsql_type bind_combine(struct tsql_type one, struct tsql_type other);

#endif
