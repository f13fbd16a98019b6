/* SPDX-License-Identifier: Apache-2.0 */
/* The harness's own look at the whole database: after a power loss, and at the end. */
#include "base/hash.h"
#include "model/text.h"
#include "run/state.h"
#include "sim/posix_state.h"

#include <stdio.h>
#include <string.h>

/* --- what the database holds, in the plan's terms -------------------------------------------- */

struct look_sink {
    struct model_database *content;
    struct observed_lists *lists; /* NULL: nobody asks */
};

static void forget_content(void *context)
{
    const struct look_sink *sink = context;
    memset(sink->content, 0, sizeof *sink->content);
    if (sink->lists != NULL)
        sink->lists->count = sink->lists->element_count = 0;
}

/* The object of this name; their names are t0 to t3, and i0v, i0p and so on. */
static void add_object(void *context, const char *name, size_t length)
{
    struct model_database *content = ((const struct look_sink *)context)->content;
    if (length < 2 || name[1] < '0' || name[1] >= '0' + PLAN_TABLES)
        return;
    struct model_table *table = &content->tables[name[1] - '0'];
    if (name[0] == 't' && length == 2)
        table->exists = true;
    else if (name[0] == 'i' && length == 3)
        table->indexes |= (uint8_t)(1u << (name[2] == 'v' ? COLUMN_VALUE : COLUMN_TEXT));
}

/* A row that no interaction can have written becomes a value that no model predicts. */
static void add_row(void *context, uint32_t number, const struct value *columns)
{
    const struct look_sink *sink = context;
    struct model_table *table = &sink->content->tables[number];
    struct observed_row row;
    run_read_table_row(columns, number, &row, sink->lists);
    if (row.key < 0 || row.key >= PLAN_KEYS) {
        table->exists = false;
        return;
    }
    table->present |= 1u << row.key;
    table->value[row.key] = (int32_t)row.value;
    table->text_value[row.key] = row.intact ? (int32_t)row.text_value : MODEL_TEXT_TORN;
    table->text_units[row.key] = (uint16_t)row.text_units;
}

static void add_number(void *context, uint32_t index, int64_t value)
{
    struct model_database *content = ((const struct look_sink *)context)->content;
    content->numbers[index] = (int32_t)value;
}

static void add_column(void *context, uint32_t number, int64_t addend)
{
    struct model_database *content = ((const struct look_sink *)context)->content;
    content->tables[number].addend =
        addend > 0 && addend <= UINT16_MAX ? (uint16_t)addend : UINT16_MAX;
}

static uint32_t tables_of(const struct model_database *content)
{
    uint32_t tables = 0;
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        tables |= (uint32_t)content->tables[table].exists << table;
    return tables;
}

/* --- looking -------------------------------------------------------------------------------- */

static struct event look_event(enum event_kind kind, size_t interaction)
{
    return (struct event){
        .kind = (uint8_t)kind,
        .interaction = interaction == SIZE_MAX ? EVENT_AT_END : (uint32_t)interaction,
    };
}

static void tell_unreadable(struct run *run, const struct subject_look *look, size_t interaction)
{
    struct event event = look_event(EVENT_unreadable, interaction);
    event.detail = (uint16_t)look->outcome;
    event.text = look->message;
    run_emit(run, &event);
}

static void tell_integrity(struct run *run, const struct subject_damage *damage, size_t interaction)
{
    struct event event = look_event(EVENT_integrity, interaction);
    event.damage = damage;
    run_emit(run, &event);
}

/* The tables that somebody expects there; a wrong guess costs another attempt. */
static uint32_t guess_tables(const struct run *run)
{
    struct explanation explanation = {0};
    oracles_explain(&run->oracles, &(struct event){.kind = EVENT_content}, &explanation);
    return explanation.is_known ? tables_of(explanation.content) : 0;
}

static void read_content(struct run *run, struct subject_look *look, struct model_database *content,
                         struct observed_lists *lists)
{
    struct look_sink there = {content, lists};
    const struct subject_sink sink = {
        .begin = forget_content,
        .object = add_object,
        .row = add_row,
        .number = run->has_numbers ? add_number : NULL,
        .column = run->has_columns ? add_column : NULL,
        .context = &there,
        .tables = guess_tables(run),
    };
    run->subject.world->read_content(run->instance, look, &sink);
}

/*
 * What strikes in the midst of a look, a database may call damage that it has found. A fault may
 * end all claims, too.
 */
static bool is_judged(const struct run *run)
{
    bool is_struck =
        world->current != NULL && (world->current->fault.fired || world->current->dead);
    return !is_struck && !run->is_blind;
}

static bool is_sound(struct run *run, struct subject_look *look, size_t interaction)
{
    struct subject_damage damage = {.text = ""};
    if (run->subject.world->check_integrity != NULL)
        run->subject.world->check_integrity(run->instance, look, &damage);
    if (look->outcome == OUTCOME_OK && is_judged(run))
        tell_integrity(run, &damage, interaction);
    return damage.text[0] == '\0';
}

static bool read_all(struct run *run, struct subject_look *look, struct model_database *content,
                     struct observed_lists *lists, size_t interaction)
{
    bool sound = is_sound(run, look, interaction);
    if (look->outcome == OUTCOME_OK && !sound)
        return false;
    if (look->outcome == OUTCOME_OK)
        read_content(run, look, content, lists);
    if (look->outcome != OUTCOME_OK)
        tell_unreadable(run, look, interaction);
    return look->outcome == OUTCOME_OK;
}

