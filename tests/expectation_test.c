/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the expectation oracle finds a planted bug, a backend whose queries return one row
 * too many, through the whole runner, with the right signature, and stays silent on the honest
 * backend. (A fuzzer cannot look for it: only documents carry expectations.)
 */
#include "base/arena.h"
#include "generated/subjects.h"
#include "plan/json.h"
#include "run/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char right_plan[] =
    "{\"version\":1,\"config\":{\"tasks\":1},\"interactions\":["
    "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"SELECT k FROM t0 WHERE k<8\"},"
    "\"expect\":{\"row_count\":2,\"column_count\":1}},"
    "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"SELECT k FROM t9\"},"
    "\"expect_error\":{\"contains\":\"no such table\"}}]}";

static const char wrong_plan[] =
    "{\"version\":1,\"config\":{\"tasks\":1},\"interactions\":["
    "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"SELECT k FROM t0\"},"
    "\"expect_error\":{\"contains\":\"no such table\"}}]}";

static struct arena arena;
static const struct backend_statement *repeated; /* the statement that got its extra row */

/* The planted bug: the first row of each statement comes twice. */
static enum outcome step_with_extra_row(struct backend_statement *statement)
{
    enum outcome outcome = interplay_backend_sqlite.step(statement);
    if (outcome == OUTCOME_OK && repeated != statement) {
        repeated = statement;
        return OUTCOME_ROW;
    }
    return outcome;
}

