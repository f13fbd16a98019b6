/* SPDX-License-Identifier: Apache-2.0 */
/* From signatures to names of folders. */
#include "bugbase/name.h"

#include "base/assert.h"

#include <stdio.h>
#include <string.h>

void bugbase_name(char ret_name[BUGBASE_NAME_BYTES], const char *signature)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-+/";
    size_t length = strlen(signature);
    ASSERT(length > 0 && length <= BUGBASE_SIGNATURE_MAX);
    /* A name that begins with a dot is hidden. */
    bool is_plain = signature[0] != '.' && strspn(signature, plain) == length;
    char *out = ret_name;
    if (!is_plain)
        *out++ = '=';
    for (const char *next = signature; *next != '\0'; next++)
        if (!is_plain)
            out += sprintf(out, "%02x", (unsigned)(unsigned char)*next);
        else
            *out++ = *next == '/' ? '~' : *next;
    *out = '\0';
}
