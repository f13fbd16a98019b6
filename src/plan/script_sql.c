/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a script for the program sqlite3. Each session is a connection of that program, which
 * has five; a session in no transaction gives its connection to one that has none. The one file
 * here that speaks of SQLite: what it writes is for that program and no other.
 */
#include "plan/script.h"
#include "plan/sql.h"

#include <inttypes.h>
#include <string.h>

enum { CONNECTIONS = 5, NOBODY = -1 };

#define SCRIPT_FILE "interplay-script.db"

struct session {
    bool is_in_transaction; /* as far as the statements tell */
    bool only_reads;        /* has checked a reader out */
};

struct connection {
    int session; /* or NOBODY */
    bool is_open;
    size_t used_at; /* step */
};

struct script {
    const struct plan *plan;
    FILE *out;
    struct session sessions[PLAN_TASKS_MAX];
    struct connection connections[CONNECTIONS];
    int current; /* connection */
};

/* --- connections ----------------------------------------------------------------------------- */

/* What the plan has chosen for a setting of SQLite's; NULL: the simplest, or there is none such. */
static const char *chosen(const struct script *script, const char *setting)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        uint8_t choice = script->plan->config.choice[field];
        if (choice != 0 && strcmp(plan_config_infos[field].name, setting) == 0)
            return plan_config_infos[field].values[choice].name;
    }
    return NULL;
}

static void put_pragma(const struct script *script, const char *pragma, const char *setting)
{
    const char *value = chosen(script, setting);
    if (value != NULL)
        fprintf(script->out, "PRAGMA %s=%s;\n", pragma, value);
}

/* Of the two that the set-up gives the file, before any other. */
static bool has_prepared_journal(const struct script *script)
{
    const char *mode = chosen(script, "journal_mode");
    return mode == NULL || strcmp(mode, "delete") == 0;
}

/* What a new connection runs first, as in a run; a pool chooses journal and locks itself. */
static void put_pragmas(const struct script *script)
{
    const struct plan_config *config = &script->plan->config;
    bool has_pool = script_has_pool(script->plan);
    if (!has_pool)
        put_pragma(script, "locking_mode", "locking_mode");
    if (!has_pool && !has_prepared_journal(script))
        put_pragma(script, "journal_mode", "journal_mode");
    put_pragma(script, "synchronous", "synchronous");
    put_pragma(script, "cache_size", "cache_size");
    put_pragma(script, "mmap_size", "mmap_size");
    put_pragma(script, "journal_size_limit", "journal_size_limit");
    put_pragma(script, "wal_autocheckpoint", "autocheckpoint");
    if (config->choice[PLAN_CONFIG_busy_timeout] != 0)
        fprintf(script->out,
                "-- busy timeout of the plan: %" PRId32 " ms; here nobody could let go meanwhile\n",
                plan_config_get(config, PLAN_CONFIG_busy_timeout));
}

static void open_connection(struct script *script)
{
    fputs(".open " SCRIPT_FILE "\n", script->out);
    put_pragmas(script);
    script->connections[script->current].is_open = true;
}

static void switch_to(struct script *script, int connection)
{
    if (script->current == connection)
        return;
    fprintf(script->out, ".connection %d\n", connection);
    script->current = connection;
}

/* Its own; else that of its number; else the one used longest ago whose session may lose it. */
static int find_connection(const struct script *script, int session)
{
    int best = NOBODY;
    for (int i = 0; i < CONNECTIONS; i++)
        if (script->connections[i].session == session)
            return i;
    if (session < CONNECTIONS && script->connections[session].session == NOBODY)
        return session;
    for (int i = 0; i < CONNECTIONS; i++) {
        const struct connection *candidate = &script->connections[i];
        bool is_free =
            candidate->session == NOBODY || !script->sessions[candidate->session].is_in_transaction;
        if (is_free && (best == NOBODY || candidate->used_at < script->connections[best].used_at))
            best = i;
    }
    return best;
}

/* False, and a comment, where the program has no connection left. */
static bool use_session(struct script *script, int session, size_t step)
{
    int found = find_connection(script, session);
    if (found == NOBODY) {
        fprintf(script->out,
                "--   not run: sqlite3 has %d connections, and each is in a transaction\n",
                CONNECTIONS);
        return false;
    }
    struct connection *connection = &script->connections[found];
    bool is_taken_over = connection->session != session;
    if (is_taken_over && connection->session != NOBODY)
        fprintf(script->out, "--   takes over the connection of session %d\n", connection->session);
    switch_to(script, found);
    if (!connection->is_open)
        open_connection(script);
    else if (is_taken_over && script_has_pool(script->plan))
        fprintf(script->out, "PRAGMA query_only=%d;\n", script->sessions[session].only_reads);
    connection->session = session;
    connection->used_at = step;
    return true;
}

