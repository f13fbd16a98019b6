/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what the oracle of rows says of calls that are made up: snapshots by level, commits under
 * way, the second look of who had to wait, keys that are taken, work that is undone, transactions
 * that are prepared, what a server that has ended recovers; each right and wrong. And that it says
 * nothing where nothing is known.
 */
#include "model/text.h"
#include "oracle_fixture.h"

static struct oracle_setting setting;
static struct model_database content;
static size_t next_step;
static const struct promises by_statement = {
    .locks_rows = true, .failure_ends_transaction = true, .rows = VIEW_OF_STATEMENT};
static const struct promises by_transaction = {
    .locks_rows = true, .failure_ends_transaction = true, .rows = VIEW_OF_TRANSACTION};

static void begin_as(const struct promises *promises)
{
    reset_plan();
    model_database_init(&content);
    next_step = 0;
    setting = (struct oracle_setting){.promises = promises};
    begin_oracle("rows", &setting);
}

static int setup(void **state)
{
    (void)state;
    begin_as(&by_statement);
    return 0;
}

static int setup_snapshots(void **state)
{
    (void)state;
    begin_as(&by_transaction);
    return 0;
}

/* --- what tasks do: each call returns its step ------------------------------------------------ */

static size_t calls(uint32_t task, enum plan_action action, uint8_t key)
{
    size_t step = next_step++;
    steps[step].action = (uint8_t)action;
    steps[step].arguments[FIELD_key] = key;
    if (plan_action_has(action, FIELD_filter))
        steps[step].arguments[FIELD_filter] = FILTER_KEY;
    feed((struct event){.kind = EVENT_call, .task = (uint8_t)task, .interaction = (uint32_t)step});
    return step;
}

static void ends(uint32_t task, size_t step, bool in_transaction, int64_t changes)
{
    const struct observation seen = {.in_transaction = in_transaction, .changes = changes};
    feed_result(task, step, &seen);
}

static void fails(uint32_t task, size_t step, bool in_transaction, enum outcome outcome)
{
    const struct observation seen = {.in_transaction = in_transaction, .outcome = outcome};
    feed_result(task, step, &seen);
}

static void begins(uint32_t task)
{
    ends(task, calls(task, ACTION_begin, 0), true, 0);
}

static void ends_transaction(uint32_t task, enum plan_action how)
{
    ends(task, calls(task, how, 0), false, 0);
}

static size_t writes(uint32_t task, enum plan_action how, uint8_t key, bool in_transaction)
{
    size_t step = calls(task, how, key);
    ends(task, step, in_transaction, 1);
    return step;
}

/* Of one key: the value that `writer` wrote, or the prepared one. */
enum { PREPARED = 1000, NO_ROW };

static size_t asks(uint32_t task, uint8_t key)
{
    size_t step = next_step;
    steps[step].arguments[FIELD_aggregate] = AGGREGATE_SUM;
    return calls(task, ACTION_select, key);
}

static void is_told(uint32_t task, size_t step, size_t writer, bool in_transaction)
{
    uint32_t key = steps[step].arguments[FIELD_key];
    const struct observation seen = {
        .in_transaction = in_transaction,
        .row_count = 1,
        .number_is_null = writer == NO_ROW,
        .number = plan_value(writer == PREPARED ? -1 : (int64_t)writer, key),
    };
    feed_result(task, step, &seen);
}

static void reads(uint32_t task, uint8_t key, size_t writer, bool in_transaction)
{
    is_told(task, asks(task, key), writer, in_transaction);
}

static void looks(void)
{
    feed((struct event){.kind = EVENT_content, .interaction = EVENT_AT_END, .content = &content});
}

/* --- snapshots -------------------------------------------------------------------------------- */

static void test_a_statement_sees_what_is_committed(void **state)
{
    (void)state;
    begins(0);
    reads(0, 4, PREPARED, true);
    size_t writer = writes(1, ACTION_update, 4, false);
    reads(0, 4, writer, true);
    assert_ok();
    reads(0, 4, PREPARED, true);
    assert_signature("rows/wrong-select");
}

static void test_a_transaction_keeps_its_snapshot(void **state)
{
    (void)state;
    begins(0);
    reads(0, 4, PREPARED, true);
    size_t writer = writes(1, ACTION_update, 4, false);
    reads(0, 4, PREPARED, true);
    reads(1, 4, writer, false);
    assert_ok();
    reads(0, 4, writer, true);
    assert_signature("rows/moved-select");
}

