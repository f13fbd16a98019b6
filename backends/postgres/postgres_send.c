/* SPDX-License-Identifier: Apache-2.0 */
/* How a statement and its values go to the server, by the protocol that the connection has. */
#include "base/growing_text.h"
#include "postgres/postgres_connection.h"
#include "postgres/postgres_types.h"

#include <stdlib.h>
#include <string.h>

/* --- values in the text ----------------------------------------------------------------------- */

/*
 * In quotes, whatever it is: so its type is what the server makes of its place, as that of a
 * parameter is.
 */
static void put_literal(struct growing_text *text, PGconn *pg,
                        const struct postgres_parameter *parameter)
{
    if (parameter->bytes == NULL) {
        growing_put(text, "NULL", 4);
        return;
    }
    size_t length = parameter->length;
    unsigned char *escaped = NULL;
    if (parameter->kind == VALUE_BLOB)
        escaped = PQescapeByteaConn(pg, (const unsigned char *)parameter->bytes, length, &length);
    char *literal = escaped != NULL
                        ? PQescapeLiteral(pg, (const char *)escaped, strlen((const char *)escaped))
                        : PQescapeLiteral(pg, parameter->bytes, length);
    PQfreemem(escaped);
    if (literal == NULL) {
        text->has_failed = true;
        return;
    }
    growing_put(text, literal, strlen(literal));
    PQfreemem(literal);
    if (parameter->kind == VALUE_BLOB)
        growing_put(text, "::bytea", 7);
}

/* NULL: no memory. */
static char *with_literals(const struct backend_statement *statement)
{
    struct growing_text text = {0};
    struct postgres_token token;
    const char *next = statement->sql, *copied = next;
    while ((token = postgres_next_token(&next)).kind != POSTGRES_TOKEN_END) {
        bool is_bound = token.parameter >= 1 && token.parameter <= statement->text.parameter_count;
        if (token.kind != POSTGRES_TOKEN_PARAMETER || !is_bound)
            continue;
        growing_put(&text, copied, (size_t)(token.text - copied));
        put_literal(&text, statement->connection->pg, &statement->parameters[token.parameter - 1]);
        copied = next;
    }
    growing_put(&text, copied, strlen(copied));
    return growing_take(&text);
}

static bool send_text(struct backend_statement *statement)
{
    char *sql = with_literals(statement);
    bool is_sent = sql != NULL && PQsendQuery(statement->connection->pg, sql) == 1;
    free(sql);
    return is_sent;
}

/* --- values beside it ------------------------------------------------------------------------- */

/* For each parameter; one array for all of them would not be shorter. */
struct sending {
    const char **values;
    int *lengths, *formats;
    Oid *types;
    char (*numbers)[8];
};

static void set_parameter(const struct backend_statement *statement, int i, struct sending *sending)
{
    const struct postgres_parameter *parameter = &statement->parameters[i];
    Oid type = statement->types == NULL ? 0 : statement->types[i];
    bool is_blob = parameter->kind == VALUE_BLOB;
    sending->types[i] = is_blob && type == 0 ? POSTGRES_BYTEA : type;
    sending->values[i] = parameter->bytes;
    sending->lengths[i] = (int)parameter->length;
    sending->formats[i] = is_blob;
    int bytes = 0;
    if (parameter->kind == VALUE_INTEGER && statement->connection->parameters.is_binary)
        bytes = postgres_put_integer(type, parameter->integer, sending->numbers[i]);
    if (bytes == 0)
        return;
    sending->values[i] = sending->numbers[i];
    sending->lengths[i] = bytes;
    sending->formats[i] = 1;
}

static bool send_parts(struct backend_statement *statement, const struct sending *sending)
{
    struct backend_connection *connection = statement->connection;
    int count = statement->text.copies_in ? 0 : statement->text.parameter_count,
        format = connection->parameters.is_binary;
    if (statement->name == 0)
        return PQsendQueryParams(connection->pg, statement->sql, count, sending->types,
                                 sending->values, sending->lengths, sending->formats, format) == 1;
    char name[POSTGRES_NAME_BYTES];
    postgres_name(statement, name);
    return PQsendQueryPrepared(connection->pg, name, count, sending->values, sending->lengths,
                               sending->formats, format) == 1;
}

static bool send_with_values(struct backend_statement *statement)
{
    size_t count = (size_t)statement->text.parameter_count + 1;
    struct sending sending = {
        .values = calloc(count, sizeof *sending.values),
        .lengths = calloc(count, sizeof *sending.lengths),
        .formats = calloc(count, sizeof *sending.formats),
        .types = calloc(count, sizeof *sending.types),
        .numbers = calloc(count, sizeof *sending.numbers),
    };
    bool is_sent = sending.values != NULL && sending.lengths != NULL && sending.formats != NULL &&
                   sending.types != NULL && sending.numbers != NULL;
    for (int i = 0; is_sent && i < statement->text.parameter_count; i++)
        set_parameter(statement, i, &sending);
    is_sent = is_sent && send_parts(statement, &sending);
    free(sending.values);
    free(sending.lengths);
    free(sending.formats);
    free(sending.types);
    free(sending.numbers);
    return is_sent;
}

bool postgres_send(struct backend_statement *statement)
{
    bool is_text = statement->connection->parameters.protocol == POSTGRES_SIMPLE ||
                   statement->text.word < POSTGRES_WORD_close;
    return is_text ? send_text(statement) : send_with_values(statement);
}
