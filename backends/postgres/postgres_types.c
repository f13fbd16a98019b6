/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_types.h"

#include <stdio.h>
#include <string.h>

int postgres_put_integer(Oid type, int64_t number, char bytes[8])
{
    int length = type == POSTGRES_INT8   ? 8
                 : type == POSTGRES_INT4 ? 4
                 : type == POSTGRES_INT2 ? 2
                                         : 0;
    if (length == 0 || (length < 8 && (number >= INT64_C(1) << (8 * length - 1) ||
                                       number < -(INT64_C(1) << (8 * length - 1)))))
        return 0;
    for (int i = 0; i < length; i++)
        bytes[i] = (char)((uint64_t)number >> 8 * (length - 1 - i));
    return length;
}

int64_t postgres_take_integer(const char *bytes, int length)
{
    uint64_t number = length > 0 && (signed char)bytes[0] < 0 ? UINT64_MAX : 0;
    for (int i = 0; i < length && i < 8; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return (int64_t)number;
}

double postgres_take_float(const char *bytes, int length)
{
    int64_t bits = postgres_take_integer(bytes, length);
    if (length == 4) {
        uint32_t half = (uint32_t)bits;
        float number;
        memcpy(&number, &half, sizeof number);
        return (double)number;
    }
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* --- numeric ---------------------------------------------------------------------------------- */

/* numeric_send(): digits to the base 10,000, exponent of the first one, sign, decimal places. */
struct numeric {
    int count, weight, sign, scale;
    const char *digits;
};

enum { NUMERIC_HEAD = 8, NUMERIC_NEGATIVE = 0x4000, NUMERIC_NAN = 0xc000 };
enum { NUMERIC_INFINITY = 0xd000, NUMERIC_MINUS_INFINITY = 0xf000 };

static int take_short(const char *bytes)
{
    return (int)postgres_take_integer(bytes, 2);
}

static struct numeric read_numeric(const char *bytes, int length)
{
    struct numeric numeric = {.sign = NUMERIC_NAN};
    if (length < NUMERIC_HEAD)
        return numeric;
    numeric =
        (struct numeric){take_short(bytes), take_short(bytes + 2), take_short(bytes + 4) & 0xffff,
                         take_short(bytes + 6), bytes + NUMERIC_HEAD};
    if (numeric.count < 0 || numeric.count > (length - NUMERIC_HEAD) / 2)
        numeric.count = 0;
    return numeric;
}

static int digit_at(const struct numeric *numeric, int exponent)
{
    int index = numeric->weight - exponent;
    return index < 0 || index >= numeric->count ? 0 : take_short(numeric->digits + 2 * index);
}

struct writing {
    char *text;
    size_t length, capacity;
};

static void put(struct writing *writing, char c)
{
    if (writing->length + 1 < writing->capacity)
        writing->text[writing->length] = c;
    writing->length++;
}

static void put_whole(struct writing *writing, const struct numeric *numeric)
{
    bool has_begun = false;
    for (int exponent = numeric->weight; exponent >= 0; exponent--) {
        int digit = digit_at(numeric, exponent);
        for (int power = 1000; power > 0; power /= 10) {
            has_begun |= digit / power % 10 != 0;
            if (has_begun)
                put(writing, (char)('0' + digit / power % 10));
        }
    }
    if (!has_begun)
        put(writing, '0');
}

static void put_fraction(struct writing *writing, const struct numeric *numeric)
{
    static const int powers[] = {1000, 100, 10, 1};
    if (numeric->scale > 0)
        put(writing, '.');
    for (int place = 0; place < numeric->scale; place++)
        put(writing, (char)('0' + digit_at(numeric, -1 - place / 4) / powers[place % 4] % 10));
}

size_t postgres_numeric_text(const char *bytes, int length, char *text, size_t capacity)
{
    const struct numeric numeric = read_numeric(bytes, length);
    struct writing writing = {text, 0, capacity};
    const char *word = numeric.sign == NUMERIC_NAN              ? "NaN"
                       : numeric.sign == NUMERIC_INFINITY       ? "Infinity"
                       : numeric.sign == NUMERIC_MINUS_INFINITY ? "-Infinity"
                                                                : NULL;
    for (; word != NULL && *word != '\0'; word++)
        put(&writing, *word);
    if (word == NULL) {
        if (numeric.sign == NUMERIC_NEGATIVE)
            put(&writing, '-');
        put_whole(&writing, &numeric);
        put_fraction(&writing, &numeric);
    }
    if (capacity > 0)
        text[writing.length < capacity ? writing.length : capacity - 1] = '\0';
    return writing.length;
}
