/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a specification for PostgreSQL's isolationtester (src/test/isolation/README there):
 * set-up, a session for each task with a step for each statement, and one permutation, the plan's
 * order.
 */
#include "plan/script.h"
#include "plan/sql.h"

#include <inttypes.h>
#include <string.h>

/* --- statements ------------------------------------------------------------------------------ */

static bool gives_back(const struct interaction *interaction)
{
    return interaction->action == ACTION_return || interaction->action == ACTION_drop;
}

/*
 * What leads out of the database (a server's superuser may run programs and write files by SQL),
 * and what runs text that is put together only then.
 */
static const struct script_word leading_out[] = {
    {.word = "copy"},
    {.word = "program"},
    {.word = "do"},
    {.word = "execute"},
    {.word = "language"},
    {.word = "extension"},
    {.word = "load"},
    {.word = "system"},
    {.word = "tablespace"},
    {.word = "dblink", .is_prefix = true},
    {.word = "lo_import"},
    {.word = "lo_export"},
    {.word = "query_to_xml", .is_prefix = true},
    {.word = "pg_read_", .is_prefix = true},
    {.word = "pg_ls_", .is_prefix = true},
    {.word = "pg_file_", .is_prefix = true},
};

/* Why a stranger's SQL is no step, or NULL: psql takes a backslash for a command of its own. */
static const char *unsafe(const char *sql)
{
    if (strchr(sql, '}') != NULL)
        return "a step cannot hold a closing brace";
    if (strchr(sql, '\\') != NULL)
        return "a backslash could be a command";
    if (script_find_word(sql, leading_out, sizeof leading_out / sizeof leading_out[0]) != NULL)
        return "a word of it leads out of the database";
    return script_unsafe_text(sql);
}

/* Why the interaction has no statement in PostgreSQL's dialect; NULL: it has one, in `text`. */
static const char *statement(const struct interaction *interaction, size_t step, struct text *text)
{
    struct plan_tree tree = {.statement = {.kind = SQL_ROLLBACK}};
    if (interaction->sql != NULL)
        return unsafe(interaction->sql);
    if (!gives_back(interaction) && !plan_tree_make(&tree, interaction, (int64_t)step))
        return "isolationtester has nothing like it";
    if (script_is_foreign(interaction, "postgres"))
        return "PostgreSQL has nothing that means the same";
    if (tree.statement.kind == SQL_BEGIN) /* whatever the server's default is */
        tree.statement.begin.isolation = SQL_ISOLATION_SERIALIZABLE;
    size_t before = text->length;
    const char *reason = NULL;
    if (sql_print(&tree.statement, DIALECT_POSTGRES, SQL_AS_VALUES, text).missing != NULL)
        reason = "PostgreSQL has no words for it";
    else if (strncmp(text->bytes + before, "COPY ", 5) == 0)
        reason = "isolationtester speaks no COPY";
    if (reason == NULL)
        return NULL;
    text->length = before;
    text->bytes[before] = '\0';
    return reason;
}

/* --- which steps there are ------------------------------------------------------------------- */

static uint32_t session_of(const struct plan *plan, const struct interaction *interaction)
{
    return interaction->action == ACTION_drop ? plan_target(plan, interaction) : interaction->task;
}

/* A walk over the steps in their order: which sessions have a transaction open. */
struct walk {
    const struct plan *plan;
    bool is_in_transaction[PLAN_TASKS_MAX];
};

/* Why the action means nothing outside of a transaction, or NULL. */
static const char *needs_transaction(const struct plan *plan, enum plan_action action)
{
    if (action == ACTION_savepoint || action == ACTION_release || action == ACTION_rollback_to)
        return "PostgreSQL has savepoints only within BEGIN";
    if (action == ACTION_return || action == ACTION_drop)
        return script_has_pool(plan) ? "there is nothing to roll back" : "there is no pool";
    return NULL;
}

/* Why the next step is none of the script, or NULL; then its statement is in `text`. */
static const char *walk_on(struct walk *walk, size_t step, struct text *text)
{
    const struct interaction *interaction = &walk->plan->interactions[step];
    bool *is_in_transaction = &walk->is_in_transaction[session_of(walk->plan, interaction)];
    const char *reason = needs_transaction(walk->plan, (enum plan_action)interaction->action);
    if (reason != NULL &&
        (!*is_in_transaction || (gives_back(interaction) && !script_has_pool(walk->plan))))
        return reason;
    if (interaction->action == ACTION_begin)
        *is_in_transaction = true;
    else if (interaction->action == ACTION_commit || interaction->action == ACTION_rollback ||
             gives_back(interaction))
        *is_in_transaction = false;
    return statement(interaction, step, text);
}

