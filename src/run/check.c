/* SPDX-License-Identifier: Apache-2.0 */
/* The harness's own look at the whole database: after a power loss, and at the end. */
#include "base/hash.h"
#include "run/state.h"
#include "sim/posix_state.h"

#include <stdio.h>
#include <string.h>

/* One connection of the harness, and the statement that it runs. */
struct checker {
    const struct backend_ops *backend;
    struct backend_connection *connection;
    struct backend_statement *statement;
    enum outcome outcome;
    char message[256]; /* of the failure */
};

static void note_failure(struct checker *checker)
{
    if (checker->outcome != OUTCOME_OK && checker->outcome != OUTCOME_ROW)
        (void)snprintf(checker->message, sizeof checker->message, "%s",
                       checker->backend->error_message(checker->connection));
}

static void checker_prepare(struct checker *checker, const char *sql)
{
    checker->outcome =
        checker->backend->prepare(checker->connection, sql, strlen(sql), &checker->statement);
    note_failure(checker);
}

/* True while there are rows. */
static bool checker_step(struct checker *checker)
{
    if (checker->outcome == OUTCOME_OK || checker->outcome == OUTCOME_ROW)
        checker->outcome = checker->backend->step(checker->statement);
    note_failure(checker);
    return checker->outcome == OUTCOME_ROW;
}

static void checker_finalize(struct checker *checker)
{
    if (checker->statement != NULL)
        checker->backend->finalize(checker->statement);
    checker->statement = NULL;
}

/* The object of this name; their names are t0 to t3, and i0v, i0p and so on. */
static void add_object(struct model_database *content, const char *name, size_t length)
{
    if (name == NULL || length < 2 || name[1] < '0' || name[1] >= '0' + PLAN_TABLES)
        return;
    struct model_table *table = &content->tables[name[1] - '0'];
    if (name[0] == 't' && length == 2)
        table->exists = true;
    else if (name[0] == 'i' && length == 3)
        table->indexes |= (uint8_t)(1u << (name[2] == 'v' ? COLUMN_VALUE : COLUMN_TEXT));
}

/* A row that no interaction can have written becomes a value that no model predicts. */
static void read_row(struct checker *checker, struct model_database *content)
{
    const struct backend_ops *backend = checker->backend;
    struct model_table *table = &content->tables[backend->column_int64(checker->statement, 0)];
    int64_t key = backend->column_int64(checker->statement, 1);
    if (key < 0 || key >= PLAN_KEYS) {
        table->exists = false;
        return;
    }
    table->present |= 1u << key;
    table->value[key] = (int32_t)backend->column_int64(checker->statement, 2);
    table->text_value[key] = -1;
    if (backend->column_is_null(checker->statement, 3))
        return;
    size_t length;
    struct observed_row row;
    const char *text = backend->column_text(checker->statement, 3, &length);
    run_read_text(text, text == NULL ? 0 : length, &row);
    table->text_value[key] = row.intact ? (int32_t)row.text_value : -2;
    table->text_units[key] = (uint16_t)row.text_units;
}

/* One statement reads it all: the names in the schema, then the rows of `tables` (a bit set). */
static void read_tables(struct checker *checker, uint32_t tables, struct model_database *content)
{
    char sql[256];
    struct text text;
    text_init(&text, sql, sizeof sql);
    text_append(&text, "SELECT -1,name,0,0 FROM sqlite_schema");
    for (int table = 0; table < PLAN_TABLES; table++) {
        if (!(tables >> table & 1u))
            continue;
        text_append(&text, " UNION ALL SELECT ");
        text_append_number(&text, table);
        text_append(&text, ",k,v,p FROM t");
        text_append_number(&text, table);
    }
    checker_prepare(checker, sql);
    while (checker_step(checker)) {
        if (checker->backend->column_int64(checker->statement, 0) >= 0) {
            read_row(checker, content);
            continue;
        }
        size_t length;
        const char *name = checker->backend->column_text(checker->statement, 1, &length);
        add_object(content, name, length);
    }
    checker_finalize(checker);
}

