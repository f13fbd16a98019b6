/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that what tasks read and wrote becomes the right history: an anomaly of each kind from
 * events alone, and the same events with what they do not claim left out. Which histories a level
 * forbids is the judge's business (tests/isolation/).
 */
#include "oracle_fixture.h"

#include "base/text.h"
#include "model/database.h"
#include "model/text.h"

static struct oracle_setting setting;
static struct model_database content;
static size_t next_step;
static const struct promises order_known = {.commit_order_is_known = true};

static void begin_at(enum isolation_level level, const struct promises *promises)
{
    reset_plan();
    model_database_init(&content);
    next_step = 0;
    setting = (struct oracle_setting){.promises = promises, .isolation = &isolation_levels[level]};
    begin_oracle("isolation", &setting);
}

static int setup(void **state)
{
    (void)state;
    begin_at(ISOLATION_LEVEL_strict_serializable, &order_known);
    return 0;
}

/* --- what tasks do: each returns its step ----------------------------------------------------- */

static size_t calls(uint32_t task, enum plan_action action)
{
    size_t step = next_step++;
    steps[step].action = (uint8_t)action;
    feed((struct event){.kind = EVENT_call, .task = (uint8_t)task, .interaction = (uint32_t)step});
    return step;
}

static void commits(uint32_t task)
{
    feed((struct event){.kind = EVENT_commit_point, .task = (uint8_t)task});
}

static void ends(uint32_t task, size_t step, bool in_transaction, int64_t changes)
{
    const struct observation seen = {.in_transaction = in_transaction, .changes = changes};
    feed_result(task, step, &seen);
}

static void begins(uint32_t task)
{
    ends(task, calls(task, ACTION_begin), true, 0);
}

static size_t writes(uint32_t task, enum plan_action how, uint8_t key, bool in_transaction)
{
    size_t step = calls(task, how);
    steps[step].arguments[FIELD_key] = key;
    if (!in_transaction)
        commits(task);
    ends(task, step, in_transaction, 1);
    return step;
}

static size_t upserts(uint32_t task, uint8_t key, bool in_transaction)
{
    return writes(task, ACTION_upsert, key, in_transaction);
}

static void ends_transaction(uint32_t task, enum plan_action how)
{
    size_t step = calls(task, how);
    if (how == ACTION_commit)
        commits(task);
    ends(task, step, false, 0);
}

/* Of one key: the value that `writer` wrote, or the prepared one. */
enum { PREPARED = 1000, NO_ROW };

static int64_t value_of(size_t writer, uint8_t key)
{
    return plan_value(writer == PREPARED ? -1 : (int64_t)writer, key);
}

static void reads(uint32_t task, uint8_t key, size_t writer, bool in_transaction)
{
    size_t step = calls(task, ACTION_select);
    steps[step].arguments[FIELD_filter] = FILTER_KEY;
    steps[step].arguments[FIELD_key] = key;
    struct observation seen = {.in_transaction = in_transaction};
    if (writer != NO_ROW) {
        seen.row_count = seen.rows_kept = 1;
        seen.rows[0] = (struct observed_row){.key = key, .value = value_of(writer, key)};
    }
    feed_result(task, step, &seen);
}

static void reads_rows(uint32_t task, enum plan_action how, uint8_t key, size_t writer)
{
    size_t step = calls(task, how);
    steps[step].arguments[FIELD_key] = key;
    struct observation seen = {.in_transaction = true, .row_count = 1, .rows_kept = 1};
    seen.rows[0] = (struct observed_row){.key = key, .value = value_of(writer, key)};
    feed_result(task, step, &seen);
}

static void looks(void)
{
    feed((struct event){.kind = EVENT_content, .interaction = EVENT_AT_END, .content = &content});
}

static void stands(uint8_t key, size_t writer)
{
    content.tables[0].present |= 1u << key;
    content.tables[0].value[key] = (int32_t)value_of(writer, key);
}

/* --- lists ------------------------------------------------------------------------------------ */

static size_t appends(uint32_t task, uint8_t key, bool in_transaction)
{
    return writes(task, ACTION_append, key, in_transaction);
}

