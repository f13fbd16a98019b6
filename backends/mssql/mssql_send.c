/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a statement and its values go to the server: without values as a batch, with values by
 * sp_executesql, typed ([MS-TDS] 2.2.6.6). db-lib takes an empty text for NULL there: then, or
 * where the connection says so, values stand in the text.
 */
#include "base/growing_text.h"
#include "mssql/mssql_below.h"
#include "mssql/mssql_connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What fits into a type with a length; the others are of the large ones. */
enum { TEXT_BYTES_MAX = 4000, BINARY_BYTES_MAX = 8000, NAME_BYTES = 16 };

/* --- values in the text ----------------------------------------------------------------------- */

static void put_quoted(struct growing_text *text, const char *bytes, size_t length)
{
    growing_put_words(text, "N'");
    for (size_t i = 0; i < length; i++)
        growing_put(text, bytes[i] == '\'' ? "''" : bytes + i, bytes[i] == '\'' ? 2 : 1);
    growing_put_words(text, "'");
}

static void put_hexadecimal(struct growing_text *text, const char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    growing_put_words(text, "0x");
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        const char pair[] = {digits[byte >> 4], digits[byte & 15]};
        growing_put(text, pair, sizeof pair);
    }
}

static void put_literal(struct growing_text *text, const struct value *value)
{
    char number[40];
    switch (value->kind) {
    case VALUE_NULL:
        growing_put_words(text, "NULL");
        return;
    case VALUE_INTEGER:
        (void)snprintf(number, sizeof number, "%" PRId64, value->integer);
        growing_put_words(text, number);
        return;
    case VALUE_REAL:
        (void)snprintf(number, sizeof number, "%.17e", value->real);
        growing_put_words(text, number);
        return;
    case VALUE_TEXT:
        put_quoted(text, value->text.bytes, value->text.length);
        return;
    case VALUE_BLOB:
        put_hexadecimal(text, value->text.bytes, value->text.length);
        return;
    }
}

static char *with_literals(const struct backend_statement *statement)
{
    struct growing_text text = {0};
    struct mssql_token token;
    const char *next = statement->sql, *copied = next;
    while ((token = mssql_next_token(&next)).kind != MSSQL_TOKEN_END) {
        int parameter = mssql_token_parameter(&token);
        if (parameter == 0)
            continue;
        growing_put(&text, copied, (size_t)(token.text - copied));
        put_literal(&text, &statement->parameters[parameter - 1].value);
        copied = next;
    }
    growing_put(&text, copied, strlen(copied));
    return growing_take(&text);
}

static bool send_batch(struct backend_statement *statement)
{
    DBPROCESS *process = statement->connection->process;
    char *sql = with_literals(statement);
    (void)dbfreebuf(process);
    bool is_sent = sql != NULL && dbcmd(process, sql) == SUCCEED && dbsqlsend(process) == SUCCEED;
    free(sql);
    return is_sent;
}

/* --- values beside it ------------------------------------------------------------------------- */

/* "@p1 bigint,@p2 nvarchar(4000)" */
static char *declarations(const struct backend_statement *statement)
{
    static const char *const types[] = {
        [VALUE_NULL] = "nvarchar(4000)", [VALUE_INTEGER] = "bigint",       [VALUE_REAL] = "float",
        [VALUE_TEXT] = "nvarchar(4000)", [VALUE_BLOB] = "varbinary(8000)",
    };
    struct growing_text text = {0};
    for (int i = 0; i < statement->text.parameter_count; i++) {
        const struct value *value = &statement->parameters[i].value;
        char name[NAME_BYTES];
        (void)snprintf(name, sizeof name, "%s@p%d ", i == 0 ? "" : ",", i + 1);
        growing_put_words(&text, name);
        bool is_large = (value->kind == VALUE_TEXT && value->text.length > TEXT_BYTES_MAX) ||
                        (value->kind == VALUE_BLOB && value->text.length > BINARY_BYTES_MAX);
        growing_put_words(&text, !is_large                   ? types[value->kind]
                                 : value->kind == VALUE_TEXT ? "nvarchar(max)"
                                                             : "varbinary(max)");
    }
    return growing_take(&text);
}

/* What db-lib gets stays where it is until the request has been sent. */
static bool add(DBPROCESS *process, const char *name, int type, DBINT length, const void *bytes)
{
    return dbrpcparam(process, name, 0, type, -1, length, (BYTE *)(uintptr_t)bytes) == SUCCEED;
}

static bool add_text(DBPROCESS *process, const char *name, const char *text, size_t length)
{
    int type = length <= TEXT_BYTES_MAX ? SYBVARCHAR : SYBNTEXT;
    return add(process, name, type, (DBINT)length, text);
}

static bool add_value(DBPROCESS *process, const char *name, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        return add(process, name, SYBVARCHAR, 0, NULL);
    case VALUE_INTEGER:
        return add(process, name, SYBINT8, -1, &value->integer);
    case VALUE_REAL:
        return add(process, name, SYBFLT8, -1, &value->real);
    case VALUE_TEXT:
        return add_text(process, name, value->text.bytes, value->text.length);
    case VALUE_BLOB:
        return add(process, name, value->text.length <= BINARY_BYTES_MAX ? SYBVARBINARY : SYBIMAGE,
                   (DBINT)value->text.length, value->text.bytes);
    }
    return false;
}

static bool add_values(const struct backend_statement *statement)
{
    bool is_fine = true;
    for (int i = 0; is_fine && i < statement->text.parameter_count; i++) {
        char name[NAME_BYTES];
        (void)snprintf(name, sizeof name, "@p%d", i + 1);
        is_fine = add_value(statement->connection->process, name, &statement->parameters[i].value);
    }
    return is_fine;
}

static bool send_with_values(struct backend_statement *statement)
{
    DBPROCESS *process = statement->connection->process;
    char *declared = declarations(statement);
    bool is_sent = declared != NULL && dbrpcinit(process, "sp_executesql", 0) == SUCCEED &&
                   add_text(process, "@stmt", statement->sql, statement->sql_length) &&
                   add_text(process, "@params", declared, strlen(declared)) &&
                   add_values(statement) && dbrpcsend(process) == SUCCEED;
    if (!is_sent)
        mssql_forget_call(process);
    free(declared);
    return is_sent;
}

static bool has_empty(const struct backend_statement *statement)
{
    bool found = false;
    for (int i = 0; i < statement->text.parameter_count; i++) {
        const struct value *value = &statement->parameters[i].value;
        found |=
            (value->kind == VALUE_TEXT || value->kind == VALUE_BLOB) && value->text.length == 0;
    }
    return found;
}

bool mssql_send(struct backend_statement *statement)
{
    bool is_batch = statement->text.parameter_count == 0 ||
                    statement->connection->parameters.protocol == MSSQL_BATCH ||
                    has_empty(statement);
    return is_batch ? send_batch(statement) : send_with_values(statement);
}
