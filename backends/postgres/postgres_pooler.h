/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pooler that stands between clients and the server: what is known of one is what a small file
 * says (backends/postgres/poolers, or somebody's own). A line is a key and its value; `#` begins a
 * comment. Lines that are indented belong to the one before that is not.
 *
 *     program    the program, in PATH or where administrators' programs are, or its path
 *     arguments  its arguments
 *     version    the argument with which it says its version
 *     host       where it listens: a folder for a Unix socket, or an address
 *     port       its port; 0: one that is free
 *     sessions   of the server that it has at most
 *     file NAME  the lines below are what this file in its folder has
 *     mode NAME  the lines below hold in this mode, the first of which is what it is in if not told
 *
 * and in a mode, or for all of them:
 *
 *     session      how long a client has one session of the server: connection or transaction (a
 *                  statement outside of one is one)
 *     like MODE    all that is said of that mode
 *     replaced     SETTING=VALUE SETTING=VALUE -- SOURCE: plans that ask for the first get the
 *                  second
 *     supported    PATTERN: of statements, as fnmatch has it, in whatever case
 *     unsupported  PATTERN -- SOURCE: its documentation says so; the first row that fits holds
 *
 * {folder}, {server}, {port}, {sessions}, {mode}, {user} stand for what they name, {more} for the
 * lines that were asked for beside the mode.
 */
#ifndef POSTGRES_POSTGRES_POOLER_H
#define POSTGRES_POSTGRES_POOLER_H

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>

enum {
    POSTGRES_POOLER_FILES_MAX = 4,
    POSTGRES_POOLER_ROWS_MAX = 64,
    POSTGRES_POOLER_REPLACED_MAX = 8,
};

/* All texts are parts of those at the end of the struct. */
struct postgres_pooler_file {
    const char *name;
    const char *content; /* its lines are indented */
};

struct postgres_pooler_row {
    bool is_supported;
    const char *pattern, *source;
};

struct postgres_pooler_replaced {
    const char *from, *to;
};

struct postgres_pooler {
    const char *name, *program, *arguments, *version, *host, *port, *sessions, *mode;
    const char *more;   /* LINE[,LINE]... */
    bool keeps_session; /* a client does, as long as the connection */
    struct postgres_pooler_file files[POSTGRES_POOLER_FILES_MAX];
    size_t file_count;
    struct postgres_pooler_row rows[POSTGRES_POOLER_ROWS_MAX];
    size_t row_count;
    struct postgres_pooler_replaced replaced[POSTGRES_POOLER_REPLACED_MAX];
    size_t replaced_count;
    char *text, *order; /* of the file, and what was asked for; on the heap */
};

/*
 * NAME[:MODE[:SESSIONS]][,LINE]...: one of those that the build knows, or a path with a slash.
 * Changes nothing where something is wrong, in the file, too.
 */
enum error_code postgres_pooler_read(struct postgres_pooler *ret_pooler, const char *what,
                                     struct error *error) __attribute__((warn_unused_result));
void postgres_pooler_clean_up(struct postgres_pooler *pooler);

/* Of the server, at most. */
int postgres_pooler_sessions(const struct postgres_pooler *pooler);

/* What a client sets stays set for it. */
bool postgres_pooler_takes_setup(const struct postgres_pooler *pooler);

/* Its documentation does not say that a statement in `sql` is unsupported. */
bool postgres_pooler_supports(const struct postgres_pooler *pooler, const char *sql);

#endif