/* What the row began as, and what these steps have appended. */
static void make_list(struct observed_lists *lists, uint8_t key, const size_t *writers,
                      uint16_t count)
{
    struct observed_list *list = &lists->lists[lists->count++];
    *list = (struct observed_list){
        .key = key, .first = (uint16_t)lists->element_count, .count = (uint16_t)(count + 1)};
    lists->elements[lists->element_count++] = (int32_t)value_of(PREPARED, key);
    for (uint16_t i = 0; i < count; i++)
        lists->elements[lists->element_count++] = (int32_t)value_of(writers[i], key);
}

static void reads_list(uint32_t task, uint8_t key, const size_t *writers, uint16_t count,
                       bool in_transaction)
{
    struct observed_lists lists = {0};
    size_t step = calls(task, ACTION_select);
    struct observation seen = {
        .lists = &lists, .in_transaction = in_transaction, .row_count = 1, .rows_kept = 1};
    steps[step].arguments[FIELD_filter] = FILTER_KEY;
    steps[step].arguments[FIELD_key] = key;
    seen.rows[0] = (struct observed_row){.key = key,
                                         .value = value_of(PREPARED, key),
                                         .text_value = value_of(PREPARED, key),
                                         .text_units = 1,
                                         .intact = true};
    if (count > 0) {
        make_list(&lists, key, writers, count);
        seen.rows[0].text_value = MODEL_TEXT_LIST;
        seen.rows[0].text_units = count + 1;
    }
    feed_result(task, step, &seen);
}

static void looks_at_lists(uint8_t key, const size_t *writers, uint16_t count)
{
    struct observed_lists lists = {0};
    make_list(&lists, key, writers, count);
    content.tables[0].text_value[key] = MODEL_TEXT_LIST;
    feed((struct event){
        .kind = EVENT_content, .interaction = EVENT_AT_END, .content = &content, .lists = &lists});
}

static void test_lists_in_one_order(void **state)
{
    (void)state;
    reads_list(0, 4, NULL, 0, false);
    size_t writers[3];
    writers[0] = appends(0, 4, false);
    begins(1);
    writers[1] = appends(1, 4, true);
    writers[2] = appends(1, 4, true);
    reads_list(1, 4, writers, 3, true);
    reads_list(0, 4, writers, 1, false);
    ends_transaction(1, ACTION_commit);
    begins(0);
    appends(0, 4, true);
    ends_transaction(0, ACTION_rollback);
    reads_list(0, 4, writers, 3, false);
    looks_at_lists(4, writers, 3);
    assert_ok();
}

/* Nobody has read before it wrote: only the list tells it. */
static void test_a_lost_append(void **state)
{
    (void)state;
    begins(0);
    begins(1);
    (void)appends(0, 4, true);
    ends_transaction(0, ACTION_commit);
    size_t writer = appends(1, 4, true);
    ends_transaction(1, ACTION_commit);
    looks_at_lists(4, &writer, 1);
    assert_signature("isolation/incompatible-order");
    assert_non_null(strstr(verdict.report, "the list t0[4]"));
}

static void test_an_append_that_was_rolled_back_is_read(void **state)
{
    (void)state;
    begins(0);
    size_t writer = appends(0, 4, true);
    reads_list(1, 4, &writer, 1, false);
    ends_transaction(0, ACTION_rollback);
    looks();
    assert_signature("isolation/aborted-read");
}

static void test_lists_show_read_skew(void **state)
{
    (void)state;
    begins(0);
    reads_list(0, 0, NULL, 0, true);
    begins(1);
    size_t first = appends(1, 0, true), second = appends(1, 4, true);
    ends_transaction(1, ACTION_commit);
    reads_list(0, 4, &second, 1, true);
    ends_transaction(0, ACTION_commit);
    reads_list(1, 0, &first, 1, false);
    looks();
    assert_signature("isolation/read-skew");
}

/* Of a text that somebody may have replaced no order is known. */
static void test_a_text_that_was_replaced_is_no_list(void **state)
{
    (void)state;
    size_t writer = appends(0, 4, false);
    size_t update = calls(1, ACTION_update);
    steps[update].arguments[FIELD_filter] = FILTER_KEY;
    steps[update].arguments[FIELD_key] = 4;
    steps[update].arguments[FIELD_size] = 1;
    ends(1, update, false, 0);
    (void)appends(0, 4, false);
    looks_at_lists(4, &writer, 1);
    assert_ok();
}

