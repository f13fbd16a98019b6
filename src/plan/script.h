/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a script that others can run: for the program sqlite3, and for PostgreSQL's
 * isolationtester. The order of the statements and the values that they write are the plan's. What
 * a script cannot act out (pauses, faults, time) stands in it as a comment. Nobody reads the plan
 * back from it; a specification can be read as a scenario (scenario.h). docs/plan-format.md has
 * examples.
 */
#ifndef PLAN_SCRIPT_H
#define PLAN_SCRIPT_H

#include "base/text.h"
#include "plan/statement_tree.h"
#include "sql/print.h"

#include <stdio.h>

/* Writes the whole script; `name` is what it calls the plan. Errors are left in `out`. */
typedef void script_write_fn(const struct plan *plan, const char *name, FILE *out);
script_write_fn script_write_sql;
script_write_fn script_write_spec;

/* --- for the writers of scripts -------------------------------------------------------------- */

/* Appends a statement with the values of its parameters. */
void script_statement(const struct sql_statement *statement, enum dialect dialect,
                      struct text *text);

/* The statements that make the database of a native plan, a line each. */
void script_put_setup(enum dialect dialect, const char *indent, FILE *out);

/* True for what only a database other than the one of this name can be asked to do. */
bool script_is_foreign(const struct interaction *interaction, const char *database);

/* "COMMENT step 4: insert t0 k=3", and a line each for what is wanted but cannot be acted out. */
void script_describe(const struct plan *plan, size_t step, const char *comment, FILE *out);

/* False where quotes or a comment in it would take in what follows. */
bool script_is_closed(const char *sql);

/*
 * Why the text is none that a stranger may put into a script, or NULL: a program that reads a
 * script line by line takes what begins with a full stop for a command of its own, and a terminal
 * acts on control characters.
 */
const char *script_unsafe_text(const char *sql);

/*
 * What a database, or a program for it, can be told to do outside of the database. With `also`
 * only in a statement that has this word, too; `is_prefix`: whatever follows.
 */
struct script_word {
    const char *word;
    const char *also;
    bool is_prefix;
};

/* The first of the words that the text has, as a word of its own and in any case, or NULL. */
const char *script_find_word(const char *sql, const struct script_word *words, size_t count);

/* A name of a file in a comment: one line, whatever it is. */
void script_put_name(const char *name, FILE *out);

/* True when connections are those of a pool. */
bool script_has_pool(const struct plan *plan);

#endif
