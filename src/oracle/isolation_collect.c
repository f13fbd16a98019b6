/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/isolation_collect.h"

#include <string.h>

enum { INTERACTIONS_MAX = 512, OPERATIONS_OF_ONE = PLAN_KEYS, LISTS_OF_ONE = PLAN_KEYS };
enum { ATTEMPTS_OF_ONE = PLAN_KEYS };
enum { UNDONE = 0 }; /* as a transaction: whose work it was that is undone */

bool collect_begin(struct collect *collect, const struct oracle_setting *setting, bool splits)
{
    size_t count = setting->judged->interaction_count;
    *collect = (struct collect){
        .setting = setting,
        .level = splits ? setting->statements : setting->isolation,
        .splits = splits,
    };
    if (count > INTERACTIONS_MAX)
        return false;
    collect->reads_matter = isolation_reads_matter(collect->level->forbids);
    collect->transaction_max = (uint32_t)count + 2; /* what was undone, and the look */
    size_t operations_of_one =
        OPERATIONS_OF_ONE + (collect->reads_matter ? LISTS_OF_ONE : ATTEMPTS_OF_ONE);
    collect->operation_max = (count + 1) * operations_of_one + 2 * (size_t)PLAN_TABLES * PLAN_KEYS;
    collect->row_max = count * OBSERVED_ROWS_MAX;
    struct arena *arena = setting->arena;
    collect->transactions =
        arena_alloc(arena, collect->transaction_max * sizeof *collect->transactions);
    collect->operations = arena_alloc(arena, collect->operation_max * sizeof *collect->operations);
    collect->rows = arena_alloc(arena, collect->row_max * sizeof *collect->rows);
    model_database_init(&collect->initial);
    collect->transactions[UNDONE] =
        (struct isolation_transaction){.status = ISOLATION_ABORTED, .ended = ISOLATION_NEVER};
    collect->transaction_count = UNDONE + 1;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        collect->tasks[task].open = COLLECT_NOBODY;
    for (uint32_t name = 0; name < PLAN_PREPARED; name++)
        collect->prepared[name] = COLLECT_NOBODY;
    return true;
}

static bool is_stream(const struct interaction *interaction)
{
    return plan_action_infos[interaction->action].opens == SECTION_STREAM;
}

/* --- operations ------------------------------------------------------------------------------- */

static bool is_write(const struct isolation_operation *operation)
{
    return collect_is_register_write(operation) || operation->kind == ISOLATION_APPEND;
}

static uint32_t key_of(uint32_t table, uint32_t key)
{
    return table * PLAN_KEYS + key;
}

static struct isolation_operation *add(struct collect *collect, enum isolation_operation_kind kind,
                                       uint32_t transaction, size_t step)
{
    struct isolation_operation *operation = &collect->operations[collect->operation_count];
    collect->operation_count += collect->operation_count + 1 < collect->operation_max;
    *operation = (struct isolation_operation){
        .kind = (uint8_t)kind, .transaction = transaction, .step = (uint32_t)step};
    return operation;
}

static struct isolation_operation *add_write(struct collect *collect, uint32_t transaction,
                                             size_t step, uint32_t table, uint32_t key,
                                             bool is_removal)
{
    struct isolation_operation *write = add(collect, ISOLATION_WRITE, transaction, step);
    write->key = key_of(table, key);
    write->value = is_removal ? ISOLATION_NO_ROW : plan_value((int64_t)step, key);
    return write;
}

/* The keys and values that a filter takes. */
static struct isolation_where where_of(const struct interaction *interaction)
{
    uint32_t table = interaction->arguments[FIELD_table], key = interaction->arguments[FIELD_key];
    uint32_t last = key + interaction->arguments[FIELD_span];
    struct isolation_where where = {key_of(table, 0), key_of(table, PLAN_KEYS - 1), INT64_MIN + 1,
                                    INT64_MAX};
    switch ((enum plan_filter)interaction->arguments[FIELD_filter]) {
    case FILTER_ALL:
        break;
    case FILTER_KEY:
        where.first_key = where.last_key = key_of(table, key);
        break;
    case FILTER_RANGE:
        where.first_key = key_of(table, key);
        where.last_key = key_of(table, last < PLAN_KEYS ? last : PLAN_KEYS - 1);
        break;
    case FILTER_FROM:
        where.first_key = key_of(table, key);
        break;
    case FILTER_VALUE_FROM:
        where.at_least = plan_filter_bound(key);
        break;
    case FILTER_VALUE_BELOW:
        where.at_most = plan_filter_bound(key) - 1;
        break;
    }
    return where;
}

