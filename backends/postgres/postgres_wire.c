/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_wire.h"

#include <string.h>

enum {
    CANCEL_REQUEST = 80877102, /* in place of a version */
    AUTHENTICATION_OK = 0,
    AUTHENTICATION_SASL_FINAL = 12,
};

void postgres_wire_begin(struct postgres_wire *wire)
{
    *wire = (struct postgres_wire){.client.is_untyped = true};
}

bool postgres_wire_owes(const struct postgres_wire *wire)
{
    return !wire->has_ended && (wire->is_leaving || (wire->pending > 0 && !wire->awaits_client));
}

/* --- messages -------------------------------------------------------------------------------- */

static uint32_t number_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t bytes_before_length(const struct postgres_stream *stream)
{
    return stream->is_untyped ? 0 : 1;
}

/* One more byte of a message's beginning; true once what is kept of it is all there. */
static bool take_head(struct postgres_stream *stream, unsigned char byte)
{
    stream->head[stream->got++] = byte;
    uint32_t before = bytes_before_length(stream);
    if (stream->got < before + 4)
        return false;
    uint64_t whole = (uint64_t)before + number_at(stream->head + before);
    if (stream->got < whole && stream->got < POSTGRES_HEAD_BYTES)
        return false;
    stream->left = whole > stream->got ? whole - stream->got : 0;
    return true;
}

/*
 * Reads a direction: `on_message` is called for each message once it is all there, of which the
 * beginning is in `head`. (A long one is sent in pieces, and is no request before the last one.)
 */
static void read_stream(struct postgres_wire *wire, struct postgres_stream *stream,
                        const unsigned char *bytes, size_t count,
                        void (*on_message)(struct postgres_wire *wire))
{
    size_t at = 0;
    while (at < count) {
        if (!stream->has_head) {
            stream->has_head = take_head(stream, bytes[at++]);
        } else {
            uint64_t skipped = stream->left < count - at ? stream->left : count - at;
            stream->left -= skipped;
            at += skipped;
        }
        if (!stream->has_head || stream->left > 0)
            continue;
        on_message(wire);
        stream->got = 0;
        stream->has_head = stream->is_untyped = false;
    }
}

/* --- what the client says -------------------------------------------------------------------- */

static void read_first(struct postgres_wire *wire)
{
    const unsigned char *head = wire->client.head;
    if (number_at(head + 4) == CANCEL_REQUEST) {
        wire->cancels = (int32_t)number_at(head + 8);
        wire->is_leaving = true;
    } else {
        wire->pending++;
    }
}

/* What fails after its first transaction leaves an index behind that nobody can use. */
static bool may_leave_pieces(const struct postgres_stream *client)
{
    static const char *const words[] = {"INDEX CONCURRENTLY", "REINDEX"};
    bool is_text = client->head[0] == 'P' || client->head[0] == 'Q'; /* Parse, Query */
    for (size_t i = 0; is_text && i < sizeof words / sizeof words[0]; i++)
        if (memmem(client->head, client->got, words[i], strlen(words[i])) != NULL)
            return true;
    return false;
}

static void read_client(struct postgres_wire *wire)
{
    wire->awaits_client &= wire->client.head[0] == 'd' && !wire->client.is_untyped; /* CopyData */
    if (wire->client.is_untyped) {
        read_first(wire);
        return;
    }
    wire->has_changed_schema |= may_leave_pieces(&wire->client);
    switch (wire->client.head[0]) {
    case 'S': /* Sync */
        wire->was_synced = true;
        wire->pending++;
        break;
    case 'Q': /* Query */
        wire->was_synced = false;
        wire->pending++;
        break;
    case 'F': /* FunctionCall */
        wire->pending++;
        break;
    case 'X': /* Terminate */
        wire->is_leaving = true;
        break;
    }
}

/* --- what the server says -------------------------------------------------------------------- */

/* The command tag of the message at hand, as far as it is kept. */
static bool tag_begins(const struct postgres_wire *wire, const char *word)
{
    size_t bytes = strlen(word);
    return wire->server.got >= 5 + bytes && memcmp(wire->server.head + 5, word, bytes) == 0;
}

static bool tag_begins_with_any(const struct postgres_wire *wire, const char *const *words)
{
    while (*words != NULL && !tag_begins(wire, *words))
        words++;
    return *words != NULL;
}

/* The number that it ends in: of rows. */
static bool tag_has_rows(const struct postgres_wire *wire)
{
    const unsigned char *at = wire->server.head + wire->server.got;
    bool is_nonzero = false;
    while (at > wire->server.head + 5 && (*--at == '\0' || (*at >= '0' && *at <= '9')))
        is_nonzero |= *at > '0';
    return is_nonzero;
}

/* Statistics, which plans are chosen by, outlive the rows that they are of. */
static void read_tag(struct postgres_wire *wire)
{
    static const char *const schema[] = {"CREATE", "DROP",    "ALTER",  "COMMENT", "GRANT",
                                         "REVOKE", "ANALYZE", "VACUUM", "DO",      NULL};
    static const char *const rows[] = {"INSERT", "UPDATE", "DELETE", "MERGE", NULL};
    bool is_of_schema = tag_begins_with_any(wire, schema);
    wire->has_changed_schema |= is_of_schema;
    wire->has_written |= is_of_schema || (tag_begins_with_any(wire, rows) && tag_has_rows(wire));
    if (tag_begins(wire, "COMMIT") && wire->status == 'T') {
        wire->committed = wire->has_written ? NET_COMMIT_OF_WRITES : NET_COMMIT_OF_NOTHING;
        wire->has_written = false;
    }
    if (tag_begins(wire, "PREPARE TRANSACTION"))
        wire->has_written = false;
    wire->has_written |= tag_begins(wire, "COMMIT PREPARED");
}

/* What was written outside of a transaction, and did not fail, is committed by then. */
static void read_ready(struct postgres_wire *wire, char status)
{
    wire->awaits_client = false;
    wire->pending -= wire->pending > 0;
    if (status == 'I' && wire->status == 'I' && wire->has_written)
        wire->committed = NET_COMMIT_OF_WRITES;
    if (status == 'I')
        wire->has_written = false;
    wire->status = status;
}

static void read_server(struct postgres_wire *wire)
{
    const unsigned char *head = wire->server.head;
    switch (head[0]) {
    case 'R': /* Authentication... */
        wire->awaits_client = number_at(head + 5) != AUTHENTICATION_OK &&
                              number_at(head + 5) != AUTHENTICATION_SASL_FINAL;
        wire->had_password |= wire->awaits_client;
        break;
    case 'K': /* BackendKeyData */
        wire->process = (int32_t)number_at(head + 5);
        break;
    case 'G': /* CopyInResponse: a Sync that came with the request is passed over (55.2.6) */
        wire->pending -= wire->was_synced && wire->pending > 0;
        wire->awaits_client = true;
        break;
    case 'W': /* CopyBothResponse */
        wire->awaits_client = true;
        break;
    case 'C': /* CommandComplete */
        read_tag(wire);
        break;
    case 'E': /* ErrorResponse */
        if (wire->status == 'I')
            wire->has_written = false;
        break;
    case 'Z': /* ReadyForQuery */
        read_ready(wire, (char)head[5]);
        break;
    }
}

void postgres_wire_sent(struct postgres_wire *wire, const unsigned char *bytes, size_t count)
{
    read_stream(wire, &wire->client, bytes, count, read_client);
}

void postgres_wire_received(struct postgres_wire *wire, const unsigned char *bytes, size_t count)
{
    wire->has_ended |= count == 0;
    read_stream(wire, &wire->server, bytes, count, read_server);
}
