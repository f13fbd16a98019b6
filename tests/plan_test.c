/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties of the compact form over random bytes, and that JSON carries the same plans. The
 * number of random plans is the first argument or the environment's INTERPLAY_TEST_PLANS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "plan/compact.h"
#include "plan/json.h"

#include "draw_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLANS_DEFAULT = 100000,
    PLANS_A_JSON = 10, /* JSON costs more: every tenth plan goes through it */
};

static long plan_count = PLANS_DEFAULT;
static struct arena arena;

/* --- random bytes ---------------------------------------------------------------------------- */

static size_t records_of(size_t size)
{
    if (size <= COMPACT_HEADER_BYTES)
        return 0;
    size_t records =
        (size - COMPACT_HEADER_BYTES + COMPACT_RECORD_BYTES - 1) / COMPACT_RECORD_BYTES;
    return records < PLAN_INTERACTIONS_MAX ? records : PLAN_INTERACTIONS_MAX;
}

/* --- what each plan must fulfil -------------------------------------------------------------- */

static void assert_interaction_in_domain(const struct plan *plan,
                                         const struct interaction *interaction)
{
    assert_true(interaction->task < plan_tasks(plan));
    assert_true(interaction->action < ACTION_COUNT);
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    assert_false(info->is_document);
    for (int field = 0; field < FIELD_COUNT; field++) {
        assert_true(interaction->arguments[field] < plan_field_infos[field].domain);
        if (!plan_action_info_has(info, (enum plan_field)field))
            assert_int_equal(interaction->arguments[field], 0);
    }
    assert_true(interaction->pause_class < PAUSE_CLASS_COUNT);
    assert_true(interaction->pause_after <= PLAN_PAUSE_MAX);
    assert_true(interaction->pause_after > 0 || interaction->pause_class == 0);
    assert_true(interaction->fault < FAULT_KIND_COUNT);
    assert_true((interaction->fault == FAULT_NONE) == (interaction->fault_at == 0));
    assert_true((interaction->action == ACTION_sleep) == (interaction->sleep_ms != 0));
    assert_null(interaction->sql);
    assert_null(interaction->expectation);
}

static void assert_in_domain(const struct plan *plan, size_t size)
{
    assert_int_equal(plan->kind, PLAN_NATIVE);
    assert_int_equal(plan->interaction_count, records_of(size));
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        assert_true(plan->config.choice[field] < plan_config_infos[field].value_count);
    for (size_t i = 0; i < plan->interaction_count; i++)
        assert_interaction_in_domain(plan, &plan->interactions[i]);
}

static size_t encode(const struct plan *plan, uint8_t bytes[COMPACT_SIZE_MAX])
{
    struct error error = {0};
    size_t size = 0;
    if (compact_encode(plan, bytes, &size, &error) != ERROR_NONE)
        fail_msg("compact_encode: %s", error.message);
    return size;
}

