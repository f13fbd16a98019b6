/* SPDX-License-Identifier: Apache-2.0 */
/* What an operation's value says that the transaction did, by model. */
#include "base/text.h"
#include "isolation/elle_reader.h"
#include "isolation/lookup.h"

#include <string.h>

enum { SET_MEMBER = 1 }; /* the value of an element's register */

static uint32_t number_of(const struct edn_value **known, uint32_t *count,
                          const struct edn_value *value)
{
    for (uint32_t i = 0; i < *count; i++)
        if (elle_is_same(known[i], value))
            return i;
    known[*count] = value;
    return (*count)++;
}

static uint32_t key_for(struct elle_reader *reader, const struct edn_value *key)
{
    return number_of(reader->elle->keys, &reader->elle->history.key_count, key);
}

/* Words are numbers, too, that no integer of a history is likely to be. */
static int64_t number_for(struct elle_reader *reader, const struct edn_value *value)
{
    const int64_t words_from = INT64_MIN / 2;
    if (value->kind == EDN_NIL)
        return ISOLATION_NO_ROW;
    return value->kind == EDN_INTEGER
               ? value->integer
               : words_from + number_of(reader->values, &reader->value_count, value);
}

static struct isolation_operation *add(struct elle_reader *reader, const struct edn_value *written,
                                       uint32_t transaction, enum isolation_operation_kind kind)
{
    size_t index = reader->elle->history.operation_count++;
    reader->elle->operations[index] = written;
    reader->operations[index] = (struct isolation_operation){
        .kind = (uint8_t)kind, .transaction = transaction, .step = written->line};
    return &reader->operations[index];
}

static bool counts(const struct elle_reader *reader, uint32_t transaction)
{
    return reader->transactions[transaction].status == ISOLATION_COMMITTED;
}

/* --- [:r k v] --------------------------------------------------------------------------------- */

static void take_list(struct elle_reader *reader, const struct edn_value *list,
                      struct isolation_operation *operation)
{
    int64_t *elements = arena_alloc(reader->arena, list->count * sizeof *elements);
    for (uint32_t i = 0; i < list->count; i++)
        elements[i] = number_for(reader, &list->items[i]);
    operation->kind = ISOLATION_READ_LIST;
    operation->elements = elements;
    operation->element_count = list->count;
}