static uint32_t tables_of(const struct model_database *content)
{
    uint32_t tables = 0;
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        tables |= (uint32_t)content->tables[table].exists << table;
    return tables;
}

/* Guesses which tables there are; a wrong guess fails or shows in the names, and is put right. */
static void read_content(struct checker *checker, uint32_t guess, struct model_database *content)
{
    for (int attempt = 0; attempt < 3; attempt++) {
        memset(content, 0, sizeof *content);
        read_tables(checker, guess, content);
        if (checker->outcome == OUTCOME_OK && tables_of(content) == guess)
            return;
        if (checker->outcome != OUTCOME_OK && checker->outcome != OUTCOME_SQL_ERROR)
            return;
        guess = checker->outcome == OUTCOME_OK ? tables_of(content) : 0;
    }
}

/* What the database finds wrong with itself, a line each; "ok" if nothing. */
static void read_integrity(struct checker *checker, char *findings, size_t bytes)
{
    struct text text;
    text_init(&text, findings, bytes);
    checker_prepare(checker, "PRAGMA integrity_check(5)");
    while (checker_step(checker)) {
        size_t length;
        const char *finding = checker->backend->column_text(checker->statement, 0, &length);
        if (text.length > 0)
            text_append(&text, "\n");
        text_append(&text, finding == NULL ? "(no text)" : finding);
    }
    checker_finalize(checker);
}

static struct event look_event(enum event_kind kind, size_t interaction)
{
    return (struct event){
        .kind = (uint8_t)kind,
        .interaction = interaction == SIZE_MAX ? EVENT_AT_END : (uint32_t)interaction,
    };
}

static void tell_unreadable(struct run *run, const struct checker *checker, size_t interaction)
{
    struct event event = look_event(EVENT_unreadable, interaction);
    event.detail = (uint16_t)checker->outcome;
    event.text = checker->message;
    run_emit(run, &event);
}

static void tell_integrity(struct run *run, const char *findings, size_t interaction)
{
    struct event event = look_event(EVENT_integrity, interaction);
    event.text = findings;
    run_emit(run, &event);
}

/* The tables that somebody expects there; a wrong guess costs another attempt. */
static uint32_t guess_tables(const struct run *run)
{
    struct explanation explanation = {0};
    oracles_explain(&run->oracles, &(struct event){.kind = EVENT_content}, &explanation);
    return explanation.is_known ? tables_of(explanation.content) : 0;
}

static bool read_all(struct run *run, struct checker *checker, struct model_database *content,
                     size_t interaction)
{
    char findings[RUN_CONTENT_TEXT_BYTES];
    read_integrity(checker, findings, sizeof findings);
    if (checker->outcome == OUTCOME_OK) {
        tell_integrity(run, findings, interaction);
        if (strcmp(findings, "ok") != 0)
            return false;
        read_content(checker, guess_tables(run), content);
    }
    if (checker->outcome != OUTCOME_OK)
        tell_unreadable(run, checker, interaction);
    return checker->outcome == OUTCOME_OK;
}

bool run_read_content(struct run *run, struct model_database *ret_content, size_t interaction)
{
    struct backend_options options = run->stack_options.connection;
    options.setup = NULL;
    options.busy_timeout_ms = 0;
    options.on_commit_point = NULL;
    struct checker checker = {.backend = run->backend};
    checker.outcome = run->backend->connect(&checker.connection, &options);
    if (checker.outcome != OUTCOME_OK) {
        tell_unreadable(run, &checker, interaction);
        return false;
    }
    bool ok = read_all(run, &checker, ret_content, interaction);
    run->unclosed += run->backend->disconnect(checker.connection) != OUTCOME_OK;
    return ok;
}

static uint64_t content_hash(const struct model_database *content)
{
    return hash_bytes(0, content, sizeof *content);
}

