/* SPDX-License-Identifier: Apache-2.0 */
/* Requests are written and answers read from [MS-TDS], not from the server's own code. */
#include "mssql/tds_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the host --------------------------------------------------------------------------------- */

static void wait_for(void *context, void *of_session, enum tds_wait why, uint64_t until_ns)
{
    struct tds_client *client = of_session;
    (void)context;
    if (why == TDS_WAIT_ROOM)
        return;
    client->is_waiting = true;
    client->is_woken = false;
    client->until_ns = until_ns;
    coroutine_suspend(&client->coroutine);
    client->is_waiting = false;
}

static void wake(void *context, void *of_session)
{
    (void)context;
    ((struct tds_client *)of_session)->is_woken = true;
}

static uint64_t now_ns(void *context)
{
    return ((struct tds_fixture *)context)->now_ns;
}

static bool lies(void *context, void *of_session, enum tds_lie lie)
{
    struct tds_fixture *fixture = context;
    (void)of_session;
    if (fixture->lie != lie)
        return false;
    fixture->lie = TDS_LIE_COUNT;
    return true;
}

static const struct tds_server_host host = {wait_for, wake, now_ns, lies};

void tds_fixture_begin(struct tds_fixture *fixture, const struct tds_server_options *options)
{
    *fixture = (struct tds_fixture){.lie = TDS_LIE_COUNT};
    fixture->server = tds_server_new(options, &host, fixture);
}

static void serve(void *argument)
{
    struct tds_client *client = argument;
    for (;;) {
        client->has_ended = !tds_session_run(client->session);
        coroutine_suspend(&client->coroutine);
    }
}

static bool can_go_on(const struct tds_fixture *fixture, const struct tds_client *client)
{
    return !client->has_ended && (client->is_woken || client->until_ns <= fixture->now_ns);
}

static void run_all(struct tds_fixture *fixture)
{
    bool any = true;
    while (any) {
        any = false;
        for (uint32_t i = 0; i < fixture->count; i++) {
            struct tds_client *client = fixture->clients[i];
            if (!can_go_on(fixture, client))
                continue;
            any = true;
            client->is_woken = false;
            client->until_ns = TDS_FOREVER;
            coroutine_resume(&client->coroutine);
        }
    }
}

void tds_fixture_end(struct tds_fixture *fixture)
{
    for (uint32_t i = 0; i < fixture->count; i++) {
        tds_session_hang_up(fixture->clients[i]->session);
        fixture->clients[i]->is_woken = true;
    }
    run_all(fixture);
    for (uint32_t i = 0; i < fixture->count; i++) {
        coroutine_clean_up(&fixture->clients[i]->coroutine);
        tds_session_free(fixture->clients[i]->session);
        free(fixture->clients[i]);
    }
    tds_server_free(fixture->server);
}

void tds_fixture_pass(struct tds_fixture *fixture, uint64_t ms)
{
    fixture->now_ns += ms * 1000000;
    run_all(fixture);
}

/* --- requests --------------------------------------------------------------------------------- */

struct message {
    uint8_t bytes[1 << 18];
    size_t length;
};

static void put(struct message *message, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        message->bytes[message->length++] = (uint8_t)(number >> (8 * i));
}

/* ASCII only. */
static void put_text(struct message *message, const char *text)
{
    for (; *text != 0; text++)
        put(message, (uint8_t)*text, 2);
}

static void feed(struct tds_client *client, const uint8_t *bytes, size_t length)
{
    tds_session_feed(client->session, bytes, length);
    client->is_woken = true;
}

void tds_client_send(struct tds_client *client, uint8_t type, const void *bytes, size_t length)
{
    enum { PACKET_BYTES = 504 };
    const uint8_t *next = bytes;
    do {
        size_t size = length > PACKET_BYTES ? PACKET_BYTES : length;
        uint8_t packet[PACKET_BYTES + 8] = {type, size == length, (uint8_t)((size + 8) >> 8),
                                            (uint8_t)(size + 8)};
        if (size > 0) {
            memcpy(packet + 8, next, size);
            next += size;
        }
        feed(client, packet, size + 8);
        length -= size;
    } while (length > 0);
}