/* Which is taken by its first statement. */
static void test_begin_takes_no_snapshot(void **state)
{
    (void)state;
    begins(0);
    size_t writer = writes(1, ACTION_update, 4, false);
    reads(0, 4, writer, true);
    assert_ok();
}

static void test_what_is_not_committed_is_not_seen(void **state)
{
    (void)state;
    begins(0);
    size_t writer = writes(0, ACTION_update, 4, true);
    reads(0, 4, writer, true);
    reads(1, 4, PREPARED, false);
    assert_ok();
    reads(1, 4, writer, false);
    assert_signature("rows/wrong-select");
}

/* It is seen or not; but who has seen it once sees it again. */
static void test_a_commit_under_way(void **state)
{
    (void)state;
    begins(0);
    size_t writer = writes(0, ACTION_update, 4, true), other = writes(0, ACTION_update, 8, true);
    size_t commit = calls(0, ACTION_commit, 0);
    begins(1);
    reads(1, 4, writer, true);
    reads(1, 8, other, true);
    reads(2, 4, PREPARED, false);
    ends(0, commit, false, 0);
    assert_ok();
    reads(1, 8, PREPARED, true);
    assert_signature("rows/moved-select");
}

/* --- writing ---------------------------------------------------------------------------------- */

static void test_the_first_who_writes_wins(void **state)
{
    (void)state;
    begins(0);
    reads(0, 4, PREPARED, true);
    (void)writes(1, ACTION_update, 4, false);
    fails(0, calls(0, ACTION_update, 4), true, OUTCOME_BUSY_SNAPSHOT);
    assert_ok();
}

static void test_a_newer_version_is_written_over(void **state)
{
    (void)state;
    begins(0);
    reads(0, 4, PREPARED, true);
    (void)writes(1, ACTION_update, 4, false);
    (void)writes(0, ACTION_update, 4, true);
    assert_signature("rows/moved-update");
}

/* Of eight rows below the bound one is above it once who wrote it has committed. */
static void delete_beside_an_update(int64_t deleted)
{
    next_step = 8;
    begins(0);
    (void)writes(0, ACTION_update, 4, true);
    size_t step = calls(1, ACTION_delete, 1);
    steps[step].arguments[FIELD_filter] = FILTER_VALUE_BELOW;
    size_t commit = calls(0, ACTION_commit, 0);
    ends(1, step, false, deleted);
    ends(0, commit, false, 0);
}

static void test_who_waited_looks_again(void **state)
{
    (void)state;
    delete_beside_an_update(7);
    size_t writer = 9;
    reads(0, 4, writer, false);
    reads(0, 8, NO_ROW, false);
    assert_ok();
}

static void test_who_waited_does_not_look_again(void **state)
{
    (void)state;
    delete_beside_an_update(8);
    assert_signature("rows/wrong-delete");
}

/* The text is what the other has made of it, and one element more. */
static void test_an_append_to_the_newest_text(void **state)
{
    (void)state;
    begins(0);
    size_t first = writes(0, ACTION_append, 4, true), second = calls(1, ACTION_append, 4);
    ends_transaction(0, ACTION_commit);
    ends(1, second, false, 1);
    content.tables[0].text_units[4] += 2;
    content.tables[0].text_value[4] =
        model_text_append(model_text_append(4, 1, (int32_t)plan_value((int64_t)first, 4)), 2,
                          (int32_t)plan_value((int64_t)second, 4));
    looks();
    assert_ok();
}

static void test_an_append_to_an_old_text(void **state)
{
    (void)state;
    begins(0);
    (void)writes(0, ACTION_append, 4, true);
    size_t second = calls(1, ACTION_append, 4);
    ends_transaction(0, ACTION_commit);
    ends(1, second, false, 1);
    content.tables[0].text_units[4] += 1;
    content.tables[0].text_value[4] =
        model_text_append(4, 1, (int32_t)plan_value((int64_t)second, 4));
    looks();
    assert_signature("rows/content/t0/other-text");
}

/* --- keys ------------------------------------------------------------------------------------- */

static void test_a_key_is_free_or_taken(void **state)
{
    (void)state;
    (void)writes(0, ACTION_insert, 1, false);
    fails(0, calls(0, ACTION_insert, 1), false, OUTCOME_CONSTRAINT);
    assert_ok();
    (void)writes(1, ACTION_insert, 1, false);
    assert_signature("rows/wrong-insert");
}