/* --- lists ------------------------------------------------------------------------------------ */

/*
 * A writer looks at more than one state: what it found it looks at again in the newest version,
 * and of a row that was deleted and is there again it sees neither.
 */
static bool writers_look_twice(const struct collect *collect)
{
    const struct promises *promises = collect->setting->promises;
    return collect->splits || (promises->locks_rows && promises->rows == VIEW_OF_STATEMENT);
}

/* `changes` as below. Without a row there was nothing to append to. */
static void add_append(struct collect *collect, uint32_t transaction,
                       const struct interaction *interaction, size_t step, int64_t changes)
{
    uint32_t table = interaction->arguments[FIELD_table], key = interaction->arguments[FIELD_key];
    if (changes == 0 && writers_look_twice(collect))
        return;
    struct isolation_operation *operation =
        add(collect, changes == 0 ? ISOLATION_READ : ISOLATION_APPEND, transaction, step);
    operation->key = key_of(table, key);
    operation->value = changes == 0 ? ISOLATION_NO_ROW : plan_value((int64_t)step, key);
    if (changes != 0)
        collect->appended[table] |= 1u << key;
}

/* Which texts a write replaces, if it does anything. */
static void note_replaced(struct collect *collect, const struct interaction *interaction)
{
    uint32_t *replaced = &collect->replaced[interaction->arguments[FIELD_table]];
    switch (interaction->action) {
    case ACTION_append:
    case ACTION_create_index:
    case ACTION_drop_index:
    case ACTION_add_column:
    case ACTION_drop_column:
        return;
    case ACTION_update:
        *replaced |= interaction->arguments[FIELD_size] != 0 ? plan_keys_of(interaction) : 0;
        return;
    case ACTION_insert:
    case ACTION_upsert:
    case ACTION_insert_rows:
    case ACTION_batch:
    case ACTION_delete:
        *replaced |= plan_keys_of(interaction);
        return;
    default:
        *replaced = UINT32_MAX;
    }
}

static void add_list(struct collect *collect, uint32_t transaction, size_t step, uint32_t key,
                     const int32_t *elements, uint32_t count)
{
    int64_t *copies = arena_alloc(collect->setting->arena, (count + 1) * sizeof *copies);
    for (uint32_t i = 0; i < count; i++)
        copies[i] = elements[i];
    struct isolation_operation *read = add(collect, ISOLATION_READ_LIST, transaction, step);
    read->key = key;
    read->elements = copies;
    read->element_count = count;
}

/* What the row's text began as is there still: nothing was appended to it yet. */
static void add_empty_list(struct collect *collect, uint32_t transaction, size_t step,
                           uint32_t table, uint32_t key, int64_t text_value, int64_t text_units)
{
    const struct model_table *initial = &collect->initial.tables[table];
    if (initial->present >> key & 1u && text_value == initial->text_value[key] &&
        text_units == initial->text_units[key])
        add_list(collect, transaction, step, key_of(table, key), NULL, 0);
}

/* Behind what the row's text began as stand the elements. */
static void add_lists(struct collect *collect, uint32_t transaction, size_t step,
                      const struct observed_lists *lists)
{
    for (uint32_t i = 0; lists != NULL && i < lists->count; i++) {
        const struct observed_list *list = &lists->lists[i];
        const struct model_table *initial = &collect->initial.tables[list->table];
        const int32_t *elements = &lists->elements[list->first];
        if (initial->present >> list->key & 1u && initial->text_units[list->key] == 1 &&
            elements[0] == initial->text_value[list->key])
            add_list(collect, transaction, step, key_of(list->table, list->key), elements + 1,
                     list->count - 1u);
    }
}

/* --- writes ----------------------------------------------------------------------------------- */

static bool inserts(const struct interaction *interaction)
{
    return interaction->action == ACTION_insert || interaction->action == ACTION_upsert ||
           interaction->action == ACTION_insert_rows || interaction->action == ACTION_batch;
}

