/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each anomaly of Adya's definitions as a history made by hand, and what each level says of it; the
 * same without its one wrong read or write. Who wrote what is right follows from the definitions,
 * which stand in src/isolation/levels.def with their source.
 */
#include "isolation/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { X, Y, FREE, SPARE, LIST, KEYS };
enum { X0 = 100, Y0 = 200, NO_ROW = -1 };
#define VALUE(value) ((value) == NO_ROW ? ISOLATION_NO_ROW : (int64_t)(value))

#define W(t, k, v)                                                                                 \
    {                                                                                              \
        .kind = ISOLATION_WRITE, .transaction = t, .key = k, .value = VALUE(v)                     \
    }
/* The version's place is given. */
#define WAT(t, k, v, p)                                                                            \
    {                                                                                              \
        .kind = ISOLATION_WRITE, .transaction = t, .key = k, .value = VALUE(v), .place = p         \
    }
#define R(t, k, v)                                                                                 \
    {                                                                                              \
        .kind = ISOLATION_READ, .transaction = t, .key = k, .value = VALUE(v)                      \
    }
#define APPEND(t, v)                                                                               \
    {                                                                                              \
        .kind = ISOLATION_APPEND, .transaction = t, .key = LIST, .value = v                        \
    }
#define LISTED(t, ...)                                                                             \
    {                                                                                              \
        .kind = ISOLATION_READ_LIST, .transaction = t, .key = LIST,                                \
        .elements = (const int64_t[]){__VA_ARGS__},                                                \
        .element_count = sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)                  \
    }
#define EMPTY(t)                                                                                   \
    {                                                                                              \
        .kind = ISOLATION_READ_LIST, .transaction = t, .key = LIST                                 \
    }
/* Of the keys FREE and SPARE. */
#define NONE_IN_RANGE(t)                                                                           \
    {                                                                                              \
        .kind = ISOLATION_READ_WHERE, .transaction = t, .where = {                                 \
            FREE,                                                                                  \
            SPARE,                                                                                 \
            INT64_MIN + 1,                                                                         \
            INT64_MAX                                                                              \
        }                                                                                          \
    }
#define ONE_IN_RANGE(t, k, v)                                                                      \
    {                                                                                              \
        .kind = ISOLATION_READ_WHERE, .transaction = t,                                            \
        .where = {FREE, SPARE, INT64_MIN + 1, INT64_MAX},                                          \
        .rows = (const struct isolation_row[]){{k, v}}, .row_count = 1                             \
    }
#define COUNTED(t, n)                                                                              \
    {                                                                                              \
        .kind = ISOLATION_COUNT, .transaction = t, .value = n, .where = {                          \
            X,                                                                                     \
            SPARE,                                                                                 \
            INT64_MIN + 1,                                                                         \
            INT64_MAX                                                                              \
        }                                                                                          \
    }
/* Of all keys: the list is none. */
#define COUNTED_ALL(t, n)                                                                          \
    {                                                                                              \
        .kind = ISOLATION_COUNT, .transaction = t, .value = n, .where = {                          \
            X,                                                                                     \
            LIST,                                                                                  \
            INT64_MIN + 1,                                                                         \
            INT64_MAX                                                                              \
        }                                                                                          \
    }
#define SUMMED(t, n)                                                                               \
    {                                                                                              \
        .kind = ISOLATION_SUM, .transaction = t, .value = n, .where = {                            \
            X,                                                                                     \
            Y,                                                                                     \
            INT64_MIN + 1,                                                                         \
            INT64_MAX                                                                              \
        }                                                                                          \
    }

#define AT(level)           (1u << ISOLATION_LEVEL_##level)
#define STRICT              (AT(strict_snapshot) | AT(strict_serializable))
#define SESSION             (AT(session_snapshot) | AT(session_serializable))
#define SERIAL              (AT(serializable) | AT(session_serializable) | AT(strict_serializable))
#define SNAPSHOT            (AT(snapshot) | AT(session_snapshot) | AT(strict_snapshot))
#define FROM_READ_COMMITTED (AT(read_committed) | AT(repeatable_read) | SNAPSHOT | SERIAL)
#define ALL                 (AT(read_uncommitted) | FROM_READ_COMMITTED)

struct test_case {
    const char *name;
    const char *statuses; /* a transaction each: C committed, A aborted, D in doubt */
    struct isolation_operation operations[12];
    uint32_t forbidden; /* at these levels, as ... */
    enum isolation_anomaly anomaly;
    uint32_t otherwise; /* ... but at these of them as ... */
    enum isolation_anomaly other;
    bool order_is_known;
    bool is_one_session;
    bool in_turns;   /* each transaction begins after the one before has ended */
    uint32_t length; /* of the cycle */
};