static void assert_json_identity(const struct plan *plan, const uint8_t *canonical, size_t size)
{
    static uint8_t bytes[COMPACT_SIZE_MAX];
    struct error error = {0};
    struct plan back;
    char *text, *again;
    size_t length, again_length;
    assert_int_equal(json_write(plan, &arena, &text, &length), ERROR_NONE);
    assert_int_equal(strlen(text), length);
    if (json_read(&back, &arena, "plan.json", text, length, &error) != ERROR_NONE)
        fail_msg("%s in\n%s", error.message, text);
    assert_true(plan_equal(plan, &back));
    back.database = plan->database; /* as who runs it says */
    assert_int_equal(encode(&back, bytes), size);
    assert_memory_equal(bytes, canonical, size);
    assert_int_equal(json_write(&back, &arena, &again, &again_length), ERROR_NONE);
    assert_int_equal(again_length, length);
    assert_memory_equal(again, text, length);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void test_every_byte_string_is_a_plan(void **state)
{
    (void)state;
    static uint8_t bytes[DRAW_BYTES_MAX], canonical[COMPACT_SIZE_MAX], again[COMPACT_SIZE_MAX];
    bool seen_action[ACTION_COUNT] = {false};
    bool seen_fault[FAULT_KIND_COUNT] = {false};
    struct random random;
    random_seed(&random, 1);
    for (long round = 0; round < plan_count; round++) {
        size_t size = draw_bytes(&random, bytes);
        struct plan plan, back;
        enum plan_database database = (enum plan_database)(1 + round % (DATABASE_COUNT - 1));
        arena_reset(&arena);
        compact_decode(&plan, &arena, bytes, size, database);
        assert_in_domain(&plan, size);
        size_t canonical_size = encode(&plan, canonical);
        assert_int_equal(canonical_size,
                         COMPACT_HEADER_BYTES + COMPACT_RECORD_BYTES * plan.interaction_count);
        compact_decode(&back, &arena, canonical, canonical_size, database);
        assert_true(plan_equal(&plan, &back));
        assert_int_equal(encode(&back, again), canonical_size);
        assert_memory_equal(again, canonical, canonical_size);
        if (round % PLANS_A_JSON == 0)
            assert_json_identity(&plan, canonical, canonical_size);
        for (size_t i = 0; i < plan.interaction_count; i++) {
            seen_action[plan.interactions[i].action] = true;
            seen_fault[plan.interactions[i].fault] = true;
        }
    }
    /* The random bytes were good for something. */
    for (int action = 0; action < ACTION_COUNT; action++)
        assert_int_equal(seen_action[action], !plan_action_infos[action].is_document);
    for (int fault = 0; fault < FAULT_KIND_COUNT; fault++)
        assert_true(seen_fault[fault]);
}

static void test_eight_bytes_are_an_interaction(void **state)
{
    (void)state;
    enum { ROUNDS = 2000, RECORDS = 20 };
    uint8_t bytes[COMPACT_HEADER_BYTES + (RECORDS + 1) * COMPACT_RECORD_BYTES];
    const size_t size = sizeof bytes - COMPACT_RECORD_BYTES;
    struct random random;
    random_seed(&random, 2);
    for (int round = 0; round < ROUNDS; round++) {
        arena_reset(&arena);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)random_next(&random);
        struct plan before, after;
        compact_decode(&before, &arena, bytes, size, DATABASE_sqlite);
        size_t place = random_below(&random, RECORDS + 1);
        uint8_t *record = bytes + COMPACT_HEADER_BYTES + place * COMPACT_RECORD_BYTES;

        memmove(record + COMPACT_RECORD_BYTES, record, (RECORDS - place) * COMPACT_RECORD_BYTES);
        for (size_t i = 0; i < COMPACT_RECORD_BYTES; i++)
            record[i] = (uint8_t)random_next(&random);
        compact_decode(&after, &arena, bytes, sizeof bytes, DATABASE_sqlite);
        assert_int_equal(after.interaction_count, RECORDS + 1);
        assert_memory_equal(&before.config, &after.config, sizeof before.config);
        assert_memory_equal(before.interactions, after.interactions,
                            place * sizeof(struct interaction));
        assert_memory_equal(before.interactions + place, after.interactions + place + 1,
                            (RECORDS - place) * sizeof(struct interaction));

        struct plan removed;
        memmove(record, record + COMPACT_RECORD_BYTES, (RECORDS - place) * COMPACT_RECORD_BYTES);
        compact_decode(&removed, &arena, bytes, size, DATABASE_sqlite);
        assert_true(plan_equal(&before, &removed));
    }
}

static void test_swapping_records_swaps_interactions(void **state)
{
    (void)state;
    uint8_t bytes[COMPACT_HEADER_BYTES + 2 * COMPACT_RECORD_BYTES];
    uint8_t swapped[sizeof bytes];
    struct random random;
    random_seed(&random, 3);
    for (int round = 0; round < 1000; round++) {
        arena_reset(&arena);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)random_next(&random);
        memcpy(swapped, bytes, sizeof bytes);
        uint8_t *one = swapped + COMPACT_HEADER_BYTES, *other = one + COMPACT_RECORD_BYTES;
        memcpy(one, bytes + COMPACT_HEADER_BYTES + COMPACT_RECORD_BYTES, COMPACT_RECORD_BYTES);
        memcpy(other, bytes + COMPACT_HEADER_BYTES, COMPACT_RECORD_BYTES);
        struct plan left, right;
        compact_decode(&left, &arena, bytes, sizeof bytes, DATABASE_sqlite);
        compact_decode(&right, &arena, swapped, sizeof swapped, DATABASE_sqlite);
        struct interaction first = right.interactions[0];
        right.interactions[0] = right.interactions[1];
        right.interactions[1] = first;
        assert_true(plan_equal(&left, &right));
    }
}

