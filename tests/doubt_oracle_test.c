/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what a client may be told of a commit, by what the server was heard to say of it, and when
 * nobody can know.
 */
#include "oracle_fixture.h"

enum { WRITE, COMMIT, OTHER }; /* steps of the plan */

static struct oracle_setting setting;

static int setup(void **state)
{
    (void)state;
    reset_plan();
    steps[WRITE].action = ACTION_insert;
    steps[COMMIT].action = ACTION_commit;
    steps[OTHER].action = ACTION_select;
    setting = (struct oracle_setting){.hears_commits = true};
    begin_oracle("doubt", &setting);
    return 0;
}

static void call(uint32_t task)
{
    feed((struct event){.kind = EVENT_call, .task = (uint8_t)task});
}

static void server_says(uint32_t task, enum event_commit commit)
{
    feed((struct event){
        .kind = EVENT_server_commit, .task = (uint8_t)task, .detail = (uint16_t)commit});
}

static void is_told(uint32_t task, size_t step, enum outcome outcome, bool in_transaction)
{
    const struct observation seen = {
        .outcome = outcome, .changes = step == WRITE, .in_transaction = in_transaction};
    feed_result(task, step, &seen);
}

/* In a transaction. */
static void writes(void)
{
    call(0);
    is_told(0, WRITE, OUTCOME_OK, true);
}

/* And is told so; what the server says meanwhile of whom, if anything. */
static void commits(enum outcome outcome, bool is_heard, enum event_commit commit)
{
    call(0);
    if (is_heard)
        server_says(0, commit);
    feed((struct event){.kind = EVENT_lease_ended});
    is_told(0, COMMIT, outcome, false);
}

static void test_what_was_said_is_told(void **state)
{
    (void)state;
    writes();
    commits(OUTCOME_OK, true, EVENT_COMMIT_WROTE);
    writes();
    commits(OUTCOME_IN_DOUBT, true, EVENT_COMMIT_WROTE);
    writes();
    commits(OUTCOME_IN_DOUBT, false, 0);
    writes();
    commits(OUTCOME_ROLLED_BACK, false, 0);
    writes();
    commits(OUTCOME_DIED, true, EVENT_COMMIT_WROTE); /* it is gone: says nothing of the commit */
    assert_ok();
}

static void test_denied(void **state)
{
    (void)state;
    writes();
    commits(OUTCOME_ROLLED_BACK, true, EVENT_COMMIT_WROTE);
    assert_signature("pool/told-failed-but-committed");
}

static void test_a_single_write_is_denied(void **state)
{
    (void)state;
    call(0);
    server_says(0, EVENT_COMMIT_WROTE);
    is_told(0, WRITE, OUTCOME_BUSY_SNAPSHOT, false);
    assert_signature("pool/told-failed-but-committed");
}

static void test_what_is_not_denied(void **state)
{
    (void)state;
    writes();
    commits(OUTCOME_ROLLED_BACK, true, EVENT_COMMIT_EMPTY); /* there was nothing to keep */
    writes();
    commits(OUTCOME_ROLLED_BACK, true, EVENT_COMMIT_OF_ANYBODY);
    call(0);
    server_says(1, EVENT_COMMIT_WROTE); /* another task's */
    is_told(0, WRITE, OUTCOME_CONSTRAINT, false);
    call(0);
    server_says(0, EVENT_COMMIT_WROTE); /* the call before */
    call(0);
    is_told(0, WRITE, OUTCOME_CONSTRAINT, false);
    assert_ok();
}

static void test_lost(void **state)
{
    (void)state;
    writes();
    commits(OUTCOME_OK, false, 0);
    assert_signature("pool/told-committed-but-lost");
}

static void test_nothing_to_lose(void **state)
{
    (void)state;
    commits(OUTCOME_OK, false, 0); /* nothing was written */
    writes();
    feed((struct event){.kind = EVENT_disconnect});
    commits(OUTCOME_OK, false, 0); /* another transaction */
    writes();
    commits(OUTCOME_OK, true, EVENT_COMMIT_OF_ANYBODY); /* a thread's, which may have been this */
    assert_ok();
}

static void test_where_nobody_can_know(void **state)
{
    (void)state;
    steps[OTHER].sql = "INSERT INTO t0 VALUES (1, 2, 3)";
    writes();
    call(0);
    is_told(0, OTHER, OUTCOME_OK, true);
    commits(OUTCOME_OK, false, 0);
    writes();
    feed((struct event){.kind = EVENT_fault, .detail = FAULT_partial_success});
    commits(OUTCOME_OK, false, 0);
    assert_ok();
}

static bool is_asked(void)
{
    struct oracles oracles = {0};
    oracles_begin(&oracles, &setting);
    return oracles_listen(&oracles, EVENT_server_commit);
}

static void test_where_nobody_hears_it_is_not_asked(void **state)
{
    (void)state;
    assert_true(is_asked());
    setting.hears_commits = false;
    assert_false(is_asked());
}

static void test_a_pool_that_is_closed_ends_transactions(void **state)
{
    (void)state;
    writes();
    feed((struct event){.kind = EVENT_pool_closes, .detail = true});
    commits(OUTCOME_ROLLED_BACK, true, EVENT_COMMIT_WROTE);
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_was_said_is_told, setup),
        cmocka_unit_test_setup(test_denied, setup),
        cmocka_unit_test_setup(test_a_single_write_is_denied, setup),
        cmocka_unit_test_setup(test_what_is_not_denied, setup),
        cmocka_unit_test_setup(test_lost, setup),
        cmocka_unit_test_setup(test_nothing_to_lose, setup),
        cmocka_unit_test_setup(test_where_nobody_can_know, setup),
        cmocka_unit_test_setup(test_where_nobody_hears_it_is_not_asked, setup),
        cmocka_unit_test_setup(test_a_pool_that_is_closed_ends_transactions, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