#define IS(name) ISOLATION_ANOMALY_##name

static const struct test_case cases[] = {
    {"a list is no row", "CC", {W(0, X, 1), COUNTED_ALL(1, 2)}, .in_turns = true},
    {"a list that is counted",
     "CC",
     {W(0, X, 1), COUNTED_ALL(1, 3)},
     FROM_READ_COMMITTED,
     IS(nowhere),
     .in_turns = true},
    {"nothing wrong",
     "CCC",
     {W(0, X, 1), R(1, X, 1), W(1, Y, 2), R(2, X, 1), R(2, Y, 2)},
     .anomaly = IS(none),
     .in_turns = true},
    {"dirty write",
     "CC",
     {WAT(0, X, 1, 1), WAT(1, X, 2, 2), WAT(1, Y, 3, 1), WAT(0, Y, 4, 2)},
     .forbidden = ALL,
     .anomaly = IS(dirty_write),
     .order_is_known = true,
     .length = 2},
    {"one overwrites the other",
     "CC",
     {WAT(0, X, 1, 1), WAT(1, X, 2, 2), WAT(1, Y, 3, 2), WAT(0, Y, 4, 1)},
     .anomaly = IS(none),
     .order_is_known = true},
    {"aborted read",
     "AC",
     {W(0, X, 1), R(1, X, 1)},
     .forbidden = FROM_READ_COMMITTED,
     .anomaly = IS(aborted_read)},
    {"what was rolled back, not seen", "AC", {W(0, X, 1), R(1, X, X0)}, .anomaly = IS(none)},
    {"aborted removal",
     "AC",
     {W(0, X, NO_ROW), R(1, X, NO_ROW)},
     .forbidden = FROM_READ_COMMITTED,
     .anomaly = IS(aborted_read)},
    {"intermediate read",
     "CC",
     {W(0, X, 1), R(1, X, 1), W(0, X, 2)},
     .forbidden = FROM_READ_COMMITTED,
     .anomaly = IS(intermediate_read)},
    {"the last word, read", "CC", {W(0, X, 1), W(0, X, 2), R(1, X, 2)}, .anomaly = IS(none)},
    {"circular information flow",
     "CC",
     {W(0, X, 1), W(1, Y, 2), R(0, Y, 2), R(1, X, 1)},
     .forbidden = FROM_READ_COMMITTED,
     .anomaly = IS(circular),
     .length = 2},
    {"lost update",
     "CC",
     {R(0, X, X0), R(1, X, X0), W(0, X, 1), W(1, X, 2)},
     .forbidden = FROM_READ_COMMITTED & ~AT(read_committed),
     .anomaly = IS(lost_update),
     .length = 2},
    {"an update after the other",
     "CC",
     {R(0, X, X0), W(0, X, 1), R(1, X, 1), W(1, X, 2)},
     .anomaly = IS(none)},
    {"non-repeatable read",
     "CC",
     {R(0, X, X0), W(1, X, 1), R(0, X, 1)},
     .forbidden = FROM_READ_COMMITTED & ~AT(read_committed),
     .anomaly = IS(unrepeatable),
     .length = 2},
    {"read skew",
     "CC",
     {R(0, X, X0), W(1, X, 1), W(1, Y, 2), R(0, Y, 2)},
     .forbidden = FROM_READ_COMMITTED & ~AT(read_committed),
     .anomaly = IS(read_skew),
     .length = 2},
    {"both as they were",
     "CC",
     {R(0, X, X0), W(1, X, 1), W(1, Y, 2), R(0, Y, Y0)},
     .anomaly = IS(none)},
    {"write skew",
     "CC",
     {R(0, X, X0), R(0, Y, Y0), R(1, X, X0), R(1, Y, Y0), W(0, X, 1), W(1, Y, 2)},
     .forbidden = AT(repeatable_read) | SERIAL,
     .anomaly = IS(write_skew),
     .length = 2},
    {"three in a ring",
     "CCC",
     {R(0, X, X0), W(0, Y, 1), R(1, Y, Y0), W(1, FREE, 2), R(2, FREE, NO_ROW), W(2, X, 3)},
     .forbidden = AT(repeatable_read) | SERIAL,
     .anomaly = IS(item_cycle),
     .length = 3},
    {"long fork",
     "CCCC",
     {W(0, X, 1), W(1, Y, 2), R(2, X, 1), R(2, Y, Y0), R(3, X, X0), R(3, Y, 2)},
     .forbidden = AT(repeatable_read) | SNAPSHOT | SERIAL,
     .anomaly = IS(long_fork),
     .otherwise = AT(repeatable_read),
     .other = IS(item_cycle),
     .length = 4},
    {"no fork",
     "CCCC",
     {W(0, X, 1), W(1, Y, 2), R(2, X, 1), R(2, Y, Y0), R(3, X, 1), R(3, Y, 2)},
     .anomaly = IS(none)},
    {"phantoms on both sides",
     "CC",
     {NONE_IN_RANGE(0), NONE_IN_RANGE(1), W(0, FREE, 1), W(1, SPARE, 2)},
     .forbidden = SERIAL,
     .anomaly = IS(phantom),
     .length = 2},
    {"a phantom",
     "CC",
     {NONE_IN_RANGE(0), W(1, FREE, 1), ONE_IN_RANGE(0, FREE, 1)},
     .forbidden = SNAPSHOT | SERIAL,
     .anomaly = IS(unrepeatable),
     .length = 2},
    {"no phantom", "CC", {NONE_IN_RANGE(0), W(1, FREE, 1), NONE_IN_RANGE(0)}, .anomaly = IS(none)},
    {"a count that fits",
     "CC",
     {W(0, FREE, 1), W(0, SPARE, 2), COUNTED(1, 4)},
     .anomaly = IS(none)},
    {"a count between",
     "CC",
     {W(0, FREE, 1), W(0, SPARE, 2), COUNTED(1, 3)},
     .forbidden = SNAPSHOT | SERIAL,
     .anomaly = IS(read_skew),
     .length = 2},
    {"a count that fits nothing",
     "CC",
     {W(0, FREE, 1), COUNTED(1, 4)},
     .forbidden = FROM_READ_COMMITTED,
     .anomaly = IS(nowhere)},
    {"a sum of old and new",
     "CC",
     {W(0, X, 1), W(0, Y, 2), SUMMED(1, 1 + Y0)},
     .forbidden = SNAPSHOT | SERIAL,
     .anomaly = IS(read_skew),
     .length = 2},
    {"a sum of the new", "CC", {W(0, X, 1), W(0, Y, 2), SUMMED(1, 3)}, .anomaly = IS(none)},
    {"stale read",
     "CC",
     {W(0, X, 1), R(1, X, X0)},
     .forbidden = STRICT,
     .anomaly = IS(stale_read),
     .in_turns = true,
     .length = 2},
    {"stale read of one's own",
     "CC",
     {W(0, X, 1), R(1, X, X0)},
     .forbidden = STRICT | SESSION,
     .anomaly = IS(stale_read),
     .in_turns = true,
     .length = 2,
     .is_one_session = true},
    {"the same at one time", "CC", {W(0, X, 1), R(1, X, X0)}, .anomaly = IS(none)},
    {"own work", "C", {W(0, X, 1), R(0, X, X0)}, .forbidden = ALL, .anomaly = IS(own_write)},
    {"a value of nobody", "C", {R(0, X, 77)}, .forbidden = ALL, .anomaly = IS(nowhere)},
    {"in doubt, seen",
     "DCC",
     {W(0, X, 1), R(1, X, 1), R(2, X, X0)},
     .forbidden = STRICT,
     .anomaly = IS(stale_read),
     .in_turns = true,
     .length = 3},
    {"in doubt, never seen",
     "DCC",
     {W(0, X, 1), R(1, X, X0), R(2, X, X0)},
     .anomaly = IS(none),
     .in_turns = true},
    {"in doubt, seen in part",
     "DC",
     {W(0, X, 1), W(0, Y, 2), R(1, X, 1), R(1, Y, Y0)},
     .forbidden = FROM_READ_COMMITTED & ~AT(read_committed),
     .anomaly = IS(read_skew),
     .length = 2},
    {"a removal in doubt", "DC", {W(0, X, NO_ROW), R(1, X, NO_ROW)}, .anomaly = IS(none)},
    {"two orders of a list",
     "CCCC",
     {APPEND(0, 1), APPEND(1, 2), LISTED(2, 1, 2), LISTED(3, 2, 1)},
     .forbidden = ALL,
     .anomaly = IS(order)},
    {"one order of a list",
     "CCCC",
     {APPEND(0, 1), APPEND(1, 2), LISTED(2, 1), LISTED(3, 1, 2)},
     .anomaly = IS(none)},
    {"elements that are mixed",
     "CCC",
     {APPEND(0, 1), APPEND(1, 2), APPEND(0, 3), LISTED(2, 1, 2, 3)},
     .forbidden = ALL,
     .anomaly = IS(dirty_write),
     .length = 2},
    {"a list read too early",
     "CC",
     {APPEND(0, 1), LISTED(1, 1), APPEND(0, 2)},
     .forbidden = FROM_READ_COMMITTED,
     .anomaly = IS(intermediate_read)},
    {"an element lost",
     "CCC",
     {EMPTY(0), EMPTY(1), APPEND(0, 1), APPEND(1, 2), LISTED(2, 1, 2)},
     .forbidden = FROM_READ_COMMITTED & ~AT(read_committed),
     .anomaly = IS(lost_update),
     .length = 2},
};

