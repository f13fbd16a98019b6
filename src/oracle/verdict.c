/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in verdicts: the first violation of a run counts. */
#include "oracle/verdict.h"

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
    fill(verdict, VERDICT_PLAN_ERROR, interaction, "plan-error", report_format, arguments);
    va_end(arguments);
}

void verdict_harness_error(struct verdict *verdict, size_t interaction, const char *report_format,
                           ...)
{
    va_list arguments;
    va_start(arguments, report_format);
    fill(verdict, VERDICT_HARNESS_ERROR, interaction, "harness-error", report_format, arguments);
    va_end(arguments);
}

__attribute__((format(printf, 3, 4))) static void
fill_limit(struct verdict *verdict, size_t interaction, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(verdict, VERDICT_LIMIT, interaction, "harness-limit", format, arguments);
    va_end(arguments);
}

void verdict_limit(struct verdict *verdict, size_t interaction, const char *what)
{
    fill_limit(verdict, interaction,
               "a limit of the harness was met: %s; what came of it says nothing of what is tested",
               what);
}

enum error_code verdict_error(const struct verdict *verdict, struct error *error)
{
    if (verdict->interaction == SIZE_MAX)
        return interplay_error(error, ERROR_INPUT, "after the last interaction: %s",
                               verdict->report);
    return interplay_error(error, ERROR_INPUT, "interactions[%zu]: %s", verdict->interaction,
                           verdict->report);
}
