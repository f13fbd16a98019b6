/* SPDX-License-Identifier: Apache-2.0 */
/*
 * T-SQL as a tree: what the server understands of it. tsql_parse makes the tree of a batch;
 * everything lies in the arena that it is given. Names are zero-terminated and as they were
 * written; they are compared without regard to case.
 */
#ifndef MSSQL_SERVER_TSQL_H
#define MSSQL_SERVER_TSQL_H

#include "base/arena.h"

#include <interplay/value.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- types ------------------------------------------------------------------------------------ */

enum tsql_kind {
    TSQL_UNKNOWN, /* NULL, with nothing that says of what */
    TSQL_BIT,
    TSQL_TINYINT,
    TSQL_SMALLINT,
    TSQL_INT,
    TSQL_BIGINT,
    TSQL_REAL,
    TSQL_FLOAT,
    TSQL_NVARCHAR,
    TSQL_VARBINARY,
};

struct tsql_type {
    enum tsql_kind kind;
    int32_t length; /* of texts in UTF-16 units, of binary in bytes; -1: max */
};

static inline bool tsql_is_integer(enum tsql_kind kind)
{
    return kind >= TSQL_BIT && kind <= TSQL_BIGINT;
}

static inline bool tsql_is_number(enum tsql_kind kind)
{
    return kind >= TSQL_BIT && kind <= TSQL_FLOAT;
}

/* --- expressions ------------------------------------------------------------------------------ */

enum tsql_node {
    TSQL_NULL,
    TSQL_LITERAL,  /* value */
    TSQL_COLUMN,   /* qualifier (may be NULL), name */
    TSQL_STAR,     /* qualifier (may be NULL) */
    TSQL_VARIABLE, /* @name */
    TSQL_GLOBAL,   /* @@name, or a function of the session: XACT_STATE() */
    TSQL_UNARY,    /* op, left: - + ~ NOT */
    TSQL_BINARY,   /* op, left, right */
    TSQL_IS_NULL,  /* left; negated */
    TSQL_IN,       /* left, and a list in right or query; negated */
    TSQL_BETWEEN,  /* left, right, third; negated */
    TSQL_LIKE,     /* left, right, third: the escape; negated */
    TSQL_EXISTS,   /* query */
    TSQL_QUERY,    /* query, in parentheses */
    TSQL_CASE,     /* left: of a simple one; right: a list of when, then, …; third: else */
    TSQL_CALL,     /* name, arguments in left; COUNT(*) has a star; distinct */
    TSQL_CAST,     /* left, type */
};

enum tsql_op {
    TSQL_OP_OR,
    TSQL_OP_AND,
    TSQL_OP_NOT,
    TSQL_OP_EQUAL,
    TSQL_OP_UNEQUAL,
    TSQL_OP_LESS,
    TSQL_OP_MOST, /* <= */
    TSQL_OP_GREATER,
    TSQL_OP_LEAST, /* >= */
    TSQL_OP_ADD,
    TSQL_OP_SUBTRACT,
    TSQL_OP_MULTIPLY,
    TSQL_OP_DIVIDE,
    TSQL_OP_MODULO,
    TSQL_OP_BIT_AND,
    TSQL_OP_BIT_OR,
    TSQL_OP_BIT_XOR,
    TSQL_OP_BIT_NOT,
};

struct tsql_query;

struct tsql_expression {
    struct tsql_expression *next; /* in a list */
    enum tsql_node node;
    enum tsql_op op;
    bool negated, distinct;
    uint32_t height;       /* how many operators lie over each other */
    struct tsql_type type; /* of a cast and of a literal; of others once it was bound */
    struct tsql_expression *left, *right, *third;
    struct tsql_query *query;
    const char *qualifier, *name;
    struct value value;
    /* Once it was bound: where a column comes from. */
    const struct tsql_source *source;
    uint32_t column;
};

/* --- queries ---------------------------------------------------------------------------------- */

enum tsql_hint {
    TSQL_HINT_NOLOCK = 1 << 0,
    TSQL_HINT_UPDLOCK = 1 << 1,
    TSQL_HINT_HOLDLOCK = 1 << 2, /* SERIALIZABLE */
    TSQL_HINT_XLOCK = 1 << 3,
    TSQL_HINT_TABLOCK = 1 << 4,
    TSQL_HINT_TABLOCKX = 1 << 5,
    TSQL_HINT_READCOMMITTEDLOCK = 1 << 6,
};

enum tsql_join { TSQL_CROSS, TSQL_INNER, TSQL_LEFT, TSQL_FULL };

/* One of those that a FROM names: tables and queries, each joined to all before it. */
struct tsql_source {
    struct tsql_source *next;
    enum tsql_join join; /* not of the first */
    struct tsql_expression *on;
    const char *name, *alias; /* name NULL: a query */
    struct tsql_query *query;
    uint32_t hints;
    bool is_target; /* of an UPDATE or DELETE */
    /* Once it was bound: */
    uint32_t number; /* in the statement: sN in SQLite's words */
    struct engine_table *table;
};

struct tsql_output { /* a column of a query, once it was bound */
    const char *name;
    struct tsql_type type;
};

struct tsql_item {
    struct tsql_item *next;
    struct tsql_expression *expression;
    const char *alias;                /* may be NULL */
    const char *variable;             /* SELECT @v = …; may be NULL */
    struct engine_variable *assigned; /* that one, once it was bound */
};

