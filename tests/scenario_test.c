/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios: what is read, what is refused and how, all orders and no other, the plans of them. */
#include "base/random.h"
#include "plan/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)64 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clean_up(&arena);
    return 0;
}

static enum error_code read(struct scenario *scenario, const char *text, enum scenario_form form,
                            struct error *error)
{
    arena_reset(&arena);
    return scenario_read(scenario, &arena, "f", text, strlen(text), form, error);
}

static struct scenario must_read(const char *text, enum scenario_form form)
{
    struct scenario scenario;
    struct error error;
    if (read(&scenario, text, form, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    return scenario;
}

/* --- specifications -------------------------------------------------------------------------- */

static const char spec[] = "# a comment\n"
                           "setup { CREATE TABLE a (b int); }\n"
                           "setup\n{\n  VACUUM;\n}\n"
                           "teardown { DROP TABLE a }\n"
                           "session \"one \"\"or\"\" so\"\n"
                           "setup { BEGIN; }\n"
                           "step x\t{ INSERT INTO a VALUES ('#'); SELECT 1; } # more\n"
                           "step \"y z\" { COMMIT; }\n"
                           "teardown { SELECT 2 }\n"
                           "session s2\n"
                           "step w { }\n"
                           "permutation x w \"y z\"\n"
                           "permutation\n  w(*) x(w notices 3, *) x \"y z\"(w)\n";

static void test_spec(void **state)
{
    (void)state;
    struct scenario scenario = must_read(spec, SCENARIO_SPEC);
    assert_int_equal(scenario.setup_count, 2);
    assert_string_equal(scenario.setups[0].sql, "CREATE TABLE a (b int);");
    assert_string_equal(scenario.setups[1].statements[0], "VACUUM");
    assert_string_equal(scenario.teardown.sql, "DROP TABLE a");
    assert_int_equal(scenario.session_count, 2);
    assert_string_equal(scenario.sessions[0].name, "one \"or\" so");
    assert_string_equal(scenario.sessions[0].setup.sql, "BEGIN;");
    assert_string_equal(scenario.sessions[0].teardown.sql, "SELECT 2");
    assert_null(scenario.sessions[1].setup.sql);
    assert_int_equal(scenario.sessions[1].first_step, 2);
    assert_int_equal(scenario.step_count, 3);
    assert_string_equal(scenario.steps[0].name, "x");
    assert_int_equal(scenario.steps[0].line, 10);
    assert_int_equal(scenario.steps[0].text.statement_count, 2);
    assert_string_equal(scenario.steps[0].text.statements[0], "INSERT INTO a VALUES ('#')");
    assert_string_equal(scenario.steps[1].name, "y z");
    assert_string_equal(scenario.steps[2].text.sql, "");
    assert_int_equal(scenario.steps[2].text.statement_count, 0);
}

static void test_permutations(void **state)
{
    (void)state;
    struct scenario scenario = must_read(spec, SCENARIO_SPEC);
    assert_int_equal(scenario.permutation_count, 2);
    const struct scenario_permutation *second = &scenario.permutations[1];
    assert_int_equal(second->turn_count, 4);
    assert_true(second->turns[0].blockers[0].is_star);
    assert_int_equal(second->turns[1].blocker_count, 2);
    assert_int_equal(second->turns[1].blockers[0].step, 2);
    assert_int_equal(second->turns[1].blockers[0].notices, 3);
    assert_true(second->turns[1].blockers[1].is_star);
    assert_int_equal(second->turns[2].blocker_count, 0);
    assert_int_equal(second->turns[3].blockers[0].step, 2);
    assert_int_equal(second->turns[3].blockers[0].notices, 0);
    struct scenario_order order;
    scenario_first_order(&scenario, &arena, &order);
    assert_int_equal(order.count, 3);
    assert_int_equal(order.steps[1], 2);
    assert_true(scenario_next_order(&order));
    assert_int_equal(order.count, 4);
    assert_int_equal(order.steps[0], 2);
    assert_false(scenario_next_order(&order));
}

#define TWO "session a step x { } session b step y { }"

static const struct {
    const char *text, *message;
} refused[] = {
    {"", "f:1: expected setup, teardown or session, found the end of the file"},
    {"setup { a }\n\nstep", "f:3: expected setup, teardown or session, found step"},
    {"setup a", "f:1: expected the set-up, SQL in braces, found a"},
    {"setup {\n a", "f:1: expected a } after the SQL that begins here"},
    {"teardown { a } setup { b }", "f:1: expected session, found setup"},
    {"session { a }", "f:1: expected the name of a session, found SQL in braces"},
    {"session step", "f:1: expected the name of a session, found step"},
    {"session a\nteardown { b }", "f:2: expected setup or step, found teardown"},
    {"session a setup { b }", "f:1: expected step, found the end of the file"},
    {"session a step x", "f:1: expected the step's SQL in braces, found the end of the file"},
    {"session \"a\nb\"", "f:1: expected the end of a quoted name on its line"},
    {"session \"a\"\"", "f:1: expected the end of a quoted name on its line"},
    {"session a step x { }\nstep x { }",
     "f:2: expected another name for a step than x, which line 1 has"},
    {"session a step x { }\nsession a step y { }",
     "f:2: expected another name for a session than a, which there is already"},
    {"session a step x { } b", "f:1: expected step, teardown, session or permutation, found b"},
    {"session a step x { } ;", "f:1: expected step, teardown, session or permutation, found ;"},
    {"session a step x { } 7", "f:1: expected step, teardown, session or permutation, found 7"},
    {TWO "\npermutation", "f:2: expected the name of a step, found the end of the file"},
    {TWO "\npermutation x z", "f:2: expected the name of a step, found z, which none has"},
    {TWO " permutation x { }",
     "f:1: expected permutation, or the name of a step, found SQL in braces"},
    {TWO " permutation x()", "f:1: expected * or the step that it waits for, found )"},
    {TWO " permutation x(y", "f:1: expected a comma or ), found the end of the file"},
    {TWO " permutation x(*,)", "f:1: expected * or the step that it waits for, found )"},
    {TWO " permutation x(y notices)", "f:1: expected how many notices, from 1, found )"},
    {TWO " permutation x(y notices 0) y", "f:1: expected how many notices, from 1, found 0"},
    {TWO " permutation x(y notices 99999999999) y", "f:1: expected a number of 32 bits"},
    {TWO " permutation x(y)", "f:1: x: expected to wait for a step of this permutation, found y"},
    {TWO " permutation x(x)", "f:1: x: expected to wait for another session's step, found x"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct scenario scenario;
        struct error error;
        if (read(&scenario, refused[i].text, SCENARIO_SPEC, &error) == ERROR_NONE)
            fail_msg("%s: was read", refused[i].text);
        assert_string_equal(error.message, refused[i].message);
        assert_int_equal(error.code, ERROR_INPUT);
    }
}

static void test_too_many(void **state)
{
    (void)state;
    char text[1024] = "";
    struct scenario scenario;
    struct error error;
    for (int i = 0; i <= SCENARIO_SESSIONS_MAX; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                       "session s%d step x%d { }\n", i, i);
    assert_int_equal(read(&scenario, text, SCENARIO_SPEC, &error), ERROR_INPUT);
    assert_string_equal(error.message, "f:9: expected no more than 8 sessions, found another one");
    assert_int_equal(scenario_read(&scenario, &arena, "f", "session\0", 8, SCENARIO_SPEC, &error),
                     ERROR_INPUT);
    assert_string_equal(error.message, "f: expected text, found a zero byte");
}

/* Whatever is cut off or changed, it is read or refused, and nothing else. */
static void test_damaged(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 5);
    char text[sizeof spec];
    for (uint32_t i = 0; i < 20000; i++) {
        struct scenario scenario;
        struct error error;
        size_t length = random_below(&random, sizeof spec);
        memcpy(text, spec, sizeof spec);
        for (uint32_t change = random_below(&random, 4); change > 0; change--)
            text[random_below(&random, sizeof spec - 1)] =
                "{}()\"\n#,*a; -:0"[random_below(&random, 15)];
        arena_reset(&arena);
        for (int form = SCENARIO_SPEC; form <= SCENARIO_SQL; form++)
            (void)(scenario_read(&scenario, &arena, "f", text, length, (enum scenario_form)form,
                                 &error) == ERROR_NONE);
    }
}

/* --- SQL ------------------------------------------------------------------------------------- */

static void test_sql(void **state)
{
    (void)state;
    struct scenario scenario = must_read("CREATE TABLE a (b);\nCREATE TABLE c (d);\n"
                                         "-- session: one\nBEGIN; SELECT 1;\n"
                                         "-- session: two words \nBEGIN;\n"
                                         "--session: one\n-- what it means\nCOMMIT\n"
                                         "-- teardown\nDROP TABLE a",
                                         SCENARIO_SQL);
    assert_int_equal(scenario.setup_count, 1);
    assert_int_equal(scenario.setups[0].statement_count, 2);
    assert_string_equal(scenario.teardown.statements[0], "DROP TABLE a");
    assert_int_equal(scenario.session_count, 2);
    assert_string_equal(scenario.sessions[1].name, "two words");
    assert_int_equal(scenario.sessions[0].step_count, 3);
    assert_string_equal(scenario.steps[0].name, "one:4");
    assert_string_equal(scenario.steps[1].name, "one:4.2");
    assert_string_equal(scenario.steps[2].name, "one:9");
    assert_string_equal(scenario.steps[2].text.sql, "COMMIT");
    assert_int_equal(scenario.permutation_count, 1);
    const uint32_t expected[] = {0, 1, 3, 2};
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(scenario.permutations[0].turns[i].step, expected[i]);
}

static void test_refused_sql(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"SELECT 1;\n", "f:2: expected a line \"-- session: NAME\", found the end of the file"},
        {"\n-- session:\n", "f:2: expected a name of 1 to 64 bytes after -- session:"},
        {"-- session: a\nSELECT 1;\n-- session: b\n-- session: a\n",
         "f:3: expected a statement of session b, found none"},
        {"-- session: a\nSELECT 1;\n-- teardown\n-- session: a\nSELECT 1",
         "f:4: expected nothing but SQL after -- teardown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scenario scenario;
        struct error error;
        assert_int_equal(read(&scenario, cases[i].text, SCENARIO_SQL, &error), ERROR_INPUT);
        assert_string_equal(error.message, cases[i].message);
    }
}

