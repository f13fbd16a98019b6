/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dependency cycles in histories made by hand: each of Adya's anomalies that a cycle shows, what
 * only real time forbids, and histories without a cycle, which must stay without one.
 */
#include "history/dependencies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { X = 3, Y = 7, MAX = 16 };

/* Everything happens at once unless `began` and `ended` say otherwise. */
struct hand_made {
    struct dependency_transaction transactions[MAX];
    struct dependency_access accesses[MAX];
    struct dependency_history history;
};

static void make(struct hand_made *made, uint32_t transactions)
{
    memset(made, 0, sizeof *made);
    for (uint32_t i = 0; i < transactions; i++)
        made->transactions[i] = (struct dependency_transaction){true, 0, DEPENDENCY_NEVER};
    made->history.transaction_count = transactions;
    made->history.transactions = made->transactions;
    made->history.accesses = made->accesses;
    for (uint32_t key = 0; key < PLAN_KEYS; key++)
        made->history.initial[0][key] = DEPENDENCY_NO_ROW;
    made->history.initial[0][X] = X;
    made->history.initial[0][Y] = Y;
}

static void add(struct hand_made *made, const struct dependency_access *access)
{
    assert_in_range(made->history.access_count, 0, MAX - 1);
    made->accesses[made->history.access_count++] = *access;
}

static void reads(struct hand_made *made, uint32_t transaction, uint8_t key, int64_t value)
{
    add(made, &(struct dependency_access){.transaction = transaction, .key = key, .value = value});
}

/* Versions of a key are ordered by `place`. */
static void writes(struct hand_made *made, uint32_t transaction, uint8_t key, int64_t value,
                   uint64_t place)
{
    add(made, &(struct dependency_access){.transaction = transaction,
                                          .is_write = true,
                                          .key = key,
                                          .value = value,
                                          .place = place});
}

static uint32_t cycle(const struct hand_made *made, struct dependency_edge *edges)
{
    struct arena arena;
    arena_init(&arena, 1u << 20);
    uint32_t length = dependency_cycle(&made->history, &arena, edges);
    arena_clean_up(&arena);
    return length;
}

static void assert_no_cycle(const struct hand_made *made)
{
    struct dependency_edge edges[DEPENDENCY_CYCLE_MAX];
    assert_int_equal(cycle(made, edges), 0);
}

/* The cycle has these kinds in this order, from wherever it starts, and hangs together. */
static void assert_cycle(const struct hand_made *made, const char *kinds)
{
    struct dependency_edge edges[DEPENDENCY_CYCLE_MAX];
    uint32_t length = cycle(made, edges);
    char found[2 * (3 * DEPENDENCY_CYCLE_MAX) + 1] = "";
    for (uint32_t i = 0; i < 2 * length; i++) {
        strcat(found, dependency_kind_names[edges[i % length].kind]);
        strcat(found, " ");
    }
    assert_int_equal(strlen(found), 2 * (strlen(kinds) + 1));
    assert_non_null(strstr(found, kinds));
    for (uint32_t i = 0; i < length; i++)
        assert_int_equal(edges[i].to, edges[(i + 1) % length].from);
}

static void test_write_cycle(void **state) /* G0 */
{
    (void)state;
    struct hand_made made;
    make(&made, 2);
    writes(&made, 0, X, 100, 1);
    writes(&made, 1, X, 200, 2);
    writes(&made, 1, Y, 201, 1);
    writes(&made, 0, Y, 101, 2);
    assert_cycle(&made, "ww ww");
    made.accesses[2].place = 3; /* the same order for both keys */
    assert_no_cycle(&made);
}

static void test_circular_information_flow(void **state) /* G1c */
{
    (void)state;
    struct hand_made made;
    make(&made, 2);
    writes(&made, 0, X, 100, 1);
    writes(&made, 1, Y, 201, 1);
    reads(&made, 1, X, 100);
    assert_no_cycle(&made);
    reads(&made, 0, Y, 201);
    assert_cycle(&made, "wr wr");
}

static void test_lost_update(void **state) /* G-single */
{
    (void)state;
    struct hand_made made;
    make(&made, 2);
    reads(&made, 0, X, 3);
    writes(&made, 1, X, 200, 1);
    assert_no_cycle(&made);
    writes(&made, 0, X, 100, 2);
    assert_cycle(&made, "rw ww");
    made.accesses[2].place = 0; /* it comes before the other: then it has read what was there */
    assert_no_cycle(&made);
}