static void test_a_free_key_is_called_taken(void **state)
{
    (void)state;
    (void)writes(0, ACTION_delete, 4, false);
    fails(1, calls(1, ACTION_insert, 4), false, OUTCOME_CONSTRAINT);
    assert_signature("rows/wrong-insert");
}

/* Who has it waits for whether that stays. */
static void test_a_key_that_is_being_taken(void **state)
{
    (void)state;
    begins(0);
    (void)writes(0, ACTION_insert, 1, true);
    size_t step = calls(1, ACTION_insert, 1);
    ends_transaction(0, ACTION_commit);
    fails(1, step, false, OUTCOME_CONSTRAINT);
    assert_ok();
}

/* A statement without a transaction had not returned: the snapshot may have its row. */
static void test_a_row_that_a_snapshot_may_have(void **state)
{
    (void)state;
    begins(0);
    size_t update = calls(1, ACTION_update, 4);
    reads(0, 8, PREPARED, true);
    ends(1, update, false, 1);
    (void)writes(0, ACTION_upsert, 4, true);
    ends_transaction(0, ACTION_commit);
    assert_ok();
}

/* What others have freed since is free, though the snapshot has it: then there are two rows. */
static void test_a_key_that_was_freed_since(void **state)
{
    (void)state;
    begins(0);
    reads(0, 4, PREPARED, true);
    (void)writes(1, ACTION_delete, 4, false);
    (void)writes(0, ACTION_insert, 4, true);
    reads(0, 4, PREPARED, true);
    ends_transaction(0, ACTION_commit);
    assert_ok();
}

/* --- what is undone --------------------------------------------------------------------------- */

static void test_back_to_a_savepoint(void **state)
{
    (void)state;
    begins(0);
    size_t kept = writes(0, ACTION_update, 4, true);
    ends(0, calls(0, ACTION_savepoint, 0), true, 0);
    (void)writes(0, ACTION_update, 8, true);
    fails(0, calls(0, ACTION_update, 12), true, OUTCOME_DEADLOCK);
    ends(0, calls(0, ACTION_rollback_to, 0), true, 0);
    reads(0, 4, kept, true);
    reads(0, 8, PREPARED, true);
    ends_transaction(0, ACTION_commit);
    reads(1, 4, kept, false);
    assert_ok();
    content.tables[0].value[4] = (int32_t)plan_value((int64_t)kept, 4);
    looks();
    assert_ok();
}

static void test_a_failed_transaction_keeps_nothing(void **state)
{
    (void)state;
    begins(0);
    size_t writer = writes(0, ACTION_update, 4, true);
    fails(0, calls(0, ACTION_update, 8), true, OUTCOME_DEADLOCK);
    fails(0, calls(0, ACTION_commit, 0), false, OUTCOME_ROLLED_BACK);
    reads(1, 4, PREPARED, false);
    assert_ok();
    reads(1, 4, writer, false);
    assert_signature("rows/wrong-select");
}

/* It is done on a connection of its own: the transaction is what it was. */
static void test_a_look_that_fails_changes_nothing(void **state)
{
    (void)state;
    begins(0);
    size_t written = writes(0, ACTION_update, 8, true);
    fails(0, calls(0, ACTION_look, 0), true, OUTCOME_BUSY);
    reads(0, 8, written, true);
    ends_transaction(0, ACTION_commit);
    reads(1, 8, written, false);
    assert_ok();
    reads(1, 8, PREPARED, false);
    assert_signature("rows/wrong-select");
}

/* Who waited for a row that was deleted does not find it again, although its key is taken anew. */
static void test_a_row_that_was_deleted_is_another_one(void **state)
{
    (void)state;
    begins(0);
    (void)writes(0, ACTION_delete, 4, true);
    (void)writes(0, ACTION_upsert, 4, true);
    size_t waits = calls(1, ACTION_append, 4);
    size_t commits = calls(0, ACTION_commit, 0);
    ends(1, waits, false, 0);
    ends(0, commits, false, 0);
    assert_ok();
    begins(0);
    (void)writes(0, ACTION_upsert, 8, true); /* is there, and stays it */
    waits = calls(1, ACTION_append, 8);
    commits = calls(0, ACTION_commit, 0);
    ends(1, waits, false, 0);
    assert_signature("rows/wrong-append");
}

