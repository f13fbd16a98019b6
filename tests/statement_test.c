/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trees of interactions: printed with parameters, as pools keep them prepared, they do what
 * they do printed with numbers, and what the model says. All three run the same random
 * interactions, on SQLite in memory where they are SQL, and must agree on results, changes and
 * content. How many parameters and columns a statement has and whether it writes is what SQLite
 * says of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "model/database.h"
#include "model/text.h"
#include "plan/sql.h"
#include "plan/statement.h"
#include "plan/statement_tree.h"
#include "sql/print.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20000, STEPS_A_DATABASE = 100, PAYLOAD_BYTES = 2500 * PLAN_PAYLOAD_UNIT_BYTES };

static const uint8_t kept_actions[] = {ACTION_select,        ACTION_insert, ACTION_update,
                                       ACTION_delete,        ACTION_upsert, ACTION_stream_open,
                                       ACTION_mutate_stream, ACTION_append};
enum { KEPT_ACTIONS = sizeof kept_actions };

/* --- databases ------------------------------------------------------------------------------- */

static sqlite3 *open_database(const char *more_sql)
{
    sqlite3 *db = NULL;
    char setup[PLAN_SETUP_SQL_BYTES];
    struct text text;
    text_init(&text, setup, sizeof setup);
    plan_setup_sql(DIALECT_SQLITE, &text);
    assert_false(text.truncated);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, setup, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, more_sql, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void bind_payload(sqlite3_stmt *statement, int index, int64_t value, uint32_t units)
{
    static char text[PAYLOAD_BYTES + 1];
    for (uint32_t i = 0; i < units; i++)
        (void)snprintf(text + i * PLAN_PAYLOAD_UNIT_BYTES, sizeof text - i * 8, "%08lld",
                       (long long)value);
    assert_int_equal(sqlite3_bind_text(statement, index, text, (int)units * PLAN_PAYLOAD_UNIT_BYTES,
                                       SQLITE_TRANSIENT),
                     SQLITE_OK);
}

/* What one execution came to. */
struct result {
    int code;
    int changes;
    char rows[2 * PLAN_KEYS * 64]; /* a line each; of texts the length and the beginning */
    struct observation seen;       /* the same for the model */
};

/* Units of 8 digits, one after the other. */
static void observe_text(struct observed_row *row, const char *text, int length)
{
    row->text_value = MODEL_TEXT_NULL;
    row->text_units = length / PLAN_PAYLOAD_UNIT_BYTES;
    bool is_list = false;
    for (int64_t i = 1; i < row->text_units; i++)
        is_list |= memcmp(text, text + i * PLAN_PAYLOAD_UNIT_BYTES, PLAN_PAYLOAD_UNIT_BYTES) != 0;
    for (int64_t i = 0; i < (is_list ? row->text_units : text != NULL); i++) {
        char unit[PLAN_PAYLOAD_UNIT_BYTES + 1] = {0};
        memcpy(unit, text + i * PLAN_PAYLOAD_UNIT_BYTES, PLAN_PAYLOAD_UNIT_BYTES);
        row->text_value = model_text_append((int32_t)row->text_value, (uint32_t)i,
                                            (int32_t)strtol(unit, NULL, 10));
    }
}

static void observe_row(struct observation *seen, sqlite3_stmt *statement)
{
    uint64_t index = seen->row_count++;
    seen->column_count = sqlite3_column_count(statement);
    seen->number_is_null = sqlite3_column_type(statement, 0) == SQLITE_NULL;
    seen->number = sqlite3_column_int64(statement, 0);
    if (seen->column_count < MODEL_COLUMNS)
        return;
    assert_in_range(index, 0, OBSERVED_ROWS_MAX - 1);
    const char *text = (const char *)sqlite3_column_text(statement, 2);
    seen->rows_kept = (uint32_t)index + 1;
    seen->rows[index] = (struct observed_row){
        .key = sqlite3_column_int64(statement, 0),
        .value = sqlite3_column_int64(statement, 1),
        .intact = true,
    };
    observe_text(&seen->rows[index], text, sqlite3_column_bytes(statement, 2));
    if (seen->column_count > MODEL_COLUMNS)
        seen->rows[index].addend =
            sqlite3_column_int64(statement, MODEL_COLUMNS) - seen->rows[index].value;
}

static void run_prepared(sqlite3_stmt *statement, struct result *result)
{
    struct text rows;
    text_init(&rows, result->rows, sizeof result->rows);
    while ((result->code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int column = 0; column < sqlite3_column_count(statement); column++) {
            const char *value = (const char *)sqlite3_column_text(statement, column);
            text_append_format(&rows, "%.24s/%d ", value == NULL ? "NULL" : value,
                               sqlite3_column_bytes(statement, column));
        }
        text_append(&rows, "\n");
        observe_row(&result->seen, statement);
    }
    assert_false(rows.truncated);
    result->seen.column_count = sqlite3_column_count(statement);
    result->changes = sqlite3_changes(sqlite3_db_handle(statement));
}

static enum outcome outcome_of(int code)
{
    if (code == SQLITE_DONE)
        return OUTCOME_OK;
    return code == SQLITE_CONSTRAINT ? OUTCOME_CONSTRAINT : OUTCOME_SQL_ERROR;
}

static void run_literal(sqlite3 *db, const struct interaction *interaction, int64_t step,
                        struct result *ret_result)
{
    char buffer[PLAN_SQL_BYTES];
    struct text sql;
    sqlite3_stmt *statement = NULL;
    memset(ret_result, 0, sizeof *ret_result);
    text_init(&sql, buffer, sizeof buffer);
    uint32_t units = plan_sql(interaction, step, DIALECT_SQLITE, &sql);
    assert_false(sql.truncated);
    ret_result->code = sqlite3_prepare_v2(db, buffer, -1, &statement, NULL);
    if (ret_result->code == SQLITE_OK) {
        assert_int_equal(sqlite3_bind_parameter_count(statement), units > 0);
        if (units > 0)
            bind_payload(statement, 1, plan_value(step, interaction->arguments[FIELD_key]), units);
        run_prepared(statement, ret_result);
    }
    ret_result->seen.outcome = outcome_of(ret_result->code);
    sqlite3_finalize(statement);
}

/* The statement with placeholders, as it is kept under its number. */
static void print_kept(const struct plan_tree *tree, char buffer[PLAN_STATEMENT_BYTES])
{
    struct text sql;
    text_init(&sql, buffer, PLAN_STATEMENT_BYTES);
    struct sql_printed printed =
        sql_print(&tree->statement, DIALECT_SQLITE, SQL_AS_PLACEHOLDERS, &sql);
    assert_null(printed.missing);
    assert_false(sql.truncated);
    assert_int_equal(printed.placeholders, tree->parameter_count);
}

static void run_kept(sqlite3 *db, const struct interaction *interaction, int64_t step,
                     struct result *ret_result)
{
    char buffer[PLAN_STATEMENT_BYTES];
    sqlite3_stmt *statement = NULL;
    struct plan_tree tree;
    memset(ret_result, 0, sizeof *ret_result);
    assert_true(plan_tree_make(&tree, interaction, step));
    print_kept(&tree, buffer);
    uint32_t count = tree.parameter_count;
    ret_result->code = sqlite3_prepare_v2(db, buffer, -1, &statement, NULL);
    if (ret_result->code == SQLITE_OK) {
        assert_int_equal(sqlite3_bind_parameter_count(statement), count);
        for (uint32_t i = 0; i < count; i++) {
            const struct plan_parameter *parameter = &tree.parameters[i];
            if (parameter->is_payload)
                bind_payload(statement, (int)i + 1, parameter->number, parameter->units);
            else
                assert_int_equal(sqlite3_bind_int64(statement, (int)i + 1, parameter->number),
                                 SQLITE_OK);
        }
        run_prepared(statement, ret_result);
    }
    ret_result->seen.outcome = outcome_of(ret_result->code);
    sqlite3_finalize(statement);
}

/* --- the model ------------------------------------------------------------------------------- */

static void assert_model_agrees(struct model_database *model, const struct interaction *interaction,
                                int64_t step, const struct result *result)
{
    struct interaction meant = *interaction;
    if (meant.action == ACTION_stream_open)
        meant.action = ACTION_select;
    if (meant.action == ACTION_mutate_stream)
        meant.action = ACTION_update;
    if (!model_is_write((enum plan_action)meant.action)) {
        assert_true(model_read_matches(model, &meant, &result->seen));
        return;
    }
    struct prediction prediction = model_apply(model, &meant, step);
    assert_int_equal(result->seen.outcome, prediction.outcome);
    if (prediction.outcome == OUTCOME_OK && !model_is_schema_change((enum plan_action)meant.action))
        assert_int_equal(result->changes, prediction.changes);
    if (interaction->action == ACTION_mutate_stream && prediction.outcome == OUTCOME_OK)
        assert_int_equal(result->seen.row_count, prediction.changes);
}

/* Every table as the model has it, in both databases. */
static void assert_same_content(sqlite3 *literal, sqlite3 *kept, const struct model_database *model)
{
    static struct result left, right;
    for (uint8_t table = 0; table < PLAN_TABLES; table++) {
        struct interaction all = {.action = ACTION_select};
        all.arguments[FIELD_table] = table;
        all.arguments[FIELD_order] = ORDER_KEY;
        run_literal(literal, &all, 0, &left);
        run_literal(kept, &all, 0, &right);
        assert_string_equal(left.rows, right.rows);
        assert_true(model_read_matches(model, &all, &left.seen));
    }
}

/* --- tests ----------------------------------------------------------------------------------- */

static void draw_interaction(struct interaction *interaction, uint8_t action, struct random *random)
{
    *interaction = (struct interaction){.action = action};
    for (uint32_t field = 0; field < FIELD_COUNT; field++)
        if (plan_action_has((enum plan_action)action, (enum plan_field)field))
            interaction->arguments[field] =
                (uint8_t)random_below(random, plan_field_infos[field].domain);
}

static void test_kept_does_what_literal_and_model_do(void **state)
{
    (void)state;
    static struct result left, right;
    struct model_database model;
    sqlite3 *literal = NULL, *kept = NULL;
    struct random random;
    unsigned fine = 0, refused = 0, rows = 0;
    random_seed(&random, 11);
    for (int64_t round = 0; round < ROUNDS; round++) {
        int64_t step = round % STEPS_A_DATABASE;
        if (step == 0) { /* t3 stays missing: errors must agree, too */
            struct interaction create = {.action = ACTION_create_table};
            create.arguments[FIELD_table] = 2;
            sqlite3_close(literal);
            sqlite3_close(kept);
            literal = open_database("CREATE TABLE t2(k INTEGER PRIMARY KEY, v INTEGER, p TEXT)");
            kept = open_database("CREATE TABLE t2(k INTEGER PRIMARY KEY, v INTEGER, p TEXT)");
            model_database_init(&model);
            assert_int_equal(model_apply(&model, &create, 0).outcome, OUTCOME_OK);
        }
        struct interaction interaction;
        draw_interaction(&interaction, kept_actions[random_below(&random, KEPT_ACTIONS)], &random);
        run_literal(literal, &interaction, step, &left);
        run_kept(kept, &interaction, step, &right);
        assert_int_equal(left.code, right.code);
        assert_int_equal(left.changes, right.changes);
        assert_string_equal(left.rows, right.rows);
        assert_model_agrees(&model, &interaction, step, &right);
        if (step == STEPS_A_DATABASE - 1)
            assert_same_content(literal, kept, &model);
        fine += left.code == SQLITE_DONE;
        refused += left.code != SQLITE_DONE;
        rows += left.rows[0] != '\0';
    }
    sqlite3_close(literal);
    sqlite3_close(kept);
    assert_true(fine > ROUNDS / 2 && refused > ROUNDS / 10 && rows > ROUNDS / 10);
}

/* Column x comes and goes with tables and by itself; rows of before and after it are as the model
 * has them, whether they are asked for it or not. */
static void test_columns_that_come_and_go(void **state)
{
    (void)state;
    static const uint8_t actions[] = {ACTION_select,     ACTION_select,      ACTION_insert,
                                      ACTION_update,     ACTION_delete,      ACTION_insert_rows,
                                      ACTION_add_column, ACTION_drop_column, ACTION_create_table,
                                      ACTION_drop_table, ACTION_upsert,      ACTION_create_index,
                                      ACTION_insert,     ACTION_drop_index,  ACTION_append};
    static struct result result;
    struct model_database model;
    sqlite3 *db = open_database("");
    struct random random;
    unsigned wide = 0, narrow = 0, refused = 0, added = 0;
    random_seed(&random, 14);
    model_database_init(&model);
    for (int64_t step = 0; step < ROUNDS; step++) {
        struct interaction interaction;
        draw_interaction(&interaction, actions[random_below(&random, sizeof actions)], &random);
        if (interaction.action == ACTION_drop_table && random_chance(&random, 2))
            continue;
        if (random_chance(&random, 2))
            interaction.arguments[FIELD_aggregate] = AGGREGATE_ROWS;
        bool asks_for_all = plan_reads_all_columns(&interaction);
        run_literal(db, &interaction, step, &result);
        assert_model_agrees(&model, &interaction, step, &result);
        bool changes_columns =
            interaction.action == ACTION_add_column || interaction.action == ACTION_drop_column;
        refused += changes_columns && result.seen.outcome == OUTCOME_SQL_ERROR;
        added += interaction.action == ACTION_add_column && result.seen.outcome == OUTCOME_OK;
        wide += asks_for_all && result.seen.column_count == MODEL_COLUMNS + 1;
        narrow += asks_for_all && result.seen.column_count == MODEL_COLUMNS;
    }
    sqlite3_close(db);
    assert_true(wide > 100 && narrow > 100 && refused > 100 && added > 100);
}

/* Of all columns there must be as many as there are, and x must be what it is computed of. */
static void test_wrong_columns_do_not_match(void **state)
{
    (void)state;
    struct model_database model, other;
    struct interaction add = {.action = ACTION_add_column}, read = {.action = ACTION_select};
    read.arguments[FIELD_columns] = COLUMNS_ALL;
    model_database_init(&model);
    other = model;
    assert_int_equal(model_apply(&model, &add, 5).outcome, OUTCOME_OK);
    assert_int_equal(model_apply(&other, &add, 6).outcome, OUTCOME_OK);
    struct observation seen;
    model_predict(&model, &read, 7, &seen);
    assert_true(model_read_matches(&model, &read, &seen));
    assert_false(model_read_matches(&other, &read, &seen));
    seen.column_count = MODEL_COLUMNS;
    assert_false(model_read_matches(&model, &read, &seen));
    seen.column_count = MODEL_COLUMNS + 2;
    assert_false(model_read_matches(&model, &read, &seen));
    seen.column_count = MODEL_COLUMNS + 1;
    seen.rows[3].addend++;
    assert_false(model_read_matches(&model, &read, &seen));
    assert_int_equal(model_apply(&model, &add, 8).outcome, OUTCOME_SQL_ERROR);
    struct model_difference difference;
    model_database_difference(&model, &other, &difference);
    assert_string_equal(difference.kind, "t0/other-column");
    assert_string_equal(difference.text, "t0: table with index set 1 and column x = v + 6 expected,"
                                         " table with index set 1 and column x = v + 7 found");
}

/* So there must where no row comes, and in what an update returns; unless nobody says how many. */
static void test_columns_without_rows(void **state)
{
    (void)state;
    static const struct {
        enum plan_action action;
        int column_count;
        bool matches;
    } cases[] = {
        {ACTION_select, MODEL_COLUMNS, true},
        {ACTION_select, MODEL_COLUMNS + 1, false},
        {ACTION_select, 1, false},
        {ACTION_select, 0, true},
        {ACTION_select, -1, true},
        {ACTION_update, MODEL_COLUMNS, true},
        {ACTION_update, MODEL_COLUMNS + 1, false},
    };
    struct model_database model;
    model_database_init(&model);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct interaction interaction = {.action = (uint8_t)cases[i].action};
        struct observation seen = {.outcome = OUTCOME_OK, .column_count = cases[i].column_count};
        interaction.arguments[FIELD_filter] = FILTER_KEY;
        interaction.arguments[FIELD_key] = 1;
        interaction.arguments[FIELD_columns] = COLUMNS_ALL;
        assert_int_equal(model_columns_match(&model, &interaction, &seen), cases[i].matches);
        if (cases[i].action == ACTION_select)
            assert_int_equal(model_read_matches(&model, &interaction, &seen), cases[i].matches);
        interaction.arguments[FIELD_columns] = COLUMNS_NAMED;
        assert_true(model_columns_match(&model, &interaction, &seen));
    }
}

