/* SPDX-License-Identifier: Apache-2.0 */
/* Errors by their number (engine_errors.def): their texts are filled in and kept until told. */
#include "mssql/server/engine.h"
#include "mssql/server/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct error_row {
    int32_t number;
    uint8_t class_;
    enum engine_ends ends;
    const char *text;
};

static const struct error_row errors[] = {
#define ERROR(number, class_, ends, text) {number, class_, ENDS_##ends, text},
#include "mssql/server/engine_errors.def"
#undef ERROR
};

static const struct error_row *find(int32_t number)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].number == number)
            return &errors[i];
    return NULL;
}

/* The row's text with each %s replaced by the next argument; what is too long is cut. */
static void fill(char *to, size_t capacity, const char *text, va_list arguments)
{
    size_t length = 0;
    for (; *text != 0 && length + 1 < capacity; text++) {
        if (text[0] != '%' || text[1] != 's') {
            to[length++] = *text;
            continue;
        }
        const char *piece = va_arg(arguments, const char *);
        size_t size = strlen(piece), room = capacity - 1 - length;
        if (size > room)
            size = utf8_cut(piece, room);
        memcpy(to + length, piece, size);
        length += size;
        text++;
    }
    to[length] = 0;
}

static struct engine_error make(const struct engine_session *session, int32_t number,
                                va_list arguments)
{
    const struct error_row *row = find(number);
    struct engine_error error = {
        .number = number, .class_ = 16, .state = 1, .ends = ENDS_BATCH, .line = session->line};
    if (row != NULL) {
        error.class_ = row->class_;
        error.ends = row->ends;
        fill(error.text, sizeof error.text, row->text, arguments);
    }
    return error;
}

bool engine_raise(struct engine_session *session, int32_t number, ...)
{
    if (session->error.number != 0)
        return false;
    va_list arguments;
    va_start(arguments, number);
    session->error = make(session, number, arguments);
    va_end(arguments);
    return false;
}

bool engine_raise_text(struct engine_session *session, int32_t number, uint8_t class_,
                       uint8_t state, const char *text)
{
    if (session->error.number != 0)
        return false;
    session->error = (struct engine_error){.number = number,
                                           .class_ = class_,
                                           .state = state,
                                           .ends = ENDS_STATEMENT,
                                           .line = session->line};
    snprintf(session->error.text, sizeof session->error.text, "%s", text);
    return false;
}

void engine_tell(struct engine_session *session, int32_t number, ...)
{
    va_list arguments;
    va_start(arguments, number);
    struct engine_error error = make(session, number, arguments);
    va_end(arguments);
    session->client->message(session->client_context, &error);
}
