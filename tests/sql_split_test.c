/* SPDX-License-Identifier: Apache-2.0 */
/* Where statements end: not in strings, names, comments, dollar quotes, bodies. */
#include "plan/sql_split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *sql;
    const char *statements[4];
} cases[] = {
    {"", {NULL}},
    {" ; -- nothing\n /* nor here; */ ;", {NULL}},
    {"a; b ;c", {"a", "b", "c"}},
    {"-- first\nBEGIN; -- then\nCOMMIT", {"BEGIN", "COMMIT"}},
    {"SELECT 'it''s; so'; x", {"SELECT 'it''s; so'", "x"}},
    {"SELECT E'it\\'s; so'; x", {"SELECT E'it\\'s; so'", "x"}},
    {"SELECT e'\\\\'; x", {"SELECT e'\\\\'", "x"}},
    {"SELECT table'\\'; x", {"SELECT table'\\'", "x"}},
    {"SELECT \"a;\"\"b\"; x", {"SELECT \"a;\"\"b\"", "x"}},
    {"SELECT /* a /* ; */ ; */ 1; x", {"SELECT /* a /* ; */ ; */ 1", "x"}},
    {"SELECT 1 -- ;\n + 2; x", {"SELECT 1 -- ;\n + 2", "x"}},
    {"DO $$ a; b $$; x", {"DO $$ a; b $$", "x"}},
    {"DO $q$ a; $$ ; $q$; x", {"DO $q$ a; $$ ; $q$", "x"}},
    {"SELECT $1; x", {"SELECT $1", "x"}},
    {"SELECT a$$b; x", {"SELECT a$$b", "x"}},
    {"BEGIN; END; x", {"BEGIN", "END", "x"}},
    {"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT CASE WHEN 1 THEN 2 END; END; x",
     {"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT CASE WHEN 1 THEN 2 END; END",
      "x"}},
    {"CREATE TABLE a (endless int, \"begin\" int); x",
     {"CREATE TABLE a (endless int, \"begin\" int)", "x"}},
    {"SELECT 'open; x", {"SELECT 'open; x"}},
    {"SELECT $q$ open; x", {"SELECT $q$ open; x"}},
    {"a /* open; b", {"a /* open; b"}},
};

static void test_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *at = cases[i].sql, *end = at + strlen(at);
        for (uint32_t number = 0; number < 4; number++) {
            const char *expected = cases[i].statements[number];
            struct sql_piece piece = sql_split_next(&at, end);
            if (piece.length != (expected == NULL ? 0 : strlen(expected)) ||
                (expected != NULL && memcmp(piece.sql, expected, piece.length) != 0))
                fail_msg("%s: statement %u is '%.*s', expected '%s'", cases[i].sql, number,
                         (int)piece.length, piece.sql, expected == NULL ? "" : expected);
            if (expected == NULL)
                break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