/* --- steps ----------------------------------------------------------------------------------- */

/* The length of the text without white space and semicolons at its end. */
static size_t trimmed(const char *sql, size_t length)
{
    while (length > 0 && strchr(" \t\r\n;", sql[length - 1]) != NULL)
        length--;
    return length;
}

static bool has_comment(const char *sql)
{
    return strstr(sql, "--") != NULL || strstr(sql, "/*") != NULL;
}

/*
 * For sqlite3_complete, and so for the program, a trigger goes on to a semicolon and END.
 * Comments hide where it begins, and could hold what looks like its end.
 */
static bool is_trigger_without_end(const char *sql)
{
    static const struct script_word creating[] = {{"create", "trigger", false}};
    size_t length = trimmed(sql, strlen(sql));
    if (script_find_word(sql, creating, 1) == NULL)
        return false;
    if (length < 3 || has_comment(sql) || strncasecmp(sql + length - 3, "end", 3) != 0)
        return true;
    size_t body = length - 3;
    return memchr(sql + trimmed(sql, body), ';', body - trimmed(sql, body)) == NULL;
}

/*
 * What leads out of the database: functions and modules of the program (sqlite.org/cli.html, 8),
 * files beside the script's, and means to hide a word of these from a reader of the text.
 */
static const struct script_word leading_out[] = {
    {.word = "edit"}, /* runs a program */
    {.word = "load_extension"},
    {.word = "writefile"},
    {.word = "readfile"},
    {.word = "fsdir"},
    {.word = "lsdir"},
    {.word = "zipfile"},
    {.word = "attach"},
    {.word = "vacuum", .also = "into"},
    {.word = "temp_store_directory"},
    {.word = "data_store_directory"},
    {.word = "writable_schema"},
    {.word = "sqlite_dbpage"},
    {.word = "fts3_tokenizer"},
};

/*
 * A line of its own for the semicolon: the text may end in a comment. A comment before it: a line
 * that begins with a full stop would be a command of the program.
 */
static void put_own_sql(const struct script *script, const struct interaction *interaction)
{
    const char *sql = interaction->sql;
    const char *unsafe = script_unsafe_text(sql);
    const char *word =
        script_find_word(sql, leading_out, sizeof leading_out / sizeof leading_out[0]);
    if (unsafe != NULL)
        fprintf(script->out, "--   not run: %s\n", unsafe);
    else if (word != NULL)
        fprintf(script->out, "--   not run: '%s' leads out of the database\n", word);
    else if (!script_is_closed(sql) || is_trigger_without_end(sql))
        fputs("--   not run: a quote, comment or trigger in it does not end\n", script->out);
    else
        fprintf(script->out, "/* %s */ %s\n;\n", plan_action_infos[interaction->action].name, sql);
}

/* A pool begins its transactions in its own mode. */
static void put_statement(const struct script *script, struct sql_statement *statement,
                          const struct session *session)
{
    char buffer[PLAN_SQL_BYTES];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    if (statement->kind == SQL_BEGIN && script_has_pool(script->plan) &&
        !plan_kind(script->plan)->has_pool_size)
        statement->begin.lock = session->only_reads ? SQL_LOCK_WHEN_NEEDED : SQL_LOCK_AT_ONCE;
    script_statement(statement, DIALECT_SQLITE, &text);
    fprintf(script->out, "%s;\n", buffer);
}

/* What a connection that goes back to the pool has left open. */
static void put_rollback(struct script *script, int session, size_t step)
{
    if (script->sessions[session].is_in_transaction && use_session(script, session, step))
        fputs("ROLLBACK;\n", script->out);
    script->sessions[session].is_in_transaction = false;
}

static void put_checkout(struct script *script, const struct interaction *interaction, size_t step)
{
    bool only_reads = interaction->arguments[FIELD_access] == ACCESS_READ;
    if (!script_has_pool(script->plan) || !use_session(script, interaction->task, step))
        return;
    script->sessions[interaction->task].only_reads = only_reads;
    fprintf(script->out, "PRAGMA query_only=%d;\n", only_reads);
}

/* The task's own connection, or, with a pool, all of them. */
static void put_reopen(struct script *script, const struct interaction *interaction, size_t step)
{
    if (!script_has_pool(script->plan)) {
        script->sessions[interaction->task].is_in_transaction = false;
        if (use_session(script, interaction->task, step))
            open_connection(script);
        return;
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        if (!script->connections[i].is_open)
            continue;
        switch_to(script, i);
        open_connection(script);
        script->connections[i].session = NOBODY;
    }
    memset(script->sessions, 0, sizeof script->sessions);
}

static void put_return(struct script *script, const struct interaction *interaction, size_t step)
{
    put_rollback(script, interaction->task, step);
}

static void put_drop(struct script *script, const struct interaction *interaction, size_t step)
{
    put_rollback(script, (int)plan_target(script->plan, interaction), step);
}

