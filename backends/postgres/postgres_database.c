/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_database.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { DATABASES_MAX = 64, PLANS_MAX = 4000, SQL_BYTES = 8192 };
enum { TRIES_MAX = 15000 }; /* of what comes within milliseconds: half a minute */

/* --- whose it is ------------------------------------------------------------------------------ */

/* A file of the server's folder, which is there whoever has it; below 0: error. */
static int open_shared(const struct postgres_database *database, const char *name,
                       struct error *error)
{
    char path[POSTGRES_PATH_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/%s", database->server->folder, name);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        (void)interplay_error(error, ERROR_IO, "%s: %s", path, strerror(errno));
    return file;
}

static enum error_code claim(struct postgres_database *database, struct error *error)
{
    char name[32];
    for (uint32_t number = 0; number < DATABASES_MAX; number++) {
        (void)snprintf(name, sizeof name, "database-%u", number);
        int file = open_shared(database, name, error);
        if (file < 0)
            return ERROR_IO;
        if (flock(file, LOCK_EX | LOCK_NB) == 0) {
            database->claim = file;
            database->number = number;
            (void)snprintf(database->name, sizeof database->name, "d%u", (unsigned)number);
            return ERROR_NONE;
        }
        (void)close(file);
    }
    return interplay_error(error, ERROR_BACKEND, "more than %d use one PostgreSQL server at once",
                           DATABASES_MAX);
}

enum error_code postgres_database_take_names(struct postgres_database *database,
                                             struct error *error)
{
    if (database->somebodys != NULL || database->names >= 0)
        return ERROR_NONE; /* there an advisory lock keeps others away */
    int file = open_shared(database, "names", error);
    if (file < 0)
        return ERROR_IO;
    while (flock(file, LOCK_EX) != 0)
        if (errno != EINTR) {
            (void)close(file);
            return interplay_error(error, ERROR_IO, "the names of prepared transactions: %s",
                                   strerror(errno));
        }
    database->names = file;
    return ERROR_NONE;
}

void postgres_database_give_names(struct postgres_database *database)
{
    if (database->names >= 0)
        (void)close(database->names);
    database->names = -1;
}

bool postgres_database_is_mortal(const struct postgres_database *database)
{
    return database->somebodys == NULL && database->server->is_mortal &&
           database->server->owner == getpid();
}

bool postgres_database_is_usable(const struct postgres_database *database, bool is_mortal)
{
    return database->process == getpid() && database->plans < PLANS_MAX &&
           (!is_mortal || database->somebodys != NULL || postgres_database_is_mortal(database)) &&
           database->monitor.pg != NULL && PQstatus(database->monitor.pg) == CONNECTION_OK;
}

/* --- connecting ------------------------------------------------------------------------------- */

static void make_target(const struct postgres_database *database, const char *name,
                        char ret_target[POSTGRES_CONNECTION_BYTES])
{
    (void)snprintf(ret_target, POSTGRES_CONNECTION_BYTES,
                   "host='%s' dbname=%s user=" POSTGRES_USER " connect_timeout=30",
                   database->server->folder, name);
}

/* --- prepared transactions -------------------------------------------------------------------- */

static const char prepared_here[] =
    "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()";
static const char prepared_by_plans[] =
    "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() "
    "AND gid ~ '^interplay_[0-9]+$'";

static bool roll_back_prepared(struct postgres_monitor *monitor, const char *name)
{
    char sql[512], *quoted = PQescapeLiteral(monitor->pg, name, strlen(name));
    if (quoted == NULL)
        return false;
    (void)snprintf(sql, sizeof sql, "ROLLBACK PREPARED %s", quoted);
    PQfreemem(quoted);
    return postgres_monitor_run(monitor, sql);
}

static bool end_prepared(struct postgres_monitor *monitor, const char *which)
{
    bool has_ended = false;
    PGresult *rows = postgres_monitor_ask(monitor, which, NULL);
    for (int row = 0; rows != NULL && row < PQntuples(rows); row++)
        has_ended |= roll_back_prepared(monitor, PQgetvalue(rows, row, 0));
    PQclear(rows);
    return has_ended;
}

bool postgres_database_end_prepared(struct postgres_database *database)
{
    if (database->process != getpid())
        return false; /* its parent sees to it */
    return end_prepared(&database->monitor,
                        database->somebodys != NULL ? prepared_by_plans : prepared_here);
}

/* Of a process that was killed: only from there can they be ended. */
static void end_prepared_in(const char *target)
{
    struct postgres_monitor monitor;
    struct error error;
    if (postgres_monitor_open(&monitor, target, &error) != ERROR_NONE)
        return;
    (void)end_prepared(&monitor, prepared_here);
    postgres_monitor_close(&monitor);
}

/* --- making one ------------------------------------------------------------------------------- */

/* Anew: whoever had it before may have left anything there, himself included. */
static bool make(const struct postgres_database *database, struct postgres_monitor *monitor)
{
    char sql[256], target[POSTGRES_CONNECTION_BYTES];
    (void)snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %s WITH (FORCE)", database->name);
    if (!postgres_monitor_run(monitor, sql)) {
        make_target(database, database->name, target);
        end_prepared_in(target);
        if (!postgres_monitor_run(monitor, sql))
            return false;
    }
    (void)snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE template0", database->name);
    return postgres_monitor_run(monitor, sql);
}

/* Who was stopped by a process that has died would never leave. */
static void let_all_go(struct postgres_monitor *monitor)
{
    PGresult *rows = postgres_monitor_ask(
        monitor, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'", NULL);
    for (int row = 0; rows != NULL && row < PQntuples(rows); row++)
        (void)kill((pid_t)atoi(PQgetvalue(rows, row, 0)), SIGCONT);
    PQclear(rows);
}

static enum error_code make_anew(struct postgres_database *database, struct error *error)
{
    struct postgres_monitor monitor;
    make_target(database, "postgres", database->target);
    enum error_code code = postgres_monitor_open(&monitor, database->target, error);
    if (code != ERROR_NONE)
        return code;
    let_all_go(&monitor);
    if (!make(database, &monitor))
        code = postgres_monitor_fail(monitor.pg, "no database can be made: ", error);
    postgres_monitor_close(&monitor);
    make_target(database, database->name, database->target);
    database->plans = 0;
    database->has_schema = false;
    return code == ERROR_NONE ? postgres_monitor_open(&database->monitor, database->target, error)
                              : code;
}

/* Of a server that may be killed: who writes its log by the clock. It is there soon; 0: not. */
static pid_t find_writer(struct postgres_monitor *monitor)
{
    static const char writer[] =
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'";
    pid_t process = 0;
    for (int tries = 0; process == 0 && tries < TRIES_MAX; tries++) {
        PGresult *rows = postgres_monitor_ask(monitor, writer, NULL);
        if (rows != NULL && PQntuples(rows) == 1)
            process = (pid_t)atoi(PQgetvalue(rows, 0, 0));
        else
            (void)usleep(1000);
        PQclear(rows);
    }
    return process;
}

static void nudge_writer(void *context)
{
    (void)context;
    postgres_server_nudge_writer();
}

/*
 * While it sleeps, as all is in the log. Whoever commits then is in nobody's way: else it was
 * stopped when it had just begun, and goes on for a moment.
 */
static void stop_writer(struct postgres_database *database)
{
    static const char commit[] = "SELECT txid_current()";
    struct postgres_monitor *monitor = &database->monitor;
    const struct postgres_monitor there = *monitor;
    pid_t writer = find_writer(monitor);
    if (writer == 0 || !postgres_monitor_run(monitor, commit))
        return;
    for (int tries = 0; !postgres_process_sleeps(writer) && tries < TRIES_MAX; tries++)
        (void)usleep(1000);
    postgres_server_stop_writer(writer);
    monitor->on_silence = nudge_writer;
    (void)postgres_monitor_run(monitor, commit);
    monitor->on_silence = there.on_silence;
}

static enum error_code open_on_server(struct postgres_database *database, bool is_mortal,
                                      struct error *error)
{
    enum error_code code = postgres_server_take(is_mortal, &database->server, error);
    if (code == ERROR_NONE)
        code = claim(database, error);
    if (code == ERROR_NONE)
        code = make_anew(database, error);
    if (code == ERROR_NONE && postgres_database_is_mortal(database))
        stop_writer(database);
    return code;
}

/* While it recovers it refuses. */
static enum error_code open_monitor_again(struct postgres_database *database, struct error *error)
{
    struct postgres_monitor there = database->monitor;
    postgres_monitor_close(&database->monitor);
    enum error_code code = ERROR_BACKEND;
    for (int tries = 0; code != ERROR_NONE && tries < TRIES_MAX; tries++) {
        (void)usleep(tries > 0 ? 2000 : 0);
        code = postgres_monitor_open(&database->monitor, database->target, error);
    }
    database->monitor.on_silence = there.on_silence;
    database->monitor.context = there.context;
    return code;
}

enum error_code postgres_database_crash(struct postgres_database *database, pid_t session,
                                        struct error *error)
{
    enum error_code code = postgres_server_crash(session, error);
    if (code == ERROR_NONE)
        code = open_monitor_again(database, error);
    if (code == ERROR_NONE)
        stop_writer(database);
    return code;
}

/* For people: what was told of it before is that connections were lost. */
static void tell_of_crash(void)
{
    char log[2048];
    if (postgres_server_crashed(log, sizeof log))
        (void)fprintf(stderr, "interplay: the PostgreSQL server has crashed: %s", log);
}

static enum error_code open_somebodys(struct postgres_database *database, struct error *error)
{
    memcpy(database->target, database->somebodys->connection, sizeof database->target);
    return postgres_monitor_open(&database->monitor, database->target, error);
}

/* A server that has crashed is there for a while. */
enum error_code postgres_database_open(struct postgres_database *database, const char *setup_sql,
                                       bool is_mortal, struct error *error)
{
    *database = (struct postgres_database){.somebodys = postgres_target(),
                                           .process = getpid(),
                                           .claim = -1,
                                           .names = -1,
                                           .setup_sql = setup_sql,
                                           .is_empty = true};
    if (database->somebodys != NULL)
        return open_somebodys(database, error);
    enum error_code code = open_on_server(database, is_mortal, error);
    if (code == ERROR_NONE || database->claim < 0)
        return code;
    postgres_database_close(database);
    postgres_server_give_up();
    tell_of_crash();
    return open_on_server(database, is_mortal, error);
}

void postgres_database_close(struct postgres_database *database)
{
    if (database->process == getpid())
        postgres_monitor_close(&database->monitor);
    else
        postgres_monitor_leave(&database->monitor);
    postgres_database_give_names(database);
    if (database->claim >= 0)
        (void)close(database->claim);
    database->claim = -1;
}

/* --- clean state ------------------------------------------------------------------------------ */

static bool drop_all(struct postgres_database *database)
{
    return postgres_monitor_run(&database->monitor,
                                "DROP SCHEMA public CASCADE; CREATE SCHEMA public; "
                                "GRANT USAGE ON SCHEMA public TO PUBLIC");
}

/* Of the setup, the statements that fill tables. */
static void append_inserts(const char *setup_sql, struct text *text)
{
    while (*setup_sql != '\0') {
        size_t length = strcspn(setup_sql, ";") + 1;
        if (strncmp(setup_sql, "INSERT", 6) == 0)
            text_append_bytes(text, setup_sql, length);
        setup_sql += length;
        setup_sql += strspn(setup_sql, " \n");
    }
}

static void append_tables(const char *setup_sql, struct text *text)
{
    static const char create[] = "CREATE TABLE ";
    const char *next = setup_sql, *before = "TRUNCATE ";
    while ((next = strstr(next, create)) != NULL) {
        next += sizeof create - 1;
        text_append(text, before);
        text_append_bytes(text, next, strcspn(next, " ("));
        before = ", ";
    }
    text_append(text, ";");
}

/* Also when they were just made: statistics are those of a table that was cut, then. */
static bool fill_tables(struct postgres_database *database)
{
    char sql[SQL_BYTES];
    struct text text;
    text_init(&text, sql, sizeof sql);
    append_tables(database->setup_sql, &text);
    append_inserts(database->setup_sql, &text);
    return !text.truncated && postgres_monitor_run(&database->monitor, sql);
}

static bool set_up(struct postgres_database *database, bool is_empty)
{
    database->has_schema =
        drop_all(database) &&
        (is_empty || postgres_monitor_run(&database->monitor, database->setup_sql));
    database->is_empty = is_empty;
    return database->has_schema;
}

static bool set_back_own(struct postgres_database *database, bool is_empty, bool schema_is_old)
{
    bool is_kept = database->has_schema && !schema_is_old && database->is_empty == is_empty;
    if (!is_kept && !set_up(database, is_empty))
        return false;
    return is_empty || fill_tables(database);
}

/* --- clean state of somebody's ---------------------------------------------------------------- */

/* Which of t0 to t3 there are, and which they are, with their indexes: not the ones of before. */
static bool look_at_tables(struct postgres_database *database, uint32_t *ret_there,
                           char ret_schema[POSTGRES_SCHEMA_BYTES])
{
    char sql[1024];
    (void)snprintf(
        sql, sizeof sql,
        "WITH tables AS (SELECT to_regclass('t' || n) AS id FROM generate_series(0, 3) n) "
        "SELECT %s, (SELECT string_agg(oid || '.' || relnatts, ' ' ORDER BY oid) FROM pg_class "
        "WHERE oid IN (SELECT id FROM tables) OR oid IN (SELECT indexrelid FROM pg_index "
        "WHERE indrelid IN (SELECT id FROM tables)))",
        postgres_target_there);
    PGresult *rows = postgres_monitor_ask(&database->monitor, sql, NULL);
    bool is_there = rows != NULL && PQntuples(rows) == 1;
    if (is_there) {
        *ret_there = (uint32_t)atoi(PQgetvalue(rows, 0, 0));
        (void)snprintf(ret_schema, POSTGRES_SCHEMA_BYTES, "%s", PQgetvalue(rows, 0, 1));
    }
    PQclear(rows);
    return is_there;
}

static void append_drops(uint32_t there, struct text *sql)
{
    for (int table = 0; table < SUBJECT_TABLES; table++)
        if (there >> table & 1u)
            text_append_format(sql, "DROP TABLE t%d;", table);
}

/* For a native plan; `there` is what was found. */
static void append_start(const struct postgres_database *database, uint32_t there, bool is_kept,
                         struct text *sql)
{
    const struct postgres_target *target = database->somebodys;
    bool is_given = postgres_target_is_given(target);
    if (!is_given && there != 0)
        return;
    if (is_given && is_kept) {
        append_inserts(database->setup_sql, sql);
        return;
    }
    append_drops(there, sql);
    text_append(sql, database->setup_sql);
}

/* All of it at once, or nothing. */
static bool set_back_somebodys(struct postgres_database *database, bool is_empty)
{
    const struct postgres_target *target = database->somebodys;
    char bytes[2 * SQL_BYTES], schema[POSTGRES_SCHEMA_BYTES] = "";
    struct text sql;
    uint32_t there = 0;
    text_init(&sql, bytes, sizeof bytes);
    if (!look_at_tables(database, &there, schema))
        return false;
    bool is_recreated = target->reset == SUBJECT_RECREATE;
    bool is_kept = !is_recreated && there != 0 && strcmp(schema, database->schema) == 0;
    text_append(&sql, "SET lock_timeout = '5s';");
    if (!is_recreated)
        postgres_target_empty(target, is_empty || is_kept ? there : 0, &sql);
    if (!is_empty || is_recreated)
        append_start(database, there, is_kept, &sql);
    if (sql.truncated || !postgres_monitor_run(&database->monitor, bytes))
        return false;
    database->is_set_back = is_empty ? target->table_count > 0 : postgres_target_is_given(target);
    return is_empty || is_kept || look_at_tables(database, &there, database->schema);
}

/* --- clean state of either -------------------------------------------------------------------- */

enum error_code postgres_database_set_back(struct postgres_database *database, bool is_empty,
                                           bool schema_is_old, struct error *error)
{
    database->plans++;
    bool is_somebodys = database->somebodys != NULL;
    if (is_somebodys && !is_empty &&
        postgres_target_refuse(database->somebodys, error) != ERROR_NONE)
        return ERROR_USAGE;
    database->is_set_back = true;
    if (is_somebodys ? set_back_somebodys(database, is_empty)
                     : set_back_own(database, is_empty, schema_is_old))
        return ERROR_NONE;
    return postgres_monitor_fail(database->monitor.pg, "", error);
}
