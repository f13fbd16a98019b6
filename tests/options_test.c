/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of options: each kind takes what it should and refuses the rest, a printed command says
 * the same order again, and no row contradicts another.
 */
#include "cli/cli.h"
#include "cli/order.h"
#include "generated/subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 64 };

/* Takes the options in `line`, words with spaces between, for `taker`. */
static bool take(struct cli_order *order, enum cli_takers taker, const char *line)
{
    static char buffer[512]; /* the order points into it */
    char *words[WORDS_MAX + 1] = {"test"}, *rest = buffer;
    int count = 1;
    (void)snprintf(buffer, sizeof buffer, "%s", line);
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
        words[count++] = word;
    return cli_order_take(order, "test", taker, count, words);
}

static void test_kinds_take(void **state)
{
    struct cli_order order = {0};
    (void)state;
    assert_true(take(&order, CLI_RUN,
                     "--seed 0 --start=18446744073709551615 --iterations 5000000000 "
                     "--duration 2m --keep-going --backend memory -o plan.json "
                     "--shrink-max-rounds 4294967295 --config tasks=2"));
    assert_true(order.seed.is_given);
    assert_int_equal(order.seed.number, 0);
    assert_int_equal(order.start, UINT64_MAX);
    assert_int_equal(order.iterations, 5000000000);
    assert_int_equal(order.duration, 120000);
    assert_true(order.keep_going);
    assert_false(order.shrink_on_failure);
    assert_string_equal(order.backend->subject->name, "memory");
    assert_string_equal(order.output, "plan.json");
    assert_int_equal(order.shrink_max_rounds, UINT32_MAX);
    assert_true(order.config.is_pinned[PLAN_CONFIG_tasks]);
    assert_int_equal(order.operand_count, 0);

    assert_true(take(&order, CLI_SHOW, "-w100 --color never a b"));
    assert_int_equal(order.width, 100);
    assert_int_equal(order.color, CLI_COLOUR_NEVER);
    assert_int_equal(order.operand_count, 2);
    assert_string_equal(order.operands[1], "b");

    static const struct {
        const char *word;
        uint64_t duration_ms;
    } durations[] = {{"500ms", 500}, {"60s", 60000}, {"0s", 0}, {"60", 60000}, {"1h", 3600000}};
    static const struct {
        const char *word;
        uint32_t millionths;
    } rates[] = {{"0", 0},        {"1", 1000000}, {"1.0", 1000000},  {"0.05", 50000},
                 {"5%", 50000},   {"0.5%", 5000}, {"100%", 1000000}, {"0.0000019", 1},
                 {"0.25%", 2500}, {"0.0005", 500}};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "--busy-rate %s", rates[i].word);
        assert_true(take(&order, CLI_RUN, line));
        assert_true(order.busy_rate.is_given);
        assert_int_equal(order.busy_rate.millionths, rates[i].millionths);
    }
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "--duration %s", durations[i].word);
        assert_true(take(&order, CLI_RUN, line));
        assert_int_equal(order.duration, durations[i].duration_ms);
        (void)snprintf(line, sizeof line, "--timeout %s", durations[i].word);
        assert_int_equal(take(&order, CLI_RUN, line), durations[i].duration_ms > 0);
        if (durations[i].duration_ms > 0)
            assert_int_equal(order.timeout, durations[i].duration_ms);
    }
}

static void test_kinds_refuse(void **state)
{
    static const char *const wrong[] = {
        "--seed x",
        "--seed -1",
        "--seed +1",
        "--seed=",
        "--seed 18446744073709551616",
        "--iterations 0",
        "--shrink-max-rounds 0",
        "--shrink-max-rounds 4294967296",
        "--duration s",
        "--duration 5d",
        "--timeout 0",
        "--timeout 5d",
        "--timeout 1000001h",
        "--steps 0",
        "--steps 257",
        "--tasks 9",
        "--pool-size 1",
        "--pool-size 7",
        "--max-in-flight-tx 0",
        "--hot-keys 0",
        "--hot-keys 9",
        "--ddl-rate 1.000001",
        "--busy-rate -0.1",
        "--panic-rate 5.%",
        "--sleep-rate .5",
        "--sleep-rate 101%",
        "--quick=yes",
        "--duration 18446744073709551615h",
        "--backend paper",
        "--reset-table ,a",
        "--reset-table a,,b",
        "--reset-mode empty",
        "--config tasks",
        "--config tasks=many",
        "--config =2",
        "--keep-going=3",
        "--seed",
        "--times 2", /* of another subcommand */
        "--no-such",
        "-z",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct cli_order before = {0};
        struct cli_order order = before;
        if (take(&order, CLI_RUN, wrong[i]))
            fail_msg("'%s' was taken", wrong[i]);
        assert_memory_equal(&order, &before, sizeof order);
    }
    struct cli_order order = {0};
    assert_false(take(&order, CLI_SHOW, "--width 100001"));
    assert_false(take(&order, CLI_SHOW, "--color sometimes"));
}

static void test_help_ends_it(void **state)
{
    struct cli_order order = {0};
    (void)state;
    assert_true(take(&order, CLI_RUN, "--seed 3 --help --no-such"));
    assert_true(order.help);
    assert_int_equal(order.seed.number, 3);
}

static void test_said_again(void **state)
{
    static const char line[] = " --backend memory --target host=h --reset-table a,b.c"
                               " --reset-mode delete --seed 7 --start 12 --iterations 3"
                               " --config tasks=2 --config stack=pool --profile swarm --quick"
                               " --steps 9 --pool-size 4 --ddl-rate 0.250000"
                               " --panic-rate 0.000000 --timeout 90s"
                               " --shrink-on-failure --shrink-max-rounds 5";
    char bytes[512];
    struct text again;
    struct cli_order order = {0};
    (void)state;
    assert_true(take(&order, CLI_RUN, line));
    /* Once is enough, and a password is never said; the last target counts. */
    assert_true(take(&order, CLI_RUN,
                     "--keep-going --duration 3s -o x.json --pg-password hush --target host=h"));
    text_init(&again, bytes, sizeof bytes);
    cli_order_repeat(&order, CLI_RUN, &again);
    assert_string_equal(again.bytes, line);
}

static void test_rows_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_options[i];
        assert_int_equal(option->kind == &cli_kind_FLAG, option->argument == NULL);
        if (option->repeated == CLI_REPEATED)
            assert_non_null(option->kind->repeat);
        for (size_t j = 0; j < i; j++) {
            const struct cli_option *other = &cli_options[j];
            if ((option->takers & other->takers) == 0)
                continue;
            assert_string_not_equal(option->name, other->name);
            assert_true(option->letter == 0 || option->letter != other->letter);
        }
    }
}

int main(void)
{
    static const struct run_options backends[] = {
        {.subject = &interplay_subject_memory},
        {.subject = &interplay_subject_memory},
    };
    static const struct cli_house house = {
        .command = "interplay", .target = "interplay", .backends = backends, .backend_count = 2};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_take),   cmocka_unit_test(test_kinds_refuse),
        cmocka_unit_test(test_help_ends_it), cmocka_unit_test(test_said_again),
        cmocka_unit_test(test_rows_agree),
    };
    cli_set_house(&house);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