/*
 * By another process: the program's connections are those of the sessions. It may find the database
 * locked, as a step may.
 */
static void put_look(struct script *script, const struct interaction *interaction, size_t step)
{
    (void)interaction, (void)step;
    fputs(".system sqlite3 " SCRIPT_FILE " 'SELECT name FROM sqlite_schema' 'PRAGMA user_version' "
          "'PRAGMA application_id' 'PRAGMA integrity_check' 2>&1 || true\n",
          script->out);
}

/* One that runs SQL. */
static void put_sql(struct script *script, const struct interaction *interaction,
                    struct sql_statement *statement, size_t step)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    struct session *session = &script->sessions[interaction->task];
    if (use_session(script, interaction->task, step)) {
        if (interaction->sql != NULL)
            put_own_sql(script, interaction);
        else
            put_statement(script, statement, session);
        if (info->opens == SECTION_TRANSACTION || info->opens == SECTION_SAVEPOINT)
            session->is_in_transaction = true;
    }
    if (info->closes == SECTION_TRANSACTION)
        session->is_in_transaction = false;
}

static void put_step(struct script *script, size_t step)
{
    static void (*const without_sql[ACTION_COUNT])(struct script *, const struct interaction *,
                                                   size_t) = {
        [ACTION_checkout] = put_checkout, [ACTION_return] = put_return, [ACTION_drop] = put_drop,
        [ACTION_reopen] = put_reopen,     [ACTION_look] = put_look,
    };
    const struct interaction *interaction = &script->plan->interactions[step];
    struct plan_tree tree;
    script_describe(script->plan, step, "--", script->out);
    if (script_is_foreign(interaction, "sqlite"))
        fputs("--   not run: SQLite has nothing that means the same\n", script->out);
    else if (without_sql[interaction->action] != NULL)
        without_sql[interaction->action](script, interaction, step);
    else if (plan_tree_make(&tree, interaction, (int64_t)step))
        put_sql(script, interaction, &tree.statement, step);
}

/* --- the script ------------------------------------------------------------------------------ */

static void put_head(const struct script *script, const char *name)
{
    fputs("-- ", script->out);
    script_put_name(name, script->out);
    fputs(" as a script, written by interplay convert. Run it with: sqlite3 <this-file\n"
          "-- It makes and overwrites " SCRIPT_FILE " in the current folder.\n"
          "--\n"
          "-- Each task of the plan is a session, that is, a connection. The statements run to\n"
          "-- their end one after the other, in the plan's order. The program cannot hold one\n"
          "-- back in the middle, make a call fail, pass virtual time or cut the power: where the\n"
          "-- plan does so, a comment says it. So this need not show what the plan shows. A\n"
          "-- statement that fails (locked, constraint) does not end the script.\n",
          script->out);
    if (script_has_pool(script->plan))
        fputs("-- The plan's connections are those of a pool; here each session has its own.\n"
              "-- A stream is read at once, and what is returned or dropped is rolled back.\n",
              script->out);
}

static void put_setup(const struct script *script)
{
    bool is_wal = script_has_pool(script->plan) || chosen(script, "journal_mode") == NULL;
    fputs("\n-- set-up\n"
          ".system rm -f " SCRIPT_FILE "-journal " SCRIPT_FILE "-wal " SCRIPT_FILE "-shm\n"
          ".open --new " SCRIPT_FILE "\n",
          script->out);
    put_pragma(script, "page_size", "page_size");
    fprintf(script->out, "PRAGMA journal_mode=%s;\n", is_wal ? "wal" : "delete");
    if (plan_kind(script->plan)->is_prepared)
        script_put_setup(DIALECT_SQLITE, "", script->out);
}

/* Consecutive steps of one task. Returns the step behind them. */
static size_t put_section(struct script *script, size_t first)
{
    const struct plan *plan = script->plan;
    unsigned task = plan->interactions[first].task;
    size_t end = first + 1;
    while (end < plan->interaction_count && plan->interactions[end].task == task)
        end++;
    fprintf(script->out, "\n-- session %u (task %u), ", task, task);
    if (end == first + 1)
        fprintf(script->out, "step %zu\n", first);
    else
        fprintf(script->out, "steps %zu to %zu\n", first, end - 1);
    for (size_t step = first; step < end; step++)
        put_step(script, step);
    return end;
}

void script_write_sql(const struct plan *plan, const char *name, FILE *out)
{
    struct script script = {.plan = plan, .out = out};
    for (int i = 0; i < CONNECTIONS; i++)
        script.connections[i].session = NOBODY;
    put_head(&script, name);
    put_setup(&script);
    fputs("\n.echo on\n", out);
    for (size_t step = 0; step < plan->interaction_count;)
        step = put_section(&script, step);
}
