/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves which outcomes the error-class oracle takes as explained, and by what: each error without
 * a cause is a violation, its cause excuses it, the cause of another one does not, and each lasts
 * as long as it may.
 */
#include "oracle_fixture.h"

#include "sqlite/sqlite_promises.h"
#include "sqlite/sqlite_settings.h"

#include <stdio.h>

static struct oracle_setting setting;

/* --- making up what happens ------------------------------------------------------------------ */

static void begin_in(struct oracle_setting given)
{
    reset_plan();
    configure(PLAN_CONFIG_tasks, 3);
    setting = given;
    setting.promises = &sqlite_promises;
    begin_oracle("error_class", &setting);
}

static void begin_plain(void)
{
    begin_in((struct oracle_setting){.has_model = true});
}

static void begin_pooled(uint32_t traits)
{
    begin_in((struct oracle_setting){.has_model = true, .is_pooled = true, .traits = traits});
}

static int setup(void **state)
{
    (void)state;
    begin_plain();
    return 0;
}

static void happens(enum event_kind kind, uint32_t task, uint32_t detail)
{
    feed((struct event){.kind = (uint8_t)kind, .task = (uint8_t)task, .detail = (uint16_t)detail});
}

static void begin_call(uint32_t task, enum plan_action action)
{
    steps[task].action = (uint8_t)action;
    feed((struct event){.kind = EVENT_call, .task = (uint8_t)task, .interaction = task});
}

static void end_call(uint32_t task, enum outcome outcome, bool in_transaction)
{
    const struct observation seen = {.outcome = outcome, .in_transaction = in_transaction};
    feed_result(task, task, &seen);
}

/* A call of task 0 that comes to this, with nothing around it but what happened before. */
static void comes_to(enum outcome outcome)
{
    begin_call(0, ACTION_select);
    end_call(0, outcome, false);
}

/* A call of task 0 in which a fault strikes. */
static void comes_to_by(enum outcome outcome, enum fault_kind fault)
{
    begin_call(0, ACTION_select);
    happens(EVENT_fault, 0, fault);
    end_call(0, outcome, false);
}

static void open_transaction(uint32_t task)
{
    begin_call(task, ACTION_begin);
    end_call(task, OUTCOME_OK, true);
}

static void assert_no_cause(enum outcome outcome, enum plan_action action)
{
    char signature[96];
    (void)snprintf(signature, sizeof signature, "error-class/%s/%s",
                   interplay_outcome_names[outcome], plan_action_infos[action].name);
    assert_signature(signature);
}

/* --- errors and what they need --------------------------------------------------------------- */

static const enum outcome errors[] = {
    OUTCOME_BUSY,        OUTCOME_BUSY_SNAPSHOT, OUTCOME_PROTOCOL,  OUTCOME_SCHEMA,
    OUTCOME_LOCKED,      OUTCOME_INTERRUPTED,   OUTCOME_NO_MEMORY, OUTCOME_FULL,
    OUTCOME_IO_ERROR,    OUTCOME_CANNOT_OPEN,   OUTCOME_TIMEOUT,   OUTCOME_CLOSED,
    OUTCOME_ROLLED_BACK, OUTCOME_IN_DOUBT,      OUTCOME_CORRUPT,   OUTCOME_READONLY,
    OUTCOME_MISUSE,      OUTCOME_OTHER,         OUTCOME_DEADLOCK,
};
enum { ERROR_COUNT = sizeof errors / sizeof errors[0] };

static void test_an_error_needs_a_cause(void **state)
{
    (void)state;
    for (size_t i = 0; i < ERROR_COUNT; i++) {
        begin_plain();
        comes_to(errors[i]);
        assert_no_cause(errors[i], ACTION_select);
    }
}

static void test_what_is_no_error_needs_none(void **state)
{
    (void)state;
    static const enum outcome well[] = {OUTCOME_OK, OUTCOME_ROW, OUTCOME_DIED, OUTCOME_CONSTRAINT,
                                        OUTCOME_SQL_ERROR};
    for (size_t i = 0; i < sizeof well / sizeof well[0]; i++)
        comes_to(well[i]);
    assert_ok();
}

