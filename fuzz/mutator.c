/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tactics, as functions on a decoded plan, and the table of their weights. Bytes are decoded,
 * changed and encoded again, so that no tactic knows where a bit is.
 */
#include "mutator.h"

#include "base/assert.h"
#include "generate/generate.h"
#include "plan/compact.h"

#include <stdalign.h>
#include <string.h>

enum { BLOCK_MAX = 8, TRIES = 16 };

/* A plan that can grow. */
struct draft {
    struct plan_config config;
    size_t count, count_max;
    struct random *random;
    struct interaction interactions[PLAN_INTERACTIONS_MAX];
};

enum { ARENA_BYTES = (PLAN_INTERACTIONS_MAX + 1) * sizeof(struct interaction) };

/* --- between bytes and drafts -------------------------------------------------------------------- */

static void draft_take(struct draft *draft, const struct plan *plan)
{
    draft->config = plan->config;
    draft->count = plan->interaction_count;
    if (draft->count > 0)
        memcpy(draft->interactions, plan->interactions, draft->count * sizeof *plan->interactions);
}

static void draft_decode(struct draft *draft, const uint8_t *bytes, size_t size)
{
    alignas(16) unsigned char memory[ARENA_BYTES];
    struct arena arena = {.base = memory, .capacity_bytes = sizeof memory};
    struct plan plan;
    compact_decode(&plan, &arena, bytes, size);
    draft_take(draft, &plan);
}

static void draft_generate(struct draft *draft)
{
    alignas(16) unsigned char memory[ARENA_BYTES];
    struct arena arena = {.base = memory, .capacity_bytes = sizeof memory};
    struct plan plan;
    generate_plan(&plan, &arena, draft->random);
    draft_take(draft, &plan);
}

static void remove_block(struct draft *draft, size_t at, size_t length)
{
    memmove(&draft->interactions[at], &draft->interactions[at + length],
            (draft->count - at - length) * sizeof draft->interactions[0]);
    draft->count -= length;
}

/* Inserts as much of `block`, which is not part of the draft, as there is room for. */
static size_t insert_block(struct draft *draft, size_t at, const struct interaction *block,
                           size_t length)
{
    if (length > draft->count_max - draft->count)
        length = draft->count_max - draft->count;
    if (length == 0)
        return 0;
    memmove(&draft->interactions[at + length], &draft->interactions[at],
            (draft->count - at) * sizeof *block);
    memcpy(&draft->interactions[at], block, length * sizeof *block);
    draft->count += length;
    return length;
}

/* Writes the draft, after interactions drawn by lot were dropped until it fits. */
static size_t draft_encode(struct draft *draft, uint8_t *ret_bytes)
{
    while (draft->count > draft->count_max)
        remove_block(draft, random_below(draft->random, (uint32_t)draft->count), 1);
    struct plan plan = {
        .kind = PLAN_NATIVE,
        .config = draft->config,
        .interaction_count = draft->count,
        .interactions = draft->interactions,
    };
    uint32_t tasks = plan_tasks(&plan);
    for (size_t i = 0; i < draft->count; i++)
        draft->interactions[i].task = (uint8_t)(draft->interactions[i].task % tasks);
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size = 0;
    enum error_code failed = compact_encode(&plan, bytes, &size, NULL);
    ASSERT(failed == ERROR_NONE);
    memcpy(ret_bytes, bytes, size);
    return size;
}

/* How many interactions fit into so many bytes. */
static size_t room_for(size_t max_size)
{
    size_t records = (max_size - COMPACT_HEADER_BYTES) / COMPACT_RECORD_BYTES;
    return records < PLAN_INTERACTIONS_MAX ? records : PLAN_INTERACTIONS_MAX;
}

/* --- drawing places ------------------------------------------------------------------------------ */

static uint32_t below(struct draft *draft, size_t bound)
{
    return random_below(draft->random, (uint32_t)bound);
}

static struct interaction *any_interaction(struct draft *draft)
{
    return draft->count == 0 ? NULL : &draft->interactions[below(draft, draft->count)];
}

