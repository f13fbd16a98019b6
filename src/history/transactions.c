/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks over the events of a recording and puts statements together to transactions. The isolation
 * oracle does the like (oracle/isolation_collect.c), and knows less: this one has the writes that
 * the model found, row by row, which that oracle must do without, and it looks back, when all is
 * over, where that one runs beside the calls and leaves out for good what it cannot tell.
 */
#include "history/transactions.h"

enum { SAVEPOINTS_MAX = 32, STEPS_MAX = 1024 };
#define NONE UINT32_MAX

struct savepoint {
    uint8_t name;
    size_t accesses; /* that were before it */
};

struct walker_task {
    bool is_in_call;
    uint32_t open; /* its transaction, or NONE */
    uint64_t invoked;
    uint64_t since; /* a failed statement may have begun what comes, or ISOLATION_NEVER */
    uint32_t savepoint_count;
    struct savepoint savepoints[SAVEPOINTS_MAX];
};

struct walker {
    const struct plan *plan;
    const struct recording *recording;
    struct isolation_transaction *dependencies;
    struct transaction *transactions;
    struct isolation_operation *accesses;
    bool is_unclear; /* a call failed after its commit point */
    uint32_t count;
    size_t access_count, access_max;
    uint64_t write_at; /* next of the recording's */
    struct isolation_key *keys;
    struct walker_task tasks[PLAN_TASKS_MAX];
};

/* --- accesses -------------------------------------------------------------------------------- */

static void add_access(struct walker *walker, const struct isolation_operation *access)
{
    if (walker->access_count < walker->access_max)
        walker->accesses[walker->access_count++] = *access;
}

/* Rows that came, and, where the filter names keys, those that did not. */
static void add_reads(struct walker *walker, uint32_t transaction, size_t step)
{
    const struct interaction *interaction = &walker->plan->interactions[step];
    const struct observation *seen = &walker->recording->steps[step].seen;
    static const struct model_table all = {.present = UINT32_MAX};
    uint32_t filter = interaction->arguments[FIELD_filter];
    bool is_by_key = filter != FILTER_VALUE_FROM && filter != FILTER_VALUE_BELOW;
    bool is_whole = interaction->arguments[FIELD_limit] == 0 && seen->row_count == seen->rows_kept;
    uint32_t missing = is_by_key && is_whole ? model_filter_rows(&all, interaction) : 0;
    uint32_t table = interaction->arguments[FIELD_table];
    struct isolation_operation read = {.kind = ISOLATION_READ, .transaction = transaction};
    for (uint32_t i = 0; i < seen->rows_kept; i++) {
        if (seen->rows[i].key < 0 || seen->rows[i].key >= PLAN_KEYS)
            continue;
        read.key = transaction_key(table, (uint32_t)seen->rows[i].key);
        read.value = seen->rows[i].value;
        missing &= ~(1u << seen->rows[i].key);
        add_access(walker, &read);
    }
    for (; missing != 0; missing &= missing - 1) {
        read.key = transaction_key(table, (uint32_t)__builtin_ctz(missing));
        read.value = ISOLATION_NO_ROW;
        add_access(walker, &read);
    }
}

/* The recording has them in the order in which calls ended, as the walk goes. */
static void add_writes(struct walker *walker, uint32_t transaction, size_t step)
{
    const struct recording *recording = walker->recording;
    for (uint64_t i = 0; i < recording_kept(recording->write_count); i++) {
        const struct recorded_write *write = &recording->writes[i];
        if (write->interaction != step)
            continue;
        const struct isolation_operation access = {
            .kind = ISOLATION_WRITE,
            .transaction = transaction,
            .key = transaction_key(write->table, write->key),
            .value = write->is_removal ? ISOLATION_NO_ROW : write->value,
        };
        add_access(walker, &access);
    }
}

static void forget_accesses(struct walker *walker, uint32_t transaction, size_t from, bool writes)
{
    size_t kept = from;
    for (size_t i = from; i < walker->access_count; i++)
        if (walker->accesses[i].transaction != transaction ||
            (writes && walker->accesses[i].kind != ISOLATION_WRITE))
            walker->accesses[kept++] = walker->accesses[i];
    walker->access_count = kept;
}

static bool wrote(const struct walker *walker, uint32_t transaction)
{
    for (size_t i = 0; i < walker->access_count; i++)
        if (walker->accesses[i].transaction == transaction &&
            walker->accesses[i].kind == ISOLATION_WRITE)
            return true;
    return false;
}

