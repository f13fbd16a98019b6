/* SPDX-License-Identifier: Apache-2.0 */
/* Letting one part through another one, crossing by crossing. */
#include "explain/corners.h"

#include "base/assert.h"

#include <string.h>

/* --- an order to be tried -------------------------------------------------------------------- */

static void add_all(struct search *search, const size_t *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        search_add(search, search->schedule.parts[parts[i]]);
}

void search_begin(struct search *search, const struct pair *pair)
{
    search->part_count = 0;
    add_all(search, pair->before, pair->before_count);
}

void search_add(struct search *search, struct schedule_part part)
{
    search->parts[search->part_count++] = part;
}

void search_end(struct search *search, const struct pair *pair)
{
    add_all(search, pair->behind, pair->behind_count);
    schedule_plan(&search->schedule, search->parts, search->part_count, &search->candidate,
                  search->places);
}

/* --- the way through ------------------------------------------------------------------------- */

/* Which of the two crosses next, step by step; then the rest of the first, of the second. */
struct way {
    struct schedule_part first, second; /* what has not crossed yet */
    size_t step_count;
    bool *is_second; /* by step */
};

/* Part `part` of one crossing, and what is left of it. */
static struct schedule_part take_one(struct schedule_part *part)
{
    struct schedule_part one = *part;
    one.to = one.from + 1;
    part->from++;
    part->begins = false;
    return one;
}

static void add_rest(struct search *search, struct schedule_part part)
{
    if (part.from < part.to)
        search_add(search, part);
}

/* The way as it is, and then, if `second_next`, one crossing of the second part. */
static void walk(struct search *search, const struct pair *pair, const struct way *way,
                 bool second_next)
{
    struct schedule_part first = search->schedule.parts[pair->first];
    struct schedule_part second = search->schedule.parts[pair->second];
    search_begin(search, pair);
    for (size_t i = 0; i < way->step_count; i++)
        search_add(search, take_one(way->is_second[i] ? &second : &first));
    if (second_next)
        search_add(search, take_one(&second));
    add_rest(search, first);
    add_rest(search, second);
    search_end(search, pair);
}

static void step(struct way *way, bool is_second)
{
    way->is_second[way->step_count++] = is_second;
    (void)take_one(is_second ? &way->second : &way->first);
}

static void turn_last_steps(struct way *way)
{
    bool *last = &way->is_second[way->step_count - 2];
    bool is_second = last[0];
    last[0] = last[1];
    last[1] = is_second;
}

/* --- proof ----------------------------------------------------------------------------------- */

/* When crossing number `crossing` of the interaction came, in the course; its count: never. */
static uint64_t find_crossing(const struct course *course, uint32_t interaction, uint32_t crossing)
{
    uint64_t kept = course_is_whole(course) ? course->count : COURSE_CROSSINGS_MAX;
    for (uint64_t i = 0; i < kept; i++)
        if (course->crossings[i].interaction == interaction && crossing-- == 0)
            return i;
    return course->count;
}

/* Two crossings, in the terms of the schedule. */
struct corner {
    uint32_t before, before_crossing, after, after_crossing;
};

struct times {
    uint64_t before, after;
};

/* Runs the candidate once more, with everything written down. */
static enum error_code look(struct search *search, const struct corner *corner,
                            struct isolated_result *ret_result, struct times *ret_times,
                            struct error *error)
{
    enum error_code code = course_run(search->trial, search->judge->run, &search->candidate,
                                      search->course->points, true, ret_result, error);
    if (code != ERROR_NONE)
        return code;
    ret_times->before =
        find_crossing(search->trial, search->places[corner->before], corner->before_crossing);
    ret_times->after =
        find_crossing(search->trial, search->places[corner->after], corner->after_crossing);
    return ERROR_NONE;
}

static bool is_finding(const struct search *search, const struct isolated_result *result)
{
    return result->verdict.kind == VERDICT_VIOLATION &&
           strcmp(result->verdict.signature, search->judge->signature) == 0;
}

/* --- into the result ------------------------------------------------------------------------- */

enum { ORDERS_MAX = 256 };

static struct explain_order *new_order(struct search *search)
{
    struct explain_result *result = search->result;
    if (result->orders == NULL)
        result->orders = ARENA_ARRAY(&result->arena, struct explain_order, ORDERS_MAX);
    return result->order_count < ORDERS_MAX ? &result->orders[result->order_count] : NULL;
}

static void keep_plan(struct search *search, struct plan *plan)
{
    size_t bytes = search->candidate.interaction_count * sizeof *plan->interactions;
    *plan = search->candidate;
    plan->interactions = arena_alloc(&search->result->arena, bytes);
    memcpy(plan->interactions, search->candidate.interactions, bytes);
}

static void take_place(struct search *search, struct explain_place *place, uint32_t interaction,
                       enum explain_edge edge, uint32_t crossing)
{
    *place = (struct explain_place){
        .task = search->result->plan.interactions[interaction].task,
        .interaction = interaction,
        .edge = edge,
        .crossing = crossing + 1,
    };
}

static void name_place(struct search *search, struct explain_place *place, uint64_t time)
{
    const struct course_crossing *crossing = &search->trial->crossings[time];
    place->point = crossing->point;
    unnamed_add(search->unnamed, &search->result->arena, &crossing->stack, &place->code);
}

/* The candidate is the one that shows the finding. */
static void take_shown(struct search *search, struct explain_order *order,
                       const struct corner *corner)
{
    keep_plan(search, &order->shown);
    order->shown_before = search->places[corner->before];
    order->shown_after = search->places[corner->after];
}