static struct interaction *any_with_pause(struct draft *draft)
{
    size_t first = below(draft, draft->count);
    for (size_t i = 0; i < draft->count; i++) {
        struct interaction *here = &draft->interactions[(first + i) % draft->count];
        if (here->pause_after > 0)
            return here;
    }
    return NULL;
}

static struct interaction *any_with_fault(struct draft *draft)
{
    size_t first = below(draft, draft->count);
    for (size_t i = 0; i < draft->count; i++) {
        struct interaction *here = &draft->interactions[(first + i) % draft->count];
        if (here->fault != FAULT_NONE)
            return here;
    }
    return NULL;
}

/* A length from 1 to the largest, small ones more often. */
static size_t any_length(struct draft *draft, size_t largest)
{
    return 1 + below(draft, 1 + below(draft, largest));
}

static uint32_t tasks_of(const struct draft *draft)
{
    return (uint32_t)plan_config_infos[PLAN_CONFIG_tasks]
        .values[draft->config.choice[PLAN_CONFIG_tasks]]
        .number;
}

/* `value` or its neighbour, up or down, in [0, domain). */
static uint32_t neighbour(struct draft *draft, uint32_t value, uint32_t domain)
{
    return (value + (below(draft, 2) != 0 ? 1 : domain - 1)) % domain;
}

/* --- tactics: which interactions, in which order ------------------------------------------------- */

static bool insert_fresh(struct draft *draft)
{
    struct draft other = {.random = draft->random};
    draft_generate(&other);
    size_t length = any_length(draft, other.count < BLOCK_MAX ? other.count : BLOCK_MAX);
    size_t from = below(draft, other.count - length + 1);
    return insert_block(draft, below(draft, draft->count + 1), &other.interactions[from], length) >
           0;
}

static bool remove_some(struct draft *draft)
{
    if (draft->count < 2)
        return false;
    size_t length = any_length(draft, (draft->count + 1) / 2);
    remove_block(draft, below(draft, draft->count - length + 1), length);
    return true;
}

static bool duplicate_some(struct draft *draft)
{
    if (draft->count == 0)
        return false;
    struct interaction block[BLOCK_MAX];
    size_t length = any_length(draft, draft->count < BLOCK_MAX ? draft->count : BLOCK_MAX);
    size_t from = below(draft, draft->count - length + 1);
    memcpy(block, &draft->interactions[from], length * sizeof block[0]);
    return insert_block(draft, below(draft, draft->count + 1), block, length) > 0;
}

static bool swap_two(struct draft *draft)
{
    if (draft->count < 2)
        return false;
    size_t left = below(draft, draft->count);
    size_t right = below(draft, 2) != 0 ? (left + 1) % draft->count : below(draft, draft->count);
    struct interaction kept = draft->interactions[left];
    draft->interactions[left] = draft->interactions[right];
    draft->interactions[right] = kept;
    return left != right;
}

static bool move_block(struct draft *draft)
{
    if (draft->count < 2)
        return false;
    struct interaction block[BLOCK_MAX];
    size_t largest = draft->count - 1 < BLOCK_MAX ? draft->count - 1 : BLOCK_MAX;
    size_t length = any_length(draft, largest);
    size_t from = below(draft, draft->count - length + 1);
    memcpy(block, &draft->interactions[from], length * sizeof block[0]);
    remove_block(draft, from, length);
    size_t to = below(draft, draft->count + 1);
    (void)insert_block(draft, to, block, length);
    return from != to;
}

static bool shuffle_block(struct draft *draft)
{
    if (draft->count < 3)
        return false;
    size_t length = 3 + below(draft, (draft->count < BLOCK_MAX ? draft->count : BLOCK_MAX) - 2);
    size_t from = below(draft, draft->count - length + 1);
    for (size_t i = length - 1; i > 0; i--) {
        size_t other = below(draft, i + 1);
        struct interaction kept = draft->interactions[from + i];
        draft->interactions[from + i] = draft->interactions[from + other];
        draft->interactions[from + other] = kept;
    }
    return true;
}

static bool change_task(struct draft *draft)
{
    struct interaction *here = any_interaction(draft);
    uint32_t tasks = tasks_of(draft);
    if (here == NULL || tasks < 2)
        return false;
    here->task = (uint8_t)((here->task + 1 + below(draft, tasks - 1)) % tasks);
    return true;
}