/* What remains of an insert of many rows that fails half-way is what the model says. */
static void test_insert_of_rows_that_fails_half_way(void **state)
{
    (void)state;
    static struct result result, other;
    struct model_database model;
    sqlite3 *literal = open_database(""), *kept = open_database("");
    struct random random;
    unsigned half_way = 0, refused = 0, fine = 0;
    random_seed(&random, 13);
    model_database_init(&model);
    for (int64_t step = 0; step < 2000; step++) {
        struct interaction rows;
        uint32_t unused;
        /* Some room for the next ones. */
        draw_interaction(&rows, step % 2 == 0 ? ACTION_delete : ACTION_insert_rows, &random);
        if (step % 2 != 0)
            assert_false(plan_statement_number(&rows, &unused));
        run_literal(literal, &rows, step, &result);
        run_literal(kept, &rows, step, &other);
        struct prediction prediction = model_apply(&model, &rows, step);
        assert_int_equal(outcome_of(result.code), prediction.outcome);
        assert_same_content(literal, kept, &model);
        fine += prediction.outcome == OUTCOME_OK;
        refused += prediction.outcome == OUTCOME_CONSTRAINT && prediction.changes == 0;
        half_way += prediction.outcome == OUTCOME_CONSTRAINT && prediction.changes != 0;
    }
    sqlite3_close(literal);
    sqlite3_close(kept);
    assert_true(fine > 800 && refused > 50 && half_way > 20);
}