static void test_zero_is_the_simplest(void **state)
{
    (void)state;
    static const uint8_t zeros[COMPACT_HEADER_BYTES + COMPACT_RECORD_BYTES] = {0};
    struct plan none, plan;
    arena_reset(&arena);
    compact_decode(&none, &arena, NULL, 0, DATABASE_sqlite);
    assert_int_equal(none.interaction_count, 0);
    assert_int_equal(plan_tasks(&none), 1);
    compact_decode(&plan, &arena, zeros, sizeof zeros, DATABASE_sqlite);
    assert_memory_equal(&none.config, &plan.config, sizeof plan.config);
    static const struct interaction simplest = {0};
    assert_memory_equal(&plan.interactions[0], &simplest, sizeof simplest);
}

static void test_what_is_missing_reads_as_zero(void **state)
{
    (void)state;
    uint8_t bytes[COMPACT_HEADER_BYTES + 2 * COMPACT_RECORD_BYTES];
    struct random random;
    random_seed(&random, 4);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        arena_reset(&arena);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = i < size ? (uint8_t)random_next(&random) : 0;
        struct plan cut, whole;
        compact_decode(&cut, &arena, bytes, size, DATABASE_sqlite);
        size_t padded = COMPACT_HEADER_BYTES + records_of(size) * COMPACT_RECORD_BYTES;
        compact_decode(&whole, &arena, bytes, padded, DATABASE_sqlite);
        assert_true(plan_equal(&cut, &whole));
    }
}

static bool is_in_bytes(int action, int database)
{
    const struct plan_action_info *info = &plan_action_infos[action];
    return (info->database == DATABASE_ALL || (int)info->database == database) &&
           !info->is_document;
}

/* Each database finds an action by its number; what is no number of its stands for one of its. */
static void test_action_numbers(void **state)
{
    (void)state;
    bool taken[UINT8_MAX + 1] = {false};
    for (int action = 0; action < ACTION_COUNT; action++) {
        const struct plan_action_info *info = &plan_action_infos[action];
        assert_false(taken[info->number]);
        taken[info->number] = true;
    }
    for (int database = DATABASE_ALL; database < DATABASE_COUNT; database++) {
        unsigned drawn[ACTION_COUNT] = {0};
        for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
            uint8_t bytes[COMPACT_HEADER_BYTES + COMPACT_RECORD_BYTES] = {0};
            struct plan plan;
            bytes[COMPACT_HEADER_BYTES + 1] = (uint8_t)byte;
            arena_reset(&arena);
            compact_decode(&plan, &arena, bytes, sizeof bytes, (enum plan_database)database);
            drawn[plan.interactions[0].action]++;
        }
        unsigned count = 0;
        for (int action = 0; action < ACTION_COUNT; action++)
            count += is_in_bytes(action, database);
        for (int action = 0; action < ACTION_COUNT; action++) {
            bool has = is_in_bytes(action, database);
            assert_int_equal(drawn[action] > 0, has);
            assert_true(!has || drawn[action] + 1 >= (UINT8_MAX + 1) / count); /* about evenly */
        }
    }
}

/* Bytes say which database they are for, to who does not know. */
static void test_database_byte(void **state)
{
    (void)state;
    uint8_t bytes[COMPACT_SIZE_MAX] = {0};
    size_t size = 0;
    struct error error;
    for (int database = DATABASE_ALL; database < DATABASE_COUNT; database++) {
        struct plan plan, back;
        arena_reset(&arena);
        compact_decode(&plan, &arena, NULL, 0, (enum plan_database)database);
        assert_int_equal(plan.database, database);
        assert_int_equal(compact_encode(&plan, bytes, &size, &error), ERROR_NONE);
        assert_int_equal(bytes[1], plan_database_infos[database].number);
        compact_decode(&back, &arena, bytes, size, DATABASE_ALL);
        assert_int_equal(back.database, database);
        compact_decode(&back, &arena, bytes, size, DATABASE_sqlite);
        assert_int_equal(back.database, DATABASE_sqlite);
    }
}

