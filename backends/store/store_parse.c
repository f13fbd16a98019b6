/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQL that the store understands: that of plans, in SQLite's words. By hand, a word at a time;
 * what does not fit is no statement.
 */
#include "store/store.h"

#include <string.h>
#include <strings.h>

struct parser {
    const char *next, *end;
    struct store_query *query;
};

/* --- words ------------------------------------------------------------------------------------ */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_space(struct parser *parser)
{
    while (parser->next < parser->end && strchr(" \t\r\n", *parser->next) != NULL)
        parser->next++;
}

static size_t word_length(const struct parser *parser)
{
    const char *at = parser->next;
    while (at < parser->end && (is_letter(*at) || (at > parser->next && is_digit(*at))))
        at++;
    return (size_t)(at - parser->next);
}

/* Takes the word if it comes next. */
static bool take(struct parser *parser, const char *word)
{
    skip_space(parser);
    size_t length = strlen(word);
    bool is_there = is_letter(word[0]) ? word_length(parser) == length &&
                                             strncasecmp(parser->next, word, length) == 0
                                       : (size_t)(parser->end - parser->next) >= length &&
                                             memcmp(parser->next, word, length) == 0;
    parser->next += is_there ? length : 0;
    return is_there;
}

/* Takes all of the words, separated by spaces, or none. */
static bool take_all(struct parser *parser, const char *words)
{
    const char *start = parser->next;
    char word[24];
    while (*words != '\0') {
        size_t length = strcspn(words, " ");
        memcpy(word, words, length);
        word[length] = '\0';
        words += length + (words[length] == ' ');
        if (take(parser, word))
            continue;
        parser->next = start;
        return false;
    }
    return true;
}

/* --- numbers and texts ------------------------------------------------------------------------ */

static bool take_digits(struct parser *parser, int64_t *ret_number)
{
    const char *start = parser->next;
    *ret_number = 0;
    for (; parser->next < parser->end && is_digit(*parser->next); parser->next++)
        if (__builtin_mul_overflow(*ret_number, 10, ret_number) ||
            __builtin_add_overflow(*ret_number, *parser->next - '0', ret_number))
            return false;
    return parser->next > start;
}

/* ?N, or ?, which is the next one. */
static bool take_parameter(struct parser *parser, int *ret_number)
{
    int64_t number;
    if (!take(parser, "?"))
        return false;
    if (!take_digits(parser, &number))
        number = parser->query->parameter_count + 1;
    if (number < 1 || number > STORE_PARAMETERS_MAX)
        return false;
    *ret_number = (int)number;
    if (parser->query->parameter_count < *ret_number)
        parser->query->parameter_count = *ret_number;
    return true;
}

static bool take_number(struct parser *parser, struct store_number *ret_number)
{
    *ret_number = (struct store_number){0};
    if (take_parameter(parser, &ret_number->parameter))
        return true;
    bool is_negative = take(parser, "-");
    skip_space(parser);
    if (!take_digits(parser, &ret_number->number))
        return false;
    if (is_negative)
        ret_number->number = -ret_number->number;
    return true;
}

/* Without quotes in it, as plans write none. */
static bool take_literal(struct parser *parser, struct store_text *ret_text)
{
    if (!take(parser, "'"))
        return false;
    const char *end = memchr(parser->next, '\'', (size_t)(parser->end - parser->next));
    if (end == NULL)
        return false;
    *ret_text = (struct store_text){parser->next, (size_t)(end - parser->next)};
    parser->next = end + 1;
    return true;
}

/* k, or k + N: the value that the row is being given. */
static bool take_sum(struct parser *parser, struct store_number *ret_addend)
{
    return take_all(parser, "k +") && take_number(parser, ret_addend);
}

static bool take_plain_text(struct parser *parser, struct store_text_source *ret_text)
{
    struct store_number addend;
    *ret_text = (struct store_text_source){.times = {.number = 1}};
    ret_text->kind = STORE_LITERAL;
    if (take_literal(parser, &ret_text->literal))
        return true;
    ret_text->kind = STORE_DIGITS_OF_VALUE;
    if (take_all(parser, "printf ( '%08d' ,"))
        return take_sum(parser, &addend) && take(parser, ")");
    ret_text->kind = STORE_NULL;
    if (take(parser, "NULL"))
        return true;
    ret_text->kind = STORE_TEXT_PARAMETER;
    return take_parameter(parser, &ret_text->parameter);
}

