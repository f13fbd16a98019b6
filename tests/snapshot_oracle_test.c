/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what the snapshot and durability oracles accept and what they call a violation, on small
 * hand-made histories: calls begin, commit and return in an order that the test chooses, with
 * results that the test chooses.
 */
#include "oracle_fixture.h"

static struct observation seen;
static struct oracle_setting setting;
static struct durability_promise lasts;

/* --- making histories ------------------------------------------------------------------------ */

static int setup(void **state)
{
    (void)state;
    reset_plan();
    lasts = (struct durability_promise){.power_loss = SURVIVES_ALL};
    setting = (struct oracle_setting){.has_model = true, .durability = &lasts};
    begin_oracle("snapshot", &setting);
    return 0;
}

static void happens(enum event_kind kind, uint32_t task)
{
    feed((struct event){.kind = (uint8_t)kind, .task = (uint8_t)task});
}

static size_t last_step[PLAN_TASKS_MAX]; /* of each task */

static void begin(uint32_t task, size_t step, enum plan_action action)
{
    steps[step].task = (uint8_t)task;
    steps[step].action = (uint8_t)action;
    last_step[task] = step;
    feed((struct event){.kind = EVENT_call, .task = (uint8_t)task, .interaction = (uint32_t)step});
}

static void commit_point(uint32_t task)
{
    happens(EVENT_commit_point, task);
}

static void end_with(uint32_t task, enum outcome outcome, bool in_transaction)
{
    seen.outcome = outcome;
    seen.in_transaction = in_transaction;
    feed_result(task, last_step[task], &seen);
    memset(&seen, 0, sizeof seen);
}

/* An insert of key 1 into t0 on its own. */
static void insert_key_1(uint32_t task, size_t step)
{
    steps[step].arguments[FIELD_key] = 1;
    begin(task, step, ACTION_insert);
    commit_point(task);
    seen.changes = 1;
    end_with(task, OUTCOME_OK, false);
}

static void count_begins(uint32_t task, size_t step)
{
    steps[step].arguments[FIELD_aggregate] = AGGREGATE_COUNT;
    begin(task, step, ACTION_select);
}

static void count_ends(uint32_t task, int64_t rows, bool in_transaction)
{
    seen.row_count = 1;
    seen.number = rows;
    end_with(task, OUTCOME_OK, in_transaction);
}

static void count(uint32_t task, size_t step, int64_t rows, bool in_transaction)
{
    count_begins(task, step);
    count_ends(task, rows, in_transaction);
}

static void simple(uint32_t task, size_t step, enum plan_action action, bool in_transaction_after)
{
    begin(task, step, action);
    end_with(task, OUTCOME_OK, in_transaction_after);
}

/* The state that the oracle expects to find in the database. */
static struct model_database expected(void)
{
    struct explanation explanation = {0};
    const struct event event = {.kind = EVENT_content};
    oracle->ops->explain(oracle_state, &event, &explanation);
    assert_true(explanation.is_known);
    return *explanation.content;
}

static void look_at_end(const struct model_database *content)
{
    feed((struct event){.kind = EVENT_content, .interaction = EVENT_AT_END, .content = content});
}

static void recover(const struct model_database *content)
{
    const struct event_recovery recovery = {.content = content, .again = content};
    feed((struct event){.kind = EVENT_recovered, .interaction = 3, .recovery = &recovery});
}

enum { SEED_ROWS = PLAN_KEYS / PLAN_SEED_KEY_STRIDE };

/* --- reads ------------------------------------------------------------------------------------ */

static void test_read_sees_acknowledged_commits(void **state)
{
    (void)state;
    insert_key_1(0, 0);
    count(1, 1, SEED_ROWS + 1, false);
    assert_ok();
}

static void test_stale_read(void **state)
{
    (void)state;
    insert_key_1(0, 0);
    count(1, 1, SEED_ROWS, false);
    assert_signature("snapshot/stale-select");
}

static void test_read_beside_a_commit_sees_either(void **state)
{
    (void)state;
    for (int64_t more = 0; more <= 1; more++) {
        setup(NULL);
        count_begins(1, 1);
        insert_key_1(0, 0);
        count_ends(1, SEED_ROWS + more, false);
        assert_ok();
    }
}

