/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_transaction.h"

#include "postgres/postgres_words.h"

#include <string.h>

struct reading {
    const char *next;
    struct postgres_token token;
};

static void advance(struct reading *reading)
{
    reading->token = postgres_next_token(&reading->next);
}

static bool take(struct reading *reading, const char *word)
{
    bool is_there = postgres_token_is(&reading->token, word);
    if (is_there)
        advance(reading);
    return is_there;
}

static bool is_over(struct reading *reading)
{
    while (reading->token.kind == POSTGRES_TOKEN_SIGN && *reading->token.text == ';')
        advance(reading);
    return reading->token.kind == POSTGRES_TOKEN_END;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* Any case is the same. What is in quotes, or longer than names are, nobody knows. */
static bool take_name(struct reading *reading, char ret_name[SUBJECT_WORDS_BYTES])
{
    const struct postgres_token *token = &reading->token;
    if (token->kind != POSTGRES_TOKEN_WORD || token->length >= SUBJECT_WORDS_BYTES)
        return false;
    for (size_t i = 0; i < token->length; i++)
        ret_name[i] = lower(token->text[i]);
    ret_name[token->length] = '\0';
    advance(reading);
    return is_over(reading);
}

static void take_noise(struct reading *reading)
{
    if (!take(reading, "work"))
        (void)take(reading, "transaction");
}

static enum subject_transaction if_over(struct reading *reading, enum subject_transaction which)
{
    return is_over(reading) ? which : SUBJECT_NO_TRANSACTION;
}

static enum subject_transaction rollback(struct reading *reading,
                                         char ret_name[SUBJECT_WORDS_BYTES])
{
    take_noise(reading);
    if (!take(reading, "to"))
        return if_over(reading, SUBJECT_ROLLBACK);
    (void)take(reading, "savepoint");
    return take_name(reading, ret_name) ? SUBJECT_ROLLBACK_TO : SUBJECT_NO_TRANSACTION;
}

enum subject_transaction postgres_transaction_of(const char *sql,
                                                 char ret_name[SUBJECT_WORDS_BYTES])
{
    struct reading reading = {.next = sql};
    advance(&reading);
    if (take(&reading, "begin")) {
        take_noise(&reading);
        return if_over(&reading, SUBJECT_BEGIN_DEFERRED);
    }
    if (take(&reading, "start"))
        return take(&reading, "transaction") ? if_over(&reading, SUBJECT_BEGIN_DEFERRED)
                                             : SUBJECT_NO_TRANSACTION;
    if (take(&reading, "commit") || take(&reading, "end")) {
        take_noise(&reading);
        return if_over(&reading, SUBJECT_COMMIT);
    }
    if (take(&reading, "rollback") || take(&reading, "abort"))
        return rollback(&reading, ret_name);
    if (take(&reading, "savepoint"))
        return take_name(&reading, ret_name) ? SUBJECT_SAVEPOINT : SUBJECT_NO_TRANSACTION;
    if (!take(&reading, "release"))
        return SUBJECT_NO_TRANSACTION;
    (void)take(&reading, "savepoint");
    return take_name(&reading, ret_name) ? SUBJECT_RELEASE : SUBJECT_NO_TRANSACTION;
}