/* No two arguments of an action, and no two settings of a plan, are at the same place. */
static void test_places_do_not_overlap(void **state)
{
    (void)state;
    for (int action = 0; action < ACTION_COUNT; action++) {
        uint8_t used[COMPACT_RECORD_BYTES] = {0};
        for (int field = 0; field < FIELD_COUNT; field++) {
            const struct plan_field_info *place = &plan_field_infos[field];
            if (!plan_action_has((enum plan_action)action, (enum plan_field)field))
                continue;
            unsigned bits = ((1u << place->width) - 1) << place->shift;
            assert_in_range(place->byte, 2, 7);
            assert_in_range(place->domain, 1, 1u << place->width);
            assert_true(bits <= UINT8_MAX);
            assert_int_equal(used[place->byte] & bits, 0);
            used[place->byte] = (uint8_t)(used[place->byte] | bits);
        }
    }
    for (int database = DATABASE_ALL; database < DATABASE_COUNT; database++) {
        bool used[COMPACT_HEADER_BYTES] = {false};
        uint8_t fields[PLAN_CONFIG_COUNT];
        uint32_t count = plan_list_settings((enum plan_database)database, fields);
        for (uint32_t i = 0; i < count; i++) {
            const struct plan_config_info *info = &plan_config_infos[fields[i]];
            if (info->database == DATABASE_ALL)
                assert_in_range(info->byte, 2, 15);
            else
                assert_in_range(info->byte, 16, COMPACT_HEADER_BYTES - 1);
            assert_false(used[info->byte]);
            used[info->byte] = true;
        }
    }
}