static void test_dirty_read(void **state)
{
    (void)state;
    simple(0, 0, ACTION_begin, true);
    steps[1].arguments[FIELD_key] = 1;
    begin(0, 1, ACTION_insert);
    seen.changes = 1;
    end_with(0, OUTCOME_OK, true);
    count(1, 2, SEED_ROWS + 1, false);
    assert_signature("snapshot/wrong-select");
}

static void test_snapshot_must_hold(void **state)
{
    (void)state;
    simple(1, 0, ACTION_begin, true);
    count(1, 1, SEED_ROWS, true);
    insert_key_1(0, 2);
    count(1, 3, SEED_ROWS, true);
    assert_ok();
    count(1, 4, SEED_ROWS + 1, true);
    assert_signature("snapshot/snapshot-moved-select");
}

static void test_begin_takes_no_snapshot(void **state)
{
    (void)state;
    simple(1, 0, ACTION_begin, true);
    insert_key_1(0, 1);
    count(1, 2, SEED_ROWS + 1, true);
    assert_ok();
}

/* --- where each statement sees commits anew --------------------------------------------- */

static void begin_with(const struct promises *promises)
{
    setup(NULL);
    setting.promises = promises;
    begin_oracle("snapshot", &setting);
}

/* Task 1 has read, and is in its transaction still, when task 0 commits. */
static void commit_beside_a_transaction(void)
{
    simple(1, 0, ACTION_begin, true);
    count(1, 1, SEED_ROWS, true);
    insert_key_1(0, 2);
}

static void test_each_statement_sees_what_is_committed(void **state)
{
    (void)state;
    static const struct promises by_statement = {.rows = VIEW_OF_STATEMENT};
    begin_with(&by_statement);
    commit_beside_a_transaction();
    count(1, 3, SEED_ROWS + 1, true);
    steps[4].arguments[FIELD_key] = 2;
    begin(1, 4, ACTION_insert);
    seen.changes = 1;
    end_with(1, OUTCOME_OK, true);
    count(1, 5, SEED_ROWS + 2, true);
    assert_ok(); /* its write is on the newest commit: nothing is lost */
    begin_with(&by_statement);
    commit_beside_a_transaction();
    count(1, 3, SEED_ROWS, true);
    assert_signature("snapshot/stale-select");
}

static void test_a_failed_statement_takes_no_snapshot(void **state)
{
    (void)state;
    static const struct promises by_statement = {.rows = VIEW_OF_STATEMENT};
    begin_with(&by_statement);
    simple(1, 0, ACTION_begin, true);
    begin(1, 1, ACTION_select);
    end_with(1, OUTCOME_LOCKED, true);
    insert_key_1(0, 2);
    count(1, 3, SEED_ROWS, true);
    assert_signature("snapshot/stale-select");
}

static void test_of_some_reads_nothing_is_claimed(void **state)
{
    (void)state;
    static const struct promises unclaimed = {.rows = VIEW_UNCLAIMED};
    begin_with(&unclaimed);
    commit_beside_a_transaction();
    count(1, 3, SEED_ROWS + 5, true);
    begin(1, 4, ACTION_insert);
    end_with(1, OUTCOME_CONSTRAINT, true);
    assert_ok();
    steps[5].arguments[FIELD_key] = 2;
    begin(1, 5, ACTION_insert);
    seen.changes = 1;
    end_with(1, OUTCOME_OK, true);
    count(1, 6, SEED_ROWS + 2, true);
    assert_ok();
    count(1, 7, SEED_ROWS + 3, true); /* who writes sees the newest commit and its own work */
    assert_signature("snapshot/wrong-own-select");
}

static void test_the_schema_is_claimed_all_the_same(void **state)
{
    (void)state;
    static const struct promises unclaimed = {.rows = VIEW_UNCLAIMED};
    begin_with(&unclaimed);
    begin(0, 0, ACTION_select);
    end_with(0, OUTCOME_SQL_ERROR, false);
    assert_signature("snapshot/wrong-select");
}

/* --- writes ----------------------------------------------------------------------------------- */

