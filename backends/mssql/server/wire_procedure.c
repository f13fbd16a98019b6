/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RPC requests ([MS-TDS] 2.2.6.6): sp_executesql, and the family of sp_prepare. There are no other
 * procedures, which is error 2812.
 */
#include "mssql/server/wire.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parameter {
    const char *name; /* "" : by its place */
    bool is_output;
    struct tsql_type type;
    struct value value;
};

enum { PARAMETERS_MAX = 2100, PARAMETER_OUTPUT = 1 };

struct call {
    struct tds_session *session;
    struct parameter *parameters;
    uint32_t count;
};

typedef bool (*procedure_fn)(struct call *call); /* false: an error was raised */

/* --- what the procedures run ------------------------------------------------------------------ */

static bool raise(struct call *call, int32_t number, const char *text)
{
    return engine_raise(call->session->engine, number, text);
}

static bool is_text(const struct call *call, uint32_t place)
{
    return place < call->count && call->parameters[place].value.kind == VALUE_TEXT;
}

static struct parameter *find_value(const struct call *call, uint32_t first, const char *name)
{
    for (uint32_t i = first; i < call->count; i++)
        if (tsql_same_name(call->parameters[i].name, name))
            return &call->parameters[i];
    return NULL;
}

/* A declared parameter's value: by its name, or, of one without a name, by its place. */
static struct parameter *match(const struct call *call, uint32_t first, uint32_t place,
                               const char *name)
{
    struct parameter *found = find_value(call, first, name);
    bool has_place = first + place < call->count;
    if (found == NULL && has_place && *call->parameters[first + place].name == 0)
        found = &call->parameters[first + place];
    return found;
}

/* Declares variables and gives them the values that stand from `first` on. */
static bool declare(struct call *call, const char *declaration, size_t length, uint32_t first)
{
    struct engine_session *engine = call->session->engine;
    struct tsql_column *columns = NULL;
    struct tsql_problem problem;
    engine->variable_count = 0;
    if (!tsql_parse_parameters(&engine->arena, declaration, length, &columns, &problem))
        return raise(call, problem.number, problem.text);
    for (const struct tsql_column *column = columns; column != NULL; column = column->next) {
        const struct parameter *given = match(call, first, engine->variable_count, column->name);
        if (engine->variable_count == ENGINE_VARIABLES_MAX)
            return raise(call, 701, "");
        if (given == NULL && column->preset == NULL)
            return raise(call, 8178, column->name);
        struct engine_variable *variable = &engine->variables[engine->variable_count++];
        *variable = (struct engine_variable){.name = column->name, .type = column->type};
        if (given == NULL)
            continue;
        variable->value = given->value;
        variable->is_output = given->is_output;
        if (!engine_convert(engine, column->type, &variable->value, true))
            return false;
    }
    return true;
}

static void return_outputs(struct call *call)
{
    struct engine_session *engine = call->session->engine;
    for (uint32_t i = 0; i < engine->variable_count; i++)
        if (engine->variables[i].is_output)
            wire_return_value(call->session, (uint16_t)i, engine->variables[i].name,
                              engine->variables[i].type, &engine->variables[i].value);
}

static bool run(struct call *call, const char *sql, size_t length)
{
    engine_run(call->session->engine, sql, length);
    return true;
}

/* --- sp_executesql ---------------------------------------------------------------------------- */

static bool execute_sql(struct call *call)
{
    if (!is_text(call, 0))
        return raise(call, 201, "@statement");
    struct value none = value_text("", 0);
    const struct value *declaration = is_text(call, 1) ? &call->parameters[1].value : &none;
    const struct value *sql = &call->parameters[0].value;
    return declare(call, declaration->text.bytes, declaration->text.length, 2) &&
           run(call, sql->text.bytes, sql->text.length);
}

/* --- sp_prepare and its family ---------------------------------------------------------------- */

static char *keep(const struct value *text)
{
    char *copy = malloc(text->text.length + 1);
    ASSERT(copy != NULL);
    memcpy(copy, text->text.bytes, text->text.length);
    copy[text->text.length] = 0;
    return copy;
}

static int32_t count_prepared(const struct tds_session *session)
{
    int32_t count = 0;
    for (const struct wire_prepared *one = session->prepared; one != NULL; one = one->next)
        count++;
    return count;
}

/* Its parameters are @handle OUTPUT, @params, @stmt. NULL: an error was raised. */
static struct wire_prepared *prepare_one(struct call *call)
{
    struct tds_session *session = call->session;
    struct engine_session *engine = session->engine;
    struct tsql_statement *batch;
    struct tsql_problem problem;
    if (!is_text(call, 2)) {
        raise(call, 201, "@stmt");
        return NULL;
    }
    const struct value *sql = &call->parameters[2].value, *parameters = &call->parameters[1].value;
    if (count_prepared(session) >= WIRE_PREPARED_MAX) {
        raise(call, 701, "");
        return NULL;
    }
    if (!tsql_parse(&engine->arena, sql->text.bytes, sql->text.length, &batch, &problem)) {
        raise(call, problem.number, problem.text);
        return NULL;
    }
    struct wire_prepared *made = calloc(1, sizeof *made);
    ASSERT(made != NULL);
    struct value none = value_text("", 0);
    parameters = parameters->kind == VALUE_TEXT ? parameters : &none;
    *made = (struct wire_prepared){.next = session->prepared,
                                   .handle = ++session->handles,
                                   .parameters = keep(parameters),
                                   .parameters_length = parameters->text.length,
                                   .sql = keep(sql),
                                   .sql_length = sql->text.length};
    session->prepared = made;
    return made;
}