static void test_batch_is_its_upserts(void **state)
{
    (void)state;
    static struct result left, right;
    struct model_database model;
    sqlite3 *literal = open_database(""), *kept = open_database("");
    struct random random;
    unsigned clipped = 0;
    assert_true(model_is_write(ACTION_batch) && !model_is_schema_change(ACTION_batch));
    random_seed(&random, 12);
    model_database_init(&model);
    for (int64_t step = 0; step < 1000; step++) {
        struct interaction batch;
        uint32_t unused;
        draw_interaction(&batch, ACTION_batch, &random);
        assert_false(plan_statement_number(&batch, &unused));
        uint32_t count = plan_batch_count(&batch);
        uint32_t key = batch.arguments[FIELD_key], span = batch.arguments[FIELD_span];
        assert_int_equal(count, key + span < PLAN_KEYS ? span + 1 : PLAN_KEYS - key);
        clipped += count < span + 1;
        run_literal(literal, &batch, step, &left);
        int changes = 0;
        for (uint32_t i = 0; i < count; i++) {
            struct interaction item = plan_batch_item(&batch, i);
            assert_int_equal(item.arguments[FIELD_key], key + i);
            run_kept(kept, &item, step, &right);
            assert_int_equal(left.code, right.code);
            changes += right.code == SQLITE_DONE ? right.changes : 0;
        }
        struct prediction prediction = model_apply(&model, &batch, step);
        assert_int_equal(outcome_of(left.code), prediction.outcome);
        assert_int_equal(changes, prediction.changes);
        if (left.code == SQLITE_DONE)
            assert_int_equal(left.changes, changes);
    }
    assert_same_content(literal, kept, &model);
    assert_true(clipped > 100);
    sqlite3_close(literal);
    sqlite3_close(kept);
}

