/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of tactics, and mutation by them: bytes are decoded, changed and encoded again, so that
 * no tactic knows where a bit is.
 */
#include "mutator.h"
#include "mutator_draft.h"
#include "mutator_tactics.h"

#include "base/assert.h"
#include "plan/compact.h"

/* --- the table ------------------------------------------------------------------------------- */

struct tactic {
    const char *name;
    uint8_t weight;
    bool (*apply)(struct draft *draft);
};

static const struct tactic tactics[] = {
#define TACTIC(name, weight) {#name, weight, tactic_##name},
#include "mutator_tactics.def"
#undef TACTIC
};

enum { TACTICS = sizeof tactics / sizeof tactics[0], PLAIN_BYTES_ONE_IN = 32, TRIES = 16 };

size_t mutator_tactic_count(void)
{
    return TACTICS;
}

const char *mutator_tactic_name(size_t tactic)
{
    return tactics[tactic].name;
}

static const struct tactic *draw_tactic(struct random *random)
{
    uint32_t total = 0;
    for (size_t i = 0; i < TACTICS; i++)
        total += tactics[i].weight;
    uint32_t left = random_below(random, total);
    const struct tactic *tactic = tactics;
    while (left >= tactic->weight) {
        left -= tactic->weight;
        tactic++;
    }
    return tactic;
}

/* --- mutation -------------------------------------------------------------------------------- */

static size_t flip_a_bit(uint8_t *bytes, size_t size, size_t max_size, struct random *random)
{
    (void)max_size;
    if (size == 0) {
        bytes[0] = 0;
        size = 1;
    }
    uint32_t bit = random_below(random, (uint32_t)size * 8);
    bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ (1u << bit % 8));
    return size;
}

/* The engine's own mutation, of everything or of one record. */
static size_t mutate_plain(uint8_t *bytes, size_t size, size_t max_size, struct random *random,
                           mutator_bytes_fn *mutate_bytes)
{
    if (size > max_size)
        size = max_size;
    if (mutate_bytes == NULL)
        return flip_a_bit(bytes, size, max_size, random);
    if (size >= COMPACT_RECORD_BYTES && random_chance(random, 2)) {
        size_t record = random_below(random, (uint32_t)(size / COMPACT_RECORD_BYTES));
        (void)mutate_bytes(bytes + record * COMPACT_RECORD_BYTES, COMPACT_RECORD_BYTES,
                           COMPACT_RECORD_BYTES);
        return size;
    }
    size = mutate_bytes(bytes, size, max_size);
    return size > 0 ? size : flip_a_bit(bytes, 0, max_size, random);
}

size_t mutator_mutate(uint8_t *bytes, size_t size, size_t max_size, struct random *random,
                      struct generate_subject subject, mutator_bytes_fn *mutate_bytes)
{
    /* Plain bytes know of no profile. */
    if (max_size < COMPACT_HEADER_BYTES ||
        (subject.profile == NULL && random_chance(random, PLAIN_BYTES_ONE_IN)))
        return mutate_plain(bytes, size, max_size, random, mutate_bytes);
    struct draft draft;
    draft.random = random;
    draft.subject = subject;
    draft.count_max = draft_room_for(max_size);
    draft_decode(&draft, bytes, size);
    uint32_t wanted = 1 + random_below(random, 1 + random_below(random, 4));
    for (uint32_t tries = 0; wanted > 0 && tries < TRIES; tries++) {
        bool done = true;
        if (draft.count > draft.count_max)
            draft_remove_block(&draft, random_below(random, (uint32_t)draft.count), 1);
        else
            done = draw_tactic(random)->apply(&draft);
        wanted -= done;
    }
    return draft_encode(&draft, bytes);
}

bool mutator_apply(size_t tactic, uint8_t *bytes, size_t *size, size_t max_size,
                   struct random *random, struct generate_subject subject)
{
    ASSERT(tactic < TACTICS && max_size >= COMPACT_HEADER_BYTES);
    struct draft draft;
    draft.random = random;
    draft.subject = subject;
    draft.count_max = draft_room_for(max_size);
    draft_decode(&draft, bytes, *size);
    if (draft.count > draft.count_max || !tactics[tactic].apply(&draft))
        return false;
    *size = draft_encode(&draft, bytes);
    return true;
}