void run_check_survivors(struct run *run)
{
    struct model_database first, second;
    run->options.environment->save();
    bool ok = run_read_content(run, &first, run->position) &&
              run_read_content(run, &second, run->position);
    run->options.environment->restore();
    if (!ok)
        return;
    const struct event_recovery recovery = {.content = &first, .again = &second};
    struct event event = run_event_here(run, EVENT_recovered);
    event.value = (int64_t)content_hash(&first);
    event.recovery = &recovery;
    run_emit(run, &event);
}

/* --- pools ----------------------------------------------------------------------------------- */

/* True when everybody in `set` waits to be woken, or sleeps outside of the pool. */
static bool all_wait(const struct run *run, uint32_t set)
{
    for (; set != 0; set &= set - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(set);
        bool is_outside =
            i < PLAN_TASKS_MAX && !run->tasks[i].is_in_checkout && !run->tasks[i].is_in_call;
        const struct world_task *there = &world->tasks[i];
        if (there->state == TASK_SLEEPING ? !is_outside : there->blocked_by != WORLD_NOBODY)
            return false;
    }
    return true;
}

/* Nobody goes on without a timer or another interaction, and nobody holds one of the pool's locks. */
static bool is_quiet(const struct run *run)
{
    if ((world->in_state[TASK_READY] | world->in_state[TASK_PARKED]) != 0 || run->is_stuck ||
        run->is_down || run->is_closing || run->releases > 0 || posix_locks_held() > 0)
        return false;
    return all_wait(run, world->in_state[TASK_BLOCKED] | world->in_state[TASK_SLEEPING]);
}

static enum event_waiting waits_for(const struct run_task *task)
{
    if (world->tasks[task->number].state != TASK_BLOCKED)
        return WAITS_FOR_NOTHING;
    if (task->is_in_checkout)
        return WAITS_FOR_LEASE;
    return task->is_in_call ? WAITS_FOR_CALL : WAITS_FOR_NOTHING;
}

void run_check_pool(struct run *run)
{
    if (!is_quiet(run) || run->stack_count == run->closed_count)
        return;
    struct event_look look = {0};
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++) {
        look.waiting[i] = (uint8_t)waits_for(&run->tasks[i]);
        look.timer_ns[i] = world->tasks[i].wake_ns;
        look.access[i] = (uint8_t)(run->tasks[i].is_in_call ? run->tasks[i].call_access
                                                            : run->tasks[i].held.access);
    }
    if (run->ops->inspect != NULL) {
        run->ops->inspect(run->stacks[run->stack_count - 1], &run->view);
        look.view = &run->view;
    }
    struct event event = run_event_here(run, EVENT_pool_look);
    event.look = &look;
    run_emit(run, &event);
}

/* --- the end --------------------------------------------------------------------------------- */

static void tell_left_over(struct run *run)
{
    struct environment_resources held = {0};
    if (run->options.environment != NULL && run->options.environment->resources != NULL)
        run->options.environment->resources(&held);
    struct posix_usage posix = posix_usage();
    struct event_left_over left = {
        .memory_bytes = held.memory_bytes + posix.bytes,
        .allocations = held.allocations + posix.allocations,
        .open_files = held.open_files,
        .file_locks = held.file_locks,
        .shared_memory = held.shared_memory,
        .connections = run->unclosed,
        .threads = posix.threads,
        .locks = posix_locks_held(),
    };
    struct event event = look_event(EVENT_left_over, SIZE_MAX);
    event.left_over = &left;
    run_emit(run, &event);
}

void run_check_end(struct run *run)
{
    struct model_database content;
    if (run_has_model(run) && !run->is_blind && run->plan->kind == PLAN_NATIVE &&
        run_read_content(run, &content, SIZE_MAX)) {
        struct event event = look_event(EVENT_content, SIZE_MAX);
        event.content = &content;
        run_emit(run, &event);
    }
    tell_left_over(run);
    if (posix_misuse() != NULL) {
        struct event event = look_event(EVENT_misuse, SIZE_MAX);
        event.text = posix_misuse();
        run_emit(run, &event);
    }
}
