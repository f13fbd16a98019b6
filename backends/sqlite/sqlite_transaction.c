/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar (lang_transaction.html, lang_savepoint.html) but for what is hard to be sure of:
 * names that are quoted, keywords, not of ASCII, or given to whole transactions.
 */
#include "sqlite/sqlite_transaction.h"

#include "sqlite/sqlite_words.h"

#include <sqlite3.h>
#include <string.h>

struct reader {
    const char *next;
    char word[SQLITE_WORD_BYTES]; /* the one that `next` stands at */
    const char *after;            /* that one */
};

static void look(struct reader *reader)
{
    reader->after = sqlite_take_word(reader->next, reader->word);
}

/* Steps over the next word, if it is this one. */
static bool take(struct reader *reader, const char *word)
{
    if (strcmp(reader->word, word) != 0)
        return false;
    reader->next = reader->after;
    look(reader);
    return true;
}

static bool is_end(const struct reader *reader)
{
    const char *next = sqlite_skip_blank(reader->next);
    while (*next == ';')
        next = sqlite_skip_blank(next + 1);
    return *next == '\0';
}

static bool take_name(struct reader *reader, char ret_name[SUBJECT_WORDS_BYTES])
{
    const char *name = sqlite_skip_blank(reader->next);
    size_t length = sqlite_word_length(name);
    bool is_name = length > 0 && length < SQLITE_WORD_BYTES && !(name[0] >= '0' && name[0] <= '9');
    if (!is_name || sqlite3_keyword_check(name, (int)length) != 0)
        return false;
    memcpy(ret_name, reader->word, length + 1);
    reader->next = reader->after;
    return true;
}

_Static_assert((int)SQLITE_WORD_BYTES <= (int)SUBJECT_WORDS_BYTES, "a word is a name");

/* --- by the first word ------------------------------------------------------------------------ */

static enum subject_transaction read_begin(struct reader *reader, char *ret_name)
{
    enum subject_transaction kind = SUBJECT_BEGIN_DEFERRED;
    (void)ret_name;
    if (take(reader, "immediate"))
        kind = SUBJECT_BEGIN_IMMEDIATE;
    else if (take(reader, "exclusive"))
        kind = SUBJECT_BEGIN_EXCLUSIVE;
    else
        (void)take(reader, "deferred");
    (void)take(reader, "transaction");
    return kind;
}

static enum subject_transaction read_commit(struct reader *reader, char *ret_name)
{
    (void)ret_name;
    (void)take(reader, "transaction");
    return SUBJECT_COMMIT;
}

static enum subject_transaction read_rollback(struct reader *reader, char *ret_name)
{
    (void)take(reader, "transaction");
    if (!take(reader, "to"))
        return SUBJECT_ROLLBACK;
    (void)take(reader, "savepoint");
    return take_name(reader, ret_name) ? SUBJECT_ROLLBACK_TO : SUBJECT_NO_TRANSACTION;
}

static enum subject_transaction read_savepoint(struct reader *reader, char *ret_name)
{
    return take_name(reader, ret_name) ? SUBJECT_SAVEPOINT : SUBJECT_NO_TRANSACTION;
}

static enum subject_transaction read_release(struct reader *reader, char *ret_name)
{
    (void)take(reader, "savepoint");
    return take_name(reader, ret_name) ? SUBJECT_RELEASE : SUBJECT_NO_TRANSACTION;
}

static const struct {
    const char *word;
    enum subject_transaction (*read)(struct reader *reader, char *ret_name);
} first_words[] = {
    {"begin", read_begin},       {"commit", read_commit},       {"end", read_commit},
    {"rollback", read_rollback}, {"savepoint", read_savepoint}, {"release", read_release},
};

enum subject_transaction sqlite_transaction_of(const char *sql, char ret_name[SUBJECT_WORDS_BYTES])
{
    struct reader reader = {.next = sqlite_skip_blank(sql)};
    while (*reader.next == ';')
        reader.next = sqlite_skip_blank(reader.next + 1);
    look(&reader);
    for (size_t i = 0; i < sizeof first_words / sizeof first_words[0]; i++) {
        if (!take(&reader, first_words[i].word))
            continue;
        enum subject_transaction kind = first_words[i].read(&reader, ret_name);
        return is_end(&reader) ? kind : SUBJECT_NO_TRANSACTION;
    }
    return SUBJECT_NO_TRANSACTION;
}