static void judge(const struct test_case *test_case, uint32_t level, struct arena *arena,
                  struct isolation_finding *ret_finding)
{
    struct isolation_transaction transactions[8];
    const struct isolation_key keys[KEYS] = {
        [X] = {.initial = X0},
        [Y] = {.initial = Y0},
        [FREE] = {.initial = ISOLATION_NO_ROW},
        [SPARE] = {.initial = ISOLATION_NO_ROW},
        [LIST] = {.is_list = true},
    };
    struct isolation_history history = {
        .transactions = transactions,
        .transaction_count = (uint32_t)strlen(test_case->statuses),
        .operations = test_case->operations,
        .keys = keys,
        .key_count = KEYS,
        .order_is_known = test_case->order_is_known,
    };
    static const struct isolation_operation nothing;
    while (history.operation_count < 12 &&
           memcmp(&test_case->operations[history.operation_count], &nothing, sizeof nothing) != 0)
        history.operation_count++;
    for (uint32_t i = 0; i < history.transaction_count; i++) {
        char status = test_case->statuses[i];
        transactions[i] = (struct isolation_transaction){
            .status = status == 'A'   ? ISOLATION_ABORTED
                      : status == 'D' ? ISOLATION_IN_DOUBT
                                      : ISOLATION_COMMITTED,
            .session = test_case->is_one_session ? 0 : i,
            .began = test_case->in_turns ? 10 * i : 0,
            .ended = status == 'D'         ? ISOLATION_NEVER
                     : test_case->in_turns ? 10 * i + 5
                                           : 5,
        };
    }
    arena_reset(arena);
    bool permitted = isolation_judge(&history, isolation_levels[level].forbids, ISOLATION_EFFORT,
                                     arena, ret_finding);
    assert_false(ret_finding->is_bounded);
    assert_int_equal(permitted, ret_finding->anomaly == ISOLATION_ANOMALY_none);
}

