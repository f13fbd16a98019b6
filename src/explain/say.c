/* SPDX-License-Identifier: Apache-2.0 */
/* What was found out, in sentences. */
#include "explain/explain.h"

#include "plan/describe.h"

#include <inttypes.h>

/* --- parts of sentences ---------------------------------------------------------------------- */

/* "task 1 (step 6, update t0 all)" */
static void say_step(const struct plan *plan, uint32_t interaction, struct text *text)
{
    const struct interaction *step = &plan->interactions[interaction];
    text_append_format(text, "task %u (step %" PRIu32 ", ", step->task, interaction);
    plan_describe_action(step, text);
    text_append(text, ")");
}

/* " in find (table.c:65), called by read_row < look_up" */
void explain_say_code(const struct code_places *code, struct text *text)
{
    if (code->count == 0)
        return;
    const struct code_place *place = &code->places[0];
    text_append_format(text, " in %s", place->function);
    if (place->file[0] != '\0')
        text_append_format(text, " (%s:%" PRIu32 ")", place->file, place->line);
    for (uint32_t i = 1; i < code->count; i++)
        text_append_format(text, "%s%s", i == 1 ? ", called by " : " < ", code->places[i].function);
}

/* "passes a barrier of the shared memory in f (file.c:12)" */
static void say_deed(const struct explain_place *place, const char *whole, struct text *text)
{
    if (place->edge == EXPLAIN_WHOLE) {
        text_append(text, whole);
        return;
    }
    text_append(text, yield_point_deeds[place->point]);
    explain_say_code(&place->code, text);
}

static const char *const ends = "ends, or is held back", *const begins = "begins, or goes on";

/* --- sentences ------------------------------------------------------------------------------- */

void explain_say_order(const struct explain_result *result, const struct explain_order *order,
                       struct text *text)
{
    say_step(&result->plan, order->before.interaction, text);
    text_append(text, " ");
    say_deed(&order->before, ends, text);
    text_append(text, " before ");
    say_step(&result->plan, order->after.interaction, text);
    text_append(text, " ");
    say_deed(&order->after, begins, text);
}

void explain_say_fault(const struct explain_result *result, const struct explain_fault *fault,
                       struct text *text)
{
    const struct interaction *step = &result->plan.interactions[fault->interaction];
    say_step(&result->plan, fault->interaction, text);
    text_append_format(text, " meets %s", fault_infos[fault->kind].name);
    explain_say_code(&fault->code, text);
    if (fault->shows_earlier || fault->shows_later)
        text_append_format(text, "; not only at opportunity %u: %s%s%s, too", step->fault_at,
                           fault->shows_earlier ? "the one before" : "",
                           fault->shows_earlier && fault->shows_later ? " and " : "",
                           fault->shows_later ? "the one after" : "");
    else
        text_append_format(text, "; at opportunity %u, not the one %safter", step->fault_at,
                           step->fault_at > 1 ? "before and the one " : "");
}

void explain_say_pause(const struct explain_result *result, const struct explain_pause *pause,
                       struct text *text)
{
    const struct interaction *step = &result->plan.interactions[pause->interaction];
    say_step(&result->plan, pause->interaction, text);
    if (pause->has_place) {
        text_append_format(text, " is held back before it %s", yield_point_deeds[pause->point]);
        explain_say_code(&pause->code, text);
        return;
    }
    text_append_format(text, " is held back at yield point %u of class %s", step->pause_after,
                       plan_pause_class_words[step->pause_class]);
}

/* --- all ------------------------------------------------------------------------------------- */

enum { SENTENCE_BYTES = 2048 };

static bool is_of_same_pair(const struct explain_order *left, const struct explain_order *right)
{
    return left->before.interaction == right->before.interaction &&
           left->after.interaction == right->after.interaction;
}