static void find_possible(struct collect *collect)
{
    const struct plan *plan = collect->setting->judged;
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        collect->possible[table] = collect->initial.tables[table].present;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        if (inserts(interaction))
            collect->possible[interaction->arguments[FIELD_table]] |= plan_keys_of(interaction);
    }
    collect->knows_possible = true;
}

/* Of the keys that it is about, those that may ever have a row, or get one. */
static uint32_t possible_keys(struct collect *collect, const struct interaction *interaction)
{
    if (!collect->knows_possible)
        find_possible(collect);
    uint32_t possible = collect->possible[interaction->arguments[FIELD_table]];
    return plan_keys_of(interaction) & (inserts(interaction) ? UINT32_MAX : possible);
}

/* Of those rows it has taken some, nobody can tell which. */
static void add_maybes(struct collect *collect, uint32_t transaction, size_t step, uint32_t table,
                       uint32_t keys)
{
    for (; keys != 0; keys &= keys - 1) {
        uint32_t key = (uint32_t)__builtin_ctz(keys);
        add_write(collect, transaction, step, table, key, false)->kind = COLLECT_MAYBE_WRITE;
        collect->has_maybes = true;
    }
}

/* `interaction` is an update or a delete, which says how many rows it took. */
static void add_range_write(struct collect *collect, uint32_t transaction,
                            const struct interaction *interaction, size_t step, int64_t changes)
{
    uint32_t table = interaction->arguments[FIELD_table];
    if (changes == 0 && !writers_look_twice(collect))
        add(collect, ISOLATION_READ_WHERE, transaction, step)->where = where_of(interaction);
    if (changes == 0)
        return;
    uint32_t keys = possible_keys(collect, interaction);
    bool is_removal = interaction->action == ACTION_delete;
    if (changes == __builtin_popcount(keys))
        for (uint32_t left = keys; left != 0; left &= left - 1)
            add_write(collect, transaction, step, table, (uint32_t)__builtin_ctz(left), is_removal);
    else if (is_removal)
        collect->unknown[table] |= keys;
    else
        add_maybes(collect, transaction, step, table, keys);
}

/* `changes` below 0: it may have happened. */
static void add_writes(struct collect *collect, uint32_t transaction,
                       const struct interaction *interaction, size_t step, int64_t changes)
{
    uint32_t table = interaction->arguments[FIELD_table];
    if (plan_action_infos[interaction->action].effect == EFFECT_NUMBER)
        return;
    note_replaced(collect, interaction);
    switch (interaction->action) {
    case ACTION_append:
        add_append(collect, transaction, interaction, step, changes);
        break;
    case ACTION_insert:
    case ACTION_upsert:
        add_write(collect, transaction, step, table, interaction->arguments[FIELD_key], false);
        break;
    case ACTION_insert_rows:
        if (changes < 0)
            collect->unknown[table] |= plan_keys_of(interaction);
        else if (changes != plan_batch_count(interaction))
            add_maybes(collect, transaction, step, table, plan_keys_of(interaction));
        if (changes != plan_batch_count(interaction))
            break;
        __attribute__((fallthrough));
    case ACTION_batch:
        for (uint32_t i = 0; i < plan_batch_count(interaction); i++)
            add_write(collect, transaction, step, table,
                      plan_batch_item(interaction, i).arguments[FIELD_key], false);
        break;
    case ACTION_update:
    case ACTION_delete:
        if (changes < 0)
            collect->unknown[table] |= plan_keys_of(interaction);
        else
            add_range_write(collect, transaction, interaction, step, changes);
        break;
    case ACTION_create_index:
    case ACTION_drop_index:
    case ACTION_add_column:
    case ACTION_drop_column:
        break;
    default:
        collect->unknown[table] = UINT32_MAX;
    }
}

/*
 * Whatever becomes of a write, others may see it meanwhile where the level lets them: then it was
 * written by somebody.
 */