static void test_lost_update(void **state)
{
    (void)state;
    simple(1, 0, ACTION_begin, true);
    count(1, 1, SEED_ROWS, true);
    insert_key_1(0, 2);
    steps[3].arguments[FIELD_key] = 2;
    begin(1, 3, ACTION_insert);
    seen.changes = 1;
    end_with(1, OUTCOME_OK, true);
    assert_signature("snapshot/lost-update");
}

static void test_constraint_must_be_predicted(void **state)
{
    (void)state;
    steps[0].arguments[FIELD_key] = 1;
    begin(0, 0, ACTION_insert);
    end_with(0, OUTCOME_CONSTRAINT, false);
    assert_signature("snapshot/wrong-insert");
}

static void test_wrong_number_of_changes(void **state)
{
    (void)state;
    begin(0, 0, ACTION_update);
    commit_point(0);
    seen.changes = SEED_ROWS - 1;
    end_with(0, OUTCOME_OK, false);
    assert_signature("snapshot/wrong-update");
}

static void test_savepoint_rolls_back_only_its_part(void **state)
{
    (void)state;
    simple(0, 0, ACTION_begin, true);
    for (size_t step = 1; step <= 3; step += 2) {
        steps[step].arguments[FIELD_key] = (uint8_t)step;
        begin(0, step, ACTION_insert);
        seen.changes = 1;
        end_with(0, OUTCOME_OK, true);
        if (step == 1)
            simple(0, 2, ACTION_savepoint, true);
    }
    simple(0, 4, ACTION_rollback_to, true);
    count(0, 5, SEED_ROWS + 1, true);
    begin(0, 6, ACTION_commit);
    commit_point(0);
    end_with(0, OUTCOME_OK, false);
    count(1, 7, SEED_ROWS + 1, false);
    assert_ok();
    count(1, 8, SEED_ROWS + 2, false);
    assert_signature("snapshot/wrong-select");
}

/* A number beside the tables is part of each commit, and of what a savepoint undoes. */
static void number_is(uint32_t task, size_t step, int64_t number, bool in_transaction)
{
    begin(task, step, ACTION_read_header);
    seen.row_count = 1;
    seen.number = number;
    end_with(task, OUTCOME_OK, in_transaction);
}

static void test_number_beside_the_tables(void **state)
{
    (void)state;
    simple(0, 0, ACTION_begin, true);
    simple(0, 1, ACTION_set_header, true);
    simple(0, 2, ACTION_savepoint, true);
    simple(0, 3, ACTION_set_header, true);
    number_is(0, 4, plan_number(3), true);
    number_is(1, 5, 0, false);
    simple(0, 6, ACTION_rollback_to, true);
    number_is(0, 7, plan_number(1), true);
    begin(0, 8, ACTION_commit);
    commit_point(0);
    end_with(0, OUTCOME_OK, false);
    number_is(1, 9, plan_number(1), false);
    assert_ok();
    struct model_database content = expected();
    assert_int_equal(content.numbers[0], plan_number(1));
    look_at_end(&content);
    assert_ok();
    content.numbers[1]++;
    look_at_end(&content);
    assert_signature("snapshot/final-content/number1");
}

static void test_number_that_a_savepoint_kept(void **state)
{
    (void)state;
    simple(0, 0, ACTION_begin, true);
    simple(0, 1, ACTION_savepoint, true);
    simple(0, 2, ACTION_set_header, true);
    simple(0, 3, ACTION_rollback_to, true);
    number_is(0, 4, plan_number(2), true);
    assert_signature("snapshot/wrong-own-read_header");
}

/* What a connection knows of the schema is as old as its last statement that asked for it. */
static void test_number_tells_nothing_of_the_schema(void **state)
{
    (void)state;
    begin(0, 0, ACTION_create_index);
    end_with(0, OUTCOME_SQL_ERROR, false); /* it is there */
    begin(1, 1, ACTION_drop_index);
    commit_point(1);
    end_with(1, OUTCOME_OK, false);
    number_is(0, 2, 0, false);
    begin(0, 3, ACTION_create_index);
    end_with(0, OUTCOME_SQL_ERROR, false);
    assert_ok();
    count(0, 4, SEED_ROWS, false);
    begin(0, 5, ACTION_create_index);
    end_with(0, OUTCOME_SQL_ERROR, false);
    assert_signature("snapshot/stale-create_index");
}

