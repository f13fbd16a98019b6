/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that are written, one by one: what a column demands, uniqueness, locks. */
#include "mssql/server/run.h"

#include <string.h>

/* --- what columns and CHECKs demand ----------------------------------------------------------- */

static bool check_value(struct engine_session *session, const struct engine_table *table,
                        const struct engine_column *column, struct value *value)
{
    if (value->kind == VALUE_NULL)
        return !column->is_not_null || engine_raise(session, 515, column->name, table->name);
    if (engine_convert(session, column->type, value, false))
        return true;
    if (session->error.number == 8152) {
        session->error.number = 0;
        engine_raise(session, 2628, table->name, column->name);
    }
    return false;
}

static bool take_verdict(void *context, sqlite3_stmt *statement)
{
    *(bool *)context =
        sqlite3_column_type(statement, 0) == SQLITE_NULL || sqlite3_column_int(statement, 0) != 0;
    return true;
}

/* SELECT condition FROM (SELECT value AS c0, …); a condition that is NULL holds. */
static bool check_condition(struct engine_session *session, const struct engine_table *table,
                            const struct engine_check *check, const struct value *values)
{
    struct binder binder;
    bool holds = false;
    binder_init(&binder, session);
    print_text(&binder, "SELECT ");
    print_text(&binder, check->condition);
    print_text(&binder, " FROM (SELECT NULL");
    for (uint32_t i = 0; i < table->shape->column_count; i++) {
        print_text(&binder, ",");
        print_value(&binder, &values[i]);
        print_text(&binder, " AS c");
        print_number(&binder, i);
    }
    print_text(&binder, ")");
    bool fine = run_sqlite(&binder, take_verdict, &holds);
    binder_clean_up(&binder);
    return fine && (holds || engine_raise(session, 547, check->name, table->name));
}

bool run_check_row(struct engine_session *session, struct engine_table *table, struct value *values)
{
    const struct engine_shape *shape = table->shape;
    for (uint32_t i = 0; i < shape->column_count; i++)
        if (!shape->columns[i].is_gone && shape->columns[i].computed == NULL &&
            !check_value(session, table, &shape->columns[i], &values[i]))
            return false;
    for (uint32_t i = 0; i < shape->check_count; i++)
        if (!check_condition(session, table, &shape->checks[i], values))
            return false;
    return true;
}

/* --- unique indexes --------------------------------------------------------------------------- */

static bool has_same(const struct engine_index *index, const struct engine_version *version,
                     const struct value *values)
{
    if (version == NULL || !version->is_row)
        return false;
    for (uint32_t i = 0; i < index->count; i++) {
        uint8_t column = index->columns[i];
        if (engine_compare(engine_value_of(version, column), &values[column]) != 0)
            return false;
    }
    return true;
}

/* Whether any version that may come to stay has the values. */
static bool may_have_same(const struct engine_index *index, const struct engine_row *row,
                          const struct value *values)
{
    for (const struct engine_version *version = row->newest; version != NULL;
         version = version->older) {
        if (has_same(index, version, values))
            return true;
        if (version->writer == NULL)
            return false;
    }
    return false;
}

/* One that others have written and not committed is waited for. */
static bool check_index(struct engine_session *session, struct engine_table *table,
                        const struct engine_index *index, const struct engine_row *own,
                        const struct value *values)
{
    for (size_t i = 0; i < table->row_count; i++) {
        struct engine_row *row = table->rows[i];
        if (row == own || !may_have_same(index, row, values))
            continue;
        uint64_t moves = table->moves;
        struct engine_lock *lock;
        if (!engine_lock_row(session, table, row, ENGINE_SHARED, true, &lock))
            return false;
        bool is_taken = has_same(index, row->newest, values);
        if (lock != NULL)
            engine_unlock(lock);
        if (is_taken)
            return engine_raise(session, 2601, table->name, index->name);
        if (moves != table->moves)
            i = (size_t)-1; /* once more */
    }
    return true;
}

static bool check_indexes(struct engine_session *session, struct engine_table *table,
                          const struct engine_row *own, const struct value *values)
{
    for (uint32_t i = 0; i < table->shape->index_count; i++)
        if (table->shape->indexes[i].is_unique &&
            !check_index(session, table, &table->shape->indexes[i], own, values))
            return false;
    return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

bool run_put_row(struct engine_session *session, struct engine_table *table, struct value *values)
{
    struct engine_row *row = engine_take_row(table, values);
    if (!engine_lock_insert(session, table, row) ||
        !engine_lock_row(session, table, row, ENGINE_EXCLUSIVE, false, NULL))
        return false;
    if (row->newest != NULL && row->newest->is_row)
        return engine_raise(session, 2627,
                            table->shape->key_name == NULL ? table->name : table->shape->key_name,
                            table->name);
    return check_indexes(session, table, row, values) && engine_write(session, table, row, values);
}

bool run_change_row(struct engine_session *session, struct engine_table *table,
                    struct engine_row *row, struct value *values)
{
    return engine_lock_row(session, table, row, ENGINE_EXCLUSIVE, false, NULL) &&
           check_indexes(session, table, row, values) && engine_write(session, table, row, values);
}

bool run_remove_row(struct engine_session *session, struct engine_table *table,
                    struct engine_row *row)
{
    return engine_lock_row(session, table, row, ENGINE_EXCLUSIVE, false, NULL) &&
           engine_write(session, table, row, NULL);
}