static void add_attempt(struct collect *collect, const struct interaction *interaction, size_t step)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    uint32_t table = interaction->arguments[FIELD_table];
    if (interaction->action == ACTION_create_table || interaction->action == ACTION_drop_table)
        collect->unknown[table] = UINT32_MAX;
    if (effect != EFFECT_ROWS || interaction->action == ACTION_append)
        return;
    for (uint32_t keys = possible_keys(collect, interaction); keys != 0; keys &= keys - 1)
        (void)add_write(collect, UNDONE, step, table, (uint32_t)__builtin_ctz(keys),
                        interaction->action == ACTION_delete);
}

/* --- reads ------------------------------------------------------------------------------------ */

static void add_row_lists(struct collect *collect, uint32_t transaction, uint32_t table,
                          size_t step, const struct observation *seen)
{
    if (seen->lists == NULL || !collect->reads_matter)
        return;
    for (uint32_t i = 0; i < seen->rows_kept && i < LISTS_OF_ONE; i++)
        if (seen->rows[i].key >= 0 && seen->rows[i].key < PLAN_KEYS)
            add_empty_list(collect, transaction, step, table, (uint32_t)seen->rows[i].key,
                           seen->rows[i].text_value, seen->rows[i].text_units);
    add_lists(collect, transaction, step, seen->lists);
}

static void add_rows(struct collect *collect, uint32_t transaction,
                     const struct interaction *interaction, size_t step,
                     const struct observation *seen)
{
    uint32_t table = interaction->arguments[FIELD_table];
    struct isolation_row *rows = &collect->rows[collect->row_count];
    uint32_t count = 0;
    add_row_lists(collect, transaction, table, step, seen);
    for (uint32_t i = 0; i < seen->rows_kept; i++)
        if (seen->rows[i].key >= 0 && seen->rows[i].key < PLAN_KEYS)
            rows[count++] = (struct isolation_row){key_of(table, (uint32_t)seen->rows[i].key),
                                                   seen->rows[i].value};
    bool is_whole = interaction->action == ACTION_select &&
                    interaction->arguments[FIELD_limit] == 0 &&
                    seen->row_count == seen->rows_kept && count == seen->rows_kept;
    if (is_whole) {
        struct isolation_operation *read = add(collect, ISOLATION_READ_WHERE, transaction, step);
        read->where = where_of(interaction);
        read->rows = rows;
        read->row_count = count;
        collect->row_count += count;
        return;
    }
    for (uint32_t i = 0; i < count && i < OPERATIONS_OF_ONE; i++) {
        struct isolation_operation *read = add(collect, ISOLATION_READ, transaction, step);
        read->key = rows[i].key;
        read->value = rows[i].value;
    }
}

/* Each for itself: what is not there may have been skipped, or may come later. */
static void add_each_row(struct collect *collect, uint32_t transaction,
                         const struct interaction *interaction, size_t step,
                         const struct observation *seen)
{
    add_row_lists(collect, transaction, interaction->arguments[FIELD_table], step, seen);
    for (uint32_t i = 0; i < seen->rows_kept && i < OPERATIONS_OF_ONE; i++) {
        if (seen->rows[i].key < 0 || seen->rows[i].key >= PLAN_KEYS)
            continue;
        struct isolation_operation *read = add(collect, ISOLATION_READ, transaction, step);
        read->key = key_of(interaction->arguments[FIELD_table], (uint32_t)seen->rows[i].key);
        read->value = seen->rows[i].value;
    }
}

static void add_reads(struct collect *collect, uint32_t transaction,
                      const struct interaction *interaction, size_t step,
                      const struct observation *seen)
{
    enum plan_aggregate aggregate = (enum plan_aggregate)interaction->arguments[FIELD_aggregate];
    bool has_aggregate = interaction->action == ACTION_select && aggregate != AGGREGATE_ROWS;
    if (!has_aggregate) {
        add_rows(collect, transaction, interaction, step, seen);
        return;
    }
    bool is_count = aggregate == AGGREGATE_COUNT;
    if ((!is_count && aggregate != AGGREGATE_SUM) || interaction->arguments[FIELD_limit] != 0)
        return;
    struct isolation_operation *read =
        add(collect, is_count ? ISOLATION_COUNT : ISOLATION_SUM, transaction, step);
    read->where = where_of(interaction);
    read->value = seen->number_is_null ? ISOLATION_NO_ROW : seen->number;
}

