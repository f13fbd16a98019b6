/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/elle.h"

#include <string.h>

enum elle_type { ELLE_INVOKE, ELLE_OK, ELLE_FAIL, ELLE_INFO, ELLE_TYPES };

struct reader {
    struct arena *arena;
    struct error *error;
    struct elle_history *elle;
    struct isolation_transaction *transactions;
    const struct edn_value **processes; /* by transaction */
    bool *is_open;
    struct isolation_operation *operations;
    struct isolation_key *keys;
    const struct edn_value **values; /* that are no integers, by number */
    uint32_t value_count;
};

static bool fail(struct reader *reader, const struct edn_value *where, const char *expected)
{
    (void)interplay_error(reader->error, ERROR_INPUT, "line %u: expected %s", where->line,
                          expected);
    return false;
}

static bool is_word(const struct edn_value *value, const char *word)
{
    return value->kind == EDN_WORD && value->length == strlen(word) &&
           memcmp(value->text, word, value->length) == 0;
}

static bool is_same(const struct edn_value *one, const struct edn_value *other)
{
    return one->kind == other->kind && one->length == other->length &&
           (one->length == 0 || memcmp(one->text, other->text, one->length) == 0);
}

static uint32_t number_of(const struct edn_value **known, uint32_t *count,
                          const struct edn_value *value)
{
    for (uint32_t i = 0; i < *count; i++)
        if (is_same(known[i], value))
            return i;
    known[*count] = value;
    return (*count)++;
}

/* Words are numbers, too, that no integer of a history is likely to be. */
static int64_t number_for(struct reader *reader, const struct edn_value *value)
{
    const int64_t words_from = INT64_MIN / 2;
    if (value->kind == EDN_NIL)
        return ISOLATION_NO_ROW;
    return value->kind == EDN_INTEGER
               ? value->integer
               : words_from + number_of(reader->values, &reader->value_count, value);
}

/* --- operations ------------------------------------------------------------------------------- */

static void take_list(struct reader *reader, const struct edn_value *list,
                      struct isolation_operation *operation)
{
    int64_t *elements = arena_alloc(reader->arena, list->count * sizeof *elements);
    for (uint32_t i = 0; i < list->count; i++)
        elements[i] = number_for(reader, &list->items[i]);
    operation->kind = ISOLATION_READ_LIST;
    operation->elements = elements;
    operation->element_count = list->count;
}

static bool take_operation(struct reader *reader, const struct edn_value *written,
                           uint32_t transaction, bool with_reads)
{
    if (written->kind != EDN_SEQUENCE || written->count != 3 ||
        written->items[1].kind == EDN_SEQUENCE || written->items[1].kind == EDN_MAP)
        return fail(reader, written, "[:append KEY VALUE], [:w KEY VALUE] or [:r KEY VALUE]");
    const struct edn_value *value = &written->items[2];
    bool appends = is_word(&written->items[0], "append"), writes = is_word(&written->items[0], "w");
    if (!appends && !writes && !is_word(&written->items[0], "r"))
        return fail(reader, written, "append, w or r");
    if ((appends || writes) && (value->kind == EDN_SEQUENCE || value->kind == EDN_MAP))
        return fail(reader, value, "a value to write");
    if (!appends && !writes && !with_reads)
        return true;
    struct isolation_history *history = &reader->elle->history;
    uint32_t key = number_of(reader->elle->keys, &history->key_count, &written->items[1]);
    struct isolation_operation *operation = &reader->operations[history->operation_count];
    *operation = (struct isolation_operation){
        .kind = appends  ? ISOLATION_APPEND
                : writes ? ISOLATION_WRITE
                         : ISOLATION_READ,
        .transaction = transaction,
        .key = key,
        .step = written->line,
    };
    if (value->kind == EDN_SEQUENCE)
        take_list(reader, value, operation);
    else
        operation->value = number_for(reader, value);
    reader->keys[key].is_list |= appends || value->kind == EDN_SEQUENCE;
    reader->elle->operations[history->operation_count++] = written;
    return true;
}

/* What was written is what the end says, or the invocation if it says nothing. */
static bool take_operations(struct reader *reader, const struct edn_value *operation,
                            uint32_t transaction)
{
    const struct edn_value *value = edn_get(operation, "value");
    bool with_reads = reader->transactions[transaction].status == ISOLATION_COMMITTED;
    if (value == NULL || value->kind == EDN_NIL)
        return true;
    if (value->kind != EDN_SEQUENCE)
        return fail(reader, value, "what the transaction did: [[:r 1 nil] [:w 2 3]]");
    for (uint32_t i = 0; i < value->count; i++)
        if (!take_operation(reader, &value->items[i], transaction, with_reads))
            return false;
    return true;
}

/* --- transactions ----------------------------------------------------------------------------- */

static bool type_of(struct reader *reader, const struct edn_value *operation,
                    enum elle_type *ret_type)
{
    static const char *const types[ELLE_TYPES] = {"invoke", "ok", "fail", "info"};
    const struct edn_value *type = edn_get(operation, "type");
    if (operation->kind != EDN_MAP)
        return fail(reader, operation, "an operation: {:type :ok, :process 0, :value [...]}");
    for (uint32_t i = 0; type != NULL && i < ELLE_TYPES; i++) {
        *ret_type = (enum elle_type)i;
        if (is_word(type, types[i]))
            return true;
    }
    return fail(reader, operation, "a type: invoke, ok, fail or info");
}

