/* SPDX-License-Identifier: Apache-2.0 */
#include "run/overlaps.h"

#include <string.h>

void overlaps_forget(struct overlaps *overlaps, uint32_t task)
{
    overlaps->open &= ~(1u << task);
}

/* --- sets of rows ----------------------------------------------------------------------------- */

static bool share_any(const struct overlap_rows *left, const struct overlap_rows *right)
{
    uint32_t both = 0;
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        both |= left->keys[table] & right->keys[table];
    return both != 0;
}

static bool is_any(const struct overlap_rows *rows)
{
    return share_any(rows, rows);
}

static void add_all(struct overlap_rows *rows, const struct overlap_rows *others)
{
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        rows->keys[table] |= others->keys[table];
}

/* --- facts ------------------------------------------------------------------------------------ */

static uint32_t facts_beside(const struct overlaps *overlaps, uint32_t task, uint32_t table,
                             uint32_t keys)
{
    uint32_t facts = 0;
    for (uint32_t left = overlaps->open & ~(1u << task); left != 0; left &= left - 1) {
        const struct overlap_task *other = &overlaps->tasks[__builtin_ctz(left)];
        if ((other->read.keys[table] & keys) != 0)
            facts |= OVERLAP_READ_BY_OTHERS;
        if ((other->written.keys[table] & keys) != 0)
            facts |= OVERLAP_WRITTEN_BY_OTHERS;
    }
    return facts;
}

static uint32_t facts_of_own(const struct overlap_task *own, uint32_t table, uint32_t keys)
{
    uint32_t facts = 0, others = 0;
    if ((own->replaced.keys[table] & keys) != 0)
        facts |= OVERLAP_REPLACED;
    if (share_any(&own->read, &own->replaced))
        facts |= OVERLAP_OUT;
    if (share_any(&own->written, &own->read_meanwhile))
        facts |= OVERLAP_IN;
    for (uint32_t i = 0; i < PLAN_TABLES; i++)
        others |= i == table ? 0 : own->read.keys[i] & own->replaced.keys[i];
    if (others != 0)
        facts |= OVERLAP_OUT_ELSEWHERE;
    return facts;
}

/* What of its own transaction matters only where there is something beside it. */
static uint32_t facts_inside(const struct overlap_task *own, uint32_t table, uint32_t keys)
{
    uint32_t facts = 0;
    if ((own->read.keys[table] & keys) != 0)
        facts |= OVERLAP_READ_AGAIN;
    if ((own->written.keys[table] & keys) != 0)
        facts |= OVERLAP_OWN;
    return is_any(&own->written) ? facts | OVERLAP_WRITER : facts;
}

static uint32_t facts_of(const struct overlaps *overlaps, uint32_t task, uint32_t table,
                         uint32_t keys)
{
    bool is_open = (overlaps->open >> task & 1u) != 0;
    const struct overlap_task *own = &overlaps->tasks[task];
    uint32_t facts = facts_beside(overlaps, task, table, keys);
    if (is_open)
        facts |= facts_of_own(own, table, keys);
    return is_open && facts != 0 ? facts | facts_inside(own, table, keys) : facts;
}

/* --- following -------------------------------------------------------------------------------- */

static void publish(struct overlaps *overlaps, uint32_t task, const struct overlap_rows *read,
                    const struct overlap_rows *written)
{
    for (uint32_t left = overlaps->open & ~(1u << task); left != 0; left &= left - 1) {
        struct overlap_task *other = &overlaps->tasks[__builtin_ctz(left)];
        add_all(&other->replaced, written);
        add_all(&other->read_meanwhile, read);
    }
}

static bool keeps_work(const struct interaction *interaction, const struct observation *seen)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    return seen->outcome == OUTCOME_OK && effect != EFFECT_ROLLBACK && effect != EFFECT_PREPARE;
}

static void follow(struct overlaps *overlaps, uint32_t task, const struct interaction *interaction,
                   const struct observation *seen, uint32_t keys)
{
    struct overlap_task *own = &overlaps->tasks[task];
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    bool was_open = (overlaps->open >> task & 1u) != 0;
    bool touches = seen->outcome == OUTCOME_OK && keys != 0 &&
                   (effect == EFFECT_READ || (effect == EFFECT_ROWS && seen->changes != 0));
    if (!was_open && !touches)
        return;
    if (!was_open)
        *own = (struct overlap_task){0};
    uint32_t table = interaction->arguments[FIELD_table];
    if (touches && effect == EFFECT_READ)
        own->read.keys[table] |= keys;
    else if (touches)
        own->written.keys[table] |= keys;
    overlaps->open |= 1u << task;
    if (seen->in_transaction)
        return;
    if (keeps_work(interaction, seen) && is_any(&own->written))
        publish(overlaps, task, &own->read, &own->written);
    overlaps_forget(overlaps, task);
}

uint32_t overlaps_read(struct overlaps *overlaps, uint32_t task,
                       const struct interaction *interaction, const struct observation *seen)
{
    if (overlaps->open == 0 && !seen->in_transaction)
        return 0;
    uint32_t keys = plan_keys_of(interaction);
    uint32_t facts = facts_of(overlaps, task, interaction->arguments[FIELD_table], keys);
    follow(overlaps, task, interaction, seen, keys);
    return facts;
}