/* --- transactions ----------------------------------------------------------------------------- */

static uint32_t begin(struct collect *collect, uint32_t task)
{
    collect->transactions[collect->transaction_count] = (struct isolation_transaction){
        .status = ISOLATION_ABORTED,
        .began = collect->tasks[task].began,
        .ended = ISOLATION_NEVER,
        .session = task,
    };
    return collect->transaction_count++;
}

static void end(struct collect *collect, uint32_t task, uint32_t transaction,
                enum isolation_status status)
{
    struct collect_task *there = &collect->tasks[task];
    collect->transactions[transaction].status = status;
    if (status == ISOLATION_COMMITTED)
        collect->transactions[transaction].ended = collect->clock;
    uint64_t place = there->place != 0 ? there->place : collect->clock;
    for (size_t i = 0; i < collect->operation_count; i++)
        if (collect->operations[i].transaction == transaction)
            collect->operations[i].place = place;
    there->open = COLLECT_NOBODY;
    there->savepoint_count = 0;
    there->place = 0;
}

/* Of one that was open and is no more: whether it was kept. */
static enum isolation_status status_after(const struct collect_task *task,
                                          const struct interaction *interaction,
                                          const struct observation *seen)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    if (effect == EFFECT_ROLLBACK && !task->is_struck)
        return ISOLATION_ABORTED;
    if (seen->outcome != OUTCOME_OK)
        return task->is_struck || task->place != 0 || effect == EFFECT_COMMIT ||
                       effect == EFFECT_PREPARE || effect == EFFECT_RELEASE
                   ? ISOLATION_IN_DOUBT
                   : ISOLATION_ABORTED;
    return effect == EFFECT_COMMIT || effect == EFFECT_RELEASE ? ISOLATION_COMMITTED
                                                               : ISOLATION_IN_DOUBT;
}

/* What was undone to a savepoint is as what was rolled back: of one transaction for all of it. */
static void forget_since(struct collect *collect, uint32_t transaction, size_t from)
{
    for (size_t i = from; i < collect->operation_count; i++) {
        struct isolation_operation *operation = &collect->operations[i];
        if (operation->transaction == transaction)
            operation->transaction = is_write(operation) ? UNDONE : COLLECT_NOBODY;
    }
}

static void follow_savepoints(struct collect *collect, struct collect_task *task,
                              const struct interaction *interaction)
{
    uint8_t name = interaction->arguments[FIELD_savepoint];
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    if (effect == EFFECT_SAVEPOINT && task->savepoint_count < COLLECT_SAVEPOINTS_MAX)
        task->savepoints[task->savepoint_count++] =
            (struct collect_savepoint){name, collect->operation_count};
    if (effect != EFFECT_RELEASE && effect != EFFECT_ROLLBACK_TO)
        return;
    uint32_t at = task->savepoint_count;
    while (at > 0 && task->savepoints[at - 1].name != name)
        at--;
    if (at == 0)
        return;
    if (effect == EFFECT_ROLLBACK_TO && task->open != COLLECT_NOBODY)
        forget_since(collect, task->open, task->savepoints[at - 1].operations);
    task->savepoint_count = effect == EFFECT_RELEASE ? at - 1 : at;
}

/* --- prepared transactions -------------------------------------------------------------------- */

static enum plan_effect effect_of(const struct interaction *interaction)
{
    return plan_action_infos[interaction->action].effect;
}

static uint32_t name_of(const struct interaction *interaction)
{
    return interaction->arguments[plan_action_infos[interaction->action].number_of] % PLAN_PREPARED;
}

/* Its end may have happened all the same. */
static bool may_be_done(const struct collect_task *task, enum outcome outcome)
{
    return task->is_struck || task->place != 0 || outcome_is_failure(outcome);
}

static void begin_of_prepared(struct collect *collect, uint32_t task,
                              const struct interaction *interaction)
{
    enum plan_effect effect = effect_of(interaction);
    bool ends = effect == EFFECT_COMMIT_PREPARED || effect == EFFECT_ROLLBACK_PREPARED;
    collect->tasks[task].ends = ends ? collect->prepared[name_of(interaction)] : COLLECT_NOBODY;
    collect->tasks[task].prepares = effect == EFFECT_PREPARE ? 1u << name_of(interaction) : 0;
}