static void test_without_a_model_a_statement_has_no_excuse(void **state)
{
    (void)state;
    begin_in((struct oracle_setting){.has_model = false});
    comes_to(OUTCOME_CONSTRAINT);
    assert_no_cause(OUTCOME_CONSTRAINT, ACTION_select);
}

static void test_nothing_excuses_damage(void **state)
{
    (void)state;
    static const enum outcome damage[] = {OUTCOME_CORRUPT, OUTCOME_READONLY, OUTCOME_MISUSE,
                                          OUTCOME_OTHER};
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        begin_plain();
        open_transaction(1);
        comes_to_by(damage[i], FAULT_io_read);
        assert_no_cause(damage[i], ACTION_select);
    }
}

static void test_each_fault_has_its_error(void **state)
{
    (void)state;
    static const struct {
        enum outcome outcome;
        enum fault_kind cause, other;
    } faults[] = {
        {OUTCOME_NO_MEMORY, FAULT_no_memory, FAULT_io_read},
        {OUTCOME_FULL, FAULT_disk_full, FAULT_io_write},
        {OUTCOME_INTERRUPTED, FAULT_interrupt, FAULT_io_read},
        {OUTCOME_IO_ERROR, FAULT_io_sync, FAULT_no_memory},
        {OUTCOME_CANNOT_OPEN, FAULT_io_open, FAULT_interrupt},
        {OUTCOME_BUSY, FAULT_busy, FAULT_no_memory},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        begin_plain();
        comes_to_by(faults[i].outcome, faults[i].cause);
        assert_ok();
        begin_plain();
        comes_to_by(faults[i].outcome, faults[i].other);
        assert_no_cause(faults[i].outcome, ACTION_select);
        begin_plain();
        begin_call(1, ACTION_select);
        happens(EVENT_fault, 1, faults[i].cause);
        end_call(1, OUTCOME_OK, false);
        comes_to(faults[i].outcome); /* it struck somebody else */
        assert_no_cause(faults[i].outcome, ACTION_select);
    }
}

static void test_storage_is_suspect_until_it_was_well(void **state)
{
    (void)state;
    comes_to_by(OUTCOME_OK, FAULT_io_write);
    comes_to(OUTCOME_IO_ERROR);
    comes_to(OUTCOME_IO_ERROR);
    assert_ok();
    comes_to(OUTCOME_OK);
    comes_to(OUTCOME_IO_ERROR);
    assert_no_cause(OUTCOME_IO_ERROR, ACTION_select);
}

/* --- somebody else --------------------------------------------------------------------------- */

static void test_busy_by_somebodys_transaction(void **state)
{
    (void)state;
    open_transaction(1);
    comes_to(OUTCOME_BUSY);
    comes_to(OUTCOME_SCHEMA);
    assert_ok();
    happens(EVENT_disconnect, 1, OUTCOME_OK);
    comes_to(OUTCOME_BUSY);
    assert_no_cause(OUTCOME_BUSY, ACTION_select);
}

static void test_busy_by_somebodys_call(void **state)
{
    (void)state;
    begin_call(1, ACTION_select);
    comes_to(OUTCOME_BUSY);
    end_call(1, OUTCOME_BUSY, false); /* the other one came in between */
    assert_ok();
    comes_to(OUTCOME_BUSY);
    assert_no_cause(OUTCOME_BUSY, ACTION_select);
}

static void test_a_pool_that_is_never_busy(void **state)
{
    (void)state;
    begin_pooled(STACK_NEVER_BUSY);
    open_transaction(1);
    comes_to(OUTCOME_BUSY);
    assert_no_cause(OUTCOME_BUSY, ACTION_select);
}

static void test_a_lease_that_is_being_dropped_is_in_the_way(void **state)
{
    (void)state;
    happens(EVENT_drop_begins, 1, 0);
    comes_to(OUTCOME_BUSY);
    begin_call(0, ACTION_select);
    happens(EVENT_drop_ends, 1, 0);
    end_call(0, OUTCOME_BUSY, false);
    begin_call(0, ACTION_select);
    happens(EVENT_drop_begins, 1, 0);
    happens(EVENT_drop_ends, 1, 0);
    end_call(0, OUTCOME_BUSY, false);
    assert_ok();
    comes_to(OUTCOME_BUSY);
    assert_no_cause(OUTCOME_BUSY, ACTION_select);
}