/* Each edge leads to where the next one begins. */
static void check_cycle(const struct isolation_finding *finding)
{
    for (uint32_t i = 0; i < finding->length; i++)
        assert_int_equal(finding->cycle[i].to, finding->cycle[(i + 1) % finding->length].from);
}

static void test_cases(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, (size_t)64 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (uint32_t level = 0; level < ISOLATION_LEVEL_COUNT; level++) {
            struct isolation_finding finding;
            judge(&cases[i], level, &arena, &finding);
            enum isolation_anomaly right = !(cases[i].forbidden >> level & 1u) ? IS(none)
                                           : cases[i].otherwise >> level & 1u  ? cases[i].other
                                                                               : cases[i].anomaly;
            if (finding.anomaly != right)
                fail_msg("%s, %s: %s", cases[i].name, isolation_levels[level].words,
                         isolation_anomalies[finding.anomaly].word);
            if (right != IS(none) && finding.length != cases[i].length)
                fail_msg("%s, %s: a cycle of %u", cases[i].name, isolation_levels[level].words,
                         finding.length);
            check_cycle(&finding);
        }
    }
    arena_clean_up(&arena);
}

/* --- how near --------------------------------------------------------------------------------- */

enum { WW = 1, WR = 2, RW = 4, RW_RANGE = 8 };
#define CHAIN(length, kinds) (UINT64_C(1) << (((length)-1) * ISOLATION_KIND_SETS + (kinds)))

