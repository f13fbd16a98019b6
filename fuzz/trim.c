/* SPDX-License-Identifier: Apache-2.0 */
/* Between an engine's bytes and the shrinker's plans. */
#include "trim.h"

#include "base/arena.h"
#include "base/assert.h"

enum { ARENA_BYTES = 1 << 20 };

void trim_begin(struct trim *trim, const uint8_t *bytes, size_t size, enum plan_database database,
                uint32_t rounds_max, size_t candidates_max)
{
    struct arena arena;
    struct plan plan;
    trim_end(trim);
    trim->candidates_left = candidates_max;
    arena_init(&arena, ARENA_BYTES);
    compact_decode(&plan, &arena, bytes, size, database);
    trim->steps = steps_begin(&plan, rounds_max);
    arena_clean_up(&arena);
}

void trim_answer(struct trim *trim, bool is_kept)
{
    ASSERT(trim->is_asked);
    trim->is_asked = false;
    steps_answer(trim->steps, is_kept);
}

bool trim_next(struct trim *trim, size_t size_max)
{
    const struct plan *candidate;
    if (trim->steps == NULL || trim->candidates_left == 0)
        return false;
    while ((candidate = steps_next(trim->steps)) != NULL) {
        trim->candidates_left -= trim->candidates_left > 0;
        enum error_code failed = compact_encode(candidate, trim->tried, &trim->tried_size, NULL);
        ASSERT(failed == ERROR_NONE); /* it is simpler than a compact plan */
        trim->is_asked = true;
        if (trim->tried_size <= size_max)
            return true;
        trim_answer(trim, false);
    }
    return false;
}

void trim_end(struct trim *trim)
{
    steps_end(trim->steps);
    *trim = (struct trim){0};
}