static void look(const struct stack_view *view)
{
    const struct event_look look = {.view = view};
    feed((struct event){.kind = EVENT_pool_look, .look = &look});
}

/* Each lets go of what a thread of the pool has yet to end. */
static void return_in_transaction(void)
{
    open_transaction(1);
    happens(EVENT_disconnect, 1, OUTCOME_OK);
}

static void give_up_call(void)
{
    begin_call(1, ACTION_update);
    happens(EVENT_cancel, 1, 0);
    end_call(1, OUTCOME_OK, false);
}

static void fail_in_transaction(void)
{
    open_transaction(1);
    begin_call(1, ACTION_commit);
    end_call(1, OUTCOME_BUSY_SNAPSHOT, false);
}

static void close_pool(void)
{
    happens(EVENT_pool_closes, 1, 0);
}

static void (*const lets_go[])(void) = {return_in_transaction, give_up_call, fail_in_transaction,
                                        close_pool};

static void test_what_was_let_go_is_in_the_way_until_it_has_ended(void **state)
{
    (void)state;
    const struct stack_view at_rest = {.slot_count = 1, .slots = {{.state = STACK_SLOT_IDLE}}};
    for (size_t i = 0; i < sizeof lets_go / sizeof lets_go[0]; i++) {
        begin_pooled(0);
        lets_go[i]();
        comes_to(OUTCOME_BUSY);
        assert_ok();
        look(&at_rest);
        comes_to(OUTCOME_BUSY);
        assert_no_cause(OUTCOME_BUSY, ACTION_select);
    }
}

static void test_a_quiet_pool_may_show_that_it_has_not_ended(void **state)
{
    (void)state;
    static const struct stack_view views[] = {
        {.slot_count = 1, .slots = {{.state = STACK_SLOT_BUSY}}},
        {.slot_count = 1, .slots = {{.state = STACK_SLOT_IN_TRANSACTION}}},
        {.slot_count = 1, .slots = {{.state = STACK_SLOT_BROKEN}}},
        {.waiting_writers = 1},
        {.waiting_readers = 1},
    };
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        begin_pooled(0);
        return_in_transaction();
        look(&views[i]);
        comes_to(OUTCOME_BUSY);
        assert_ok();
    }
}

static void test_what_is_let_go_is_in_nobodys_way_where_nobody_ever_is(void **state)
{
    (void)state;
    begin_pooled(STACK_NEVER_BUSY);
    return_in_transaction();
    comes_to(OUTCOME_BUSY);
    assert_no_cause(OUTCOME_BUSY, ACTION_select);
}

static void test_an_old_snapshot_needs_a_transaction(void **state)
{
    (void)state;
    open_transaction(0);
    begin_call(0, ACTION_insert);
    end_call(0, OUTCOME_BUSY_SNAPSHOT, true);
    begin_call(0, ACTION_insert);
    end_call(0, OUTCOME_LOCKED, true);
    assert_ok();
}

/* --- waiting, cancelling, closing ------------------------------------------------------------ */

static void test_a_checkout_times_out_where_somebody_has_a_connection(void **state)
{
    (void)state;
    begin_pooled(0);
    begin_call(1, ACTION_select);
    end_call(1, OUTCOME_OK, false);
    comes_to(OUTCOME_TIMEOUT);
    assert_ok();
    happens(EVENT_disconnect, 1, OUTCOME_OK);
    comes_to(OUTCOME_TIMEOUT);
    assert_no_cause(OUTCOME_TIMEOUT, ACTION_select);
}

static void test_without_a_pool_nothing_times_out(void **state)
{
    (void)state;
    open_transaction(1);
    comes_to(OUTCOME_TIMEOUT);
    assert_no_cause(OUTCOME_TIMEOUT, ACTION_select);
    begin_in((struct oracle_setting){.has_model = true, .calls_time_out = true});
    comes_to(OUTCOME_TIMEOUT);
    assert_ok();
}

static void test_a_reopening_may_wait_in_vain(void **state)
{
    (void)state;
    begin_pooled(0);
    begin_call(0, ACTION_reopen);
    end_call(0, OUTCOME_TIMEOUT, false);
    assert_ok();
}