/* The open one of the process, or a new one. */
static uint32_t transaction_of(struct reader *reader, const struct edn_value *process, uint64_t now,
                               bool begins)
{
    struct isolation_history *history = &reader->elle->history;
    uint32_t session = history->transaction_count;
    for (uint32_t i = history->transaction_count; process != NULL && i-- > 0;) {
        if (reader->processes[i] == NULL || !is_same(reader->processes[i], process))
            continue;
        if (!begins && reader->is_open[i])
            return i;
        session = reader->transactions[i].session;
        break;
    }
    reader->processes[history->transaction_count] = process;
    reader->is_open[history->transaction_count] = begins;
    reader->transactions[history->transaction_count] = (struct isolation_transaction){
        .status = ISOLATION_IN_DOUBT, .began = now, .ended = ISOLATION_NEVER, .session = session};
    return history->transaction_count++;
}

static bool take(struct reader *reader, const struct edn_value *operation, uint64_t now)
{
    enum elle_type type = ELLE_INFO;
    if (!type_of(reader, operation, &type))
        return false;
    const struct edn_value *process = edn_get(operation, "process");
    if (process != NULL && is_word(process, "nemesis"))
        return true;
    uint32_t number = transaction_of(reader, process, now, type == ELLE_INVOKE);
    struct isolation_transaction *transaction = &reader->transactions[number];
    reader->elle->transactions[number] = operation;
    if (type == ELLE_INVOKE)
        return true;
    transaction->status = type == ELLE_OK     ? ISOLATION_COMMITTED
                          : type == ELLE_FAIL ? ISOLATION_ABORTED
                                              : ISOLATION_IN_DOUBT;
    transaction->ended = type == ELLE_INFO ? ISOLATION_NEVER : now;
    reader->is_open[number] = false;
    return take_operations(reader, operation, number);
}

/* Invocations without an end may have happened. */
static bool take_open_ones(struct reader *reader)
{
    for (uint32_t i = 0; i < reader->elle->history.transaction_count; i++)
        if (reader->is_open[i] && !take_operations(reader, reader->elle->transactions[i], i))
            return false;
    return true;
}

/* Writes of one transaction have one place, that of its end: what is tried first. */
static void set_places(struct reader *reader)
{
    for (size_t i = 0; i < reader->elle->history.operation_count; i++)
        reader->operations[i].place = reader->transactions[reader->operations[i].transaction].ended;
}

static size_t count_operations(const struct edn_value *operations)
{
    size_t count = 0;
    for (uint32_t i = 0; i < operations->count; i++) {
        const struct edn_value *value = edn_get(&operations->items[i], "value");
        count += value == NULL ? 0 : value->count;
    }
    return count;
}

static void make_room(struct reader *reader, const struct edn_value *operations)
{
    struct arena *arena = reader->arena;
    size_t transactions = operations->count, count = count_operations(operations);
    reader->transactions = ARENA_ARRAY(arena, struct isolation_transaction, transactions);
    reader->processes = ARENA_ARRAY(arena, const struct edn_value *, transactions);
    reader->is_open = ARENA_ARRAY(arena, bool, transactions);
    reader->operations = ARENA_ARRAY(arena, struct isolation_operation, count);
    reader->keys = ARENA_ARRAY(arena, struct isolation_key, count);
    size_t values = 0;
    for (uint32_t i = 0; i < operations->count; i++) {
        const struct edn_value *value = edn_get(&operations->items[i], "value");
        for (uint32_t at = 0; value != NULL && value->kind == EDN_SEQUENCE && at < value->count;
             at++)
            for (uint32_t in = 0; in < value->items[at].count; in++)
                values += 1 + value->items[at].items[in].count;
    }
    reader->values = ARENA_ARRAY(arena, const struct edn_value *, values);
    reader->elle->keys = ARENA_ARRAY(arena, const struct edn_value *, count);
    reader->elle->transactions = ARENA_ARRAY(arena, const struct edn_value *, transactions);
    reader->elle->operations = ARENA_ARRAY(arena, const struct edn_value *, count);
}

/* Whether a key is a list is known once all has been read. */
static bool settle_keys(struct reader *reader)
{
    const struct isolation_history *history = &reader->elle->history;
    for (uint32_t i = 0; i < history->key_count; i++)
        reader->keys[i].initial = ISOLATION_NO_ROW;
    for (size_t i = 0; i < history->operation_count; i++) {
        struct isolation_operation *operation = &reader->operations[i];
        if (!reader->keys[operation->key].is_list)
            continue;
        if (operation->kind == ISOLATION_WRITE)
            return fail(reader, reader->elle->operations[i],
                        "append, as others append to this key or read it as a list");
        if (operation->kind == ISOLATION_READ && operation->value != ISOLATION_NO_ROW)
            return fail(reader, reader->elle->operations[i], "a list, or nil for an empty one");
        if (operation->kind == ISOLATION_READ)
            operation->kind = ISOLATION_READ_LIST;
    }
    return true;
}

enum error_code elle_read(const struct edn_value *all, struct arena *arena,
                          struct elle_history *ret_history, struct error *error)
{
    *ret_history = (struct elle_history){0};
    struct reader reader = {.arena = arena, .error = error, .elle = ret_history};
    const struct edn_value *operations =
        all->count == 1 && all->items[0].kind == EDN_SEQUENCE ? &all->items[0] : all;
    make_room(&reader, operations);
    for (uint32_t i = 0; i < operations->count; i++)
        if (!take(&reader, &operations->items[i], 1 + (uint64_t)i))
            return ERROR_INPUT;
    if (!take_open_ones(&reader) || !settle_keys(&reader))
        return ERROR_INPUT;
    set_places(&reader);
    ret_history->history.transactions = reader.transactions;
    ret_history->history.operations = reader.operations;
    ret_history->history.keys = reader.keys;
    return ERROR_NONE;
}
