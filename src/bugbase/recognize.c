/* SPDX-License-Identifier: Apache-2.0 */
/* Making findings small for no other purpose than to know them again. */
#include "bugbase/recognize.h"

#include "shrink/shrink.h"

#include <stdlib.h>
#include <string.h>

/* A run that gets nowhere crosses five million yield points; a sound one some hundred. */
enum { YIELDS_MAX = 12000000 };

static bool is_within_bounds(void *context, const struct shrink_progress *progress)
{
    (void)context;
    return progress->candidates < RECOGNIZE_CANDIDATES_MAX && progress->yields < YIELDS_MAX;
}

static enum error_code copy_plan(struct plan *ret_copy, const struct plan *plan,
                                 struct error *error)
{
    size_t size = plan->interaction_count * sizeof *plan->interactions;
    *ret_copy = *plan;
    ret_copy->interactions = malloc(size + 1); /* never 0 bytes */
    if (ret_copy->interactions == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    if (size > 0)
        memcpy(ret_copy->interactions, plan->interactions, size);
    return ERROR_NONE;
}

enum { START = 1000 };

static bool may_spend(struct recognize_budget *budget)
{
    if (budget == NULL || budget->spent <= START + budget->earned_hundredths / 100)
        return true;
    budget->left_out++;
    return false;
}

/* The finding may come to another signature in a process of its own: nobody knows its cause. */
static enum error_code shrink_copy(struct cause *ret_cause, struct run *run, struct plan *copy,
                                   const char *signature, struct recognize_budget *budget,
                                   struct error *error)
{
    const struct shrink_options options = {.signature = signature, .on_progress = is_within_bounds};
    struct shrink_result result = {0};
    enum error_code code = shrink_plan(run, copy, &options, &result, error);
    if (code == ERROR_USAGE)
        return ERROR_NONE;
    if (code != ERROR_NONE)
        return code;
    if (budget != NULL)
        budget->spent += result.candidates;
    if (result.end == SHRINK_MINIMAL)
        cause_of_plan(ret_cause, copy);
    return ERROR_NONE;
}

enum error_code recognize_cause(struct cause *ret_cause, struct run *run, const struct plan *plan,
                                const char *signature, struct recognize_budget *budget,
                                struct error *error)
{
    struct plan copy;
    struct cause cause = {0};
    enum error_code code = ERROR_NONE;
    if (may_spend(budget)) {
        code = copy_plan(&copy, plan, error);
        if (code != ERROR_NONE)
            return code;
        code = shrink_copy(&cause, run, &copy, signature, budget, error);
        free(copy.interactions);
    }
    if (code == ERROR_NONE)
        *ret_cause = cause;
    return code;
}

bool recognize(struct known_findings *known, struct run *run, const struct plan *plan,
               const char *signature, struct recognize_budget *budget)
{
    struct error error = {0};
    struct cause cause = {0};
    if (known_look(known, signature) == KNOWN_WITH_CAUSE &&
        recognize_cause(&cause, run, plan, signature, budget, &error) != ERROR_NONE)
        cause = (struct cause){0};
    return known_match(known, signature, &cause);
}