/* An update of v alone leaves the list as it is. */
static void test_a_value_beside_a_list(void **state)
{
    (void)state;
    (void)appends(0, 4, false);
    size_t update = calls(1, ACTION_update);
    steps[update].arguments[FIELD_filter] = FILTER_KEY;
    steps[update].arguments[FIELD_key] = 4;
    commits(1);
    ends(1, update, false, 1);
    stands(4, update);
    size_t writer = appends(0, 4, false);
    looks_at_lists(4, &writer, 1);
    assert_signature("isolation/incompatible-order");
}

/* Where there is no row, an append has read that. */
static void test_an_append_to_nothing(void **state)
{
    (void)state;
    size_t removal = calls(0, ACTION_delete);
    steps[removal].arguments[FIELD_filter] = FILTER_KEY;
    steps[removal].arguments[FIELD_key] = 4;
    commits(0);
    ends(0, removal, false, 1);
    content.tables[0].present &= ~(1u << 4);
    size_t step = calls(1, ACTION_append);
    steps[step].arguments[FIELD_key] = 4;
    ends(1, step, false, 0);
    (void)upserts(0, 5, false);
    stands(5, step + 1);
    looks();
    assert_ok();
}

/* --- anomalies -------------------------------------------------------------------------------- */

static void test_read_skew(void **state)
{
    (void)state;
    begins(0);
    reads(0, 0, PREPARED, true);
    begins(1);
    size_t first = upserts(1, 0, true), second = upserts(1, 4, true);
    ends_transaction(1, ACTION_commit);
    reads(0, 4, second, true);
    ends_transaction(0, ACTION_commit);
    stands(0, first);
    stands(4, second);
    assert_ok();
    looks();
    assert_signature("isolation/read-skew");
    assert_non_null(strstr(verdict.report, "\n  rw  task "));
    assert_non_null(strstr(verdict.report, "\n  wr  task "));
    assert_non_null(strstr(verdict.report, "task 0 read t0[0] as it was before task 1 (step 1) and "
                                           "t0[4] as task 1 left it (step 6): read skew, which "
                                           "strict serializable forbids"));
    assert_int_equal(verdict.interaction, 6);
}

static void test_a_snapshot_that_holds(void **state)
{
    (void)state;
    begins(0);
    reads(0, 0, PREPARED, true);
    begins(1);
    size_t first = upserts(1, 0, true), second = upserts(1, 4, true);
    ends_transaction(1, ACTION_commit);
    reads(0, 4, PREPARED, true);
    ends_transaction(0, ACTION_commit);
    stands(0, first);
    stands(4, second);
    looks();
    assert_ok();
}

static void test_dirty_read(void **state)
{
    (void)state;
    begins(0);
    size_t write = upserts(0, 1, true);
    reads(1, 1, write, false);
    ends_transaction(0, ACTION_rollback);
    looks();
    assert_signature("isolation/aborted-read");
}

static void test_what_was_undone_to_a_savepoint(void **state)
{
    (void)state;
    begins(0);
    size_t kept = upserts(0, 1, true);
    ends(0, calls(0, ACTION_savepoint), true, 0);
    (void)upserts(0, 2, true);
    ends(0, calls(0, ACTION_rollback_to), true, 0);
    reads(0, 1, kept, true);
    reads(0, 2, NO_ROW, true);
    ends_transaction(0, ACTION_commit);
    stands(1, kept);
    looks();
    assert_ok();
}

static void test_a_lost_row_at_the_end(void **state)
{
    (void)state;
    (void)upserts(0, 1, false);
    looks();
    assert_signature("isolation/stale-read");
    assert_non_null(strstr(verdict.report, "the look at the end read t0[1]"));
    assert_int_equal(verdict.interaction, SIZE_MAX);
}

static void test_stale_read(void **state)
{
    (void)state;
    size_t write = upserts(0, 0, false);
    reads(1, 0, PREPARED, false);
    stands(0, write);
    looks();
    assert_signature("isolation/stale-read");
}

