/* SPDX-License-Identifier: Apache-2.0 */
/* Interactions in words, and plans as tables that keep to their width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "plan/compact.h"
#include "plan/describe.h"
#include "report/plan_table.h"
#include "sqlite/sqlite_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_described(const struct interaction *interaction, const char *expected)
{
    char buffer[300];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    plan_describe(interaction, &text);
    assert_string_equal(buffer, expected);
}

/* A field in the initializer of `arguments`. */
#define ARG(field, value) [FIELD_##field] = (value)

static void test_descriptions(void **state)
{
    (void)state;
    static const struct plan_expectation rows = {
        .has_row_count = true, .row_count = 1, .has_column_count = true, .column_count = 2};
    static const struct plan_expectation locked = {.expects_error = true,
                                                   .error_contains = "is locked"};
    static const struct {
        struct interaction interaction;
        const char *expected;
    } cases[] = {
        {{.action = ACTION_select}, "select t0 all"},
        {{.action = ACTION_select,
          .arguments = {ARG(table, 1), ARG(filter, FILTER_RANGE), ARG(key, 4), ARG(span, 5),
                        ARG(aggregate, AGGREGATE_COUNT)}},
         "select t1 k=4..9 count"},
        {{.action = ACTION_select,
          .arguments = {ARG(filter, FILTER_FROM), ARG(key, 4), ARG(span, 5),
                        ARG(order, ORDER_KEY_DESC), ARG(limit, 3)}},
         "select t0 k>=4 order=key_desc limit=3"},
        {{.action = ACTION_delete, .arguments = {ARG(filter, FILTER_KEY), ARG(key, 31)}},
         "delete t0 k=31"},
        {{.action = ACTION_delete, .arguments = {ARG(filter, FILTER_VALUE_FROM), ARG(key, 2)}},
         "delete t0 v>=512"},
        {{.action = ACTION_update,
          .arguments = {ARG(filter, FILTER_VALUE_BELOW), ARG(key, 1), ARG(size, 7)}},
         "update t0 v<256 size=7"},
        {{.action = ACTION_insert, .arguments = {ARG(key, 3), ARG(size, 2)}},
         "insert t0 k=3 size=2"},
        {{.action = ACTION_upsert}, "upsert t0 k=0"},
        {{.action = ACTION_begin}, "begin"},
        {{.action = ACTION_begin, .arguments = {ARG(begin_mode, BEGIN_IMMEDIATE)}},
         "begin immediate"},
        {{.action = ACTION_rollback_to, .arguments = {ARG(savepoint, 3)}}, "rollback_to s3"},
        {{.action = ACTION_checkpoint}, "checkpoint passive"},
        {{.action = ACTION_create_table,
          .arguments = {ARG(table, 2), ARG(layout, LAYOUT_WITHOUT_ROWID)}},
         "create_table t2 without_rowid"},
        {{.action = ACTION_create_index, .arguments = {ARG(column, COLUMN_TEXT)}},
         "create_index t0.p"},
        {{.action = ACTION_reopen}, "reopen"},
        {{.action = ACTION_reopen, .arguments = {ARG(close_mode, CLOSE_INTERRUPT)}},
         "reopen interrupt"},
        {{.action = ACTION_checkout}, "checkout"},
        {{.action = ACTION_checkout,
          .arguments = {ARG(access, ACCESS_READ), ARG(timeout, TIMEOUT_10_MS)}},
         "checkout read timeout=10ms"},
        {{.action = ACTION_return}, "return"},
        {{.action = ACTION_drop, .arguments = {ARG(target, 3)}}, "drop task 3"},
        {{.action = ACTION_cancel}, "cancel task 0"},
        {{.action = ACTION_stream_open,
          .arguments = {ARG(table, 1), ARG(filter, FILTER_RANGE), ARG(key, 4), ARG(span, 5),
                        ARG(order, ORDER_VALUE), ARG(limit, 2)}},
         "stream_open t1 k=4..9 order=value limit=2"},
        {{.action = ACTION_mutate_stream, .arguments = {ARG(size, 2)}},
         "mutate_stream t0 all size=2"},
        {{.action = ACTION_stream_next}, "stream_next 1 row"},
        {{.action = ACTION_stream_next, .arguments = {ARG(span, 31)}}, "stream_next 32 rows"},
        {{.action = ACTION_stream_close}, "stream_close"},
        {{.action = ACTION_batch, .arguments = {ARG(table, 1), ARG(key, 4), ARG(span, 3)}},
         "batch t1 k=4..7"},
        {{.action = ACTION_batch, .arguments = {ARG(key, 30), ARG(span, 9)}}, "batch t0 k=30..31"},
        {{.action = ACTION_sleep, .sleep_ms = UINT64_MAX}, "sleep 18446744073709551615 ms"},
        {{.action = ACTION_query, .sql = "SELECT\n'\xc3\xa4\x7f'", .expectation = &rows},
         "query SELECT '? ' => 1 row, 2 columns"},
        {{.action = ACTION_execute, .sql = "x", .expectation = &locked},
         "execute x => error \"is locked\""},
        {{.action = ACTION_commit,
          .pause_after = 12,
          .pause_class = PAUSE_LOCK,
          .fault = FAULT_io_write,
          .fault_at = 2,
          .expectation = &locked},
         "commit || after 12 lock !! io_write #2 => error \"is locked\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_described(&cases[i].interaction, cases[i].expected);
}

static char *table_of(const struct plan *plan, size_t width)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    plan_table_print(plan, width, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_table(const struct plan *plan, size_t width, const char *expected)
{
    char *text = table_of(plan, width);
    assert_string_equal(text, expected);
    free(text);
}

static void test_native_table(void **state)
{
    (void)state;
    struct interaction interactions[] = {
        {.task = 0, .action = ACTION_begin, .arguments = {ARG(begin_mode, BEGIN_IMMEDIATE)}},
        {.task = 1,
         .action = ACTION_insert,
         .arguments = {ARG(key, 3), ARG(size, 2)},
         .pause_after = 12,
         .pause_class = PAUSE_LOCK},
        {.task = 0, .action = ACTION_commit, .fault = FAULT_io_write, .fault_at = 2},
    };
    struct plan plan = {.interaction_count = 3, .interactions = interactions};
    plan.config.choice[PLAN_CONFIG_tasks] = 1;
    plan.config.choice[PLAN_CONFIG_journal_mode] = SQLITE_JOURNAL_DELETE;
    plan.config.choice[PLAN_CONFIG_page_size] = 1;
    assert_table(&plan, PLAN_TABLE_WIDTH_DEFAULT,
                 "plan: 2 tasks, 3 interactions\n"
                 "config: journal_mode=delete page_size=512\n"
                 "\n"
                 " step | task 0                | task 1\n"
                 "------+-----------------------+--------------------------------------\n"
                 "    0 | begin immediate       |\n"
                 "    1 |                       | insert t0 k=3 size=2 || after 12 lock\n"
                 "    2 | commit !! io_write #2 |\n");
    assert_table(&plan, 50,
                 "plan: 2 tasks, 3 interactions\n"
                 "config: journal_mode=delete page_size=512\n"
                 "\n"
                 " step | task 0              | task 1\n"
                 "------+---------------------+---------------------\n"
                 "    0 | begin immediate     |\n"
                 "    1 |                     | insert t0 k=3 size=2\n"
                 "      |                     | || after 12 lock\n"
                 "    2 | commit              |\n"
                 "      | !! io_write #2      |\n");
}

static void test_pool_table(void **state)
{
    (void)state;
    struct interaction interactions[] = {
        {.task = 0, .action = ACTION_checkout},
        {.task = 1, .action = ACTION_checkout, .arguments = {ARG(timeout, TIMEOUT_NONE)}},
        {.task = 1, .action = ACTION_drop},
    };
    struct plan plan = {.interaction_count = 3, .interactions = interactions};
    plan.config.choice[PLAN_CONFIG_tasks] = 1;
    plan.config.choice[PLAN_CONFIG_stack] = PLAN_STACK_ACTORS;
    plan.config.choice[PLAN_CONFIG_mailbox] = 1;
    assert_table(&plan, PLAN_TABLE_WIDTH_DEFAULT,
                 "plan: 2 tasks, 3 interactions\n"
                 "config: stack=actors mailbox=1\n"
                 "\n"
                 " step | task 0   | task 1\n"
                 "------+----------+----------------------\n"
                 "    0 | checkout |\n"
                 "    1 |          | checkout timeout=none\n"
                 "    2 |          | drop task 0\n");
}

static void test_middleware_table(void **state)
{
    (void)state;
    struct interaction interactions[] = {
        {.action = ACTION_checkout},
        {.action = ACTION_query, .sql = "SELECT a_very_long_word_indeed, b FROM t"},
    };
    struct plan plan = {.kind = PLAN_MIDDLEWARE,
                        .pool_size = 8,
                        .interaction_count = 2,
                        .interactions = interactions};
    assert_table(&plan, 26,
                 "plan of sql-middleware's simulator: 1 task, pool of 8, 2 interactions\n"
                 "\n"
                 " step | task 0\n"
                 "------+-------------------\n"
                 "    0 | checkout\n"
                 "    1 | query SELECT\n"
                 "      | a_very_long_word_i\n"
                 "      | ndeed, b FROM t\n");
    plan.interaction_count = 0;
    assert_table(&plan, 26,
                 "plan of sql-middleware's simulator: 1 task, pool of 8, 0 interactions\n"
                 "\n"
                 " step | task 0\n"
                 "------+-------\n");
}

/*
 * Whatever the plan: lines keep to the width as far as the narrowest columns allow, and hold only
 * ASCII.
 */
static void test_any_plan_keeps_to_the_width(void **state)
{
    (void)state;
    static const size_t widths[] = {40, 80, 120, 200, 0};
    struct arena arena;
    struct random random;
    uint8_t bytes[300];
    arena_init(&arena, 1u << 20);
    random_seed(&random, 6);
    for (int round = 0; round < 1000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)random_next(&random);
        struct plan plan;
        arena_reset(&arena);
        compact_decode(&plan, &arena, bytes, sizeof bytes, DATABASE_sqlite);
        size_t width = widths[round % 5];
        size_t narrowest = 5 + (3 + 18) * (size_t)plan_tasks(&plan);
        size_t limit = width > narrowest ? width : narrowest;
        char *text = table_of(&plan, width);
        size_t rows = 0;
        for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            size_t length = strlen(line);
            assert_true(width == 0 || length <= limit);
            assert_true(length == 0 || line[length - 1] != ' ');
            for (size_t i = 0; i < length; i++)
                assert_true(line[i] >= ' ' && line[i] <= '~');
            rows += line[4] >= '0' && line[4] <= '9';
        }
        assert_int_equal(rows, plan.interaction_count);
        free(text);
    }
    arena_clean_up(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptions),
        cmocka_unit_test(test_native_table),
        cmocka_unit_test(test_pool_table),
        cmocka_unit_test(test_middleware_table),
        cmocka_unit_test(test_any_plan_keeps_to_the_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