static bool take_text(struct parser *parser, struct store_text_source *ret_text)
{
    struct store_number times;
    if (!take_all(parser, "replace ( hex ( zeroblob ("))
        return take_plain_text(parser, ret_text);
    if (!take_number(parser, &times) || !take_all(parser, ") ) , '00' ,") ||
        !take_plain_text(parser, ret_text) || !take(parser, ")"))
        return false;
    ret_text->times = times;
    return true;
}

/* --- parts of statements ---------------------------------------------------------------------- */

static bool take_table(struct parser *parser)
{
    skip_space(parser);
    const char *name = parser->next;
    if (word_length(parser) != 2 || name[0] != 't' || name[1] < '0' ||
        name[1] >= '0' + STORE_TABLES)
        return false;
    parser->query->table = (uint8_t)(name[1] - '0');
    parser->next += 2;
    return true;
}

static bool take_where(struct parser *parser)
{
    struct store_where *where = &parser->query->where;
    if (!take(parser, "WHERE"))
        return true;
    where->by_key = take(parser, "k");
    where->by_value = !where->by_key && take(parser, "v");
    if (take(parser, "BETWEEN")) {
        where->has_last = true;
        return take_number(parser, &where->first) && take(parser, "AND") &&
               take_number(parser, &where->last);
    }
    if (take_all(parser, ">="))
        return take_number(parser, &where->first);
    if (take(parser, "=")) {
        where->has_last = true;
        bool is_number = take_number(parser, &where->first);
        where->last = where->first;
        return is_number;
    }
    where->is_below = take(parser, "<");
    return where->is_below && take_number(parser, &where->first);
}

static bool take_order(struct parser *parser)
{
    struct store_query *query = parser->query;
    if (take_all(parser, "ORDER BY")) {
        query->is_ordered = true;
        query->by_value = !take(parser, "k");
        if (query->by_value && !take(parser, "v"))
            return false;
        query->is_descending = take(parser, "DESC");
    }
    query->has_limit = take(parser, "LIMIT");
    return !query->has_limit || take_number(parser, &query->limit);
}

static bool take_name(struct parser *parser)
{
    skip_space(parser);
    size_t length = word_length(parser);
    if (length == 0 || length >= STORE_NAME_BYTES)
        return false;
    memcpy(parser->query->name, parser->next, length);
    parser->next += length;
    return true;
}

/* --- statements ------------------------------------------------------------------------------- */

static bool parse_select(struct parser *parser)
{
    static const struct {
        const char *words;
        enum store_kind kind;
    } lists[] = {
        {"k , v , p", STORE_SELECT}, {"*", STORE_SELECT},      {"count ( * )", STORE_COUNT},
        {"sum ( v )", STORE_SUM},    {"min ( v )", STORE_MIN}, {"max ( v )", STORE_MAX},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (!take_all(parser, lists[i].words))
            continue;
        parser->query->kind = lists[i].kind;
        parser->query->has_all_columns = lists[i].words[0] == '*';
        return take(parser, "FROM") && take_table(parser) && take_where(parser) &&
               take_order(parser);
    }
    return false;
}

static bool parse_rows(struct parser *parser)
{
    struct store_query *query = parser->query;
    do {
        if (query->row_count == STORE_KEYS)
            return false;
        struct store_new_row *row = &query->rows[query->row_count++];
        if (!take(parser, "(") || !take_number(parser, &row->key) || !take(parser, ",") ||
            !take_number(parser, &row->value) || !take(parser, ",") ||
            !take_text(parser, &row->text) || !take(parser, ")"))
            return false;
    } while (take(parser, ","));
    return true;
}

static bool parse_insert(struct parser *parser)
{
    struct store_query *query = parser->query;
    query->kind = STORE_INSERT;
    query->keeps_part = take_all(parser, "OR FAIL");
    query->skips = take_all(parser, "OR IGNORE");
    query->replaces = take_all(parser, "OR REPLACE");
    (void)take_all(parser, "OR ABORT");
    if (!take(parser, "INTO") || !take_table(parser))
        return false;
    (void)take_all(parser, "( k , v , p )");
    if (!take(parser, "VALUES") || !parse_rows(parser))
        return false;
    query->replaces |= take_all(parser, "ON CONFLICT ( k ) DO UPDATE SET v = excluded . v , p = "
                                        "excluded . p");
    return true;
}