static void test_a_lost_commit(void **state)
{
    (void)state;
    (void)writes(0, ACTION_update, 4, false);
    looks();
    assert_signature("rows/content/t0/other-value");
}

/* --- transactions that are prepared ----------------------------------------------------------- */

static enum plan_action prepare, commit_prepared, roll_back_prepared;

static bool finds_prepared(void)
{
    return finds(EFFECT_PREPARE, &prepare) && finds(EFFECT_COMMIT_PREPARED, &commit_prepared) &&
           finds(EFFECT_ROLLBACK_PREPARED, &roll_back_prepared);
}

/* In a session that is gone then; returns who wrote the row. */
static size_t prepares(uint32_t task, uint8_t key)
{
    begins(task);
    size_t writer = writes(task, ACTION_update, key, true);
    ends(task, calls(task, prepare, 0), false, 0);
    feed((struct event){.kind = EVENT_disconnect, .task = (uint8_t)task});
    return writer;
}

static void test_what_is_prepared_is_seen_once_it_is_committed(void **state)
{
    (void)state;
    if (!finds_prepared())
        return;
    size_t writer = prepares(0, 4);
    reads(1, 4, PREPARED, false);
    ends(1, calls(1, commit_prepared, 0), false, 0);
    reads(2, 4, writer, false);
    assert_ok();
    reads(2, 4, PREPARED, false);
    assert_signature("rows/wrong-select");
}

static void test_what_is_prepared_is_not_seen(void **state)
{
    (void)state;
    if (!finds_prepared())
        return;
    size_t writer = prepares(0, 4);
    ends(1, calls(1, roll_back_prepared, 0), false, 0);
    reads(2, 4, PREPARED, false);
    assert_ok();
    reads(2, 4, writer, false);
    assert_signature("rows/wrong-select");
}

static void test_what_is_prepared_stays(void **state)
{
    (void)state;
    if (!finds_prepared())
        return;
    (void)prepares(0, 4);
    begins(1);
    fails(1, calls(1, commit_prepared, 0), true, OUTCOME_SQL_ERROR); /* in a transaction */
    assert_ok();
    fails(2, calls(2, roll_back_prepared, 0), false, OUTCOME_SQL_ERROR);
    assert_signature("rows/prepared-gone");
}

static void test_a_prepared_transaction_ends_once(void **state)
{
    (void)state;
    if (!finds_prepared())
        return;
    (void)prepares(0, 4);
    ends(1, calls(1, roll_back_prepared, 0), false, 0);
    fails(1, calls(1, commit_prepared, 0), false, OUTCOME_SQL_ERROR);
    assert_ok();
    ends(1, calls(1, commit_prepared, 0), false, 0);
    assert_signature("rows/prepared-from-nowhere");
}

static void test_a_name_is_given_once(void **state)
{
    (void)state;
    if (!finds_prepared())
        return;
    (void)prepares(0, 4);
    begins(1);
    fails(1, calls(1, prepare, 0), false, OUTCOME_SQL_ERROR);
    assert_ok();
    (void)prepares(2, 8);
    assert_signature("rows/prepared-twice");
}

/* Of two who end it one does; of what is prepared meanwhile nothing is said. */
static void test_calls_about_one_name_side_by_side(void **state)
{
    (void)state;
    if (!finds_prepared())
        return;
    size_t writer = prepares(0, 4);
    size_t commit = calls(1, commit_prepared, 0), roll_back = calls(2, roll_back_prepared, 0);
    fails(2, roll_back, false, OUTCOME_SQL_ERROR);
    ends(1, commit, false, 0);
    reads(2, 4, writer, false);
    assert_ok();
    begins(0);
    (void)writes(0, ACTION_update, 4, true);
    (void)calls(0, prepare, 0);
    ends(1, calls(1, commit_prepared, 0), false, 0);
    reads(2, 4, writer, false);
    assert_ok();
}

/* --- a server that ends, and recovers --------------------------------------------------------- */

static const struct durability_promise keeps_all = {.process_death = SURVIVES_ALL};
static const struct durability_promise keeps_beginning = {.process_death = SURVIVES_SYNCED};

/* Two plans alike but for what is found then. */
static void begin_with(const struct durability_promise *durability)
{
    begin_as(&by_statement);
    setting.durability = durability;
}

static void stands(uint8_t key, size_t writer)
{
    content.tables[0].value[key] = (int32_t)plan_value((int64_t)writer, key);
}

