/* SPDX-License-Identifier: Apache-2.0 */
/* Packets ([MS-TDS] 2.2.3): what clients send becomes messages, tokens become packets. */
#include "mssql/server/wire.h"

#include <string.h>

/* --- out -------------------------------------------------------------------------------------- */

static void put_packet(struct tds_session *session, size_t length, bool is_last)
{
    size_t size = length + WIRE_HEADER_BYTES;
    uint8_t header[WIRE_HEADER_BYTES] = {WIRE_RESPONSE, is_last ? WIRE_LAST : 0};
    header[2] = (uint8_t)(size >> 8);
    header[3] = (uint8_t)size;
    header[4] = (uint8_t)(session->engine->number >> 8);
    header[5] = (uint8_t)session->engine->number;
    header[6] = ++session->packet_number;
    wire_put_bytes(&session->out, header, sizeof header);
    wire_put_bytes(&session->out, session->body.bytes, length);
    wire_remove(&session->body, length);
}

/* More than a packet's worth: at least a byte is kept for the last one. */
void wire_send_full(struct tds_session *session)
{
    size_t room = session->packet_bytes - WIRE_HEADER_BYTES;
    bool any = false;
    while (session->body.length > room) {
        put_packet(session, room, false);
        any = true;
    }
    if (any && session->is_running)
        engine_wait(session->engine, TDS_WAIT_ROOM, engine_now_ns(session->engine->server));
}

void wire_end(struct tds_session *session)
{
    wire_let_go(session, false);
    session->is_running = false;
    wire_send_full(session);
    if (session->body.length > 0)
        put_packet(session, session->body.length, true);
    session->packet_number = 0;
}

/* --- in --------------------------------------------------------------------------------------- */

static void take_attention(struct tds_session *session)
{
    session->attention = true;
    if (session->is_running)
        session->engine->is_cancelled = true;
    if (!session->message_is_whole) /* whatever has come of a message is not to be done */
        session->message.length = 0;
}

static void take_packet(struct tds_session *session, const uint8_t *packet, size_t size)
{
    uint8_t type = packet[0], status = packet[1];
    if (type == WIRE_ATTENTION) {
        take_attention(session);
        return;
    }
    if (session->message.length == 0) {
        session->message_type = type;
        session->message_status = status;
    }
    wire_put_bytes(&session->message, packet + WIRE_HEADER_BYTES, size - WIRE_HEADER_BYTES);
    if (type != session->message_type || session->message.length > WIRE_MESSAGE_BYTES_MAX)
        session->is_over = true;
    if ((status & WIRE_LAST) == 0)
        return;
    if ((status & WIRE_IGNORE) != 0)
        session->message.length = 0;
    else
        session->message_is_whole = true;
}

/* Up to the end of a message, which is done before the next one is looked at. */
void wire_take_packets(struct tds_session *session)
{
    size_t at = 0;
    while (!session->message_is_whole && !session->is_over) {
        size_t left = session->in.length - at;
        if (left < WIRE_HEADER_BYTES)
            break;
        const uint8_t *packet = session->in.bytes + at;
        size_t size = (size_t)packet[2] << 8 | packet[3];
        if (size < WIRE_HEADER_BYTES)
            session->is_over = true;
        if (session->is_over || left < size)
            break;
        take_packet(session, packet, size);
        at += size;
    }
    if (at > 0)
        wire_remove(&session->in, at);
}
