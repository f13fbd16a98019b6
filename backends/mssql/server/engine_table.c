/* SPDX-License-Identifier: Apache-2.0 */
/* Tables, their rows in the order of keys, and which version of a row a session sees. */
#include "mssql/server/engine.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

/* --- tables ----------------------------------------------------------------------------------- */

struct engine_table *engine_find_table(struct engine_session *session, const char *name)
{
    struct engine_table *found = NULL;
    for (struct engine_table *table = session->server->tables; table != NULL; table = table->next)
        if (tsql_same_name(table->name, name) && (!table->is_dropped || table->locks != NULL))
            if (found == NULL || found->is_dropped)
                found = table;
    /* One that was dropped is still there for others, who wait for the end of it. */
    if (found != NULL && found->is_dropped)
        for (const struct engine_lock *lock = found->locks; lock != NULL; lock = lock->next_here)
            if (lock->owner == session)
                return NULL;
    return found;
}

struct engine_table *engine_table_numbered(struct tds_server *server, int64_t number)
{
    for (struct engine_table *table = server->tables; table != NULL; table = table->next)
        if (table->number == number)
            return table;
    return NULL;
}

struct engine_table *engine_add_table(struct tds_server *server, const char *name)
{
    struct engine_table *table = calloc(1, sizeof *table), **end = &server->tables;
    ASSERT(table != NULL);
    table->number = ++server->table_numbers;
    table->name = strdup(name);
    while (*end != NULL)
        end = &(*end)->next;
    *end = table;
    return table;
}

int engine_find_column(const struct engine_shape *shape, const char *name)
{
    for (uint32_t i = 0; i < shape->column_count; i++)
        if (!shape->columns[i].is_gone && tsql_same_name(shape->columns[i].name, name))
            return (int)i;
    return -1;
}

void engine_free_shape(struct engine_shape *shape)
{
    if (shape == NULL)
        return;
    for (uint32_t i = 0; i < shape->column_count; i++) {
        free(shape->columns[i].name);
        free(shape->columns[i].preset);
        free(shape->columns[i].computed);
    }
    for (uint32_t i = 0; i < shape->index_count; i++)
        free(shape->indexes[i].name);
    for (uint32_t i = 0; i < shape->check_count; i++) {
        free(shape->checks[i].name);
        free(shape->checks[i].condition);
    }
    free(shape->indexes);
    free(shape->checks);
    free(shape->key_name);
    free(shape);
}

static void free_row(struct engine_row *row)
{
    while (row->newest != NULL) {
        struct engine_version *older = row->newest->older;
        free(row->newest);
        row->newest = older;
    }
    free(row);
}

void engine_free_tables(struct tds_server *server)
{
    while (server->tables != NULL) {
        struct engine_table *table = server->tables;
        server->tables = table->next;
        for (size_t i = 0; i < table->row_count; i++)
            free_row(table->rows[i]);
        free(table->rows);
        free(table->name);
        engine_free_shape(table->shape);
        free(table);
    }
}

/* --- rows in their order ---------------------------------------------------------------------- */

uint32_t engine_key_count(const struct engine_table *table)
{
    return table->shape->key_count == 0 ? 1 : table->shape->key_count;
}

static int compare_keys(const struct value *one, const struct value *other, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        int order = engine_compare(&one[i], &other[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

size_t engine_find_place(const struct engine_table *table, const struct value *key, uint32_t count,
                         bool is_after)
{
    size_t low = 0, high = table->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_keys(table->rows[middle]->key, key, count);
        if (order < 0 || (order == 0 && is_after))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct engine_row *make_row(const struct value *key, uint32_t count)
{
    size_t values = sizeof(struct value) * count;
    struct engine_row *row = calloc(1, sizeof *row + values + engine_value_bytes(key, count));
    ASSERT(row != NULL);
    char *bytes = (char *)row + sizeof *row + values;
    for (uint32_t i = 0; i < count; i++)
        engine_copy_value(&row->key[i], &key[i], &bytes);
    return row;
}

static void put_row(struct engine_table *table, size_t place, struct engine_row *row)
{
    if (table->row_count == table->row_capacity) {
        table->row_capacity = table->row_capacity == 0 ? 32 : table->row_capacity * 2;
        table->rows = realloc(table->rows, table->row_capacity * sizeof(struct engine_row *));
        ASSERT(table->rows != NULL);
    }
    memmove(table->rows + place + 1, table->rows + place,
            (table->row_count - place) * sizeof(struct engine_row *));
    table->rows[place] = row;
    table->row_count++;
    table->moves++;
}

struct engine_row *engine_take_row(struct engine_table *table, const struct value *values)
{
    struct value number = value_integer((int64_t)table->row_numbers);
    uint32_t count = engine_key_count(table);
    if (table->shape->key_count == 0)
        values = &number;
    size_t place = engine_find_place(table, values, count, false);
    if (place < table->row_count && compare_keys(table->rows[place]->key, values, count) == 0)
        return table->rows[place];
    struct engine_row *row = make_row(values, count);
    row->number = ++table->row_numbers;
    put_row(table, place, row);
    return row;
}

/* --- versions --------------------------------------------------------------------------------- */

static const struct engine_version *see_at(const struct engine_session *session,
                                           const struct engine_row *row, uint64_t snapshot)
{
    const struct engine_version *version = row->newest;
    while (version != NULL && version->writer != session &&
           (version->writer != NULL || version->commit > snapshot))
        version = version->older;
    return version;
}

const struct engine_version *engine_see(const struct engine_session *session,
                                        const struct engine_row *row, uint32_t hints)
{
    const struct engine_version *version = row->newest;
    uint32_t locking = TSQL_HINT_UPDLOCK | TSQL_HINT_XLOCK | TSQL_HINT_NOLOCK | TSQL_HINT_TABLOCKX |
                       TSQL_HINT_READCOMMITTEDLOCK;
    if (session->isolation == TSQL_SNAPSHOT && session->has_snapshot)
        version = see_at(session, row, session->snapshot);
    else if (session->has_statement_snapshot && (hints & locking) == 0)
        version = see_at(session, row, session->statement_snapshot);
    return version != NULL && version->is_row ? version : NULL;
}

const struct value *engine_value_of(const struct engine_version *version, uint32_t column)
{
    static const struct value null = {.kind = VALUE_NULL};
    return column < version->value_count ? &version->values[column] : &null;
}

static bool conflicts_with_snapshot(struct engine_session *session,
                                    const struct engine_table *table, const struct engine_row *row)
{
    const struct engine_version *version = row->newest;
    if (session->isolation != TSQL_SNAPSHOT || !session->has_snapshot || version == NULL ||
        version->writer == session || version->commit <= session->snapshot)
        return false;
    engine_raise(session, 3960, table->name, session->server->database);
    return true;
}

bool engine_write(struct engine_session *session, struct engine_table *table,
                  struct engine_row *row, const struct value *values)
{
    if (conflicts_with_snapshot(session, table, row))
        return false;
    uint32_t count = values == NULL ? 0 : table->shape->column_count;
    size_t size = sizeof(struct engine_version) + sizeof(struct value) * count;
    struct engine_version *version = calloc(1, size + engine_value_bytes(values, count));
    ASSERT(version != NULL);
    char *bytes = (char *)version + size;
    for (uint32_t i = 0; i < count; i++)
        engine_copy_value(&version->values[i], &values[i], &bytes);
    version->value_count = count;
    version->is_row = values != NULL;
    version->writer = session;
    version->older = row->newest;
    row->newest = version;
    engine_add_undo(session,
                    (struct engine_undo){.kind = UNDO_VERSION, .table = table, .row = row});
    return true;
}
