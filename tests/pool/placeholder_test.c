/* SPDX-License-Identifier: Apache-2.0 */
/* Placeholders in other dialects, as a table of texts and what must become of them. */
#include "pool/placeholder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct example {
    enum dialect dialect;
    const char *sql, *expected;
};

static const struct example examples[] = {
    /* plain */
    {DIALECT_POSTGRES, "", ""},
    {DIALECT_POSTGRES, "SELECT 1", "SELECT 1"},
    {DIALECT_POSTGRES, "SELECT ?1", "SELECT $1"},
    {DIALECT_MSSQL, "SELECT ?1", "SELECT @p1"},
    {DIALECT_POSTGRES, "?1+?12,?3", "$1+$12,$3"},
    {DIALECT_MSSQL, "?1+?12,?3", "@p1+@p12,@p3"},
    {DIALECT_POSTGRES, "?1?1", "$1$1"},
    {DIALECT_MSSQL, "a=?2 AND b=?1", "a=@p2 AND b=@p1"},
    {DIALECT_SQLITE, "SELECT ?1, '?2'", "SELECT ?1, '?2'"},
    {DIALECT_NONE, "SELECT ?1", "SELECT ?1"},
    /* no placeholders: operators */
    {DIALECT_POSTGRES, "a ? 'b' AND c ?| d", "a ? 'b' AND c ?| d"},
    {DIALECT_POSTGRES, "a ?", "a ?"},
    /* quotes */
    {DIALECT_POSTGRES, "'?1' ?1", "'?1' $1"},
    {DIALECT_MSSQL, "'?1' ?1", "'?1' @p1"},
    {DIALECT_POSTGRES, "'it''s ?1' ?2", "'it''s ?1' $2"},
    {DIALECT_POSTGRES, "'' ?1 ''", "'' $1 ''"},
    {DIALECT_POSTGRES, "\"?1\" ?1", "\"?1\" $1"},
    {DIALECT_POSTGRES, "\"a\"\"?1\" ?1", "\"a\"\"?1\" $1"},
    {DIALECT_POSTGRES, "'\"' ?1 '\"'", "'\"' $1 '\"'"},
    {DIALECT_POSTGRES, "'never closed ?1", "'never closed ?1"},
    {DIALECT_POSTGRES, "'a\\' ?1", "'a\\' $1"},
    {DIALECT_POSTGRES, "E'a\\' ?1' ?1", "E'a\\' ?1' $1"},
    {DIALECT_POSTGRES, "E'a''\\' ?1' ?2", "E'a''\\' ?1' $2"},
    {DIALECT_POSTGRES, "e'\\\\' ?1", "e'\\\\' $1"},
    {DIALECT_POSTGRES, "name'a\\' ?1", "name'a\\' $1"},
    {DIALECT_POSTGRES, "E'\\", "E'\\"},
    {DIALECT_MSSQL, "E'a\\' ?1", "E'a\\' @p1"},
    {DIALECT_MSSQL, "[?1] ?1", "[?1] @p1"},
    {DIALECT_MSSQL, "[a]]?1] ?1", "[a]]?1] @p1"},
    {DIALECT_POSTGRES, "a[?1]", "a[$1]"},
    {DIALECT_POSTGRES, "$$ ?1 $$ ?1", "$$ ?1 $$ $1"},
    {DIALECT_POSTGRES, "$x$ ?1 $$ ?2 $x$ ?1", "$x$ ?1 $$ ?2 $x$ $1"},
    {DIALECT_POSTGRES, "$x$ ?1", "$x$ ?1"},
    {DIALECT_POSTGRES, "$1 ?1", "$1 $1"},
    {DIALECT_POSTGRES, "a$b$ ?1", "a$b$ $1"},
    {DIALECT_MSSQL, "$$ ?1 $$", "$$ @p1 $$"},
    /* comments */
    {DIALECT_POSTGRES, "-- ?1\n?1", "-- ?1\n$1"},
    {DIALECT_POSTGRES, "?1 -- it's\n?2", "$1 -- it's\n$2"},
    {DIALECT_POSTGRES, "-- ?1", "-- ?1"},
    {DIALECT_POSTGRES, "?1 - -1", "$1 - -1"},
    {DIALECT_POSTGRES, "/* ?1 */ ?1", "/* ?1 */ $1"},
    {DIALECT_POSTGRES, "/* ' */ ?1 /* ' */", "/* ' */ $1 /* ' */"},
    {DIALECT_POSTGRES, "/* a /* ?1 */ ?2 */ ?3", "/* a /* ?1 */ ?2 */ $3"},
    {DIALECT_MSSQL, "/* a /* ?1 */ ?2 */ ?3", "/* a /* ?1 */ ?2 */ @p3"},
    {DIALECT_POSTGRES, "/*/ ?1 */ ?1", "/*/ ?1 */ $1"},
    {DIALECT_POSTGRES, "/* ?1", "/* ?1"},
    {DIALECT_POSTGRES, "?1 / ?2 * ?3", "$1 / $2 * $3"},
};

static void each_text_becomes_what_it_must(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct example *example = &examples[i];
        char text[64];
        size_t length = placeholder_translate(example->dialect, example->sql, text, sizeof text);
        assert_string_equal(text, example->expected);
        assert_int_equal(length, strlen(example->expected));
    }
}

static void what_does_not_fit_is_cut_but_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct example *example = &examples[i];
        size_t whole = strlen(example->expected);
        for (size_t capacity = 0; capacity <= whole + 1; capacity++) {
            char text[64];
            memset(text, '#', sizeof text);
            size_t length = placeholder_translate(example->dialect, example->sql, text, capacity);
            assert_int_equal(length, whole);
            assert_int_equal(text[capacity], '#');
            if (capacity > 0) {
                assert_int_equal(strlen(text), capacity - 1);
                assert_memory_equal(text, example->expected, capacity - 1);
            }
        }
    }
}

static void only_two_dialects_need_it(void **state)
{
    (void)state;
    assert_false(placeholder_needs_translation(DIALECT_NONE));
    assert_false(placeholder_needs_translation(DIALECT_SQLITE));
    assert_true(placeholder_needs_translation(DIALECT_POSTGRES));
    assert_true(placeholder_needs_translation(DIALECT_MSSQL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text_becomes_what_it_must),
        cmocka_unit_test(what_does_not_fit_is_cut_but_counted),
        cmocka_unit_test(only_two_dialects_need_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
