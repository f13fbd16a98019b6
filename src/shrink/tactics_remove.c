/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics that remove interactions. They go from the end to the start: places before stay valid. */
#include "shrink/tactics.h"

static size_t mark_range(struct shrinker *shrinker, size_t first, size_t end)
{
    attempt_unmark(shrinker);
    for (size_t i = first; i < end; i++)
        shrinker->marked[i] = true;
    return end - first;
}

void tactic_cut_tail(struct shrinker *shrinker)
{
    size_t count = shrinker->best.interaction_count;
    if (shrinker->noticed < count && mark_range(shrinker, shrinker->noticed + 1, count) > 0)
        (void)attempt_without_marked(shrinker);
}

void tactic_drop_blocks(struct shrinker *shrinker)
{
    size_t size = shrinker->best.interaction_count;
    (void)mark_range(shrinker, 0, size);
    (void)attempt_without_marked(shrinker);
    for (size /= 2; size >= 2; size /= 2)
        for (size_t end = shrinker->best.interaction_count; end > 0;) {
            size_t first = end > size ? end - size : 0;
            (void)mark_range(shrinker, first, end);
            (void)attempt_without_marked(shrinker);
            end = first;
        }
}

void tactic_drop_tasks(struct shrinker *shrinker)
{
    for (uint8_t task = 0; task < PLAN_TASKS_MAX; task++) {
        for (size_t i = 0; i < shrinker->best.interaction_count; i++)
            shrinker->marked[i] = shrinker->best.interactions[i].task == task;
        (void)attempt_without_marked(shrinker);
    }
}

enum { RANK_COUNT = 4 }; /* ops.def: 0 goes first */

void tactic_drop_actions(struct shrinker *shrinker)
{
    for (uint8_t rank = 0; rank < RANK_COUNT; rank++)
        for (uint8_t action = 0; action < ACTION_COUNT; action++) {
            if (plan_action_infos[action].shrink_rank != rank)
                continue;
            for (size_t i = 0; i < shrinker->best.interaction_count; i++)
                shrinker->marked[i] = shrinker->best.interactions[i].action == action;
            (void)attempt_without_marked(shrinker);
        }
}

void tactic_drop_single(struct shrinker *shrinker)
{
    for (uint8_t rank = 0; rank < RANK_COUNT; rank++)
        for (size_t i = shrinker->best.interaction_count; i-- > 0;) {
            if (plan_action_infos[shrinker->best.interactions[i].action].shrink_rank != rank)
                continue;
            (void)mark_range(shrinker, i, i + 1);
            (void)attempt_without_marked(shrinker);
        }
}

/* --- sections -------------------------------------------------------------------------------- */

static bool closes(const struct interaction *opening, const struct interaction *other)
{
    if (other->action == ACTION_resume)
        return opening->pause_after > 0;
    const struct plan_action_info *info = &plan_action_infos[other->action];
    enum plan_section section = plan_action_infos[opening->action].opens;
    if (section == SECTION_NONE || (info->closes != section && info->within != section))
        return false;
    return section != SECTION_SAVEPOINT ||
           other->arguments[FIELD_savepoint] == opening->arguments[FIELD_savepoint];
}

enum section {
    SECTION_ALL,  /* opening, all closings, and what the task does between */
    SECTION_ENDS, /* opening and all closings */
};

/* Marks the section that `first` opens, up to the next such opening; false when it opens none. */
static bool mark_section(struct shrinker *shrinker, size_t first, enum section section)
{
    const struct interaction *interactions = shrinker->best.interactions;
    const struct interaction *opening = &interactions[first];
    size_t last = first;
    attempt_unmark(shrinker);
    shrinker->marked[first] = true;
    for (size_t i = first + 1; i < shrinker->best.interaction_count; i++) {
        if (interactions[i].task != opening->task)
            continue;
        if (closes(opening, &interactions[i])) {
            shrinker->marked[i] = true;
            last = i;
        } else if (interactions[i].action == opening->action) {
            break;
        }
    }
    for (size_t i = first; i < last && section == SECTION_ALL; i++)
        shrinker->marked[i] = interactions[i].task == opening->task;
    return last > first;
}

/* The opening with one closing, where it has several. */
static void drop_pairs(struct shrinker *shrinker, size_t first)
{
    for (size_t i = shrinker->best.interaction_count; i-- > first + 1;) {
        if (!mark_section(shrinker, first, SECTION_ENDS))
            return;
        if (i >= shrinker->best.interaction_count || !shrinker->marked[i])
            continue;
        attempt_unmark(shrinker);
        shrinker->marked[first] = shrinker->marked[i] = true;
        if (attempt_without_marked(shrinker))
            return;
    }
}

void tactic_drop_sections(struct shrinker *shrinker)
{
    for (size_t i = shrinker->best.interaction_count; i-- > 0;) {
        if (i < shrinker->best.interaction_count && mark_section(shrinker, i, SECTION_ALL))
            (void)attempt_without_marked(shrinker);
        if (i < shrinker->best.interaction_count && mark_section(shrinker, i, SECTION_ENDS))
            (void)attempt_without_marked(shrinker);
        if (i < shrinker->best.interaction_count)
            drop_pairs(shrinker, i);
    }
}
