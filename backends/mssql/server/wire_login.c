/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PRELOGIN and LOGIN7 ([MS-TDS] 2.2.6.5 and 2.2.6.4). There is no encryption, which is said; any
 * user with any password is let in, but one who asks for a database that is not there.
 */
#include "mssql/server/wire.h"

#include <stdio.h>
#include <string.h>

enum { VERSION_7_2 = 0x72090002, VERSION_7_4 = 0x74000004 };

/* --- PRELOGIN --------------------------------------------------------------------------------- */

struct option {
    uint8_t token, length;
    const uint8_t *bytes;
};

void wire_prelogin(struct tds_session *session)
{
    static const uint8_t version[] = {16, 0, 0, 0, 0, 0}, not_supported[] = {2}, zero[] = {0};
    static const struct option options[] = {
        {0, sizeof version, version},             /* VERSION */
        {1, sizeof not_supported, not_supported}, /* ENCRYPTION */
        {2, sizeof zero, zero},                   /* INSTOPT */
        {3, 0, zero},                             /* THREADID */
        {4, sizeof zero, zero},                   /* MARS */
    };
    enum { COUNT = sizeof options / sizeof *options };
    uint32_t offset = COUNT * 5 + 1;
    for (size_t i = 0; i < COUNT; i++) {
        wire_put_8(&session->body, options[i].token);
        wire_put_8(&session->body, offset >> 8);
        wire_put_8(&session->body, offset & 0xff);
        wire_put_8(&session->body, 0);
        wire_put_8(&session->body, options[i].length);
        offset += options[i].length;
    }
    wire_put_8(&session->body, 0xff);
    for (size_t i = 0; i < COUNT; i++)
        wire_put_bytes(&session->body, options[i].bytes, options[i].length);
}

/* --- LOGIN7 ----------------------------------------------------------------------------------- */

/* Where the offset of a text stands in the message. */
enum { AT_USER = 40, AT_DATABASE = 68, LOGIN_BYTES_LEAST = 94 };

static struct value text_at(struct tds_session *session, const struct wire_reader *login, size_t at)
{
    size_t length = wire_left(login);
    if (length < at + 4)
        return value_text("", 0);
    struct wire_reader place = {login->next + at, login->end, false};
    size_t offset = wire_get_16(&place), units = wire_get_16(&place);
    if (offset > length)
        return value_text("", 0);
    struct wire_reader text = {login->next + offset, login->end, false};
    return wire_get_text(&text, &session->engine->arena, units);
}

static void set_packet_size(struct tds_session *session, uint32_t wanted)
{
    uint32_t most = session->engine->server->options.packet_bytes_max;
    if (wanted == 0)
        wanted = WIRE_PACKET_FIRST;
    if (wanted > most)
        wanted = most;
    session->packet_bytes_next = wanted < WIRE_PACKET_LEAST ? WIRE_PACKET_LEAST : wanted;
}

static void tell(struct tds_session *session, int32_t number, const char *text)
{
    struct engine_error message = {.number = number, .state = 1, .line = 1};
    snprintf(message.text, sizeof message.text, "%s", text);
    wire_message(session, &message);
}

static void welcome(struct tds_session *session, uint32_t version)
{
    const char *database = session->engine->server->database;
    char size[12], before[12], text[200];
    snprintf(size, sizeof size, "%u", session->packet_bytes_next);
    snprintf(before, sizeof before, "%u", session->packet_bytes);
    snprintf(text, sizeof text, "Changed database context to '%.128s'.", database);
    wire_change_text(session, CHANGE_DATABASE, database, "master");
    tell(session, 5701, text);
    wire_change_collation(session);
    wire_change_text(session, CHANGE_LANGUAGE, "us_english", "");
    tell(session, 5703, "Changed language setting to us_english.");
    wire_login_ack(session, version);
    wire_change_text(session, CHANGE_PACKET_SIZE, size, before);
    wire_done(session, TOKEN_DONE, 0, 0, 0);
}

void wire_login(struct tds_session *session, struct wire_reader *reader)
{
    struct wire_reader login = *reader;
    if (wire_left(&login) < LOGIN_BYTES_LEAST) {
        wire_fail(session, "LOGIN7 is too short");
        return;
    }
    (void)wire_get_32(reader); /* length */
    uint32_t version = wire_get_32(reader), size = wire_get_32(reader);
    const char *user = text_at(session, &login, AT_USER).text.bytes;
    const char *database = text_at(session, &login, AT_DATABASE).text.bytes;
    if (version < VERSION_7_2) {
        wire_fail(session, "TDS 7.2 or newer is expected");
        return;
    }
    if (*database != 0 && !engine_has_database(session->engine->server, database)) {
        engine_raise(session->engine, 18456, user);
        wire_refuse(session);
        session->is_over = true;
        return;
    }
    set_packet_size(session, size);
    welcome(session, version > VERSION_7_4 ? VERSION_7_4 : version);
    session->is_logged_in = true;
    if (wire_lies(session, TDS_LIE_CLOSE_AFTER_LOGIN))
        session->is_over = true;
}
