/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics that take from an interaction what it carries: marks, arguments, large numbers. */
#include "shrink/tactics.h"

#include <string.h>

/* --- what can go as a whole ------------------------------------------------------------------- */

typedef void edit_fn(struct interaction *interaction);

static void strip_fault(struct interaction *interaction)
{
    interaction->fault = FAULT_NONE;
    interaction->fault_at = 0;
}

static void strip_pause(struct interaction *interaction)
{
    interaction->pause_after = 0;
    interaction->pause_class = 0;
}

static void strip_expectation(struct interaction *interaction)
{
    interaction->expectation = NULL;
}

/* But how long a sleep is: that is a number of its own. */
static void zero_arguments(struct interaction *interaction)
{
    uint8_t duration = interaction->arguments[FIELD_duration];
    memset(interaction->arguments, 0, sizeof interaction->arguments);
    interaction->arguments[FIELD_duration] = duration;
}

static void edit_all(struct shrinker *shrinker, edit_fn *edit)
{
    struct plan *candidate = attempt_begin(shrinker);
    for (size_t i = 0; i < candidate->interaction_count; i++)
        edit(&candidate->interactions[i]);
    (void)attempt(shrinker);
}

static void edit_each(struct shrinker *shrinker, edit_fn *edit)
{
    for (size_t i = shrinker->best.interaction_count; i-- > 0;) {
        edit(&attempt_begin(shrinker)->interactions[i]);
        (void)attempt(shrinker);
    }
}

void tactic_strip(struct shrinker *shrinker)
{
    static edit_fn *const edits[] = {strip_fault, strip_pause, strip_expectation};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        edit_all(shrinker, edits[i]);
        edit_each(shrinker, edits[i]);
    }
}

void tactic_zero(struct shrinker *shrinker)
{
    edit_all(shrinker, zero_arguments);
    edit_each(shrinker, zero_arguments);
}

/* --- what several interactions have in common ------------------------------------------------ */

/* A key or table that two interactions agree on cannot change in one of them alone. */
void tactic_unify(struct shrinker *shrinker)
{
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (field == FIELD_duration)
            continue;
        for (uint8_t value = 1; value < plan_field_infos[field].domain; value++) {
            struct plan *candidate = attempt_begin(shrinker);
            for (size_t i = 0; i < candidate->interaction_count; i++) {
                uint8_t *argument = &candidate->interactions[i].arguments[field];
                *argument = *argument == value ? 0 : *argument;
            }
            (void)attempt(shrinker);
        }
    }
}

/* --- one number ------------------------------------------------------------------------------ */

/* An argument, by enum plan_field, or one of these. */
enum { NUMBER_PAUSE_AFTER = FIELD_COUNT, NUMBER_PAUSE_CLASS, NUMBER_FAULT_AT, NUMBER_COUNT };

static uint64_t number_get(const struct interaction *interaction, int number)
{
    switch (number) {
    case NUMBER_PAUSE_AFTER:
        return interaction->pause_after;
    case NUMBER_PAUSE_CLASS:
        return interaction->pause_class;
    case NUMBER_FAULT_AT:
        return interaction->fault_at;
    case FIELD_duration:
        return interaction->sleep_ms;
    }
    return interaction->arguments[number];
}

static void number_set(struct interaction *interaction, int number, uint64_t value)
{
    switch (number) {
    case NUMBER_PAUSE_AFTER:
        interaction->pause_after = (uint16_t)value;
        return;
    case NUMBER_PAUSE_CLASS:
        interaction->pause_class = (uint8_t)value;
        return;
    case NUMBER_FAULT_AT:
        interaction->fault_at = (uint16_t)value;
        return;
    case FIELD_duration:
        plan_set_sleep(interaction, value);
        return;
    }
    interaction->arguments[number] = (uint8_t)value;
}

static uint64_t smallest(int number)
{
    return number == NUMBER_PAUSE_AFTER || number == NUMBER_FAULT_AT || number == FIELD_duration;
}

/* The next smaller value that the compact form has, too: a plan that it can carry stays one. */
static uint64_t round_down(int number, uint64_t value)
{
    uint64_t rounded = smallest(number);
    if (number == NUMBER_FAULT_AT) {
        for (int i = 0; i < PLAN_FAULT_AT_COUNT && plan_fault_at_values[i] <= value; i++)
            rounded = plan_fault_at_values[i];
        return rounded;
    }
    if (number == FIELD_duration) {
        while (rounded <= value / 2)
            rounded *= 2;
        return rounded;
    }
    return value;
}

static bool set_number(struct shrinker *shrinker, size_t index, int number, uint64_t value)
{
    number_set(&attempt_begin(shrinker)->interactions[index], number, value);
    return attempt(shrinker);
}

static void lower_number(struct shrinker *shrinker, size_t index, int number)
{
    bool is_lower = true;
    while (is_lower) {
        uint64_t value = number_get(&shrinker->best.interactions[index], number);
        if (value <= smallest(number))
            return;
        is_lower = set_number(shrinker, index, number, smallest(number)) ||
                   set_number(shrinker, index, number, round_down(number, value / 2)) ||
                   set_number(shrinker, index, number, round_down(number, value - 1));
    }
}

void tactic_numbers(struct shrinker *shrinker)
{
    for (size_t i = 0; i < shrinker->best.interaction_count; i++)
        for (int number = 0; number < NUMBER_COUNT; number++)
            lower_number(shrinker, i, number);
}