static void run_text(const char *text, const struct backend_ops *backend, struct verdict *verdict)
{
    struct error error = {0};
    struct plan plan;
    struct run *run = NULL;
    struct subject subject = interplay_subject_sqlite;
    subject.backend = backend;
    const struct run_options options = {.subject = &subject};
    arena_reset(&arena);
    repeated = NULL;
    if (json_read(&plan, &arena, "plan", text, strlen(text), &error) != ERROR_NONE ||
        run_open(&run, &options, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    *verdict = run_plan(run, &plan)->verdict;
    run_close(run);
}

/* The signature of a plan of so many interactions, told apart by what they say. */
static void sign(const char *interactions, char signature[96])
{
    char text[1024];
    struct verdict verdict;
    assert_true((size_t)snprintf(text, sizeof text,
                                 "{\"version\":1,\"config\":{\"tasks\":1},\"interactions\":[%s]}",
                                 interactions) < sizeof text);
    run_text(text, &interplay_backend_sqlite, &verdict);
    assert_int_equal(verdict.kind, VERDICT_VIOLATION);
    memcpy(signature, verdict.signature, 96);
}

#define COUNT(sql, rows)                                                                           \
    "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"" sql                                    \
    "\"},\"expect\":{\"row_count\":" rows "}}"
#define SELECT "{\"task\":0,\"action\":{\"type\":\"select\"}}"

/* The statement and what is expected tell them apart, not what came nor where it stands. */
static void test_which_one_is_in_the_signature(void **state)
{
    (void)state;
    char one[96], later[96], other_text[96], other_count[96], error[96], other_error[96];
    sign(COUNT("SELECT 1", "7"), one);
    sign(SELECT "," SELECT "," COUNT("SELECT 1", "7"), later);
    sign(COUNT("SELECT 2", "7"), other_text);
    sign(COUNT("SELECT 1", "8"), other_count);
    assert_string_equal(one, later);
    assert_string_not_equal(one, other_text);
    assert_string_not_equal(one, other_count);
    sign(COUNT("SELECT k FROM t8", "7"), error);
    sign(COUNT("SELECT k FROM t9", "7"), other_error);
    assert_int_equal(strncmp(error, "expectation/unexpected-error/no-such-", 37), 0);
    assert_string_not_equal(error, other_error);
}

/* A signature is `kind` and which expectation it is. */
static void expect_kind(const struct verdict *verdict, const char *kind)
{
    if (strncmp(verdict->signature, kind, strlen(kind)) != 0)
        fail_msg("%s, but it should begin with %s", verdict->signature, kind);
}

static void test_honest_backend_is_silent(void **state)
{
    (void)state;
    struct verdict verdict;
    run_text(right_plan, &interplay_backend_sqlite, &verdict);
    assert_int_equal(verdict.kind, VERDICT_OK);
}

#define COLUMNS(stack, where, count)                                                               \
    "{\"version\":1,\"config\":{\"tasks\":1,\"stack\":\"" stack "\"},\"interactions\":["           \
    "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"SELECT * FROM t0 " where "\"},"          \
    "\"expect\":{\"column_count\":" count "}}]}"

/* Also where none comes. */
static void test_columns_are_those_of_the_rows(void **state)
{
    (void)state;
    static const struct {
        const char *plan;
        bool is_right;
    } cases[] = {
        {COLUMNS("direct", "", "3"), true},
        {COLUMNS("direct", "", "2"), false},
        {COLUMNS("direct", "WHERE k<0", "3"), true},
        {COLUMNS("direct", "WHERE k<0", "2"), false},
        {COLUMNS("pool", "", "3"), true},
        {COLUMNS("pool", "", "0"), false},
        {COLUMNS("pool", "WHERE k<0", "3"), true},
        {COLUMNS("pool", "WHERE k<0", "0"), false},
        {COLUMNS("actors", "", "3"), true},
        {COLUMNS("actors", "", "2"), false},
        {COLUMNS("actors", "WHERE k<0", "3"), true},
        {COLUMNS("actors", "WHERE k<0", "2"), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verdict verdict;
        run_text(cases[i].plan, &interplay_backend_sqlite, &verdict);
        if ((verdict.kind == VERDICT_OK) != cases[i].is_right)
            fail_msg("%s: %s", cases[i].plan, verdict.report);
        if (!cases[i].is_right)
            expect_kind(&verdict, "expectation/column-count/query-");
    }
}

#define ROWS(sql, rows)                                                                            \
    "{\"version\":1,\"config\":{\"tasks\":1},\"interactions\":[{\"task\":0,\"action\":{\"type\":"  \
    "\"query\",\"sql\":\"" sql "\"},\"expect\":{\"rows\":\"" rows "\"}}]}"

/* Somebody else holds the checkpoint's lock: the pragma says so in its row. */
static const char checkpoint_is_busy[] =
    "{\"config\":{\"tasks\":3,\"busy_timeout\":5000,\"autocheckpoint\":0},\"interactions\":["
    "{\"task\":0,\"action\":{\"type\":\"update\",\"size\":5}},"
    "{\"task\":1,\"action\":{\"type\":\"checkpoint\"},\"pause\":{\"after\":3,\"at\":\"write\"}},"
    "{\"task\":2,\"action\":{\"type\":\"query\",\"sql\":\"PRAGMA wal_checkpoint(RESTART)\"},"
    "\"expect\":{\"rows\":\"1|-1|-1\"}},{\"task\":1,\"action\":{\"type\":\"resume\"}},"
    "{\"task\":2,\"action\":{\"type\":\"query\",\"sql\":\"PRAGMA wal_checkpoint(RESTART)\"},"
    "\"expect\":{\"rows\":\"0|7|7\"}}]}";

static const char select_one[] =
    "{\"config\":{},\"interactions\":[{\"task\":0,\"action\":{\"type\":\"upsert\",\"key\":1}},"
    "{\"task\":0,\"action\":{\"type\":\"select\",\"filter\":\"key\",\"key\":1},"
    "\"expect\":{\"rows\":\"1|33|NULL\"}}]}";

static void test_rows_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *plan;
        bool is_right;
    } cases[] = {
        {ROWS("SELECT 1,NULL,1.5,'it''s',x'00ff'", "1|NULL|1.5|'it''s'|x'00ff'"), true},
        {ROWS("VALUES(1),('1')", "1; '1'"), true},
        {ROWS("VALUES(1),('1')", "1; 1"), false},
        {ROWS("VALUES(1),(2)", "1"), false},
        {ROWS("VALUES(1)", "1; 2"), false},
        {ROWS("VALUES(1)", "12"), false},
        {ROWS("VALUES(12)", "1"), false},
        {ROWS("VALUES('NULL')", "NULL"), false},
        {ROWS("SELECT 1 WHERE 0", ""), true},
        {ROWS("SELECT 1", ""), false},
        {ROWS("SELECT CAST(x'2700' AS TEXT)", "'"), false},
        {ROWS("SELECT zeroblob(2000)", "x'00"), false},
        {checkpoint_is_busy, true},
        {select_one, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verdict verdict;
        run_text(cases[i].plan, &interplay_backend_sqlite, &verdict);
        if ((verdict.kind == VERDICT_OK) != cases[i].is_right)
            fail_msg("%s: %s", cases[i].plan, verdict.report);
        if (!cases[i].is_right)
            expect_kind(&verdict, "expectation/rows/query-");
    }
}

/* The planted bug is found by the rows themselves. */
static void test_extra_row_is_none_of_those_named(void **state)
{
    (void)state;
    struct backend_ops planted = interplay_backend_sqlite;
    planted.step = step_with_extra_row;
    struct verdict verdict;
    run_text(ROWS("SELECT 1", "1"), &planted, &verdict);
    expect_kind(&verdict, "expectation/rows/query-");
    run_text(ROWS("SELECT 1", "1"), &interplay_backend_sqlite, &verdict);
    assert_int_equal(verdict.kind, VERDICT_OK);
}

static void test_extra_row_is_found(void **state)
{
    (void)state;
    struct backend_ops planted = interplay_backend_sqlite;
    planted.step = step_with_extra_row;
    struct verdict verdict;
    run_text(right_plan, &planted, &verdict);
    assert_int_equal(verdict.kind, VERDICT_VIOLATION);
    expect_kind(&verdict, "expectation/row-count/query-");
    assert_int_equal(verdict.interaction, 0);
}

static void test_missing_error_is_found(void **state)
{
    (void)state;
    struct verdict verdict;
    run_text(wrong_plan, &interplay_backend_sqlite, &verdict);
    assert_int_equal(verdict.kind, VERDICT_VIOLATION);
    expect_kind(&verdict, "expectation/no-error/query-");
}

int main(void)
{
    arena_init(&arena, (size_t)16 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_honest_backend_is_silent),
        cmocka_unit_test(test_columns_are_those_of_the_rows),
        cmocka_unit_test(test_rows_are_named),
        cmocka_unit_test(test_extra_row_is_none_of_those_named),
        cmocka_unit_test(test_extra_row_is_found),
        cmocka_unit_test(test_missing_error_is_found),
        cmocka_unit_test(test_which_one_is_in_the_signature),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