/* One statement: a key that is taken undoes what it has done before it came to that. */
static void test_insert_of_rows_is_all_or_nothing(void **state)
{
    (void)state;
    static struct result result;
    struct model_database model;
    sqlite3 *literal = open_database(""), *kept = open_database("");
    struct random random;
    unsigned fine = 0, refused = 0;
    random_seed(&random, 13);
    model_database_init(&model);
    for (int64_t step = 0; step < 2000; step++) {
        struct interaction interaction;
        draw_interaction(&interaction, step % 2 ? ACTION_insert_rows : ACTION_delete, &random);
        interaction.arguments[FIELD_table] %= 2;
        run_literal(kept, &interaction, step, &result);
        run_literal(literal, &interaction, step, &result);
        if (result.seen.outcome == OUTCOME_OK)
            assert_model_agrees(&model, &interaction, step, &result);
        else
            assert_int_equal(model_apply(&model, &interaction, step).outcome, result.seen.outcome);
        fine += step % 2 && result.seen.outcome == OUTCOME_OK;
        refused += result.seen.outcome == OUTCOME_CONSTRAINT;
    }
    assert_same_content(literal, kept, &model);
    assert_true(fine > 100 && refused > 100);
    sqlite3_close(literal);
    sqlite3_close(kept);
}