/* What a transaction sees is settled by the first call that looks, whatever came of that one. */
static void test_a_call_that_may_have_looked(void **state)
{
    (void)state;
    static const enum plan_action first[] = {ACTION_read_header, ACTION_select};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        (void)setup(NULL);
        begins(0);
        size_t step = calls(0, first[i]);
        const struct observation seen = {
            .in_transaction = true,
            .outcome = first[i] == ACTION_select ? OUTCOME_IO_ERROR : OUTCOME_OK,
        };
        feed_result(0, step, &seen);
        size_t write = upserts(1, 4, false);
        reads(0, 4, PREPARED, true);
        ends_transaction(0, ACTION_commit);
        stands(4, write);
        looks();
        assert_ok();
    }
}

static void test_lost_update_with_unknown_order(void **state)
{
    (void)state;
    begin_at(ISOLATION_LEVEL_snapshot, &no_promises);
    begins(0);
    begins(1);
    reads(0, 0, PREPARED, true);
    reads(1, 0, PREPARED, true);
    (void)upserts(0, 0, true);
    size_t last = upserts(1, 0, true);
    ends_transaction(0, ACTION_commit);
    ends_transaction(1, ACTION_commit);
    stands(0, last);
    looks();
    assert_signature("isolation/lost-update");
}

/* --- what is not claimed ---------------------------------------------------------------------- */

static void test_some_of_a_range(void **state)
{
    (void)state;
    size_t step = calls(0, ACTION_update); /* of all keys */
    commits(0);
    ends(0, step, false, 3);
    reads(1, 0, PREPARED, false); /* it may or may not be one of the three */
    looks();
    assert_ok();
}

/* Of the rows that it may have taken those count that somebody has seen. */
static void test_what_was_seen_of_a_range(void **state)
{
    (void)state;
    begins(0);
    reads(0, 0, PREPARED, true);
    reads(0, 8, PREPARED, true);
    size_t step = calls(1, ACTION_update); /* of all keys */
    commits(1);
    ends(1, step, false, 3);
    reads(0, 8, PREPARED, true); /* this one may be none of the three */
    reads(0, 4, step, true);
    reads(0, 0, step, true);
    ends_transaction(0, ACTION_commit);
    assert_ok();
    stands(0, step);
    stands(4, step);
    looks();
    assert_signature("isolation/non-repeatable-read");
}

/* All that there are, or ever will be: none of them can have been left as it was. */
static void test_all_rows_of_a_range(void **state)
{
    (void)state;
    size_t step = calls(0, ACTION_update); /* of all keys */
    commits(0);
    ends(0, step, false, PLAN_SEED_ROWS);
    reads(1, 0, PREPARED, false);
    for (uint8_t key = 0; key < PLAN_KEYS; key += PLAN_SEED_KEY_STRIDE)
        stands(key, step);
    looks();
    assert_signature("isolation/stale-read");
}

static void test_a_whole_range(void **state)
{
    (void)state;
    size_t step = calls(0, ACTION_update);
    steps[step].arguments[FIELD_filter] = FILTER_RANGE;
    steps[step].arguments[FIELD_key] = 0;
    commits(0);
    ends(0, step, false, 1);
    reads(1, 0, PREPARED, false);
    stands(0, step);
    looks();
    assert_signature("isolation/stale-read");
}

static void fails(uint32_t task, enum plan_action how, uint8_t key)
{
    const struct observation seen = {.outcome = OUTCOME_BUSY, .in_transaction = true};
    size_t step = calls(task, how);
    steps[step].arguments[FIELD_key] = key;
    feed_result(task, step, &seen);
}

/* Where everything may be seen, it was written by somebody, whatever became of it. */
static void test_read_uncommitted(void **state)
{
    (void)state;
    for (int is_wrong = 0; is_wrong < 2; is_wrong++) {
        begin_at(ISOLATION_LEVEL_read_uncommitted, &order_known);
        begins(0);
        size_t dropped = upserts(0, 0, true);
        reads(1, 0, dropped, false);
        size_t failed = next_step;
        steps[failed].arguments[FIELD_key] = 8;
        fails(0, ACTION_upsert, 8);
        reads(1, 8, failed, false);
        ends_transaction(0, ACTION_rollback);
        if (is_wrong)
            reads(1, 0, failed, false); /* which has written another row */
        looks();
        if (!is_wrong)
            assert_ok();
    }
    assert_signature("isolation/value-from-nowhere");
}

