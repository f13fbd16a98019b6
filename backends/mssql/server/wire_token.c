/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens of a response ([MS-TDS] 2.2.7). */
#include "mssql/server/wire.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

bool wire_lies(struct tds_session *session, enum tds_lie lie)
{
    const struct tds_server *server = session->engine->server;
    return server->host->lies != NULL &&
           server->host->lies(server->context, session->host_context, lie);
}

/* --- DONE ------------------------------------------------------------------------------------- */

static void put_done(struct wire_buffer *body, const struct wire_done_held *done, bool has_more)
{
    wire_put_8(body, done->token);
    wire_put_16(body, done->status | (has_more ? DONE_MORE : 0u));
    wire_put_16(body, done->command);
    wire_put_64(body, done->count);
}

void wire_let_go(struct tds_session *session, bool has_more)
{
    if (session->held.is_held)
        put_done(&session->body, &session->held, has_more);
    session->held.is_held = false;
}

void wire_done(struct tds_session *session, uint8_t token, uint16_t status, uint16_t command,
               uint64_t count)
{
    wire_let_go(session, true);
    if ((status & DONE_COUNT) != 0 && wire_lies(session, TDS_LIE_WRONG_COUNT))
        count++;
    session->held = (struct wire_done_held){true, token, status, command, count};
}

/* --- tokens with a length --------------------------------------------------------------------- */

static size_t begin(struct tds_session *session, uint8_t token)
{
    wire_let_go(session, true);
    wire_put_8(&session->body, token);
    wire_put_16(&session->body, 0);
    return session->body.length;
}

static void end(struct tds_session *session, size_t at)
{
    wire_set_16(&session->body, at - 2, (uint32_t)(session->body.length - at));
    wire_send_full(session);
}

void wire_message(struct tds_session *session, const struct engine_error *message)
{
    size_t at = begin(session, message->class_ > 10 ? TOKEN_ERROR : TOKEN_INFO);
    wire_put_32(&session->body, (uint32_t)message->number);
    wire_put_8(&session->body, message->state);
    wire_put_8(&session->body, message->class_);
    wire_put_text_16(&session->body, message->text);
    wire_put_text_8(&session->body, "interplay");
    wire_put_text_8(&session->body, "");
    wire_put_32(&session->body, message->line);
    end(session, at);
}

void wire_change_text(struct tds_session *session, enum wire_change change, const char *now,
                      const char *before)
{
    size_t at = begin(session, TOKEN_CHANGE);
    wire_put_8(&session->body, change);
    wire_put_text_8(&session->body, now);
    wire_put_text_8(&session->body, before);
    end(session, at);
}

static void put_descriptor(struct wire_buffer *body, uint64_t number)
{
    wire_put_8(body, sizeof number);
    wire_put_64(body, number);
}

/* A new transaction has no old number, one that has ended no new one. */
void wire_change_transaction(struct tds_session *session, enum wire_change change, uint64_t number)
{
    size_t at = begin(session, TOKEN_CHANGE);
    wire_put_8(&session->body, change);
    if (change == CHANGE_BEGUN)
        put_descriptor(&session->body, number);
    wire_put_8(&session->body, 0);
    if (change != CHANGE_BEGUN)
        put_descriptor(&session->body, number);
    end(session, at);
}

void wire_change_collation(struct tds_session *session)
{
    size_t at = begin(session, TOKEN_CHANGE);
    wire_put_8(&session->body, CHANGE_COLLATION);
    wire_put_8(&session->body, sizeof wire_collation);
    wire_put_bytes(&session->body, wire_collation, sizeof wire_collation);
    wire_put_8(&session->body, 0);
    end(session, at);
}

/* The name is the protocol's: clients ask for it before they speak as to SQL Server. */
void wire_login_ack(struct tds_session *session, uint32_t version)
{
    size_t at = begin(session, TOKEN_LOGIN);
    wire_put_8(&session->body, 1); /* T-SQL */
    for (int shift = 24; shift >= 0; shift -= 8)
        wire_put_8(&session->body, version >> shift & 0xff);
    wire_put_text_8(&session->body, "Microsoft SQL Server");
    static const uint8_t number[] = {16, 0, 0, 0};
    wire_put_bytes(&session->body, number, sizeof number);
    end(session, at);
}