static void draw_kept_interaction(struct interaction *interaction, struct random *random)
{
    draw_interaction(interaction, kept_actions[random_below(random, KEPT_ACTIONS)], random);
    interaction->arguments[FIELD_columns] = COLUMNS_NAMED;
    if (random_chance(random, 2))
        interaction->arguments[FIELD_limit] = 0;
    if (random_chance(random, 2))
        interaction->arguments[FIELD_size] = 0;
}

/* What is said about a tree is what SQLite says about its text. */
static void assert_described_truly(sqlite3 *db, const struct plan_tree *tree, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sql_is_write(&tree->statement), !sqlite3_stmt_readonly(statement));
    assert_int_equal(sql_column_count(&tree->statement), sqlite3_column_count(statement));
    sqlite3_finalize(statement);
}

/* One number for each text and one text for each number, and all numbers are in use. */
static void test_numbers_are_dense_and_trees_described_truly(void **state)
{
    (void)state;
    static char texts[PLAN_STATEMENT_COUNT][PLAN_STATEMENT_BYTES];
    sqlite3 *db = open_database("CREATE TABLE t2(k INTEGER PRIMARY KEY, v INTEGER, p TEXT);"
                                "CREATE TABLE t3(k INTEGER PRIMARY KEY, v INTEGER, p TEXT)");
    struct random random;
    random_seed(&random, 13);
    for (int round = 0; round < 200 * PLAN_STATEMENT_COUNT; round++) {
        struct interaction interaction;
        struct plan_tree tree;
        char text[PLAN_STATEMENT_BYTES];
        uint32_t number = PLAN_STATEMENT_COUNT;
        draw_kept_interaction(&interaction, &random);
        assert_true(plan_statement_number(&interaction, &number));
        assert_in_range(number, 0, PLAN_STATEMENT_COUNT - 1);
        assert_true(plan_tree_make(&tree, &interaction, round % STEPS_A_DATABASE));
        print_kept(&tree, text);
        if (texts[number][0] == '\0') {
            assert_described_truly(db, &tree, text);
            strcpy(texts[number], text);
        }
        assert_string_equal(texts[number], text);
    }
    for (uint32_t number = 0; number < PLAN_STATEMENT_COUNT; number++) {
        assert_string_not_equal(texts[number], "");
        for (uint32_t other = 0; other < number; other++)
            assert_string_not_equal(texts[number], texts[other]);
    }
    sqlite3_close(db);
}

