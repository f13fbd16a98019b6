/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what the pool oracle accepts and what it calls a violation: leases are asked for, handed
 * out, used and given back, and the pool shows slots, as the test chooses.
 */
#include "oracle_fixture.h"

enum { TIMEOUT_NS = 1000 };

static struct oracle_setting setting;
static struct stack_view view;
static struct event_look look;
static uint64_t now_ns;

/* Leases are told apart by their addresses only. */
static char leases[4];

static const struct stack_lease *lease(uint32_t number)
{
    return (const struct stack_lease *)(const void *)&leases[number];
}

/* --- making up what happens ------------------------------------------------------------------ */

static void begin_with(uint32_t traits)
{
    reset_plan();
    configure(PLAN_CONFIG_tasks, 3);
    setting = (struct oracle_setting){
        .has_model = true, .is_pooled = true, .traits = traits, .readers = 1, .writers = 1};
    begin_oracle("pool", &setting);
    memset(&view, 0, sizeof view);
    memset(&look, 0, sizeof look);
    memset(look.access, STACK_WRITE, sizeof look.access);
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        look.timer_ns[task] = UINT64_MAX;
    look.view = &view;
    view.slot_count = 2;
    for (uint32_t i = 0; i < 2; i++)
        view.slots[i].access = STACK_WRITE;
    now_ns = 0;
}

static int setup(void **state)
{
    (void)state;
    begin_with(STACK_LEASES_HOLD_SLOTS); /* two slots for everything */
    return 0;
}

/* A pool whose leases hold a slot in transactions only: actors. */
static int setup_actors(void **state)
{
    (void)state;
    begin_with(0);
    return 0;
}

static void happens(enum event_kind kind, uint32_t task, uint32_t detail, int64_t value)
{
    feed((struct event){.kind = (uint8_t)kind,
                        .task = (uint8_t)task,
                        .detail = (uint16_t)detail,
                        .interaction = 1,
                        .value = value,
                        .now_ns = now_ns});
}

static void ask(uint32_t task)
{
    happens(EVENT_lease_asked, task, STACK_WRITE, TIMEOUT_NS);
}

static void get(uint32_t task, const struct stack_lease *given, enum outcome outcome,
                bool in_transaction)
{
    feed((struct event){.kind = EVENT_lease_got,
                        .task = (uint8_t)task,
                        .detail = (uint16_t)outcome,
                        .value = in_transaction,
                        .now_ns = now_ns,
                        .lease = given});
}

static void take(uint32_t task, uint32_t number)
{
    ask(task);
    get(task, lease(number), OUTCOME_OK, false);
}

static void take_and_show(uint32_t task, uint32_t slot)
{
    take(task, slot);
    view.slots[slot].lease = lease(slot);
    view.slots[slot].state = STACK_SLOT_LEASED;
}

static void look_at_pool(void)
{
    feed(
        (struct event){.kind = EVENT_pool_look, .interaction = 1, .now_ns = now_ns, .look = &look});
}

static void wait_for_lease(uint32_t task, uint64_t timer_ns)
{
    ask(task);
    look.waiting[task] = WAITS_FOR_LEASE;
    look.timer_ns[task] = timer_ns;
}

/* --- owners ---------------------------------------------------------------------------------- */

static void test_each_has_its_own(void **state)
{
    (void)state;
    take_and_show(0, 0);
    take_and_show(1, 1);
    look_at_pool();
    assert_ok();
}

static void test_two_owners(void **state)
{
    (void)state;
    take(0, 0);
    take(1, 0);
    assert_signature("pool/double-checkout");
}

static void test_more_leases_than_slots(void **state)
{
    (void)state;
    take(0, 0);
    take(1, 1);
    assert_ok();
    take(2, 2);
    assert_signature("pool/double-checkout");
}

static void test_given_back_is_free(void **state)
{
    (void)state;
    take(0, 0);
    happens(EVENT_lease_ended, 0, 0, 0);
    take(1, 0);
    assert_ok();
}

static void test_handed_out_in_transaction(void **state)
{
    (void)state;
    ask(0);
    get(0, lease(0), OUTCOME_OK, true);
    assert_signature("pool/handed-out-in-transaction");
}

static void test_broken_handed_out(void **state)
{
    (void)state;
    take(0, 0);
    happens(EVENT_fault, 0, FAULT_process_death, 0);
    happens(EVENT_lease_called, 0, OUTCOME_DIED, 0);
    assert_ok(); /* its own fault */
    take(1, 1);
    happens(EVENT_lease_called, 1, OUTCOME_DIED, 0);
    assert_signature("pool/broken-handed-out");
}

