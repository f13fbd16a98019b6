/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT, and expressions on their own: SQLite runs them, rows go to the client. */
#include "mssql/server/run.h"

#include <string.h>

bool run_has_room(struct engine_session *session)
{
    return session->arena.used_bytes < TSQL_ARENA_BYTES / 2 || engine_raise(session, 701);
}

void run_succeed(struct engine_session *session, uint16_t command, uint64_t rows)
{
    session->outcome.command = command;
    session->outcome.has_count = true;
    session->outcome.count = rows;
}

/* --- SQLite ----------------------------------------------------------------------------------- */

static void bind_one(sqlite3_stmt *statement, int place, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        return;
    case VALUE_INTEGER:
        sqlite3_bind_int64(statement, place, value->integer);
        return;
    case VALUE_REAL:
        sqlite3_bind_double(statement, place, value->real);
        return;
    case VALUE_TEXT:
        sqlite3_bind_text64(statement, place, value->text.bytes, value->text.length, SQLITE_STATIC,
                            SQLITE_UTF8);
        return;
    case VALUE_BLOB:
        if (value->text.length == 0)
            sqlite3_bind_zeroblob(statement, place, 0);
        else
            sqlite3_bind_blob64(statement, place, value->text.bytes, value->text.length,
                                SQLITE_STATIC);
        return;
    }
}

static void bind_all(const struct binder *binder, sqlite3_stmt *statement)
{
    struct engine_session *session = binder->session;
    for (uint32_t i = 0; i < binder->parameter_count; i++) {
        const struct tsql_expression *parameter = binder->parameters[i];
        struct value value = parameter->node == TSQL_VARIABLE
                                 ? session->variables[parameter->column].value
                                 : run_global(session, parameter->name);
        bind_one(statement, (int)i + 1, &value);
    }
}

/* What SQLite refuses or finds wrong by itself. */
static bool fail_with_its_words(struct engine_session *session, int status)
{
    if (engine_has_failed(session))
        return false;
    const char *words = sqlite3_errmsg(session->sqlite);
    if (strstr(words, "integer overflow") != NULL)
        return engine_raise(session, 8115, "bigint");
    if (status == SQLITE_NOMEM || status == SQLITE_TOOBIG)
        return engine_raise(session, 701);
    return engine_raise(session, 8623, words);
}

struct value run_column(sqlite3_stmt *statement, int column)
{
    return engine_from_sqlite(sqlite3_column_value(statement, column));
}

bool run_sqlite(struct binder *binder, run_row_fn on_row, void *context)
{
    struct engine_session *session = binder->session;
    sqlite3_stmt *statement = NULL;
    int status = sqlite3_prepare_v2(session->sqlite, binder->text.bytes, (int)binder->text.length,
                                    &statement, NULL);
    if (status != SQLITE_OK)
        return fail_with_its_words(session, status);
    bind_all(binder, statement);
    bool fine = true;
    while (fine && (status = sqlite3_step(statement)) == SQLITE_ROW)
        fine = on_row(context, statement) && !engine_has_failed(session);
    if (fine && status != SQLITE_DONE)
        fine = fail_with_its_words(session, status);
    sqlite3_finalize(statement);
    return fine && !engine_has_failed(session);
}

/* --- expressions on their own ----------------------------------------------------------------- */

struct single {
    struct engine_session *session;
    struct value value;
};

static bool take_single(void *context, sqlite3_stmt *statement)
{
    struct single *single = context;
    single->value = run_column(statement, 0);
    engine_copy_to_arena(single->session, &single->value);
    return true;
}

static bool run_one(struct binder *binder, struct value *ret_value)
{
    struct single single = {binder->session, {.kind = VALUE_NULL}};
    if (!run_sqlite(binder, take_single, &single))
        return false;
    *ret_value = single.value;
    return true;
}

bool run_words(struct engine_session *session, const char *words, struct value *ret_value)
{
    struct binder binder;
    binder_init(&binder, session);
    print_text(&binder, "SELECT ");
    print_text(&binder, words);
    bool fine = run_one(&binder, ret_value);
    binder_clean_up(&binder);
    return fine;
}

typedef bool (*bind_fn)(struct binder *binder, struct tsql_expression *expression);