static void test_other_actions_have_no_number(void **state)
{
    (void)state;
    for (uint8_t action = 0; action < ACTION_COUNT; action++) {
        struct interaction interaction = {.action = action, .sql = "SELECT 1"};
        uint32_t number = 77;
        bool is_kept = memchr(kept_actions, action, sizeof kept_actions) != NULL;
        assert_int_equal(plan_statement_number(&interaction, &number), is_kept);
        if (!is_kept)
            assert_int_equal(number, 77);
    }
}

/* The dialect of no database has no words for savepoints; SQLite's has some for everything. */
static void test_what_can_be_said(void **state)
{
    (void)state;
    for (int i = 0; i < ACTION_COUNT; i++) {
        enum plan_action action = (enum plan_action)i;
        bool is_savepoint =
            action == ACTION_savepoint || action == ACTION_release || action == ACTION_rollback_to;
        assert_true(plan_sql_can_say(action, DIALECT_SQLITE));
        assert_int_equal(plan_sql_can_say(action, DIALECT_NONE), !is_savepoint);
    }
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++) {
        assert_true(plan_sql_can_say(ACTION_sleep, (enum dialect)dialect));
        assert_int_equal(plan_sql_can_say(ACTION_commit, (enum dialect)dialect),
                         sql_has_dialect((enum dialect)dialect));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept_does_what_literal_and_model_do),
        cmocka_unit_test(test_columns_that_come_and_go),
        cmocka_unit_test(test_wrong_columns_do_not_match),
        cmocka_unit_test(test_columns_without_rows),
        cmocka_unit_test(test_insert_of_rows_that_fails_half_way),
        cmocka_unit_test(test_batch_is_its_upserts),
        cmocka_unit_test(test_insert_of_rows_is_all_or_nothing),
        cmocka_unit_test(test_numbers_are_dense_and_trees_described_truly),
        cmocka_unit_test(test_other_actions_have_no_number),
        cmocka_unit_test(test_what_can_be_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