static void put_headers(struct message *message, const struct tds_client *client)
{
    put(message, 22, 4);
    put(message, 18, 4);
    put(message, 2, 2);
    put(message, client->transaction, 8);
    put(message, 1, 4);
}

static void send_batch(struct tds_client *client, const char *sql)
{
    struct message *message = calloc(1, sizeof *message);
    put_headers(message, client);
    put_text(message, sql);
    tds_client_send(client, 1, message->bytes, message->length);
    free(message);
}

void tds_client_send_attention(struct tds_client *client)
{
    tds_client_send(client, 6, NULL, 0);
}

static void put_nvarchar(struct message *message, const char *name, const char *text)
{
    put(message, strlen(name), 1);
    put_text(message, name);
    put(message, 0, 1);
    put(message, 0xe7, 1);
    put(message, 8000, 2);
    put(message, 0x0409, 4);
    put(message, 0, 1);
    put(message, strlen(text) * 2, 2);
    put_text(message, text);
}

static void put_int(struct message *message, int32_t number)
{
    put(message, 0, 2); /* no name, no flags */
    put(message, 0x26, 1);
    put(message, 4, 1);
    put(message, 4, 1);
    put(message, (uint32_t)number, 4);
}

void tds_client_send_execute(struct tds_client *client, const char *sql, const char *declaration,
                             const char *types, ...)
{
    struct message *message = calloc(1, sizeof *message);
    put_headers(message, client);
    put(message, 0xffff, 2);
    put(message, 10, 2);
    put(message, 0, 2);
    put_nvarchar(message, "", sql);
    put_nvarchar(message, "", declaration);
    va_list values;
    va_start(values, types);
    for (; *types != 0; types++) {
        if (*types == 'i')
            put_int(message, va_arg(values, int));
        else
            put_nvarchar(message, "", va_arg(values, const char *));
    }
    va_end(values);
    tds_client_send(client, 3, message->bytes, message->length);
    free(message);
}

void tds_client_send_login(struct tds_client *client, uint32_t version, uint32_t packet_bytes,
                           const char *database)
{
    enum { AT_DATABASE = 68, FIXED = 94 };
    struct message *message = calloc(1, sizeof *message);
    put(message, 0, 4);
    put(message, version, 4);
    put(message, packet_bytes, 4);
    message->length = FIXED;
    put_text(message, database);
    message->bytes[0] = (uint8_t)message->length;
    message->bytes[AT_DATABASE] = FIXED;
    message->bytes[AT_DATABASE + 2] = (uint8_t)strlen(database);
    tds_client_send(client, 16, message->bytes, message->length);
    free(message);
}

struct tds_client *tds_client_new(struct tds_fixture *fixture, bool logs_in)
{
    struct tds_client *client = calloc(1, sizeof *client);
    client->until_ns = TDS_FOREVER;
    client->session = tds_session_new(fixture->server, client);
    coroutine_init(&client->coroutine, serve, client);
    fixture->clients[fixture->count++] = client;
    if (logs_in) {
        tds_client_send_login(client, 0x74000004, 4096, "");
        tds_client_answer(fixture, client);
    }
    return client;
}

/* --- answers ---------------------------------------------------------------------------------- */

struct column {
    uint8_t type;
    uint32_t length;
};

struct answer {
    struct tds_client *client;
    const uint8_t *next, *end;
    size_t words;
    struct column columns[64];
    uint32_t column_count;
};

static uint64_t get(struct answer *answer, int bytes)
{
    uint64_t number = 0;
    if (answer->end - answer->next < bytes) {
        answer->next = answer->end;
        return 0;
    }
    for (int i = 0; i < bytes; i++)
        number |= (uint64_t)answer->next[i] << (8 * i);
    answer->next += bytes;
    return number;
}

static __attribute__((format(printf, 2, 3))) void say(struct answer *answer, const char *format,
                                                      ...)
{
    struct tds_client *client = answer->client;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(client->words + answer->words, sizeof client->words - answer->words,
                           format, arguments);
    va_end(arguments);
    answer->words += (size_t)length;
    if (answer->words >= sizeof client->words)
        answer->words = sizeof client->words - 1;
}

