/* SPDX-License-Identifier: Apache-2.0 */
/* Proves what properties claim of results that are made up, and where they claim nothing. */
#include "oracle_fixture.h"

static struct oracle_setting setting;
static const struct durability_promise nothing_lasts = {.process_death = SURVIVES_UNCLAIMED};
static const struct promises promises = {.one_writer = true};

static int setup(void **state)
{
    (void)state;
    reset_plan();
    setting = (struct oracle_setting){
        .has_model = true,
        .has_properties = true,
        .promises = &promises,
        .durability = &nothing_lasts,
        .isolation = isolation_level_named("strict-serializable"),
    };
    assert_non_null(setting.isolation);
    begin_oracle("property", &setting);
    return 0;
}

/* --- what tasks do ---------------------------------------------------------------------------- */

static void call(uint32_t task, size_t step)
{
    feed((struct event){.kind = EVENT_call, .task = (uint8_t)task, .interaction = (uint32_t)step});
}

static void does(uint32_t task, size_t step, struct observation seen)
{
    call(task, step);
    feed_result(task, step, &seen);
}

static struct interaction *is(size_t step, enum plan_action action)
{
    steps[step].action = (uint8_t)action;
    return &steps[step];
}

/* A judged select of all rows of t0. */
static struct interaction *is_select(size_t step, enum plan_property property)
{
    is(step, ACTION_select)->arguments[FIELD_property] = (uint8_t)property;
    return &steps[step];
}

/* The first rows of the table, as they are at the start. */
static struct observation sees(uint32_t rows)
{
    struct observation seen = {.row_count = rows, .rows_kept = rows};
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t key = i * PLAN_SEED_KEY_STRIDE;
        seen.rows[i] = (struct observed_row){
            .key = key, .value = key, .text_value = key, .text_units = 1, .intact = true};
    }
    return seen;
}

static void add_row(struct observation *seen, uint32_t key, int64_t value)
{
    seen->rows[seen->rows_kept++] =
        (struct observed_row){.key = key, .value = value, .text_value = -1, .intact = true};
    seen->row_count++;
}

static const struct observation done = {.outcome = OUTCOME_OK, .changes = 1};
static const struct observation in_transaction = {.in_transaction = true, .changes = 1};

/* Step 0 writes key 1 of t0, text NULL. */
static struct interaction *is_write(void)
{
    is(0, ACTION_upsert)->arguments[FIELD_key] = 1;
    return &steps[0];
}

/* --- content ---------------------------------------------------------------------------------- */

static void test_what_was_written_is_found(void **state)
{
    (void)state;
    (void)is_write();
    (void)is_select(1, PROPERTY_insert_values_select);
    struct observation seen = sees(PLAN_SEED_ROWS);
    add_row(&seen, 1, plan_value(0, 1));
    does(0, 0, done);
    does(1, 1, seen);
    assert_ok();
    does(1, 1, sees(PLAN_SEED_ROWS));
    assert_signature("property/insert-values-select/not-found");
}

static void test_each_property_claims_its_own_part(void **state)
{
    (void)state;
    (void)is_select(1, PROPERTY_delete_select);
    (void)is_select(2, PROPERTY_tx_commit_visible);
    struct observation more = sees(PLAN_SEED_ROWS);
    add_row(&more, 1, 7);
    does(0, 1, sees(2)); /* nothing that should be gone */
    does(0, 2, more);    /* everything that should be there */
    assert_ok();
    does(0, 1, more);
    assert_signature("property/delete-select/other-rows");
}

static void test_nobody_sees_what_was_rolled_back(void **state)
{
    (void)state;
    (void)is_write();
    (void)is(1, ACTION_begin);
    (void)is(2, ACTION_rollback);
    (void)is_select(3, PROPERTY_tx_rollback_invisible);
    does(0, 1, in_transaction);
    does(0, 0, in_transaction);
    does(0, 2, done);
    does(1, 3, sees(PLAN_SEED_ROWS));
    assert_ok();
    struct observation seen = sees(PLAN_SEED_ROWS);
    add_row(&seen, 1, plan_value(0, 1));
    does(1, 3, seen);
    assert_signature("property/tx-rollback-invisible/other-rows");
}

/* Where it is only warned of. */
static void test_a_begin_in_a_transaction_forgets_nothing(void **state)
{
    (void)state;
    (void)is_write();
    (void)is(1, ACTION_begin);
    (void)is(2, ACTION_commit);
    (void)is_select(3, PROPERTY_tx_commit_visible);
    does(0, 1, in_transaction);
    does(0, 0, in_transaction);
    does(0, 1, in_transaction);
    does(0, 2, done);
    struct observation seen = sees(PLAN_SEED_ROWS);
    add_row(&seen, 1, plan_value(0, 1));
    does(1, 3, seen);
    assert_ok();
    does(1, 3, sees(PLAN_SEED_ROWS));
    assert_signature("property/tx-commit-visible/not-found");
}

