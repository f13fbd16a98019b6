/* SPDX-License-Identifier: Apache-2.0 */
/* A connection: messages are taken one by one, done, and answered. */
#include "mssql/server/wire.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

/* --- what the database tells ------------------------------------------------------------------ */

static void on_columns(void *context, const struct tsql_output *columns, uint32_t count)
{
    wire_columns(context, columns, count);
}

static void on_row(void *context, const struct value *values, uint32_t count)
{
    wire_row(context, values, count);
}

static void on_done(void *context, uint16_t command, bool has_count, uint64_t count, bool failed)
{
    struct tds_session *session = context;
    uint16_t status = (uint16_t)((has_count ? DONE_COUNT : 0) | (failed ? DONE_ERROR : 0));
    wire_done(session, session->is_in_procedure ? TOKEN_DONE_IN_PROCEDURE : TOKEN_DONE, status,
              command, count);
}

static void on_message(void *context, const struct engine_error *message)
{
    wire_message(context, message);
}

static void on_transaction(void *context, uint8_t change, uint64_t number)
{
    struct tds_session *session = context;
    if (!session->is_hung_up)
        wire_change_transaction(session, change, number);
}

static void on_database(void *context, const char *name)
{
    wire_change_text(context, CHANGE_DATABASE, name, name);
}

const struct engine_client wire_client = {
    .columns = on_columns,
    .row = on_row,
    .done = on_done,
    .message = on_message,
    .transaction = on_transaction,
    .database = on_database,
};

/* --- one request ------------------------------------------------------------------------------ */

static void reset(struct tds_session *session)
{
    engine_session_reset(session->engine);
    wire_change_text(session, CHANGE_RESET, "", "");
}

static void serve(struct tds_session *session, struct wire_reader *reader)
{
    bool is_login = session->message_type == WIRE_LOGIN;
    if (session->message_type == WIRE_PRELOGIN && !session->is_logged_in) {
        wire_prelogin(session);
        return;
    }
    if (is_login != !session->is_logged_in) {
        wire_fail(session, "LOGIN7 is expected before everything else, and once");
        return;
    }
    if ((session->message_status & WIRE_RESET) != 0)
        reset(session);
    switch (session->message_type) {
    case WIRE_LOGIN:
        wire_login(session, reader);
        return;
    case WIRE_BATCH:
        wire_batch(session, reader);
        return;
    case WIRE_RPC:
        wire_procedure(session, reader);
        return;
    case WIRE_TRANSACTION:
        wire_transaction(session, reader);
        return;
    default:
        wire_fail(session, "This kind of message is not known");
    }
}

/* A message of its own, after what the request was answered. */
static void acknowledge(struct tds_session *session)
{
    session->attention = false;
    wire_done(session, TOKEN_DONE, DONE_ATTENTION, 0, 0);
    wire_end(session);
    if (wire_lies(session, TDS_LIE_ATTENTION_TWICE))
        acknowledge(session);
}

/* Before the end of the answer that it ends. */
static void acknowledge_early(struct tds_session *session)
{
    struct wire_buffer body = session->body;
    struct wire_done_held held = session->held;
    session->body = (struct wire_buffer){NULL, 0, 0};
    session->held.is_held = false;
    acknowledge(session);
    free(session->body.bytes);
    session->body = body;
    session->held = held;
}

static void end_request(struct tds_session *session)
{
    struct engine_session *engine = session->engine;
    if (session->attention && engine->is_cancelled) {
        wire_done(session, TOKEN_DONE, DONE_ERROR, 0, 0);
        if (wire_lies(session, TDS_LIE_ATTENTION_EARLY))
            acknowledge_early(session);
    }
    wire_end(session);
    if (session->attention)
        acknowledge(session);
    engine->is_cancelled = session->is_hung_up;
    session->is_over |= engine->is_killed;
    session->packet_bytes = session->packet_bytes_next;
    arena_reset(&engine->arena);
}

static void run_message(struct tds_session *session)
{
    struct wire_buffer message = session->message;
    session->message = (struct wire_buffer){NULL, 0, 0};
    session->message_is_whole = false;
    session->is_running = true;
    wire_take_packets(session); /* attention may be behind it */
    static const uint8_t none[1];
    const uint8_t *bytes = message.length > 0 ? message.bytes : none;
    struct wire_reader reader = {bytes, bytes + message.length, false};
    serve(session, &reader);
    end_request(session);
    free(message.bytes);
}

bool tds_session_run(struct tds_session *session)
{
    ASSERT(!session->is_running);
    while (!session->is_over && !session->is_hung_up) {
        wire_take_packets(session);
        if (session->attention)
            end_request(session);
        else if (session->message_is_whole)
            run_message(session);
        else
            return true;
    }
    if (session->engine->depth > 0)
        engine_rollback(session->engine);
    wire_end(session);
    return false;
}

/* --- the host's side -------------------------------------------------------------------------- */

void tds_session_feed(struct tds_session *session, const void *bytes, size_t length)
{
    wire_put_bytes(&session->in, bytes, length);
    wire_take_packets(session);
}

void tds_session_hang_up(struct tds_session *session)
{
    session->is_hung_up = true;
    session->engine->is_cancelled = true;
}

size_t tds_session_ready_bytes(const struct tds_session *session)
{
    return session->out.length;
}

size_t tds_session_take(struct tds_session *session, void *bytes, size_t capacity_bytes)
{
    size_t count = session->out.length < capacity_bytes ? session->out.length : capacity_bytes;
    if (count > 0)
        memcpy(bytes, session->out.bytes, count);
    wire_remove(&session->out, count);
    return count;
}

size_t tds_session_blockers(const struct tds_session *session, struct tds_session **ret_sessions,
                            size_t capacity)
{
    enum { BLOCKERS_MAX = 64 };
    struct engine_session *blockers[BLOCKERS_MAX];
    size_t count = engine_blockers(session->engine, blockers, BLOCKERS_MAX);
    for (size_t i = 0; i < count && i < capacity && i < BLOCKERS_MAX; i++)
        ret_sessions[i] = blockers[i]->client_context;
    return count;
}

struct tds_session *tds_session_new(struct tds_server *server, void *context)
{
    struct tds_session *session = calloc(1, sizeof *session);
    ASSERT(session != NULL && context != NULL);
    session->host_context = context;
    session->packet_bytes = session->packet_bytes_next = WIRE_PACKET_FIRST;
    session->engine = engine_session_new(server, context, &wire_client, session);
    return session;
}

void tds_session_free(struct tds_session *session)
{
    session->is_hung_up = true;
    engine_session_free(session->engine);
    wire_forget_prepared(session);
    free(session->in.bytes);
    free(session->message.bytes);
    free(session->body.bytes);
    free(session->out.bytes);
    free(session->columns);
    free(session);
}
