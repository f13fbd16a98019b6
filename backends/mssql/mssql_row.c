/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values by the type of their column: whole numbers and truth values, floats, texts (UTF-8), bytes;
 * what else there is (decimals, money, times) is the text that db-lib makes of it.
 */
#include "mssql/mssql_connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES = 32, CONVERTED_BYTES = 128 };

/* --- one value -------------------------------------------------------------------------------- */

static bool is_text(int type)
{
    return type == SYBCHAR || type == SYBVARCHAR || type == SYBTEXT || type == SYBNTEXT ||
           type == SYBNVARCHAR;
}

static bool is_binary(int type)
{
    return type == SYBBINARY || type == SYBVARBINARY || type == SYBIMAGE;
}

/* By their length: 1 byte is unsigned. */
static int64_t integer_of(const BYTE *data, int length)
{
    int64_t whole;
    int32_t four;
    int16_t two;
    switch (length) {
    case sizeof whole:
        memcpy(&whole, data, sizeof whole);
        return whole;
    case sizeof four:
        memcpy(&four, data, sizeof four);
        return four;
    case sizeof two:
        memcpy(&two, data, sizeof two);
        return two;
    default:
        return *data;
    }
}

static double real_of(const BYTE *data, int length)
{
    double real;
    float single;
    if (length == sizeof single) {
        memcpy(&single, data, sizeof single);
        return single;
    }
    memcpy(&real, data, sizeof real);
    return real;
}

static bool is_integer(int type)
{
    return type == SYBINT1 || type == SYBINT2 || type == SYBINT4 || type == SYBINT8 ||
           type == SYBBIT;
}

/* `*next` is where bytes go that are not in the value itself; it moves behind them. */
static struct value value_of(DBPROCESS *process, int column, char **next)
{
    int type = dbcoltype(process, column);
    const BYTE *data = dbdata(process, column);
    int length = dbdatlen(process, column);
    if (data == NULL)
        return (struct value){.kind = VALUE_NULL};
    if (is_integer(type))
        return value_integer(integer_of(data, length));
    if (type == SYBFLT8 || type == SYBREAL)
        return (struct value){.kind = VALUE_REAL, .real = real_of(data, length)};
    bool is_copied = is_text(type) || is_binary(type);
    if (is_copied)
        memcpy(*next, data, (size_t)length);
    else
        length = dbconvert(process, type, data, length, SYBCHAR, (BYTE *)*next, CONVERTED_BYTES);
    struct value value = value_text(*next, length < 0 ? 0 : (size_t)length);
    if (is_binary(type))
        value.kind = VALUE_BLOB;
    *next += value.text.length;
    return value;
}

/* At most. */
static size_t bytes_of(DBPROCESS *process, int column)
{
    int type = dbcoltype(process, column), length = dbdatlen(process, column);
    bool is_copied = is_text(type) || is_binary(type);
    return is_copied && length > 0 ? (size_t)length : CONVERTED_BYTES;
}

/* --- rows ------------------------------------------------------------------------------------- */

struct mssql_row *mssql_take_row(DBPROCESS *process)
{
    int count = dbnumcols(process);
    size_t size = sizeof(struct mssql_row) + (size_t)count * sizeof(struct value);
    size_t bytes = 0;
    for (int column = 1; column <= count; column++)
        bytes += bytes_of(process, column);
    struct mssql_row *row = malloc(size + bytes);
    if (row == NULL)
        return NULL;
    struct value *values = (struct value *)(void *)(row + 1);
    *row = (struct mssql_row){.count = (uint32_t)count, .values = values};
    char *next = (char *)(values + count);
    for (int column = 1; column <= count; column++)
        values[column - 1] = value_of(process, column, &next);
    return row;
}

void mssql_free_row(struct mssql_row *row)
{
    free(row->text);
    free(row);
}

/* --- the row at hand -------------------------------------------------------------------------- */

void mssql_column(struct backend_statement *statement, int column, struct value *ret_value)
{
    const struct mssql_row *row = statement->first;
    bool is_there = row != NULL && column >= 0 && (uint32_t)column < row->count;
    *ret_value = is_there ? row->values[column] : (struct value){.kind = VALUE_NULL};
}

/* Digits of a number, or the bytes, with a zero behind them. NULL: no memory. */
static char *text_of(const struct value *value, size_t *ret_length)
{
    char number[NUMBER_BYTES];
    const char *bytes = number;
    size_t length;
    if (value->kind == VALUE_INTEGER) {
        length = (size_t)snprintf(number, sizeof number, "%" PRId64, value->integer);
    } else if (value->kind == VALUE_REAL) {
        length = (size_t)snprintf(number, sizeof number, "%.17g", value->real);
    } else {
        bytes = value->text.bytes;
        length = value->text.length;
    }
    char *copy = malloc(length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    *ret_length = length;
    return copy;
}

const char *mssql_column_text(struct backend_statement *statement, int column, size_t *ret_length)
{
    struct value value;
    size_t length = 0;
    mssql_column(statement, column, &value);
    char *copy = value.kind == VALUE_NULL ? NULL : text_of(&value, &length);
    if (copy != NULL) {
        free(statement->first->text);
        statement->first->text = copy;
    }
    if (ret_length != NULL)
        *ret_length = length;
    return copy;
}