/* Bytes written out by hand from the tables of docs/plan-format.md. */
static void test_documented_places(void **state)
{
    (void)state;
    enum { FIRST = COMPACT_HEADER_BYTES, RECORD = COMPACT_RECORD_BYTES };
    uint8_t bytes[FIRST + 7 * RECORD] = {
        [0] = 2,
        [1] = 1,  /* sqlite */
        [2] = 7,  /* 8 tasks */
        [5] = 1,  /* pool */
        [6] = 2,  /* 3 readers */
        [7] = 1,  /* 2 writers */
        [8] = 4,  /* 8 statements */
        [9] = 1,  /* no wait */
        [10] = 2, /* mailbox of 2 */
        [11] = 3, /* streams of 32 rows */
        [16] = 4, /* journal_mode memory */
        [FIRST + 0] = 3,
        [FIRST + 1] = 20,
        [FIRST + 5] = 1 << 5 | 3, /* task 3 checks a reader out within 1 s */
        [FIRST + RECORD + 0] = 2,
        [FIRST + RECORD + 1] = 23,
        [FIRST + RECORD + 4] = 6 << 5, /* task 2 cancels task 6 */
        [FIRST + 2 * RECORD + 1] = 19,
        [FIRST + 2 * RECORD + 5] = 1 << 5, /* task 0 reopens, interrupting */
        [FIRST + 3 * RECORD + 1] = 28,
        [FIRST + 3 * RECORD + 2] = 1,
        [FIRST + 3 * RECORD + 3] = 30,
        [FIRST + 3 * RECORD + 4] = 7, /* a batch of the keys from 30 on in t1 */
        [FIRST + 4 * RECORD + 1] = 26,
        [FIRST + 4 * RECORD + 4] = 31, /* the next 32 rows */
        [FIRST + 5 * RECORD + 1] = 21, /* return */
        [FIRST + 6 * RECORD + 0] = 3 << 3 | 7 << 5,
        [FIRST + 6 * RECORD + 1] = 11,     /* checkpoint */
        [FIRST + 6 * RECORD + 5] = 3 << 5, /* truncate */
        [FIRST + 6 * RECORD + 8] = 41,
        [FIRST + 6 * RECORD + 9] = 2, /* held back before the 42nd write */
        [FIRST + 6 * RECORD + 10] = 14,
        [FIRST + 6 * RECORD + 11] = 15, /* power loss at the 100th opportunity */
    };
    struct plan plan, other;
    arena_reset(&arena);
    compact_decode(&plan, &arena, bytes, sizeof bytes, DATABASE_ALL);
    assert_int_equal(plan.database, DATABASE_sqlite);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_stack), PLAN_STACK_POOL);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_readers), 3);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_writers), 2);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_statement_cache), 8);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_acquire_timeout), 0);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_mailbox), 2);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_stream_rows), 32);
    assert_int_equal(plan.config.choice[PLAN_CONFIG_journal_mode], 4);

    const struct interaction *checkout = &plan.interactions[0];
    assert_int_equal(checkout->task, 3);
    assert_int_equal(checkout->action, ACTION_checkout);
    assert_int_equal(checkout->arguments[FIELD_access], ACCESS_READ);
    assert_int_equal(checkout->arguments[FIELD_timeout], TIMEOUT_1_S);
    assert_int_equal(checkout->arguments[FIELD_property], PROPERTY_none);
    assert_int_equal(plan.interactions[1].action, ACTION_cancel);
    assert_int_equal(plan_target(&plan, &plan.interactions[1]), 6);
    assert_int_equal(plan.interactions[2].action, ACTION_reopen);
    assert_int_equal(plan.interactions[2].arguments[FIELD_close_mode], CLOSE_INTERRUPT);
    assert_int_equal(plan.interactions[3].action, ACTION_batch);
    assert_int_equal(plan.interactions[3].arguments[FIELD_table], 1);
    assert_int_equal(plan_batch_count(&plan.interactions[3]), 2);
    assert_int_equal(plan.interactions[4].action, ACTION_stream_next);
    assert_int_equal(plan.interactions[4].arguments[FIELD_span], 31);
    assert_int_equal(plan.interactions[5].action, ACTION_return);
    const struct interaction *checkpoint = &plan.interactions[6];
    assert_int_equal(checkpoint->action, ACTION_checkpoint);
    assert_int_equal(checkpoint->arguments[FIELD_checkpoint_mode], 3);
    assert_int_equal(checkpoint->pause_after, 42);
    assert_int_equal(checkpoint->pause_class, PAUSE_WRITE);
    assert_int_equal(checkpoint->fault, FAULT_power_loss);
    assert_int_equal(checkpoint->fault_at, 100);

    bytes[0] = bytes[15] = bytes[31] = 0xff; /* not read, or free */
    bytes[FIRST + 7] = 0xff;
    compact_decode(&other, &arena, bytes, sizeof bytes, DATABASE_ALL);
    assert_true(plan_equal(&plan, &other));

    bytes[FIRST + 6] = PROPERTY_select_limit;
    compact_decode(&other, &arena, bytes, sizeof bytes, DATABASE_ALL);
    assert_int_equal(other.interactions[0].arguments[FIELD_property], PROPERTY_select_limit);
}

static void test_timeouts(void **state)
{
    (void)state;
    struct plan plan = {0};
    struct interaction checkout = {.action = ACTION_checkout};
    static const uint32_t expected[] = {30000, 0, 10, 1000};
    plan.config.choice[PLAN_CONFIG_acquire_timeout] = 4;
    for (uint8_t timeout = 0; timeout < 4; timeout++) {
        checkout.arguments[FIELD_timeout] = timeout;
        assert_int_equal(plan_timeout_ms(&plan, &checkout), expected[timeout]);
    }
}

static void assert_not_compact(const struct plan *plan, const char *message)
{
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size = 77;
    struct error error = {0};
    assert_int_equal(compact_encode(plan, bytes, &size, &error), ERROR_INPUT);
    assert_int_equal(size, 77);
    if (strstr(error.message, message) == NULL)
        fail_msg("expected '%s' in '%s'", message, error.message);
}

