/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text is cut into lines where it lies, once, and what they say is read from those: the rows of
 * the mode at hand, and those that are no mode's.
 */
#include "postgres/postgres_pooler.h"

#include "base/blank.h"
#include "base/file.h"
#include "base/text.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 256, LIKE_DEPTH_MAX = 4, STATEMENT_BYTES = 4096 };

static const struct {
    const char *name, *text;
} built_in[] = {
#define POOLER(name, text) {name, text},
#include "generated/poolers.def"
#undef POOLER
};
enum { BUILT_IN = sizeof built_in / sizeof built_in[0] };

struct line {
    int number;
    bool is_indented;
    char *key, *value;
    char *source; /* behind "--"; NULL: none */
};

struct reading {
    struct postgres_pooler *pooler;
    const char *path;
    const char *sessions; /* that were asked for; NULL: as many as the file says */
    struct line lines[LINES_MAX];
    size_t count;
    struct error *error;
};

/* --- lines ------------------------------------------------------------------------------------ */

static const char blanks[] = " \t\r";

static char *trim(char *text)
{
    text += strspn(text, blanks);
    size_t length = strlen(text);
    while (length > 0 && strchr(blanks, text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

/* What stands behind the mark, of which the text is cut off; NULL: it has none. */
static char *cut_off(char *text, const char *mark)
{
    char *found = strstr(text, mark);
    if (found == NULL)
        return NULL;
    *found = '\0';
    return trim(found + strlen(mark));
}

static void cut_line(struct line *line, char *text)
{
    line->is_indented = *text == ' ' || *text == '\t';
    line->key = trim(text);
    line->source = cut_off(line->key, " -- ");
    char *value = line->key + strcspn(line->key, blanks);
    if (*value != '\0')
        *value++ = '\0';
    line->value = trim(value);
}

static bool refuse(const struct reading *reading, const struct line *line, const char *expected)
{
    (void)interplay_error(reading->error, ERROR_INPUT, "%s:%d: expected %s, found '%s %s'",
                          reading->path, line->number, expected, line->key, line->value);
    return false;
}

/* Where the lines end that belong to a file: the first that is not indented, and not empty. */
static char *end_of_content(char *next, int *number)
{
    while (*next == ' ' || *next == '\t' || *next == '\n') {
        *number += 1;
        next += strcspn(next, "\n");
        next += *next == '\n';
    }
    return next;
}

static bool add_file(struct reading *reading, const struct line *line, const char *content)
{
    struct postgres_pooler *pooler = reading->pooler;
    if (pooler->file_count == POSTGRES_POOLER_FILES_MAX || *line->value == '\0' ||
        strchr(line->value, '/') != NULL)
        return refuse(reading, line, "the name of a file, without a folder, at most 4 of them");
    pooler->files[pooler->file_count++] =
        (struct postgres_pooler_file){.name = line->value, .content = content};
    return true;
}

/* A line that says something is kept, a file's content is not. */
static bool cut_lines(struct reading *reading, char *next)
{
    for (int number = 1; *next != '\0'; number++) {
        char *text = next;
        next += strcspn(next, "\n");
        if (*next == '\n')
            *next++ = '\0';
        struct line line = {.number = number};
        cut_line(&line, text);
        if (*line.key == '\0' || *line.key == '#')
            continue;
        if (reading->count == LINES_MAX)
            return refuse(reading, &line, "at most 256 lines");
        bool is_file = !line.is_indented && strcmp(line.key, "file") == 0;
        if (!is_file) {
            reading->lines[reading->count++] = line;
            continue;
        }
        char *content = next;
        next = end_of_content(next, &number);
        if (!add_file(reading, &line, content))
            return false;
        if (next > content)
            next[-1] = '\0';
    }
    return true;
}

/* --- what they say ---------------------------------------------------------------------------- */

static bool take_row(struct reading *reading, const struct line *line)
{
    struct postgres_pooler *pooler = reading->pooler;
    bool is_supported = strcmp(line->key, "supported") == 0;
    if (pooler->row_count == POSTGRES_POOLER_ROWS_MAX || *line->value == '\0' ||
        (!is_supported && line->source == NULL))
        return refuse(reading, line, "PATTERN, and of what is unsupported -- SOURCE, at most 64");
    pooler->rows[pooler->row_count++] = (struct postgres_pooler_row){
        .is_supported = is_supported, .pattern = line->value, .source = line->source};
    return true;
}

static bool take_replaced(struct reading *reading, const struct line *line)
{
    struct postgres_pooler *pooler = reading->pooler;
    char *to = cut_off(line->value, " ");
    if (pooler->replaced_count == POSTGRES_POOLER_REPLACED_MAX || to == NULL ||
        strchr(to, '=') == NULL || line->source == NULL)
        return refuse(reading, line, "SETTING=VALUE SETTING=VALUE -- SOURCE, at most 8");
    pooler->replaced[pooler->replaced_count++] =
        (struct postgres_pooler_replaced){.from = line->value, .to = to};
    return true;
}

static bool take_session(struct reading *reading, const struct line *line)
{
    reading->pooler->keeps_session = strcmp(line->value, "connection") == 0;
    return reading->pooler->keeps_session || strcmp(line->value, "transaction") == 0 ||
           refuse(reading, line, "connection, or transaction");
}

static bool take_word(struct reading *reading, const struct line *line)
{
    struct postgres_pooler *pooler = reading->pooler;
    const struct {
        const char *key, **word;
    } words[] = {
        {"program", &pooler->program}, {"arguments", &pooler->arguments},
        {"version", &pooler->version}, {"host", &pooler->host},
        {"port", &pooler->port},       {"sessions", &pooler->sessions},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(line->key, words[i].key) != 0)
            continue;
        *words[i].word = line->value;
        return true;
    }
    return refuse(reading, line, "a key of a pooler's file (docs/postgres.md)");
}

static bool take(struct reading *reading, const struct line *line)
{
    if (strcmp(line->key, "supported") == 0 || strcmp(line->key, "unsupported") == 0)
        return take_row(reading, line);
    if (strcmp(line->key, "replaced") == 0)
        return take_replaced(reading, line);
    if (strcmp(line->key, "session") == 0)
        return take_session(reading, line);
    return take_word(reading, line);
}

/* --- modes ------------------------------------------------------------------------------------ */

static bool is_mode(const struct line *line)
{
    return !line->is_indented && strcmp(line->key, "mode") == 0;
}

/* The first one, if it has no name. */
static size_t find_mode(const struct reading *reading, const char *name)
{
    size_t i = 0;
    while (i < reading->count && !(is_mode(&reading->lines[i]) &&
                                   (name == NULL || strcmp(reading->lines[i].value, name) == 0)))
        i++;
    return i;
}

static bool refuse_mode(const struct reading *reading, const char *name)
{
    char bytes[256];
    struct text known;
    text_init(&known, bytes, sizeof bytes);
    for (size_t i = 0; i < reading->count; i++)
        if (is_mode(&reading->lines[i]))
            text_append_format(&known, "%s%s", known.length == 0 ? "" : ", ",
                               reading->lines[i].value);
    (void)interplay_error(reading->error, ERROR_USAGE,
                          "%s: expected one of its modes (%s), found %s", reading->path, bytes,
                          name);
    return false;
}

static bool take_mode(struct reading *reading, const char *name, int depth)
{
    size_t i = find_mode(reading, name);
    if (i == reading->count || depth == 0)
        return refuse_mode(reading, name);
    while (++i < reading->count && reading->lines[i].is_indented) {
        const struct line *line = &reading->lines[i];
        bool is_like = strcmp(line->key, "like") == 0;
        if (is_like ? !take_mode(reading, line->value, depth - 1) : !take(reading, line))
            return false;
    }
    return true;
}

/* What holds in all modes stands before the first. */
static bool take_all(struct reading *reading)
{
    struct postgres_pooler *pooler = reading->pooler;
    for (size_t i = 0; i < reading->count && !is_mode(&reading->lines[i]); i++)
        if (!take(reading, &reading->lines[i]))
            return false;
    size_t first = find_mode(reading, NULL);
    if (pooler->mode == NULL && first < reading->count)
        pooler->mode = reading->lines[first].value;
    if (pooler->mode != NULL && !take_mode(reading, pooler->mode, LIKE_DEPTH_MAX))
        return false;
    if (reading->sessions != NULL)
        pooler->sessions = reading->sessions;
    if (pooler->program != NULL && pooler->host != NULL && pooler->port != NULL &&
        postgres_pooler_sessions(pooler) > 0)
        return true;
    (void)interplay_error(reading->error, ERROR_INPUT,
                          "%s: expected program, host, port and sessions, a number from 1",
                          reading->path);
    return false;
}

/* --- one pooler ------------------------------------------------------------------------------- */

static enum error_code refuse_name(const char *name, struct error *error)
{
    char bytes[256];
    struct text known;
    text_init(&known, bytes, sizeof bytes);
    for (size_t i = 0; i < BUILT_IN; i++)
        text_append_format(&known, "%s, ", built_in[i].name);
    return interplay_error(error, ERROR_USAGE,
                           "expected %sor the path of a pooler's file, with a slash; found '%s'",
                           bytes, name);
}

static enum error_code load(const char *name, char **ret_text, struct error *error)
{
    struct file_content content;
    if (strchr(name, '/') != NULL) {
        enum error_code code = file_read(&content, name, FILE_MUST_HAVE_BYTES, error);
        if (code == ERROR_NONE)
            *ret_text = content.bytes;
        return code;
    }
    size_t i = 0;
    while (i < BUILT_IN && strcmp(built_in[i].name, name) != 0)
        i++;
    if (i == BUILT_IN)
        return refuse_name(name, error);
    *ret_text = strdup(built_in[i].text);
    return *ret_text == NULL ? interplay_error(error, ERROR_MEMORY, "out of memory") : ERROR_NONE;
}

enum error_code postgres_pooler_read(struct postgres_pooler *ret_pooler, const char *what,
                                     struct error *error)
{
    struct postgres_pooler pooler = {.order = strdup(what)};
    struct reading reading = {.pooler = &pooler, .path = pooler.order, .error = error};
    if (pooler.order == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    pooler.name = pooler.order;
    char *more = cut_off(pooler.order, ",");
    pooler.more = more == NULL ? "" : more;
    char *mode = cut_off(pooler.order, ":");
    pooler.mode = mode;
    if (mode != NULL)
        reading.sessions = cut_off(mode, ":");
    enum error_code code = load(pooler.name, &pooler.text, error);
    if (code == ERROR_NONE && (!cut_lines(&reading, pooler.text) || !take_all(&reading)))
        code = error->code;
    if (code != ERROR_NONE) {
        postgres_pooler_clean_up(&pooler);
        return code;
    }
    *ret_pooler = pooler;
    return ERROR_NONE;
}

void postgres_pooler_clean_up(struct postgres_pooler *pooler)
{
    free(pooler->text);
    free(pooler->order);
    *pooler = (struct postgres_pooler){0};
}

/* --- statements ------------------------------------------------------------------------------- */

/* The first statement of the text on one line, with one blank where there are some. */
static const char *copy_statement(const char *next, char ret_statement[STATEMENT_BYTES])
{
    size_t length = 0;
    for (next = blank_skip(next); *next != '\0' && *next != ';'; next++) {
        bool is_blank = strchr(" \t\r\n\f\v", *next) != NULL;
        bool is_second = is_blank && length > 0 && ret_statement[length - 1] == ' ';
        if (!is_second && length < STATEMENT_BYTES - 1)
            ret_statement[length++] = is_blank ? ' ' : *next;
    }
    ret_statement[length] = '\0';
    return *next == ';' ? next + 1 : next;
}

static bool is_supported(const struct postgres_pooler *pooler, const char *statement)
{
    size_t i = 0;
    while (i < pooler->row_count && fnmatch(pooler->rows[i].pattern, statement, FNM_CASEFOLD) != 0)
        i++;
    return i == pooler->row_count || pooler->rows[i].is_supported;
}

/* A semicolon within a literal cuts it, too: then one is looked at that is none. */
bool postgres_pooler_supports(const struct postgres_pooler *pooler, const char *sql)
{
    char statement[STATEMENT_BYTES];
    while (*sql != '\0') {
        sql = copy_statement(sql, statement);
        if (!is_supported(pooler, statement))
            return false;
    }
    return true;
}

bool postgres_pooler_takes_setup(const struct postgres_pooler *pooler)
{
    return postgres_pooler_supports(pooler, "SET a = b");
}

int postgres_pooler_sessions(const struct postgres_pooler *pooler)
{
    return pooler->sessions == NULL ? 0 : atoi(pooler->sessions);
}
