/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a specification of PostgreSQL's isolationtester, as src/test/isolation/README of version
 * 15 describes it: any number of set-ups, a teardown, sessions (a set-up, steps, a teardown),
 * permutations. What is in braces is SQL, up to the next closing brace.
 */
#include "plan/scenario_reader.h"

#include <ctype.h>
#include <string.h>

enum token_kind { TOKEN_WORD, TOKEN_QUOTED, TOKEN_NUMBER, TOKEN_SQL, TOKEN_SIGN, TOKEN_END };

struct token {
    enum token_kind kind;
    const char *text; /* of a word or a quoted name, in the arena */
    struct scenario_text sql;
    uint32_t number;
    char sign;
    uint32_t line;
};

struct parser {
    struct scenario_reader *reader;
    struct token token; /* the next one */
    enum error_code code;
};

/* --- tokens ---------------------------------------------------------------------------------- */

static bool begins_word(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_of_word(char c)
{
    return begins_word(c) || isdigit((unsigned char)c) || c == '$';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\n';
}

static void skip_space(struct scenario_reader *reader)
{
    for (; reader->next < reader->end; reader->next++) {
        while (reader->next < reader->end && *reader->next == '#')
            while (reader->next < reader->end && *reader->next != '\n')
                reader->next++;
        if (reader->next == reader->end || !is_space(*reader->next))
            return;
        reader->line += *reader->next == '\n';
    }
}

static enum error_code read_word(struct scenario_reader *reader, struct token *token)
{
    const char *start = reader->next;
    while (reader->next < reader->end && is_of_word(*reader->next))
        reader->next++;
    token->kind = TOKEN_WORD;
    token->text = arena_copy_text(reader->arena, start, (size_t)(reader->next - start));
    return ERROR_NONE;
}

/* Two quotes are one. */
static enum error_code read_quoted(struct scenario_reader *reader, struct token *token)
{
    const char *start = ++reader->next;
    while (reader->next < reader->end && *reader->next != '\n' &&
           (*reader->next != '"' || (reader->next + 1 < reader->end && reader->next[1] == '"')))
        reader->next += *reader->next == '"' ? 2 : 1;
    if (reader->next >= reader->end || *reader->next == '\n')
        return scenario_fail(reader, token->line, "expected the end of a quoted name on its line");
    size_t length = 0;
    char *text = arena_copy_text(reader->arena, start, (size_t)(reader->next - start));
    for (const char *at = text; *at != '\0'; at++) {
        at += *at == '"';
        text[length++] = *at;
    }
    text[length] = '\0';
    reader->next++;
    token->kind = TOKEN_QUOTED;
    token->text = text;
    return ERROR_NONE;
}

static enum error_code read_number(struct scenario_reader *reader, struct token *token)
{
    token->kind = TOKEN_NUMBER;
    for (; reader->next < reader->end && isdigit((unsigned char)*reader->next); reader->next++)
        if (__builtin_mul_overflow(token->number, 10u, &token->number) ||
            __builtin_add_overflow(token->number, (uint32_t)(*reader->next - '0'), &token->number))
            return scenario_fail(reader, token->line, "expected a number of 32 bits");
    return ERROR_NONE;
}

static enum error_code read_sql(struct scenario_reader *reader, struct token *token)
{
    const char *start = reader->next + 1;
    const char *brace = memchr(start, '}', (size_t)(reader->end - start));
    if (brace == NULL)
        return scenario_fail(reader, token->line, "expected a } after the SQL that begins here");
    for (const char *at = start; at < brace; at++)
        reader->line += *at == '\n';
    reader->next = brace + 1;
    token->kind = TOKEN_SQL;
    token->sql = scenario_take_text(reader, start, (size_t)(brace - start));
    return ERROR_NONE;
}

static enum error_code read_token(struct scenario_reader *reader, struct token *token)
{
    skip_space(reader);
    *token = (struct token){.kind = TOKEN_END, .line = reader->line};
    if (reader->next == reader->end)
        return ERROR_NONE;
    char first = *reader->next;
    if (begins_word(first))
        return read_word(reader, token);
    if (first == '"')
        return read_quoted(reader, token);
    if (isdigit((unsigned char)first))
        return read_number(reader, token);
    if (first == '{')
        return read_sql(reader, token);
    token->kind = TOKEN_SIGN;
    token->sign = first;
    reader->next++;
    return ERROR_NONE;
}

/* --- what comes next ------------------------------------------------------------------------- */

static void advance(struct parser *parser)
{
    if (parser->code == ERROR_NONE)
        parser->code = read_token(parser->reader, &parser->token);
}

static void fail_at_token(struct parser *parser, const char *expected)
{
    const struct token *token = &parser->token;
    if (parser->code != ERROR_NONE)
        return;
    switch (token->kind) {
    case TOKEN_WORD:
    case TOKEN_QUOTED:
        parser->code = scenario_fail(parser->reader, token->line, "expected %s, found %.64s",
                                     expected, token->text);
        break;
    case TOKEN_NUMBER:
        parser->code = scenario_fail(parser->reader, token->line, "expected %s, found %u", expected,
                                     token->number);
        break;
    case TOKEN_SQL:
        parser->code = scenario_fail(parser->reader, token->line,
                                     "expected %s, found SQL in braces", expected);
        break;
    case TOKEN_SIGN:
        parser->code = scenario_fail(parser->reader, token->line,
                                     isprint((unsigned char)token->sign) ? "expected %s, found %c"
                                                                         : "expected %s",
                                     expected, token->sign);
        break;
    case TOKEN_END:
        parser->code = scenario_fail(parser->reader, token->line,
                                     "expected %s, found the end of the file", expected);
        break;
    }
}

static bool is_word(const struct parser *parser, const char *word)
{
    return parser->code == ERROR_NONE && parser->token.kind == TOKEN_WORD &&
           strcmp(parser->token.text, word) == 0;
}

static bool is_keyword(const char *word)
{
    static const char *const keywords[] = {"notices", "permutation", "session",
                                           "setup",   "step",        "teardown"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(word, keywords[i]) == 0)
            return true;
    return false;
}

static bool is_name(const struct parser *parser)
{
    return parser->code == ERROR_NONE &&
           (parser->token.kind == TOKEN_QUOTED ||
            (parser->token.kind == TOKEN_WORD && !is_keyword(parser->token.text)));
}

static bool is_sign(const struct parser *parser, char sign)
{
    return parser->code == ERROR_NONE && parser->token.kind == TOKEN_SIGN &&
           parser->token.sign == sign;
}

/* NULL: it is none. */
static const char *take_name(struct parser *parser, const char *expected)
{
    const char *name = parser->token.text;
    if (!is_name(parser)) {
        fail_at_token(parser, expected);
        return NULL;
    }
    advance(parser);
    return name;
}

static void take_sign(struct parser *parser, char sign, const char *expected)
{
    if (is_sign(parser, sign))
        advance(parser);
    else
        fail_at_token(parser, expected);
}

static struct scenario_text take_sql(struct parser *parser, const char *expected)
{
    struct scenario_text sql = parser->token.sql;
    if (parser->code == ERROR_NONE && parser->token.kind == TOKEN_SQL) {
        advance(parser);
        return sql;
    }
    fail_at_token(parser, expected);
    return (struct scenario_text){0};
}

/* The SQL behind a keyword that may be missing. */
static struct scenario_text take_block(struct parser *parser, const char *keyword,
                                       const char *expected)
{
    if (!is_word(parser, keyword))
        return (struct scenario_text){0};
    advance(parser);
    return take_sql(parser, expected);
}

/* --- sessions -------------------------------------------------------------------------------- */

static void read_step(struct parser *parser)
{
    uint32_t line = parser->token.line;
    advance(parser);
    const char *name = take_name(parser, "the name of a step");
    struct scenario_text sql = take_sql(parser, "the step's SQL in braces");
    if (parser->code == ERROR_NONE)
        parser->code = scenario_add_step(parser->reader, name, sql, line);
}

static void read_session(struct parser *parser)
{
    struct scenario_reader *reader = parser->reader;
    uint32_t line = parser->token.line;
    advance(parser);
    const char *name = take_name(parser, "the name of a session");
    if (parser->code == ERROR_NONE)
        parser->code = scenario_add_session(reader, name, line);
    if (parser->code != ERROR_NONE)
        return;
    struct scenario_session *session = &reader->sessions[reader->scenario->session_count - 1];
    session->setup = take_block(parser, "setup", "the session's set-up, SQL in braces");
    if (!is_word(parser, "step"))
        fail_at_token(parser, session->setup.sql == NULL ? "setup or step" : "step");
    while (is_word(parser, "step"))
        read_step(parser);
    session->teardown = take_block(parser, "teardown", "the session's teardown, SQL in braces");
}

/* --- permutations ---------------------------------------------------------------------------- */

static uint32_t take_step(struct parser *parser, const char *expected)
{
    uint32_t line = parser->token.line;
    const char *name = take_name(parser, expected);
    if (parser->code != ERROR_NONE)
        return SCENARIO_NO_STEP;
    uint32_t step = scenario_step_named(parser->reader->scenario, name);
    if (step == SCENARIO_NO_STEP)
        parser->code = scenario_fail(
            parser->reader, line, "expected the name of a step, found %.64s, which none has", name);
    return step;
}

static struct scenario_blocker take_blocker(struct parser *parser)
{
    struct scenario_blocker blocker = {.step = SCENARIO_NO_STEP};
    if (is_sign(parser, '*')) {
        blocker.is_star = true;
        advance(parser);
        return blocker;
    }
    blocker.step = take_step(parser, "* or the step that it waits for");
    if (!is_word(parser, "notices"))
        return blocker;
    advance(parser);
    if (parser->code != ERROR_NONE || parser->token.kind != TOKEN_NUMBER ||
        parser->token.number == 0)
        fail_at_token(parser, "how many notices, from 1");
    blocker.notices = parser->token.number;
    advance(parser);
    return blocker;
}

static void read_blockers(struct parser *parser, struct scenario_turn *turn)
{
    struct scenario_blocker *blockers = NULL;
    do {
        advance(parser);
        blockers =
            scenario_make_room(parser->reader, blockers, turn->blocker_count, sizeof *blockers);
        blockers[turn->blocker_count++] = take_blocker(parser);
    } while (is_sign(parser, ','));
    turn->blockers = blockers;
    take_sign(parser, ')', "a comma or )");
}

static bool has_step(const struct scenario_permutation *permutation, uint32_t step)
{
    for (uint32_t i = 0; i < permutation->turn_count; i++)
        if (permutation->turns[i].step == step)
            return true;
    return false;
}

static enum error_code check_turn(struct scenario_reader *reader,
                                  const struct scenario_permutation *permutation,
                                  const struct scenario_turn *turn)
{
    const struct scenario_step *steps = reader->scenario->steps;
    for (uint32_t i = 0; i < turn->blocker_count; i++) {
        uint32_t other = turn->blockers[i].step;
        if (turn->blockers[i].is_star)
            continue;
        if (!has_step(permutation, other))
            return scenario_fail(reader, permutation->line,
                                 "%s: expected to wait for a step of this permutation, found %s",
                                 steps[turn->step].name, steps[other].name);
        if (steps[other].session == steps[turn->step].session)
            return scenario_fail(reader, permutation->line,
                                 "%s: expected to wait for another session's step, found %s",
                                 steps[turn->step].name, steps[other].name);
    }
    return ERROR_NONE;
}

static void read_permutation(struct parser *parser)
{
    struct scenario_reader *reader = parser->reader;
    struct scenario_permutation permutation = {.line = parser->token.line};
    struct scenario_turn *turns = NULL;
    advance(parser);
    do {
        turns = scenario_make_room(reader, turns, permutation.turn_count, sizeof *turns);
        struct scenario_turn *turn = &turns[permutation.turn_count++];
        turn->step = take_step(parser, "the name of a step");
        if (is_sign(parser, '('))
            read_blockers(parser, turn);
    } while (is_name(parser));
    permutation.turns = turns;
    for (uint32_t i = 0; i < permutation.turn_count && parser->code == ERROR_NONE; i++)
        parser->code = check_turn(reader, &permutation, &turns[i]);
    if (parser->code == ERROR_NONE)
        scenario_add_permutation(reader, permutation);
}

/* --- the whole ------------------------------------------------------------------------------- */

static void read_head(struct parser *parser)
{
    struct scenario *scenario = parser->reader->scenario;
    while (is_word(parser, "setup")) {
        struct scenario_text sql = take_block(parser, "setup", "the set-up, SQL in braces");
        if (parser->code == ERROR_NONE)
            scenario_add_setup(parser->reader, sql);
    }
    scenario->teardown = take_block(parser, "teardown", "the teardown, SQL in braces");
}

enum error_code scenario_read_spec(struct scenario_reader *reader)
{
    struct parser parser = {.reader = reader};
    advance(&parser);
    read_head(&parser);
    if (!is_word(&parser, "session"))
        fail_at_token(&parser, reader->scenario->teardown.sql != NULL
                                   ? "session"
                                   : "setup, teardown or session");
    while (is_word(&parser, "session"))
        read_session(&parser);
    while (is_word(&parser, "permutation"))
        read_permutation(&parser);
    if (parser.code == ERROR_NONE && parser.token.kind != TOKEN_END)
        fail_at_token(&parser, reader->scenario->permutation_count > 0
                                   ? "permutation, or the name of a step"
                                   : "step, teardown, session or permutation");
    return parser.code;
}
