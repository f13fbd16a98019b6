/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements as trees: what a statement means, not how it is written. A tree is plain data that its
 * maker owns, static or on the stack; nothing here allocates. Lists are chained by `next`, so a
 * node is in one list only; NULL is the empty list, or a part that is not there.
 *
 * Names in a tree are plain identifiers: they are never quoted.
 */
#ifndef SQL_TREE_H
#define SQL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sql_statement_kind {
#define STATEMENT(kind, name) SQL_##kind,
#include "sql/nodes.def"
#undef STATEMENT
    SQL_STATEMENT_KINDS
};

enum sql_source_kind {
#define SOURCE(kind, name) SQL_##kind,
#include "sql/nodes.def"
#undef SOURCE
    SQL_SOURCE_KINDS
};

enum sql_expression_kind {
#define EXPRESSION(kind, name) SQL_##kind,
#include "sql/nodes.def"
#undef EXPRESSION
    SQL_EXPRESSION_KINDS
};

enum sql_function {
#define FUNCTION(kind, name) SQL_##kind,
#include "sql/nodes.def"
#undef FUNCTION
    SQL_FUNCTIONS
};

enum sql_operator {
#define OPERATOR(kind, word, precedence) SQL_##kind,
#include "sql/nodes.def"
#undef OPERATOR
    SQL_OPERATORS
};

/* --- expressions ----------------------------------------------------------------------------- */

struct sql_expression {
    enum sql_expression_kind kind;
    /*
     * 0: part of the statement; n: its n-th parameter, which is written as this expression or as a
     * placeholder for it. The same parameter may stand in several places.
     */
    uint32_t parameter;
    const struct sql_expression *next;
    union {
        int64_t number;
        const char *text;                    /* zero-terminated */
        const char *column;                  /* of SQL_COLUMN and SQL_EXCLUDED */
        const struct sql_expression *values; /* of SQL_ROW */
        struct {
            enum sql_operator operator;
            const struct sql_expression *left, *right;
        } binary;
        struct {
            const struct sql_expression *value, *low, *high;
        } between;
        struct {
            enum sql_function function;
            const struct sql_expression *arguments;
        } call;
    };
};

/* --- what statements consist of -------------------------------------------------------------- */

/* Where a select finds its rows. */
struct sql_source {
    enum sql_source_kind kind;
    union {
        const char *table;
    };
};

struct sql_order {
    const struct sql_expression *by;
    bool is_descending;
    const struct sql_order *next;
};

struct sql_assignment {
    const char *column;
    const struct sql_expression *value;
    const struct sql_assignment *next;
};

/* What becomes of a row whose key is taken. */
struct sql_on_conflict {
    const char *key;
    const struct sql_assignment *assignments; /* of the row that is there */
};

enum sql_type { SQL_INTEGER, SQL_BIGINT, SQL_STRING, SQL_TYPES };

struct sql_column_definition {
    const char *name;
    enum sql_type type;
    bool is_primary_key;
    const struct sql_column_definition *next;
};

/* --- statements ------------------------------------------------------------------------------ */

struct sql_select {
    const struct sql_expression *columns;
    const struct sql_source *from;
    const struct sql_expression *where;
    const struct sql_order *order;
    const struct sql_expression *limit;
};

/* Of a row whose key is taken: undo the statement, end it there, pass over it, take its place. */
enum sql_resolution { SQL_OR_ABORT, SQL_OR_FAIL, SQL_OR_IGNORE, SQL_OR_REPLACE };

struct sql_insert {
    enum sql_resolution resolution;
    const char *table;
    const struct sql_expression *rows; /* each an SQL_ROW */
    const struct sql_on_conflict *on_conflict;
    const struct sql_expression *returning;
};

struct sql_update {
    const char *table;
    const struct sql_assignment *assignments;
    const struct sql_expression *where;
    const struct sql_expression *returning;
};

struct sql_delete {
    const char *table;
    const struct sql_expression *where;
    const struct sql_expression *returning;
};

struct sql_create_table {
    const char *table;
    const struct sql_column_definition *columns;
    bool is_clustered; /* a wish: rows stand in the order of the primary key */
};

struct sql_index {
    const char *index, *table, *column;
};

/* Of a table that is there: a column that is computed of the others of its row. */
struct sql_add_column {
    const char *table, *column;
    enum sql_type type;
    const struct sql_expression *value;
};

struct sql_drop_column {
    const char *table, *column;
};

enum sql_write_lock { SQL_LOCK_WHEN_NEEDED, SQL_LOCK_AT_ONCE, SQL_LOCK_READERS_OUT };
enum sql_isolation { SQL_ISOLATION_DEFAULT, SQL_ISOLATION_SERIALIZABLE };

struct sql_begin {
    enum sql_write_lock lock;     /* a wish: when the right to write is taken */
    enum sql_isolation isolation; /* at least this */
};

/*
 * A wish is what a dialect without words for it leaves out: results are the same. Without words for
 * anything else the statement cannot be written.
 */
struct sql_statement {
    enum sql_statement_kind kind;
    union {
        struct sql_select select;
        struct sql_insert insert;
        struct sql_update update;
        struct sql_delete delete;
        struct sql_create_table create_table;
        const char *table;      /* of SQL_DROP_TABLE */
        struct sql_index index; /* of SQL_CREATE_INDEX and SQL_DROP_INDEX */
        struct sql_add_column add_column;
        struct sql_drop_column drop_column;
        struct sql_begin begin;
        const char *savepoint; /* of SQL_SAVEPOINT, SQL_RELEASE and SQL_ROLLBACK_TO */
        const char *words;     /* of SQL_WORDS: text of a dialect that its author knows */
    };
};

/* What the rows consist of that it returns; NULL: it returns none, or is SQL_WORDS. */
const struct sql_expression *sql_result_columns(const struct sql_statement *statement);

/*
 * How many columns its rows have; 0: it returns no rows, is SQL_WORDS, or asks for all columns
 * there are (SQL_ALL_COLUMNS, which then stands alone).
 */
uint32_t sql_column_count(const struct sql_statement *statement);

/* True when it changes rows of tables. */
bool sql_is_write(const struct sql_statement *statement);

#endif
