/* SPDX-License-Identifier: Apache-2.0 */
/* Trees as text, by dialect. Nothing is allocated, and the same tree is always the same text. */
#ifndef SQL_PRINT_H
#define SQL_PRINT_H

#include "base/text.h"
#include "sql/tree.h"

#include <interplay/backend.h>

/* How parameters are written. */
enum sql_parameters {
    SQL_AS_PLACEHOLDERS, /* by number: ?1, $1 */
    SQL_AS_VALUES,       /* as what they stand for */
    /*
     * As what they stand for where that is a number; others, which can be long, are placeholders,
     * counted anew from 1.
     */
    SQL_NUMBERS_AS_VALUES,
};

struct sql_printed {
    uint32_t placeholders; /* how many were written */
    /* NULL: all is written; else the first part that the dialect has no words for ("LIMIT"), and
     * the text is good for nothing */
    const char *missing;
};

/* Without it nothing can be printed. */
bool sql_has_dialect(enum dialect dialect);

/* A savepoint outside of a transaction is no error: it begins one. */
bool sql_savepoint_begins(enum dialect dialect);

struct sql_printed sql_print(const struct sql_statement *statement, enum dialect dialect,
                             enum sql_parameters parameters, struct text *text);

#endif