/* --- looks by a new connection ---------------------------------------------------------------- */

static void look_begins(uint32_t task, size_t step)
{
    begin(task, step, ACTION_look);
}

static void look_ends(uint32_t task, const struct model_database *content, bool in_transaction)
{
    seen.looked = content;
    end_with(task, OUTCOME_OK, in_transaction);
}

static void test_look_sees_what_was_committed(void **state)
{
    (void)state;
    static struct model_database before, after;
    before = expected();
    simple(0, 0, ACTION_begin, true);
    steps[1].arguments[FIELD_key] = 1;
    begin(0, 1, ACTION_insert);
    seen.changes = 1;
    end_with(0, OUTCOME_OK, true);
    look_begins(0, 2); /* not what the task itself has written */
    look_ends(0, &before, true);
    look_begins(1, 3);
    begin(0, 4, ACTION_commit);
    commit_point(0);
    end_with(0, OUTCOME_OK, false);
    after = expected();
    look_ends(1, &before, false); /* either: the commit was under way */
    look_begins(0, 5);
    look_ends(0, &after, false);
    assert_ok();
    look_begins(1, 6);
    look_ends(1, &before, false);
    assert_signature("snapshot/stale-look/t0/missing-row");
}

static void test_look_at_nothing_that_was_ever_there(void **state)
{
    (void)state;
    static struct model_database found;
    found = expected();
    found.tables[1].exists = false;
    look_begins(0, 0);
    look_ends(0, &found, false);
    assert_signature("snapshot/wrong-look/t1/missing-table");
}

/* --- known causes ----------------------------------------------------------------------------- */

static const struct promises with_cause = {.unread_undo_cause = "cause"};

static void begin_with_cause(void)
{
    setup(NULL);
    setting.promises = &with_cause;
    begin_oracle("snapshot", &setting);
}

/* A rollback to the savepoint that begins the transaction; what the next count finds is wrong. */
static void undo_with_end(enum plan_action end)
{
    simple(0, 1, ACTION_savepoint, true);
    simple(0, 2, ACTION_set_header, true);
    simple(0, 3, ACTION_rollback_to, true);
    simple(0, 4, end, end == ACTION_sleep);
    count(1, 5, 0, false); /* wrong in any case */
    feed((struct event){.kind = EVENT_end});
}

/* `first` comes before that savepoint. */
static void undo_outermost(enum plan_action first, enum plan_action end)
{
    begin_with_cause();
    if (first == ACTION_select)
        count(0, 0, SEED_ROWS, false);
    else
        number_is(1, 0, 0, false);
    undo_with_end(end);
}

static void test_cause_is_named_where_it_happened(void **state)
{
    (void)state;
    undo_outermost(ACTION_read_header, ACTION_release);
    assert_signature("snapshot/cause");
    undo_outermost(ACTION_read_header, ACTION_sleep); /* not lasting yet */
    assert_signature("snapshot/cause/in-transaction");
    undo_outermost(ACTION_select, ACTION_release); /* the connection had read */
    assert_signature("snapshot/wrong-select");
    undo_outermost(ACTION_read_header, ACTION_rollback); /* nothing lasts */
    assert_signature("snapshot/wrong-select");
    for (int i = 0; i < 2; i++) {
        begin_with_cause();
        begin(0, 0, i == 0 ? ACTION_select : ACTION_set_header);
        end_with(0, OUTCOME_PROTOCOL, false); /* it has read nothing */
        undo_with_end(ACTION_release);
        assert_signature("snapshot/cause");
    }
}

/* --- doubt ------------------------------------------------------------------------------------ */

static void failed_commit(uint32_t task, size_t step)
{
    steps[step].arguments[FIELD_key] = 1;
    begin(task, step, ACTION_insert);
    commit_point(task);
    happens(EVENT_fault, task);
    end_with(task, OUTCOME_IO_ERROR, false);
}