static void say_next(struct answer *answer)
{
    say(answer, "%s", answer->words == 0 ? "" : " | ");
}

static void say_units(struct answer *answer, size_t units)
{
    for (size_t i = 0; i < units; i++) {
        uint64_t unit = get(answer, 2);
        if (unit < 0x80)
            say(answer, "%c", (char)unit);
        else
            say(answer, "\\u%04x", (unsigned)unit);
    }
}

static void skip(struct answer *answer, uint64_t bytes)
{
    answer->next =
        (uint64_t)(answer->end - answer->next) < bytes ? answer->end : answer->next + bytes;
}

static const char *type_name(const struct column *column)
{
    switch (column->type) {
    case 0x26:
        return column->length == 1   ? "tinyint"
               : column->length == 2 ? "smallint"
               : column->length == 4 ? "int"
                                     : "bigint";
    case 0x68:
        return "bit";
    case 0x6d:
        return column->length == 4 ? "real" : "float";
    case 0xe7:
        return column->length == 0xffff ? "nvarchar(max)" : "nvarchar";
    case 0xa5:
        return column->length == 0xffff ? "varbinary(max)" : "varbinary";
    default:
        return "?";
    }
}

static void read_type(struct answer *answer, struct column *column)
{
    column->type = (uint8_t)get(answer, 1);
    column->length = (uint32_t)get(answer, column->type == 0xe7 || column->type == 0xa5 ? 2 : 1);
    if (column->type == 0xe7)
        skip(answer, 5);
}

static void read_columns(struct answer *answer)
{
    answer->column_count = (uint32_t)get(answer, 2);
    say(answer, "columns");
    for (uint32_t i = 0; i < answer->column_count && i < 64; i++) {
        skip(answer, 6);
        read_type(answer, &answer->columns[i]);
        say(answer, " ");
        say_units(answer, get(answer, 1));
        say(answer, ":%s", type_name(&answer->columns[i]));
    }
}

static void say_bytes(struct answer *answer, const struct column *column, uint64_t length)
{
    if (column->type == 0xe7) {
        say_units(answer, length / 2);
        return;
    }
    for (uint64_t i = 0; i < length; i++)
        say(answer, "%02x", (unsigned)get(answer, 1));
}

static void read_parts(struct answer *answer, const struct column *column)
{
    if (get(answer, 8) == UINT64_MAX) {
        say(answer, "NULL");
        return;
    }
    say(answer, "'");
    for (uint64_t part = get(answer, 4); part > 0; part = get(answer, 4))
        say_bytes(answer, column, part);
    say(answer, "'");
}

static void read_number(struct answer *answer, const struct column *column)
{
    int length = (int)get(answer, 1);
    uint64_t bits = get(answer, length);
    double number;
    float narrow;
    memcpy(&number, &bits, sizeof number);
    memcpy(&narrow, &bits, sizeof narrow);
    if (length == 0)
        say(answer, "NULL");
    else if (column->type == 0x6d)
        say(answer, "%g", length == 4 ? (double)narrow : number);
    else if (length == 2)
        say(answer, "%d", (int)(int16_t)bits);
    else if (length == 4)
        say(answer, "%d", (int)(int32_t)bits);
    else
        say(answer, "%lld", (long long)bits);
}

static void read_value(struct answer *answer, const struct column *column)
{
    if (column->type != 0xe7 && column->type != 0xa5) {
        read_number(answer, column);
        return;
    }
    if (column->length == 0xffff) {
        read_parts(answer, column);
        return;
    }
    uint64_t length = get(answer, 2);
    say(answer, length == 0xffff ? "NULL" : "'");
    if (length == 0xffff)
        return;
    say_bytes(answer, column, length);
    say(answer, "'");
}

static void read_row(struct answer *answer, bool has_bits)
{
    const uint8_t *bits = answer->next;
    if (has_bits)
        skip(answer, (answer->column_count + 7) / 8);
    say(answer, "row");
    for (uint32_t i = 0; i < answer->column_count && i < 64; i++) {
        say(answer, " ");
        if (has_bits && (bits[i / 8] >> (i % 8) & 1) != 0)
            say(answer, "NULL");
        else
            read_value(answer, &answer->columns[i]);
    }
}

