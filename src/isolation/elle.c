/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of processes make transactions. */
#include "isolation/elle.h"

#include "isolation/elle_reader.h"

#include <string.h>

enum elle_type { ELLE_INVOKE, ELLE_OK, ELLE_FAIL, ELLE_INFO, ELLE_TYPES };

const struct elle_model_info elle_models[ELLE_MODEL_COUNT] = {
#define MODEL(name, word, shape, steps, level, about)                                              \
    {word, ELLE_##shape, steps, about, ISOLATION_LEVEL_##level},
#include "isolation/models.def"
#undef MODEL
};

const struct elle_model_info *elle_model_named(const char *word)
{
    for (uint32_t model = 0; model < ELLE_MODEL_COUNT; model++)
        if (strcmp(word, elle_models[model].word) == 0)
            return &elle_models[model];
    return NULL;
}

bool elle_fail(struct elle_reader *reader, const struct edn_value *where, const char *expected)
{
    (void)interplay_error(reader->error, ERROR_INPUT, "line %u: expected %s", where->line,
                          expected);
    return false;
}

bool elle_is_word(const struct edn_value *value, const char *word)
{
    return value->kind == EDN_WORD && value->length == strlen(word) &&
           memcmp(value->text, word, value->length) == 0;
}

bool elle_is_same(const struct edn_value *one, const struct edn_value *other)
{
    return one->kind == other->kind && one->length == other->length &&
           (one->length == 0 || memcmp(one->text, other->text, one->length) == 0);
}

/* --- transactions ----------------------------------------------------------------------------- */

static bool type_of(struct elle_reader *reader, const struct edn_value *operation,
                    enum elle_type *ret_type)
{
    static const char *const types[ELLE_TYPES] = {"invoke", "ok", "fail", "info"};
    const struct edn_value *type = edn_get(operation, "type");
    if (operation->kind != EDN_MAP)
        return elle_fail(reader, operation, "an operation: {:type :ok, :process 0, :value [...]}");
    for (uint32_t i = 0; type != NULL && i < ELLE_TYPES; i++) {
        *ret_type = (enum elle_type)i;
        if (elle_is_word(type, types[i]))
            return true;
    }
    return elle_fail(reader, operation, "a type: invoke, ok, fail or info");
}

uint32_t elle_add_transaction(struct elle_reader *reader, uint32_t like)
{
    uint32_t number = reader->elle->history.transaction_count++;
    bool is_nobodys = like == UINT32_MAX;
    reader->processes[number] = is_nobodys ? NULL : reader->processes[like];
    reader->elle->transactions[number] = is_nobodys ? NULL : reader->elle->transactions[like];
    reader->is_open[number] = false;
    reader->transactions[number] = (struct isolation_transaction){
        .status = ISOLATION_IN_DOUBT,
        .ended = ISOLATION_NEVER,
        .session = is_nobodys ? number : reader->transactions[like].session};
    return number;
}

/* [[:r x nil]] may have come to [[:r x 1]]. */
static bool may_come_to(const struct edn_value *asked, const struct edn_value *came)
{
    if (asked == NULL || came == NULL || asked->kind == EDN_NIL || came->kind == EDN_NIL)
        return true;
    if (asked->kind != EDN_SEQUENCE || came->kind != EDN_SEQUENCE || asked->count != came->count)
        return elle_is_same(asked, came);
    for (uint32_t i = 0; i < asked->count; i++)
        if (!may_come_to(&asked->items[i], &came->items[i]))
            return false;
    return true;
}

static bool may_end(const struct edn_value *begin, const struct edn_value *end)
{
    const struct edn_value *one = edn_get(begin, "f"), *other = edn_get(end, "f");
    return (one == NULL || other == NULL || elle_is_same(one, other)) &&
           may_come_to(edn_get(begin, "value"), edn_get(end, "value"));
}

/* Without processes an end is that of the first invocation that it fits. */
static uint32_t open_one_like(const struct elle_reader *reader, const struct edn_value *end)
{
    for (uint32_t i = 0; i < reader->elle->history.transaction_count; i++)
        if (reader->processes[i] == NULL && reader->is_open[i] &&
            may_end(reader->elle->transactions[i], end))
            return i;
    return UINT32_MAX;
}

/* The last one of the process. */
static uint32_t last_of(const struct elle_reader *reader, const struct edn_value *process)
{
    for (uint32_t i = reader->elle->history.transaction_count; i-- > 0;)
        if (reader->processes[i] != NULL && elle_is_same(reader->processes[i], process))
            return i;
    return UINT32_MAX;
}

/* The open one that the operation ends, or a new one. */
static uint32_t transaction_of(struct elle_reader *reader, const struct edn_value *operation,
                               uint64_t now, bool begins)
{
    const struct edn_value *process = edn_get(operation, "process");
    uint32_t last = process != NULL ? last_of(reader, process)
                    : begins        ? UINT32_MAX
                                    : open_one_like(reader, operation);
    if (!begins && last != UINT32_MAX && reader->is_open[last])
        return last;
    uint32_t number = elle_add_transaction(reader, last);
    reader->processes[number] = process;
    reader->is_open[number] = begins;
    reader->transactions[number].began = now;
    return number;
}

static bool take(struct elle_reader *reader, const struct edn_value *operation, uint64_t now)
{
    enum elle_type type = ELLE_INFO;
    if (!type_of(reader, operation, &type))
        return false;
    const struct edn_value *process = edn_get(operation, "process");
    if (process != NULL && elle_is_word(process, "nemesis"))
        return true;
    uint32_t number = transaction_of(reader, operation, now, type == ELLE_INVOKE);
    struct isolation_transaction *transaction = &reader->transactions[number];
    reader->elle->transactions[number] = operation;
    if (type == ELLE_INVOKE)
        return true;
    transaction->status = type == ELLE_OK     ? ISOLATION_COMMITTED
                          : type == ELLE_FAIL ? ISOLATION_ABORTED
                                              : ISOLATION_IN_DOUBT;
    transaction->ended = type == ELLE_INFO ? ISOLATION_NEVER : now;
    reader->is_open[number] = false;
    return elle_take_operation(reader, operation, number);
}

/* Invocations without an end may have happened. */
static bool take_open_ones(struct elle_reader *reader)
{
    uint32_t count = reader->elle->history.transaction_count;
    for (uint32_t i = 0; i < count; i++)
        if (reader->is_open[i] && !elle_take_operation(reader, reader->elle->transactions[i], i))
            return false;
    return true;
}

/* Writes of one transaction have one place, that of its end: what is tried first. */
static void set_places(struct elle_reader *reader)
{
    for (size_t i = 0; i < reader->elle->history.operation_count; i++)
        reader->operations[i].place = reader->transactions[reader->operations[i].transaction].ended;
}

size_t elle_count_values(const struct edn_value *value)
{
    size_t count = 1;
    for (uint32_t i = 0; i < value->count; i++)
        count += elle_count_values(&value->items[i]);
    return count;
}

/* For each value an operation on a key and, if they may be missing, who wrote it. */
static void make_room(struct elle_reader *reader, const struct edn_value *operations,
                      bool is_incomplete)
{
    struct arena *arena = reader->arena;
    size_t values = 0;
    for (uint32_t i = 0; i < operations->count; i++) {
        const struct edn_value *value = edn_get(&operations->items[i], "value");
        values += value == NULL ? 0 : elle_count_values(value);
    }
    bool has_more = is_incomplete || reader->model->shape == ELLE_SUBKEYS;
    size_t transactions = operations->count + (has_more ? values : 0);
    size_t count = is_incomplete ? 2 * values : values;
    reader->transactions = ARENA_ARRAY(arena, struct isolation_transaction, transactions);
    reader->processes = ARENA_ARRAY(arena, const struct edn_value *, transactions);
    reader->is_open = ARENA_ARRAY(arena, bool, transactions);
    reader->operations = ARENA_ARRAY(arena, struct isolation_operation, count);
    reader->keys = ARENA_ARRAY(arena, struct isolation_key, count);
    reader->values = ARENA_ARRAY(arena, const struct edn_value *, values);
    reader->elle->keys = ARENA_ARRAY(arena, const struct edn_value *, count);
    reader->elle->transactions = ARENA_ARRAY(arena, const struct edn_value *, transactions);
    reader->elle->operations = ARENA_ARRAY(arena, const struct edn_value *, count);
}

enum error_code elle_read(const struct edn_value *all, const struct elle_options *options,
                          struct arena *arena, struct elle_history *ret_history,
                          struct error *error)
{
    *ret_history = (struct elle_history){0};
    struct elle_reader reader = {
        .arena = arena, .error = error, .model = options->model, .elle = ret_history};
    const struct edn_value *operations = edn_all(all);
    make_room(&reader, operations, options->is_incomplete);
    for (uint32_t i = 0; i < operations->count; i++)
        if (!take(&reader, &operations->items[i], (1 + (uint64_t)i) * ELLE_TICKS))
            return ERROR_INPUT;
    if (!take_open_ones(&reader) || !elle_settle_keys(&reader) || !elle_check_unique(&reader))
        return ERROR_INPUT;
    if (options->is_incomplete)
        elle_add_missing(&reader);
    set_places(&reader);
    ret_history->history.transactions = reader.transactions;
    ret_history->history.operations = reader.operations;
    ret_history->history.keys = reader.keys;
    return ERROR_NONE;
}