static void test_commit_that_failed_may_return_after_all_died(void **state)
{
    (void)state;
    for (int dies = 1; dies >= 0; dies--) {
        setup(NULL);
        failed_commit(0, 0);
        count(0, 1, SEED_ROWS, false); /* it did not happen */
        if (dies)
            happens(EVENT_everybody_died, 0);
        count(0, 2, SEED_ROWS + 1, false);
        if (dies)
            assert_ok();
        else
            assert_signature("snapshot/wrong-select");
    }
}

static void test_failed_commit_may_be_either(void **state)
{
    (void)state;
    for (int64_t more = 0; more <= 1; more++) {
        setup(NULL);
        failed_commit(0, 0);
        count(1, 1, SEED_ROWS + more, false);
        assert_ok();
    }
}

/* --- requests and answers that were lost ------------------------------------------------------ */

static void strikes(uint32_t task, enum fault_kind kind)
{
    feed((struct event){.kind = EVENT_fault, .task = (uint8_t)task, .detail = (uint16_t)kind});
}

/* An insert of key 1 in task 0's transaction, whose answer was lost. */
static void insert_without_an_answer(void)
{
    begin(0, 0, ACTION_begin);
    end_with(0, OUTCOME_OK, true);
    steps[1].arguments[FIELD_key] = 1;
    begin(0, 1, ACTION_insert);
    strikes(0, FAULT_partial_failure);
    end_with(0, OUTCOME_TIMEOUT, true);
}

static void test_a_write_without_an_answer_may_be_either(void **state)
{
    (void)state;
    insert_without_an_answer();
    count(0, 2, 9, true);
    assert_ok();
    count(0, 3, 8, true); /* but not in turns */
    assert_int_equal(verdict.kind, VERDICT_VIOLATION);
    setup(NULL);
    insert_without_an_answer();
    count(0, 2, 8, true);
    assert_ok();
    setup(NULL);
    insert_without_an_answer();
    count(0, 2, 10, true);
    assert_int_equal(verdict.kind, VERDICT_VIOLATION);
}

static void test_what_was_told_to_be_done_may_not_be(void **state)
{
    (void)state;
    steps[0].arguments[FIELD_key] = 1;
    begin(0, 0, ACTION_insert);
    strikes(0, FAULT_partial_success);
    end_with(0, OUTCOME_OK, false);
    count(1, 1, 8, false);
    assert_ok();
    begin(0, 2, ACTION_begin);
    strikes(0, FAULT_partial_success);
    end_with(0, OUTCOME_OK, false);
    assert_ok();
    begin(0, 3, ACTION_begin); /* not this one */
    end_with(0, OUTCOME_OK, false);
    assert_signature("snapshot/transaction-state");
}

static void test_a_call_does_not_commit_twice(void **state)
{
    (void)state;
    begin(0, 0, ACTION_update);
    strikes(0, FAULT_partial_failure);
    commit_point(0);
    commit_point(0); /* nothing has changed since */
    assert_ok();
    steps[1].arguments[FIELD_key] = 1;
    begin(0, 1, ACTION_insert);
    strikes(0, FAULT_partial_failure);
    commit_point(0);
    steps[2].arguments[FIELD_key] = 1;
    steps[2].arguments[FIELD_filter] = FILTER_KEY;
    begin(1, 2, ACTION_delete);
    commit_point(1);
    seen.changes = 1; /* it was there */
    end_with(1, OUTCOME_OK, false);
    commit_point(0); /* there is room again for the same row */
    assert_signature("snapshot/repeated-insert");
}

static void test_claims_end(void **state)
{
    (void)state;
    insert_key_1(0, 0);
    happens(EVENT_claims_end, 0);
    count(1, 1, SEED_ROWS, false);
    assert_ok();
}

static void test_raw_sql_that_changed_nothing_is_no_excuse(void **state)
{
    (void)state;
    simple(0, 0, ACTION_execute, false);
    count(1, 1, SEED_ROWS + 5, false);
    assert_signature("snapshot/wrong-select");
}

static void test_unknown_content_ends_claims(void **state)
{
    (void)state;
    happens(EVENT_content_ends, 0);
    simple(0, 0, ACTION_execute, false);
    count(1, 1, SEED_ROWS + 5, false);
    assert_ok();
}

