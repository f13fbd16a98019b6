/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who wrote what nobody in the history did: a transaction for each such value, of which nobody
 * knows when it was. That asks least of a history that was recorded in part.
 */
#include "isolation/elle_reader.h"
#include "isolation/lookup.h"

struct missing {
    struct elle_reader *reader;
    struct lookup written; /* key, value: the write */
};

static void add_writer(struct missing *missing, uint32_t key, int64_t value)
{
    struct elle_reader *reader = missing->reader;
    struct isolation_history *history = &reader->elle->history;
    if (value == ISOLATION_NO_ROW || lookup_get(&missing->written, key, value) != LOOKUP_NONE)
        return;
    uint32_t writer = elle_add_transaction(reader, UINT32_MAX);
    reader->transactions[writer].status = ISOLATION_COMMITTED;
    lookup_set(&missing->written, key, value, (uint32_t)history->operation_count);
    reader->operations[history->operation_count++] = (struct isolation_operation){
        .kind = reader->keys[key].is_list ? ISOLATION_APPEND : ISOLATION_WRITE,
        .transaction = writer,
        .key = key,
        .value = value,
    };
}

static void look_at_reads(struct missing *missing, const struct isolation_operation *read)
{
    if (read->kind == ISOLATION_READ)
        add_writer(missing, read->key, read->value);
    for (uint32_t i = 0; read->kind == ISOLATION_READ_LIST && i < read->element_count; i++)
        add_writer(missing, read->key, read->elements[i]);
    for (uint32_t i = 0; read->kind == ISOLATION_READ_WHERE && i < read->row_count; i++)
        add_writer(missing, read->rows[i].key, read->rows[i].value);
}

void elle_add_missing(struct elle_reader *reader)
{
    struct missing missing = {.reader = reader};
    size_t count = reader->elle->history.operation_count, values = count;
    for (size_t i = 0; i < count; i++)
        values += reader->operations[i].element_count + reader->operations[i].row_count;
    lookup_init(&missing.written, values, reader->arena);
    for (size_t i = 0; i < count; i++) {
        const struct isolation_operation *write = &reader->operations[i];
        if (write->kind == ISOLATION_WRITE || write->kind == ISOLATION_APPEND)
            lookup_set(&missing.written, write->key, write->value, (uint32_t)i);
    }
    for (size_t i = 0; i < count; i++)
        look_at_reads(&missing, &reader->operations[i]);
}