/* --- transactions ---------------------------------------------------------------------------- */

static uint32_t begin(struct walker *walker, uint32_t task, size_t step)
{
    const struct walker_task *there = &walker->tasks[task];
    walker->dependencies[walker->count] = (struct isolation_transaction){
        .status = ISOLATION_ABORTED,
        .began = there->since < there->invoked ? there->since : there->invoked,
        .ended = ISOLATION_NEVER};
    walker->transactions[walker->count] =
        (struct transaction){.task = task, .first_step = step, .last_step = step};
    return walker->count++;
}

/* The task's commit point in this stretch of time, or its end. */
static uint64_t place_of(const struct walker *walker, uint32_t task, uint64_t from, uint64_t to)
{
    const struct recording *recording = walker->recording;
    for (uint64_t i = from; i < to && i < recording_kept(recording->event_count); i++) {
        const struct trace_event *event = &recording->events[i].event;
        if (event->kind == TRACE_commit_point && event->task == task)
            return i;
    }
    return to;
}

static void set_place(struct walker *walker, uint32_t transaction, uint64_t place)
{
    for (size_t i = 0; i < walker->access_count; i++)
        if (walker->accesses[i].transaction == transaction)
            walker->accesses[i].place = place;
}

static void commit(struct walker *walker, uint32_t task, uint32_t transaction, uint64_t ended)
{
    walker->dependencies[transaction].status = ISOLATION_COMMITTED;
    walker->dependencies[transaction].ended = ended - 1;
    set_place(walker, transaction, place_of(walker, task, walker->tasks[task].invoked, ended));
}

/* Nobody follows here who ends it: it has happened if somebody has read of it. */
static void prepare(struct walker *walker, uint32_t transaction, uint64_t ended)
{
    set_place(walker, transaction, ended);
    walker->transactions[transaction].is_doubtful = true;
}

/* A commit that failed may have happened. */
static void doubt(struct walker *walker, uint32_t task, uint32_t transaction, uint64_t ended)
{
    uint64_t place = place_of(walker, task, walker->tasks[task].invoked, ended);
    if (place == ended)
        return;
    set_place(walker, transaction, place);
    walker->transactions[transaction].is_doubtful = true;
}

static bool was_read(const struct walker *walker, const struct isolation_operation *write)
{
    for (size_t i = 0; i < walker->access_count; i++) {
        const struct isolation_operation *read = &walker->accesses[i];
        if (read->kind == ISOLATION_READ && read->value == write->value &&
            read->key == write->key && read->transaction != write->transaction)
            return true;
    }
    return false;
}

/* It did happen if somebody read of it. */
static void resolve_doubts(struct walker *walker)
{
    for (size_t i = 0; i < walker->access_count; i++) {
        const struct isolation_operation *write = &walker->accesses[i];
        if (walker->transactions[write->transaction].is_doubtful &&
            write->kind == ISOLATION_WRITE && write->value != ISOLATION_NO_ROW &&
            was_read(walker, write))
            walker->dependencies[write->transaction].status = ISOLATION_COMMITTED;
    }
}

static void statement(struct walker *walker, uint32_t task, size_t step)
{
    const struct recorded_step *recorded = &walker->recording->steps[step];
    enum plan_action action = (enum plan_action)walker->plan->interactions[step].action;
    bool is_read = plan_action_infos[action].effect == EFFECT_READ;
    struct walker_task *there = &walker->tasks[task];
    if (recorded->seen.outcome != OUTCOME_OK || !(is_read || model_is_write(action)))
        return;
    uint32_t transaction = there->open != NONE ? there->open : begin(walker, task, step);
    walker->transactions[transaction].last_step = step;
    (is_read ? add_reads : add_writes)(walker, transaction, step);
    if (recorded->seen.in_transaction)
        there->open = transaction;
    else if (there->open == NONE)
        commit(walker, task, transaction, recorded->ended);
}

