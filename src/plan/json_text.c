/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of any bytes, as JSON. */
#include "plan/json_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

json_t *json_text(const char *text)
{
    json_t *value = json_string(text);
    char *copy = value == NULL ? strdup(text) : NULL;
    if (copy == NULL)
        return value;
    for (char *next = copy; *next != '\0'; next++)
        if ((unsigned char)*next >= 0x80)
            *next = '?';
    value = json_string(copy);
    free(copy);
    return value;
}