static void test_a_cancel_is_of_one_call(void **state)
{
    (void)state;
    begin_call(0, ACTION_select);
    happens(EVENT_cancel, 0, 0);
    end_call(0, OUTCOME_INTERRUPTED, false);
    assert_ok();
    comes_to(OUTCOME_INTERRUPTED);
    assert_no_cause(OUTCOME_INTERRUPTED, ACTION_select);
}

static void test_closing_explains_that_it_is_closed(void **state)
{
    (void)state;
    begin_pooled(0);
    happens(EVENT_pool_closes, 1, false);
    comes_to(OUTCOME_CLOSED);
    assert_ok();
    comes_to(OUTCOME_INTERRUPTED);
    assert_no_cause(OUTCOME_INTERRUPTED, ACTION_select);
}

static void test_closing_with_interrupts_explains_more(void **state)
{
    (void)state;
    begin_pooled(0);
    happens(EVENT_pool_closes, 1, true);
    comes_to(OUTCOME_CLOSED);
    comes_to(OUTCOME_INTERRUPTED);
    comes_to(OUTCOME_ROLLED_BACK);
    assert_ok();
}

/* --- transactions that are gone -------------------------------------------------------------- */

/* Task 0's transaction was ended by the database in the middle of an insert. */
static void lose_transaction(void)
{
    open_transaction(0);
    begin_call(0, ACTION_insert);
    happens(EVENT_fault, 0, FAULT_disk_full);
    end_call(0, OUTCOME_FULL, false);
    assert_ok();
}

static void test_who_ends_what_is_gone_is_told(void **state)
{
    (void)state;
    lose_transaction();
    begin_call(0, ACTION_commit);
    end_call(0, OUTCOME_ROLLED_BACK, false);
    assert_ok();
    begin_plain();
    lose_transaction();
    begin_call(0, ACTION_commit);
    end_call(0, OUTCOME_OK, false);
    assert_no_cause(OUTCOME_OK, ACTION_commit);
}

static void test_who_works_on_without_it_is_not(void **state)
{
    (void)state;
    lose_transaction();
    begin_call(0, ACTION_insert);
    end_call(0, OUTCOME_OK, false);
    assert_ok();
}

static void test_ending_it_oneself_loses_nothing(void **state)
{
    (void)state;
    open_transaction(0);
    begin_call(0, ACTION_rollback);
    end_call(0, OUTCOME_OK, false);
    begin_call(0, ACTION_commit);
    end_call(0, OUTCOME_ROLLED_BACK, false);
    assert_no_cause(OUTCOME_ROLLED_BACK, ACTION_commit);
}

static void test_a_death_in_a_commit_is_told(void **state)
{
    (void)state;
    open_transaction(0);
    begin_call(0, ACTION_commit);
    happens(EVENT_fault, 0, FAULT_process_death);
    end_call(0, OUTCOME_OK, false);
    assert_no_cause(OUTCOME_OK, ACTION_commit);
}

static void test_doubt_needs_a_fault_or_somebody(void **state)
{
    (void)state;
    open_transaction(1);
    comes_to(OUTCOME_IN_DOUBT);
    happens(EVENT_disconnect, 1, OUTCOME_OK);
    comes_to_by(OUTCOME_IN_DOUBT, FAULT_no_memory);
    assert_ok();
    comes_to(OUTCOME_IN_DOUBT);
    assert_no_cause(OUTCOME_IN_DOUBT, ACTION_select);
}

/* In a pool the connection goes on to the next one, who may be the first to notice its loss. */
static void test_a_loss_that_nobody_was_told_of(void **state)
{
    (void)state;
    static const enum outcome told[] = {OUTCOME_IN_DOUBT, OUTCOME_ROLLED_BACK};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        begin_pooled(0);
        comes_to_by(OUTCOME_OK, FAULT_session_killed);
        begin_call(1, ACTION_analyze_table);
        end_call(1, told[i], false);
        assert_ok();
        begin_plain(); /* where nobody else gets it */
        comes_to_by(OUTCOME_OK, FAULT_session_killed);
        begin_call(1, ACTION_analyze_table);
        end_call(1, told[i], false);
        assert_no_cause(told[i], ACTION_analyze_table);
    }
}

