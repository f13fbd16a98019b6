/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types whose values are more than text: their numbers (pg_type.dat in PostgreSQL's source,
 * which never change) and their binary form (send and receive functions in its src/backend/utils/
 * adt).
 */
#ifndef POSTGRES_POSTGRES_TYPES_H
#define POSTGRES_POSTGRES_TYPES_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum postgres_type {
    POSTGRES_BOOL = 16,
    POSTGRES_BYTEA = 17,
    POSTGRES_CHAR = 18,
    POSTGRES_NAME = 19,
    POSTGRES_INT8 = 20,
    POSTGRES_INT2 = 21,
    POSTGRES_INT4 = 23,
    POSTGRES_TEXT = 25,
    POSTGRES_OID = 26,
    POSTGRES_JSON = 114,
    POSTGRES_FLOAT4 = 700,
    POSTGRES_FLOAT8 = 701,
    POSTGRES_UNKNOWN = 705,
    POSTGRES_BPCHAR = 1042,
    POSTGRES_VARCHAR = 1043,
    POSTGRES_NUMERIC = 1700,
};

/* In binary; returns how many bytes, 0 if the type has no such form or the number does not fit. */
int postgres_put_integer(Oid type, int64_t number, char bytes[8]);

/* Of `length` bytes, 1 to 8. */
int64_t postgres_take_integer(const char *bytes, int length);
double postgres_take_float(const char *bytes, int length);

/* The number in digits, as the server would write it; how many bytes that takes, or as snprintf. */
size_t postgres_numeric_text(const char *bytes, int length, char *text, size_t capacity);

#endif