static void ends_and_recovers(uint32_t task)
{
    const struct event_recovery recovery = {.content = &content, .again = &content};
    feed((struct event){.kind = EVENT_fault, .task = (uint8_t)task, .detail = FAULT_server_death});
    feed((struct event){.kind = EVENT_server_ended});
    feed((struct event){.kind = EVENT_recovered, .recovery = &recovery});
}

static void test_what_was_acknowledged_survives(void **state)
{
    (void)state;
    for (int is_there = 0; is_there < 2; is_there++) {
        begin_with(&keeps_all);
        size_t writer = writes(0, ACTION_update, 4, false);
        if (is_there)
            stands(4, writer);
        ends_and_recovers(1);
        if (is_there)
            assert_ok();
        else
            assert_signature("durability/t0/other-value");
    }
}

static void test_what_is_not_committed_does_not_survive(void **state)
{
    (void)state;
    begin_with(&keeps_all);
    begins(0);
    stands(4, writes(0, ACTION_update, 4, true));
    ends_and_recovers(1);
    assert_signature("durability/t0/other-value");
}

/* A bit of `found`: which of its rows are there. */
static void test_a_commit_under_way_survives_wholly_or_not(void **state)
{
    (void)state;
    for (unsigned found = 0; found < 4; found++) {
        begin_with(&keeps_all);
        begins(0);
        size_t first = writes(0, ACTION_update, 4, true);
        size_t second = writes(0, ACTION_update, 8, true);
        size_t commit = calls(0, ACTION_commit, 0);
        if (found & 1)
            stands(4, first);
        if (found & 2)
            stands(8, second);
        ends_and_recovers(1);
        fails(0, commit, false, OUTCOME_IN_DOUBT);
        if (found == 0 || found == 3)
            assert_ok();
        else
            assert_signature("durability/t0/other-value");
    }
}

static void test_the_last_ones_may_be_lost(void **state)
{
    (void)state;
    for (unsigned found = 0; found < 4; found++) {
        begin_with(&keeps_beginning);
        size_t first = writes(0, ACTION_update, 4, false);
        size_t second = writes(1, ACTION_update, 8, false);
        if (found & 1)
            stands(4, first);
        if (found & 2)
            stands(8, second);
        ends_and_recovers(1);
        if (found != 2)
            assert_ok();
        else
            assert_signature("durability/t0/other-value");
    }
}

/* What was found is what is read then, and the next end begins with it. */
static void test_what_survived_is_what_is_read(void **state)
{
    (void)state;
    begin_with(&keeps_beginning);
    size_t first = writes(0, ACTION_update, 4, false);
    (void)writes(1, ACTION_update, 8, false);
    stands(4, first);
    ends_and_recovers(2);
    reads(0, 8, PREPARED, false);
    size_t third = writes(1, ACTION_update, 8, false);
    reads(0, 8, third, false);
    stands(8, third);
    ends_and_recovers(2);
    assert_ok();
    reads(0, 4, PREPARED, false);
    assert_signature("rows/wrong-select");
}

/* Who finds his connection lost has done nothing; who was in a call may have, or does so now. */
static void test_calls_that_lose_their_connection(void **state)
{
    (void)state;
    begin_with(&keeps_all);
    size_t under_way = calls(0, ACTION_update, 4);
    ends_and_recovers(1);
    reads(2, 8, PREPARED, false);
    ends(0, under_way, false, 1);
    reads(2, 4, under_way, false);
    reads(2, 4, PREPARED, false);
    fails(3, calls(3, ACTION_update, 12), false, OUTCOME_IN_DOUBT);
    reads(2, 12, PREPARED, false);
    assert_ok();
    size_t writer = writes(3, ACTION_update, 8, false);
    reads(2, 8, writer, false);
    assert_ok();
    reads(2, 8, PREPARED, false);
    assert_signature("rows/wrong-select");
}

static void test_what_is_prepared_survives(void **state)
{
    (void)state;
    if (!finds_prepared())
        return;
    begin_with(&keeps_beginning);
    size_t writer = prepares(0, 4);
    ends_and_recovers(1);
    ends(1, calls(1, commit_prepared, 0), false, 0);
    reads(2, 4, writer, false);
    assert_ok();
    (void)prepares(0, 8);
    ends_and_recovers(1);
    fails(1, calls(1, commit_prepared, 0), false, OUTCOME_SQL_ERROR);
    assert_int_equal(verdict.kind, VERDICT_VIOLATION);
}