/* One of the words that the model has for steps. */
static bool is_step_of(const struct elle_model_info *model, const struct edn_value *word)
{
    for (const char *at = model->steps; *at != '\0';) {
        size_t length = strcspn(at, " ");
        if (word->kind == EDN_WORD && word->length == length && memcmp(word->text, at, length) == 0)
            return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

static bool fail_on_word(struct elle_reader *reader, const struct edn_value *step)
{
    static const char *const expected[ELLE_MODEL_COUNT] = {
        [ELLE_MODEL_any] = "append, w or r",
        [ELLE_MODEL_list_append] = "append or r, as list-append has them",
        [ELLE_MODEL_rw_register] = "w or r, as rw-register has them",
        [ELLE_MODEL_long_fork] = "w or r, as long-fork has them",
    };
    return elle_fail(reader, step, expected[reader->model - elle_models]);
}

static bool take_step(struct elle_reader *reader, const struct edn_value *step,
                      uint32_t transaction)
{
    static const char form[] = "[:append KEY VALUE], [:w KEY VALUE] or [:r KEY VALUE]";
    bool with_reads = counts(reader, transaction);
    if (step->kind != EDN_SEQUENCE || step->count < 2 || step->count > 3 ||
        step->items[1].kind == EDN_SEQUENCE || step->items[1].kind == EDN_MAP)
        return elle_fail(reader, step, form);
    bool appends = elle_is_word(&step->items[0], "append");
    bool writes = elle_is_word(&step->items[0], "w");
    if (!is_step_of(reader->model, &step->items[0]))
        return fail_on_word(reader, step);
    if (!appends && !writes && !with_reads)
        return true;
    if (step->count != 3)
        return elle_fail(reader, step, form);
    const struct edn_value *value = &step->items[2];
    if ((appends || writes) && (value->kind == EDN_SEQUENCE || value->kind == EDN_MAP))
        return elle_fail(reader, value, "a value to write");
    struct isolation_operation *operation = add(reader, step, transaction,
                                                appends  ? ISOLATION_APPEND
                                                : writes ? ISOLATION_WRITE
                                                         : ISOLATION_READ);
    operation->key = key_for(reader, &step->items[1]);
    if (value->kind == EDN_SEQUENCE)
        take_list(reader, value, operation);
    else
        operation->value = number_for(reader, value);
    reader->keys[operation->key].is_list |= appends || value->kind == EDN_SEQUENCE;
    return true;
}

static bool take_steps(struct elle_reader *reader, const struct edn_value *value,
                       uint32_t transaction)
{
    if (value->kind != EDN_SEQUENCE)
        return elle_fail(reader, value, "what the transaction did: [[:r 1 nil] [:w 2 3]]");
    for (uint32_t i = 0; i < value->count; i++)
        if (!take_step(reader, &value->items[i], transaction))
            return false;
    return true;
}

/* --- sets ------------------------------------------------------------------------------------- */

/* False: neither, and that was told. */
static bool reads_or_adds(struct elle_reader *reader, const struct edn_value *operation,
                          bool *ret_reads)
{
    const struct edn_value *f = edn_get(operation, "f");
    *ret_reads = f != NULL && elle_is_word(f, "read");
    if (*ret_reads || (f != NULL && (elle_is_word(f, "add") || elle_is_word(f, "write"))))
        return true;
    return elle_fail(reader, operation, "what it does: :f :add or :f :read");
}

static void add_member(struct elle_reader *reader, const struct edn_value *element,
                       uint32_t transaction)
{
    struct isolation_operation *write = add(reader, element, transaction, ISOLATION_WRITE);
    write->key = key_for(reader, element);
    write->value = SET_MEMBER;
}

/* Which keys it read is known once all have been seen. */
static bool take_set(struct elle_reader *reader, const struct edn_value *operation,
                     const struct edn_value *value, uint32_t transaction)
{
    bool reads = false;
    if (!reads_or_adds(reader, operation, &reads))
        return false;
    if (!reads) {
        add_member(reader, value, transaction);
        return true;
    }
    if (!counts(reader, transaction))
        return true;
    if (value->kind != EDN_SEQUENCE)
        return elle_fail(reader, value, "the elements that were read: [1 2 3] or #{1 2 3}");
    struct isolation_row *rows = arena_alloc(reader->arena, value->count * sizeof *rows);
    for (uint32_t i = 0; i < value->count; i++)
        rows[i] = (struct isolation_row){key_for(reader, &value->items[i]), SET_MEMBER};
    struct isolation_operation *read = add(reader, value, transaction, ISOLATION_READ_WHERE);
    read->rows = rows;
    read->row_count = value->count;
    read->where = (struct isolation_where){.at_least = SET_MEMBER, .at_most = SET_MEMBER};
    return true;
}

/* Of a plain set only the last read tells anything. */
static void keep_last_read(struct elle_reader *reader)
{
    struct isolation_history *history = &reader->elle->history;
    size_t last = history->operation_count, kept = 0;
    while (last > 0 && reader->operations[last - 1].kind != ISOLATION_READ_WHERE)
        last--;
    for (size_t i = 0; i < history->operation_count; i++) {
        if (reader->operations[i].kind == ISOLATION_READ_WHERE && i + 1 != last)
            continue;
        reader->operations[kept] = reader->operations[i];
        reader->elle->operations[kept++] = reader->elle->operations[i];
    }
    history->operation_count = kept;
}

/* --- subkeys ---------------------------------------------------------------------------------- */

/*
 * The n-th last value is that of the n-th subkey: "K_N", as Jepsen calls it. Each is a query, one
 * after the other, and a transaction of its own.
 */
static bool read_subkey(struct elle_reader *reader, const struct edn_value *key,
                        const struct edn_value *value, uint32_t subkey, uint32_t transaction)
{
    char *text = arena_alloc(reader->arena, key->length + 16);
    struct text name;
    text_init(&name, text, key->length + 16);
    text_append_bytes(&name, key->text, key->length);
    text_append_format(&name, "_%u", subkey);
    struct edn_value *expected = ARENA_NEW(reader->arena, struct edn_value);
    *expected = (struct edn_value){
        .kind = EDN_WORD, .line = value->line, .text = name.bytes, .length = name.length};
    if (value->kind != EDN_NIL && !elle_is_same(value, expected))
        return elle_fail(reader, value, "nil or the subkey whose turn it is, as \"0_3\"");
    struct isolation_operation *read = add(reader, value, transaction, ISOLATION_READ);
    read->key = key_for(reader, expected);
    read->value = value->kind == EDN_NIL ? ISOLATION_NO_ROW : SET_MEMBER;
    return true;
}

static bool read_subkeys(struct elle_reader *reader, const struct edn_value *value,
                         uint32_t transaction)
{
    const struct edn_value *key = &value->items[0], *list = &value->items[1];
    if (list->kind != EDN_SEQUENCE)
        return elle_fail(reader, list, "the subkeys that were read: [nil \"0_2\" \"0_1\" \"0_0\"]");
    uint64_t ended = reader->transactions[transaction].ended;
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t query = i == 0 ? transaction : elle_add_transaction(reader, transaction);
        struct isolation_transaction *times = &reader->transactions[query];
        times->status = ISOLATION_COMMITTED;
        times->ended = ended - 2 * (list->count - 1 - i);
        if (i > 0)
            times->began = times->ended - 1;
        if (!read_subkey(reader, key, &list->items[i], list->count - 1 - i, query))
            return false;
    }
    return true;
}

static bool take_subkeys(struct elle_reader *reader, const struct edn_value *operation,
                         const struct edn_value *value, uint32_t transaction)
{
    bool reads = false;
    if (!reads_or_adds(reader, operation, &reads))
        return false;
    if (value->kind != EDN_SEQUENCE || value->count != 2)
        return elle_fail(reader, value, "a key and its subkey, [0 \"0_1\"]");
    if (!reads)
        add_member(reader, &value->items[1], transaction);
    return !reads || !counts(reader, transaction) || read_subkeys(reader, value, transaction);
}

/* --- one operation ---------------------------------------------------------------------------- */

/* What was written is what the end says, or the invocation if it says nothing. */
bool elle_take_operation(struct elle_reader *reader, const struct edn_value *operation,
                         uint32_t transaction)
{
    const struct edn_value *value = edn_get(operation, "value");
    if (value == NULL || value->kind == EDN_NIL)
        return true;
    switch (reader->model->shape) {
    case ELLE_STEPS:
        return take_steps(reader, value, transaction);
    case ELLE_SET:
        return take_set(reader, operation, value, transaction);
    case ELLE_SUBKEYS:
        return take_subkeys(reader, operation, value, transaction);
    case ELLE_BANK:
        break;
    }
    return elle_fail(reader, operation, "no bank");
}

/* --- once all has been read ------------------------------------------------------------------- */

/* Whether a key is a list is known once all has been read. */
static bool settle_key(struct elle_reader *reader, size_t index)
{
    struct isolation_operation *operation = &reader->operations[index];
    const struct edn_value *written = reader->elle->operations[index];
    if (!reader->keys[operation->key].is_list)
        return true;
    if (operation->kind == ISOLATION_WRITE)
        return elle_fail(reader, written,
                         "append, as others append to this key or read it as a list");
    if (operation->kind == ISOLATION_READ && operation->value != ISOLATION_NO_ROW)
        return elle_fail(reader, written, "a list, or nil for an empty one");
    if (operation->kind == ISOLATION_READ)
        operation->kind = ISOLATION_READ_LIST;
    return true;
}

/* Each read of a set is one of all its elements; without any it reads from 1 to 0. */
static void settle_range(struct elle_reader *reader, size_t index)
{
    struct isolation_where *where = &reader->operations[index].where;
    uint32_t keys = reader->elle->history.key_count;
    where->first_key = keys == 0;
    where->last_key = keys == 0 ? 0 : keys - 1;
}

bool elle_settle_keys(struct elle_reader *reader)
{
    const struct isolation_history *history = &reader->elle->history;
    if (reader->model == &elle_models[ELLE_MODEL_set])
        keep_last_read(reader);
    for (uint32_t i = 0; i < history->key_count; i++)
        reader->keys[i].initial = ISOLATION_NO_ROW;
    for (size_t i = 0; i < history->operation_count; i++) {
        if (reader->operations[i].kind == ISOLATION_READ_WHERE)
            settle_range(reader, i);
        else if (!settle_key(reader, i))
            return false;
    }
    return true;
}

bool elle_check_unique(struct elle_reader *reader)
{
    const struct isolation_history *history = &reader->elle->history;
    struct lookup written;
    lookup_init(&written, history->operation_count, reader->arena);
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *write = &reader->operations[i];
        if ((write->kind != ISOLATION_WRITE && write->kind != ISOLATION_APPEND) ||
            write->value == ISOLATION_NO_ROW)
            continue;
        if (lookup_get(&written, write->key, write->value) != LOOKUP_NONE)
            return elle_fail(reader, reader->elle->operations[i],
                             "a value that was not written to this key before: reads could not "
                             "tell whose it is");
        lookup_set(&written, write->key, write->value, (uint32_t)i);
    }
    return true;
}