static bool change_task_of_block(struct draft *draft)
{
    uint32_t tasks = tasks_of(draft);
    if (draft->count == 0 || tasks < 2)
        return false;
    size_t length = any_length(draft, draft->count < BLOCK_MAX ? draft->count : BLOCK_MAX);
    size_t from = below(draft, draft->count - length + 1);
    uint32_t task = below(draft, tasks);
    for (size_t i = 0; i < length; i++)
        draft->interactions[from + i].task = (uint8_t)task;
    return true;
}

/* --- tactics: what an interaction does ----------------------------------------------------------- */

/* `sleep_ms` says what `duration` means. */
static void settle_sleep(struct interaction *interaction)
{
    interaction->sleep_ms =
        interaction->action == ACTION_sleep ? 1ull << interaction->arguments[FIELD_duration] : 0;
}

static bool change_action(struct draft *draft)
{
    struct interaction *here = any_interaction(draft);
    if (here == NULL)
        return false;
    uint32_t action;
    do {
        action = below(draft, ACTION_COUNT);
    } while (!plan_action_infos[action].is_compact);
    uint8_t before[FIELD_COUNT];
    memcpy(before, here->arguments, sizeof before);
    uint32_t common = plan_action_infos[action].fields & plan_action_infos[here->action].fields;
    here->action = (uint8_t)action;
    generate_arguments(here, draft->random);
    for (uint32_t field = 0; field < FIELD_COUNT; field++)
        if (common & (1u << field))
            here->arguments[field] = before[field];
    settle_sleep(here);
    return true;
}

static bool change_argument(struct draft *draft)
{
    struct interaction *here = any_interaction(draft);
    if (here == NULL || plan_action_infos[here->action].fields == 0)
        return false;
    uint32_t field;
    do {
        field = below(draft, FIELD_COUNT);
    } while (!(plan_action_infos[here->action].fields & (1u << field)));
    uint32_t domain = plan_field_infos[field].domain;
    uint32_t value = here->arguments[field];
    value = below(draft, 2) != 0 ? below(draft, domain) : neighbour(draft, value, domain);
    here->arguments[field] = (uint8_t)value;
    settle_sleep(here);
    return true;
}

/* Makes two interactions meet: one gets the table and key of the other. */
static bool share_row(struct draft *draft)
{
    struct interaction *from = any_interaction(draft), *to = any_interaction(draft);
    if (from == to || from == NULL)
        return false;
    uint32_t common = plan_action_infos[from->action].fields & plan_action_infos[to->action].fields;
    bool changed = false;
    for (uint32_t field = 0; field < FIELD_COUNT; field++) {
        if ((field != FIELD_table && field != FIELD_key) || !(common & (1u << field)))
            continue;
        changed |= to->arguments[field] != from->arguments[field];
        to->arguments[field] = from->arguments[field];
    }
    return changed;
}

/* --- tactics: pauses ----------------------------------------------------------------------------- */

static bool add_pause(struct draft *draft)
{
    struct interaction *here = any_interaction(draft);
    if (here == NULL)
        return false;
    generate_pause(here, draft->random);
    return true;
}

static void clear_pause(struct interaction *interaction)
{
    interaction->pause_class = 0;
    interaction->pause_after = 0;
}

static bool remove_pause(struct draft *draft)
{
    struct interaction *here = any_with_pause(draft);
    if (here == NULL)
        return false;
    clear_pause(here);
    return true;
}

static bool move_pause(struct draft *draft)
{
    struct interaction *from = any_with_pause(draft);
    if (from == NULL)
        return false;
    struct interaction *to = any_interaction(draft);
    if (below(draft, 2) != 0)
        to = &draft->interactions[neighbour(draft, (uint32_t)(from - draft->interactions),
                                            (uint32_t)draft->count)];
    if (to == from)
        return false;
    to->pause_class = from->pause_class;
    to->pause_after = from->pause_after;
    clear_pause(from);
    return true;
}

