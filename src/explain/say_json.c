/* SPDX-License-Identifier: Apache-2.0 */
/* What was found out, for programs. */
#include "explain/explain.h"

#include "plan/describe.h"
#include "plan/json.h"

#include <jansson.h>
#include <string.h>

enum { TEXT_BYTES = 512 };

/* jansson takes over what it is given, and NULL for no memory: all is checked at the end. */
static json_t *code_json(const struct code_places *code)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < code->count; i++) {
        const struct code_place *place = &code->places[i];
        json_t *item = json_pack("{s:s}", "function", place->function);
        if (place->file[0] != '\0') {
            (void)json_object_set_new(item, "file", json_string(place->file));
            (void)json_object_set_new(item, "line", json_integer(place->line));
        }
        (void)json_array_append_new(array, item);
    }
    return array;
}

static json_t *step_json(const struct explain_result *result, uint32_t interaction)
{
    char bytes[TEXT_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    plan_describe_action(&result->plan.interactions[interaction], &text);
    return json_pack("{s:i, s:i, s:s}", "step", (int)interaction, "task",
                     (int)result->plan.interactions[interaction].task, "action", bytes);
}

static json_t *place_json(const struct explain_result *result, const struct explain_place *place)
{
    json_t *object = step_json(result, place->interaction);
    if (place->edge == EXPLAIN_WHOLE)
        return object;
    (void)json_object_set_new(object, "point", json_string(yield_point_names[place->point]));
    (void)json_object_set_new(object, "crossing", json_integer(place->crossing));
    (void)json_object_set_new(object, "code", code_json(&place->code));
    return object;
}

/* The plan as a document of its own. */
static json_t *plan_json(const struct plan *plan)
{
    struct arena arena;
    char *text;
    size_t length;
    json_t *document = NULL;
    arena_init(&arena, (size_t)64 << 20);
    if (json_write(plan, &arena, &text, &length) == ERROR_NONE)
        document = json_loadb(text, length, 0, NULL);
    arena_clean_up(&arena);
    return document;
}

static json_t *orders_json(const struct explain_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; i < result->order_count; i++) {
        const struct explain_order *order = &result->orders[i];
        json_t *item = json_pack(
            "{s:o, s:o, s:s, s:o, s:o}", "before", place_json(result, &order->before), "after",
            place_json(result, &order->after), "the other way round", order->came_to, "shown",
            plan_json(&order->shown), "flipped", plan_json(&order->flipped));
        (void)json_array_append_new(array, item);
    }
    return array;
}

static void set_need(json_t *item, enum explain_need need, const char *came_to)
{
    if (need == EXPLAIN_NEED_UNKNOWN)
        return;
    (void)json_object_set_new(item, "needed", json_boolean(need == EXPLAIN_NEEDED));
    (void)json_object_set_new(item, "without it", json_string(came_to));
}

static json_t *faults_json(const struct explain_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; i < result->fault_count; i++) {
        const struct explain_fault *fault = &result->faults[i];
        json_t *item = step_json(result, fault->interaction);
        (void)json_object_set_new(item, "kind", json_string(fault_infos[fault->kind].name));
        set_need(item, fault->need, fault->came_to);
        (void)json_object_set_new(item, "shows one opportunity earlier",
                                  json_boolean(fault->shows_earlier));
        (void)json_object_set_new(item, "shows one opportunity later",
                                  json_boolean(fault->shows_later));
        (void)json_object_set_new(item, "code", code_json(&fault->code));
        (void)json_array_append_new(array, item);
    }
    return array;
}

static json_t *pauses_json(const struct explain_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; i < result->pause_count; i++) {
        const struct explain_pause *pause = &result->pauses[i];
        json_t *item = step_json(result, pause->interaction);
        set_need(item, pause->need, pause->came_to);
        if (pause->has_place) {
            (void)json_object_set_new(item, "point", json_string(yield_point_names[pause->point]));
            (void)json_object_set_new(item, "code", code_json(&pause->code));
        }
        (void)json_array_append_new(array, item);
    }
    return array;
}

enum error_code explain_write_json(const struct explain_result *result, FILE *out,
                                   struct error *error)
{
    json_object_seed(1);
    json_t *document = json_pack("{s:s, s:o, s:o, s:o, s:o, s:i}", "signature", result->signature,
                                 "plan", plan_json(&result->plan), "faults", faults_json(result),
                                 "pauses", pauses_json(result), "orders", orders_json(result),
                                 "orders not settled", (int)result->unsettled_count);
    if (document != NULL && result->orders_unknown != NULL)
        (void)json_object_set_new(document, "orders unknown", json_string(result->orders_unknown));
    bool is_written = document != NULL && json_dumpf(document, out, JSON_INDENT(2)) == 0;
    json_decref(document);
    if (!is_written)
        return interplay_error(error, ERROR_MEMORY, "the explanation cannot be written");
    fputc('\n', out);
    return ERROR_NONE;
}