/* Who wrote what is left wrote last, whoever committed first. */
static void test_dirty_write(void **state)
{
    (void)state;
    begin_at(ISOLATION_LEVEL_read_uncommitted, &order_known);
    begins(0);
    begins(1);
    (void)upserts(0, 0, true);
    size_t left = upserts(0, 4, true);
    (void)upserts(1, 4, true);
    size_t last = upserts(1, 0, true);
    ends_transaction(0, ACTION_commit);
    ends_transaction(1, ACTION_commit);
    stands(0, last);
    stands(4, left);
    looks();
    assert_signature("isolation/dirty-write");
}

static void test_a_commit_in_doubt(void **state)
{
    (void)state;
    for (int was_kept = 0; was_kept < 2; was_kept++) {
        begin_at(ISOLATION_LEVEL_strict_serializable, &order_known);
        begins(0);
        size_t write = upserts(0, 0, true);
        size_t commit = calls(0, ACTION_commit);
        commits(0);
        const struct observation seen = {.outcome = OUTCOME_IO_ERROR};
        feed_result(0, commit, &seen);
        if (was_kept)
            stands(0, write);
        looks();
        assert_ok();
    }
}

static void test_a_task_that_is_gone(void **state)
{
    (void)state;
    begins(0);
    (void)upserts(0, 0, true);
    feed((struct event){.kind = EVENT_disconnect});
    looks();
    assert_ok();
}

static void test_after_a_power_loss_nothing(void **state)
{
    (void)state;
    (void)upserts(0, 1, false);
    feed((struct event){.kind = EVENT_power_loss});
    looks();
    assert_ok();
}

/* In the midst of it somebody has seen what the writer is not known to have written. */
static void test_a_power_loss_before_a_commit_returns(void **state)
{
    (void)state;
    size_t step = calls(0, ACTION_upsert);
    steps[step].arguments[FIELD_key] = 1;
    commits(0);
    reads(1, 1, step, false);
    reads(1, 2, PREPARED, false);
    feed((struct event){.kind = EVENT_power_loss});
    assert_ok();
}

/* Where commits are not told, a call that has not returned may have been one. */
static void test_a_history_that_ends_before_a_write_returns(void **state)
{
    (void)state;
    begin_at(ISOLATION_LEVEL_strict_serializable, &no_promises);
    size_t step = calls(0, ACTION_upsert);
    steps[step].arguments[FIELD_key] = 1;
    reads(1, 1, step, false);
    reads(1, 2, PREPARED, false);
    feed((struct event){.kind = EVENT_content_ends});
    assert_ok();
}

static void half_done(enum fault_kind kind)
{
    begin_at(ISOLATION_LEVEL_strict_serializable, &order_known);
    (void)upserts(0, 1, false);
    feed((struct event){.kind = EVENT_fault, .task = 0, .detail = (uint16_t)kind});
    looks(); /* without it */
}

static void test_what_is_half_done_is_not_as_told(void **state)
{
    (void)state;
    half_done(FAULT_partial_success);
    half_done(FAULT_partial_failure);
    assert_ok();
    half_done(FAULT_request_drop);
    assert_int_equal(verdict.kind, VERDICT_VIOLATION);
}

static void test_raw_sql(void **state)
{
    (void)state;
    (void)upserts(0, 1, false);
    feed((struct event){.kind = EVENT_content_ends});
    looks();
    assert_ok();
}

/* --- statements that see a state each --------------------------------------------------------- */

static void begin_statements(void)
{
    static const struct promises order_unknown;
    begin_at(ISOLATION_LEVEL_read_committed, &order_unknown);
    setting.statements = &isolation_levels[ISOLATION_LEVEL_strict_serializable];
    begin_oracle("isolation", &setting);
}

static const uint8_t two_keys[] = {0, 4};

/* One statement. */
static void reads_both(uint32_t task, const size_t writers[2], bool in_transaction)
{
    size_t step = calls(task, ACTION_select);
    steps[step].arguments[FIELD_limit] = 2; /* of other rows it says nothing */
    struct observation seen = {.in_transaction = in_transaction, .row_count = 2, .rows_kept = 2};
    for (int i = 0; i < 2; i++)
        seen.rows[i] =
            (struct observed_row){.key = two_keys[i], .value = value_of(writers[i], two_keys[i])};
    feed_result(task, step, &seen);
}