/* --- where nothing is said -------------------------------------------------------------------- */

static void test_nothing_after_a_fault(void **state)
{
    (void)state;
    feed((struct event){.kind = EVENT_fault, .detail = FAULT_io_read});
    (void)writes(0, ACTION_update, 4, false);
    reads(0, 4, PREPARED, false);
    looks();
    assert_ok();
}

static void test_nothing_of_a_table_that_changes(void **state)
{
    (void)state;
    steps[STEPS_MAX - 1].action = ACTION_drop_table;
    begin_oracle("rows", &setting);
    (void)writes(0, ACTION_update, 4, false);
    reads(0, 4, PREPARED, false);
    looks();
    assert_ok();
}

/* The plan that is judged has selects in their place. */
static void test_nothing_of_a_plan_with_streams(void **state)
{
    (void)state;
    static struct interaction streamed[STEPS_MAX];
    static struct plan given;
    given = plan;
    given.interactions = streamed;
    streamed[0].action = ACTION_stream_open;
    setting.plan = &given;
    oracle->ops->begin(oracle_state, &setting);
    (void)writes(0, ACTION_update, 4, false);
    reads(0, 4, PREPARED, false);
    looks();
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_statement_sees_what_is_committed, setup),
        cmocka_unit_test_setup(test_a_transaction_keeps_its_snapshot, setup_snapshots),
        cmocka_unit_test_setup(test_begin_takes_no_snapshot, setup_snapshots),
        cmocka_unit_test_setup(test_what_is_not_committed_is_not_seen, setup),
        cmocka_unit_test_setup(test_a_commit_under_way, setup_snapshots),
        cmocka_unit_test_setup(test_the_first_who_writes_wins, setup_snapshots),
        cmocka_unit_test_setup(test_a_newer_version_is_written_over, setup_snapshots),
        cmocka_unit_test_setup(test_who_waited_looks_again, setup),
        cmocka_unit_test_setup(test_who_waited_does_not_look_again, setup),
        cmocka_unit_test_setup(test_an_append_to_the_newest_text, setup),
        cmocka_unit_test_setup(test_an_append_to_an_old_text, setup),
        cmocka_unit_test_setup(test_a_key_is_free_or_taken, setup),
        cmocka_unit_test_setup(test_a_free_key_is_called_taken, setup),
        cmocka_unit_test_setup(test_a_key_that_is_being_taken, setup),
        cmocka_unit_test_setup(test_a_row_that_a_snapshot_may_have, setup_snapshots),
        cmocka_unit_test_setup(test_a_key_that_was_freed_since, setup_snapshots),
        cmocka_unit_test_setup(test_back_to_a_savepoint, setup),
        cmocka_unit_test_setup(test_a_failed_transaction_keeps_nothing, setup),
        cmocka_unit_test_setup(test_a_look_that_fails_changes_nothing, setup),
        cmocka_unit_test_setup(test_a_row_that_was_deleted_is_another_one, setup),
        cmocka_unit_test_setup(test_a_lost_commit, setup),
        cmocka_unit_test_setup(test_what_is_prepared_is_seen_once_it_is_committed, setup),
        cmocka_unit_test_setup(test_what_is_prepared_is_not_seen, setup),
        cmocka_unit_test_setup(test_what_is_prepared_stays, setup),
        cmocka_unit_test_setup(test_a_prepared_transaction_ends_once, setup),
        cmocka_unit_test_setup(test_a_name_is_given_once, setup),
        cmocka_unit_test_setup(test_calls_about_one_name_side_by_side, setup),
        cmocka_unit_test_setup(test_what_was_acknowledged_survives, setup),
        cmocka_unit_test_setup(test_what_is_not_committed_does_not_survive, setup),
        cmocka_unit_test_setup(test_a_commit_under_way_survives_wholly_or_not, setup),
        cmocka_unit_test_setup(test_the_last_ones_may_be_lost, setup),
        cmocka_unit_test_setup(test_what_survived_is_what_is_read, setup),
        cmocka_unit_test_setup(test_calls_that_lose_their_connection, setup),
        cmocka_unit_test_setup(test_what_is_prepared_survives, setup),
        cmocka_unit_test_setup(test_nothing_after_a_fault, setup),
        cmocka_unit_test_setup(test_nothing_of_a_table_that_changes, setup),
        cmocka_unit_test_setup(test_nothing_of_a_plan_with_streams, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
