/* SPDX-License-Identifier: Apache-2.0 */
/* Formatting of harness errors; see the public header. */
#include <interplay/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum error_code interplay_error(struct error *error, enum error_code code, const char *format, ...)
{
    if (error == NULL)
        return code;
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return code;
}

void interplay_error_context(struct error *error, const char *context)
{
    if (error == NULL)
        return;
    char text[sizeof error->message];
    int length = snprintf(text, sizeof text, "%s: %s", context, error->message);
    if (length >= (int)sizeof text)
        text[sizeof text - 1] = '\0';
    memcpy(error->message, text, sizeof text);
}
