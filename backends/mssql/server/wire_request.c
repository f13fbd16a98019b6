/* SPDX-License-Identifier: Apache-2.0 */
/* SQLBatch and the requests of the transaction manager ([MS-TDS] 2.2.6.7 and 2.2.6.9). */
#include "mssql/server/wire.h"

#include <stdio.h>

enum { HEADER_TRANSACTION = 2 };

void wire_tell_error(struct tds_session *session)
{
    wire_message(session, &session->engine->error);
    session->engine->error.number = 0;
}

void wire_refuse(struct tds_session *session)
{
    wire_tell_error(session);
    wire_done(session, TOKEN_DONE, DONE_ERROR, 0, 0);
}

void wire_fail(struct tds_session *session, const char *why)
{
    engine_raise(session->engine, 4002, why);
    wire_refuse(session);
    session->is_over = true;
}

/* The transaction that a client thinks it is in is the one that it is in. */
static bool check_transaction(struct tds_session *session, uint64_t descriptor)
{
    const struct engine_session *engine = session->engine;
    if (descriptor == 0 || (engine->depth > 0 && descriptor == engine->transaction))
        return true;
    char number[24];
    snprintf(number, sizeof number, "%llx", (unsigned long long)descriptor);
    engine_raise(session->engine, 3971, number);
    wire_refuse(session);
    return false;
}

static bool read_header(struct wire_reader *headers, uint64_t *descriptor)
{
    uint32_t length = wire_get_32(headers);
    uint16_t type = wire_get_16(headers);
    if (headers->failed || length < 6 || length - 6 > wire_left(headers))
        return false;
    struct wire_reader header = {headers->next, headers->next + (length - 6), false};
    headers->next = header.end;
    if (type == HEADER_TRANSACTION)
        *descriptor = wire_get_64(&header);
    return !header.failed;
}

bool wire_skip_headers(struct tds_session *session, struct wire_reader *reader)
{
    const uint8_t *start = reader->next;
    uint32_t total = wire_get_32(reader);
    uint64_t descriptor = 0;
    bool fine = !reader->failed && total >= 4 && total - 4 <= wire_left(reader);
    if (fine) {
        struct wire_reader headers = {reader->next, start + total, false};
        while (fine && wire_left(&headers) > 0)
            fine = read_header(&headers, &descriptor);
        reader->next = headers.end;
    }
    if (!fine) {
        wire_fail(session, "ALL_HEADERS are wrong");
        return false;
    }
    return check_transaction(session, descriptor);
}

/* Each response ends with a DONE, though no statement had one; attention brings its own. */
static void end_without_done(struct tds_session *session)
{
    if (!session->held.is_held && !session->engine->is_cancelled)
        wire_done(session, TOKEN_DONE, 0, 0, 0);
}

/* --- SQLBatch --------------------------------------------------------------------------------- */

void wire_batch(struct tds_session *session, struct wire_reader *reader)
{
    struct engine_session *engine = session->engine;
    if (!wire_skip_headers(session, reader))
        return;
    size_t units = wire_left(reader) / 2;
    if (units > TSQL_BATCH_BYTES_MAX)
        units = TSQL_BATCH_BYTES_MAX + 1; /* the parser says what is wrong */
    struct value sql = wire_get_text(reader, &engine->arena, units);
    engine->variable_count = 0;
    engine_run(engine, sql.text.bytes, sql.text.length);
    end_without_done(session);
}

/* --- the transaction manager ------------------------------------------------------------------ */

enum {
    MANAGER_BEGIN = 5,
    MANAGER_COMMIT = 7,
    MANAGER_ROLLBACK = 8,
    MANAGER_SAVE = 9,
};

static const char *take_name(struct tds_session *session, struct wire_reader *reader)
{
    size_t bytes = wire_get_8(reader);
    const char *name = wire_get_text(reader, &session->engine->arena, bytes / 2).text.bytes;
    return *name == 0 ? NULL : name;
}

/* 0: as it is. */
static void set_isolation(struct tds_session *session, uint8_t level)
{
    static const enum tsql_isolation levels[] = {TSQL_READ_COMMITTED, TSQL_READ_UNCOMMITTED,
                                                 TSQL_READ_COMMITTED, TSQL_REPEATABLE_READ,
                                                 TSQL_SERIALIZABLE,   TSQL_SNAPSHOT};
    if (level > 0 && level < sizeof levels / sizeof *levels)
        session->engine->isolation = levels[level];
}

/* As the statements of the same names do it. */
static void run(struct tds_session *session, enum tsql_statement_kind kind, const char *name)
{
    char words[TSQL_NAME_MAX * 2 + 40];
    const char *verb = kind == TSQL_BEGIN_TRANSACTION ? "BEGIN"
                       : kind == TSQL_COMMIT          ? "COMMIT"
                       : kind == TSQL_SAVE            ? "SAVE"
                                                      : "ROLLBACK";
    int length = snprintf(words, sizeof words, "%s TRAN%s%.*s%s", verb, name == NULL ? "" : " [",
                          TSQL_NAME_MAX, name == NULL ? "" : name, name == NULL ? "" : "]");
    engine_run(session->engine, words, (size_t)length);
}

/* COMMIT and ROLLBACK may begin the next one at once. */
static void end(struct tds_session *session, enum tsql_statement_kind kind,
                struct wire_reader *reader)
{
    run(session, kind, take_name(session, reader));
    uint8_t flags = wire_get_8(reader);
    if ((flags & 1) == 0 || session->engine->depth > 0)
        return;
    set_isolation(session, wire_get_8(reader));
    run(session, TSQL_BEGIN_TRANSACTION, take_name(session, reader));
}

void wire_transaction(struct tds_session *session, struct wire_reader *reader)
{
    if (!wire_skip_headers(session, reader))
        return;
    switch (wire_get_16(reader)) {
    case MANAGER_BEGIN:
        set_isolation(session, wire_get_8(reader));
        run(session, TSQL_BEGIN_TRANSACTION, take_name(session, reader));
        break;
    case MANAGER_COMMIT:
        end(session, TSQL_COMMIT, reader);
        break;
    case MANAGER_ROLLBACK:
        end(session, TSQL_ROLLBACK, reader);
        break;
    case MANAGER_SAVE:
        run(session, TSQL_SAVE, take_name(session, reader));
        break;
    default:
        wire_fail(session, "A request of the transaction manager that is not known");
    }
    end_without_done(session);
}