static const struct {
    enum isolation_level level;
    struct isolation_nearness near;
    struct test_case history;
} near_cases[] = {
    {ISOLATION_LEVEL_strict_serializable,
     {.chains = CHAIN(1, RW)},
     {.name = "one read what the other replaced",
      .statuses = "CC",
      .operations = {R(0, X, X0), W(1, X, 1)}}},
    {ISOLATION_LEVEL_strict_serializable,
     {.chains = CHAIN(1, RW_RANGE)},
     {.name = "one did not see what the other added",
      .statuses = "CC",
      .operations = {NONE_IN_RANGE(0), W(1, FREE, 1)}}},
    {ISOLATION_LEVEL_strict_serializable,
     {.chains = CHAIN(1, WR)},
     {.name = "one read what the other appended",
      .statuses = "CC",
      .operations = {APPEND(0, 1), LISTED(1, 1)}}},
    {ISOLATION_LEVEL_strict_serializable,
     {0},
     {.name = "the same, not side by side",
      .statuses = "CC",
      .operations = {APPEND(0, 1), LISTED(1, 1)},
      .in_turns = true}},
    {ISOLATION_LEVEL_strict_serializable,
     {.chains = CHAIN(1, RW) | CHAIN(1, WR) | CHAIN(2, RW | WR)},
     {.name = "by way of a third",
      .statuses = "CCC",
      .operations = {R(0, X, X0), W(1, X, 1), W(1, Y, 2), R(2, Y, 2)}}},
    {ISOLATION_LEVEL_strict_snapshot,
     {.chains = CHAIN(1, RW), .anomaly = ISOLATION_ANOMALY_write_skew, .length = 2},
     {.name = "write skew",
      .statuses = "CC",
      .operations = {R(0, Y, Y0), W(0, X, 1), R(1, X, X0), W(1, Y, 2)}}},
    {ISOLATION_LEVEL_read_committed,
     {.chains = CHAIN(1, RW) | CHAIN(1, WR), .anomaly = ISOLATION_ANOMALY_read_skew, .length = 2},
     {.name = "read skew",
      .statuses = "CC",
      .operations = {R(0, X, X0), W(1, X, 1), W(1, Y, 2), R(0, Y, 2)}}},
};

static void test_nearness(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, (size_t)64 << 20);
    for (size_t i = 0; i < sizeof near_cases / sizeof *near_cases; i++) {
        struct isolation_finding finding;
        judge(&near_cases[i].history, near_cases[i].level, &arena, &finding);
        const struct isolation_nearness *near = &finding.near, *right = &near_cases[i].near;
        if (finding.anomaly != IS(none) || near->chains != right->chains ||
            near->anomaly != right->anomaly || near->length != right->length)
            fail_msg("%s: chains %llx, %s of %u", near_cases[i].history.name,
                     (unsigned long long)near->chains, isolation_anomalies[near->anomaly].word,
                     near->length);
    }
    arena_clean_up(&arena);
}

/* What a read of a key may have seen is open, and there are very many ways. */
static void test_bound(void **state)
{
    (void)state;
    enum { WRITERS = 12 };
    struct isolation_transaction transactions[WRITERS + 1];
    struct isolation_operation operations[WRITERS + 1];
    struct isolation_key keys[WRITERS];
    for (uint32_t i = 0; i < WRITERS; i++) {
        transactions[i] =
            (struct isolation_transaction){ISOLATION_COMMITTED, 0, ISOLATION_NEVER, 0};
        operations[i] = (struct isolation_operation)W(i, i, 1000 + 2 * (int64_t)i);
        keys[i] = (struct isolation_key){.initial = 2 * (int64_t)i};
    }
    transactions[WRITERS] = transactions[0];
    operations[WRITERS] = (struct isolation_operation){
        .kind = ISOLATION_SUM,
        .transaction = WRITERS,
        .value = 1, /* no such numbers make an odd one */
        .where = {0, WRITERS - 1, INT64_MIN + 1, INT64_MAX},
    };
    struct isolation_history history = {.transactions = transactions,
                                        .transaction_count = WRITERS + 1,
                                        .operations = operations,
                                        .operation_count = WRITERS + 1,
                                        .keys = keys,
                                        .key_count = WRITERS};
    struct arena arena;
    arena_init(&arena, (size_t)64 << 20);
    struct isolation_finding finding;
    assert_true(isolation_judge(&history, isolation_levels[ISOLATION_LEVEL_serializable].forbids,
                                100, &arena, &finding));
    assert_true(finding.is_bounded);
    assert_false(isolation_judge(&history, isolation_levels[ISOLATION_LEVEL_serializable].forbids,
                                 UINT32_MAX, &arena, &finding));
    arena_clean_up(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases),
                                       cmocka_unit_test(test_nearness),
                                       cmocka_unit_test(test_bound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