static void test_seen_commit_stays(void **state)
{
    (void)state;
    failed_commit(0, 0);
    count(1, 1, SEED_ROWS + 1, false);
    count(1, 2, SEED_ROWS, false);
    assert_signature("snapshot/stale-select");
}

/* --- durability ------------------------------------------------------------------------------- */

static void promise(uint32_t task, enum survival promised, bool is_mixed)
{
    feed((struct event){.kind = EVENT_durability,
                        .task = (uint8_t)task,
                        .detail = (uint16_t)promised,
                        .value = is_mixed});
}

static struct model_database content[3]; /* after so many commits */

/* Number 1 or 2. */
static void commit_of(uint32_t task, uint8_t commit)
{
    content[0] = commit == 1 ? expected() : content[0];
    steps[commit].arguments[FIELD_key] = commit;
    begin(task, commit, ACTION_insert);
    commit_point(task);
    seen.changes = 1;
    end_with(task, OUTCOME_OK, false);
    content[commit] = expected();
}

static void lose_power_after_two_commits(enum survival promised, uint32_t surviving)
{
    lasts.power_loss = promised;
    begin_oracle("snapshot", &setting);
    commit_of(0, 1);
    commit_of(0, 2);
    happens(EVENT_power_loss, 0);
    happens(EVENT_disconnect, 0);
    recover(&content[surviving]);
}

static void test_what_survives_all_keeps_everything(void **state)
{
    (void)state;
    lose_power_after_two_commits(SURVIVES_ALL, 2);
    assert_ok();
    setup(NULL);
    lose_power_after_two_commits(SURVIVES_ALL, 1);
    assert_signature("durability/lost-commit");
}

static void test_what_was_not_synced_may_be_lost_as_a_suffix(void **state)
{
    (void)state;
    for (uint32_t surviving = 0; surviving <= 2; surviving++) {
        setup(NULL);
        lose_power_after_two_commits(SURVIVES_SYNCED, surviving);
        assert_ok();
    }
}

static void test_the_last_one_may_be_lost(void **state)
{
    (void)state;
    lose_power_after_two_commits(SURVIVES_ALL_BUT_LAST, 1);
    assert_ok();
    setup(NULL);
    lose_power_after_two_commits(SURVIVES_ALL_BUT_LAST, 0);
    assert_signature("durability/lost-commit");
}

/* One commit in either mode, before and after a change; the weaker one is what holds of all. */
static void lose_power_after_a_change(enum survival first, enum survival then, bool is_mixed,
                                      uint32_t surviving)
{
    setup(NULL);
    lasts.power_loss = first;
    begin_oracle("snapshot", &setting);
    commit_of(0, 1);
    lasts.power_loss = SURVIVES_SYNCED;
    promise(0, then, is_mixed);
    commit_of(0, 2);
    happens(EVENT_power_loss, 0);
    recover(&content[surviving]);
}

static void test_a_commit_is_promised_as_it_was_acknowledged(void **state)
{
    (void)state;
    lose_power_after_a_change(SURVIVES_ALL, SURVIVES_SYNCED, false, 1);
    assert_ok();
    lose_power_after_a_change(SURVIVES_ALL, SURVIVES_SYNCED, false, 0);
    assert_signature("durability/lost-commit");
    lose_power_after_a_change(SURVIVES_SYNCED, SURVIVES_ALL, false, 2);
    assert_ok();
    lose_power_after_a_change(SURVIVES_SYNCED, SURVIVES_ALL, false, 1);
    assert_signature("durability/lost-commit");
}

static void test_mixed_modes_promise_what_the_weakest_does(void **state)
{
    (void)state;
    lose_power_after_a_change(SURVIVES_ALL, SURVIVES_SYNCED, true, 0);
    assert_ok();
}

static void test_each_connection_has_its_own_mode(void **state)
{
    (void)state;
    for (uint32_t surviving = 0; surviving <= 1; surviving++) {
        setup(NULL);
        lasts.power_loss = SURVIVES_SYNCED;
        promise(1, SURVIVES_SYNCED, false);
        commit_of(0, 1);
        commit_of(1, 2);
        happens(EVENT_power_loss, 0);
        recover(&content[surviving]);
        if (surviving == 0)
            assert_signature("durability/lost-commit");
        else
            assert_ok();
    }
}