/* --- orders ---------------------------------------------------------------------------------- */

static void check_order(const struct scenario_order *order)
{
    uint32_t next[SCENARIO_SESSIONS_MAX];
    for (uint32_t i = 0; i < order->scenario->session_count; i++)
        next[i] = order->scenario->sessions[i].first_step;
    for (uint32_t i = 0; i < order->count; i++)
        assert_int_equal(order->steps[i], next[order->scenario->steps[order->steps[i]].session]++);
}

static uint64_t code_of(const struct scenario_order *order)
{
    uint64_t code = 0;
    for (uint32_t i = 0; i < order->count; i++)
        code = code * order->count + order->steps[i];
    return code;
}

static void test_all_orders(void **state)
{
    (void)state;
    struct scenario scenario = must_read("session a step a1 { } step a2 { } step a3 { }\n"
                                         "session b step b1 { } step b2 { }\n"
                                         "session c step c1 { }",
                                         SCENARIO_SPEC);
    struct scenario_order order;
    uint64_t count = 0, codes[60];
    assert_int_equal(scenario_count_orders(&scenario), 60); /* 6! / (3! 2! 1!) */
    scenario_first_order(&scenario, &arena, &order);
    do {
        assert_in_range(count, 0, 59);
        assert_int_equal(order.number, count);
        check_order(&order);
        codes[count] = code_of(&order);
        for (uint64_t i = 0; i < count; i++)
            assert_true(codes[i] != codes[count]);
        count++;
    } while (scenario_next_order(&order));
    assert_int_equal(count, 60);
}

