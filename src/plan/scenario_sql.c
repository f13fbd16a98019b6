/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a scenario that is a file of SQL: "-- session: NAME" on a line of its own says whose
 * statements follow, "-- teardown" that nobody's do any more. The order of the file is the order of
 * the steps.
 */
#include "plan/scenario_reader.h"
#include "plan/sql_split.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum part { PART_SETUP, PART_SESSION, PART_TEARDOWN };

struct parser {
    struct scenario_reader *reader;
    enum part part;
    uint32_t *turn_session; /* by turn: whose it is */
    struct sql_piece *turn_sql;
    uint32_t *turn_line;
    uint32_t turn_count;
    uint32_t session; /* at hand */
    uint32_t session_count;
    const char **names;
    uint32_t *lines; /* where each session is first named */
};

/* What stands behind "--" and `word` on the line: `*ret_rest`, without space around it. */
static bool is_mark(const char *line, const char *end, const char *word, struct sql_piece *ret_rest)
{
    const char *at = line;
    while (at < end && isspace((unsigned char)*at))
        at++;
    if (end - at < 2 || at[0] != '-' || at[1] != '-')
        return false;
    for (at += 2; at < end && isspace((unsigned char)*at);)
        at++;
    size_t length = strlen(word);
    if ((size_t)(end - at) < length || strncasecmp(at, word, length) != 0)
        return false;
    at += length;
    while (at < end && isspace((unsigned char)*at))
        at++;
    while (end > at && isspace((unsigned char)end[-1]))
        end--;
    *ret_rest = (struct sql_piece){at, (size_t)(end - at)};
    return true;
}

static enum error_code begin_session(struct parser *parser, struct sql_piece name, uint32_t line)
{
    struct scenario_reader *reader = parser->reader;
    const char *text = arena_copy_text(reader->arena, name.sql, name.length);
    if (name.length == 0 || name.length > SCENARIO_NAME_MAX)
        return scenario_fail(
            reader, line, "expected a name of 1 to %d bytes after -- session:", SCENARIO_NAME_MAX);
    parser->part = PART_SESSION;
    for (parser->session = 0; parser->session < parser->session_count; parser->session++)
        if (strcmp(parser->names[parser->session], text) == 0)
            return ERROR_NONE;
    if (parser->session == SCENARIO_SESSIONS_MAX)
        return scenario_fail(reader, line, "expected no more than %d sessions, found %s",
                             SCENARIO_SESSIONS_MAX, text);
    parser->names[parser->session] = text;
    parser->lines[parser->session_count++] = line;
    return ERROR_NONE;
}

/* False: it is no mark. */
static bool take_mark(struct parser *parser, const char *line, const char *end, uint32_t number,
                      enum error_code *ret_code)
{
    struct sql_piece rest;
    *ret_code = ERROR_NONE;
    if (is_mark(line, end, "session:", &rest)) {
        *ret_code = parser->part == PART_TEARDOWN
                        ? scenario_fail(parser->reader, number,
                                        "expected nothing but SQL after -- teardown")
                        : begin_session(parser, rest, number);
        return true;
    }
    if (!is_mark(line, end, "teardown", &rest) || rest.length > 0)
        return false;
    parser->part = PART_TEARDOWN;
    return true;
}

static uint32_t lines_between(const char *from, const char *to)
{
    uint32_t lines = 0;
    for (; from < to; from++)
        lines += *from == '\n';
    return lines;
}

/* From one mark to the next. */
static void take_steps(struct parser *parser, const char *start, const char *end, uint32_t line)
{
    for (const char *at = start;;) {
        struct sql_piece piece = sql_split_next(&at, end);
        if (piece.length == 0)
            return;
        parser->turn_session[parser->turn_count] = parser->session;
        parser->turn_line[parser->turn_count] = line + lines_between(start, piece.sql);
        parser->turn_sql[parser->turn_count++] = piece;
    }
}

static void take_part(struct parser *parser, const char *start, const char *end, uint32_t line)
{
    struct scenario_reader *reader = parser->reader;
    size_t length = (size_t)(end - start);
    switch (parser->part) {
    case PART_SESSION:
        take_steps(parser, start, end, line);
        break;
    case PART_SETUP:
        scenario_add_setup(reader, scenario_take_text(reader, start, length));
        break;
    case PART_TEARDOWN:
        reader->scenario->teardown = scenario_take_text(reader, start, length);
        break;
    }
}

