/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the list of known findings, line by line, and looking signatures up in it. */
#include "bugbase/known.h"

#include "base/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r';
}

/* Cuts the comment and the blanks around what is left. */
static void trim(const char **line, size_t *length)
{
    for (size_t i = 0; i < *length; i++)
        if ((*line)[i] == '#' && (i == 0 || is_blank((*line)[i - 1])))
            *length = i;
    while (*length > 0 && is_blank((*line)[*length - 1]))
        (*length)--;
    for (; *length > 0 && is_blank(**line); (*length)--)
        (*line)++;
}

/* "oracle/kind" in the letters that oracles use; so that a typing error cannot pass for a list. */
static bool is_signature(const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (word[i] <= ' ' || word[i] > '~' || word[i] == '*')
            return false;
    const char *slash = memchr(word, '/', length);
    return slash != NULL && slash > word;
}

static enum error_code fail_line(const char *path, size_t line, const char *word, size_t length,
                                 struct error *error)
{
    enum { SHOWN_MAX = 60 };
    char shown[SHOWN_MAX + 1];
    size_t count = length < SHOWN_MAX ? length : SHOWN_MAX;
    for (size_t i = 0; i < count; i++)
        shown[i] = word[i] < ' ' || word[i] > '~' ? '?' : word[i];
    shown[count] = '\0';
    return interplay_error(error, ERROR_INPUT,
                           "%s:%zu: expected a signature like snapshot/final-content or the "
                           "beginning of one like snapshot/*, found '%s'",
                           file_short_path(path), line, shown);
}

static enum error_code take_word(struct known_finding *ret_item, const char *path, size_t line,
                                 const char *word, size_t length, struct error *error)
{
    struct known_finding item = {.is_prefix = word[length - 1] == '*'};
    size_t kept = item.is_prefix ? length - 1 : length;
    bool is_all = item.is_prefix && kept == 0;
    if ((!is_all && !is_signature(word, kept)) || kept >= sizeof item.signature)
        return fail_line(path, line, word, length, error);
    const char *suffix = item.is_prefix ? NULL : cause_find_suffix(word, kept);
    if (suffix != NULL) {
        kept = (size_t)(suffix - word);
        memcpy(item.cause, suffix + 1, CAUSE_HASH_DIGITS);
    }
    memcpy(item.signature, word, kept);
    *ret_item = item;
    return ERROR_NONE;
}

static enum error_code take_lines(struct known_findings *known, const char *path, const char *text,
                                  size_t size, struct error *error)
{
    const char *end = text + size;
    for (size_t number = 1; text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((newline == NULL ? end : newline) - text);
        const char *word = text;
        text += length + 1;
        trim(&word, &length);
        if (length == 0)
            continue;
        enum error_code code =
            take_word(&known->items[known->count], path, number, word, length, error);
        if (code != ERROR_NONE)
            return code;
        known->count++;
    }
    return ERROR_NONE;
}

static size_t count_lines(const struct file_content *content)
{
    size_t lines = 1;
    for (size_t i = 0; i < content->size; i++)
        lines += content->bytes[i] == '\n';
    return lines;
}

enum error_code known_load(struct known_findings *ret_known, const char *path, struct error *error)
{
    struct file_content content;
    enum error_code code = file_read(&content, path, FILE_MAY_BE_EMPTY, error);
    if (code != ERROR_NONE)
        return code;
    struct known_findings known = {
        .items = calloc(count_lines(&content), sizeof *known.items),
    };
    if (known.items == NULL)
        code = interplay_error(error, ERROR_MEMORY, "%s: out of memory", file_short_path(path));
    else
        code = take_lines(&known, path, content.bytes, content.size, error);
    file_content_clean_up(&content);
    if (code == ERROR_NONE)
        *ret_known = known;
    else
        known_clean_up(&known);
    return code;
}

void known_clean_up(struct known_findings *known)
{
    free(known->items);
    *known = (struct known_findings){0};
}

static bool has_signature(const struct known_finding *item, const char *signature)
{
    if (item->is_prefix)
        return strncmp(item->signature, signature, strlen(item->signature)) == 0;
    return strcmp(item->signature, signature) == 0;
}

enum known_look known_look(const struct known_findings *known, const char *signature)
{
    enum known_look look = KNOWN_NOT;
    for (size_t i = 0; i < known->count; i++) {
        if (!has_signature(&known->items[i], signature))
            continue;
        if (known->items[i].cause[0] == '\0')
            return KNOWN_WHATEVER_CAUSE;
        look = KNOWN_WITH_CAUSE;
    }
    return look;
}

bool known_match(struct known_findings *known, const char *signature, const struct cause *cause)
{
    bool is_checked = cause != NULL && cause_is_known(cause);
    for (size_t i = 0; i < known->count; i++) {
        struct known_finding *item = &known->items[i];
        bool asks_cause = item->cause[0] != '\0';
        if (!has_signature(item, signature) ||
            (asks_cause && is_checked && strcmp(item->cause, cause->hash) != 0))
            continue;
        item->times += is_checked || !asks_cause;
        item->unchecked += !is_checked && asks_cause;
        return true;
    }
    return false;
}

static void print_times(const struct known_finding *item, const char *how, uint64_t times,
                        FILE *out)
{
    if (times > 0)
        fprintf(out, "known: %s%s%s%s%s %" PRIu64 " time%s\n", item->signature,
                item->is_prefix ? "*" : "", item->cause[0] == '\0' ? "" : "@", item->cause, how,
                times, times == 1 ? "" : "s");
}

void known_print(const struct known_findings *known, FILE *out)
{
    for (size_t i = 0; i < known->count; i++) {
        print_times(&known->items[i], "", known->items[i].times, out);
        print_times(&known->items[i], ",by-signature", known->items[i].unchecked, out);
    }
}
