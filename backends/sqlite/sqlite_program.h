/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that show a finding on any SQLite, without us: C on its public API, and plain SQL where
 * that is enough. A tape (sqlite_tape.h) is read into a script, calls by client with what happens
 * in their midst, and the script is written down; what all programs have in common are the texts
 * in program/.
 */
#ifndef SQLITE_SQLITE_PROGRAM_H
#define SQLITE_SQLITE_PROGRAM_H

#include "sqlite/sqlite_tape.h"

#include <stdio.h>

extern const struct subject_program_ops sqlite_programs;

enum program_call_kind {
    PROGRAM_OPEN,
    PROGRAM_RUN, /* a statement from its beginning to its end */
    PROGRAM_PREPARE,
    PROGRAM_BIND,
    PROGRAM_STEP,
    PROGRAM_RESET,
    PROGRAM_FINALIZE,
    PROGRAM_CLOSE,
};

struct program_call {
    enum program_call_kind kind;
    uint16_t connection, statement;
    uint32_t turn;               /* in which it begins */
    uint32_t begin, end;         /* its entries: those of its connection from `begin` to `end` */
    size_t step;                 /* of the plan; SIZE_MAX: none */
    char *sql;                   /* literals in it; of PROGRAM_BIND: the value */
    char *seen;                  /* what it came to */
    uint32_t rows;               /* of PROGRAM_STEP: that it asked for; UINT32_MAX: all */
    uint32_t failing_allocation; /* 0: none */
    bool is_deciding;
};

struct program_script {
    const struct sqlite_tape *tape;
    const struct subject_finding *finding;
    uint32_t count;  /* entries of the tape that matter: nothing after the look in question */
    uint32_t *turns; /* by entry of a connection */
    struct program_call *calls; /* in the order in which they begin */
    uint32_t call_count;
    bool has_events, has_losses, has_failed_allocations, has_kept_statements;
    bool is_plain;
};

/* False, and why in `ret_reason`, when no program can do this. The caller cleans up after true. */
bool program_script_read(struct program_script *ret_script, const struct sqlite_tape *tape,
                         const struct subject_finding *finding,
                         char ret_reason[SUBJECT_REASON_BYTES]);
void program_script_clean_up(struct program_script *script);

void program_write_c(const struct program_script *script, FILE *out);
void program_write_sql(const struct program_script *script, FILE *out);
void program_write_python(const struct program_script *script, FILE *out);
void program_write_readme(const struct program_script *script, FILE *out);

/* As a string of C, Python and JSON, with its quotes. */
void program_put_string(const char *text, FILE *out);
/* A text that grows as it is written; its owner frees it. */
struct program_draft {
    char *text;
    size_t length;
    FILE *out;
};
FILE *program_draft_begin(struct program_draft *draft);
char *program_draft_end(struct program_draft *draft);

bool program_begins(const char *text, const char *start);

/*
 * Results in the words of the programs; the caller frees them. What would be right instead of what
 * came of the call in question; NULL: that is not known, or no matter of its answer. What was found
 * in the look that is in question, and what must be there. What makes the database.
 */
char *program_right_of(const struct program_script *script, const struct program_call *call);
bool program_is_about_look(const struct program_script *script);
char *program_found(const struct program_script *script);
char *program_expected(const struct program_script *script);
char *program_setup(const struct program_script *script);

#endif
