/* SPDX-License-Identifier: Apache-2.0 */
/* What was collected becomes a history: without what nobody can tell, its keys numbered anew. */
#include "oracle/isolation_collect.h"

#include <string.h>

struct assembly {
    const struct collect *collect;
    struct arena *arena;
    uint32_t *seen;               /* by step: keys whose value of it somebody has seen */
    uint32_t unseen[PLAN_TABLES]; /* keys with a write that may have been, and nobody saw */
    /* Where a table's keys begin in the history; UINT32_MAX: it has none there. */
    uint32_t registers[PLAN_TABLES], lists[PLAN_TABLES];
    struct isolation_operation *operations;
    size_t count;
};

/* --- writes that may have been ---------------------------------------------------------------- */

static void see(const struct assembly *assembly, int64_t value)
{
    int64_t step = value / PLAN_KEYS - 1;
    if (step >= 0 && step < (int64_t)assembly->collect->setting->judged->interaction_count)
        assembly->seen[step] |= 1u << value % PLAN_KEYS;
}

static bool was_seen(const struct assembly *assembly, const struct isolation_operation *write)
{
    return (assembly->seen[write->step] >> write->key % PLAN_KEYS & 1u) != 0;
}

static void find_seen(struct assembly *assembly)
{
    const struct collect *collect = assembly->collect;
    assembly->seen =
        ARENA_ARRAY(assembly->arena, uint32_t, collect->setting->judged->interaction_count + 1);
    for (size_t i = 0; i < collect->operation_count; i++) {
        const struct isolation_operation *read = &collect->operations[i];
        if (read->kind == ISOLATION_READ)
            see(assembly, read->value);
        for (uint32_t row = 0; read->kind == ISOLATION_READ_WHERE && row < read->row_count; row++)
            see(assembly, read->rows[row].value);
    }
    for (size_t i = 0; i < collect->operation_count; i++) {
        const struct isolation_operation *write = &collect->operations[i];
        if (write->kind == COLLECT_MAYBE_WRITE && !was_seen(assembly, write))
            assembly->unseen[write->key / PLAN_KEYS] |= 1u << write->key % PLAN_KEYS;
    }
}

/* --- operations ------------------------------------------------------------------------------- */

static uint32_t key_bits(const struct isolation_where *where)
{
    uint32_t count = where->last_key - where->first_key + 1;
    return (count == 32 ? UINT32_MAX : (1u << count) - 1) << where->first_key % PLAN_KEYS;
}

static bool is_of_one_key(const struct isolation_operation *operation)
{
    return collect_is_register_write(operation) || operation->kind == ISOLATION_READ ||
           collect_is_of_list(operation);
}

static uint32_t table_of(const struct isolation_operation *operation)
{
    return (is_of_one_key(operation) ? operation->key : operation->where.first_key) / PLAN_KEYS;
}

static bool is_left_out(const struct assembly *assembly,
                        const struct isolation_operation *operation)
{
    const struct collect *collect = assembly->collect;
    uint32_t table = table_of(operation), key = operation->key % PLAN_KEYS;
    if (operation->transaction == COLLECT_NOBODY)
        return true; /* undone */
    if (operation->kind == COLLECT_MAYBE_WRITE && !was_seen(assembly, operation))
        return true;
    if (collect_is_of_list(operation))
        return !(collect_lists_of(collect, table) >> key & 1u);
    if (is_of_one_key(operation))
        return collect->unknown[table] >> key & 1u;
    return operation->kind != ISOLATION_READ_WHERE &&
           ((collect->unknown[table] | assembly->unseen[table]) & key_bits(&operation->where)) != 0;
}

static struct isolation_operation *add(struct assembly *assembly,
                                       const struct isolation_operation *operation)
{
    struct isolation_operation *copy = &assembly->operations[assembly->count++];
    uint32_t table = table_of(operation);
    uint32_t shift =
        collect_is_of_list(operation) ? assembly->lists[table] : assembly->registers[table];
    *copy = *operation;
    if (copy->kind == COLLECT_MAYBE_WRITE)
        copy->kind = ISOLATION_WRITE;
    copy->key = operation->key % PLAN_KEYS + shift;
    copy->where.first_key = operation->where.first_key % PLAN_KEYS + shift;
    copy->where.last_key = operation->where.last_key % PLAN_KEYS + shift;
    return copy;
}

/* What ranges do not hold of a row that nobody saw written tells nothing; what they hold does. */
static void add_row_alone(struct assembly *assembly, const struct isolation_operation *range,
                          const struct isolation_row *row)
{
    uint32_t table = row->key / PLAN_KEYS, bit = 1u << row->key % PLAN_KEYS;
    if ((assembly->unseen[table] & ~assembly->collect->unknown[table] & bit) == 0)
        return;
    struct isolation_operation read = {
        .kind = ISOLATION_READ,
        .transaction = range->transaction,
        .key = row->key,
        .value = row->value,
        .step = range->step,
    };
    (void)add(assembly, &read);
}

static void add_rows(struct assembly *assembly, const struct isolation_operation *range,
                     struct isolation_operation *copy)
{
    struct isolation_row *rows =
        arena_alloc(assembly->arena, (range->row_count + 1) * sizeof *rows);
    uint32_t shift = assembly->registers[table_of(range)];
    for (uint32_t i = 0; i < range->row_count; i++) {
        rows[i] =
            (struct isolation_row){range->rows[i].key % PLAN_KEYS + shift, range->rows[i].value};
        add_row_alone(assembly, range, &range->rows[i]);
    }
    copy->rows = rows;
}