static void savepoints(struct walker *walker, uint32_t task, size_t step)
{
    const struct interaction *interaction = &walker->plan->interactions[step];
    struct walker_task *there = &walker->tasks[task];
    uint8_t name = interaction->arguments[FIELD_savepoint];
    if (interaction->action == ACTION_savepoint && there->savepoint_count < SAVEPOINTS_MAX) {
        there->savepoints[there->savepoint_count++] =
            (struct savepoint){name, walker->access_count};
        return;
    }
    if (interaction->action != ACTION_release && interaction->action != ACTION_rollback_to)
        return;
    uint32_t at = there->savepoint_count;
    while (at > 0 && there->savepoints[at - 1].name != name)
        at--;
    if (at == 0)
        return;
    if (interaction->action == ACTION_rollback_to && there->open != NONE)
        forget_accesses(walker, there->open, there->savepoints[at - 1].accesses, true);
    there->savepoint_count = interaction->action == ACTION_release ? at - 1 : at;
}

/* --- the walk -------------------------------------------------------------------------------- */

static void end_of_call(struct walker *walker, uint32_t task, size_t step)
{
    const struct recorded_step *recorded = &walker->recording->steps[step];
    enum plan_action action = (enum plan_action)walker->plan->interactions[step].action;
    struct walker_task *there = &walker->tasks[task];
    if (!recorded->is_judged)
        return;
    if (recorded->seen.outcome != OUTCOME_OK)
        walker->is_unclear |=
            place_of(walker, task, there->invoked, recorded->ended) < recorded->ended;
    else
        savepoints(walker, task, step);
    statement(walker, task, step);
    if (recorded->seen.in_transaction) {
        bool may_begin = there->open == NONE && recorded->seen.outcome != OUTCOME_OK;
        if (may_begin && there->since == ISOLATION_NEVER)
            there->since = there->invoked;
        return;
    }
    there->since = ISOLATION_NEVER;
    if (there->open != NONE) {
        walker->transactions[there->open].last_step = step;
        bool commits = action == ACTION_commit || action == ACTION_release;
        if (commits && recorded->seen.outcome == OUTCOME_OK)
            commit(walker, task, there->open, recorded->ended);
        else if (commits)
            doubt(walker, task, there->open, recorded->ended);
        else if (plan_action_infos[action].effect == EFFECT_PREPARE)
            prepare(walker, there->open, recorded->ended);
    }
    there->open = NONE;
    there->savepoint_count = 0;
}

static int64_t value_in(const struct model_database *database, uint32_t table, uint32_t key)
{
    const struct model_table *rows = &database->tables[table];
    return rows->present >> key & 1u ? rows->value[key] : ISOLATION_NO_ROW;
}

/* What was before is over; `found` is where everything starts from. */
static void start_anew(struct walker *walker, const struct model_database *found)
{
    walker->count = 0;
    walker->access_count = 0;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        walker->tasks[task] = (struct walker_task){.open = NONE, .since = ISOLATION_NEVER};
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        for (uint32_t key = 0; key < PLAN_KEYS; key++)
            walker->keys[transaction_key(table, key)] =
                (struct isolation_key){.initial = value_in(found, table, key)};
}

static const struct recorded_content *content_at(const struct recording *recording, uint64_t events)
{
    for (uint32_t i = 0; i < recording->content_count; i++)
        if (recording->contents[i].events == events)
            return &recording->contents[i];
    return NULL;
}

static void walk_event(struct walker *walker, uint64_t number)
{
    const struct trace_event *event = &walker->recording->events[number].event;
    if (event->kind == TRACE_recovered || event->kind == TRACE_power_loss) {
        static const struct model_database nothing;
        const struct recorded_content *content = content_at(walker->recording, number + 1);
        start_anew(walker, content == NULL ? &nothing : &content->found);
        return;
    }
    if (event->task >= PLAN_TASKS_MAX)
        return;
    struct walker_task *there = &walker->tasks[event->task];
    if (event->kind == TRACE_invoke || event->kind == TRACE_return)
        there->is_in_call = event->kind == TRACE_invoke;
    if (event->kind == TRACE_invoke)
        there->invoked = number;
    else if (event->kind == TRACE_return)
        end_of_call(walker, event->task, event->interaction);
    else if (event->kind == TRACE_disconnect)
        *there = (struct walker_task){.is_in_call = there->is_in_call,
                                      .open = NONE,
                                      .invoked = there->invoked,
                                      .since = ISOLATION_NEVER};
}

/* From here on nobody can say what a transaction wrote: a task was told what is not so. */
static bool is_told_wrong(const struct trace_event *event)
{
    return event->kind == TRACE_fault &&
           (event->detail == FAULT_partial_success || event->detail == FAULT_partial_failure);
}

