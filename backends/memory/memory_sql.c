/* SPDX-License-Identifier: Apache-2.0 */
/* All that the memory backend understands of SQL. */
#include "memory/memory_internal.h"

#include <string.h>
#include <strings.h>

enum statement_kind memory_sql_kind(const char *sql, size_t length)
{
    static const struct {
        const char *word;
        enum statement_kind kind;
    } words[] = {
        {"SELECT", STATEMENT_READ},   {"BEGIN", STATEMENT_BEGIN},
        {"COMMIT", STATEMENT_COMMIT}, {"ROLLBACK", STATEMENT_ROLLBACK},
        {"CREATE", STATEMENT_SCHEMA}, {"DROP", STATEMENT_SCHEMA},
        {"ALTER", STATEMENT_SCHEMA},  {"SET", STATEMENT_SET},
        {"RESET", STATEMENT_RESET},
    };
    static const char separators[] = " \t\r\n;(";
    size_t start = 0, end;
    while (start < length && strchr(separators, sql[start]) != NULL)
        start++;
    for (end = start; end < length && strchr(separators, sql[end]) == NULL;)
        end++;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i].word) == end - start &&
            strncasecmp(sql + start, words[i].word, end - start) == 0)
            return words[i].kind;
    return STATEMENT_WRITE;
}

int memory_sql_parameters(const char *sql, size_t length)
{
    int count = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < length; i++) {
        is_quoted ^= sql[i] == '\'';
        if (is_quoted || sql[i] != '?')
            continue;
        int number = 0;
        for (; i + 1 < length && sql[i + 1] >= '0' && sql[i + 1] <= '9' && number < 1000; i++)
            number = number * 10 + (sql[i + 1] - '0');
        if (number == 0)
            number = count + 1;
        count = number > count ? number : count;
    }
    return count;
}
