/* SPDX-License-Identifier: Apache-2.0 */
/* INSERT: rows of VALUES or of a query, and DEFAULT for what is not given. */
#include "mssql/server/run_write.h"

static bool find_columns(struct write *write)
{
    const struct engine_shape *shape = write->table->shape;
    for (const struct tsql_name *name = write->statement->names; name != NULL; name = name->next)
        if (!write_add_column(write, engine_find_column(shape, name->name), name->name))
            return false;
    if (write->statement->names != NULL)
        return true;
    for (uint32_t i = 0; i < shape->order_count; i++)
        if (shape->columns[shape->order[i]].computed == NULL)
            write->columns[write->count++] = shape->order[i];
    return true;
}

/* One row of VALUES, as columns of a SELECT. */
static bool print_row(struct write *write, struct tsql_expression *row)
{
    uint32_t place = 0;
    print_text(&write->binder, "(");
    for (struct tsql_expression *one = row->left; one != NULL; one = one->next, place++) {
        if (place == write->count)
            return engine_raise(write->session, write->statement->names == NULL ? 213 : 110);
        if (place > 0)
            print_text(&write->binder, ",");
        if (one->node == TSQL_STAR)
            write_print_preset(write, write->columns[place]);
        else if (!bind_value(&write->binder, one))
            return false;
        else
            print_expression(&write->binder, one);
    }
    print_text(&write->binder, ")");
    return place == write->count ||
           engine_raise(write->session, write->statement->names == NULL ? 213 : 109);
}

static bool print_rows(struct write *write)
{
    print_text(&write->binder, "VALUES");
    for (struct tsql_expression *row = write->statement->rows; row != NULL; row = row->next) {
        if (!print_row(write, row))
            return false;
        print_text(&write->binder, row->next == NULL ? "" : ",");
    }
    return true;
}

static bool print_insert(struct write *write)
{
    struct tsql_statement *statement = write->statement;
    if (statement->rows != NULL && statement->rows->left == NULL) { /* DEFAULT VALUES */
        write->count = 0;
        print_text(&write->binder, "SELECT NULL");
        return true;
    }
    if (statement->rows != NULL)
        return print_rows(write);
    if (!bind_query(&write->binder, statement->query))
        return false;
    if (statement->query->output_count != write->count)
        return engine_raise(write->session,
                            statement->query->output_count < write->count ? 109 : 110);
    print_query(&write->binder, statement->query);
    return true;
}

static bool gather_insert(void *context, sqlite3_stmt *statement)
{
    struct write *write = context;
    struct change *change = write_add_change(write);
    for (uint32_t i = 0; i < write->count; i++) {
        change->values[write->columns[i]] = run_column(statement, (int)i);
        engine_copy_to_arena(write->session, &change->values[write->columns[i]]);
    }
    return run_has_room(write->session);
}

static bool is_given(const struct write *write, uint32_t column)
{
    for (uint32_t i = 0; i < write->count; i++)
        if (write->columns[i] == column)
            return true;
    return false;
}

/* Columns that were not named get their DEFAULT. */
static bool fill_presets(struct write *write)
{
    for (uint32_t i = 0; i < write->table->shape->column_count; i++) {
        const struct engine_column *column = &write->table->shape->columns[i];
        struct value preset;
        if (column->preset == NULL || column->is_gone || is_given(write, i))
            continue;
        if (!run_words(write->session, column->preset, &preset))
            return false;
        for (struct change *change = write->changes; change != NULL; change = change->next)
            change->values[i] = preset;
    }
    return true;
}

static bool insert(struct write *write)
{
    if (!write_bind_target(write, write->statement->target) || !find_columns(write) ||
        !print_insert(write) || !run_sqlite(&write->binder, gather_insert, write) ||
        !fill_presets(write))
        return false;
    for (struct change *change = write->changes; change != NULL; change = change->next)
        if (!run_check_row(write->session, write->table, change->values) ||
            !run_put_row(write->session, write->table, change->values))
            return false;
    return write_send_output(write);
}

bool run_insert(struct engine_session *session, struct tsql_statement *statement)
{
    return write_run(session, statement, COMMAND_INSERT, insert);
}
