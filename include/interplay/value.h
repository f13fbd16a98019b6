/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that go into a statement and come out of a row, in the kinds that all databases share.
 *
 * A value does not own its bytes: those that go in must live until the call returns (or longer,
 * where a function says so), those that come out live until the next row or the end of the callback
 * that got them.
 */
#ifndef INTERPLAY_VALUE_H
#define INTERPLAY_VALUE_H

#include <stddef.h>
#include <stdint.h>

enum value_kind {
    VALUE_NULL,
    VALUE_INTEGER,
    VALUE_REAL,
    VALUE_TEXT, /* UTF-8, not terminated */
    VALUE_BLOB,
};

struct value {
    enum value_kind kind;
    union {
        int64_t integer;
        double real;
        struct {
            const char *bytes;
            size_t length;
        } text; /* of VALUE_TEXT and VALUE_BLOB */
    };
};

static inline struct value value_integer(int64_t integer)
{
    struct value value = {.kind = VALUE_INTEGER, .integer = integer};
    return value;
}

static inline struct value value_text(const char *bytes, size_t length)
{
    struct value value = {.kind = VALUE_TEXT, .text = {bytes, length}};
    return value;
}

#endif
