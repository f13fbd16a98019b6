/* SPDX-License-Identifier: Apache-2.0 */
/* The backend of SQLite, each call of which is written on the tape. */
#include "sqlite/sqlite_tape.h"

#include "base/assert.h"
#include "base/fault.h"
#include "base/text.h"
#include "sim/world.h"
#include "sqlite/sqlite_backend.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The harness's own connections have the number 0: what they do is not written down. */
struct taped_connection {
    struct backend_connection *real; /* NULL: free */
    uint16_t number;
};
struct taped_statement {
    struct backend_statement *real;
    struct backend_connection *of;
    uint16_t connection, number;
};
enum { CONNECTIONS_MAX = 256, STATEMENTS_MAX = 4096 };

/* Of the process: those that are open now. */
static struct taped_connection connections[CONNECTIONS_MAX];
static struct taped_statement statements[STATEMENTS_MAX];

static void (*on_commit_point)(void *context);

static const struct backend_ops *backend_below;

static const struct backend_ops *real(void)
{
    return backend_below;
}

static struct taped_connection *place_of(const struct backend_connection *connection)
{
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++)
        if (connections[i].real == connection)
            return &connections[i];
    ASSERT(connection != NULL); /* a free place is asked for: there are enough */
    return NULL;
}

static uint16_t number_of(const struct backend_connection *connection)
{
    const struct taped_connection *place = place_of(connection);
    return place == NULL ? 0 : place->number;
}

static struct taped_statement *statement_of(const struct backend_statement *statement)
{
    for (uint32_t i = 0; i < STATEMENTS_MAX; i++)
        if (statements[i].real == statement)
            return &statements[i];
    ASSERT(statement != NULL);
    return NULL;
}

/* --- what is put ------------------------------------------------------------------------------ */

/* What may strike in the call of a coroutine, as it was when that began. */
static struct world_fault armed[WORLD_COROUTINES_MAX + 1];

static struct world_fault *armed_here(void)
{
    return &armed[world->current == NULL ? WORLD_NOBODY : world_current_task()];
}

static void note_fault(void)
{
    const struct world_fault *fault = world_current_fault();
    *armed_here() = fault == NULL ? (struct world_fault){0} : *fault;
}

/* An allocation that failed is known by its number in the call: each was an opportunity. */
static void put_failed_allocation(uint16_t connection, uint16_t statement)
{
    const struct world_fault *was = armed_here(), *is = world_current_fault();
    if (connection != 0 && was->kind == FAULT_no_memory && is != NULL && is->fired)
        tape_put((struct tape_entry){.kind = TAPE_FAULT,
                                     .connection = connection,
                                     .statement = statement,
                                     .number = FAULT_no_memory,
                                     .other = was->opportunities_left},
                 NULL, 0);
}

static void begin(enum tape_kind kind, uint16_t connection, uint16_t statement, int64_t number,
                  const char *text)
{
    tape_enter(connection);
    note_fault();
    if (connection != 0)
        tape_put((struct tape_entry){.kind = (uint8_t)kind,
                                     .connection = connection,
                                     .statement = statement,
                                     .number = number},
                 text, text == NULL ? 0 : strlen(text));
}

/* `connection` as it is after the call; NULL: it is no more. */
static void end(struct backend_connection *connection, uint16_t number, uint16_t statement,
                int64_t code, const char *text)
{
    put_failed_allocation(number, statement);
    if (number != 0)
        tape_put(
            (struct tape_entry){
                .kind = TAPE_END,
                .connection = number,
                .statement = statement,
                .number = code,
                .changes = connection == NULL ? 0 : (uint32_t)real()->changes(connection),
                .in_transaction = connection != NULL && real()->in_transaction(connection)},
            text, text == NULL ? 0 : strlen(text));
    tape_enter(0);
}

static void end_with(struct backend_connection *connection, uint16_t number, uint16_t statement,
                     enum outcome outcome)
{
    if (outcome == OUTCOME_OK) {
        end(connection, number, statement, 0, NULL);
        return;
    }
    int code = real()->error_code(connection);
    /* An outcome that is not the library's: no program of its API can see that. */
    if (outcome != sqlite_outcome_of(code))
        code = -(int)outcome;
    end(connection, number, statement, code, real()->error_message(connection));
}

/* --- values ----------------------------------------------------------------------------------- */