static void writes_both(uint32_t task, size_t ret_writers[2])
{
    begins(task);
    for (int i = 0; i < 2; i++)
        ret_writers[i] = upserts(task, two_keys[i], true);
}

static void test_each_statement_sees_what_is_committed_by_then(void **state)
{
    (void)state;
    const size_t prepared[] = {PREPARED, PREPARED};
    size_t writers[2];
    begin_statements();
    begins(0);
    reads_both(0, prepared, true);
    writes_both(1, writers);
    reads_both(0, prepared, true);
    ends_transaction(1, ACTION_commit);
    reads_both(0, writers, true);
    ends_transaction(0, ACTION_rollback);
    for (int i = 0; i < 2; i++)
        stands(two_keys[i], writers[i]);
    looks();
    assert_ok();
}

static void test_a_statement_sees_one_state(void **state)
{
    (void)state;
    size_t writers[2];
    begin_statements();
    begins(0);
    writes_both(1, writers);
    ends_transaction(1, ACTION_commit);
    const size_t half[] = {writers[0], PREPARED};
    reads_both(0, half, true);
    ends_transaction(0, ACTION_rollback);
    looks();
    assert_signature("isolation/read-skew");
}

static void test_a_statement_sees_what_had_ended(void **state)
{
    (void)state;
    begin_statements();
    begins(0);
    reads(0, 0, PREPARED, true);
    size_t write = upserts(1, 0, false);
    reads(0, 0, PREPARED, true);
    ends_transaction(0, ACTION_commit);
    stands(0, write);
    looks();
    assert_signature("isolation/stale-read");
}

/* It looks at what it finds, and at that anew where it had to wait: at more than one state. */
static void test_of_what_a_writer_sees_nothing_is_claimed(void **state)
{
    (void)state;
    begin_statements();
    begins(0);
    size_t own = upserts(0, 2, true), write = upserts(1, 0, false);
    reads(0, 0, PREPARED, true);
    size_t none = calls(0, ACTION_update);
    steps[none].arguments[FIELD_filter] = FILTER_KEY;
    steps[none].arguments[FIELD_key] = 1;
    ends(0, none, true, 0);
    ends_transaction(0, ACTION_commit);
    stands(0, write);
    stands(2, own);
    looks();
    assert_ok();
}

static void test_a_write_that_is_told_to_be_in_doubt(void **state)
{
    (void)state;
    for (int was_kept = 0; was_kept < 2; was_kept++) {
        begin_at(ISOLATION_LEVEL_strict_serializable, &order_known);
        size_t write = calls(0, ACTION_upsert);
        const struct observation seen = {.outcome = OUTCOME_IN_DOUBT};
        feed_result(0, write, &seen);
        (void)upserts(1, 5, false);
        stands(5, write + 1);
        if (was_kept)
            stands(0, write);
        looks();
        assert_ok();
    }
}

/* --- transactions that are prepared ----------------------------------------------------------- */

/* In a session that is gone then; returns who wrote the row. */
static size_t prepares(uint32_t task, uint8_t key, enum plan_action prepare)
{
    begins(task);
    size_t writer = upserts(task, key, true);
    ends(task, calls(task, prepare), false, 0);
    feed((struct event){.kind = EVENT_disconnect, .task = (uint8_t)task});
    return writer;
}

static void test_what_is_prepared_is_not_committed(void **state)
{
    (void)state;
    enum plan_action prepare;
    if (!finds(EFFECT_PREPARE, &prepare))
        return;
    size_t writer = prepares(0, 4, prepare);
    reads(1, 4, PREPARED, false);
    stands(4, PREPARED);
    looks();
    assert_ok();
    (void)setup(NULL);
    writer = prepares(0, 4, prepare);
    reads(1, 4, writer, false);
    looks();
    assert_signature("isolation/aborted-read");
}

