/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of plans, field by field (padding has no meaning), in a table with open addressing. */
#include "shrink/tried.h"

#include "base/assert.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024 };

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return text == NULL ? hash_word(hash, 0) : hash_bytes(hash, text, strlen(text));
}

static uint64_t hash_expectation(uint64_t hash, const struct plan_expectation *expectation)
{
    if (expectation == NULL)
        return hash_word(hash, 0);
    hash = hash_word(hash, 1u | (uint64_t)expectation->has_row_count << 1 |
                               (uint64_t)expectation->has_column_count << 2 |
                               (uint64_t)expectation->expects_error << 3);
    hash = hash_word(hash, expectation->row_count);
    hash = hash_word(hash, expectation->column_count);
    hash = hash_text(hash, expectation->rows);
    return hash_text(hash, expectation->error_contains);
}

static uint64_t hash_interaction(uint64_t hash, const struct interaction *interaction)
{
    hash = hash_word(
        hash, (uint64_t)interaction->task | (uint64_t)interaction->action << 8 |
                  (uint64_t)interaction->pause_class << 16 | (uint64_t)interaction->fault << 24 |
                  (uint64_t)interaction->pause_after << 32 | (uint64_t)interaction->fault_at << 48);
    hash = hash_bytes(hash, interaction->arguments, sizeof interaction->arguments);
    hash = hash_word(hash, interaction->sleep_ms);
    hash = hash_text(hash, interaction->sql);
    return hash_expectation(hash, interaction->expectation);
}

static uint64_t hash_plan(const struct plan *plan)
{
    uint64_t hash = hash_word(plan->kind, plan->pool_size);
    hash = hash_bytes(hash, plan->config.choice, sizeof plan->config.choice);
    for (size_t i = 0; i < plan->interaction_count; i++)
        hash = hash_interaction(hash, &plan->interactions[i]);
    return hash == 0 ? 1 : hash;
}

/* The place of `hash`, or the free one where it belongs. */
static uint64_t *place_of(const struct tried *tried, uint64_t hash)
{
    size_t index = (size_t)hash & (tried->capacity - 1);
    while (tried->hashes[index] != 0 && tried->hashes[index] != hash)
        index = (index + 1) & (tried->capacity - 1);
    return &tried->hashes[index];
}

static void grow(struct tried *tried)
{
    struct tried larger = {.count = tried->count,
                           .capacity = tried->capacity == 0 ? FIRST_CAPACITY : tried->capacity * 2};
    larger.hashes = calloc(larger.capacity, sizeof *larger.hashes);
    ASSERT(larger.hashes != NULL);
    for (size_t i = 0; i < tried->capacity; i++)
        if (tried->hashes[i] != 0)
            *place_of(&larger, tried->hashes[i]) = tried->hashes[i];
    free(tried->hashes);
    *tried = larger;
}

bool tried_add(struct tried *tried, const struct plan *plan)
{
    if (tried->count * 2 >= tried->capacity)
        grow(tried);
    uint64_t hash = hash_plan(plan);
    uint64_t *place = place_of(tried, hash);
    if (*place == hash)
        return false;
    *place = hash;
    tried->count++;
    return true;
}

void tried_clean_up(struct tried *tried)
{
    free(tried->hashes);
    *tried = (struct tried){0};
}
