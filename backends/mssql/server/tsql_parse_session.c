/* SPDX-License-Identifier: Apache-2.0 */
/* Statements about the session: transactions, SET, USE, PRINT, RAISERROR, THROW, WAITFOR. */
#include "mssql/server/tsql_lex.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* --- transactions ----------------------------------------------------------------------------- */

static bool accept_transaction(struct tsql_parser *parser)
{
    return tsql_accept(parser, "TRAN") || tsql_accept(parser, "TRANSACTION");
}

/* A name after TRAN; one that a variable holds is not. */
static void take_transaction_name(struct tsql_parser *parser, struct tsql_statement *statement)
{
    if (tsql_is_name(parser) && !tsql_is(parser, "GO"))
        statement->name = tsql_take_name(parser);
}

static bool take_end(struct tsql_parser *parser, struct tsql_statement *statement)
{
    if (accept_transaction(parser))
        take_transaction_name(parser, statement);
    else
        (void)tsql_accept(parser, "WORK");
    return !parser->failed;
}

static bool take_save(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_SAVE;
    if (!accept_transaction(parser))
        return tsql_fail(parser, 102);
    statement->name = tsql_take_name(parser);
    return !parser->failed;
}

static bool take_begin(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_BEGIN_TRANSACTION;
    tsql_next(parser);
    if (!accept_transaction(parser))
        return tsql_fail(parser, 102);
    take_transaction_name(parser, statement);
    return !parser->failed;
}

/* --- SET -------------------------------------------------------------------------------------- */

static bool take_isolation(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_SET_ISOLATION;
    if (!tsql_expect(parser, "ISOLATION") || !tsql_expect(parser, "LEVEL"))
        return false;
    if (tsql_accept(parser, "READ"))
        statement->isolation = tsql_accept(parser, "UNCOMMITTED") ? TSQL_READ_UNCOMMITTED
                               : tsql_expect(parser, "COMMITTED") ? TSQL_READ_COMMITTED
                                                                  : TSQL_READ_UNCOMMITTED;
    else if (tsql_accept(parser, "REPEATABLE") && tsql_expect(parser, "READ"))
        statement->isolation = TSQL_REPEATABLE_READ;
    else if (tsql_accept(parser, "SNAPSHOT"))
        statement->isolation = TSQL_SNAPSHOT;
    else if (tsql_expect(parser, "SERIALIZABLE"))
        statement->isolation = TSQL_SERIALIZABLE;
    return !parser->failed;
}

static bool take_set_variable(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_SET_VARIABLE;
    statement->assignments = ARENA_NEW(parser->arena, struct tsql_assignment);
    statement->assignments->name = parser->lexer.text;
    tsql_next(parser);
    if (!tsql_expect(parser, "="))
        return false;
    statement->assignments->expression = tsql_take_expression(parser);
    return !parser->failed;
}

/* Options with ON or OFF, a number or a name; which of them mean something, run_session.c knows. */
static bool take_option(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_SET_OPTION;
    statement->name = tsql_take_name(parser);
    if (statement->name == NULL)
        return false;
    while (tsql_accept(parser, ",")) /* SET ANSI_NULLS, ANSI_PADDING ON */
        (void)tsql_take_name(parser);
    statement->on = tsql_accept(parser, "ON");
    if (statement->on || parser->failed)
        return !parser->failed;
    if (parser->lexer.token == TSQL_NUMBER || tsql_is(parser, "-"))
        return tsql_take_integer(parser, &statement->number);
    statement->index = tsql_take_name(parser);
    return !parser->failed;
}

static bool take_set(struct tsql_parser *parser, struct tsql_statement *statement)
{
    tsql_next(parser);
    if (parser->lexer.token == TSQL_AT_NAME)
        return take_set_variable(parser, statement);
    if (tsql_accept(parser, "TRANSACTION"))
        return take_isolation(parser, statement);
    return take_option(parser, statement);
}

/* --- messages --------------------------------------------------------------------------------- */

static bool take_raiserror(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_RAISERROR;
    if (!tsql_expect(parser, "("))
        return false;
    statement->arguments = tsql_take_list(parser);
    if (!tsql_expect(parser, ")"))
        return false;
    if (tsql_accept(parser, "WITH")) /* NOWAIT, LOG, SETERROR */
        (void)tsql_take_name(parser);
    return !parser->failed;
}

static bool take_throw(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_THROW;
    tsql_next(parser);
    if (parser->lexer.token == TSQL_NUMBER || parser->lexer.token == TSQL_AT_NAME)
        statement->arguments = tsql_take_list(parser);
    return !parser->failed;
}

/* WAITFOR DELAY 'h:m:s.fff' */
static bool take_waitfor(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_WAITFOR;
    if (!tsql_expect(parser, "DELAY"))
        return false;
    if (parser->lexer.token != TSQL_STRING)
        return tsql_fail(parser, 102);
    double seconds = 0;
    const char *at = parser->lexer.text;
    for (int part = 0; part < 3 && *at != 0; part++) {
        char *end;
        double number = strtod(at, &end);
        if (end == at || number < 0 || number >= 1000)
            return tsql_fail(parser, 148);
        seconds = seconds * 60 + number;
        at = *end == ':' ? end + 1 : end;
    }
    if (*at != 0 || strchr(parser->lexer.text, ':') == NULL)
        return tsql_fail(parser, 148);
    statement->number = (int64_t)(seconds * 1000);
    tsql_next(parser);
    return !parser->failed;
}

/* --- all of them ------------------------------------------------------------------------------ */

bool tsql_take_session(struct tsql_parser *parser, struct tsql_statement *statement)
{
    if (tsql_is(parser, "BEGIN"))
        return take_begin(parser, statement);
    if (tsql_is(parser, "SET"))
        return take_set(parser, statement);
    if (tsql_is(parser, "THROW"))
        return take_throw(parser, statement);
    if (tsql_accept(parser, "COMMIT")) {
        statement->kind = TSQL_COMMIT;
        return take_end(parser, statement);
    }
    if (tsql_accept(parser, "ROLLBACK")) {
        statement->kind = TSQL_ROLLBACK;
        return take_end(parser, statement);
    }
    if (tsql_accept(parser, "SAVE"))
        return take_save(parser, statement);
    if (tsql_accept(parser, "WAITFOR"))
        return take_waitfor(parser, statement);
    if (tsql_accept(parser, "RAISERROR"))
        return take_raiserror(parser, statement);
    if (tsql_accept(parser, "PRINT")) {
        statement->kind = TSQL_PRINT;
        statement->arguments = tsql_take_expression(parser);
        return !parser->failed;
    }
    if (tsql_accept(parser, "USE")) {
        statement->kind = TSQL_USE;
        statement->name = tsql_take_name(parser);
        return !parser->failed;
    }
    if (tsql_accept(parser, "DECLARE")) {
        statement->kind = TSQL_DECLARE;
        statement->columns = tsql_take_declaration(parser);
        return !parser->failed;
    }
    return tsql_fail(parser, 102);
}
