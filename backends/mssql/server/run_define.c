/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions: tables, columns, indexes. They are part of a transaction like everything else. */
#include "mssql/server/run.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

/* --- words that are kept ---------------------------------------------------------------------- */

/* What DEFAULT, CHECK and AS say, in SQLite's words with the columns of one row. NULL: an error. */
static char *keep_words(struct engine_session *session, const struct engine_shape *shape,
                        struct tsql_expression *expression, bool is_condition,
                        struct tsql_type *ret_type)
{
    struct engine_table table = {.shape = (struct engine_shape *)(uintptr_t)shape};
    struct tsql_source source = {.alias = "", .table = &table};
    struct bind_scope scope = {.sources = shape == NULL ? NULL : &source};
    struct binder binder;
    binder_init(&binder, session);
    binder.scope = &scope;
    bool fine =
        is_condition ? bind_condition(&binder, expression) : bind_value(&binder, expression);
    char *words = NULL;
    if (fine) {
        print_expression(&binder, expression);
        if (binder.parameter_count > 0)
            engine_raise(session, 128);
        else
            words = strdup(binder.text.bytes);
        if (ret_type != NULL)
            *ret_type = expression->type;
    }
    binder_clean_up(&binder);
    return words;
}

static char *copy(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

/* --- shapes ----------------------------------------------------------------------------------- */

static struct engine_shape *new_shape(void)
{
    struct engine_shape *shape = calloc(1, sizeof *shape);
    ASSERT(shape != NULL);
    return shape;
}

static void grow(void **array, uint32_t count, size_t size)
{
    *array = realloc(*array, (count + 1) * size);
    ASSERT(*array != NULL);
}

static struct engine_index *add_index(struct engine_shape *shape, const char *name, bool is_unique)
{
    grow((void **)&shape->indexes, shape->index_count, sizeof *shape->indexes);
    struct engine_index *index = &shape->indexes[shape->index_count++];
    *index = (struct engine_index){.name = strdup(name), .is_unique = is_unique};
    return index;
}

static void add_check(struct engine_shape *shape, const char *name, char *condition)
{
    grow((void **)&shape->checks, shape->check_count, sizeof *shape->checks);
    shape->checks[shape->check_count++] = (struct engine_check){copy(name), condition};
}

static struct engine_shape *copy_shape(const struct engine_shape *from)
{
    struct engine_shape *shape = new_shape();
    *shape = *from;
    shape->indexes = NULL;
    shape->checks = NULL;
    shape->index_count = shape->check_count = 0;
    shape->key_name = copy(from->key_name);
    for (uint32_t i = 0; i < from->column_count; i++) {
        shape->columns[i].name = copy(from->columns[i].name);
        shape->columns[i].preset = copy(from->columns[i].preset);
        shape->columns[i].computed = copy(from->columns[i].computed);
    }
    for (uint32_t i = 0; i < from->index_count; i++) {
        const struct engine_index *index = &from->indexes[i];
        struct engine_index *added = add_index(shape, index->name, index->is_unique);
        added->count = index->count;
        memcpy(added->columns, index->columns, sizeof added->columns);
    }
    for (uint32_t i = 0; i < from->check_count; i++)
        add_check(shape, from->checks[i].name, copy(from->checks[i].condition));
    return shape;
}

/* --- columns ---------------------------------------------------------------------------------- */

static bool set_words(struct engine_session *session, const struct engine_shape *shape,
                      const struct tsql_column *column, struct engine_column *made)
{
    if (column->preset != NULL) {
        made->preset = keep_words(session, NULL, column->preset, false, NULL);
        return made->preset != NULL;
    }
    if (column->computed == NULL)
        return true;
    made->computed = keep_words(session, shape, column->computed, false, &made->type);
    return made->computed != NULL;
}

static bool add_column(struct engine_session *session, struct engine_shape *shape,
                       const struct tsql_column *column, const char *table)
{
    if (engine_find_column(shape, column->name) >= 0)
        return engine_raise(session, 2705, column->name, table);
    if (shape->column_count == ENGINE_COLUMNS_MAX)
        return engine_raise(session, 1702, table);
    struct engine_column made = {
        .name = strdup(column->name), .type = column->type, .is_not_null = column->is_not_null};
    bool fine = set_words(session, shape, column, &made);
    shape->columns[shape->column_count] = made;
    shape->order[shape->order_count++] = (uint8_t)shape->column_count;
    shape->column_count++;
    if (column->is_unique)
        *add_index(shape, column->name, true)->columns = (uint8_t)(shape->column_count - 1);
    if (column->is_unique)
        shape->indexes[shape->index_count - 1].count = 1;
    return fine;
}

/* The place of a column in the order of declaration becomes its place among the key's. */
static void move_to_key(struct engine_shape *shape, uint32_t from, uint32_t to)
{
    struct engine_column column = shape->columns[from];
    memmove(&shape->columns[to + 1], &shape->columns[to], (from - to) * sizeof column);
    column.is_not_null = true;
    shape->columns[to] = column;
    for (uint32_t i = 0; i < shape->order_count; i++)
        if (shape->order[i] == from)
            shape->order[i] = (uint8_t)to;
        else if (shape->order[i] >= to && shape->order[i] < from)
            shape->order[i]++;
}

static bool add_to_key(struct engine_session *session, struct engine_shape *shape, const char *name)
{
    int found = engine_find_column(shape, name);
    if (found < 0 || shape->columns[found].computed != NULL)
        return engine_raise(session, 1911, name);
    if (shape->key_count == ENGINE_KEY_MAX || (uint32_t)found < shape->key_count)
        return engine_raise(session, 1902, name);
    move_to_key(shape, (uint32_t)found, shape->key_count++);
    return true;
}

/* The key first: what is said of other columns refers to places. */
static bool add_columns(struct engine_session *session, struct engine_shape *shape,
                        const struct tsql_statement *statement)
{
    const struct tsql_column *column = statement->columns;
    for (; column != NULL; column = column->next)
        if (column->computed == NULL && !column->is_unique &&
            !add_column(session, shape, column, statement->name))
            return false;
    for (column = statement->columns; column != NULL; column = column->next)
        if (column->is_key && !add_to_key(session, shape, column->name))
            return false;
    for (const struct tsql_name *name = statement->names; name != NULL; name = name->next)
        if (!add_to_key(session, shape, name->name))
            return false;
    for (column = statement->columns; column != NULL; column = column->next)
        if ((column->computed != NULL || column->is_unique) &&
            !add_column(session, shape, column, statement->name))
            return false;
    return true;
}

/* As they were declared, whatever was added first. */
static void order_columns(struct engine_shape *shape, const struct tsql_column *column)
{
    for (uint32_t i = 0; column != NULL; column = column->next, i++)
        shape->order[i] = (uint8_t)engine_find_column(shape, column->name);
}

static bool add_checks(struct engine_session *session, struct engine_shape *shape,
                       const struct tsql_statement *statement)
{
    for (const struct tsql_check *check = statement->checks; check != NULL; check = check->next) {
        char *condition = keep_words(session, shape, check->condition, true, NULL);
        if (condition == NULL)
            return false;
        add_check(shape, check->name != NULL ? check->name : statement->name, condition);
    }
    return true;
}

/* --- tables ----------------------------------------------------------------------------------- */

static bool create_table(struct engine_session *session, const struct tsql_statement *statement)
{
    struct engine_table *table = engine_find_table(session, statement->name);
    if (table != NULL) /* it may come or go */
        if (!engine_lock_table(session, table, ENGINE_STABLE, true))
            return false;
    if (table != NULL && !table->is_dropped)
        return engine_raise(session, 2714, statement->name);
    struct engine_shape *shape = new_shape();
    if (!add_columns(session, shape, statement) || !add_checks(session, shape, statement)) {
        engine_free_shape(shape);
        return false;
    }
    order_columns(shape, statement->columns);
    shape->key_name = copy(statement->key_name);
    table = engine_add_table(session->server, statement->name);
    table->shape = shape;
    engine_add_undo(session, (struct engine_undo){.kind = UNDO_CREATE, .table = table});
    session->outcome.command = COMMAND_CREATE_TABLE;
    return engine_lock_table(session, table, ENGINE_CHANGE, false);
}

/* Locked to be changed. NULL: there is none, and `missing` is raised, or an error. */
static struct engine_table *take_table(struct engine_session *session, const char *name,
                                       int32_t missing)
{
    struct engine_table *table;
    do {
        table = engine_find_table(session, name);
        if (table == NULL && missing != 0)
            engine_raise(session, missing, name);
        if (table == NULL || !engine_lock_table(session, table, ENGINE_CHANGE, false))
            return NULL;
    } while (table->is_dropped);
    return table;
}

static bool drop_table(struct engine_session *session, const struct tsql_statement *statement)
{
    struct engine_table *table =
        take_table(session, statement->name, statement->if_exists ? 0 : 3701);
    session->outcome.command = COMMAND_DROP_TABLE;
    if (table == NULL)
        return !engine_has_failed(session);
    table->is_dropped = true;
    engine_add_undo(session, (struct engine_undo){.kind = UNDO_DROP, .table = table});
    return true;
}

/* The table gets a shape of its own to change. */
static struct engine_shape *change_shape(struct engine_session *session, struct engine_table *table)
{
    engine_add_undo(session, (struct engine_undo){.kind = UNDO_SHAPE,
                                                  .table = table,
                                                  .shape = table->shape,
                                                  .shape_commit = table->shape_commit});
    table->shape = copy_shape(table->shape);
    return table->shape;
}

/* Rows that are there get the value of a column that must have one. */
static bool fill_column(struct engine_session *session, struct engine_table *table, uint32_t column)
{
    const struct engine_column *added = &table->shape->columns[column];
    struct value preset = {.kind = VALUE_NULL};
    if (!added->is_not_null)
        return true;
    if (added->preset != NULL && !run_words(session, added->preset, &preset))
        return false;
    for (size_t i = 0; i < table->row_count; i++) {
        struct engine_row *row = table->rows[i];
        if (row->newest == NULL || !row->newest->is_row)
            continue;
        struct value *values =
            ARENA_ARRAY(&session->arena, struct value, table->shape->column_count);
        memcpy(values, row->newest->values, row->newest->value_count * sizeof *values);
        values[column] = preset;
        if (!run_has_room(session) || !run_check_row(session, table, values) ||
            !engine_write(session, table, row, values))
            return false;
    }
    return true;
}

static bool add_to_table(struct engine_session *session, const struct tsql_statement *statement)
{
    struct engine_table *table = take_table(session, statement->name, 4902);
    if (table == NULL)
        return false;
    struct engine_shape *shape = change_shape(session, table);
    return add_column(session, shape, statement->columns, statement->name) &&
           fill_column(session, table, shape->column_count - 1);
}

/* The name of a column that something is computed or checked from is found in its words. */
static bool is_used(const struct engine_shape *shape, uint32_t column)
{
    if (column < shape->key_count)
        return true;
    for (uint32_t i = 0; i < shape->index_count; i++)
        for (uint32_t k = 0; k < shape->indexes[i].count; k++)
            if (shape->indexes[i].columns[k] == column)
                return true;
    char name[8] = "c";
    char *end = name + 1;
    if (column >= 10)
        *end++ = (char)('0' + column / 10);
    *end++ = (char)('0' + column % 10);
    for (uint32_t i = 0; i < shape->column_count; i++)
        if (!shape->columns[i].is_gone && shape->columns[i].computed != NULL &&
            strstr(shape->columns[i].computed, name) != NULL)
            return true;
    for (uint32_t i = 0; i < shape->check_count; i++)
        if (strstr(shape->checks[i].condition, name) != NULL)
            return true;
    return false;
}

static bool drop_from_table(struct engine_session *session, const struct tsql_statement *statement)
{
    const char *name = statement->columns->name;
    struct engine_table *table = take_table(session, statement->name, 4902);
    if (table == NULL)
        return false;
    int found = engine_find_column(table->shape, name);
    if (found < 0)
        return engine_raise(session, 4924, name, statement->name);
    if (is_used(table->shape, (uint32_t)found))
        return engine_raise(session, 5074, name);
    struct engine_shape *shape = change_shape(session, table);
    shape->columns[found].is_gone = true;
    shape->columns[found].is_not_null = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < shape->order_count; i++)
        if (shape->order[i] != found)
            shape->order[kept++] = shape->order[i];
    shape->order_count = kept;
    return true;
}

