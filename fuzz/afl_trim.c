/* SPDX-License-Identifier: Apache-2.0 */
/* Between afl-fuzz's bytes and the shrinker's plans. */
#include "afl_trim.h"

#include "base/arena.h"
#include "base/assert.h"

enum { ARENA_BYTES = 1 << 20 };

void afl_trim_begin(struct afl_trim *trim, const uint8_t *bytes, size_t size)
{
    struct arena arena;
    struct plan plan;
    afl_trim_end(trim);
    arena_init(&arena, ARENA_BYTES);
    compact_decode(&plan, &arena, bytes, size);
    trim->steps = steps_begin(&plan, 1);
    trim->size_max = size;
    arena_clean_up(&arena);
}

void afl_trim_answer(struct afl_trim *trim, bool is_same)
{
    ASSERT(trim->is_asked);
    trim->is_asked = false;
    steps_answer(trim->steps, is_same);
}

bool afl_trim_next(struct afl_trim *trim)
{
    const struct plan *candidate;
    if (trim->steps == NULL || trim->candidate_count == AFL_TRIM_CANDIDATES_MAX)
        return false;
    while ((candidate = steps_next(trim->steps)) != NULL) {
        enum error_code failed = compact_encode(candidate, trim->tried, &trim->tried_size, NULL);
        ASSERT(failed == ERROR_NONE); /* it is simpler than a compact plan */
        trim->is_asked = true;
        trim->candidate_count++;
        if (trim->tried_size <= trim->size_max)
            return true;
        afl_trim_answer(trim, false);
    }
    return false;
}

void afl_trim_end(struct afl_trim *trim)
{
    steps_end(trim->steps);
    *trim = (struct afl_trim){0};
}