static bool is_step(struct walk *walk, size_t step)
{
    char buffer[PLAN_SQL_BYTES];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    return walk_on(walk, step, &text) == NULL;
}

static bool has_steps(const struct plan *plan, uint32_t session)
{
    struct walk walk = {.plan = plan};
    for (size_t step = 0; step < plan->interaction_count; step++)
        if (is_step(&walk, step) && session_of(plan, &plan->interactions[step]) == session)
            return true;
    return false;
}

/* --- the script ------------------------------------------------------------------------------ */

static void put_head(const char *name, FILE *out)
{
    fputs("# ", out);
    script_put_name(name, out);
    fputs(
        " as a specification for PostgreSQL's isolationtester, written by interplay convert.\n"
        "#   isolationtester 'host=/tmp dbname=postgres' <this-file\n"
        "#\n"
        "# Each task of the plan is a session; the permutation is the plan's order. PostgreSQL is\n"
        "# another database: it locks rows, ends a transaction at its first error, has savepoints "
        "only\n"
        "# within BEGIN, and no write-ahead log to be checkpointed by hand. Pauses within a\n"
        "# statement, faults and time are not acted out. What has no counterpart is a comment.\n",
        out);
}

static void put_setup(const struct plan *plan, FILE *out)
{
    fputs("\nsetup\n{\n", out);
    if (plan_kind(plan)->is_prepared)
        script_put_setup(DIALECT_POSTGRES, "  ", out);
    else
        fputs("  SELECT 1;\n", out);
    fputs("}\n\nteardown\n{\n", out);
    if (plan_kind(plan)->is_prepared)
        fputs("  DROP TABLE IF EXISTS t0, t1, t2, t3;\n", out);
    else
        fputs("  SELECT 1;\n", out);
    fputs("}\n", out);
}

static void put_step(struct walk *walk, size_t step, FILE *out)
{
    const struct interaction *interaction = &walk->plan->interactions[step];
    uint32_t session = session_of(walk->plan, interaction);
    char buffer[PLAN_SQL_BYTES];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    const char *reason = walk_on(walk, step, &text);
    script_describe(walk->plan, step, "#", out);
    if (reason != NULL)
        fprintf(out, "#   not a step: %s\n", reason);
    else if (interaction->sql != NULL)
        fprintf(out, "step s%" PRIu32 "_%zu { %s\n; }\n", session, step, interaction->sql);
    else
        fprintf(out, "step s%" PRIu32 "_%zu { %s; }\n", session, step, buffer);
}

/* A lock that SQLite would call busy is an error here, too, after the same time. */
static void put_session(const struct plan *plan, uint32_t session, FILE *out)
{
    int32_t timeout_ms = plan_config_get(&plan->config, PLAN_CONFIG_busy_timeout);
    struct walk walk = {.plan = plan};
    fprintf(out, "\nsession s%" PRIu32 "\nsetup { SET lock_timeout = %" PRId32 "; }\n", session,
            timeout_ms > 0 ? timeout_ms : 1);
    for (size_t step = 0; step < plan->interaction_count; step++)
        if (session_of(plan, &plan->interactions[step]) == session)
            put_step(&walk, step, out);
    if (walk.is_in_transaction[session]) /* or the tables could not be dropped */
        fputs("teardown { ROLLBACK; }\n", out);
}

static void put_permutation(const struct plan *plan, FILE *out)
{
    enum { NAMES_A_LINE = 10 };
    struct walk walk = {.plan = plan};
    size_t count = 0;
    fputs("\npermutation", out);
    for (size_t step = 0; step < plan->interaction_count; step++)
        if (is_step(&walk, step))
            fprintf(out, "%ss%" PRIu32 "_%zu", count++ % NAMES_A_LINE == 0 ? "\n  " : " ",
                    session_of(plan, &plan->interactions[step]), step);
    fputs(count == 0 ? " nothing\n" : "\n", out);
}

void script_write_spec(const struct plan *plan, const char *name, FILE *out)
{
    bool has_any = false;
    put_head(name, out);
    put_setup(plan, out);
    for (uint32_t session = 0; session < PLAN_TASKS_MAX; session++) {
        if (has_steps(plan, session)) {
            put_session(plan, session, out);
            has_any = true;
        }
    }
    if (!has_any)
        fputs("\nsession s0\nstep nothing { SELECT 1; }\n", out);
    put_permutation(plan, out);
}