static bool parse_append(struct parser *parser)
{
    struct store_text nothing;
    return take_literal(parser, &nothing) && nothing.length == 0 && take_all(parser, ") ||") &&
           take_plain_text(parser, &parser->query->text) && take_where(parser);
}

static bool parse_update(struct parser *parser)
{
    struct store_query *query = parser->query;
    query->kind = STORE_UPDATE;
    if (!take_table(parser))
        return false;
    query->appends = take_all(parser, "SET p = coalesce ( p ,");
    if (query->appends)
        return parse_append(parser);
    if (!take_all(parser, "SET v =") || !take_sum(parser, &query->addend))
        return false;
    query->sets_text = take_all(parser, ", p =");
    if ((query->sets_text && !take_text(parser, &query->text)) || !take_where(parser))
        return false;
    query->has_all_columns = take_all(parser, "RETURNING *");
    query->returns_rows = query->has_all_columns || take_all(parser, "RETURNING k , v , p");
    return true;
}

static bool parse_delete(struct parser *parser)
{
    parser->query->kind = STORE_DELETE;
    return take(parser, "FROM") && take_table(parser) && take_where(parser);
}

/* Indexes, and whatever else stands after their names, change nothing here. */
static bool skip_rest(struct parser *parser)
{
    parser->next = parser->end;
    return true;
}

static bool parse_schema(struct parser *parser, bool creates)
{
    parser->query->kind = STORE_NOTHING;
    if (take(parser, "INDEX"))
        return skip_rest(parser);
    parser->query->kind = creates ? STORE_CREATE_TABLE : STORE_DROP_TABLE;
    return take(parser, "TABLE") && take_table(parser) && (!creates || skip_rest(parser));
}

static bool parse_alter(struct parser *parser)
{
    struct store_query *query = parser->query;
    if (!take(parser, "TABLE") || !take_table(parser))
        return false;
    query->kind = STORE_DROP_COLUMN;
    if (take_all(parser, "DROP COLUMN x"))
        return true;
    query->kind = STORE_ADD_COLUMN;
    return take_all(parser, "ADD COLUMN x INTEGER GENERATED ALWAYS AS ( v +") &&
           take_number(parser, &query->addend) && take(parser, ")");
}

static bool parse_simple(struct parser *parser)
{
    struct store_query *query = parser->query;
    query->kind = STORE_BEGIN;
    if (take(parser, "BEGIN")) {
        (void)(take(parser, "IMMEDIATE") || take(parser, "EXCLUSIVE") || take(parser, "DEFERRED"));
        return true;
    }
    query->kind = STORE_COMMIT;
    if (take(parser, "COMMIT"))
        return true;
    query->kind = STORE_SAVEPOINT;
    if (take(parser, "SAVEPOINT"))
        return take_name(parser);
    query->kind = STORE_RELEASE;
    if (take(parser, "RELEASE")) {
        (void)take(parser, "SAVEPOINT");
        return take_name(parser);
    }
    query->kind = STORE_ROLLBACK_TO;
    if (take_all(parser, "ROLLBACK TO")) {
        (void)take(parser, "SAVEPOINT");
        return take_name(parser);
    }
    query->kind = STORE_ROLLBACK;
    return take(parser, "ROLLBACK");
}

static bool parse(struct parser *parser)
{
    if (take(parser, "SELECT"))
        return parse_select(parser);
    if (take(parser, "INSERT"))
        return parse_insert(parser);
    if (take(parser, "UPDATE"))
        return parse_update(parser);
    if (take(parser, "DELETE"))
        return parse_delete(parser);
    if (take(parser, "CREATE"))
        return parse_schema(parser, true);
    if (take(parser, "DROP"))
        return parse_schema(parser, false);
    if (take(parser, "ALTER"))
        return parse_alter(parser);
    return parse_simple(parser);
}

bool store_parse(const char *sql, size_t length, struct store_query *ret_query)
{
    *ret_query = (struct store_query){0};
    struct parser parser = {sql, sql + length, ret_query};
    if (!parse(&parser))
        return false;
    while (take(&parser, ";"))
        ;
    skip_space(&parser);
    return parser.next == parser.end;
}
