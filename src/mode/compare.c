/* SPDX-License-Identifier: Apache-2.0 */
/* What two runs have in common, and how a difference is told. */
#include "mode/compare.h"

#include "plan/describe.h"

#include <stdio.h>

bool compare_at(const struct comparison *comparison, size_t place, struct step_pair *ret_pair)
{
    *ret_pair = (struct step_pair){{NULL, NULL}};
    for (int side = 0; side < 2; side++)
        if (place < comparison->courses[side]->step_count)
            ret_pair->steps[side] = &comparison->courses[side]->steps[place];
    bool is_over = comparison->second_is_cut && ret_pair->steps[1] == NULL;
    return !is_over && (ret_pair->steps[0] != NULL || ret_pair->steps[1] != NULL);
}

bool compare_is_same_place(const struct step_pair *pair)
{
    const struct course_step *left = pair->steps[0], *right = pair->steps[1];
    return left != NULL && right != NULL && left->kind == right->kind &&
           left->task == right->task && left->interaction == right->interaction;
}

bool compare_rows(const struct comparison *comparison, const struct step_pair *pair,
                  bool order_counts)
{
    const struct course_rows *left = &comparison->courses[0]->rows[pair->steps[0]->interaction];
    const struct course_rows *right = &comparison->courses[1]->rows[pair->steps[1]->interaction];
    return left->count == right->count &&
           (order_counts ? left->sequence == right->sequence : left->set == right->set);
}

/* --- telling --------------------------------------------------------------------------------- */

static void describe_side(const struct comparison *comparison, const struct step_pair *pair,
                          int side, struct text *text)
{
    const struct course_step *step = pair->steps[side];
    text_append_format(text, "  %s: ", comparison->names[side]);
    if (step == NULL) {
        text_append(text, "nothing more");
        return;
    }
    if (!compare_is_same_place(pair))
        text_append_format(text, "interactions[%u] of task %u ", (unsigned)step->interaction,
                           (unsigned)step->task);
    course_describe(comparison->courses[side], step, text);
}

void compare_report(const struct comparison *comparison, const char *what,
                    const struct step_pair *pair)
{
    char bytes[1024], signature[96];
    struct text text;
    const struct course_step *step = pair->steps[0] != NULL ? pair->steps[0] : pair->steps[1];
    const struct interaction *interaction =
        &comparison->courses[0]->plan->interactions[step->interaction];
    text_init(&text, bytes, sizeof bytes);
    text_append_format(&text, "task %u: ", (unsigned)step->task);
    plan_describe(interaction, &text);
    for (int side = 0; side < 2; side++) {
        text_append(&text, "\n");
        describe_side(comparison, pair, side, &text);
    }
    (void)snprintf(signature, sizeof signature, "%s/%s/%s", comparison->mode, what,
                   plan_action_infos[interaction->action].name);
    verdict_violation(comparison->verdict, step->interaction, signature, "%s", bytes);
}

bool compare_content(const struct comparison *comparison)
{
    const struct course *left = comparison->courses[0], *right = comparison->courses[1];
    if (!left->has_content || !right->has_content)
        return true;
    struct model_difference difference;
    model_database_difference(&left->content, &right->content, &difference);
    if (difference.text[0] == '\0')
        return true;
    char signature[96];
    (void)snprintf(signature, sizeof signature, "%s/content/%s", comparison->mode, difference.kind);
    verdict_violation(comparison->verdict, SIZE_MAX, signature,
                      "what the database holds at the end differs: %s\n"
                      "  expected is %s, found is %s",
                      difference.text, comparison->names[0], comparison->names[1]);
    return false;
}