static void test_compact_form_says_what_it_cannot_carry(void **state)
{
    (void)state;
    static const struct plan_expectation expectation = {.has_row_count = true};
    struct interaction one = {.action = ACTION_query, .sql = "SELECT 1"};
    struct plan plan = {.interaction_count = 1, .interactions = &one};
    assert_not_compact(&plan, "interactions[0] (query): the compact form has no such action");
    one = (struct interaction){.expectation = &expectation};
    assert_not_compact(&plan, "no expectations");
    one = (struct interaction){.action = ACTION_sleep, .sleep_ms = 3};
    assert_not_compact(&plan, "power of two");
    one = (struct interaction){.pause_after = PLAN_PAUSE_MAX + 1};
    assert_not_compact(&plan, "1 to 256 yield points");
    one = (struct interaction){.fault = FAULT_busy, .fault_at = 9};
    assert_not_compact(&plan, "fault opportunity");
    plan.kind = PLAN_MIDDLEWARE;
    assert_not_compact(&plan, "no plans of sql-middleware's simulator");
    plan = (struct plan){.interaction_count = PLAN_INTERACTIONS_MAX + 1};
    plan.interactions = ARENA_ARRAY(&arena, struct interaction, PLAN_INTERACTIONS_MAX + 1);
    assert_not_compact(&plan, "at most 256 interactions, the plan has 257");
}

/* plan_equal is what the tests above lean on: it must see each difference. */
static void test_plan_equal_sees_every_field(void **state)
{
    (void)state;
    static const struct plan_expectation expectations[] = {
        {.has_row_count = true},
        {.has_row_count = true, .row_count = 1},
        {.has_column_count = true},
        {.has_column_count = true, .column_count = 1},
        {.expects_error = true, .error_contains = "a"},
        {.expects_error = true, .error_contains = "b"},
    };
    struct interaction variants[FIELD_COUNT + 16] = {{0}};
    size_t count = 1;
    variants[count++].task = 1;
    variants[count++].action = 1;
    for (int field = 0; field < FIELD_COUNT; field++)
        variants[count++].arguments[field] = 1;
    variants[count++].pause_class = 1;
    variants[count++].pause_after = 1;
    variants[count++].fault = 1;
    variants[count++].fault_at = 1;
    variants[count++].sleep_ms = 1;
    variants[count++].sql = "a";
    variants[count++].sql = "b";
    for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
        variants[count++].expectation = &expectations[i];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            struct plan left = {.interaction_count = 1, .interactions = &variants[i]};
            struct plan right = {.interaction_count = 1, .interactions = &variants[j]};
            assert_int_equal(plan_equal(&left, &right), i == j);
        }
    }
    struct plan plan = {0};
    struct plan other = {.kind = PLAN_MIDDLEWARE};
    assert_false(plan_equal(&plan, &other));
    other = (struct plan){.pool_size = 1};
    assert_false(plan_equal(&plan, &other));
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        other = (struct plan){0};
        other.config.choice[field] = 1;
        assert_false(plan_equal(&plan, &other));
    }
}

int main(int argc, char **argv)
{
    const char *asked = argc > 1 ? argv[1] : getenv("INTERPLAY_TEST_PLANS");
    if (asked != NULL)
        plan_count = atol(asked);
    if (plan_count < 1) {
        fprintf(stderr, "plan_test: expected a number of plans, found %s\n", asked);
        return 2;
    }
    arena_init(&arena, 64u << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_string_is_a_plan),
        cmocka_unit_test(test_eight_bytes_are_an_interaction),
        cmocka_unit_test(test_swapping_records_swaps_interactions),
        cmocka_unit_test(test_zero_is_the_simplest),
        cmocka_unit_test(test_what_is_missing_reads_as_zero),
        cmocka_unit_test(test_action_numbers),
        cmocka_unit_test(test_places_do_not_overlap),
        cmocka_unit_test(test_documented_places),
        cmocka_unit_test(test_database_byte),
        cmocka_unit_test(test_timeouts),
        cmocka_unit_test(test_compact_form_says_what_it_cannot_carry),
        cmocka_unit_test(test_plan_equal_sees_every_field),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
