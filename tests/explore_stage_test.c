/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths are numbered without a gap, none occurs twice, and with each number of preemptions they are
 * as many as counting by hand says: each turn of each path, at each of its points.
 */
#include "base/hash.h"
#include "explore/count.h"
#include "explore/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_counts_are_exact(void **state)
{
    (void)state;
    assert_int_equal(count_orders((const uint32_t[]){0}, 1), 1);
    assert_int_equal(count_orders((const uint32_t[]){4, 4}, 2), 70);
    assert_int_equal(count_orders((const uint32_t[]){2, 1, 3, 1}, 4), 420);
    assert_int_equal(count_orders((const uint32_t[]){33, 33}, 2), UINT64_C(7219428434016265740));
    assert_true(count_orders((const uint32_t[]){35, 35}, 2) == COUNT_MANY);
    assert_true(count_multiply(UINT64_C(1) << 33, UINT64_C(1) << 33) == COUNT_MANY);
    assert_int_equal(count_multiply(UINT64_C(1) << 33, UINT64_C(1) << 30), UINT64_C(1) << 63);
    assert_true(count_add(COUNT_MANY, 1) == COUNT_MANY);
}

/*
 * How many points a turn crosses: some function of all that was done up to there, as in a run, and
 * of nothing else. Small, so that all can be counted.
 */
static uint32_t points_of(const struct turn *turns, uint32_t turn)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i <= turn; i++)
        hash = hash_word(hash, (uint64_t)turns[i].task << 16 | (i < turn ? turns[i].stop : 0));
    return (uint32_t)(hash % 4);
}

/* --- by hand --------------------------------------------------------------------------------- */

struct counting {
    struct turn turns[TURNS_MAX];
    uint32_t left[PLAN_TASKS_MAX];
    uint64_t found[4]; /* by number of preemptions */
};

static void count_from(struct counting *counting, uint32_t turn, uint32_t preemptions, int barred,
                       uint32_t most)
{
    bool is_over = true;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++) {
        is_over &= counting->left[task] == 0;
        if (counting->left[task] == 0 || (int)task == barred)
            continue;
        counting->turns[turn] = (struct turn){.task = (uint8_t)task};
        counting->left[task]--;
        count_from(counting, turn + 1, preemptions, -1, most);
        counting->left[task]++;
        uint32_t points = preemptions < most ? points_of(counting->turns, turn) : 0;
        for (uint32_t stop = 1; stop <= points; stop++) {
            counting->turns[turn] = (struct turn){.task = (uint8_t)task, .stop = (uint16_t)stop};
            count_from(counting, turn + 1, preemptions + 1, (int)task, most);
        }
    }
    counting->found[preemptions] += is_over;
}

/* --- by stages ------------------------------------------------------------------------------- */

static uint64_t path_hash(const struct path *path)
{
    uint64_t hash = path->count;
    for (uint32_t i = 0; i < path->count; i++)
        hash = hash_word(hash, (uint64_t)path->turns[i].task << 16 | path->turns[i].stop);
    return hash;
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

/* Also that going on and seeking come to the same path. */
static void walk(const struct stage *stage, struct stage *next)
{
    uint64_t *hashes = calloc(stage->total + 1, sizeof *hashes);
    struct cursor cursor, sought;
    assert_non_null(hashes);
    for (uint64_t i = 0; i < stage->total; i++) {
        if (i == 0)
            cursor_seek(&cursor, stage, 0);
        else
            assert_true(cursor_next(&cursor));
        cursor_seek(&sought, stage, i);
        assert_int_equal(cursor.number, i);
        hashes[i] = path_hash(&cursor.path);
        assert_true(hashes[i] == path_hash(&sought.path));
        for (uint32_t turn = cursor_owned(&cursor); turn < cursor.path.count; turn++)
            stage_add(next, &cursor.path, turn, points_of(cursor.path.turns, turn));
    }
    assert_false(stage->total > 0 && cursor_next(&cursor));
    qsort(hashes, stage->total, sizeof *hashes, compare);
    for (uint64_t i = 1; i < stage->total; i++)
        assert_true(hashes[i - 1] != hashes[i]);
    free(hashes);
}

static void check_steps(const uint32_t counts[PLAN_TASKS_MAX], uint32_t most)
{
    static struct steps steps;
    static struct counting counting;
    steps = (struct steps){0};
    counting = (struct counting){0};
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        steps.count[task] = counting.left[task] = counts[task];
    count_from(&counting, 0, 0, -1, most);
    struct stage stage, next;
    stage_init(&stage, &steps);
    for (uint32_t preemptions = 0; preemptions <= most; preemptions++) {
        stage_init_empty(&next, &steps);
        assert_int_equal(stage.total, counting.found[preemptions]);
        walk(&stage, &next);
        stage_clean_up(&stage);
        stage = next;
    }
    stage_clean_up(&stage);
}

static void test_no_path_is_missing_or_twice(void **state)
{
    (void)state;
    check_steps((const uint32_t[PLAN_TASKS_MAX]){1}, 2);
    check_steps((const uint32_t[PLAN_TASKS_MAX]){1, 1}, 3);
    check_steps((const uint32_t[PLAN_TASKS_MAX]){2, 2}, 3);
    check_steps((const uint32_t[PLAN_TASKS_MAX]){0, 2, 0, 1, 1}, 2);
    check_steps((const uint32_t[PLAN_TASKS_MAX]){3, 1, 2}, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_exact),
        cmocka_unit_test(test_no_path_is_missing_or_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
