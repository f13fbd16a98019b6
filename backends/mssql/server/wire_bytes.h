/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of the protocol. Reading never goes past the end: what is missing is 0 and is remembered in
 * `failed`, so that who reads asks once. Writing goes to a buffer that grows. Texts are UTF-16 on
 * the wire and UTF-8 here; half a surrogate pair goes its own way and comes back as it was.
 */
#ifndef MSSQL_SERVER_WIRE_BYTES_H
#define MSSQL_SERVER_WIRE_BYTES_H

#include "base/arena.h"

#include <interplay/value.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_reader {
    const uint8_t *next, *end;
    bool failed;
};

uint8_t wire_get_8(struct wire_reader *reader);
uint16_t wire_get_16(struct wire_reader *reader);
uint32_t wire_get_32(struct wire_reader *reader);
uint64_t wire_get_64(struct wire_reader *reader);
uint64_t wire_get_number(struct wire_reader *reader, size_t bytes); /* 1 to 8 of them */
/* NULL, and a failure: there are not so many. */
const uint8_t *wire_get_bytes(struct wire_reader *reader, size_t count);
size_t wire_left(const struct wire_reader *reader);
/* So many units of UTF-16 as a text in the arena. */
struct value wire_get_text(struct wire_reader *reader, struct arena *arena, size_t units);
struct value wire_text_of(struct arena *arena, const uint8_t *units, size_t bytes);

/* UTF-8 that somebody sent: bytes that are none stand for the character of their number. */
struct value wire_valid_text(struct arena *arena, const char *bytes, size_t length);

struct wire_buffer {
    uint8_t *bytes;
    size_t length, capacity;
};

void wire_put_8(struct wire_buffer *buffer, uint32_t number);
void wire_put_16(struct wire_buffer *buffer, uint32_t number);
void wire_put_32(struct wire_buffer *buffer, uint32_t number);
void wire_put_64(struct wire_buffer *buffer, uint64_t number);
void wire_put_bytes(struct wire_buffer *buffer, const void *bytes, size_t count);
/* As UTF-16; how many units there were. */
size_t wire_put_text(struct wire_buffer *buffer, const char *text, size_t length);
/* The same bytes in the arena. */
struct value wire_units_of(struct arena *arena, const char *text, size_t length);
/* With its length before it, in units, as one byte or two; what is longer is cut. */
void wire_put_text_8(struct wire_buffer *buffer, const char *text);
void wire_put_text_16(struct wire_buffer *buffer, const char *text);
/* Writes over two bytes that are there. */
void wire_set_16(struct wire_buffer *buffer, size_t at, uint32_t number);
void wire_remove(struct wire_buffer *buffer, size_t count); /* from the front */

#endif