static void print_pair(const struct explain_result *result, const struct explain_order *order,
                       FILE *out)
{
    char bytes[SENTENCE_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    say_step(&result->plan, order->before.interaction, &text);
    text_append(&text, " before ");
    say_step(&result->plan, order->after.interaction, &text);
    fprintf(out, "\n%s:\n", bytes);
}

static void print_order(const struct explain_order *order, size_t number, FILE *out)
{
    char bytes[SENTENCE_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    text_append_format(&text, "%3zu. ", number);
    say_deed(&order->before, ends, &text);
    text_append_format(&text, "\n     before the other one ");
    say_deed(&order->after, begins, &text);
    fprintf(out, "%s\n     the other way round: %s\n", bytes, order->came_to);
}

static void print_orders(const struct explain_result *result, FILE *out)
{
    fputs("orders that it needs; with only these two the other way round it comes to what stands "
          "there:\n",
          out);
    for (size_t i = 0; i < result->order_count; i++) {
        const struct explain_order *order = &result->orders[i];
        if (i == 0 || !is_of_same_pair(order - 1, order))
            print_pair(result, order, out);
        print_order(order, i + 1, out);
    }
}

static void print_mark(const char *what, enum explain_need need, const char *came_to,
                       const char *sentence, FILE *out)
{
    static const char *const needs[] = {
        [EXPLAIN_NOT_NEEDED] = "not needed",
        [EXPLAIN_NEEDED] = "needed",
        [EXPLAIN_NEED_UNKNOWN] = "of unknown need",
    };
    fprintf(out, "%s, %s: %s\n", what, needs[need], sentence);
    if (need == EXPLAIN_NEEDED)
        fprintf(out, "   without it: %s\n", came_to);
}

static void print_marks(const struct explain_result *result, FILE *out)
{
    char bytes[SENTENCE_BYTES];
    struct text text;
    for (size_t i = 0; i < result->fault_count; i++) {
        const struct explain_fault *fault = &result->faults[i];
        text_init(&text, bytes, sizeof bytes);
        explain_say_fault(result, fault, &text);
        print_mark("fault", fault->need, fault->came_to, bytes, out);
    }
    for (size_t i = 0; i < result->pause_count; i++) {
        const struct explain_pause *pause = &result->pauses[i];
        text_init(&text, bytes, sizeof bytes);
        explain_say_pause(result, pause, &text);
        print_mark("pause", pause->need, pause->came_to, bytes, out);
    }
}

static bool is_in_an_order(const struct explain_result *result, uint32_t interaction)
{
    for (size_t i = 0; i < result->order_count; i++)
        if (result->orders[i].before.interaction == interaction ||
            result->orders[i].after.interaction == interaction)
            return true;
    return false;
}

/* A pause that no order accounts for: who is held back may be no task, or it is about time. */
static void say_unaccounted(const struct explain_result *result, struct text *text)
{
    for (size_t i = 0; i < result->pause_count; i++) {
        const struct explain_pause *pause = &result->pauses[i];
        if (pause->need == EXPLAIN_NEEDED && !is_in_an_order(result, pause->interaction))
            text_append_format(text,
                               "the pause of step %" PRIu32 " is no matter of two tasks: it holds "
                               "a thread back, or lets time pass\n",
                               pause->interaction);
    }
}

void explain_say_remarks(const struct explain_result *result, struct text *text)
{
    if (result->orders_unknown != NULL)
        text_append_format(text, "which orders it needs is not known: %s\n",
                           result->orders_unknown);
    else if (result->order_count == 0 && result->unsettled_count == 0)
        text_append(text, "it needs no order between two tasks\n");
    if (result->orders_unknown == NULL && result->unsettled_count == 0)
        say_unaccounted(result, text);
    if (result->unsettled_count > 0)
        text_append_format(text,
                           "%zu orders could not be tried alone: whether it needs them is not "
                           "known\n",
                           result->unsettled_count);
    if (result->is_stopped)
        text_append(text, "interrupted: there may be more\n");
}

void explain_print(const struct explain_result *result, FILE *out)
{
    char bytes[SENTENCE_BYTES];
    struct text remarks;
    if (result->signature[0] == '\0') {
        fputs("nothing to explain: the plan is ok\n", out);
        return;
    }
    print_marks(result, out);
    if (result->order_count > 0)
        print_orders(result, out);
    text_init(&remarks, bytes, sizeof bytes);
    explain_say_remarks(result, &remarks);
    fputs(bytes, out);
}
