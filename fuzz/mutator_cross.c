/* SPDX-License-Identifier: Apache-2.0 */
/* Crossover: two plans become one. */
#include "mutator.h"
#include "mutator_draft.h"

#include "plan/compact.h"

/* The beginning of one, the end of the other. */
static void cross_tails(struct draft *left, const struct draft *right)
{
    size_t cut = draft_below(left, left->count + 1);
    size_t from = draft_below(left, right->count + 1);
    left->count = cut;
    (void)draft_insert_block(left, cut, &right->interactions[from], right->count - from);
}

static void cross_insert(struct draft *left, const struct draft *right)
{
    if (right->count == 0)
        return;
    size_t length = draft_any_length(left, right->count);
    size_t from = draft_below(left, right->count - length + 1);
    (void)draft_insert_block(left, draft_below(left, left->count + 1), &right->interactions[from],
                             length);
}

/* Both, merged, each in its own order. */
static void cross_interleave(struct draft *left, const struct draft *right)
{
    size_t at = 0;
    for (size_t i = 0; i < right->count; i++) {
        at += draft_below(left, 1 + 2 * (left->count - at) / (right->count - i));
        if (at > left->count)
            at = left->count;
        if (draft_insert_block(left, at, &right->interactions[i], 1) == 0)
            return;
        at++;
    }
}

/* The statements of one under the pauses and faults of the other. */
static void cross_schedule(struct draft *left, const struct draft *right)
{
    size_t shift = draft_below(left, 4);
    for (size_t i = 0; i < left->count; i++) {
        draft_clear_pause(&left->interactions[i]);
        draft_clear_fault(&left->interactions[i]);
    }
    for (size_t i = 0; i < right->count && i + shift < left->count; i++) {
        struct interaction *to = &left->interactions[i + shift];
        to->pause_class = right->interactions[i].pause_class;
        to->pause_after = right->interactions[i].pause_after;
        to->fault = right->interactions[i].fault;
        to->fault_at = right->interactions[i].fault_at;
    }
}

static void cross_config(struct draft *left, const struct draft *right)
{
    left->config = right->config;
}

static void (*const crossings[])(struct draft *left, const struct draft *right) = {
    cross_tails, cross_tails, cross_insert, cross_interleave, cross_schedule, cross_config,
};

size_t mutator_cross(const uint8_t *left, size_t left_size, const uint8_t *right, size_t right_size,
                     uint8_t *ret_bytes, size_t max_size, struct random *random,
                     struct generate_subject subject)
{
    if (max_size < COMPACT_HEADER_BYTES)
        return 0;
    struct draft draft, other;
    draft.random = other.random = random;
    draft.subject = other.subject = subject;
    draft.count_max = draft_room_for(max_size);
    other.count_max = PLAN_INTERACTIONS_MAX;
    draft_decode(&draft, left, left_size);
    draft_decode(&other, right, right_size);
    while (draft.count > draft.count_max)
        draft_remove_block(&draft, random_below(random, (uint32_t)draft.count), 1);
    crossings[random_below(random, sizeof crossings / sizeof crossings[0])](&draft, &other);
    return draft_encode(&draft, ret_bytes);
}