static void test_count(void **state)
{
    (void)state;
    char text[4096] = "";
    for (int session = 0; session < 8; session++) {
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "session s%d ", session);
        for (int step = 0; step < 10; step++)
            (void)snprintf(text + strlen(text), sizeof text - strlen(text), "step s%dx%d { } ",
                           session, step);
    }
    struct scenario scenario = must_read(text, SCENARIO_SPEC);
    assert_true(scenario_count_orders(&scenario) == UINT64_MAX);
}

/* --- plans ----------------------------------------------------------------------------------- */

static void test_plan(void **state)
{
    (void)state;
    struct scenario scenario = must_read(spec, SCENARIO_SPEC);
    struct scenario_order order;
    struct scenario_plan made;
    struct error error;
    scenario_first_order(&scenario, &arena, &order);
    assert_true(scenario_next_order(&order));
    assert_int_equal(scenario_make_plan(&scenario, &order, &arena, &made, &error), ERROR_NONE);
    static const struct {
        uint32_t task, step;
        const char *sql;
    } expected[] = {
        {2, SCENARIO_NO_STEP, "DROP TABLE t0"},
        {2, SCENARIO_NO_STEP, "DROP TABLE t1"},
        {2, SCENARIO_NO_STEP, "CREATE TABLE a (b int)"},
        {2, SCENARIO_NO_STEP, "VACUUM"},
        {0, SCENARIO_NO_STEP, "BEGIN"},
        {0, 0, "INSERT INTO a VALUES ('#')"},
        {0, 0, "SELECT 1"},
        {0, 0, "INSERT INTO a VALUES ('#')"},
        {0, 0, "SELECT 1"},
        {0, 1, "COMMIT"},
        {0, SCENARIO_NO_STEP, "SELECT 2"},
        {2, SCENARIO_NO_STEP, "DROP TABLE a"},
    };
    assert_int_equal(made.plan.interaction_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < made.plan.interaction_count; i++) {
        assert_int_equal(made.plan.interactions[i].task, expected[i].task);
        assert_int_equal(made.step_of[i], expected[i].step);
        assert_string_equal(made.plan.interactions[i].sql, expected[i].sql);
    }
    assert_int_equal(made.setup, 5);
    assert_int_equal(made.check, 2);
    assert_int_equal(plan_tasks(&made.plan), 3);
    assert_int_equal(plan_config_get(&made.plan.config, PLAN_CONFIG_busy_timeout), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spec),        cmocka_unit_test(test_permutations),
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_damaged),     cmocka_unit_test(test_sql),
        cmocka_unit_test(test_refused_sql), cmocka_unit_test(test_all_orders),
        cmocka_unit_test(test_count),       cmocka_unit_test(test_plan),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
