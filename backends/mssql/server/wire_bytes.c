/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers are little-endian, texts UTF-16. */
#include "mssql/server/wire_bytes.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

/* --- reading ---------------------------------------------------------------------------------- */

size_t wire_left(const struct wire_reader *reader)
{
    return (size_t)(reader->end - reader->next);
}

const uint8_t *wire_get_bytes(struct wire_reader *reader, size_t count)
{
    if (reader->failed || count > wire_left(reader)) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *bytes = reader->next;
    reader->next += count;
    return bytes;
}

uint64_t wire_get_number(struct wire_reader *reader, size_t bytes)
{
    const uint8_t *from = wire_get_bytes(reader, bytes);
    uint64_t number = 0;
    for (size_t i = 0; from != NULL && i < bytes && i < 8; i++)
        number |= (uint64_t)from[i] << (8 * i);
    return number;
}

uint8_t wire_get_8(struct wire_reader *reader)
{
    return (uint8_t)wire_get_number(reader, 1);
}

uint16_t wire_get_16(struct wire_reader *reader)
{
    return (uint16_t)wire_get_number(reader, 2);
}

uint32_t wire_get_32(struct wire_reader *reader)
{
    return (uint32_t)wire_get_number(reader, 4);
}

uint64_t wire_get_64(struct wire_reader *reader)
{
    return wire_get_number(reader, 8);
}

/* --- UTF-16 to UTF-8 -------------------------------------------------------------------------- */

static uint32_t unit_at(const uint8_t *units, size_t at)
{
    return units[at] | (uint32_t)units[at + 1] << 8;
}

static size_t put_character(char *to, uint32_t character)
{
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1;) {
        to[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    to[0] = (char)(leads[length] | character);
    return length;
}

struct value wire_text_of(struct arena *arena, const uint8_t *units, size_t bytes)
{
    size_t length = 0;
    char *text = arena_alloc(arena, bytes / 2 * 3 + 1);
    for (size_t at = 0; at + 1 < bytes; at += 2) {
        uint32_t character = unit_at(units, at);
        uint32_t low = at + 3 < bytes ? unit_at(units, at + 2) : 0;
        if ((character & 0xfc00) == 0xd800 && (low & 0xfc00) == 0xdc00) {
            character = 0x10000 + ((character & 0x3ff) << 10 | (low & 0x3ff));
            at += 2;
        }
        length += put_character(text + length, character);
    }
    text[length] = 0;
    return value_text(text, length);
}

struct value wire_get_text(struct wire_reader *reader, struct arena *arena, size_t units)
{
    const uint8_t *bytes = wire_get_bytes(reader, units * 2);
    return bytes == NULL ? value_text("", 0) : wire_text_of(arena, bytes, units * 2);
}

/* --- writing ---------------------------------------------------------------------------------- */

static uint8_t *make_room(struct wire_buffer *buffer, size_t count)
{
    if (buffer->length + count > buffer->capacity) {
        buffer->capacity = (buffer->length + count) * 2 + 256;
        buffer->bytes = realloc(buffer->bytes, buffer->capacity);
        ASSERT(buffer->bytes != NULL);
    }
    return buffer->bytes + buffer->length;
}

static void put_number(struct wire_buffer *buffer, uint64_t number, size_t bytes)
{
    uint8_t *to = make_room(buffer, bytes);
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(number >> (8 * i));
    buffer->length += bytes;
}

void wire_put_8(struct wire_buffer *buffer, uint32_t number)
{
    put_number(buffer, number, 1);
}

void wire_put_16(struct wire_buffer *buffer, uint32_t number)
{
    put_number(buffer, number, 2);
}

void wire_put_32(struct wire_buffer *buffer, uint32_t number)
{
    put_number(buffer, number, 4);
}

void wire_put_64(struct wire_buffer *buffer, uint64_t number)
{
    put_number(buffer, number, 8);
}

void wire_put_bytes(struct wire_buffer *buffer, const void *bytes, size_t count)
{
    if (count > 0)
        memcpy(make_room(buffer, count), bytes, count);
    buffer->length += count;
}

/* One character; bytes that are no UTF-8 stand for themselves. */
static uint32_t next_character(const uint8_t **at, const uint8_t *end)
{
    uint32_t lead = *(*at)++;
    size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    if (more == 0 || (size_t)(end - *at) < more)
        return lead;
    uint32_t character = lead & (0x3fu >> more);
    for (size_t i = 0; i < more; i++) {
        if (((*at)[i] & 0xc0) != 0x80)
            return lead;
        character = character << 6 | ((*at)[i] & 0x3f);
    }
    *at += more;
    return character > 0x10ffff ? 0xfffd : character;
}

size_t wire_put_text(struct wire_buffer *buffer, const char *text, size_t length)
{
    size_t before = buffer->length;
    const uint8_t *at = (const uint8_t *)text, *end = at + length;
    while (at < end) {
        uint32_t character = next_character(&at, end);
        if (character >= 0x10000) {
            character -= 0x10000;
            wire_put_16(buffer, 0xd800 | character >> 10);
            character = 0xdc00 | (character & 0x3ff);
        }
        wire_put_16(buffer, character);
    }
    return (buffer->length - before) / 2;
}

struct value wire_units_of(struct arena *arena, const char *text, size_t length)
{
    struct wire_buffer units = {NULL, 0, 0};
    wire_put_text(&units, text, length);
    struct value made =
        value_text(arena_copy_text(arena, (char *)units.bytes, units.length), units.length);
    made.kind = VALUE_BLOB;
    free(units.bytes);
    return made;
}

struct value wire_valid_text(struct arena *arena, const char *bytes, size_t length)
{
    struct value units = wire_units_of(arena, bytes, length);
    return wire_text_of(arena, (const uint8_t *)units.text.bytes, units.text.length);
}

void wire_set_16(struct wire_buffer *buffer, size_t at, uint32_t number)
{
    buffer->bytes[at] = (uint8_t)number;
    buffer->bytes[at + 1] = (uint8_t)(number >> 8);
}

void wire_put_text_8(struct wire_buffer *buffer, const char *text)
{
    size_t at = buffer->length;
    wire_put_8(buffer, 0);
    size_t units = wire_put_text(buffer, text, strlen(text));
    if (units > UINT8_MAX)
        units = UINT8_MAX;
    buffer->length = at + 1 + units * 2;
    buffer->bytes[at] = (uint8_t)units;
}

void wire_put_text_16(struct wire_buffer *buffer, const char *text)
{
    size_t at = buffer->length;
    wire_put_16(buffer, 0);
    size_t units = wire_put_text(buffer, text, strlen(text));
    if (units > 4000)
        units = 4000;
    buffer->length = at + 2 + units * 2;
    wire_set_16(buffer, at, (uint32_t)units);
}

void wire_remove(struct wire_buffer *buffer, size_t count)
{
    buffer->length -= count;
    if (buffer->length > 0)
        memmove(buffer->bytes, buffer->bytes + count, buffer->length);
}
