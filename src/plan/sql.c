/* SPDX-License-Identifier: Apache-2.0 */
/* Interactions as SQL statements. */
#include "plan/sql.h"

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

static void append_filter(struct text *text, const struct interaction *interaction)
{
    uint32_t key = argument(interaction, FIELD_key);
    switch ((enum plan_filter)argument(interaction, FIELD_filter)) {
    case FILTER_ALL:
        return;
    case FILTER_KEY:
        text_append(text, " WHERE k=");
        text_append_number(text, key);
        return;
    case FILTER_RANGE:
        text_append(text, " WHERE k BETWEEN ");
        text_append_number(text, key);
        text_append(text, " AND ");
        text_append_number(text, key + argument(interaction, FIELD_span));
        return;
    case FILTER_FROM:
        text_append(text, " WHERE k>=");
        text_append_number(text, key);
        return;
    case FILTER_VALUE_FROM:
        text_append(text, " WHERE v>=");
        text_append_number(text, plan_filter_bound(key));
        return;
    case FILTER_VALUE_BELOW:
        text_append(text, " WHERE v<");
        text_append_number(text, plan_filter_bound(key));
        return;
    }
}

static void append_select(struct text *text, const struct interaction *interaction)
{
    static const char *const heads[] = {"SELECT k,v,p", "SELECT count(*)", "SELECT sum(v)",
                                        "SELECT min(v)", "SELECT max(v)"};
    static const char *const orders[] = {"", " ORDER BY k", " ORDER BY k DESC", " ORDER BY v",
                                         " ORDER BY v DESC"};
    uint32_t aggregate = argument(interaction, FIELD_aggregate);
    text_append(text, heads[aggregate]);
    append_table(text, " FROM ", interaction);
    append_filter(text, interaction);
    if (aggregate != AGGREGATE_ROWS || argument(interaction, FIELD_order) == ORDER_NONE)
        return;
    text_append(text, orders[argument(interaction, FIELD_order)]);
    if (argument(interaction, FIELD_limit) != 0) {
        text_append(text, " LIMIT ");
        text_append_number(text, argument(interaction, FIELD_limit));
    }
}

static uint32_t append_insert(struct text *text, const struct interaction *interaction,
                              int64_t step)
{
    uint32_t key = argument(interaction, FIELD_key);
    uint32_t units = plan_payload_units[argument(interaction, FIELD_size)];
    append_table(text, "INSERT INTO ", interaction);
    text_append(text, " VALUES(");
    text_append_number(text, key);
    text_append(text, ",");
    text_append_number(text, plan_value(step, key));
    text_append(text, units == 0 ? ",NULL)" : ",?1)");
    if (interaction->action == ACTION_upsert)
        text_append(text, " ON CONFLICT(k) DO UPDATE SET v=excluded.v,p=excluded.p");
    return units;
}

static void append_update(struct text *text, const struct interaction *interaction, int64_t step)
{
    uint32_t units = plan_payload_units[argument(interaction, FIELD_size)];
    append_table(text, "UPDATE ", interaction);
    text_append(text, " SET v=k+");
    text_append_number(text, plan_value(step, 0));
    if (units != 0) {
        text_append(text, ",p=replace(hex(zeroblob(");
        text_append_number(text, units);
        text_append(text, ")),'00',printf('%08d',k+");
        text_append_number(text, plan_value(step, 0));
        text_append(text, "))");
    }
    append_filter(text, interaction);
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
        append_select(text, interaction);
        return 0;
    case ACTION_insert:
    case ACTION_upsert:
        return append_insert(text, interaction, step);
    case ACTION_update:
        append_update(text, interaction, step);
        return 0;
    case ACTION_delete:
        append_table(text, "DELETE FROM ", interaction);
        append_filter(text, interaction);
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
    case ACTION_COUNT:
        return 0;
    }
    return 0;
}