/* As a row shows it: long texts are cut, as the programs cut them. */
static void append_shown(struct text *text, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        text_append(text, "NULL");
        return;
    case VALUE_INTEGER:
        text_append_number(text, value->integer);
        return;
    case VALUE_REAL:
        text_append_format(text, "%.15g", value->real);
        return;
    case VALUE_TEXT:
    case VALUE_BLOB:
        if (value->text.length <= 24)
            text_append_bytes(text, value->text.bytes, value->text.length);
        else
            text_append_format(text, "%.16s...(%zu bytes)", value->text.bytes, value->text.length);
        return;
    }
}

/* The shortest piece that the text repeats, if it is not long. */
static size_t period_of(const char *bytes, size_t length)
{
    for (size_t period = 1; period <= 32 && period < length; period++)
        if (length % period == 0 && memcmp(bytes, bytes + period, length - period) == 0)
            return period;
    return length;
}

static void append_quoted(struct text *text, const char *bytes, size_t length)
{
    text_append(text, "'");
    for (size_t i = 0; i < length; i++)
        text_append_bytes(text, bytes[i] == '\'' ? "''" : &bytes[i], bytes[i] == '\'' ? 2 : 1);
    text_append(text, "'");
}

static void append_literal(struct text *text, const struct value *value)
{
    if (value->kind == VALUE_TEXT) {
        size_t length = value->text.length, period = period_of(value->text.bytes, length);
        if (length <= 48 || period == length) {
            append_quoted(text, value->text.bytes, length);
            return;
        }
        text_append_format(text, "replace(hex(zeroblob(%zu)),'00',", length / period);
        append_quoted(text, value->text.bytes, period);
        text_append(text, ")");
    } else if (value->kind == VALUE_BLOB) {
        text_append(text, "x'");
        for (size_t i = 0; i < value->text.length; i++)
            text_append_format(text, "%02x", (unsigned char)value->text.bytes[i]);
        text_append(text, "'");
    } else if (value->kind == VALUE_REAL) {
        text_append_format(text, "%.17g", value->real);
    } else {
        append_shown(text, value);
    }
}

/* --- connections ------------------------------------------------------------------------------ */

static void taped_commit_point(void *context)
{
    tape_put((struct tape_entry){.kind = TAPE_COMMIT, .connection = tape_connection()}, NULL, 0);
    on_commit_point(context);
}

static int64_t autocheckpoint_of(const struct backend_options *options)
{
    const char *equals = strchr(options->parameters, '=');
    return equals == NULL ? 0 : strtol(equals + 1, NULL, 10);
}

static enum outcome taped_connect(struct backend_connection **ret_connection,
                                  const struct backend_options *options)
{
    struct backend_options own = *options;
    bool is_harness = world->current == NULL;
    if (is_harness)
        tape_put((struct tape_entry){.kind = TAPE_LOOK}, NULL, 0);
    if (options->on_commit_point != NULL) {
        on_commit_point = options->on_commit_point;
        own.on_commit_point = taped_commit_point;
    }
    uint16_t number = is_harness ? 0 : (uint16_t)++sqlite_tape->connections;
    tape_enter(number);
    note_fault();
    if (number != 0) {
        const char *setup = options->setup == NULL ? "" : options->setup;
        tape_put((struct tape_entry){.kind = TAPE_CONNECT,
                                     .connection = number,
                                     .number = options->busy_timeout_ms,
                                     .other = autocheckpoint_of(options)},
                 setup, strlen(setup));
    }
    enum outcome outcome = real()->connect(ret_connection, &own);
    if (outcome == OUTCOME_OK)
        *place_of(NULL) = (struct taped_connection){*ret_connection, number};
    end(NULL, number, 0, outcome == OUTCOME_OK ? 0 : 1, NULL);
    return outcome;
}

static enum outcome taped_disconnect(struct backend_connection *connection)
{
    struct taped_connection *place = place_of(connection);
    uint16_t number = place->number;
    begin(TAPE_DISCONNECT, number, 0, 0, NULL);
    enum outcome outcome = real()->disconnect(connection);
    if (outcome == OUTCOME_OK)
        place->real = NULL;
    end(NULL, number, 0, outcome == OUTCOME_OK ? 0 : 1, NULL);
    return outcome;
}

static void taped_cancel(struct backend_connection *connection)
{
    tape_put((struct tape_entry){.kind = TAPE_CANCEL, .connection = number_of(connection)}, NULL,
             0);
    real()->cancel(connection);
}