/* Whose connection is gone learns of it with his next call. */
static void test_a_server_that_has_ended(void **state)
{
    (void)state;
    static const enum outcome told[] = {OUTCOME_IN_DOUBT, OUTCOME_CANNOT_OPEN, OUTCOME_DIED};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        begin_plain();
        feed((struct event){.kind = EVENT_server_ended});
        begin_call(1, ACTION_analyze_table);
        end_call(1, told[i], false);
        assert_ok();
        begin_call(1, ACTION_analyze_table);
        end_call(1, OUTCOME_INTERRUPTED, false);
        assert_no_cause(OUTCOME_INTERRUPTED, ACTION_analyze_table);
    }
}

static void test_where_nothing_is_promised_nothing_is_judged(void **state)
{
    (void)state;
    happens(EVENT_claims_end, 0, REASON_SHORT_READ);
    for (size_t i = 0; i < ERROR_COUNT; i++)
        comes_to(errors[i]);
    assert_ok();
}

/* --- a cache that connections share ----------------------------------------------------------- */

static void begin_shared(void)
{
    int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
    settings[SQLITE_SETTING_shared_cache] = SQLITE_CACHE_SHARED;
    begin_plain();
    setting.promises = sqlite_promises.instead(settings);
    begin_oracle("error_class", &setting);
}

static void test_a_shared_cache_is_locked_by_others(void **state)
{
    (void)state;
    open_transaction(1);
    comes_to(OUTCOME_LOCKED);
    assert_no_cause(OUTCOME_LOCKED, ACTION_select);
    begin_shared();
    open_transaction(1);
    comes_to(OUTCOME_LOCKED);
    assert_ok();
    happens(EVENT_disconnect, 1, OUTCOME_OK);
    comes_to(OUTCOME_LOCKED);
    assert_no_cause(OUTCOME_LOCKED, ACTION_select);
}

/* As long as somebody is there, and for all who are. */
static void test_a_shared_cache_fails_for_all(void **state)
{
    (void)state;
    static const struct {
        enum outcome outcome;
        enum fault_kind fault;
    } told[] = {{OUTCOME_IO_ERROR, FAULT_io_write},
                {OUTCOME_FULL, FAULT_disk_full},
                {OUTCOME_NO_MEMORY, FAULT_no_memory}};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        begin_shared();
        open_transaction(1);
        comes_to_by(told[i].outcome, told[i].fault);
        begin_call(1, ACTION_insert);
        end_call(1, told[i].outcome, false);
        comes_to(OUTCOME_OK);
        assert_ok();
        comes_to(told[i].outcome);
        assert_no_cause(told[i].outcome, ACTION_select);
        begin_plain();
        open_transaction(1);
        comes_to_by(told[i].outcome, told[i].fault);
        begin_call(1, ACTION_insert);
        end_call(1, told[i].outcome, false);
        assert_no_cause(told[i].outcome, ACTION_insert);
    }
}

/* --- transactions that a failure ends --------------------------------------------------------- */

static void begin_failing(bool is_pooled)
{
    static struct promises failing;
    failing = sqlite_promises;
    failing.failure_ends_transaction = true;
    begin_plain();
    setting.promises = &failing;
    setting.is_pooled = is_pooled;
    begin_oracle("error_class", &setting);
}

/* Of task 0, whose transaction stays open. */
static void goes_on(enum plan_action action, enum outcome outcome)
{
    begin_call(0, action);
    end_call(0, outcome, true);
}

static void test_a_failed_transaction_refuses_what_follows(void **state)
{
    (void)state;
    begin_failing(false);
    open_transaction(0);
    goes_on(ACTION_insert, OUTCOME_CONSTRAINT);
    goes_on(ACTION_select, OUTCOME_ROLLED_BACK);
    goes_on(ACTION_rollback_to, OUTCOME_OK);
    goes_on(ACTION_select, OUTCOME_OK);
    goes_on(ACTION_insert, OUTCOME_SQL_ERROR);
    begin_call(0, ACTION_commit);
    end_call(0, OUTCOME_ROLLED_BACK, false);
    comes_to(OUTCOME_OK);
    assert_ok();
    comes_to(OUTCOME_ROLLED_BACK);
    assert_no_cause(OUTCOME_ROLLED_BACK, ACTION_select);
}