static void test_write_skew(void **state) /* G2 */
{
    (void)state;
    struct hand_made made;
    make(&made, 2);
    reads(&made, 0, X, 3);
    reads(&made, 0, Y, 7);
    reads(&made, 1, X, 3);
    reads(&made, 1, Y, 7);
    writes(&made, 0, X, 100, 1);
    assert_no_cycle(&made);
    writes(&made, 1, Y, 201, 1);
    assert_cycle(&made, "rw rw");
}

static void test_read_skew_of_three(void **state)
{
    (void)state;
    struct hand_made made;
    make(&made, 3);
    writes(&made, 0, X, 100, 1);
    writes(&made, 1, Y, 201, 1);
    reads(&made, 1, X, 3); /* before transaction 0 */
    reads(&made, 2, X, 100);
    assert_no_cycle(&made);
    reads(&made, 2, Y, 7); /* after transaction 0 and before transaction 1 */
    assert_cycle(&made, "rw wr rw");
}

static void test_real_time(void **state)
{
    (void)state;
    struct hand_made made;
    make(&made, 2);
    writes(&made, 0, X, 100, 1);
    reads(&made, 1, X, 3);
    made.transactions[0].ended = 10;
    made.transactions[1].began = 9;
    assert_no_cycle(&made); /* they overlap: either order */
    made.transactions[1].began = 11;
    assert_cycle(&made, "rw rt");
    made.accesses[1].value = 100;
    assert_no_cycle(&made);
}

static void test_rows_that_are_not_there(void **state)
{
    (void)state;
    struct hand_made made;
    make(&made, 2);
    writes(&made, 0, X, DEPENDENCY_NO_ROW, 1);
    reads(&made, 1, X, DEPENDENCY_NO_ROW);
    writes(&made, 1, Y, 201, 1);
    reads(&made, 0, Y, 7);
    assert_no_cycle(&made);
    made.accesses[3].value = 201;
    assert_cycle(&made, "wr wr");

    /* Which of two removals was read is not clear: nothing follows from it. */
    make(&made, 3);
    made.history.initial[0][X] = DEPENDENCY_NO_ROW;
    writes(&made, 0, X, 100, 1);
    writes(&made, 1, X, DEPENDENCY_NO_ROW, 2);
    reads(&made, 2, X, DEPENDENCY_NO_ROW);
    made.transactions[0].ended = 5;
    made.transactions[2].began = 6;
    assert_no_cycle(&made);
    made.history.access_count = 1; /* without the removal it was read too early */
    reads(&made, 2, X, DEPENDENCY_NO_ROW);
    assert_cycle(&made, "rw rt");
}

static void test_what_does_not_count(void **state)
{
    (void)state;
    struct hand_made made;
    make(&made, 2);
    reads(&made, 0, X, 3);
    writes(&made, 1, X, 200, 1);
    writes(&made, 0, X, 100, 2);
    assert_cycle(&made, "rw ww");
    made.transactions[1].counts = false; /* rolled back */
    assert_no_cycle(&made);

    /* What a transaction reads of its own, and what nobody reads again. */
    make(&made, 2);
    writes(&made, 0, X, 100, 1);
    reads(&made, 0, X, 100);
    writes(&made, 0, X, 101, 1);
    writes(&made, 1, X, 200, 2);
    made.transactions[0].ended = 1;
    made.transactions[1].began = 2;
    assert_no_cycle(&made);
    assert_no_cycle(&(struct hand_made){0});
}

/* Of two cycles the shorter one is told. */
static void test_shortest(void **state)
{
    (void)state;
    struct hand_made made;
    make(&made, 5);
    writes(&made, 0, X, 100, 1);
    reads(&made, 1, X, 100);
    writes(&made, 1, 1, 201, 1);
    reads(&made, 2, 1, 201);
    writes(&made, 2, 2, 301, 1);
    reads(&made, 0, 2, 301);
    assert_cycle(&made, "wr wr wr");
    writes(&made, 3, Y, 401, 1);
    reads(&made, 4, Y, 401);
    writes(&made, 4, 5, 501, 1);
    reads(&made, 3, 5, 501);
    assert_cycle(&made, "wr wr");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_cycle),
        cmocka_unit_test(test_circular_information_flow),
        cmocka_unit_test(test_lost_update),
        cmocka_unit_test(test_write_skew),
        cmocka_unit_test(test_read_skew_of_three),
        cmocka_unit_test(test_real_time),
        cmocka_unit_test(test_rows_that_are_not_there),
        cmocka_unit_test(test_what_does_not_count),
        cmocka_unit_test(test_shortest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