/* --- statements ------------------------------------------------------------------------------- */

static enum outcome taped_prepare(struct backend_connection *connection, const char *sql,
                                  size_t length, struct backend_statement **ret_statement)
{
    uint16_t number = number_of(connection);
    uint16_t statement = number == 0 ? 0 : (uint16_t)++sqlite_tape->statements;
    tape_enter(number);
    note_fault();
    if (number != 0)
        tape_put(
            (struct tape_entry){.kind = TAPE_PREPARE, .connection = number, .statement = statement},
            sql, length);
    enum outcome outcome = real()->prepare(connection, sql, length, ret_statement);
    if (outcome == OUTCOME_OK)
        *statement_of(NULL) =
            (struct taped_statement){*ret_statement, connection, number, statement};
    end_with(connection, number, statement, outcome);
    return outcome;
}

static void put_bind(const struct backend_statement *statement, int parameter,
                     const struct value *value)
{
    static char literal[TAPE_SQL_BYTES];
    const struct taped_statement *taped = statement_of(statement);
    if (taped->connection == 0)
        return;
    struct text text;
    text_init(&text, literal, sizeof literal);
    append_literal(&text, value);
    tape_put((struct tape_entry){.kind = TAPE_BIND,
                                 .connection = taped->connection,
                                 .statement = taped->number,
                                 .number = parameter},
             text.bytes, text.length);
}

static enum outcome taped_bind_int64(struct backend_statement *statement, int parameter,
                                     int64_t value)
{
    const struct value shown = value_integer(value);
    put_bind(statement, parameter, &shown);
    return real()->bind_int64(statement, parameter, value);
}

static enum outcome taped_bind_text(struct backend_statement *statement, int parameter,
                                    const char *bytes, size_t length)
{
    const struct value shown = value_text(bytes, length);
    put_bind(statement, parameter, &shown);
    return real()->bind_text(statement, parameter, bytes, length);
}

static enum outcome taped_bind(struct backend_statement *statement, int parameter,
                               const struct value *value)
{
    put_bind(statement, parameter, value);
    return real()->bind(statement, parameter, value);
}

/* Outside of all calls of ours, so that a pause in a conversion does no harm. */
static void append_row(struct backend_statement *statement, struct text *text)
{
    int columns = real()->column_count(statement);
    for (int i = 0; i < columns; i++) {
        struct value value;
        real()->column(statement, i, &value);
        text_append(text, i == 0 ? "" : "|");
        append_shown(text, &value);
    }
}

static enum outcome taped_step(struct backend_statement *statement)
{
    char row[1024];
    struct taped_statement taped = *statement_of(statement);
    begin(TAPE_STEP, taped.connection, taped.number, 0, NULL);
    enum outcome outcome = real()->step(statement);
    if (taped.connection == 0 || outcome != OUTCOME_ROW) {
        end_with(taped.of, taped.connection, taped.number, outcome);
        return outcome;
    }
    struct text text;
    text_init(&text, row, sizeof row);
    append_row(statement, &text);
    end(taped.of, taped.connection, taped.number, SQLITE_ROW, row);
    return outcome;
}

static void taped_reset(struct backend_statement *statement)
{
    struct taped_statement taped = *statement_of(statement);
    begin(TAPE_RESET, taped.connection, taped.number, 0, NULL);
    real()->reset(statement);
    end(taped.of, taped.connection, taped.number, 0, NULL);
}

static void taped_finalize(struct backend_statement *statement)
{
    struct taped_statement *place = statement_of(statement), taped = *place;
    begin(TAPE_FINALIZE, taped.connection, taped.number, 0, NULL);
    real()->finalize(statement);
    place->real = NULL;
    end(taped.of, taped.connection, taped.number, 0, NULL);
}

const struct backend_ops *tape_backend(const struct backend_ops *backend)
{
    static struct backend_ops ops;
    backend_below = backend;
    ops = *real();
    ops.connect = taped_connect;
    ops.disconnect = taped_disconnect;
    ops.prepare = taped_prepare;
    ops.bind_int64 = taped_bind_int64;
    ops.bind_text = taped_bind_text;
    ops.bind = taped_bind;
    ops.step = taped_step;
    ops.reset = taped_reset;
    ops.finalize = taped_finalize;
    ops.cancel = taped_cancel;
    return &ops;
}