static void test_a_failed_transaction_is_not_committed(void **state)
{
    (void)state;
    static const enum plan_action actions[] = {ACTION_commit, ACTION_select, ACTION_insert,
                                               ACTION_savepoint};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        for (int pooled = 0; pooled < 2; pooled++) {
            begin_failing(pooled == 1); /* a pool may have rolled it back and begun another one */
            open_transaction(0);
            goes_on(ACTION_insert, OUTCOME_CONSTRAINT);
            begin_call(0, actions[i]);
            end_call(0, OUTCOME_OK, false);
            if (pooled == 1)
                assert_ok();
            else
                assert_no_cause(OUTCOME_OK, actions[i]);
        }
    }
}

static void test_a_failure_that_nobody_promises_to_end_it_does_not(void **state)
{
    (void)state;
    open_transaction(0);
    goes_on(ACTION_insert, OUTCOME_CONSTRAINT);
    goes_on(ACTION_select, OUTCOME_OK);
    assert_ok();
    goes_on(ACTION_select, OUTCOME_ROLLED_BACK);
    assert_no_cause(OUTCOME_ROLLED_BACK, ACTION_select);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_an_error_needs_a_cause, setup),
        cmocka_unit_test_setup(test_what_is_no_error_needs_none, setup),
        cmocka_unit_test_setup(test_without_a_model_a_statement_has_no_excuse, setup),
        cmocka_unit_test_setup(test_nothing_excuses_damage, setup),
        cmocka_unit_test_setup(test_each_fault_has_its_error, setup),
        cmocka_unit_test_setup(test_storage_is_suspect_until_it_was_well, setup),
        cmocka_unit_test_setup(test_busy_by_somebodys_transaction, setup),
        cmocka_unit_test_setup(test_busy_by_somebodys_call, setup),
        cmocka_unit_test_setup(test_a_pool_that_is_never_busy, setup),
        cmocka_unit_test_setup(test_a_lease_that_is_being_dropped_is_in_the_way, setup),
        cmocka_unit_test_setup(test_what_was_let_go_is_in_the_way_until_it_has_ended, setup),
        cmocka_unit_test_setup(test_a_quiet_pool_may_show_that_it_has_not_ended, setup),
        cmocka_unit_test_setup(test_what_is_let_go_is_in_nobodys_way_where_nobody_ever_is, setup),
        cmocka_unit_test_setup(test_an_old_snapshot_needs_a_transaction, setup),
        cmocka_unit_test_setup(test_a_checkout_times_out_where_somebody_has_a_connection, setup),
        cmocka_unit_test_setup(test_without_a_pool_nothing_times_out, setup),
        cmocka_unit_test_setup(test_a_reopening_may_wait_in_vain, setup),
        cmocka_unit_test_setup(test_a_cancel_is_of_one_call, setup),
        cmocka_unit_test_setup(test_closing_explains_that_it_is_closed, setup),
        cmocka_unit_test_setup(test_closing_with_interrupts_explains_more, setup),
        cmocka_unit_test_setup(test_who_ends_what_is_gone_is_told, setup),
        cmocka_unit_test_setup(test_who_works_on_without_it_is_not, setup),
        cmocka_unit_test_setup(test_ending_it_oneself_loses_nothing, setup),
        cmocka_unit_test_setup(test_a_death_in_a_commit_is_told, setup),
        cmocka_unit_test_setup(test_doubt_needs_a_fault_or_somebody, setup),
        cmocka_unit_test_setup(test_a_loss_that_nobody_was_told_of, setup),
        cmocka_unit_test_setup(test_a_server_that_has_ended, setup),
        cmocka_unit_test_setup(test_where_nothing_is_promised_nothing_is_judged, setup),
        cmocka_unit_test_setup(test_a_shared_cache_is_locked_by_others, setup),
        cmocka_unit_test_setup(test_a_shared_cache_fails_for_all, setup),
        cmocka_unit_test_setup(test_a_failed_transaction_refuses_what_follows, setup),
        cmocka_unit_test_setup(test_a_failed_transaction_is_not_committed, setup),
        cmocka_unit_test_setup(test_a_failure_that_nobody_promises_to_end_it_does_not, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
