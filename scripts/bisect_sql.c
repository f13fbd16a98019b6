/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a reproducer in plain SQL: FILE.sql FOLDER. `.open NAME` closes the connection and opens
 * another one; `-- expected: VALUES` behind a statement says what it must return (columns
 * separated by |, rows by blanks). It is written for SQLite's shell, which reads the same file.
 * Exit status as of every reproducer (reproducer.h).
 */
#include "reproducer.h"

static const char expected_mark[] = "-- expected: ";

static int append_values(void *context, int columns, char **values, char **names)
{
    (void)names;
    char *text = context;
    for (int i = 0; i < columns; i++) {
        size_t length = strlen(text);
        const char *separator = i > 0 ? "|" : length > 0 ? " " : "";
        snprintf(text + length, 300 - length, "%s%s", separator, values[i] ? values[i] : "");
    }
    return 0;
}

/* With the end of its line: what comes after a comment, SQLite 3.54.1 wants to see it. */
static bool is_complete(const char *sql)
{
    char line[8001];
    snprintf(line, sizeof line, "%s\n", sql);
    return sqlite3_complete(line);
}

/* False when the statement returns something else than its comment says. */
static bool is_as_expected(sqlite3 *db, const char *sql)
{
    char text[300] = "", *message = NULL;
    if (sqlite3_exec(db, sql, append_values, text, &message) != SQLITE_OK)
        snprintf(text, sizeof text, "error: %s", message);
    sqlite3_free(message);
    printf("%s -> %s\n", sql, text);
    const char *expected = strstr(sql, expected_mark);
    return !expected || !strcmp(expected + strlen(expected_mark), text);
}

static sqlite3 *open_anew(sqlite3 *db, const char *name)
{
    sqlite3_close(db);
    printf("-- a new connection\n");
    return open_uri(name);
}

int main(int argc, char **argv)
{
    FILE *file = argc == 3 ? fopen(argv[1], "r") : NULL;
    if (!file)
        give_up("FILE.sql FOLDER is expected, and a file that can be read");
    begin(argc - 1, argv + 1, "what the comments in the file say");
    if (chdir(reproducer_folder))
        give_up("%s: %s", reproducer_folder, strerror(errno));
    sqlite3 *db = NULL;
    char line[1000], sql[8000] = "";
    int expectations = 0;
    bool is_wrong = false;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        bool is_blank = strspn(line, " \t") == strlen(line) || !strncmp(line, "--", 2);
        if (!sql[0] && is_blank)
            continue;
        if (!sql[0] && !strncmp(line, ".open ", 6)) {
            db = open_anew(db, line + 6);
            continue;
        }
        if (!db || line[0] == '.' || strlen(sql) + strlen(line) + 2 > sizeof sql)
            give_up("'%s': .open NAME is expected first, no other command, and statements of 8,000 "
                    "bytes",
                    line);
        snprintf(sql + strlen(sql), sizeof sql - strlen(sql), "%s%s", sql[0] ? "\n" : "", line);
        if (!is_complete(sql))
            continue;
        expectations += strstr(sql, expected_mark) != NULL;
        is_wrong |= !is_as_expected(db, sql);
        sql[0] = 0;
    }
    fclose(file);
    sqlite3_close(db);
    if (expectations == 0 || sql[0])
        give_up("%s", sql[0] ? "the last statement has no end" : "no '-- expected:' in the file");
    return finish(is_wrong);
}
