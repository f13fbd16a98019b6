/* SPDX-License-Identifier: Apache-2.0 */
/* A call on a connection: rows are taken whole, or the call says why not. */
#include <interplay/stack.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A backend whose statements have one row of so many columns, each of which holds its number. */
static int columns;
static bool is_stepped;
static int finalized;

static enum outcome prepare(struct backend_connection *connection, const char *sql, size_t length,
                            struct backend_statement **ret_statement)
{
    static int statement;
    (void)connection, (void)sql, (void)length;
    is_stepped = false;
    *ret_statement = (struct backend_statement *)&statement;
    return OUTCOME_OK;
}

static enum outcome step(struct backend_statement *statement)
{
    (void)statement;
    enum outcome outcome = is_stepped ? OUTCOME_OK : OUTCOME_ROW;
    is_stepped = true;
    return outcome;
}

static int column_count(struct backend_statement *statement)
{
    (void)statement;
    return columns;
}

static void column(struct backend_statement *statement, int number, struct value *ret_value)
{
    (void)statement;
    *ret_value = value_integer(number);
}

static const char *column_name(struct backend_statement *statement, int number)
{
    (void)statement;
    static const char *const names[] = {"k", "v", "a name of 29 letters, exactly", "", NULL};
    return names[number % 5];
}

static void finalize(struct backend_statement *statement)
{
    (void)statement;
    finalized++;
}

static const struct backend_ops backend = {
    .prepare = prepare,
    .step = step,
    .column_count = column_count,
    .column = column,
    .column_name = column_name,
    .finalize = finalize,
};

static void count_columns(void *context, const struct value *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(values[i].integer, i);
    *(uint32_t *)context = count;
}

static void test_rows_are_taken_whole(void **state)
{
    (void)state;
    static const int widths[] = {0, 1, 8, 9, 2000, 4096, 4097};
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        uint32_t taken = UINT32_MAX;
        struct stack_reply reply;
        const struct stack_call call = {.sql = "x", .on_row = count_columns, .context = &taken};
        columns = widths[i];
        finalized = 0;
        interplay_stack_run(&backend, NULL, &call, &reply);
        assert_int_equal(finalized, 1);
        if (columns <= 4096) {
            assert_int_equal(reply.outcome, OUTCOME_OK);
            assert_int_equal(taken, columns);
        } else {
            assert_int_equal(reply.outcome, OUTCOME_OTHER);
            assert_non_null(strstr(reply.error_message, "4097 columns"));
        }
    }
}

/* Those that fit, if they are wanted and all are known. */
static void test_names_are_told_whole(void **state)
{
    (void)state;
    static const struct {
        int columns;
        bool are_wanted;
        const char *names;
    } cases[] = {
        {0, true, ""},
        {1, true, "k"},
        {2, true, "k,v"},
        {2, false, ""},
        {3, true, "k,v,a name of 29 letters, exactly"},
        {4, true, "k,v,a name of 29 letters, exactly,"},
        {5, true, ""},
        {100, true, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stack_reply reply;
        const struct stack_call call = {.sql = "x", .wants_names = cases[i].are_wanted};
        columns = cases[i].columns;
        interplay_stack_run(&backend, NULL, &call, &reply);
        assert_int_equal(reply.outcome, OUTCOME_OK);
        assert_string_equal(reply.column_names, cases[i].names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows_are_taken_whole),
                                       cmocka_unit_test(test_names_are_told_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