static bool nudge_pause(struct draft *draft)
{
    struct interaction *here = any_with_pause(draft);
    if (here == NULL)
        return false;
    uint32_t step = 1u << below(draft, 1 + below(draft, 6));
    uint32_t index = here->pause_after - 1u;
    index = (index + (below(draft, 2) != 0 ? step : PLAN_PAUSE_MAX - step)) % PLAN_PAUSE_MAX;
    here->pause_after = (uint16_t)(index + 1);
    return true;
}

static bool change_pause(struct draft *draft)
{
    struct interaction *here = any_with_pause(draft);
    if (here == NULL)
        return false;
    generate_pause(here, draft->random);
    return true;
}

/* The same statements under another schedule. */
static bool draw_pauses_anew(struct draft *draft)
{
    if (draft->count == 0)
        return false;
    for (size_t i = 0; i < draft->count; i++)
        clear_pause(&draft->interactions[i]);
    for (uint32_t left = 1 + below(draft, GENERATE_PAUSES_MAX); left > 0; left--)
        generate_pause(any_interaction(draft), draft->random);
    return true;
}

/* --- tactics: faults ----------------------------------------------------------------------------- */

static bool add_fault(struct draft *draft)
{
    struct interaction *here = any_interaction(draft);
    if (here == NULL)
        return false;
    generate_fault(here, draft->random);
    return true;
}

static void clear_fault(struct interaction *interaction)
{
    interaction->fault = FAULT_NONE;
    interaction->fault_at = 0;
}

static bool remove_fault(struct draft *draft)
{
    struct interaction *here = any_with_fault(draft);
    if (here == NULL)
        return false;
    clear_fault(here);
    return true;
}

static bool move_fault(struct draft *draft)
{
    struct interaction *from = any_with_fault(draft);
    if (from == NULL)
        return false;
    struct interaction *to = any_interaction(draft);
    if (to == from)
        return false;
    to->fault = from->fault;
    to->fault_at = from->fault_at;
    clear_fault(from);
    return true;
}

static bool nudge_fault(struct draft *draft)
{
    struct interaction *here = any_with_fault(draft);
    if (here == NULL)
        return false;
    uint32_t index = 0;
    while (plan_fault_at_values[index] != here->fault_at)
        index++;
    here->fault_at = plan_fault_at_values[neighbour(draft, index, PLAN_FAULT_AT_COUNT)];
    return true;
}

static bool change_fault(struct draft *draft)
{
    struct interaction *here = any_with_fault(draft);
    if (here == NULL)
        return false;
    uint32_t kinds = FAULT_KIND_COUNT - 1;
    here->fault = (uint8_t)((here->fault - 1u + 1 + below(draft, kinds - 1)) % kinds + 1);
    return true;
}

/* --- tactics: the whole plan --------------------------------------------------------------------- */

static bool change_config(struct draft *draft)
{
    uint32_t field = below(draft, PLAN_CONFIG_COUNT);
    uint32_t values = plan_config_infos[field].value_count;
    uint8_t *choice = &draft->config.choice[field];
    *choice = (uint8_t)((*choice + 1 + below(draft, values - 1)) % values);
    return true;
}

static bool fresh_config(struct draft *draft)
{
    struct draft other = {.random = draft->random};
    draft_generate(&other);
    draft->config = other.config;
    return true;
}

static bool fresh_plan(struct draft *draft)
{
    draft_generate(draft);
    return true;
}

/* --- the table
 * ----------------------------------------------------------------------------------------------------
 */

struct tactic {
    const char *name;
    uint8_t weight;
    bool (*apply)(struct draft *draft); /* false: it has nothing to work on here */
};

static const struct tactic tactics[] = {
    {"fresh_plan", 24, fresh_plan},
    {"insert_fresh", 12, insert_fresh},
    {"remove_some", 12, remove_some},
    {"duplicate_some", 5, duplicate_some},
    {"swap_two", 6, swap_two},
    {"move_block", 5, move_block},
    {"shuffle_block", 3, shuffle_block},
    {"change_task", 8, change_task},
    {"change_task_of_block", 4, change_task_of_block},
    {"change_action", 6, change_action},
    {"change_argument", 8, change_argument},
    {"share_row", 4, share_row},
    {"add_pause", 8, add_pause},
    {"remove_pause", 5, remove_pause},
    {"move_pause", 6, move_pause},
    {"nudge_pause", 12, nudge_pause},
    {"change_pause", 6, change_pause},
    {"draw_pauses_anew", 10, draw_pauses_anew},
    {"add_fault", 2, add_fault},
    {"remove_fault", 3, remove_fault},
    {"move_fault", 2, move_fault},
    {"nudge_fault", 2, nudge_fault},
    {"change_fault", 2, change_fault},
    {"change_config", 5, change_config},
    {"fresh_config", 1, fresh_config},
};