static void test_survivors_form_a_prefix(void **state)
{
    (void)state;
    struct model_database second_only = expected();
    steps[2].action = ACTION_insert;
    steps[2].arguments[FIELD_key] = 2;
    (void)model_apply(&second_only, &steps[2], 2);
    lose_power_after_two_commits(SURVIVES_SYNCED, 2);
    happens(EVENT_power_loss, 0);
    recover(&second_only);
    assert_signature("durability/no-prefix/t0/missing-row");
}

static void test_final_content(void **state)
{
    (void)state;
    struct model_database before = expected();
    insert_key_1(0, 0);
    const struct model_database after = expected();
    look_at_end(&after);
    assert_ok();
    look_at_end(&before);
    assert_signature("snapshot/final-content/t0/missing-row");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_read_sees_acknowledged_commits, setup),
        cmocka_unit_test_setup(test_stale_read, setup),
        cmocka_unit_test_setup(test_read_beside_a_commit_sees_either, setup),
        cmocka_unit_test_setup(test_dirty_read, setup),
        cmocka_unit_test_setup(test_snapshot_must_hold, setup),
        cmocka_unit_test_setup(test_begin_takes_no_snapshot, setup),
        cmocka_unit_test_setup(test_each_statement_sees_what_is_committed, setup),
        cmocka_unit_test_setup(test_a_failed_statement_takes_no_snapshot, setup),
        cmocka_unit_test_setup(test_of_some_reads_nothing_is_claimed, setup),
        cmocka_unit_test_setup(test_the_schema_is_claimed_all_the_same, setup),
        cmocka_unit_test_setup(test_lost_update, setup),
        cmocka_unit_test_setup(test_constraint_must_be_predicted, setup),
        cmocka_unit_test_setup(test_wrong_number_of_changes, setup),
        cmocka_unit_test_setup(test_savepoint_rolls_back_only_its_part, setup),
        cmocka_unit_test_setup(test_number_beside_the_tables, setup),
        cmocka_unit_test_setup(test_number_that_a_savepoint_kept, setup),
        cmocka_unit_test_setup(test_number_tells_nothing_of_the_schema, setup),
        cmocka_unit_test_setup(test_look_sees_what_was_committed, setup),
        cmocka_unit_test_setup(test_look_at_nothing_that_was_ever_there, setup),
        cmocka_unit_test_setup(test_cause_is_named_where_it_happened, setup),
        cmocka_unit_test_setup(test_failed_commit_may_be_either, setup),
        cmocka_unit_test_setup(test_commit_that_failed_may_return_after_all_died, setup),
        cmocka_unit_test_setup(test_a_write_without_an_answer_may_be_either, setup),
        cmocka_unit_test_setup(test_what_was_told_to_be_done_may_not_be, setup),
        cmocka_unit_test_setup(test_a_call_does_not_commit_twice, setup),
        cmocka_unit_test_setup(test_claims_end, setup),
        cmocka_unit_test_setup(test_raw_sql_that_changed_nothing_is_no_excuse, setup),
        cmocka_unit_test_setup(test_unknown_content_ends_claims, setup),
        cmocka_unit_test_setup(test_seen_commit_stays, setup),
        cmocka_unit_test_setup(test_what_survives_all_keeps_everything, setup),
        cmocka_unit_test_setup(test_what_was_not_synced_may_be_lost_as_a_suffix, setup),
        cmocka_unit_test_setup(test_the_last_one_may_be_lost, setup),
        cmocka_unit_test_setup(test_a_commit_is_promised_as_it_was_acknowledged, setup),
        cmocka_unit_test_setup(test_mixed_modes_promise_what_the_weakest_does, setup),
        cmocka_unit_test_setup(test_each_connection_has_its_own_mode, setup),
        cmocka_unit_test_setup(test_survivors_form_a_prefix, setup),
        cmocka_unit_test_setup(test_final_content, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