static void test_who_wrote_reads_it_in_the_transaction(void **state)
{
    (void)state;
    (void)is_write();
    (void)is(1, ACTION_begin);
    (void)is_select(2, PROPERTY_read_your_updates_back);
    struct observation seen = sees(PLAN_SEED_ROWS);
    add_row(&seen, 1, plan_value(0, 1));
    seen.in_transaction = true;
    does(0, 1, in_transaction);
    does(0, 0, in_transaction);
    does(0, 2, seen);
    assert_ok();
    seen.rows_kept--, seen.row_count--;
    does(0, 2, seen);
    assert_signature("property/read-your-updates-back/not-found");
}

/* --- where nothing is claimed ----------------------------------------------------------------- */

static void test_others_that_write_are_in_the_way(void **state)
{
    (void)state;
    (void)is_write();
    (void)is_select(1, PROPERTY_table_has_expected_content);
    call(1, 1);
    does(0, 0, done); /* while it reads */
    const struct observation nothing = sees(0);
    feed_result(1, 1, &nothing);
    call(0, 0); /* and when it begins after that */
    does(1, 1, sees(0));
    assert_ok();
    feed_result(0, 0, &done);
    does(1, 1, sees(0));
    assert_signature("property/table-has-expected-content/not-found");
}

static void test_a_transaction_that_is_open_is_in_the_way(void **state)
{
    (void)state;
    (void)is_write();
    (void)is(1, ACTION_begin);
    (void)is_select(2, PROPERTY_table_has_expected_content);
    does(0, 1, in_transaction);
    does(0, 0, in_transaction);
    does(1, 2, sees(0));
    assert_ok();
    does(0, 0, done); /* it is over: the database has rolled it back, or not */
    does(1, 2, sees(0));
    assert_ok();
}

static void test_a_write_that_failed_leaves_two_states(void **state)
{
    (void)state;
    (void)is_write();
    (void)is_select(1, PROPERTY_faulty_query);
    struct observation seen = sees(PLAN_SEED_ROWS);
    does(0, 0, (struct observation){.outcome = OUTCOME_IO_ERROR});
    does(1, 1, seen);
    add_row(&seen, 1, plan_value(0, 1));
    does(1, 1, seen);
    assert_ok();
    does(1, 1, sees(2));
    assert_signature("property/faulty-query/not-found");
}

static void test_nothing_is_claimed_after_what_the_settings_do_not_promise(void **state)
{
    (void)state;
    (void)is_select(1, PROPERTY_fsync_no_wait);
    feed((struct event){.kind = EVENT_fault, .detail = FAULT_process_death});
    does(0, 1, sees(0));
    assert_ok();
}

static void test_nothing_is_claimed_after_a_lost_request(void **state)
{
    (void)state;
    (void)is_select(1, PROPERTY_table_has_expected_content);
    feed((struct event){.kind = EVENT_fault, .detail = FAULT_partial_success});
    does(0, 1, sees(0));
    assert_ok();
}

static void test_nothing_is_claimed_where_old_states_may_be_read(void **state)
{
    (void)state;
    setting.isolation = isolation_level_named("serializable");
    begin_oracle("property", &setting);
    (void)is_select(1, PROPERTY_table_has_expected_content);
    does(0, 1, sees(0));
    assert_ok();
}

/* --- results beside each other ---------------------------------------------------------------- */

static void test_an_aggregate_is_that_of_its_rows(void **state)
{
    (void)state;
    is_select(1, PROPERTY_select_select_optimizer)->arguments[FIELD_aggregate] = AGGREGATE_COUNT;
    (void)is_select(2, PROPERTY_select_select_optimizer);
    (void)is_write();
    does(0, 1, (struct observation){.row_count = 1, .number = 3});
    does(1, 0, done); /* in between: nothing is claimed */
    does(0, 2, sees(2));
    does(0, 1, (struct observation){.row_count = 1, .number = 2});
    does(0, 2, sees(2)); /* whatever the table holds */
    assert_ok();
    does(0, 1, (struct observation){.row_count = 1, .number = 3});
    does(0, 2, sees(2));
    assert_signature("property/select-select-optimizer/count");
}

static void test_parts_are_the_whole(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 3; step++)
        is_select(step, PROPERTY_where_true_false_null)->arguments[FIELD_aggregate] =
            AGGREGATE_COUNT;
    steps[1].arguments[FIELD_filter] = FILTER_VALUE_FROM;
    steps[2].arguments[FIELD_filter] = FILTER_VALUE_BELOW;
    does(0, 1, (struct observation){.row_count = 1, .number = 3});
    does(0, 2, (struct observation){.row_count = 1, .number = 4});
    does(0, 3, (struct observation){.row_count = 1, .number = 7});
    assert_ok();
    steps[2].arguments[FIELD_key] = 1; /* no parts of it any more */
    does(0, 1, (struct observation){.row_count = 1, .number = 3});
    does(0, 2, (struct observation){.row_count = 1, .number = 4});
    does(0, 3, (struct observation){.row_count = 1, .number = 8});
    assert_ok();
    steps[2].arguments[FIELD_key] = 0;
    does(0, 1, (struct observation){.row_count = 1, .number = 3});
    does(0, 2, (struct observation){.row_count = 1, .number = 4});
    does(0, 3, (struct observation){.row_count = 1, .number = 8});
    assert_signature("property/where-true-false-null/count");
}

