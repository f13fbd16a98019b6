/* SPDX-License-Identifier: Apache-2.0 */
#include "base/blank.h"

#include <stdbool.h>
#include <string.h>

static const char *skip_block_comment(const char *next)
{
    int depth = 0;
    do {
        bool opens = next[0] == '/' && next[1] == '*';
        bool closes = next[0] == '*' && next[1] == '/';
        depth += opens - closes;
        next += opens || closes ? 2 : 1;
    } while (depth > 0 && *next != '\0');
    return next;
}

const char *blank_skip(const char *next)
{
    for (;;) {
        next += strspn(next, " \t\r\n\f\v");
        if (next[0] == '-' && next[1] == '-')
            next += strcspn(next, "\n");
        else if (next[0] == '/' && next[1] == '*')
            next = skip_block_comment(next);
        else
            return next;
    }
}
