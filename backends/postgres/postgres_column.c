/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values by the type of their column: whole numbers (a numeric without a fraction, too, as sum()
 * makes of bigint, if it fits), truth values as 0 and 1, floats, bytes; what else comes as text is
 * text as the server writes it, and what else comes in binary is the bytes of that form.
 */
#include "postgres/postgres_connection.h"
#include "postgres/postgres_types.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- bytes that libpq does not keep ----------------------------------------------------------- */

struct postgres_scratch {
    struct postgres_scratch *next;
    char bytes[];
};

static char *scratch(struct backend_statement *statement, size_t bytes)
{
    struct postgres_scratch *made = malloc(sizeof *made + bytes);
    if (made == NULL)
        return NULL;
    made->next = statement->scratch;
    statement->scratch = made;
    return made->bytes;
}

void postgres_forget_scratch(struct backend_statement *statement)
{
    while (statement->scratch != NULL) {
        struct postgres_scratch *next = statement->scratch->next;
        free(statement->scratch);
        statement->scratch = next;
    }
}

size_t postgres_number_text(const struct value *value, char *text, size_t capacity)
{
    int length = value->kind == VALUE_INTEGER ? snprintf(text, capacity, "%" PRId64, value->integer)
                                              : snprintf(text, capacity, "%.17g", value->real);
    return (size_t)length;
}

/* --- as text ---------------------------------------------------------------------------------- */

static struct value text_value(const char *bytes, int length)
{
    return value_text(bytes, (size_t)length);
}

static struct value bytes_value(const char *bytes, size_t length)
{
    struct value value = value_text(bytes, length);
    value.kind = VALUE_BLOB;
    return value;
}

/* Whole numbers that fit are numbers; others stay what they are. */
static struct value number_of_text(const char *text, int length)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    return errno == 0 && end == text + length && length > 0 ? value_integer(number)
                                                            : text_value(text, length);
}

static struct value bytes_of_text(struct backend_statement *statement, const char *text)
{
    size_t length = 0;
    unsigned char *bytes = PQunescapeBytea((const unsigned char *)text, &length);
    char *copy = bytes == NULL ? NULL : scratch(statement, length + 1);
    if (copy != NULL)
        memcpy(copy, bytes, length);
    PQfreemem(bytes);
    return bytes_value(copy, copy == NULL ? 0 : length);
}

static struct value value_of_text(struct backend_statement *statement, Oid type, const char *text,
                                  int length)
{
    switch (type) {
    case POSTGRES_BOOL:
        return value_integer(*text == 't');
    case POSTGRES_INT2:
    case POSTGRES_INT4:
    case POSTGRES_INT8:
    case POSTGRES_OID:
    case POSTGRES_NUMERIC:
        return number_of_text(text, length);
    case POSTGRES_FLOAT4:
    case POSTGRES_FLOAT8:
        return (struct value){.kind = VALUE_REAL, .real = strtod(text, NULL)};
    case POSTGRES_BYTEA:
        return bytes_of_text(statement, text);
    default:
        return text_value(text, length);
    }
}

/* --- in binary -------------------------------------------------------------------------------- */

static struct value value_of_numeric(struct backend_statement *statement, const char *bytes,
                                     int length)
{
    size_t written = postgres_numeric_text(bytes, length, NULL, 0);
    char *text = scratch(statement, written + 1);
    if (text == NULL)
        return text_value(NULL, 0);
    (void)postgres_numeric_text(bytes, length, text, written + 1);
    return number_of_text(text, (int)written);
}

static struct value value_of_binary(struct backend_statement *statement, Oid type,
                                    const char *bytes, int length)
{
    switch (type) {
    case POSTGRES_BOOL:
    case POSTGRES_INT2:
    case POSTGRES_INT4:
    case POSTGRES_INT8:
        return value_integer(postgres_take_integer(bytes, length));
    case POSTGRES_OID:
        return value_integer((int64_t)(uint32_t)postgres_take_integer(bytes, length));
    case POSTGRES_NUMERIC:
        return value_of_numeric(statement, bytes, length);
    case POSTGRES_FLOAT4:
    case POSTGRES_FLOAT8:
        return (struct value){.kind = VALUE_REAL, .real = postgres_take_float(bytes, length)};
    case POSTGRES_CHAR:
    case POSTGRES_NAME:
    case POSTGRES_TEXT:
    case POSTGRES_JSON:
    case POSTGRES_UNKNOWN:
    case POSTGRES_BPCHAR:
    case POSTGRES_VARCHAR:
        return text_value(bytes, length);
    default:
        return bytes_value(bytes, (size_t)length);
    }
}

/* --- the row at hand -------------------------------------------------------------------------- */

void postgres_column(struct backend_statement *statement, int column, struct value *ret_value)
{
    *ret_value = (struct value){.kind = VALUE_NULL};
    const PGresult *result = statement->first == NULL ? NULL : statement->first->result;
    if (result == NULL || column < 0 || column >= PQnfields(result) ||
        PQgetisnull(result, statement->row, column))
        return;
    const char *bytes = PQgetvalue(result, statement->row, column);
    int length = PQgetlength(result, statement->row, column);
    Oid type = PQftype(result, column);
    *ret_value = PQfformat(result, column) == 0 ? value_of_text(statement, type, bytes, length)
                                                : value_of_binary(statement, type, bytes, length);
}

static const char *copy_text(struct backend_statement *statement, const char *bytes, size_t length)
{
    char *copy = scratch(statement, length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

/* Numbers as the server writes them, where they came as text. */
const char *postgres_column_text(struct backend_statement *statement, int column,
                                 size_t *ret_length)
{
    struct value value;
    char number[32];
    const PGresult *result = statement->first == NULL ? NULL : statement->first->result;
    const char *text = NULL;
    size_t length = 0;
    postgres_column(statement, column, &value);
    if (value.kind != VALUE_NULL && PQfformat(result, column) == 0 && value.kind != VALUE_BLOB) {
        text = PQgetvalue(result, statement->row, column);
        length = (size_t)PQgetlength(result, statement->row, column);
    } else if (value.kind == VALUE_INTEGER || value.kind == VALUE_REAL) {
        length = postgres_number_text(&value, number, sizeof number);
        text = copy_text(statement, number, length);
    } else if (value.kind != VALUE_NULL && value.text.bytes != NULL) {
        length = value.text.length;
        text = copy_text(statement, value.text.bytes, length);
    }
    if (ret_length != NULL)
        *ret_length = text == NULL ? 0 : length;
    return text;
}