static enum outcome connect_to_look(struct run *run, struct subject_look *ret_look)
{
    struct backend_options options = run->stack_options.connection;
    options.setup = NULL;
    options.busy_timeout_ms = 0;
    options.on_commit_point = NULL;
    options.on_statement = NULL;
    if (run->subject.world != NULL && run->subject.world->look_connection != NULL)
        run->subject.world->look_connection(run->instance, &options);
    *ret_look = (struct subject_look){.backend = run->backend};
    ret_look->outcome = run->backend->connect(&ret_look->connection, &options);
    return ret_look->outcome;
}

static bool read_with_lists(struct run *run, struct model_database *ret_content,
                            struct observed_lists *lists, size_t interaction)
{
    struct subject_look look;
    if (connect_to_look(run, &look) != OUTCOME_OK) {
        tell_unreadable(run, &look, interaction);
        return false;
    }
    bool ok = read_all(run, &look, ret_content, lists, interaction);
    run->unclosed += run->backend->disconnect(look.connection) != OUTCOME_OK;
    return ok;
}

bool run_read_content(struct run *run, struct model_database *ret_content, size_t interaction)
{
    return read_with_lists(run, ret_content, NULL, interaction);
}

/* A plan that has to do with no number beside the tables has read none. */
static uint64_t content_hash(const struct run *run, const struct model_database *content)
{
    return hash_bytes(0, content, run->has_numbers ? sizeof *content : sizeof content->tables);
}

static bool can_read_content(const struct run *run)
{
    return run_has_model(run) && run->subject.world != NULL &&
           run->subject.world->read_content != NULL;
}

bool run_can_look(const struct run *run)
{
    return can_read_content(run) && plan_kind(run->plan)->is_prepared && !run->is_blind;
}

/* In the midst of a plan: others are at work, so that it may fail as any call may. */
void run_look(struct run_task *task)
{
    struct run *run = task->run;
    struct subject_look look;
    struct model_database *content = ARENA_NEW(&run->arena, struct model_database);
    task->gave_up_look = false;
    if (connect_to_look(run, &look) == OUTCOME_OK) {
        (void)is_sound(run, &look, task->interaction);
        if (look.outcome == OUTCOME_OK)
            read_content(run, &look, content, NULL);
        task->seen.error_code =
            look.outcome == OUTCOME_OK ? 0 : run->backend->error_code(look.connection);
        run->unclosed += run->backend->disconnect(look.connection) != OUTCOME_OK;
    }
    if (task->gave_up_look)
        look = (struct subject_look){
            .outcome = OUTCOME_BUSY,
            .message = "given up: who is in its way does not go on before it has ended"};
    task->seen.outcome = look.outcome;
    task->seen.looked = content;
    (void)snprintf(task->seen.error_message, sizeof task->seen.error_message, "%.*s",
                   (int)sizeof task->seen.error_message - 1, look.message);
}

void run_check_survivors(struct run *run)
{
    if (!can_read_content(run))
        return;
    const struct subject_world_ops *there = run->subject.world;
    struct model_database first, second;
    if (there->save != NULL)
        there->save(run->instance);
    bool ok = run_read_content(run, &first, run->position) &&
              run_read_content(run, &second, run->position);
    if (there->restore != NULL)
        there->restore(run->instance);
    if (!ok)
        return;
    const struct event_recovery recovery = {.content = &first, .again = &second};
    struct event event = run_event_here(run, EVENT_recovered);
    event.value = (int64_t)content_hash(run, &first);
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

/*
 * Nobody goes on without a timer or another interaction, and nobody holds one of the pool's locks.
 */
static bool is_quiet(const struct run *run)
{
    if ((world->in_state[TASK_READY] | world->in_state[TASK_PARKED]) != 0 || run->is_stuck ||
        run->is_down || run->is_closing || run->releases > 0 || posix_locks_held() > 0)
        return false;
    return all_wait(run, world->in_state[TASK_BLOCKED] | world->in_state[TASK_SLEEPING]);
}

/* Who waits for an answer from outside by himself has no thread of the pool's that does. */
static enum event_waiting waits_for(const struct run_task *task)
{
    enum task_state state = world->tasks[task->number].state;
    if (state != TASK_BLOCKED && state != TASK_OUTSIDE)
        return WAITS_FOR_NOTHING;
    if (task->is_in_checkout)
        return state == TASK_BLOCKED ? WAITS_FOR_LEASE : WAITS_FOR_NOTHING;
    return task->is_in_call ? WAITS_FOR_CALL : WAITS_FOR_NOTHING;
}

/* A transaction's calls go where it was begun, whatever they need. */
static enum stack_access access_of(const struct run_task *task)
{
    bool is_of_call = task->is_in_call && !task->held.in_transaction;
    return is_of_call ? task->call_access : task->held.access;
}

void run_check_pool(struct run *run)
{
    if (!is_quiet(run) || run->stack_count == run->closed_count)
        return;
    struct event_look look = {0};
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++) {
        look.waiting[i] = (uint8_t)waits_for(&run->tasks[i]);
        look.timer_ns[i] = world->tasks[i].wake_ns;
        look.access[i] = (uint8_t)access_of(&run->tasks[i]);
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
    struct subject_resources held = {0};
    if (run->subject.world != NULL && run->subject.world->resources != NULL)
        run->subject.world->resources(run->instance, &held);
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
    struct observed_lists *lists = run_new_lists(run);
    if (can_read_content(run) && !run->is_blind && plan_kind(run->plan)->is_prepared &&
        read_with_lists(run, &content, lists, SIZE_MAX)) {
        struct event event = look_event(EVENT_content, SIZE_MAX);
        event.content = &content;
        event.lists = lists;
        run_emit(run, &event);
    }
    tell_left_over(run);
    if (posix_misuse() != NULL) {
        struct event event = look_event(EVENT_misuse, SIZE_MAX);
        event.text = posix_misuse();
        run_emit(run, &event);
    }
}