/* --- results ---------------------------------------------------------------------------------- */

static void remember_columns(struct tds_session *session, const struct tsql_output *columns,
                             uint32_t count)
{
    session->columns = realloc(session->columns, (count + 1) * sizeof *session->columns);
    ASSERT(session->columns != NULL);
    for (uint32_t i = 0; i < count; i++)
        session->columns[i] = columns[i].type;
}

void wire_columns(struct tds_session *session, const struct tsql_output *columns, uint32_t count)
{
    wire_let_go(session, true);
    if (wire_lies(session, TDS_LIE_DONE_ALONE)) {
        struct wire_done_held alone = {true, TOKEN_DONE, DONE_COUNT, 0xc1, 1};
        put_done(&session->body, &alone, true);
    }
    remember_columns(session, columns, count);
    wire_put_8(&session->body, TOKEN_COLUMNS);
    wire_put_16(&session->body, count);
    for (uint32_t i = 0; i < count; i++) {
        wire_put_32(&session->body, 0);   /* user type */
        wire_put_16(&session->body, 0x9); /* may be NULL; updatable: unknown */
        wire_put_type(&session->body, columns[i].type);
        wire_put_text_8(&session->body, columns[i].name == NULL ? "" : columns[i].name);
    }
    wire_send_full(session);
}

static bool has_null(const struct value *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (values[i].kind == VALUE_NULL)
            return true;
    return false;
}

static void put_nulls(struct wire_buffer *body, const struct value *values, uint32_t count)
{
    for (uint32_t first = 0; first < count; first += 8) {
        uint32_t bits = 0;
        for (uint32_t i = first; i < count && i < first + 8; i++)
            bits |= (uint32_t)(values[i].kind == VALUE_NULL) << (i - first);
        wire_put_8(body, bits);
    }
}

/* What may go wrong between two rows. */
static void lie_in_rows(struct tds_session *session)
{
    if (wire_lies(session, TDS_LIE_ENVCHANGE_IN_ROWS))
        wire_change_transaction(session, CHANGE_COMMITTED, session->engine->transaction);
    if (wire_lies(session, TDS_LIE_ERROR_IN_RESULT))
        engine_raise_text(session->engine, 50001, 16, 1, "The server lies: rows are left.");
    if (wire_lies(session, TDS_LIE_CLOSE_IN_RESULT))
        session->engine->is_cancelled = session->is_over = true;
}

void wire_row(struct tds_session *session, const struct value *values, uint32_t count)
{
    struct wire_buffer *body = &session->body;
    bool is_short = wire_lies(session, TDS_LIE_SHORT_ROW) && count > 0;
    bool is_long = wire_lies(session, TDS_LIE_LONG_ROW);
    if (has_null(values, count)) {
        wire_put_8(body, TOKEN_ROW_WITHOUT_NULLS);
        put_nulls(body, values, count);
    } else {
        wire_put_8(body, TOKEN_ROW);
    }
    for (uint32_t i = 0; i < count - is_short; i++) {
        size_t at = body->length;
        if (values[i].kind == VALUE_NULL)
            continue;
        wire_put_value(body, session->columns[i], &values[i]);
        if (is_long)
            body->bytes[at] = (uint8_t)(body->bytes[at] + 100);
    }
    lie_in_rows(session);
    wire_send_full(session);
}

/* --- procedures ------------------------------------------------------------------------------- */

void wire_return_status(struct tds_session *session, int32_t status)
{
    wire_let_go(session, true);
    wire_put_8(&session->body, TOKEN_RETURN_STATUS);
    wire_put_32(&session->body, (uint32_t)status);
}

void wire_return_value(struct tds_session *session, uint16_t ordinal, const char *name,
                       struct tsql_type type, const struct value *value)
{
    struct wire_buffer *body = &session->body;
    wire_let_go(session, true);
    wire_put_8(body, TOKEN_RETURN_VALUE);
    wire_put_16(body, ordinal);
    wire_put_text_8(body, name);
    wire_put_8(body, 1);  /* of a parameter */
    wire_put_32(body, 0); /* user type */
    wire_put_16(body, 1); /* nullable */
    wire_put_type(body, type);
    wire_put_value(body, type, value);
    wire_send_full(session);
}
