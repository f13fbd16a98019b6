/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_target.h"

#include "postgres/postgres_conninfo.h"
#include "postgres/postgres_monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SQL_BYTES = 8192, OLDEST_VERSION = 100000, ALL_PLAN_TABLES = (1 << SUBJECT_TABLES) - 1 };

const char postgres_target_there[] =
    "(SELECT coalesce(sum(1 << n), 0) FROM generate_series(0, 3) n WHERE to_regclass('t' || n) "
    "IS NOT NULL)";

/* Process-wide, and of those that are forked. */
static struct {
    struct postgres_target target;
    bool is_used;
    uint32_t before;                /* of t0 to t3, those that somebody has */
    pid_t process;                  /* whose the connection is */
    struct postgres_monitor keeper; /* a connection as long as the process */
} theirs;

const struct postgres_target *postgres_target(void)
{
    return theirs.is_used ? &theirs.target : NULL;
}

bool postgres_target_is_given(const struct postgres_target *target)
{
    return target->named == ALL_PLAN_TABLES;
}

enum error_code postgres_target_refuse(const struct postgres_target *target, struct error *error)
{
    uint32_t others = theirs.before & ~target->named;
    if (others == 0)
        return ERROR_NONE;
    return interplay_error(error, ERROR_USAGE,
                           "somebody's database has a table t%d, which plans would change: if what "
                           "is in it may go, --reset-table t0,t1,t2,t3; else another database, or "
                           "a schema of their own ('... options=-csearch_path=NAME')",
                           __builtin_ctz(others));
}

/* --- what may be emptied ---------------------------------------------------------------------- */

static void append_name(const char *name, size_t length, struct text *text)
{
    text_append(text, "\"");
    for (size_t i = 0; i < length; i++) {
        text_append(text, name[i] == '"' ? "\"" : "");
        text_append_bytes(text, &name[i], 1);
    }
    text_append(text, "\"");
}

/* "users" or "schema.users", as the catalogs have them. */
static bool add_table(struct postgres_target *target, const char *name)
{
    struct text text;
    if (target->table_count == POSTGRES_TABLES_MAX || *name == '\0')
        return false;
    text_init(&text, target->tables[target->table_count].name, POSTGRES_TABLE_BYTES);
    const char *dot = strchr(name, '.');
    if (dot != NULL) {
        append_name(name, (size_t)(dot - name), &text);
        text_append(&text, ".");
    }
    const char *last = dot == NULL ? name : dot + 1;
    append_name(last, strlen(last), &text);
    uint32_t bit = subject_table_named(name, strlen(name));
    target->tables[target->table_count++].bit = bit;
    target->named |= bit;
    return !text.truncated;
}

static enum error_code take_tables(struct postgres_target *target,
                                   const struct subject_target *given, struct error *error)
{
    for (size_t i = 0; i < given->table_count; i++)
        if (!add_table(target, given->tables[i]))
            return interplay_error(error, ERROR_USAGE,
                                   "table '%s': expected NAME or SCHEMA.NAME, at most %d of them",
                                   given->tables[i], POSTGRES_TABLES_MAX);
    bool is_own = postgres_target_is_given(target) && target->table_count == SUBJECT_TABLES;
    if (given->reset == SUBJECT_RECREATE && !is_own)
        return interplay_error(error, ERROR_USAGE,
                               "only the tables of plans can be made anew, all of them: t0, t1, t2 "
                               "and t3; what else belongs to a table of somebody's nobody knows: "
                               "truncate or delete");
    return ERROR_NONE;
}

void postgres_target_empty(const struct postgres_target *target, uint32_t there, struct text *sql)
{
    bool truncates = target->reset == SUBJECT_TRUNCATE;
    const char *before = truncates ? "TRUNCATE " : "DELETE FROM ";
    const char *between = truncates ? ", " : "; DELETE FROM ";
    size_t count = 0;
    for (size_t i = 0; i < target->table_count; i++) {
        if (target->tables[i].bit != 0 && (target->tables[i].bit & there) == 0)
            continue;
        text_append_format(sql, "%s%s", count++ == 0 ? before : between, target->tables[i].name);
    }
    text_append(sql, count == 0 ? "" : truncates ? " RESTART IDENTITY;" : ";");
}