/* It is no session's from now on; of one that somebody has ended meanwhile nobody can tell how. */
static void prepare(struct collect *collect, uint32_t task, uint32_t name)
{
    struct collect_task *there = &collect->tasks[task];
    bool has_ended = (collect->ended_early >> name & 1u) != 0;
    collect->ended_early &= ~(1u << name);
    collect->prepared[name] = COLLECT_NOBODY; /* who had the name has it no more, says that */
    there->place = 0;
    if (there->open == COLLECT_NOBODY)
        return; /* it has done nothing */
    if (has_ended) {
        end(collect, task, there->open, ISOLATION_IN_DOUBT);
        return;
    }
    collect->prepared[name] = there->open;
    there->open = COLLECT_NOBODY;
    there->savepoint_count = 0;
}

static uint32_t being_prepared(const struct collect *collect)
{
    uint32_t names = 0;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        names |= collect->tasks[task].in_call ? collect->tasks[task].prepares : 0;
    return names;
}

/* Which of several that had the name since the call began was ended nobody can tell. */
static void doubt_prepared(struct collect *collect, uint32_t task, uint32_t transaction)
{
    if (transaction != COLLECT_NOBODY &&
        collect->transactions[transaction].status != ISOLATION_COMMITTED)
        end(collect, task, transaction, ISOLATION_IN_DOUBT);
}

static void end_prepared(struct collect *collect, uint32_t task, uint32_t name,
                         enum isolation_status status)
{
    uint32_t ends = collect->tasks[task].ends, has_name = collect->prepared[name];
    collect->ended_early |= being_prepared(collect) & 1u << name;
    if (ends != COLLECT_NOBODY && ends == has_name) {
        end(collect, task, ends, status);
    } else {
        doubt_prepared(collect, task, ends);
        doubt_prepared(collect, task, has_name);
    }
    collect->prepared[name] = COLLECT_NOBODY;
}

static void end_of_prepared(struct collect *collect, uint32_t task,
                            const struct interaction *interaction, const struct observation *seen)
{
    const struct collect_task *there = &collect->tasks[task];
    enum plan_effect effect = effect_of(interaction);
    bool is_done = seen->outcome == OUTCOME_OK;
    if (effect == EFFECT_PREPARE && is_done)
        prepare(collect, task, name_of(interaction));
    else if (effect == EFFECT_COMMIT_PREPARED && is_done)
        end_prepared(collect, task, name_of(interaction), ISOLATION_COMMITTED);
    else if (effect == EFFECT_COMMIT_PREPARED && may_be_done(there, seen->outcome))
        end_prepared(collect, task, name_of(interaction), ISOLATION_IN_DOUBT);
    else if (effect == EFFECT_ROLLBACK_PREPARED && is_done)
        end_prepared(collect, task, name_of(interaction), ISOLATION_ABORTED);
}

/* --- events ----------------------------------------------------------------------------------- */

void collect_call(struct collect *collect, uint32_t task, const struct interaction *interaction,
                  size_t step, uint32_t detail)
{
    struct collect_task *there = &collect->tasks[task];
    there->in_call = true;
    there->is_struck = false;
    there->has_stream |= is_stream(interaction) || detail == EVENT_CALL_BESIDE;
    there->has_stream &= detail != EVENT_CALL_GOES_ON;
    if (!collect->reads_matter)
        add_attempt(collect, interaction, step);
    if (detail != 0)
        return; /* it sees what the stream sees */
    begin_of_prepared(collect, task, interaction);
    /* The first statement after BEGIN may take the snapshot, whatever comes of it. */
    there->called = ++collect->clock;
    if (!there->is_begun)
        there->began = there->called;
    there->is_begun = there->in_transaction;
}

void collect_commit_point(struct collect *collect, uint32_t task)
{
    collect->tasks[task].place = ++collect->clock;
}

/* A statement that failed where no transaction was open may have been kept all the same. */
static void doubt_statement(struct collect *collect, uint32_t task,
                            const struct interaction *interaction, size_t step,
                            enum outcome outcome)
{
    const struct collect_task *there = &collect->tasks[task];
    if (!there->is_struck && there->place == 0 && outcome != OUTCOME_IN_DOUBT)
        return;
    uint32_t transaction = begin(collect, task);
    add_writes(collect, transaction, interaction, step, -1);
    end(collect, task, transaction, ISOLATION_IN_DOUBT);
}