/* --- indexes ---------------------------------------------------------------------------------- */

static int find_index(const struct engine_shape *shape, const char *name)
{
    for (uint32_t i = 0; i < shape->index_count; i++)
        if (tsql_same_name(shape->indexes[i].name, name))
            return (int)i;
    return -1;
}

static bool fill_index(struct engine_session *session, const struct engine_shape *shape,
                       struct engine_index *index, const struct tsql_name *names)
{
    for (const struct tsql_name *name = names; name != NULL; name = name->next) {
        int column = engine_find_column(shape, name->name);
        if (column < 0 || index->count == ENGINE_KEY_MAX)
            return engine_raise(session, 1911, name->name);
        index->columns[index->count++] = (uint8_t)column;
    }
    return true;
}

static bool are_same(const struct engine_index *index, const struct engine_version *one,
                     const struct engine_version *other)
{
    for (uint32_t i = 0; i < index->count; i++)
        if (engine_compare(engine_value_of(one, index->columns[i]),
                           engine_value_of(other, index->columns[i])) != 0)
            return false;
    return true;
}

static const struct engine_version *row_at(const struct engine_table *table, size_t place)
{
    const struct engine_version *version = table->rows[place]->newest;
    return version != NULL && version->is_row ? version : NULL;
}

/* Two rows with the same values: there can be no unique index over them. */
static bool has_duplicates(const struct engine_table *table, const struct engine_index *index)
{
    for (size_t i = 0; i < table->row_count; i++) {
        const struct engine_version *one = row_at(table, i);
        for (size_t k = i + 1; one != NULL && k < table->row_count; k++) {
            const struct engine_version *other = row_at(table, k);
            if (other != NULL && are_same(index, one, other))
                return true;
        }
    }
    return false;
}