static void read_done(struct answer *answer)
{
    uint64_t status = get(answer, 2);
    skip(answer, 2);
    uint64_t count = get(answer, 8);
    if (status & 0x20)
        say(answer, "done-attention");
    else if (status & 2)
        say(answer, "done-error");
    else if (status & 0x10)
        say(answer, "done %llu", (unsigned long long)count);
    else
        say(answer, "done");
    bool is_last = answer->next == answer->end;
    if (is_last == ((status & 1) != 0))
        say(answer, "(more: %s)", is_last ? "wrongly" : "not said");
}

static void read_change(struct answer *answer)
{
    size_t length = get(answer, 2);
    const uint8_t *end = answer->next + length;
    uint64_t type = get(answer, 1);
    if (type == 8) {
        skip(answer, 1);
        answer->client->transaction = get(answer, 8);
        say(answer, "begun");
    } else if (type == 9 || type == 10) {
        answer->client->transaction = 0;
        say(answer, type == 9 ? "committed" : "rolled-back");
    } else {
        say(answer, "change %llu", (unsigned long long)type);
    }
    answer->next = end;
}

static void read_message(struct answer *answer, const char *kind)
{
    size_t length = get(answer, 2);
    const uint8_t *end = answer->next + length;
    say(answer, "%s %llu", kind, (unsigned long long)get(answer, 4));
    answer->next = end;
}

static void read_returned(struct answer *answer)
{
    struct column column;
    skip(answer, 2);
    skip(answer, get(answer, 1) * 2);
    skip(answer, 7);
    read_type(answer, &column);
    say(answer, "value ");
    read_value(answer, &column);
}

static void read_token(struct answer *answer)
{
    uint8_t token = (uint8_t)get(answer, 1);
    say_next(answer);
    switch (token) {
    case 0x81:
        read_columns(answer);
        break;
    case 0xd1:
    case 0xd2:
        read_row(answer, token == 0xd2);
        break;
    case 0xfd:
    case 0xfe:
    case 0xff:
        read_done(answer);
        break;
    case 0xe3:
        read_change(answer);
        break;
    case 0xaa:
    case 0xab:
        read_message(answer, token == 0xaa ? "error" : "info");
        break;
    case 0xad:
        skip(answer, get(answer, 2));
        say(answer, "login");
        break;
    case 0x79:
        say(answer, "status %lld", (long long)get(answer, 4));
        break;
    case 0xac:
        read_returned(answer);
        break;
    default:
        say(answer, "token %02x", token);
        answer->next = answer->end;
    }
}

/* The payload of each response: packets up to one that says it is the last. */
static size_t join_packets(struct tds_client *client, size_t *at, uint8_t *payload)
{
    size_t length = 0;
    while (*at + 8 <= client->answer_bytes) {
        const uint8_t *packet = client->answer + *at;
        size_t size = (size_t)packet[2] << 8 | packet[3];
        if (size < 8 || *at + size > client->answer_bytes)
            break;
        memcpy(payload + length, packet + 8, size - 8);
        length += size - 8;
        *at += size;
        if (packet[1] & 1)
            break;
    }
    return length;
}

const char *tds_client_answer(struct tds_fixture *fixture, struct tds_client *client)
{
    run_all(fixture);
    client->answer_bytes = 0;
    for (size_t taken;
         (taken = tds_session_take(client->session, client->answer + client->answer_bytes,
                                   TDS_ANSWER_BYTES - client->answer_bytes)) > 0;)
        client->answer_bytes += taken;
    uint8_t *payload = malloc(TDS_ANSWER_BYTES);
    struct answer answer = {.client = client};
    client->words[0] = 0;
    for (size_t at = 0, length; (length = join_packets(client, &at, payload)) > 0;) {
        answer.next = payload;
        answer.end = payload + length;
        while (answer.next < answer.end)
            read_token(&answer);
    }
    free(payload);
    return client->words;
}

const char *tds_client_ask(struct tds_fixture *fixture, struct tds_client *client, const char *sql)
{
    send_batch(client, sql);
    return tds_client_answer(fixture, client);
}
