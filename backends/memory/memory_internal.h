/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the memory backend share; nobody else includes it. */
#ifndef MEMORY_MEMORY_INTERNAL_H
#define MEMORY_MEMORY_INTERNAL_H

#include <interplay/subject.h>

#include "sim/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEMORY_CONNECTIONS_MAX = 64, MEMORY_STATEMENTS_MAX = 8192, MEMORY_ROWS_MAX = 64 };

/* At the beginning of a connection or a statement. */
struct memory_handle {
    struct memory_handle *next_free; /* given back after it */
    bool is_open;                    /* false: it was given back */
};

/* Handles of one kind that were given back. */
struct memory_free {
    struct memory_handle *oldest, **end;
};

struct backend_connection {
    struct memory_handle handle;
    bool in_transaction;
    bool has_written; /* in the transaction */
    bool is_dead;     /* every call fails */
    bool is_cancelled;
    uint32_t statements;
    enum outcome failure; /* the last one */
    int64_t changes;
    bool is_set;                            /* SET came, and no RESET after it */
    bool was_asked, was_set;                /* how it is was asked, and was so the first time */
    void (*on_commit_point)(void *context); /* may be NULL */
    void *context;
};

enum statement_kind {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_READ,
    STATEMENT_WRITE,
    STATEMENT_SCHEMA, /* a write after which other statements must be prepared again */
    STATEMENT_SET,
    STATEMENT_RESET,
};

struct backend_statement {
    struct memory_handle handle;
    struct backend_connection *connection;
    enum statement_kind kind;
    int parameter_count;
    bool has_begun;    /* of a query: rows were asked for */
    int64_t row_limit; /* of a query: what was bound to ?1 */
    int64_t row;       /* the one that is ready, from 0 */
    uint64_t schema_version;
};

/* --- handles --------------------------------------------------------------------------------- */

/* Not filled in; NULL: all are taken. */
struct backend_connection *memory_take_connection(void);
struct backend_statement *memory_take_statement(void);
void memory_give_connection(struct backend_connection *connection);
void memory_give_statement(struct backend_statement *statement);

/*
 * One database, as far as there is one; the subject of the world that is entered is what
 * connections are made to.
 */
struct subject_instance {
    struct memory_free free_connections, free_statements;
    uint32_t connections_touched, statements_touched; /* of the pools, since the reset */
    uint32_t left;           /* connections that were not closed, statements not finalized */
    uint64_t schema_version; /* changes of the schema, ever */
    struct backend_connection connections[MEMORY_CONNECTIONS_MAX];
    struct backend_statement statements[MEMORY_STATEMENTS_MAX];
};

static inline struct subject_instance *memory_at_hand(void)
{
    return world->subject;
}

/* As if there had never been a connection; handles that are left are void. */
void memory_reset_handles(struct subject_instance *instance);

/* --- SQL ------------------------------------------------------------------------------------- */

/* Tells by the first word. */
enum statement_kind memory_sql_kind(const char *sql, size_t length);

/* The highest N of ?N outside of quotes; a plain ? takes the next one. */
int memory_sql_parameters(const char *sql, size_t length);

#endif