/* What the task has open, or what the statement is by itself. */
static uint32_t open_or_begin(struct collect *collect, uint32_t task)
{
    uint32_t open = collect->tasks[task].open;
    return open != COLLECT_NOBODY ? open : begin(collect, task);
}

/* The statement has come to its end in it: it stays open, or that was all of it. */
static void stay_or_end(struct collect *collect, uint32_t task, uint32_t transaction,
                        const struct observation *seen)
{
    struct collect_task *there = &collect->tasks[task];
    if (seen->in_transaction)
        there->open = transaction;
    else if (there->open == COLLECT_NOBODY)
        end(collect, task, transaction, ISOLATION_COMMITTED);
}

/* The statement is a transaction of its own, which has read. */
static void split_off(struct collect *collect, uint32_t task, const struct interaction *interaction,
                      size_t step, const struct observation *seen)
{
    if (collect->tasks[task].has_written)
        return; /* it sees its own work besides */
    uint32_t reader = begin(collect, task);
    collect->transactions[reader].status = ISOLATION_COMMITTED;
    collect->transactions[reader].began = collect->tasks[task].called;
    collect->transactions[reader].ended = collect->clock;
    add_reads(collect, reader, interaction, step, seen);
}

static void take_statement(struct collect *collect, uint32_t task,
                           const struct interaction *interaction, size_t step,
                           const struct observation *seen)
{
    struct collect_task *there = &collect->tasks[task];
    bool writes = model_is_write((enum plan_action)interaction->action);
    uint8_t table = interaction->arguments[FIELD_table];
    if (interaction->action == ACTION_insert_rows && seen->outcome != OUTCOME_OK) {
        collect->unknown[table] |= plan_keys_of(interaction); /* half of it, perhaps */
        note_replaced(collect, interaction);
    }
    if (seen->outcome != OUTCOME_OK) {
        if (writes && there->open == COLLECT_NOBODY && !seen->in_transaction &&
            outcome_is_failure(seen->outcome))
            doubt_statement(collect, task, interaction, step, seen->outcome);
        return;
    }
    bool is_seen = !there->has_stream;
    if (!writes && collect->splits) {
        if (is_seen)
            split_off(collect, task, interaction, step, seen);
        return;
    }
    uint32_t transaction = open_or_begin(collect, task);
    there->has_written |= writes;
    if (writes)
        add_writes(collect, transaction, interaction, step, seen->changes);
    else if (is_seen)
        add_reads(collect, transaction, interaction, step, seen);
    stay_or_end(collect, task, transaction, seen);
}

/* Whether the rows of a fetch are what the transaction reads, too: nothing of its own is newer. */
static bool fetches_own(const struct collect_task *task, const struct interaction *interaction)
{
    return task->cursors >> interaction->arguments[FIELD_table] & 1u && !task->has_written;
}

/*
 * Rows that are locked are the newest ones, those of a cursor as old as that is: neither are those
 * that a statement of its own, which the level says something of, would see.
 */
static void take_rows(struct collect *collect, uint32_t task, const struct interaction *interaction,
                      size_t step, const struct observation *seen)
{
    struct collect_task *there = &collect->tasks[task];
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    bool is_read =
        effect == EFFECT_LOCK_ROWS || (effect == EFFECT_FETCH && fetches_own(there, interaction));
    if (seen->outcome != OUTCOME_OK || !is_read || collect->splits || there->has_stream)
        return;
    uint32_t transaction = open_or_begin(collect, task);
    add_each_row(collect, transaction, interaction, step, seen);
    stay_or_end(collect, task, transaction, seen);
}

static void follow_cursors(struct collect_task *task, const struct interaction *interaction,
                           const struct observation *seen)
{
    if (plan_action_infos[interaction->action].effect == EFFECT_CURSOR &&
        seen->outcome == OUTCOME_OK)
        task->cursors |= (uint8_t)(1u << interaction->arguments[FIELD_table]);
    if (!seen->in_transaction)
        task->cursors = 0;
}