static bool create_index(struct engine_session *session, const struct tsql_statement *statement)
{
    struct engine_table *table = take_table(session, statement->name, 1088);
    if (table == NULL)
        return false;
    if (find_index(table->shape, statement->index) >= 0)
        return engine_raise(session, 1913, statement->index, statement->name);
    struct engine_shape *shape = change_shape(session, table);
    struct engine_index *index = add_index(shape, statement->index, statement->is_unique);
    if (!fill_index(session, shape, index, statement->names))
        return false;
    return !index->is_unique || !has_duplicates(table, index) ||
           engine_raise(session, 1505, statement->name, statement->index);
}

static bool drop_index(struct engine_session *session, const struct tsql_statement *statement)
{
    struct engine_table *table =
        take_table(session, statement->name, statement->if_exists ? 0 : 3701);
    if (table == NULL)
        return !engine_has_failed(session);
    int found = find_index(table->shape, statement->index);
    if (found < 0)
        return statement->if_exists || engine_raise(session, 3701, statement->index);
    struct engine_shape *shape = change_shape(session, table);
    free(shape->indexes[found].name);
    shape->index_count--;
    memmove(&shape->indexes[found], &shape->indexes[found + 1],
            (shape->index_count - (uint32_t)found) * sizeof *shape->indexes);
    return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

static bool define(struct engine_session *session, const struct tsql_statement *statement)
{
    static bool (*const all[])(struct engine_session * session,
                               const struct tsql_statement *statement) = {
        [TSQL_CREATE_TABLE] = create_table, [TSQL_DROP_TABLE] = drop_table,
        [TSQL_CREATE_INDEX] = create_index, [TSQL_DROP_INDEX] = drop_index,
        [TSQL_ADD_COLUMN] = add_to_table,   [TSQL_DROP_COLUMN] = drop_from_table,
    };
    return all[statement->kind](session, statement);
}

bool run_define(struct engine_session *session, struct tsql_statement *statement)
{
    if (session->is_doomed)
        return engine_raise(session, 3930);
    size_t mark = engine_begin_statement(session);
    bool fine = engine_touch(session) && define(session, statement);
    engine_end_statement(session, mark, !fine);
    return fine;
}
