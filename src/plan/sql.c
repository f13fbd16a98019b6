/* SPDX-License-Identifier: Apache-2.0 */
/* Interactions as SQL statements: those that are not in plan/statement.c. */
#include "plan/sql.h"
#include "plan/statement.h"

/*
 * What src/model/database.c starts from: PLAN_SEED_TABLES tables, PLAN_SEED_KEY_STRIDE, an index on
 * t0.v.
 */
const char plan_setup_sql[] =
    "CREATE TABLE t0(k INTEGER PRIMARY KEY, v INTEGER, p TEXT);"
    "CREATE TABLE t1(k INTEGER PRIMARY KEY, v INTEGER, p TEXT);"
    "CREATE INDEX i0v ON t0(v);"
    "WITH RECURSIVE seed(k) AS (SELECT 0 UNION ALL SELECT k+4 FROM seed WHERE k<28)"
    " INSERT INTO t0 SELECT k, k, printf('%08d',k) FROM seed;"
    "INSERT INTO t1 SELECT k, v, p FROM t0;";

static uint32_t argument(const struct interaction *interaction, enum plan_field field)
{
    return interaction->arguments[field];
}

static void append_table(struct text *text, const char *before,
                         const struct interaction *interaction)
{
    text_append(text, before);
    text_append(text, "t");
    text_append_number(text, argument(interaction, FIELD_table));
}

static void append_index(struct text *text, const char *before,
                         const struct interaction *interaction)
{
    text_append(text, before);
    text_append_number(text, argument(interaction, FIELD_table));
    text_append(text, argument(interaction, FIELD_column) == COLUMN_VALUE ? "v" : "p");
}

/* What the upserts of a batch come to, as one statement, for those who cannot run a batch. */
static void append_batch(struct text *text, const struct interaction *interaction, int64_t step)
{
    append_table(text, "INSERT INTO ", interaction);
    text_append(text, " VALUES");
    for (uint32_t i = 0; i < plan_batch_count(interaction); i++) {
        uint32_t key = argument(interaction, FIELD_key) + i;
        text_append(text, i == 0 ? "(" : ",(");
        text_append_number(text, key);
        text_append(text, ",");
        text_append_number(text, plan_value(step, key));
        text_append(text, ",NULL)");
    }
    text_append(text, PLAN_ON_CONFLICT);
}

static void append_savepoint(struct text *text, const char *verb,
                             const struct interaction *interaction)
{
    text_append(text, verb);
    text_append_number(text, argument(interaction, FIELD_savepoint));
}

uint32_t plan_sql(const struct interaction *interaction, int64_t step, struct text *text)
{
    static const char *const begins[] = {"BEGIN", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"};
    static const char *const checkpoints[] = {
        "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(FULL)",
        "PRAGMA wal_checkpoint(RESTART)", "PRAGMA wal_checkpoint(TRUNCATE)"};
    switch ((enum plan_action)interaction->action) {
    case ACTION_select:
    case ACTION_insert:
    case ACTION_update:
    case ACTION_delete:
    case ACTION_upsert:
    case ACTION_stream_open:
    case ACTION_mutate_stream:
        return plan_statement_literal(interaction, step, text);
    case ACTION_batch:
        append_batch(text, interaction, step);
        return 0;
    case ACTION_begin:
        text_append(text, begins[argument(interaction, FIELD_begin_mode)]);
        return 0;
    case ACTION_commit:
        text_append(text, "COMMIT");
        return 0;
    case ACTION_rollback:
        text_append(text, "ROLLBACK");
        return 0;
    case ACTION_savepoint:
        append_savepoint(text, "SAVEPOINT s", interaction);
        return 0;
    case ACTION_release:
        append_savepoint(text, "RELEASE s", interaction);
        return 0;
    case ACTION_rollback_to:
        append_savepoint(text, "ROLLBACK TO s", interaction);
        return 0;
    case ACTION_checkpoint:
        text_append(text, checkpoints[argument(interaction, FIELD_checkpoint_mode)]);
        return 0;
    case ACTION_create_table:
        append_table(text, "CREATE TABLE ", interaction);
        text_append(text, "(k INTEGER PRIMARY KEY, v INTEGER, p TEXT)");
        if (argument(interaction, FIELD_layout) == LAYOUT_WITHOUT_ROWID)
            text_append(text, " WITHOUT ROWID");
        return 0;
    case ACTION_drop_table:
        append_table(text, "DROP TABLE ", interaction);
        return 0;
    case ACTION_create_index:
        append_index(text, "CREATE INDEX i", interaction);
        append_table(text, " ON ", interaction);
        text_append(text, argument(interaction, FIELD_column) == COLUMN_VALUE ? "(v)" : "(p)");
        return 0;
    case ACTION_drop_index:
        append_index(text, "DROP INDEX i", interaction);
        return 0;
    case ACTION_vacuum:
        text_append(text, "VACUUM");
        return 0;
    case ACTION_execute:
    case ACTION_query:
        text_append(text, interaction->sql);
        return 0;
    case ACTION_sleep:
    case ACTION_resume:
    case ACTION_reopen:
    case ACTION_checkout:
    case ACTION_return:
    case ACTION_drop:
    case ACTION_cancel:
    case ACTION_stream_next:
    case ACTION_stream_close:
    case ACTION_COUNT:
        return 0;
    }
    return 0;
}