void collect_result(struct collect *collect, uint32_t task, const struct interaction *interaction,
                    size_t step, const struct event_result *result)
{
    const struct observation *seen = result->seen;
    struct collect_task *there = &collect->tasks[task];
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    collect->clock++;
    there->in_call = false;
    there->in_transaction = seen->in_transaction;
    there->is_begun &= seen->in_transaction;
    there->is_struck |= result->is_struck;
    if (effect == EFFECT_READ || model_is_write((enum plan_action)interaction->action))
        take_statement(collect, task, interaction, step, seen);
    else
        take_rows(collect, task, interaction, step, seen);
    follow_cursors(there, interaction, seen);
    there->has_stream &= !is_stream(interaction);
    if (seen->outcome == OUTCOME_OK)
        follow_savepoints(collect, there, interaction);
    end_of_prepared(collect, task, interaction, seen);
    if (!seen->in_transaction && there->open != COLLECT_NOBODY)
        end(collect, task, there->open, status_after(there, interaction, seen));
    else if (!seen->in_transaction)
        there->savepoint_count = 0;
    if (there->open == COLLECT_NOBODY && !there->has_stream)
        there->place = 0; /* of what is no transaction */
    there->has_written &= seen->in_transaction;
}

void collect_gone(struct collect *collect, uint32_t task)
{
    struct collect_task *there = &collect->tasks[task];
    collect->clock++;
    if (there->open != COLLECT_NOBODY)
        end(collect, task, there->open, there->in_call ? ISOLATION_IN_DOUBT : ISOLATION_ABORTED);
    there->savepoint_count = 0;
    there->has_stream = there->in_transaction = there->is_begun = there->has_written = false;
    there->cursors = 0;
}

void collect_server_ended(struct collect *collect)
{
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        collect->tasks[task].is_struck |= collect->tasks[task].in_call;
}

uint32_t collect_written_tables(const struct collect *collect)
{
    uint32_t tables = 0;
    for (size_t i = 0; i < collect->operation_count; i++)
        if (collect_is_register_write(&collect->operations[i]))
            tables |= 1u << collect->operations[i].key / PLAN_KEYS;
    return tables;
}

static void look_at_lists(struct collect *collect, const struct model_database *found,
                          const struct observed_lists *lists, uint32_t transaction, size_t step)
{
    for (uint32_t table = 0; table < PLAN_TABLES; table++) {
        const struct model_table *rows = &found->tables[table];
        for (uint32_t keys = collect_lists_of(collect, table) & rows->present; keys != 0;
             keys &= keys - 1) {
            uint32_t key = (uint32_t)__builtin_ctz(keys);
            add_empty_list(collect, transaction, step, table, key, rows->text_value[key],
                           rows->text_units[key]);
        }
    }
    add_lists(collect, transaction, step, lists);
}

void collect_look(struct collect *collect, const struct model_database *found,
                  const struct observed_lists *lists, size_t step)
{
    uint32_t transaction = collect->transaction_count++;
    collect->transactions[transaction] = (struct isolation_transaction){
        .status = ISOLATION_COMMITTED,
        .began = ++collect->clock,
        .ended = ISOLATION_NEVER,
        .session = PLAN_TASKS_MAX,
    };
    for (uint32_t tables = collect_written_tables(collect); tables != 0; tables &= tables - 1) {
        uint32_t table = (uint32_t)__builtin_ctz(tables);
        const struct model_table *rows = &found->tables[table];
        for (uint32_t key = 0; key < PLAN_KEYS; key++) {
            struct isolation_operation *read = add(collect, ISOLATION_READ, transaction, step);
            read->key = key_of(table, key);
            read->value = rows->present >> key & 1u ? rows->value[key] : ISOLATION_NO_ROW;
        }
    }
    if (lists != NULL)
        look_at_lists(collect, found, lists, transaction, step);
}

bool collect_is_complete(const struct collect *collect)
{
    bool is_told = collect->setting->promises->commit_order_is_known; /* of each that has */
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++) {
        const struct collect_task *there = &collect->tasks[task];
        if (there->in_call && there->open == COLLECT_NOBODY && (there->place != 0 || !is_told))
            return false;
    }
    return true;
}
