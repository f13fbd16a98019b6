/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of parts, brought together and turned round. */
#include "explain/orders.h"

#include "base/assert.h"
#include "explain/corners.h"

#include <stdlib.h>
#include <string.h>

/* --- what must stay before what -------------------------------------------------------------- */

static bool *relation(struct search *search, size_t left, size_t right)
{
    return &search->is_before[left * search->schedule.part_count + right];
}

/* By way of others, too. */
static void set_before(struct search *search, size_t left, size_t right)
{
    size_t count = search->schedule.part_count;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            if ((i == left || *relation(search, i, left)) &&
                (k == right || *relation(search, right, k)))
                *relation(search, i, k) = true;
}

static uint32_t task_of(const struct search *search, size_t part)
{
    return schedule_task(&search->schedule, &search->schedule.parts[part]);
}

static void set_own_orders(struct search *search)
{
    size_t count = search->schedule.part_count;
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            if (task_of(search, i) == task_of(search, k))
                *relation(search, i, k) = true;
}

/* --- a pair ---------------------------------------------------------------------------------- */

/* Where those between the two go, as far as nothing holds them. */
enum side { SIDE_BEHIND, SIDE_BEFORE };

static bool goes_before(struct search *search, const struct pair *pair, size_t part, enum side side)
{
    if (part < pair->first)
        return true;
    if (part > pair->second)
        return false;
    return side == SIDE_BEHIND ? *relation(search, part, pair->second)
                               : !*relation(search, pair->first, part);
}

static void bring_together(struct search *search, struct pair *pair, enum side side)
{
    pair->before_count = pair->behind_count = 0;
    for (size_t i = 0; i < search->schedule.part_count; i++) {
        if (i == pair->first || i == pair->second)
            continue;
        if (goes_before(search, pair, i, side))
            pair->before[pair->before_count++] = i;
        else
            pair->behind[pair->behind_count++] = i;
    }
}

static enum judge_answer ask_whole(struct search *search, const struct pair *pair, size_t first,
                                   size_t second)
{
    search_begin(search, pair);
    search_add(search, search->schedule.parts[first]);
    search_add(search, search->schedule.parts[second]);
    search_end(search, pair);
    return judge_ask_moved(search->judge, &search->candidate, NULL);
}

/* The two are neighbours, and the finding shows. */
static enum error_code turn_round(struct search *search, struct pair *pair, struct error *error)
{
    enum judge_answer answer = ask_whole(search, pair, pair->second, pair->first);
    if (answer == JUDGE_SHOWS)
        return ERROR_NONE;
    set_before(search, pair->first, pair->second);
    if (answer == JUDGE_OTHER)
        return corners_find(search, pair, error);
    search->result->unsettled_count++;
    return ERROR_NONE;
}

static enum error_code try_pair(struct search *search, struct pair *pair, struct error *error)
{
    for (enum side side = SIDE_BEHIND; side <= SIDE_BEFORE; side++) {
        bring_together(search, pair, side);
        if (ask_whole(search, pair, pair->first, pair->second) == JUDGE_SHOWS)
            return turn_round(search, pair, error);
    }
    set_before(search, pair->first, pair->second);
    search->result->unsettled_count++;
    return ERROR_NONE;
}

/* The nearest first: what lies between two that are far apart is known by then. */
static enum error_code try_pairs(struct search *search, struct error *error)
{
    enum error_code code = ERROR_NONE;
    size_t count = search->schedule.part_count;
    struct pair pair = {.before = ARENA_ARRAY(&search->scratch, size_t, count),
                        .behind = ARENA_ARRAY(&search->scratch, size_t, count)};
    for (size_t distance = 1; distance < count; distance++)
        for (size_t i = 0; i + distance < count && code == ERROR_NONE; i++) {
            pair.first = i;
            pair.second = i + distance;
            if (search->judge->is_over)
                return search->judge->code;
            if (!*relation(search, pair.first, pair.second))
                code = try_pair(search, &pair, error);
        }
    return code;
}

/* --- the search ------------------------------------------------------------------------------ */

enum { PARTS_MAX = 64 }; /* the number of pairs grows with the square */

static void prepare(struct search *search)
{
    struct arena *scratch = &search->scratch;
    size_t count = search->schedule.part_count;
    size_t crossings = search->course->count + search->result->plan.interaction_count;
    search->is_before = ARENA_ARRAY(scratch, bool, count *count + 1);
    search->parts = ARENA_ARRAY(scratch, struct schedule_part, crossings + count + 2);
    search->candidate.interactions =
        ARENA_ARRAY(scratch, struct interaction, schedule_interactions_max(&search->schedule));
    search->places = ARENA_ARRAY(scratch, uint32_t, search->result->plan.interaction_count + 1);
    set_own_orders(search);
}

static bool has_several_tasks(const struct search *search)
{
    for (size_t i = 1; i < search->schedule.part_count; i++)
        if (task_of(search, i) != task_of(search, 0))
            return true;
    return false;
}

/* The plan with all its orders said outright. */
static enum judge_answer ask_outright(struct search *search)
{
    const struct pair none = {0};
    search_begin(search, &none);
    for (size_t i = 0; i < search->schedule.part_count; i++)
        search_add(search, search->schedule.parts[i]);
    search_end(search, &none);
    return judge_ask_moved(search->judge, &search->candidate, NULL);
}

/* False: not with these points. */
static enum error_code search_with(struct search *search, enum course_points points,
                                   bool *ret_is_done, struct error *error)
{
    struct isolated_result run;
    struct explain_result *result = search->result;
    enum error_code code =
        course_run(search->course, search->judge->run, &result->plan, points, false, &run, error);
    if (code != ERROR_NONE)
        return code;
    result->orders_unknown = NULL;
    *ret_is_done = true;
    if (!course_is_whole(search->course)) {
        result->orders_unknown = "it crosses more yield points than are looked at";
        return ERROR_NONE;
    }
    arena_reset(&search->scratch);
    schedule_make(&search->schedule, &search->scratch, &result->plan, search->course);
    if (!has_several_tasks(search))
        return ERROR_NONE;
    if (search->schedule.part_count > PARTS_MAX) {
        result->orders_unknown = "it has more than 64 parts: make it small first";
        return ERROR_NONE;
    }
    prepare(search);
    if (ask_outright(search) == JUDGE_SHOWS)
        return try_pairs(search, error);
    result->orders_unknown = "with its orders said outright, by steps of their own, it does not "
                             "show: the number of a step is part of what it writes";
    *ret_is_done = search->judge->is_over;
    return search->judge->code;
}

enum error_code orders_find(struct explain_result *result, struct judge *judge,
                            struct unnamed_places *unnamed, struct error *error)
{
    struct search search = {.result = result,
                            .judge = judge,
                            .unnamed = unnamed,
                            .can_cut = !plan_kind(&result->plan)->is_strict};
    size_t interactions_max = result->plan.interaction_count + COURSE_CROSSINGS_MAX;
    enum error_code code = course_new(&search.course, interactions_max, error);
    if (code == ERROR_NONE)
        code = course_new(&search.trial, interactions_max, error);
    if (code == ERROR_NONE) {
        bool is_done = false;
        arena_init(&search.scratch, (size_t)256 << 20);
        for (enum course_points points = COURSE_SHARED_POINTS;
             points <= COURSE_ALL_POINTS && code == ERROR_NONE && !is_done; points++)
            code = search_with(&search, points, &is_done, error);
        arena_clean_up(&search.scratch);
    }
    course_free(search.trial);
    course_free(search.course);
    return code;
}