/* --- what it must be like --------------------------------------------------------------------- */

/* Of an answer of one row and one column. */
static bool ask(struct postgres_monitor *monitor, const char *sql, const char *parameter,
                char *ret_text, size_t capacity_bytes)
{
    PGresult *rows = postgres_monitor_ask(monitor, sql, parameter);
    bool is_there = rows != NULL && PQntuples(rows) == 1;
    if (is_there)
        (void)snprintf(ret_text, capacity_bytes, "%s", PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return is_there;
}

/* What a row says that is otherwise is why it cannot be used. */
static const struct {
    const char *sql, *wanted, *problem;
} demands[] = {
    {"SELECT current_setting('transaction_read_only')", "off", "it can only be read"},
    {"SELECT current_setting('server_encoding')", "UTF8", "its encoding is not UTF8"},
    {"SELECT has_function_privilege('pg_blocking_pids(int)', 'EXECUTE') AND "
     "has_function_privilege('pg_safe_snapshot_blocking_pids(int)', 'EXECUTE')",
     "t", "this user may not ask who waits for whom (pg_blocking_pids)"},
    {"SELECT pg_try_advisory_lock(7593480312349847649)", "t",
     "another interplay is at work in this database"},
};

static enum error_code check_server(struct postgres_monitor *monitor, struct error *error)
{
    char said[64], process[16];
    if (PQserverVersion(monitor->pg) < OLDEST_VERSION)
        return interplay_error(error, ERROR_BACKEND,
                               "the server is older than PostgreSQL 10, and does not say who waits "
                               "for whom");
    (void)snprintf(process, sizeof process, "%d", PQbackendPID(monitor->pg));
    if (!ask(monitor, "SELECT pg_backend_pid()", NULL, said, sizeof said) ||
        strcmp(said, process) != 0)
        return interplay_error(error, ERROR_BACKEND,
                               "something is between (a pooler?) that hides which session of the "
                               "server is whose, and so who waits for whom: connect to the server "
                               "itself");
    for (size_t i = 0; i < sizeof demands / sizeof demands[0]; i++)
        if (!ask(monitor, demands[i].sql, NULL, said, sizeof said) ||
            strcmp(said, demands[i].wanted) != 0)
            return interplay_error(error, ERROR_BACKEND, "%s", demands[i].problem);
    return ERROR_NONE;
}

/* Those of plans need not be there. */
static enum error_code check_tables(const struct postgres_target *target,
                                    struct postgres_monitor *monitor, struct error *error)
{
    char said[16];
    for (size_t i = 0; i < target->table_count; i++) {
        bool is_known = ask(monitor,
                            "SELECT relkind IN ('r', 'p') FROM pg_class WHERE oid = "
                            "to_regclass($1)",
                            target->tables[i].name, said, sizeof said);
        if (is_known ? strcmp(said, "t") != 0 : target->tables[i].bit == 0)
            return interplay_error(error, ERROR_USAGE, "there is no table %s in it",
                                   target->tables[i].name);
    }
    return ERROR_NONE;
}

/* What plans will do, in a transaction that is rolled back: what is in the way the server says. */
static void append_trial(const struct postgres_target *target, bool is_native, struct text *sql)
{
    text_append(sql, "BEGIN; SET LOCAL lock_timeout = '5s';");
    postgres_target_empty(target, theirs.before, sql);
    for (int i = 0; i < SUBJECT_TABLES && is_native; i++) {
        if (theirs.before >> i & 1u)
            text_append_format(sql, "DROP TABLE t%d;", i);
        text_append_format(sql, "CREATE TABLE t%d (v int, p int);", i);
        for (int index = 0; index < 4; index++)
            text_append_format(sql, "CREATE INDEX %c%d%c ON t%d (v);", "ij"[index / 2], i,
                               "vp"[index % 2], i);
    }
}

static enum error_code try(const struct postgres_target *target, bool is_native,
                           struct postgres_monitor *monitor, struct error *error)
{
    char sql[SQL_BYTES];
    struct text text;
    text_init(&text, sql, sizeof sql);
    append_trial(target, is_native, &text);
    enum error_code code = ERROR_NONE;
    if (text.truncated || !postgres_monitor_run(monitor, sql))
        code = postgres_monitor_fail(monitor->pg, "plans cannot run there: ", error);
    (void)postgres_monitor_run(monitor, "ROLLBACK");
    return code;
}

/* --- keeping it ------------------------------------------------------------------------------- */

/* At the end of the process: what plans have made where there was nothing. */
static void leave(void)
{
    char sql[SQL_BYTES];
    struct text text;
    if (theirs.process != getpid())
        return;
    text_init(&text, sql, sizeof sql);
    text_append(&text, "SET lock_timeout = '5s';");
    for (int i = 0; i < SUBJECT_TABLES; i++)
        if ((theirs.before >> i & 1u) == 0)
            text_append_format(&text, "DROP TABLE IF EXISTS t%d;", i);
    if (!postgres_monitor_run(&theirs.keeper, sql))
        (void)fprintf(stderr, "interplay: tables of plans are left in the target: %s",
                      PQerrorMessage(theirs.keeper.pg));
    postgres_monitor_close(&theirs.keeper);
}

static void tell_limits(const PQconninfoOption *words, bool is_native)
{
    if (is_native && !postgres_target_is_given(&theirs.target))
        (void)fprintf(stderr, "interplay: plans begin with what others have left, and rows are not "
                              "compared: --reset-table t0,t1,t2,t3\n");
    if (postgres_conninfo_has_password(words))
        (void)fprintf(stderr,
                      "interplay: the password is in no command that is printed: PGPASSWORD\n");
}

static enum error_code open_keeper(const PQconninfoOption *words, struct error *error)
{
    char bytes[POSTGRES_CONNECTION_BYTES + 32];
    struct text text;
    text_init(&text, theirs.target.connection, sizeof theirs.target.connection);
    postgres_conninfo_write(words, &text);
    if (text.truncated)
        return interplay_error(error, ERROR_USAGE, "the target is longer than %d bytes",
                               POSTGRES_CONNECTION_BYTES);
    (void)snprintf(bytes, sizeof bytes, "%s connect_timeout=10", theirs.target.connection);
    return postgres_monitor_open(&theirs.keeper, bytes, error);
}

static enum error_code check(bool is_native, struct error *error)
{
    char there[16] = "";
    enum error_code code = check_server(&theirs.keeper, error);
    if (code == ERROR_NONE)
        code = check_tables(&theirs.target, &theirs.keeper, error);
    if (code != ERROR_NONE)
        return code;
    char sql[256];
    (void)snprintf(sql, sizeof sql, "SELECT %s", postgres_target_there);
    if (!ask(&theirs.keeper, sql, NULL, there, sizeof there))
        return postgres_monitor_fail(theirs.keeper.pg,
                                     "it does not say which tables it has: ", error);
    theirs.before = (uint32_t)atoi(there);
    if (is_native)
        code = postgres_target_refuse(&theirs.target, error);
    return code == ERROR_NONE ? try(&theirs.target, is_native, &theirs.keeper, error) : code;
}

static enum error_code use_words(const PQconninfoOption *words, const struct subject_target *given,
                                 struct error *error)
{
    theirs.target.reset = given->reset;
    enum error_code code = take_tables(&theirs.target, given, error);
    if (code == ERROR_NONE)
        code = open_keeper(words, error);
    if (code != ERROR_NONE)
        return code;
    code = check(given->runs_native_plans, error);
    if (code != ERROR_NONE) {
        postgres_monitor_close(&theirs.keeper);
        return code;
    }
    theirs.is_used = true;
    theirs.process = getpid();
    (void)atexit(leave);
    tell_limits(words, given->runs_native_plans);
    return ERROR_NONE;
}

static enum error_code use(const struct subject_target *given, char *ret_shown,
                           size_t capacity_bytes, struct error *error)
{
    PQconninfoOption *words;
    enum error_code code = postgres_conninfo_read(given, &words, error);
    if (code != ERROR_NONE)
        return code;
    struct text shown;
    text_init(&shown, ret_shown, capacity_bytes);
    postgres_conninfo_show(words, &shown);
    code = use_words(words, given, error);
    PQconninfoFree(words);
    return code;
}

const struct subject_target_ops postgres_targets = {.use = use};
