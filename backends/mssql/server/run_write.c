/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UPDATE, DELETE and TRUNCATE, and what INSERT shares with them: the frame of a statement that
 * writes, and OUTPUT.
 */
#include "mssql/server/run_write.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

/* --- the frame of each ------------------------------------------------------------------------ */

bool write_run(struct engine_session *session, struct tsql_statement *statement, uint16_t command,
               write_fn run)
{
    if (session->is_doomed)
        return engine_raise(session, 3930);
    struct write write = {.session = session, .statement = statement};
    write.end = &write.changes;
    binder_init(&write.binder, session);
    size_t mark = engine_begin_statement(session);
    bool fine = run(&write);
    engine_end_statement(session, mark, !fine);
    binder_clean_up(&write.binder);
    run_succeed(session, command, write.rows);
    if (statement->output != NULL)
        session->outcome.command = COMMAND_SELECT;
    return fine;
}

bool write_bind_target(struct write *write, struct tsql_source *target)
{
    target->is_target = true;
    struct bind_scope scope;
    if (!bind_sources(&write->binder, &scope, target))
        return false;
    bind_leave(&write->binder);
    write->table = target->table;
    return true;
}

static struct value *new_values(struct write *write)
{
    return ARENA_ARRAY(&write->session->arena, struct value, write->table->shape->column_count);
}

struct change *write_add_change(struct write *write)
{
    struct change *change = ARENA_NEW(&write->session->arena, struct change);
    change->values = new_values(write);
    *write->end = change;
    write->end = &change->next;
    write->rows++;
    return change;
}

bool write_add_column(struct write *write, int column, const char *name)
{
    if (column < 0)
        return engine_raise(write->session, 207, name);
    if (write->table->shape->columns[column].computed != NULL)
        return engine_raise(write->session, 271, name);
    for (uint32_t i = 0; i < write->count; i++)
        if (write->columns[i] == column)
            return engine_raise(write->session, 264, name);
    write->columns[write->count++] = (uint8_t)column;
    return true;
}

void write_print_preset(struct write *write, uint32_t column)
{
    const char *preset = write->table->shape->columns[column].preset;
    print_text(&write->binder, preset == NULL ? "NULL" : preset);
}

/* --- OUTPUT ----------------------------------------------------------------------------------- */

enum { OUTPUT_COLUMNS_MAX = 256 };

/* inserted.x, deleted.x, and their stars: nothing else may be asked for. */
struct output_columns {
    uint32_t count;
    bool is_old[OUTPUT_COLUMNS_MAX];
    uint8_t columns[OUTPUT_COLUMNS_MAX];
    struct tsql_output outputs[OUTPUT_COLUMNS_MAX];
};

static bool add_output(struct write *write, struct output_columns *all, bool is_old, int column,
                       const char *name)
{
    if (column < 0)
        return engine_raise(write->session, 207, name);
    if (all->count == OUTPUT_COLUMNS_MAX || write->table->shape->columns[column].computed != NULL)
        return engine_raise(write->session, 102, name);
    all->is_old[all->count] = is_old;
    all->columns[all->count] = (uint8_t)column;
    all->outputs[all->count++] =
        (struct tsql_output){.name = name, .type = write->table->shape->columns[column].type};
    return true;
}

static bool add_all(struct write *write, struct output_columns *all, bool is_old)
{
    const struct engine_shape *shape = write->table->shape;
    for (uint32_t i = 0; i < shape->order_count; i++)
        if (!add_output(write, all, is_old, shape->order[i], shape->columns[shape->order[i]].name))
            return false;
    return true;
}

static bool find_output_columns(struct write *write, struct output_columns *all)
{
    for (const struct tsql_item *item = write->statement->output; item != NULL; item = item->next) {
        const struct tsql_expression *one = item->expression;
        if (one->qualifier == NULL)
            return engine_raise(write->session, 102, "OUTPUT");
        bool is_old = tsql_same_name(one->qualifier, "deleted");
        if ((!is_old && !tsql_same_name(one->qualifier, "inserted")) ||
            (one->node != TSQL_COLUMN && one->node != TSQL_STAR))
            return engine_raise(write->session, 102, "OUTPUT");
        if (one->node == TSQL_STAR ? !add_all(write, all, is_old)
                                   : !add_output(write, all, is_old,
                                                 engine_find_column(write->table->shape, one->name),
                                                 item->alias != NULL ? item->alias : one->name))
            return false;
    }
    return true;
}

bool write_send_output(struct write *write)
{
    if (write->statement->output == NULL)
        return true;
    struct engine_session *session = write->session;
    struct output_columns *all = ARENA_NEW(&session->arena, struct output_columns);
    if (!find_output_columns(write, all))
        return false;
    session->client->columns(session->client_context, all->outputs, all->count);
    for (const struct change *change = write->changes; change != NULL; change = change->next) {
        struct value values[OUTPUT_COLUMNS_MAX];
        for (uint32_t i = 0; i < all->count; i++) {
            const struct value *from = all->is_old[i] ? change->old : change->values;
            values[i] = from == NULL ? (struct value){.kind = VALUE_NULL} : from[all->columns[i]];
        }
        session->client->row(session->client_context, values, all->count);
    }
    return !engine_has_failed(session);
}

/* --- UPDATE and DELETE ------------------------------------------------------------------------ */

/* The target may stand among others in FROM. */
static void mark_target(struct tsql_statement *statement)
{
    statement->target->is_target = true;
    struct tsql_source *source = statement->query->from;
    while (source != NULL && source != statement->target)
        source = source->next;
    if (source == NULL) { /* FROM has others only: it is one of them */
        statement->target->next = statement->query->from;
        statement->query->from = statement->target;
        if (statement->target->next != NULL)
            statement->target->next->join = TSQL_CROSS;
    }
}

