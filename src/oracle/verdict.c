/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in verdicts: the first violation of a run counts. */
#include "oracle/verdict.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 5, 0))) static void fill(struct verdict *verdict,
                                                       enum verdict_kind kind, size_t interaction,
                                                       const char *signature, const char *format,
                                                       va_list arguments)
{
    if (verdict->kind != VERDICT_OK)
        return;
    verdict->kind = kind;
    verdict->interaction = interaction;
    (void)snprintf(verdict->signature, sizeof verdict->signature, "%s", signature);
    (void)vsnprintf(verdict->report, sizeof verdict->report, format, arguments);
}

void verdict_violation(struct verdict *verdict, size_t interaction, const char *signature,
                       const char *report_format, ...)
{
    va_list arguments;
    va_start(arguments, report_format);
    fill(verdict, VERDICT_VIOLATION, interaction, signature, report_format, arguments);
    va_end(arguments);
}

void verdict_plan_error(struct verdict *verdict, size_t interaction, const char *report_format, ...)
{
    va_list arguments;
    va_start(arguments, report_format);
    fill(verdict, VERDICT_ERROR, interaction, "plan-error", report_format, arguments);
    va_end(arguments);
}

void verdict_harness_error(struct verdict *verdict, size_t interaction, const char *report_format,
                           ...)
{
    va_list arguments;
    va_start(arguments, report_format);
    fill(verdict, VERDICT_ERROR, interaction, "harness-error", report_format, arguments);
    va_end(arguments);
}

void verdict_words(const char *message, char *words, size_t bytes)
{
    size_t length = 0;
    const char *next = message;
    while (*next != '\0' && *next != '\n') {
        const char *end = next;
        bool letters = true;
        for (; *end != '\0' && *end != '\n' && *end != ' '; end++)
            letters &= isalpha((unsigned char)*end) != 0 || *end == ':';
        size_t word = (size_t)(end - next);
        if (letters && word > 0 && length + word + 2 < bytes) {
            if (length > 0)
                words[length++] = '-';
            for (; next < end; next++)
                if (*next != ':')
                    words[length++] = (char)tolower((unsigned char)*next);
        }
        next = *end == ' ' ? end + 1 : end;
    }
    words[length] = '\0';
}