/* By anybody, and from then on it is seen. */
static void test_what_was_prepared_is_committed(void **state)
{
    (void)state;
    enum plan_action prepare, commit;
    if (!finds(EFFECT_PREPARE, &prepare) || !finds(EFFECT_COMMIT_PREPARED, &commit))
        return;
    for (int is_stale = 0; is_stale < 2; is_stale++) {
        (void)setup(NULL);
        size_t writer = prepares(0, 4, prepare);
        reads(2, 4, PREPARED, false);
        ends(1, calls(1, commit), false, 0);
        reads(2, 4, is_stale ? PREPARED : writer, false);
        stands(4, writer);
        looks();
        if (is_stale)
            assert_signature("isolation/stale-read");
        else
            assert_ok();
    }
}

static void test_what_was_prepared_is_rolled_back(void **state)
{
    (void)state;
    enum plan_action prepare, roll_back;
    if (!finds(EFFECT_PREPARE, &prepare) || !finds(EFFECT_ROLLBACK_PREPARED, &roll_back))
        return;
    size_t writer = prepares(0, 4, prepare);
    ends(1, calls(1, roll_back), false, 0);
    reads(2, 4, writer, false);
    looks();
    assert_signature("isolation/aborted-read");
}

/* Who ends it is answered first: what it came to counts where somebody has seen it. */
static void test_who_ends_it_overtakes_who_prepares(void **state)
{
    (void)state;
    enum plan_action prepare, commit;
    if (!finds(EFFECT_PREPARE, &prepare) || !finds(EFFECT_COMMIT_PREPARED, &commit))
        return;
    begins(0);
    size_t writer = upserts(0, 4, true), step = calls(0, prepare);
    ends(1, calls(1, commit), false, 0);
    reads(2, 4, writer, false);
    ends(0, step, false, 0);
    stands(4, writer);
    looks();
    assert_ok();
}

/* --- hints ------------------------------------------------------------------------------------ */

static uint32_t count_hints(void)
{
    uint32_t hints[ORACLE_HINTS_MAX];
    return oracle->ops->hint(oracle_state, hints);
}

static void test_a_dependency_side_by_side_is_a_hint(void **state)
{
    (void)state;
    begins(0);
    begins(1);
    reads(0, 0, PREPARED, true);
    stands(0, upserts(1, 0, true));
    ends_transaction(1, ACTION_commit);
    stands(8, upserts(0, 8, true));
    ends_transaction(0, ACTION_commit);
    assert_int_equal(count_hints(), 0); /* nothing was judged yet */
    looks();
    assert_ok();
    assert_int_equal(count_hints(), 1);
}

static void test_no_hint_where_all_take_turns(void **state)
{
    (void)state;
    size_t writers[] = {appends(0, 4, false), appends(1, 4, false)};
    reads_list(0, 4, writers, 2, false);
    looks_at_lists(4, writers, 2);
    assert_ok();
    assert_int_equal(count_hints(), 0);
}

/* --- rows that are locked, rows of a cursor --------------------------------------------------- */

static void test_a_row_that_is_locked_is_committed(void **state)
{
    (void)state;
    enum plan_action lock;
    for (int is_kept = 0; is_kept < 2 && finds(EFFECT_LOCK_ROWS, &lock); is_kept++) {
        begin_at(ISOLATION_LEVEL_read_committed, &order_known);
        begins(0);
        size_t writer = upserts(0, 4, true);
        if (is_kept)
            ends_transaction(0, ACTION_commit);
        begins(1);
        reads_rows(1, lock, 4, writer);
        ends_transaction(1, ACTION_commit);
        if (!is_kept)
            ends_transaction(0, ACTION_rollback);
        stands(4, is_kept ? writer : PREPARED);
        looks();
        if (is_kept)
            assert_ok();
        else
            assert_signature("isolation/aborted-read");
    }
}

/* A cursor reads what its transaction does, however long that is ago; `reads_new`: it does not. */
static void fetches(bool reads_new, bool is_own)
{
    enum plan_action open, fetch;
    if (!finds(EFFECT_CURSOR, &open) || !finds(EFFECT_FETCH, &fetch))
        return;
    begins(0);
    if (is_own)
        ends(0, calls(0, open), true, 0);
    reads(0, 0, PREPARED, true);
    size_t writer = upserts(1, 4, false);
    reads_rows(0, fetch, 4, reads_new ? writer : PREPARED);
    reads(0, 4, PREPARED, true);
    ends_transaction(0, ACTION_commit);
    stands(4, writer);
    looks();
}

