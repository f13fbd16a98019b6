/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tactics run on a coroutine of their own: each question suspends it until the answer is there.
 */
#include "shrink/steps.h"

#include "base/assert.h"
#include "shrink/attempt.h"
#include "shrink/rounds.h"
#include "sim/coroutine.h"

#include <stdlib.h>

struct steps {
    struct shrinker shrinker;
    struct coroutine coroutine;
    uint32_t rounds_max;
    const struct plan *candidate; /* asked about; NULL: none is */
    bool is_kept;                 /* the answer */
    bool is_done;
};

static bool ask(struct shrinker *shrinker, const struct plan *candidate, size_t *ret_noticed)
{
    struct steps *steps = shrinker->context;
    steps->candidate = candidate;
    coroutine_suspend(&steps->coroutine);
    *ret_noticed = SIZE_MAX; /* engines do not tell */
    return steps->is_kept && !shrinker->is_over;
}

static void walk(void *argument)
{
    struct steps *steps = argument;
    (void)rounds_run(&steps->shrinker, steps->rounds_max);
    steps->is_done = true;
    for (;;)
        coroutine_suspend(&steps->coroutine);
}

struct steps *steps_begin(const struct plan *plan, uint32_t rounds_max)
{
    struct steps *steps = calloc(1, sizeof *steps);
    if (steps == NULL)
        return NULL;
    steps->rounds_max = rounds_max;
    steps->shrinker = (struct shrinker){.judge = ask, .context = steps, .noticed = SIZE_MAX};
    if (!rounds_begin(&steps->shrinker, plan)) {
        rounds_clean_up(&steps->shrinker);
        free(steps);
        return NULL;
    }
    coroutine_init(&steps->coroutine, walk, steps);
    return steps;
}

const struct plan *steps_next(struct steps *steps)
{
    ASSERT(steps->candidate == NULL);
    if (!steps->is_done)
        coroutine_resume(&steps->coroutine);
    return steps->candidate;
}

void steps_answer(struct steps *steps, bool is_kept)
{
    ASSERT(steps->candidate != NULL);
    steps->candidate = NULL;
    steps->is_kept = is_kept;
}

const struct plan *steps_best(const struct steps *steps)
{
    return &steps->shrinker.best;
}

void steps_end(struct steps *steps)
{
    if (steps == NULL)
        return;
    steps->shrinker.is_over = true; /* what is under way ends without another question */
    if (!steps->is_done)
        coroutine_resume(&steps->coroutine);
    ASSERT(steps->is_done);
    coroutine_clean_up(&steps->coroutine);
    rounds_clean_up(&steps->shrinker);
    free(steps);
}