/* Whatever a stack answers: sanitizers look at this one. */
static void test_numbers_may_be_as_large_as_they_like(void **state)
{
    (void)state;
    struct observation huge = {0};
    add_row(&huge, 1, INT64_MAX);
    add_row(&huge, 2, INT64_MAX);
    is_select(1, PROPERTY_select_select_optimizer)->arguments[FIELD_aggregate] = AGGREGATE_SUM;
    (void)is_select(2, PROPERTY_select_select_optimizer);
    does(0, 1, (struct observation){.row_count = 1, .number = 3});
    does(0, 2, huge);
    assert_signature("property/select-select-optimizer/sum");
}

static void test_counts_may_be_as_large_as_they_like(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 3; step++)
        is_select(step, PROPERTY_where_true_false_null)->arguments[FIELD_aggregate] =
            AGGREGATE_COUNT;
    steps[1].arguments[FIELD_filter] = FILTER_VALUE_FROM;
    steps[2].arguments[FIELD_filter] = FILTER_VALUE_BELOW;
    for (size_t step = 1; step <= 3; step++)
        does(0, step, (struct observation){.row_count = 1, .number = INT64_MAX});
    assert_signature("property/where-true-false-null/count");
}

static void test_a_limit_is_kept(void **state)
{
    (void)state;
    struct interaction *select = is_select(1, PROPERTY_select_limit);
    select->arguments[FIELD_limit] = 2;
    does(0, 1, sees(3)); /* without an order there is none */
    select->arguments[FIELD_order] = ORDER_KEY;
    does(0, 1, sees(2));
    assert_ok();
    does(0, 1, sees(3));
    assert_signature("property/select-limit/too-many-rows");
}

/* --- locks and leases ------------------------------------------------------------------------- */

static void test_who_is_alone_is_not_busy(void **state)
{
    (void)state;
    is_write()->arguments[FIELD_property] = PROPERTY_retry_after_busy;
    (void)is(1, ACTION_begin);
    const struct observation busy = {.outcome = OUTCOME_BUSY};
    does(1, 1, in_transaction);
    does(0, 0, busy); /* somebody is there */
    feed((struct event){.kind = EVENT_disconnect, .task = 1});
    feed((struct event){.kind = EVENT_park, .task = 1});
    does(0, 0, busy); /* or held back */
    feed((struct event){.kind = EVENT_continue, .task = 1});
    assert_ok();
    does(0, 0, busy);
    assert_signature("property/retry-after-busy/refused");
}

static void ask(uint32_t task, uint64_t timeout_ns, enum outcome outcome)
{
    feed((struct event){
        .kind = EVENT_lease_asked, .task = (uint8_t)task, .value = (int64_t)timeout_ns});
    feed((struct event){
        .kind = EVENT_lease_got, .task = (uint8_t)task, .detail = (uint16_t)outcome});
}

static void test_what_was_given_back_can_be_taken(void **state)
{
    (void)state;
    setting.is_pooled = true;
    begin_oracle("property", &setting);
    is(0, ACTION_checkout)->arguments[FIELD_property] = PROPERTY_pool_checkout_return;
    ask(1, 1000, OUTCOME_OK);
    ask(0, 1000, OUTCOME_TIMEOUT); /* the other one has it */
    feed((struct event){.kind = EVENT_lease_ended, .task = 1});
    ask(0, 0, OUTCOME_TIMEOUT); /* does not wait at all */
    assert_ok();
    ask(0, 1000, OUTCOME_TIMEOUT);
    assert_signature("property/pool-checkout-return/refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
        TEST(test_what_was_written_is_found),
        TEST(test_each_property_claims_its_own_part),
        TEST(test_nobody_sees_what_was_rolled_back),
        TEST(test_a_begin_in_a_transaction_forgets_nothing),
        TEST(test_who_wrote_reads_it_in_the_transaction),
        TEST(test_others_that_write_are_in_the_way),
        TEST(test_a_transaction_that_is_open_is_in_the_way),
        TEST(test_a_write_that_failed_leaves_two_states),
        TEST(test_nothing_is_claimed_after_what_the_settings_do_not_promise),
        TEST(test_nothing_is_claimed_after_a_lost_request),
        TEST(test_nothing_is_claimed_where_old_states_may_be_read),
        TEST(test_an_aggregate_is_that_of_its_rows),
        TEST(test_parts_are_the_whole),
        TEST(test_numbers_may_be_as_large_as_they_like),
        TEST(test_counts_may_be_as_large_as_they_like),
        TEST(test_a_limit_is_kept),
        TEST(test_who_is_alone_is_not_busy),
        TEST(test_what_was_given_back_can_be_taken),
    };
    return RUN_ORACLE_TESTS(tests);
}
