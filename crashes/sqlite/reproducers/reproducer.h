/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the reproducers share, on SQLite's public API and POSIX: a folder of their own, statements
 * whose results are shown, and an end that says what was seen.
 *
 *     cc -I . wal-reset.c /path/to/sqlite3.c -lpthread -ldl -lm && ./a.out [FOLDER]
 *
 * The database is in a new folder in FOLDER (default: $TMPDIR, or /tmp), on the file system that
 * is there, through SQLite's own VFS. Exit status: 0 the wrong result was seen; 1 the right one:
 * this version is mended, or never had it; 2 it could not be tried, and a message says why.
 */
#ifndef REPRODUCER_H
#define REPRODUCER_H

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sqlite3.h"

enum { WRONG_RESULT_SEEN = 0, COULD_NOT_BE_TRIED = 2, RIGHT_RESULT = 1 };

static char reproducer_folder[400];
static char reproducer_database[420];

static void give_up(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "could not be tried: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(COULD_NOT_BE_TRIED);
}

static void remove_folder(void)
{
    char command[450];
    snprintf(command, sizeof command, "rm -rf '%s'", reproducer_folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", reproducer_folder);
}

/* The path of the database; nothing is there yet. */
static const char *begin(int argc, char **argv, const char *what_is_expected)
{
    const char *base = getenv("TMPDIR");
    if (argc > 1)
        base = argv[1];
    else if (!base)
        base = "/tmp";
    snprintf(reproducer_folder, sizeof reproducer_folder, "%s/reproducer.XXXXXX", base);
    if (!mkdtemp(reproducer_folder)) {
        char *folder = strdup(reproducer_folder);
        reproducer_folder[0] = 0;
        give_up("%s: %s", folder, strerror(errno));
    }
    atexit(remove_folder);
    snprintf(reproducer_database, sizeof reproducer_database, "%s/a.db", reproducer_folder);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("SQLite %s (%s)\nexpected: %s\n", sqlite3_libversion(), sqlite3_sourceid(),
           what_is_expected);
    return reproducer_database;
}

static inline sqlite3 *open_uri(const char *name)
{
    sqlite3 *db;
    if (sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI,
                        NULL))
        give_up("%s: %s", name, sqlite3_errmsg(db));
    return db;
}

static int append_row(void *context, int columns, char **values, char **names)
{
    (void)names;
    char *text = context;
    for (int i = 0; i < columns; i++) {
        size_t length = strlen(text);
        snprintf(text + length, 300 - length, "%s%s", length ? " " : "",
                 values[i] ? values[i] : "NULL");
    }
    return 0;
}

/*
 * Runs SQL and shows it with what came of it: its values, or "ok", or its error. Valid until the
 * next four calls.
 */
static inline const char *run(const char *who, sqlite3 *db, const char *sql)
{
    static char results[4][300];
    static int turn;
    char *text = results[turn++ % 4], *message = NULL;
    text[0] = 0;
    if (sqlite3_exec(db, sql, append_row, text, &message) != SQLITE_OK)
        snprintf(text, 300, "error %d: %s", sqlite3_extended_errcode(db), message);
    else if (!text[0])
        snprintf(text, 300, "ok");
    sqlite3_free(message);
    printf("%-8s %s -> %s\n", who, sql, text);
    return text;
}

/* For what must work, so that the rest means something. */
static inline void must(const char *who, sqlite3 *db, const char *sql)
{
    const char *result = run(who, db, sql);
    if (!strncmp(result, "error", 5))
        give_up("%s: %s", sql, result);
}

static int finish(bool is_wrong)
{
    printf(is_wrong ? "seen: the wrong result\n"
                    : "seen: the right result, this version does not have it\n");
    return is_wrong ? WRONG_RESULT_SEEN : RIGHT_RESULT;
}

#endif