/* The candidate is the other one, and came to this. */
static void take_flipped(struct search *search, struct explain_order *order,
                         const struct corner *corner, const struct isolated_result *result)
{
    keep_plan(search, &order->flipped);
    order->flipped_before = search->places[corner->before];
    order->flipped_after = search->places[corner->after];
    memcpy(order->came_to, result->verdict.signature, sizeof order->came_to);
    if (result->verdict.kind == VERDICT_OK)
        memcpy(order->came_to, "ok", sizeof "ok");
    search->result->order_count++;
}

/* --- corners --------------------------------------------------------------------------------- */

/*
 * The way's last two steps are of the first part, then of the second, and they must be: turned
 * round they lose the finding. True in `ret_is_proved` if both runs did cross in these orders.
 */
static enum error_code prove(struct search *search, const struct pair *pair, struct way *way,
                             bool *ret_is_proved, struct error *error)
{
    const struct corner corner = {
        .before = way->first.interaction,
        .before_crossing = way->first.from - 1,
        .after = way->second.interaction,
        .after_crossing = way->second.from - 1,
    };
    struct isolated_result result;
    struct times times;
    struct explain_order *order = new_order(search);
    if (order == NULL)
        return ERROR_NONE;
    take_place(search, &order->before, corner.before, EXPLAIN_CROSSING, corner.before_crossing);
    take_place(search, &order->after, corner.after, EXPLAIN_CROSSING, corner.after_crossing);

    walk(search, pair, way, false);
    (void)judge_ask_moved(search->judge, &search->candidate, NULL); /* finds the loss_seed */
    enum error_code code = look(search, &corner, &result, &times, error);
    if (code != ERROR_NONE || !is_finding(search, &result) || times.before >= times.after ||
        times.after >= search->trial->count)
        return code;
    take_shown(search, order, &corner);
    size_t named_before = search->unnamed->count;
    name_place(search, &order->before, times.before);
    name_place(search, &order->after, times.after);

    turn_last_steps(way);
    walk(search, pair, way, false);
    turn_last_steps(way);
    code = look(search, &corner, &result, &times, error);
    *ret_is_proved = code == ERROR_NONE && !verdict_is_error(&result.verdict) &&
                     !is_finding(search, &result) && times.after < times.before;
    if (*ret_is_proved)
        take_flipped(search, order, &corner, &result);
    else
        search->unnamed->count = named_before;
    return code;
}

/* No two crossings are known: the parts as a whole. */
static enum error_code take_whole(struct search *search, const struct pair *pair,
                                  struct error *error)
{
    const struct schedule_part *first = &search->schedule.parts[pair->first];
    const struct schedule_part *second = &search->schedule.parts[pair->second];
    const struct corner corner = {first->interaction, first->from, second->interaction,
                                  second->from};
    struct isolated_result result;
    struct times times;
    struct explain_order *order = new_order(search);
    if (order == NULL)
        return ERROR_NONE;
    take_place(search, &order->before, corner.before, EXPLAIN_WHOLE, first->from);
    take_place(search, &order->after, corner.after, EXPLAIN_WHOLE, second->from);
    search_begin(search, pair);
    search_add(search, *first);
    search_add(search, *second);
    search_end(search, pair);
    (void)judge_ask_moved(search->judge, &search->candidate, NULL);
    take_shown(search, order, &corner);
    search_begin(search, pair);
    search_add(search, *second);
    search_add(search, *first);
    search_end(search, pair);
    enum error_code code = look(search, &corner, &result, &times, error);
    bool is_silent = first->from == first->to || second->from == second->to;
    if (code == ERROR_NONE && (is_silent || times.after < times.before) &&
        !verdict_is_error(&result.verdict) && !is_finding(search, &result))
        take_flipped(search, order, &corner, &result);
    return code;
}

/* As early as the finding allows, each crossing of the second part; adds what stops it. */
static enum error_code let_through(struct search *search, const struct pair *pair, struct way *way,
                                   bool *ret_has_corner, struct error *error)
{
    bool is_held = false; /* the next crossing of the second part, by the first part's last one */
    while (way->second.from < way->second.to && !search->judge->is_over) {
        bool goes = way->first.from == way->first.to;
        if (!goes) {
            walk(search, pair, way, true);
            enum judge_answer answer = judge_ask_moved(search->judge, &search->candidate, NULL);
            if (answer == JUDGE_UNKNOWN)
                return ERROR_NONE;
            goes = answer == JUDGE_SHOWS;
        }
        step(way, goes);
        bool is_corner = goes && is_held;
        is_held = !goes;
        if (is_corner) {
            bool is_proved = false;
            enum error_code code = prove(search, pair, way, &is_proved, error);
            if (code != ERROR_NONE)
                return code;
            *ret_has_corner |= is_proved;
        }
        if (way->first.from == way->first.to && !is_held)
            return ERROR_NONE;
    }
    return ERROR_NONE;
}

enum error_code corners_find(struct search *search, const struct pair *pair, struct error *error)
{
    struct way way = {.first = search->schedule.parts[pair->first],
                      .second = search->schedule.parts[pair->second]};
    bool has_corner = false;
    enum error_code code = ERROR_NONE;
    bool is_silent = way.first.from == way.first.to || way.second.from == way.second.to;
    if (search->can_cut && !is_silent) {
        way.is_second =
            ARENA_ARRAY(&search->scratch, bool,
                        way.first.to - way.first.from + way.second.to - way.second.from + 1);
        code = let_through(search, pair, &way, &has_corner, error);
    }
    if (code == ERROR_NONE && !has_corner && !search->judge->is_over)
        code = take_whole(search, pair, error);
    return code;
}