static bool has_keys(const struct assembly *assembly, const struct isolation_operation *operation)
{
    uint32_t table = table_of(operation);
    return (collect_is_of_list(operation) ? assembly->lists : assembly->registers)[table] !=
           UINT32_MAX;
}

static void add_operations(struct assembly *assembly)
{
    const struct collect *collect = assembly->collect;
    size_t room = collect->operation_count + collect->row_count + 1;
    assembly->operations = arena_alloc(assembly->arena, room * sizeof *assembly->operations);
    for (size_t i = 0; i < collect->operation_count; i++) {
        const struct isolation_operation *operation = &collect->operations[i];
        if (!has_keys(assembly, operation) || is_left_out(assembly, operation))
            continue;
        struct isolation_operation *copy = add(assembly, operation);
        if (operation->kind == ISOLATION_READ_WHERE)
            add_rows(assembly, operation, copy);
    }
}

/* --- keys ------------------------------------------------------------------------------------- */

static void add_registers(const struct assembly *assembly, uint32_t table,
                          struct isolation_key *keys)
{
    const struct collect *collect = assembly->collect;
    const struct model_table *rows = &collect->initial.tables[table];
    uint32_t unknown = collect->unknown[table] | assembly->unseen[table];
    for (uint32_t key = 0; key < PLAN_KEYS; key++)
        keys[key] = (struct isolation_key){
            .is_unknown = unknown >> key & 1u,
            .initial = rows->present >> key & 1u ? rows->value[key] : ISOLATION_NO_ROW,
        };
}

/* All registers, then all lists; `numbers` are the tables that they are of. */
static uint32_t lay_out_keys(struct assembly *assembly, struct isolation_key *keys,
                             uint32_t *numbers)
{
    uint32_t tables = collect_written_tables(assembly->collect), key_count = 0;
    for (uint32_t table = 0; table < PLAN_TABLES; table++) {
        assembly->registers[table] = tables >> table & 1u ? key_count : UINT32_MAX;
        if (!(tables >> table & 1u))
            continue;
        numbers[key_count / PLAN_KEYS] = table;
        add_registers(assembly, table, keys + key_count);
        key_count += PLAN_KEYS;
    }
    for (uint32_t table = 0; table < PLAN_TABLES; table++) {
        bool has_lists = collect_lists_of(assembly->collect, table) != 0;
        assembly->lists[table] = has_lists ? key_count : UINT32_MAX;
        if (!has_lists)
            continue;
        numbers[key_count / PLAN_KEYS] = table;
        for (uint32_t key = 0; key < PLAN_KEYS; key++)
            keys[key_count + key] = (struct isolation_key){.is_list = true};
        key_count += PLAN_KEYS;
    }
    return key_count;
}

/* --- the history ------------------------------------------------------------------------------ */

static void set_statuses(const struct collect *collect, struct isolation_transaction *transactions)
{
    memcpy(transactions, collect->transactions, collect->transaction_count * sizeof *transactions);
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        if (collect->tasks[task].open != COLLECT_NOBODY && collect->tasks[task].in_call)
            transactions[collect->tasks[task].open].status = ISOLATION_IN_DOUBT;
}

/*
 * What is there in the end was written last. Where real time counts that is as any other read;
 * elsewhere nothing else tells who overwrote whom, if not in the order of the commits.
 */
static void place_what_is_left(const struct assembly *assembly, uint32_t key_count)
{
    const struct collect *collect = assembly->collect;
    int64_t *left = ARENA_ARRAY(assembly->arena, int64_t, key_count + 1);
    for (size_t i = 0; i < assembly->count; i++) {
        const struct isolation_operation *read = &assembly->operations[i];
        if (read->kind == ISOLATION_READ &&
            collect->transactions[read->transaction].session == PLAN_TASKS_MAX)
            left[read->key] = read->value;
    }
    for (size_t i = 0; i < assembly->count; i++) {
        struct isolation_operation *write = &assembly->operations[i];
        if (write->kind == ISOLATION_WRITE && write->value != ISOLATION_NO_ROW &&
            write->value == left[write->key])
            write->place = ISOLATION_NEVER;
    }
}

void collect_history(const struct collect *collect, struct arena *arena,
                     struct isolation_history *ret_history, const uint32_t **ret_numbers)
{
    struct assembly assembly = {.collect = collect, .arena = arena};
    struct isolation_key *keys =
        arena_alloc(arena, 2 * (size_t)PLAN_TABLES * PLAN_KEYS * sizeof *keys);
    uint32_t *numbers = arena_alloc(arena, 2 * PLAN_TABLES * sizeof *numbers);
    struct isolation_transaction *transactions =
        arena_alloc(arena, (collect->transaction_count + 1) * sizeof *transactions);
    if (collect->has_maybes)
        find_seen(&assembly);
    uint32_t key_count = lay_out_keys(&assembly, keys, numbers);
    add_operations(&assembly);
    if ((collect->level->forbids & ISOLATION_REAL_TIME) == 0)
        place_what_is_left(&assembly, key_count);
    set_statuses(collect, transactions);
    *ret_history = (struct isolation_history){
        .transactions = transactions,
        .transaction_count = collect->transaction_count,
        .operations = assembly.operations,
        .operation_count = assembly.count,
        .keys = keys,
        .key_count = key_count,
        .order_is_known = collect->setting->promises->commit_order_is_known,
    };
    *ret_numbers = numbers;
}