static bool bind_assignments(struct write *write)
{
    for (struct tsql_assignment *one = write->statement->assignments; one != NULL;
         one = one->next) {
        if (!write_add_column(write, engine_find_column(write->table->shape, one->name), one->name))
            return false;
        if (one->expression == NULL)
            return engine_raise(write->session, 102, one->name);
        if (one->expression->node != TSQL_STAR && !bind_value(&write->binder, one->expression))
            return false;
    }
    return true;
}

static void print_choice(struct write *write)
{
    const struct tsql_query *query = write->statement->query;
    struct binder *binder = &write->binder;
    uint32_t place = 0;
    print_text(binder, "SELECT s");
    print_number(binder, write->statement->target->number);
    print_text(binder, ".place");
    for (const struct tsql_assignment *one = write->statement->assignments; one != NULL;
         one = one->next, place++) {
        print_text(binder, ",");
        if (one->expression->node == TSQL_STAR)
            write_print_preset(write, write->columns[place]);
        else
            print_expression(binder, one->expression);
    }
    print_from(binder, query);
    print_limit(binder, query);
}

static bool bind_choice(struct write *write)
{
    struct tsql_query *query = write->statement->query;
    struct bind_scope scope;
    mark_target(write->statement);
    if (!bind_sources(&write->binder, &scope, query->from))
        return false;
    write->table = write->statement->target->table;
    bool fine = bind_assignments(write) &&
                (query->where == NULL || bind_condition(&write->binder, query->where)) &&
                bind_optional(&write->binder, query->top);
    bind_leave(&write->binder);
    return fine;
}

static bool is_gathered(const struct write *write, const struct engine_row *row)
{
    if (write->statement->query->from->next == NULL)
        return false; /* a scan gives each row once */
    for (const struct change *change = write->changes; change != NULL; change = change->next)
        if (change->row == row)
            return true;
    return false;
}

static void copy_version(struct write *write, const struct engine_version *version,
                         struct value *values)
{
    for (uint32_t i = 0; i < version->value_count; i++) {
        values[i] = version->values[i];
        engine_copy_to_arena(write->session, &values[i]);
    }
}

static bool gather_choice(void *context, sqlite3_stmt *statement)
{
    struct write *write = context;
    struct engine_row *row = (struct engine_row *)(intptr_t)sqlite3_column_int64(statement, 0);
    if (row == NULL || is_gathered(write, row)) /* NULL: from the other side of a join */
        return true;
    const struct engine_version *version = engine_see(write->session, row, TSQL_HINT_UPDLOCK);
    if (version == NULL)
        return true;
    struct change *change = write_add_change(write);
    change->row = row;
    change->old = new_values(write);
    copy_version(write, version, change->old);
    memcpy(change->values, change->old, sizeof(struct value) * write->table->shape->column_count);
    for (uint32_t i = 0; i < write->count; i++) {
        change->values[write->columns[i]] = run_column(statement, (int)i + 1);
        engine_copy_to_arena(write->session, &change->values[write->columns[i]]);
    }
    return run_has_room(write->session);
}

static bool gather(struct write *write)
{
    if (!bind_choice(write))
        return false;
    print_choice(write);
    return run_sqlite(&write->binder, gather_choice, write);
}

static bool changes_key(const struct write *write, const struct change *change)
{
    for (uint32_t i = 0; i < write->table->shape->key_count; i++)
        if (engine_compare(&change->values[i], &change->old[i]) != 0)
            return true;
    return false;
}

/* Rows whose keys change are taken out first, so that keys may move along. */
static bool update(struct write *write)
{
    struct engine_session *session = write->session;
    if (!gather(write))
        return false;
    for (struct change *change = write->changes; change != NULL; change = change->next) {
        if (!run_check_row(session, write->table, change->values))
            return false;
        bool fine = changes_key(write, change)
                        ? run_remove_row(session, write->table, change->row)
                        : run_change_row(session, write->table, change->row, change->values);
        if (!fine)
            return false;
    }
    for (struct change *change = write->changes; change != NULL; change = change->next)
        if (changes_key(write, change) && !run_put_row(session, write->table, change->values))
            return false;
    return write_send_output(write);
}

bool run_update(struct engine_session *session, struct tsql_statement *statement)
{
    return write_run(session, statement, COMMAND_UPDATE, update);
}

static bool delete (struct write *write)
{
    if (!gather(write))
        return false;
    for (struct change *change = write->changes; change != NULL; change = change->next) {
        if (!run_remove_row(write->session, write->table, change->row))
            return false;
        change->values = NULL;
    }
    return write_send_output(write);
}

bool run_delete(struct engine_session *session, struct tsql_statement *statement)
{
    return write_run(session, statement, COMMAND_DELETE, delete);
}

/* --- TRUNCATE --------------------------------------------------------------------------------- */

/* Under a lock on the whole table. */
static bool truncate_all(struct write *write)
{
    struct engine_session *session = write->session;
    struct tsql_source *target = ARENA_NEW(&session->arena, struct tsql_source);
    target->name = target->alias = write->statement->name;
    if (!write_bind_target(write, target) ||
        !engine_lock_table(session, write->table, ENGINE_CHANGE, false))
        return false;
    for (size_t i = 0; i < write->table->row_count; i++) {
        struct engine_row *row = write->table->rows[i];
        if (row->newest != NULL && row->newest->is_row &&
            !run_remove_row(session, write->table, row))
            return false;
    }
    return true;
}

bool run_truncate(struct engine_session *session, struct tsql_statement *statement)
{
    bool fine = write_run(session, statement, COMMAND_NONE, truncate_all);
    session->outcome.has_count = false;
    return fine;
}
