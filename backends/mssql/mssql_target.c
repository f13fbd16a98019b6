/* SPDX-License-Identifier: Apache-2.0 */
#include "mssql/mssql_target.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name; /* with the sign behind it */
    size_t offset;
} keys[] = {
    {"server=", offsetof(struct mssql_target, server)},
    {"port=", offsetof(struct mssql_target, port)},
    {"user=", offsetof(struct mssql_target, user)},
    {"password=", offsetof(struct mssql_target, password)},
    {"database=", offsetof(struct mssql_target, database)},
};

/* The value's place; NULL: no such key. */
static char *take_key(const char **next, struct mssql_target *target)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        size_t length = strlen(keys[i].name);
        if (strncmp(*next, keys[i].name, length) != 0)
            continue;
        *next += length;
        return (char *)target + keys[i].offset;
    }
    return NULL;
}

static bool take_value(const char **next, char ret_value[MSSQL_WORD_BYTES])
{
    bool is_quoted = **next == '\'';
    const char *begin = *next + is_quoted;
    size_t length = strcspn(begin, is_quoted ? "'" : " ");
    if (length >= MSSQL_WORD_BYTES || (is_quoted && begin[length] != '\'') || ret_value[0] != '\0')
        return false;
    memcpy(ret_value, begin, length);
    ret_value[length] = '\0';
    *next = begin + length + is_quoted;
    return **next == '\0' || **next == ' ';
}

bool mssql_read_target(const char *text, struct mssql_target *ret_target)
{
    const char *next = text == NULL ? "" : text;
    *ret_target = (struct mssql_target){.server = ""};
    for (next += strspn(next, " "); *next != '\0'; next += strspn(next, " ")) {
        char *value = take_key(&next, ret_target);
        if (value == NULL || !take_value(&next, value))
            return false;
    }
    return ret_target->server[0] != '\0';
}
