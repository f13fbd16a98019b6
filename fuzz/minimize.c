/* SPDX-License-Identifier: Apache-2.0 */
/* Walks through the candidates of one crash. Whoever comes back for the next one has not crashed. */
#include "minimize.h"

#include "base/arena.h"
#include "base/assert.h"
#include "plan/compact.h"
#include "shrink/steps.h"
#include "target.h"

#include <string.h>

enum { ARENA_BYTES = 1 << 20 };

static struct steps *steps; /* of the crash; NULL: not asked yet */

static void begin(const uint8_t *bytes, size_t size)
{
    struct arena arena;
    struct plan plan;
    target_keep_signature_of(bytes, size);
    arena_init(&arena, ARENA_BYTES);
    compact_decode(&plan, &arena, bytes, size);
    steps = steps_begin(&plan, 0);
    ASSERT(steps != NULL);
    arena_clean_up(&arena);
}

size_t minimize_next(uint8_t *bytes, size_t size, size_t max_size)
{
    if (steps == NULL)
        begin(bytes, size);
    const struct plan *candidate;
    while ((candidate = steps_next(steps)) != NULL) {
        uint8_t encoded[COMPACT_SIZE_MAX];
        size_t encoded_size;
        enum error_code failed = compact_encode(candidate, encoded, &encoded_size, NULL);
        ASSERT(failed == ERROR_NONE); /* it is simpler than a compact plan */
        steps_answer(steps, false);
        if (encoded_size <= max_size) {
            memcpy(bytes, encoded, encoded_size);
            return encoded_size;
        }
    }
    return 0;
}