static struct wire_prepared **find_prepared(struct call *call)
{
    struct wire_prepared **at = &call->session->prepared;
    bool has_handle = call->count > 0 && call->parameters[0].value.kind == VALUE_INTEGER;
    int64_t handle = has_handle ? call->parameters[0].value.integer : 0;
    while (*at != NULL && (*at)->handle != handle)
        at = &(*at)->next;
    if (*at != NULL)
        return at;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)handle);
    raise(call, 8179, number);
    return NULL;
}

static void return_handle(struct call *call, int32_t handle)
{
    struct value value = value_integer(handle);
    wire_return_value(call->session, 0, call->parameters[0].name, (struct tsql_type){TSQL_INT, 0},
                      &value);
}

static bool prepare(struct call *call)
{
    const struct wire_prepared *made = prepare_one(call);
    call->session->engine->variable_count = 0;
    if (made != NULL)
        return_handle(call, made->handle);
    return made != NULL;
}

static bool run_prepared(struct call *call, const struct wire_prepared *prepared, uint32_t first)
{
    return declare(call, prepared->parameters, prepared->parameters_length, first) &&
           run(call, prepared->sql, prepared->sql_length);
}

static bool prepare_and_execute(struct call *call)
{
    const struct wire_prepared *made = prepare_one(call);
    if (made == NULL || !run_prepared(call, made, 3))
        return false;
    return_handle(call, made->handle);
    return true;
}

static bool execute(struct call *call)
{
    struct wire_prepared **at = find_prepared(call);
    return at != NULL && run_prepared(call, *at, 1);
}

static void free_prepared(struct wire_prepared **at)
{
    struct wire_prepared *gone = *at;
    *at = gone->next;
    free(gone->parameters);
    free(gone->sql);
    free(gone);
}

static bool unprepare(struct call *call)
{
    struct wire_prepared **at = find_prepared(call);
    call->session->engine->variable_count = 0;
    if (at != NULL)
        free_prepared(at);
    return at != NULL;
}

void wire_forget_prepared(struct tds_session *session)
{
    while (session->prepared != NULL)
        free_prepared(&session->prepared);
}

/* --- calls ------------------------------------------------------------------------------------ */

static const struct {
    uint16_t number;
    const char *name;
    procedure_fn run;
} procedures[] = {
    {10, "sp_executesql", execute_sql}, {11, "sp_prepare", prepare},
    {12, "sp_execute", execute},        {13, "sp_prepexec", prepare_and_execute},
    {15, "sp_unprepare", unprepare},
};

static procedure_fn find(struct tds_session *session, struct wire_reader *reader,
                         const char **ret_name)
{
    uint16_t units = wire_get_16(reader), number = 0;
    *ret_name = "";
    if (units == UINT16_MAX)
        number = wire_get_16(reader);
    else
        *ret_name = wire_get_text(reader, &session->engine->arena, units).text.bytes;
    const char *dot = strrchr(*ret_name, '.'), *name = dot == NULL ? *ret_name : dot + 1;
    for (size_t i = 0; i < sizeof procedures / sizeof *procedures; i++)
        if (units == UINT16_MAX ? procedures[i].number == number
                                : tsql_same_name(procedures[i].name, name))
            return procedures[i].run;
    return NULL;
}

/* Up to the end, or to what separates it from the next call. */
static bool is_at_end(const struct wire_reader *reader)
{
    return wire_left(reader) == 0 || *reader->next == 0x80 || *reader->next == 0xff;
}

static bool read_parameters(struct call *call, struct wire_reader *reader)
{
    struct engine_session *engine = call->session->engine;
    while (!is_at_end(reader)) {
        if (call->count == PARAMETERS_MAX)
            return false;
        struct parameter *one = &call->parameters[call->count++];
        size_t units = wire_get_8(reader);
        one->name = wire_get_text(reader, &engine->arena, units).text.bytes;
        one->is_output = (wire_get_8(reader) & PARAMETER_OUTPUT) != 0;
        if (!wire_get_parameter(engine, reader, &one->type, &one->value))
            return false;
    }
    return !reader->failed;
}

/* The procedure has ended: what it returns. */
static void finish(struct call *call, bool failed)
{
    struct tds_session *session = call->session;
    if (session->engine->is_cancelled)
        return;
    if (!failed) {
        wire_return_status(session, session->engine->return_status);
        return_outputs(call);
    }
    wire_done(session, TOKEN_DONE_PROCEDURE, failed ? DONE_ERROR : 0, 0, 0);
}

static bool run_call(struct tds_session *session, struct wire_reader *reader)
{
    struct call call = {.session = session};
    const char *name;
    procedure_fn procedure = find(session, reader, &name);
    (void)wire_get_16(reader); /* options */
    call.parameters = ARENA_ARRAY(&session->engine->arena, struct parameter, PARAMETERS_MAX);
    if (!read_parameters(&call, reader)) {
        wire_fail(session, "A parameter of a procedure is not understood");
        return false;
    }
    session->is_in_procedure = true;
    session->engine->return_status = 0;
    session->engine->variable_count = 0;
    bool fine = procedure != NULL ? procedure(&call) : raise(&call, 2812, name);
    session->is_in_procedure = false;
    if (!fine) {
        session->engine->last_error = session->engine->error.number;
        wire_tell_error(session);
    }
    finish(&call, !fine);
    return !session->engine->is_cancelled && !session->engine->is_killed;
}

void wire_procedure(struct tds_session *session, struct wire_reader *reader)
{
    if (!wire_skip_headers(session, reader))
        return;
    while (run_call(session, reader) && wire_left(reader) > 0)
        (void)wire_get_8(reader); /* what stands between two calls */
}