/* Its call ended well: whoever has the connection next may be the first to notice, but only one. */
static void test_a_loss_that_nobody_was_told_of(void **state)
{
    (void)state;
    take(0, 0);
    happens(EVENT_fault, 0, FAULT_session_killed, 0);
    happens(EVENT_lease_called, 0, OUTCOME_OK, 0);
    happens(EVENT_lease_ended, 0, 0, 0);
    take(1, 0);
    happens(EVENT_lease_called, 1, OUTCOME_DIED, 0);
    happens(EVENT_lease_called, 1, OUTCOME_DIED, 0);
    happens(EVENT_lease_ended, 1, 0, 0);
    assert_ok();
    take(0, 0);
    happens(EVENT_lease_called, 0, OUTCOME_DIED, 0);
    assert_signature("pool/broken-handed-out");
}

/* Each of its connections is lost. */
static void test_a_server_that_has_ended(void **state)
{
    (void)state;
    happens(EVENT_server_ended, 0, 0, 0);
    take(1, 0);
    happens(EVENT_lease_called, 1, OUTCOME_DIED, 0);
    assert_ok();
}

static void test_a_loss_that_was_told(void **state)
{
    (void)state;
    take(0, 0);
    happens(EVENT_fault, 0, FAULT_wire_cut_reply, 0);
    happens(EVENT_lease_called, 0, OUTCOME_IN_DOUBT, 0);
    happens(EVENT_lease_ended, 0, 0, 0);
    take(1, 0);
    happens(EVENT_lease_called, 1, OUTCOME_DIED, 0);
    assert_signature("pool/broken-handed-out");
}

static void test_everybody_dies_by_a_fault(void **state)
{
    (void)state;
    take(0, 0);
    happens(EVENT_everybody_died, 0, 0, 0);
    happens(EVENT_lease_called, 0, OUTCOME_DIED, 0);
    assert_ok();
}

/* --- waiting --------------------------------------------------------------------------------- */

static void test_timeout_in_time(void **state)
{
    (void)state;
    ask(0);
    now_ns = TIMEOUT_NS;
    get(0, NULL, OUTCOME_TIMEOUT, false);
    assert_ok();
}

static void test_timeout_too_early(void **state)
{
    (void)state;
    ask(0);
    now_ns = TIMEOUT_NS - 1;
    get(0, NULL, OUTCOME_TIMEOUT, false);
    assert_signature("pool/timeout-too-early");
}

static void test_who_waits_has_a_timer(void **state)
{
    (void)state;
    take_and_show(0, 0);
    take_and_show(1, 1);
    wait_for_lease(2, TIMEOUT_NS);
    look_at_pool();
    assert_ok();
    look.timer_ns[2] = UINT64_MAX;
    look_at_pool();
    assert_signature("pool/acquire-past-timeout");
}

/* It may have a slot to itself, and wait for a server that says nothing. */
static void test_who_waits_in_a_silence(void **state)
{
    static const enum fault_kind silences[] = {FAULT_wire_silence, FAULT_wire_garble};
    for (size_t i = 0; i < sizeof silences / sizeof silences[0]; i++) {
        setup(state);
        take_and_show(0, 0);
        wait_for_lease(1, TIMEOUT_NS);
        look.timer_ns[1] = UINT64_MAX;
        happens(EVENT_fault, 1, silences[i], 0);
        look_at_pool();
        assert_ok();
    }
    setup(state);
    take_and_show(0, 0);
    wait_for_lease(1, TIMEOUT_NS);
    happens(EVENT_fault, 1, FAULT_wire_trickle, 0);
    look_at_pool();
    assert_signature("pool/lost-wakeup");
}

static void test_deadlock_in_a_checkout(void **state)
{
    (void)state;
    happens(EVENT_deadlock, 0, 0, 0);
    assert_ok();
    ask(0);
    happens(EVENT_deadlock, 0, 0, 0);
    assert_signature("pool/acquire-past-timeout");
}

static void test_lost_wakeup(void **state)
{
    (void)state;
    take_and_show(0, 0);
    wait_for_lease(1, TIMEOUT_NS);
    look_at_pool();
    assert_signature("pool/lost-wakeup");
}

static void test_lost_request(void **state)
{
    (void)state;
    look.waiting[0] = WAITS_FOR_CALL;
    view.slots[0].state = STACK_SLOT_BUSY;
    look_at_pool();
    assert_ok();
    view.slots[0].state = STACK_SLOT_IDLE;
    look_at_pool();
    assert_signature("pool/lost-request");
}

static void test_request_beside_a_free_slot(void **state)
{
    (void)state;
    look.waiting[0] = WAITS_FOR_CALL;
    view.waiting_writers = 1;
    look_at_pool();
    assert_signature("pool/lost-wakeup");
}

