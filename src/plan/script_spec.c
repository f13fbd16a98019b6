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

static void put_payload(struct text *text, int64_t value, uint32_t units)
{
    text_append_format(text, "repeat('%08" PRId64 "',%" PRIu32 ")", value, units);
}

/* --- statements ------------------------------------------------------------------------------ */

/* The text of updated rows is computed from their key, and otherwise than in SQLite. */
static void put_update(const struct interaction *interaction, size_t step, struct text *text)
{
    struct interaction plain = *interaction;
    uint32_t units = plan_payload_units[interaction->arguments[FIELD_size]];
    plain.arguments[FIELD_size] = 0;
    script_statement(&plain, (int64_t)step, put_payload, text);
    const char *number = strstr(text->bytes, "=k+");
    if (units == 0 || number == NULL)
        return;
    char buffer[96];
    struct text assignment;
    size_t at = (size_t)(number - text->bytes) + strlen("=k+");
    text_init(&assignment, buffer, sizeof buffer);
    text_append_format(&assignment, ",p=repeat(lpad((k+%" PRId64 ")::text,8,'0'),%" PRIu32 ")",
                       plan_value((int64_t)step, 0), units);
    script_splice(text, at + strspn(text->bytes + at, "0123456789"), 0, buffer);
}

/* The statement in PostgreSQL's dialect; NULL: it has one, in `text`; else why it has none. */
static const char *statement(const struct plan *plan, size_t step, struct text *text)
{
    const struct interaction *interaction = &plan->interactions[step];
    switch ((enum plan_action)interaction->action) {
    case ACTION_update:
    case ACTION_mutate_stream:
        put_update(interaction, step, text);
        return NULL;
    case ACTION_begin:
        text_append(text, "BEGIN ISOLATION LEVEL SERIALIZABLE");
        return NULL;
    case ACTION_create_table:
        text_append_format(text, "CREATE TABLE t%d(k integer PRIMARY KEY, v bigint, p text)",
                           interaction->arguments[FIELD_table]);
        return NULL;
    case ACTION_execute:
    case ACTION_query:
        if (strchr(interaction->sql, '}') != NULL)
            return "a step cannot hold a closing brace";
        return NULL;
    case ACTION_select:
    case ACTION_insert:
    case ACTION_delete:
    case ACTION_upsert:
    case ACTION_commit:
    case ACTION_rollback:
    case ACTION_savepoint:
    case ACTION_release:
    case ACTION_rollback_to:
    case ACTION_drop_table:
    case ACTION_create_index:
    case ACTION_drop_index:
    case ACTION_stream_open:
    case ACTION_batch:
        script_statement(interaction, (int64_t)step, put_payload, text);
        return NULL;
    case ACTION_return:
    case ACTION_drop:
        text_append(text, "ROLLBACK");
        return NULL;
    case ACTION_checkpoint:
    case ACTION_vacuum:
        return "PostgreSQL has nothing that means the same";
    case ACTION_sleep:
    case ACTION_resume:
    case ACTION_reopen:
    case ACTION_checkout:
    case ACTION_cancel:
    case ACTION_stream_next:
    case ACTION_stream_close:
    case ACTION_COUNT:
        break;
    }
    return "isolationtester has nothing like it";
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
    bool gives_back = interaction->action == ACTION_return || interaction->action == ACTION_drop;
    const char *reason = needs_transaction(walk->plan, (enum plan_action)interaction->action);
    if (reason != NULL && (!*is_in_transaction || (gives_back && !script_has_pool(walk->plan))))
        return reason;
    if (interaction->action == ACTION_begin)
        *is_in_transaction = true;
    else if (interaction->action == ACTION_commit || interaction->action == ACTION_rollback ||
             gives_back)
        *is_in_transaction = false;
    return statement(walk->plan, step, text);
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
    for (int table = 0; plan->kind == PLAN_NATIVE && table < PLAN_SEED_TABLES; table++)
        fprintf(out,
                "  CREATE TABLE t%d(k integer PRIMARY KEY, v bigint, p text);\n"
                "  INSERT INTO t%d SELECT k, k, lpad(k::text,8,'0') FROM "
                "generate_series(0,%d,%d) AS seed(k);\n",
                table, table, PLAN_KEYS - 1, PLAN_SEED_KEY_STRIDE);
    if (plan->kind == PLAN_NATIVE)
        fputs("  CREATE INDEX i0v ON t0(v);\n", out);
    else
        fputs("  SELECT 1;\n", out);
    fputs("}\n\nteardown\n{\n", out);
    if (plan->kind == PLAN_NATIVE)
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