/* All that the events tell; false: they end before the run does. */
static bool walk(struct walker *walker)
{
    const struct recording *recording = walker->recording;
    uint64_t end = recording_kept(recording->event_count);
    if (recording->is_blind && recording->blind_from < end)
        end = recording->blind_from;
    for (uint64_t i = 0; i < end; i++) {
        if (is_told_wrong(&recording->events[i].event))
            return false;
        walk_event(walker, i);
    }
    return !recording->is_blind;
}

/* The look at the end reads everything. */
static void add_look(struct walker *walker)
{
    const struct recording *recording = walker->recording;
    const struct recorded_content *last =
        recording->content_count == 0 ? NULL : &recording->contents[recording->content_count - 1];
    if (last == NULL || last->events < recording->event_count - 1)
        return;
    struct isolation_operation read = {.kind = ISOLATION_READ, .transaction = walker->count};
    walker->dependencies[walker->count] = (struct isolation_transaction){
        .status = ISOLATION_COMMITTED, .began = last->events, .ended = ISOLATION_NEVER};
    walker->transactions[walker->count++] =
        (struct transaction){.task = TRANSACTION_LOOK,
                             .first_step = recording->step_count,
                             .last_step = recording->step_count};
    for (uint32_t table = 0; table < PLAN_TABLES; table++) {
        for (uint32_t key = 0; key < PLAN_KEYS; key++) {
            read.key = transaction_key(table, key);
            read.value = value_in(&last->found, table, key);
            add_access(walker, &read);
        }
    }
}

/* What nobody wrote down may have happened: calls that have not returned, commits that failed. */
static bool has_unknown_writes(const struct walker *walker)
{
    bool unknown = walker->recording->has_unclear_writes || walker->is_unclear;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        unknown |= walker->tasks[task].is_in_call;
    return unknown;
}

/* That a row is not there tells nothing of who removed it. */
static void forget_missing_rows(struct walker *walker)
{
    size_t kept = 0;
    for (size_t i = 0; i < walker->access_count; i++)
        if (walker->accesses[i].kind != ISOLATION_READ ||
            walker->accesses[i].value != ISOLATION_NO_ROW)
            walker->accesses[kept++] = walker->accesses[i];
    walker->access_count = kept;
}

/* The transaction in which something was noticed counts as it is. */
static void keep_open_ones(struct walker *walker, size_t violated)
{
    for (uint32_t i = 0; i < walker->count; i++) {
        if (walker->dependencies[i].status == ISOLATION_COMMITTED ||
            walker->transactions[i].last_step != violated)
            continue;
        walker->dependencies[i].status = ISOLATION_COMMITTED;
        if (wrote(walker, i))
            set_place(walker, i, ISOLATION_NEVER);
    }
}

void transactions_find(const struct plan *plan, const struct recording *recording, size_t violated,
                       struct arena *arena, struct transactions *ret_transactions)
{
    *ret_transactions = (struct transactions){0};
    if (recording->step_count > STEPS_MAX)
        return;
    size_t count_max = recording->step_count + 1;
    size_t access_max = count_max * PLAN_KEYS + (size_t)PLAN_TABLES * PLAN_KEYS +
                        recording_kept(recording->write_count);
    struct walker walker = {
        .plan = plan,
        .recording = recording,
        .dependencies = ARENA_ARRAY(arena, struct isolation_transaction, count_max + 1),
        .transactions = ARENA_ARRAY(arena, struct transaction, count_max + 1),
        .accesses = ARENA_ARRAY(arena, struct isolation_operation, access_max),
        .access_max = access_max,
        .keys = ARENA_ARRAY(arena, struct isolation_key, PLAN_TABLES * PLAN_KEYS),
    };
    struct model_database prepared;
    model_database_init(&prepared);
    start_anew(&walker, &prepared);
    if (walk(&walker))
        add_look(&walker);
    resolve_doubts(&walker);
    keep_open_ones(&walker, violated);
    if (has_unknown_writes(&walker))
        forget_missing_rows(&walker);
    *ret_transactions = (struct transactions){
        .history =
            {
                .transactions = walker.dependencies,
                .transaction_count = walker.count,
                .operations = walker.accesses,
                .operation_count = walker.access_count,
                .keys = walker.keys,
                .key_count = PLAN_TABLES * PLAN_KEYS,
                .order_is_known = true,
            },
        .transactions = walker.transactions,
    };
}