static enum error_code take_lines(struct parser *parser)
{
    struct scenario_reader *reader = parser->reader;
    const char *start = reader->next;
    uint32_t start_line = 1;
    for (const char *line = reader->next; line < reader->end; reader->line++) {
        const char *newline = memchr(line, '\n', (size_t)(reader->end - line));
        const char *end = newline == NULL ? reader->end : newline;
        struct parser before = *parser;
        enum error_code code;
        if (take_mark(parser, line, end, reader->line, &code)) {
            if (code != ERROR_NONE)
                return code;
            take_part(&before, start, line, start_line);
            parser->turn_count = before.turn_count;
            start = end;
            start_line = reader->line;
        }
        line = newline == NULL ? reader->end : newline + 1;
    }
    take_part(parser, start, reader->end, start_line);
    return ERROR_NONE;
}

/* --- what was found, as a scenario ----------------------------------------------------------- */

static const char *name_step(struct scenario_reader *reader, const char *session, uint32_t line,
                             uint32_t same)
{
    size_t room = strlen(session) + 32;
    struct text name;
    text_init(&name, arena_alloc(reader->arena, room), room);
    text_append(&name, session);
    text_append_format(&name, ":%u", line);
    if (same > 0)
        text_append_format(&name, ".%u", same + 1);
    return name.bytes;
}

/* How many statements of the same line come before this one. */
static uint32_t same_before(const struct parser *parser, uint32_t turn)
{
    uint32_t count = 0;
    while (turn > count && parser->turn_line[turn - 1 - count] == parser->turn_line[turn])
        count++;
    return count;
}

static enum error_code add_session(struct parser *parser, uint32_t session,
                                   struct scenario_turn *turns)
{
    struct scenario_reader *reader = parser->reader;
    const char *name = parser->names[session];
    enum error_code code = scenario_add_session(reader, name, parser->lines[session]);
    for (uint32_t i = 0; i < parser->turn_count && code == ERROR_NONE; i++) {
        if (parser->turn_session[i] != session)
            continue;
        turns[i].step = reader->scenario->step_count;
        struct sql_piece piece = parser->turn_sql[i];
        code = scenario_add_step(
            reader, name_step(reader, name, parser->turn_line[i], same_before(parser, i)),
            scenario_take_text(reader, piece.sql, piece.length), parser->turn_line[i]);
    }
    if (code == ERROR_NONE && reader->sessions[session].step_count == 0)
        code = scenario_fail(reader, parser->lines[session],
                             "expected a statement of session %s, found none", name);
    return code;
}

static enum error_code make_scenario(struct parser *parser)
{
    struct scenario_reader *reader = parser->reader;
    struct scenario_turn *turns =
        ARENA_ARRAY(reader->arena, struct scenario_turn, parser->turn_count);
    for (uint32_t i = 0; i < parser->session_count; i++) {
        enum error_code code = add_session(parser, i, turns);
        if (code != ERROR_NONE)
            return code;
    }
    scenario_add_permutation(reader, (struct scenario_permutation){.turns = turns,
                                                                   .turn_count = parser->turn_count,
                                                                   .line = parser->lines[0]});
    return ERROR_NONE;
}

enum error_code scenario_read_sql(struct scenario_reader *reader)
{
    size_t length = (size_t)(reader->end - reader->next), most = length / 2 + 1;
    struct parser parser = {
        .reader = reader,
        .turn_session = ARENA_ARRAY(reader->arena, uint32_t, most),
        .turn_sql = ARENA_ARRAY(reader->arena, struct sql_piece, most),
        .turn_line = ARENA_ARRAY(reader->arena, uint32_t, most),
        .names = ARENA_ARRAY(reader->arena, const char *, SCENARIO_SESSIONS_MAX),
        .lines = ARENA_ARRAY(reader->arena, uint32_t, SCENARIO_SESSIONS_MAX),
    };
    enum error_code code = take_lines(&parser);
    if (code != ERROR_NONE)
        return code;
    if (parser.session_count == 0)
        return scenario_fail(reader, reader->line,
                             "expected a line \"-- session: NAME\", found the end of the file");
    return make_scenario(&parser);
}
