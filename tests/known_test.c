/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of known findings: what a line may hold, what is refused and how, who is counted where.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bugbase/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/interplay-known-test-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return unlink("list") != 0 || chdir("/") != 0 || rmdir(folder) != 0;
}

static enum error_code load(struct known_findings *ret_known, const void *bytes, size_t size,
                            struct error *error)
{
    FILE *file = fopen("list", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return known_load(ret_known, "list", error);
}

static struct known_findings load_ok(const char *text)
{
    struct error error = {0};
    struct known_findings known;
    if (load(&known, text, strlen(text), &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    return known;
}

static void refused_at(size_t line, const char *bytes, size_t size, const char *found)
{
    struct error error = {0};
    struct known_findings known = {.count = 77};
    char expected[256];
    (void)snprintf(expected, sizeof expected,
                   "list:%zu: expected a signature like snapshot/final-content or the beginning of "
                   "one like snapshot/*, found '%s'",
                   line, found);
    assert_int_equal(load(&known, bytes, size, &error), ERROR_INPUT);
    assert_string_equal(error.message, expected);
    assert_int_equal(known.count, 77);
}

static void test_lines(void **state)
{
    (void)state;
    struct known_findings known =
        load_ok("# a comment\n\n  snapshot/final-content  # why\r\n\t\ncrash/signal/*\nintegrity/");
    assert_int_equal(known.count, 3);
    assert_false(known_match(&known, "snapshot/final", NULL));
    assert_false(known_match(&known, "snapshot/final-content-too", NULL));
    assert_true(known_match(&known, "snapshot/final-content", NULL));
    assert_true(known_match(&known, "crash/signal/SIGSEGV", NULL));
    assert_true(known_match(&known, "crash/signal/SIGBUS", NULL));
    assert_true(known_match(&known, "crash/signal/", NULL));
    assert_false(known_match(&known, "crash/exit/1", NULL));
    assert_true(known_match(&known, "integrity/", NULL));
    assert_int_equal(known.items[0].times, 1);
    assert_int_equal(known.items[1].times, 3);
    assert_int_equal(known.items[2].times, 1);
    known_clean_up(&known);
    assert_false(known_match(&known, "snapshot/final-content", NULL));
}

static void test_first_line_counts(void **state)
{
    (void)state;
    struct known_findings known = load_ok("pool/lost-wakeup\npool/*\npool/lost-request\n");
    assert_true(known_match(&known, "pool/lost-wakeup", NULL));
    assert_true(known_match(&known, "pool/lost-request", NULL));
    assert_int_equal(known.items[0].times, 1);
    assert_int_equal(known.items[1].times, 1);
    assert_int_equal(known.items[2].times, 0);
    char text[256] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    known_print(&known, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "known: pool/lost-wakeup 1 time\nknown: pool/* 1 time\n");
    known_clean_up(&known);
}

static struct cause cause_of(const char *words)
{
    struct cause cause;
    cause_of_words(&cause, words);
    return cause;
}

static void expect_printed(const struct known_findings *known, const char *expected)
{
    char text[512] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    known_print(known, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
}

/* A line with a cause knows a finding that ends alike only if it has the same cause. */
static void test_causes(void **state)
{
    (void)state;
    const struct cause known_cause = cause_of("a.begin,a.read,b.write,a.write");
    const struct cause other = cause_of("a.write,a.write!io_sync");
    char list[1024], printed[256];
    (void)snprintf(list, sizeof list, "snapshot/lost-update@%s # %s\nintegrity/*\n",
                   known_cause.hash, known_cause.words);
    struct known_findings known = load_ok(list);
    assert_int_equal(known_look(&known, "snapshot/lost-update"), KNOWN_WITH_CAUSE);
    assert_int_equal(known_look(&known, "snapshot/lost"), KNOWN_NOT);
    assert_int_equal(known_look(&known, "integrity/page"), KNOWN_WHATEVER_CAUSE);
    assert_true(known_match(&known, "snapshot/lost-update", &known_cause));
    assert_false(known_match(&known, "snapshot/lost-update", &other));
    assert_false(known_match(&known, "snapshot/wrong-select", &known_cause));
    assert_true(known_match(&known, "integrity/page", &other));
    assert_true(known_match(&known, "snapshot/lost-update", NULL));
    assert_true(known_match(&known, "snapshot/lost-update", NULL));
    (void)snprintf(printed, sizeof printed,
                   "known: snapshot/lost-update@%s 1 time\n"
                   "known: snapshot/lost-update@%s,by-signature 2 times\n"
                   "known: integrity/* 1 time\n",
                   known_cause.hash, known_cause.hash);
    expect_printed(&known, printed);
    known_clean_up(&known);
}

/* A line of old, without a cause, knows whatever ends alike; so it does beside one with a cause. */
static void test_whatever_cause(void **state)
{
    (void)state;
    const struct cause cause = cause_of("a.read"), other = cause_of("a.write");
    char list[256];
    (void)snprintf(list, sizeof list, "a/b@%s\na/b\nc/d@nothex00\n", cause.hash);
    struct known_findings known = load_ok(list);
    assert_int_equal(known_look(&known, "a/b"), KNOWN_WHATEVER_CAUSE);
    assert_true(known_match(&known, "a/b", &cause));
    assert_true(known_match(&known, "a/b", &other));
    assert_int_equal(known.items[0].times, 1);
    assert_int_equal(known.items[1].times, 1);
    assert_true(known_match(&known, "c/d@nothex00", NULL)); /* a letter of the signature */
    known_clean_up(&known);
}

static void test_all_are_known(void **state)
{
    (void)state;
    struct known_findings known = load_ok("*");
    assert_true(known_match(&known, "pool/lost-wakeup", NULL));
    assert_true(known_match(&known, "crash/signal/SIGSEGV", NULL));
    assert_int_equal(known.items[0].times, 2);
    known_clean_up(&known);
}

static void test_nothing_known(void **state)
{
    (void)state;
    struct known_findings known = load_ok("");
    assert_int_equal(known.count, 0);
    assert_false(known_match(&known, "pool/lost-wakeup", NULL));
    known_clean_up(&known);
}

#define REFUSED_AT(line, text, found) refused_at((line), (text), sizeof(text) - 1, (found))

static void test_refused(void **state)
{
    (void)state;
    REFUSED_AT(1, "**", "**");
    REFUSED_AT(2, "pool/a\nsnapshot*\n", "snapshot*");
    REFUSED_AT(1, "pool/*/b", "pool/*/b");
    REFUSED_AT(1, "pool/a pool/b", "pool/a pool/b");
    REFUSED_AT(1, "/a", "/a");
    REFUSED_AT(3, "\n# x\npool/a**\n", "pool/a**");
    REFUSED_AT(1, "pool/a\0b\n", "pool/a?b");
    REFUSED_AT(1, "pool/\xc3\xa4", "pool/??");
    char long_line[200];
    memset(long_line, 'a', sizeof long_line);
    long_line[1] = '/';
    char shown[61];
    memcpy(shown, long_line, 60);
    shown[60] = '\0';
    refused_at(1, long_line, 96, shown); /* no signature is that long */
    struct known_findings known = {0};
    struct error error = {0};
    assert_int_equal(load(&known, long_line, 95, &error), ERROR_NONE);
    known_clean_up(&known);
    assert_int_equal(known_load(&known, "nothing", &error), ERROR_IO);
    assert_string_equal(error.message, "nothing: does not exist");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),         cmocka_unit_test(test_first_line_counts),
        cmocka_unit_test(test_causes),        cmocka_unit_test(test_whatever_cause),
        cmocka_unit_test(test_all_are_known), cmocka_unit_test(test_nothing_known),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