static void test_a_cursor_reads_what_its_transaction_does(void **state)
{
    (void)state;
    begin_at(ISOLATION_LEVEL_strict_snapshot, &order_known);
    fetches(false, true);
    assert_ok();
    begin_at(ISOLATION_LEVEL_strict_snapshot, &order_known);
    fetches(true, true);
    if (finds(EFFECT_CURSOR, &(enum plan_action){0}))
        assert_int_equal(verdict.kind, VERDICT_VIOLATION);
}

/* One that is older than the transaction is of another state. */
static void test_of_an_older_cursor_nothing_is_claimed(void **state)
{
    (void)state;
    begin_at(ISOLATION_LEVEL_strict_snapshot, &order_known);
    fetches(true, false);
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_read_skew, setup),
        cmocka_unit_test_setup(test_a_snapshot_that_holds, setup),
        cmocka_unit_test_setup(test_dirty_read, setup),
        cmocka_unit_test_setup(test_what_was_undone_to_a_savepoint, setup),
        cmocka_unit_test_setup(test_a_lost_row_at_the_end, setup),
        cmocka_unit_test_setup(test_stale_read, setup),
        cmocka_unit_test_setup(test_a_call_that_may_have_looked, setup),
        cmocka_unit_test_setup(test_lost_update_with_unknown_order, setup),
        cmocka_unit_test_setup(test_some_of_a_range, setup),
        cmocka_unit_test_setup(test_what_was_seen_of_a_range, setup),
        cmocka_unit_test_setup(test_all_rows_of_a_range, setup),
        cmocka_unit_test_setup(test_a_whole_range, setup),
        cmocka_unit_test_setup(test_read_uncommitted, setup),
        cmocka_unit_test_setup(test_dirty_write, setup),
        cmocka_unit_test_setup(test_a_commit_in_doubt, setup),
        cmocka_unit_test_setup(test_a_task_that_is_gone, setup),
        cmocka_unit_test_setup(test_what_is_prepared_is_not_committed, setup),
        cmocka_unit_test_setup(test_what_was_prepared_is_committed, setup),
        cmocka_unit_test_setup(test_what_was_prepared_is_rolled_back, setup),
        cmocka_unit_test_setup(test_who_ends_it_overtakes_who_prepares, setup),
        cmocka_unit_test_setup(test_after_a_power_loss_nothing, setup),
        cmocka_unit_test_setup(test_a_power_loss_before_a_commit_returns, setup),
        cmocka_unit_test_setup(test_a_history_that_ends_before_a_write_returns, setup),
        cmocka_unit_test_setup(test_what_is_half_done_is_not_as_told, setup),
        cmocka_unit_test_setup(test_raw_sql, setup),
        cmocka_unit_test_setup(test_lists_in_one_order, setup),
        cmocka_unit_test_setup(test_a_lost_append, setup),
        cmocka_unit_test_setup(test_an_append_that_was_rolled_back_is_read, setup),
        cmocka_unit_test_setup(test_lists_show_read_skew, setup),
        cmocka_unit_test_setup(test_a_text_that_was_replaced_is_no_list, setup),
        cmocka_unit_test_setup(test_a_value_beside_a_list, setup),
        cmocka_unit_test_setup(test_an_append_to_nothing, setup),
        cmocka_unit_test_setup(test_each_statement_sees_what_is_committed_by_then, setup),
        cmocka_unit_test_setup(test_a_statement_sees_one_state, setup),
        cmocka_unit_test_setup(test_a_statement_sees_what_had_ended, setup),
        cmocka_unit_test_setup(test_of_what_a_writer_sees_nothing_is_claimed, setup),
        cmocka_unit_test_setup(test_a_write_that_is_told_to_be_in_doubt, setup),
        cmocka_unit_test_setup(test_a_dependency_side_by_side_is_a_hint, setup),
        cmocka_unit_test_setup(test_no_hint_where_all_take_turns, setup),
        cmocka_unit_test_setup(test_a_row_that_is_locked_is_committed, setup),
        cmocka_unit_test_setup(test_a_cursor_reads_what_its_transaction_does, setup),
        cmocka_unit_test_setup(test_of_an_older_cursor_nothing_is_claimed, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