enum { TACTICS = sizeof tactics / sizeof tactics[0], PLAIN_BYTES_ONE_IN = 32 };

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

/* --- mutation
 * -------------------------------------------------------------------------------------------------------
 */

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
                      mutator_bytes_fn *mutate_bytes)
{
    if (max_size < COMPACT_HEADER_BYTES || random_chance(random, PLAIN_BYTES_ONE_IN))
        return mutate_plain(bytes, size, max_size, random, mutate_bytes);
    struct draft draft;
    draft.random = random;
    draft.count_max = room_for(max_size);
    draft_decode(&draft, bytes, size);
    uint32_t wanted = 1 + random_below(random, 1 + random_below(random, 4));
    for (uint32_t tries = 0; wanted > 0 && tries < TRIES; tries++) {
        bool done = true;
        if (draft.count > draft.count_max)
            remove_block(&draft, random_below(random, (uint32_t)draft.count), 1);
        else
            done = draw_tactic(random)->apply(&draft);
        wanted -= done;
    }
    return draft_encode(&draft, bytes);
}

bool mutator_apply(size_t tactic, uint8_t *bytes, size_t *size, size_t max_size,
                   struct random *random)
{
    ASSERT(tactic < TACTICS && max_size >= COMPACT_HEADER_BYTES);
    struct draft draft;
    draft.random = random;
    draft.count_max = room_for(max_size);
    draft_decode(&draft, bytes, *size);
    if (draft.count > draft.count_max || !tactics[tactic].apply(&draft))
        return false;
    *size = draft_encode(&draft, bytes);
    return true;
}

/* --- crossover
 * --------------------------------------------------------------------------------------------------------
 */

/* The beginning of one, the end of the other. */
static void cross_tails(struct draft *left, const struct draft *right)
{
    size_t cut = below(left, left->count + 1);
    size_t from = below(left, right->count + 1);
    left->count = cut;
    (void)insert_block(left, cut, &right->interactions[from], right->count - from);
}

static void cross_insert(struct draft *left, const struct draft *right)
{
    if (right->count == 0)
        return;
    size_t length = any_length(left, right->count);
    size_t from = below(left, right->count - length + 1);
    (void)insert_block(left, below(left, left->count + 1), &right->interactions[from], length);
}

/* Both, merged, each in its own order. */
static void cross_interleave(struct draft *left, const struct draft *right)
{
    size_t at = 0;
    for (size_t i = 0; i < right->count; i++) {
        at += below(left, 1 + 2 * (left->count - at) / (right->count - i));
        if (at > left->count)
            at = left->count;
        if (insert_block(left, at, &right->interactions[i], 1) == 0)
            return;
        at++;
    }
}

/* The statements of one under the pauses and faults of the other. */
static void cross_schedule(struct draft *left, const struct draft *right)
{
    size_t shift = below(left, 4);
    for (size_t i = 0; i < left->count; i++) {
        clear_pause(&left->interactions[i]);
        clear_fault(&left->interactions[i]);
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
                     uint8_t *ret_bytes, size_t max_size, struct random *random)
{
    if (max_size < COMPACT_HEADER_BYTES)
        return 0;
    struct draft draft, other;
    draft.random = other.random = random;
    draft.count_max = room_for(max_size);
    other.count_max = PLAN_INTERACTIONS_MAX;
    draft_decode(&draft, left, left_size);
    draft_decode(&other, right, right_size);
    while (draft.count > draft.count_max)
        remove_block(&draft, random_below(random, (uint32_t)draft.count), 1);
    crossings[random_below(random, sizeof crossings / sizeof crossings[0])](&draft, &other);
    return draft_encode(&draft, ret_bytes);
}