static bool run_alone(struct engine_session *session, struct tsql_expression *expression,
                      bind_fn bind, struct value *ret_value)
{
    struct binder binder;
    binder_init(&binder, session);
    size_t mark = engine_begin_statement(session);
    bool fine = bind(&binder, expression);
    if (fine) {
        print_text(&binder, "SELECT ");
        print_expression(&binder, expression);
        fine = run_one(&binder, ret_value);
    }
    engine_end_statement(session, mark, !fine);
    binder_clean_up(&binder);
    return fine;
}

bool run_value(struct engine_session *session, struct tsql_expression *expression,
               struct tsql_type type, struct value *ret_value)
{
    return run_alone(session, expression, bind_value, ret_value) &&
           engine_convert(session, type, ret_value, true);
}

bool run_condition(struct engine_session *session, struct tsql_expression *condition,
                   bool *ret_holds)
{
    struct value value = {.kind = VALUE_NULL};
    bool fine = run_alone(session, condition, bind_condition, &value);
    *ret_holds = fine && value.kind == VALUE_INTEGER && value.integer != 0;
    return fine;
}

/* --- SELECT ----------------------------------------------------------------------------------- */

enum { RESULT_COLUMNS_MAX = 1024 };

struct result {
    struct engine_session *session;
    const struct tsql_query *query;
    struct value *values;
    uint64_t rows;
};

static bool send_row(void *context, sqlite3_stmt *statement)
{
    struct result *result = context;
    const struct tsql_query *query = result->query;
    for (uint32_t i = 0; i < query->output_count; i++) {
        result->values[i] = run_column(statement, (int)i);
        struct tsql_type type = query->outputs[i].type;
        if (!engine_convert(result->session, type, &result->values[i], true))
            return false;
    }
    result->rows++;
    if (!run_has_room(result->session))
        return false;
    result->session->client->row(result->session->client_context, result->values,
                                 query->output_count);
    return true;
}

/* SELECT @v = …: each row assigns; the last one stays. */
static bool assign_row(void *context, sqlite3_stmt *statement)
{
    struct result *result = context;
    struct engine_session *session = result->session;
    int column = 0;
    for (const struct tsql_item *item = result->query->items; item != NULL;
         item = item->next, column++) {
        struct value value = run_column(statement, column);
        if (!engine_convert(session, item->assigned->type, &value, true))
            return false;
        engine_copy_to_arena(session, &value);
        item->assigned->value = value;
    }
    result->rows++;
    return run_has_room(session);
}

/* All items assign, or none does. */
static bool look_at_items(struct engine_session *session, const struct tsql_query *query,
                          bool *ret_assigns)
{
    *ret_assigns = query->items->variable != NULL;
    for (struct tsql_item *item = query->items; item != NULL; item = item->next) {
        if ((item->variable != NULL) != *ret_assigns)
            return engine_raise(session, 141);
        if (!*ret_assigns)
            continue;
        item->assigned = engine_find_variable(session, item->variable);
        if (item->assigned == NULL)
            return engine_raise(session, 137, item->variable);
    }
    return query->output_count <= RESULT_COLUMNS_MAX || engine_raise(session, 191);
}

/* What nothing says a type of is int, as there. */
static void settle_types(const struct tsql_query *query)
{
    for (uint32_t i = 0; i < query->output_count; i++)
        if (query->outputs[i].type.kind == TSQL_UNKNOWN)
            query->outputs[i].type.kind = TSQL_INT;
}

static bool run_bound(struct binder *binder, const struct tsql_query *query, uint64_t *ret_rows,
                      bool *ret_assigns)
{
    struct engine_session *session = binder->session;
    if (!look_at_items(session, query, ret_assigns))
        return false;
    struct result result = {session, query, NULL, 0};
    result.values = ARENA_ARRAY(&session->arena, struct value, query->output_count);
    settle_types(query);
    print_query(binder, query);
    if (!*ret_assigns)
        session->client->columns(session->client_context, query->outputs, query->output_count);
    bool fine = run_sqlite(binder, *ret_assigns ? assign_row : send_row, &result);
    *ret_rows = result.rows;
    return fine;
}

bool run_select(struct engine_session *session, struct tsql_statement *statement)
{
    struct binder binder;
    struct tsql_query *query = statement->query;
    bool assigns = false;
    uint64_t rows = 0;
    binder_init(&binder, session);
    size_t mark = engine_begin_statement(session);
    bool fine = bind_query(&binder, query) && run_bound(&binder, query, &rows, &assigns);
    engine_end_statement(session, mark, !fine);
    binder_clean_up(&binder);
    run_succeed(session, COMMAND_SELECT, rows);
    session->outcome.is_silent = assigns;
    return fine;
}