/* --- what the pool shows --------------------------------------------------------------------- */

static void test_leaked_slot(void **state)
{
    (void)state;
    take_and_show(0, 0);
    happens(EVENT_lease_ended, 0, 0, 0);
    look_at_pool();
    assert_signature("pool/leaked-slot");
}

static void test_owner_unknown(void **state)
{
    (void)state;
    take(0, 0);
    look_at_pool();
    assert_signature("pool/owner-unknown");
}

static void test_wrong_state(void **state)
{
    (void)state;
    take_and_show(0, 0);
    happens(EVENT_lease_called, 0, OUTCOME_OK,
            EVENT_LEASE_IN_TRANSACTION | EVENT_LEASE_HAS_TRANSACTION);
    view.slots[0].state = STACK_SLOT_IN_TRANSACTION;
    look_at_pool();
    assert_ok();
    view.slots[0].state = STACK_SLOT_LEASED;
    look_at_pool();
    assert_signature("pool/wrong-state");
}

static void test_stream_holds_a_slot(void **state)
{
    (void)state;
    take(0, 0);
    view.slots[0].state = STACK_SLOT_IN_TRANSACTION;
    happens(EVENT_lease_called, 0, OUTCOME_OK, 0);
    happens(EVENT_lease_streams, 0, STACK_WRITE, 0);
    look_at_pool();
    assert_ok();
    happens(EVENT_lease_called, 0, OUTCOME_OK, 0); /* that was its end */
    look_at_pool();
    assert_signature("pool/leaked-slot");
}

/* --- closing, rows of streams ----------------------------------------------------------------- */

static void test_does_not_close(void **state)
{
    (void)state;
    happens(EVENT_pool_closed, 0, OUTCOME_TIMEOUT, 0); /* somebody may have a lease */
    assert_ok();
    feed((struct event){
        .kind = EVENT_pool_closed, .detail = OUTCOME_TIMEOUT, .interaction = EVENT_AT_END});
    assert_signature("pool/does-not-close");
    assert_int_equal(verdict.interaction, SIZE_MAX);
}

static void test_interrupting_ends_transactions(void **state)
{
    (void)state;
    take(0, 0);
    happens(EVENT_lease_called, 0, OUTCOME_OK,
            EVENT_LEASE_IN_TRANSACTION | EVENT_LEASE_HAS_TRANSACTION);
    happens(EVENT_pool_closes, 0, true, 0);
    happens(EVENT_pool_closed, 0, OUTCOME_OK, true);
    look_at_pool(); /* its slot is free already */
    assert_ok();
}

static void test_stream_rows(void **state)
{
    (void)state;
    const struct observation came = {.row_count = 3};
    struct event event = {.kind = EVENT_stream_ended, .value = 3, .seen = &came};
    feed(event);
    assert_ok();
    event.value = 4;
    feed(event);
    assert_signature("pool/stream-rows");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_each_has_its_own, setup),
        cmocka_unit_test_setup(test_two_owners, setup),
        cmocka_unit_test_setup(test_more_leases_than_slots, setup),
        cmocka_unit_test_setup(test_given_back_is_free, setup),
        cmocka_unit_test_setup(test_handed_out_in_transaction, setup),
        cmocka_unit_test_setup(test_broken_handed_out, setup),
        cmocka_unit_test_setup(test_a_loss_that_nobody_was_told_of, setup),
        cmocka_unit_test_setup(test_a_server_that_has_ended, setup),
        cmocka_unit_test_setup(test_a_loss_that_was_told, setup),
        cmocka_unit_test_setup(test_everybody_dies_by_a_fault, setup),
        cmocka_unit_test_setup(test_timeout_in_time, setup),
        cmocka_unit_test_setup(test_timeout_too_early, setup),
        cmocka_unit_test_setup(test_who_waits_has_a_timer, setup),
        cmocka_unit_test_setup(test_who_waits_in_a_silence, setup),
        cmocka_unit_test_setup(test_deadlock_in_a_checkout, setup),
        cmocka_unit_test_setup(test_lost_wakeup, setup),
        cmocka_unit_test_setup(test_lost_request, setup_actors),
        cmocka_unit_test_setup(test_request_beside_a_free_slot, setup_actors),
        cmocka_unit_test_setup(test_leaked_slot, setup),
        cmocka_unit_test_setup(test_owner_unknown, setup),
        cmocka_unit_test_setup(test_wrong_state, setup),
        cmocka_unit_test_setup(test_stream_holds_a_slot, setup_actors),
        cmocka_unit_test_setup(test_does_not_close, setup),
        cmocka_unit_test_setup(test_interrupting_ends_transactions, setup_actors),
        cmocka_unit_test_setup(test_stream_rows, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
