/* SPDX-License-Identifier: Apache-2.0 */
/* Numbering orders, and going from one to the next. */
#include "explore/stage.h"

#include "base/assert.h"
#include "explore/count.h"

#include <stdlib.h>
#include <string.h>

/* The turns that each task has left behind the first `count` ones. */
static void find_left(const struct steps *steps, const struct turn *turns, uint32_t count,
                      uint32_t ret_left[PLAN_TASKS_MAX])
{
    memcpy(ret_left, steps->count, sizeof steps->count);
    for (uint32_t i = 0; i < count; i++)
        ret_left[turns[i].task] -= turns[i].stop == 0;
}

static uint64_t orders_of(const uint32_t left[PLAN_TASKS_MAX])
{
    return count_orders(left, PLAN_TASKS_MAX);
}

/* Those that begin with this task. */
static uint64_t orders_from(uint32_t left[PLAN_TASKS_MAX], uint32_t task)
{
    if (left[task] == 0)
        return 0;
    left[task]--;
    uint64_t orders = orders_of(left);
    left[task]++;
    return orders;
}

/* --- branches -------------------------------------------------------------------------------- */

void stage_init_empty(struct stage *ret_stage, const struct steps *steps)
{
    *ret_stage = (struct stage){.steps = steps};
}

static void add_branch(struct stage *stage, const struct branch *branch)
{
    if (stage->branch_count == stage->branch_capacity) {
        stage->branch_capacity = stage->branch_capacity == 0 ? 64 : 2 * stage->branch_capacity;
        stage->branches =
            realloc(stage->branches, stage->branch_capacity * sizeof *stage->branches);
        ASSERT(stage->branches != NULL);
    }
    stage->branches[stage->branch_count++] = *branch;
    stage->total = count_add(stage->total, count_multiply(branch->points, branch->completions));
}

void stage_init(struct stage *ret_stage, const struct steps *steps)
{
    stage_init_empty(ret_stage, steps);
    const struct branch all = {.completions = count_orders(steps->count, PLAN_TASKS_MAX),
                               .points = 1};
    add_branch(ret_stage, &all);
}

void stage_clean_up(struct stage *stage)
{
    for (size_t i = 0; i < stage->branch_count; i++)
        free((void *)(uintptr_t)stage->branches[i].turns);
    free(stage->branches);
    *stage = (struct stage){0};
}

/* Behind a preemption another task has its turn. */
static uint64_t completions_of(const struct steps *steps, const struct turn *turns, uint32_t count)
{
    uint32_t left[PLAN_TASKS_MAX];
    find_left(steps, turns, count, left);
    uint64_t completions = 0;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        if (task != turns[count - 1].task)
            completions = count_add(completions, orders_from(left, task));
    return completions;
}

void stage_add(struct stage *stage, const struct path *path, uint32_t turn, uint32_t points)
{
    if (points == 0)
        return;
    struct branch branch = {.first = stage->total, .points = points, .turn_count = turn + 1};
    struct turn *turns = calloc(branch.turn_count, sizeof *turns);
    ASSERT(turns != NULL);
    memcpy(turns, path->turns, branch.turn_count * sizeof *turns);
    turns[turn].stop = 1;
    branch.turns = turns;
    branch.completions = completions_of(stage->steps, turns, branch.turn_count);
    if (branch.completions == 0)
        free(turns);
    else
        add_branch(stage, &branch);
}

/* --- paths ----------------------------------------------------------------------------------- */

static size_t find_branch(const struct stage *stage, uint64_t number)
{
    return count_find(&stage->branches[0].first, sizeof stage->branches[0], stage->branch_count,
                      number);
}

/* Order number `number` of what is left, the first task being none of `barred`. */
static void put_order(struct path *path, uint32_t left[PLAN_TASKS_MAX], uint64_t number,
                      uint32_t barred)
{
    uint32_t turns = 0;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        turns += left[task];
    for (; turns > 0; turns--, barred = PLAN_TASKS_MAX) {
        uint32_t task = 0;
        for (;; task++) {
            ASSERT(task < PLAN_TASKS_MAX);
            uint64_t orders = task == barred ? 0 : orders_from(left, task);
            if (number < orders)
                break;
            number -= orders;
        }
        left[task]--;
        path->turns[path->count++] = (struct turn){.task = (uint8_t)task};
    }
}

static uint32_t barred_of(const struct branch *branch)
{
    return branch->turn_count == 0 ? PLAN_TASKS_MAX : branch->turns[branch->turn_count - 1].task;
}

void cursor_seek(struct cursor *cursor, const struct stage *stage, uint64_t number)
{
    ASSERT(number < stage->total);
    cursor->stage = stage;
    cursor->number = number;
    cursor->branch = find_branch(stage, number);
    const struct branch *branch = &stage->branches[cursor->branch];
    uint64_t within = number - branch->first;
    cursor->fixed = cursor->path.count = branch->turn_count;
    if (branch->turn_count > 0) {
        memcpy(cursor->path.turns, branch->turns, branch->turn_count * sizeof *branch->turns);
        uint64_t point = within / branch->completions;
        cursor->path.turns[branch->turn_count - 1].stop = (uint16_t)(point + 1);
    }
    uint32_t left[PLAN_TASKS_MAX];
    find_left(stage->steps, cursor->path.turns, cursor->path.count, left);
    put_order(&cursor->path, left, within % branch->completions, barred_of(branch));
}

static void swap(struct turn *left, struct turn *right)
{
    struct turn kept = *left;
    *left = *right;
    *right = kept;
}

/* The next order of the last turns; false: this was the last one. */
static bool next_order(struct turn *turns, uint32_t count)
{
    uint32_t falling = count; /* from here on they fall */
    while (falling > 1 && turns[falling - 2].task >= turns[falling - 1].task)
        falling--;
    if (falling <= 1)
        return false;
    uint32_t larger = count;
    while (turns[larger - 1].task <= turns[falling - 2].task)
        larger--;
    swap(&turns[falling - 2], &turns[larger - 1]);
    for (uint32_t low = falling - 1, high = count - 1; low < high; low++, high--)
        swap(&turns[low], &turns[high]);
    return true;
}

bool cursor_next(struct cursor *cursor)
{
    const struct branch *branch = &cursor->stage->branches[cursor->branch];
    uint64_t next = cursor->number + 1;
    if (next >= cursor->stage->total)
        return false;
    if (next_order(&cursor->path.turns[cursor->fixed], cursor->path.count - cursor->fixed) &&
        cursor->path.turns[cursor->fixed].task != barred_of(branch))
        cursor->number = next;
    else
        cursor_seek(cursor, cursor->stage, next);
    return true;
}

uint32_t cursor_owned(const struct cursor *cursor)
{
    uint32_t first = cursor->path.count;
    if (first <= cursor->fixed)
        return first;
    first--;
    while (first > cursor->fixed &&
           (first + 1 == cursor->path.count ||
            cursor->path.turns[first].task <= cursor->path.turns[first + 1].task))
        first--;
    return first;
}
