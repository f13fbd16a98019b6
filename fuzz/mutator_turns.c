/* SPDX-License-Identifier: Apache-2.0 */
/* Turns by what they bring. */
#include "mutator_turns.h"

#include "base/assert.h"
#include "base/random.h"
#include "generate/draw.h"

/* After so many turns of one, what it brought so far counts for half. */
enum { TAKEN_MAX = 4096 };

/* Before it has had its turns, one is taken for one that brings something in each eighth. */
enum { BROUGHT_AT_FIRST = 4, TAKEN_AT_FIRST = 32, RATE_ONE = 1 << 16 };

void turns_begin(struct turns *ret_turns, uint32_t count)
{
    ASSERT(count > 0 && count <= TURNS_MAX);
    *ret_turns = (struct turns){.count = count};
}

/* By how much each has brought, of what it had turns for. */
static uint32_t draw_by_rate(const struct turns *turns, struct random *random)
{
    uint32_t rates[TURNS_MAX];
    for (uint32_t i = 0; i < turns->count; i++)
        rates[i] = (turns->of[i].brought + BROUGHT_AT_FIRST) * RATE_ONE /
                   (turns->of[i].taken + TAKEN_AT_FIRST);
    return draw_weighted(random, rates, turns->count);
}

uint32_t turns_take(struct turns *turns, struct random *random)
{
    if (turns->count == 1)
        return 0;
    uint32_t turn =
        random_chance(random, 2) ? random_below(random, turns->count) : draw_by_rate(turns, random);
    if (turns->of[turn].taken >= TAKEN_MAX) {
        turns->of[turn].taken /= 2;
        turns->of[turn].brought /= 2;
    }
    turns->of[turn].taken++;
    turns->last = turn + 1;
    return turn;
}

void turns_brought(struct turns *turns)
{
    if (turns->last == 0)
        return;
    turns->of[turns->last - 1].brought++;
    turns->last = 0;
}
