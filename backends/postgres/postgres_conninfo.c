/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_conninfo.h"

#include <stdlib.h>
#include <string.h>

/* What somebody's server ends by itself would be called a plan's doing. */
static const char patience[] =
    " -c lock_timeout=0 -c statement_timeout=0 -c idle_in_transaction_session_timeout=0";

/* --- reading ---------------------------------------------------------------------------------- */

static bool put(PQconninfoOption *words, const char *keyword, const char *value)
{
    if (value == NULL)
        return true;
    while (strcmp(words->keyword, keyword) != 0)
        words++;
    free(words->val);
    words->val = strdup(value); /* libpq frees it by free */
    return words->val != NULL;
}

static bool put_all(PQconninfoOption *words, const struct subject_target *target)
{
    return put(words, "host", target->host) && put(words, "port", target->port) &&
           put(words, "user", target->user) && put(words, "password", target->password) &&
           put(words, "dbname", target->database);
}

/* libpq's messages quote what is wrong: that may be all of it, password included. */
static enum error_code refuse(const char *said, bool is_uri, struct error *error)
{
    return interplay_error(error, ERROR_USAGE,
                           "the target is neither postgresql://USER@HOST:PORT/DATABASE nor 'host=H "
                           "dbname=D ...'%s%.*s",
                           is_uri ? "" : ": ", is_uri ? 0 : (int)strcspn(said, "\n"), said);
}

enum error_code postgres_conninfo_read(const struct subject_target *target,
                                       PQconninfoOption **ret_words, struct error *error)
{
    char *said = NULL;
    const char *text = target->text == NULL ? "" : target->text;
    PQconninfoOption *words = PQconninfoParse(text, &said);
    if (words == NULL) {
        enum error_code code = refuse(said == NULL ? "" : said, strstr(text, "://") != NULL, error);
        PQfreemem(said);
        return code;
    }
    if (!put_all(words, target)) {
        PQconninfoFree(words);
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    }
    *ret_words = words;
    return ERROR_NONE;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool is_secret(const PQconninfoOption *word)
{
    return strchr(word->dispchar, '*') != NULL;
}

bool postgres_conninfo_has_password(const PQconninfoOption *words)
{
    for (; words->keyword != NULL; words++)
        if (words->val != NULL && is_secret(words))
            return true;
    return false;
}

static void write_value(const char *value, struct text *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
                                "./:@%+,";
    bool is_plain = *value != '\0' && value[strspn(value, plain)] == '\0';
    text_append(text, is_plain ? "" : "'");
    for (; *value != '\0'; value++) {
        text_append(text, *value == '\'' || *value == '\\' ? "\\" : "");
        text_append_bytes(text, value, 1);
    }
    text_append(text, is_plain ? "" : "'");
}

static void write_word(const char *keyword, const char *value, struct text *text)
{
    text_append_format(text, "%s%s=", text->length == 0 ? "" : " ", keyword);
    write_value(value, text);
}

void postgres_conninfo_show(const PQconninfoOption *words, struct text *text)
{
    for (; words->keyword != NULL; words++)
        if (words->val != NULL && !is_secret(words))
            write_word(words->keyword, words->val, text);
}

static const char *value_or_variable(const PQconninfoOption *word)
{
    const char *value = word->val != NULL ? word->val : getenv(word->envvar);
    return value == NULL ? "" : value;
}

/* Time to connect is virtual: what was given is no measure of it. */
void postgres_conninfo_write(const PQconninfoOption *words, struct text *text)
{
    char bytes[1024];
    struct text options;
    text_init(&options, bytes, sizeof bytes);
    for (; words->keyword != NULL; words++) {
        if (strcmp(words->keyword, "options") == 0)
            text_append(&options, value_or_variable(words));
        else if (words->val != NULL && strcmp(words->keyword, "connect_timeout") != 0)
            write_word(words->keyword, words->val, text);
    }
    text_append(&options, patience);
    write_word("options", bytes, text);
    write_word("connect_timeout", "30", text); /* as of a private server */
    text->truncated |= options.truncated;
}