struct tsql_order {
    struct tsql_order *next;
    struct tsql_expression *expression;
    bool is_descending;
};

enum tsql_set { TSQL_SET_NONE, TSQL_UNION, TSQL_UNION_ALL, TSQL_EXCEPT, TSQL_INTERSECT };

struct tsql_query {
    bool distinct;
    struct tsql_expression *top;
    struct tsql_item *items;
    struct tsql_source *from;
    struct tsql_expression *where, *group_by, *having;
    enum tsql_set set; /* with what comes next */
    struct tsql_query *next;
    struct tsql_order *order; /* of all of them: in the first one only */
    struct tsql_expression *offset, *fetch;
    /* Once it was bound: */
    uint32_t output_count;
    struct tsql_output *outputs;
};

/* --- statements ------------------------------------------------------------------------------- */

enum tsql_statement_kind {
    TSQL_SELECT,
    TSQL_INSERT,
    TSQL_UPDATE,
    TSQL_DELETE,
    TSQL_TRUNCATE,
    TSQL_CREATE_TABLE,
    TSQL_DROP_TABLE,
    TSQL_CREATE_INDEX,
    TSQL_DROP_INDEX,
    TSQL_ADD_COLUMN,
    TSQL_DROP_COLUMN,
    TSQL_BEGIN_TRANSACTION,
    TSQL_COMMIT,
    TSQL_ROLLBACK,
    TSQL_SAVE,
    TSQL_DECLARE,
    TSQL_SET_VARIABLE,
    TSQL_SET_OPTION,
    TSQL_SET_ISOLATION,
    TSQL_SET_DATABASE, /* ALTER DATABASE … SET */
    TSQL_USE,
    TSQL_IF,
    TSQL_WHILE,
    TSQL_BREAK,
    TSQL_CONTINUE,
    TSQL_BLOCK,
    TSQL_TRY,
    TSQL_PRINT,
    TSQL_RAISERROR,
    TSQL_THROW,
    TSQL_WAITFOR,
    TSQL_RETURN,
};

enum tsql_isolation {
    TSQL_READ_UNCOMMITTED,
    TSQL_READ_COMMITTED,
    TSQL_REPEATABLE_READ,
    TSQL_SNAPSHOT,
    TSQL_SERIALIZABLE,
};

struct tsql_column {
    struct tsql_column *next;
    const char *name;
    struct tsql_type type;
    bool is_not_null, is_key, is_unique;
    struct tsql_expression *preset;   /* DEFAULT; may be NULL */
    struct tsql_expression *computed; /* AS (…); may be NULL */
};

struct tsql_name {
    struct tsql_name *next;
    const char *name;
};

struct tsql_assignment {
    struct tsql_assignment *next;
    const char *name; /* of a column, or of a variable */
    struct tsql_expression *expression;
};

struct tsql_check {
    struct tsql_check *next;
    const char *name;
    struct tsql_expression *condition;
};

struct tsql_statement {
    struct tsql_statement *next;
    enum tsql_statement_kind kind;
    uint32_t line;
    const char *name; /* of a table, transaction, variable, option, database */
    struct tsql_query *query;
    struct tsql_source *target;          /* of a write: also the first of query->from */
    struct tsql_name *names;             /* columns of INSERT, of an index, of a key */
    struct tsql_expression *rows;        /* VALUES: each row a list in its left */
    struct tsql_assignment *assignments; /* UPDATE … SET, DECLARE … =, SET @v = */
    struct tsql_item *output;            /* OUTPUT */
    struct tsql_column *columns;         /* CREATE TABLE, ADD, DECLARE */
    struct tsql_check *checks;
    const char *index, *key_name;
    bool is_unique, if_exists, on;
    enum tsql_isolation isolation;
    struct tsql_expression *condition, *arguments;
    struct tsql_statement *body, *otherwise; /* IF, WHILE, BEGIN … END, TRY and CATCH */
    int64_t number;
};

/* --- parsing ---------------------------------------------------------------------------------- */

struct tsql_problem {
    uint32_t line;
    int32_t number; /* 102 and its like (engine_errors.def) */
    char text[132]; /* what it is near */
};

/* Bytes of a batch; how deep expressions may nest, and how long their chains may be: error 191. */
enum {
    TSQL_BATCH_BYTES_MAX = 512 * 1024,
    TSQL_DEPTH_MAX = 48,
    TSQL_HEIGHT_MAX = 400,
    TSQL_NAME_MAX = 128,
    TSQL_ARENA_BYTES = 512 * TSQL_BATCH_BYTES_MAX, /* no batch needs more */
};

/*
 * False: it is not understood, and `ret_problem` says where. An empty batch is NULL. A zero byte
 * follows `sql`.
 */
bool tsql_parse(struct arena *arena, const char *sql, size_t length,
                struct tsql_statement **ret_batch, struct tsql_problem *ret_problem);

/* "@p1 int, @p2 nvarchar(50) OUTPUT": what sp_executesql declares. */
bool tsql_parse_parameters(struct arena *arena, const char *sql, size_t length,
                           struct tsql_column **ret_columns, struct tsql_problem *ret_problem);

bool tsql_same_name(const char *one, const char *other);

#endif
