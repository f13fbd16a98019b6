/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results as JUnit's XML, in the form that CI servers have in common: suites, cases, and in a case
 * a failure, an error, or that it was skipped. A violation is a failure; a plan that could not be
 * run is an error; a known violation is skipped.
 */
#include "report/html.h"
#include "report/results.h"

#include "base/file.h"

#include <stdlib.h>

static size_t count_kind(const struct results *results, enum result_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++)
        count += results->items[i].kind == kind;
    return count;
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    html_text(out, text == NULL ? "" : text);
    fputc('"', out);
}

static void put_counts(const struct results *results, double seconds, FILE *out)
{
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
            results->count, count_kind(results, RESULT_VIOLATION),
            count_kind(results, RESULT_FAILED),
            count_kind(results, RESULT_SKIPPED) + count_kind(results, RESULT_KNOWN), seconds);
}

/* What a server shows of a case that is not simply ok. */
static void put_problem(const struct result *result, const char *element, const char *type,
                        FILE *out)
{
    fprintf(out, "\n      <%s", element);
    put_attribute(out, "message", result->signature != NULL ? result->signature : result->message);
    put_attribute(out, "type", type);
    fputc('>', out);
    html_text(out, result->message == NULL ? "" : result->message);
    if (result->replay != NULL) {
        fputs("\n\n", out);
        html_text(out, result->replay);
    }
    fprintf(out, "</%s>\n    ", element);
}

/* Of skipped ones only the message is a part of the form. */
static void put_skipped(const struct result *result, const char *why, FILE *out)
{
    fputs("\n      <skipped message=\"", out);
    html_text(out, why);
    html_text(out, result->signature != NULL ? result->signature : "");
    html_text(out, result->signature == NULL && result->message != NULL ? result->message : "");
    fputs("\"/>\n    ", out);
}

static void put_case(const struct result *result, const char *command, FILE *out)
{
    fprintf(out, "    <testcase classname=\"interplay.%s\"", command);
    put_attribute(out, "name", result->name);
    fprintf(out, " time=\"%.3f\">", result->seconds);
    switch (result->kind) {
    case RESULT_OK:
        break;
    case RESULT_VIOLATION:
        put_problem(result, "failure", "violation", out);
        break;
    case RESULT_KNOWN:
        put_skipped(result, "known: ", out);
        break;
    case RESULT_SKIPPED:
        put_skipped(result, "", out);
        break;
    case RESULT_FAILED:
        put_problem(result, "error", "error", out);
        break;
    }
    fputs("</testcase>\n", out);
}

static void put_suites(const struct results *results, const struct results_frame *frame, FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"interplay\"", out);
    put_counts(results, frame->seconds, out);
    fprintf(out, ">\n  <testsuite name=\"interplay %s\"", frame->command);
    put_counts(results, frame->seconds, out);
    fputs(">\n    <properties>\n      <property name=\"command\"", out);
    put_attribute(out, "value", frame->line);
    fputs("/>\n      <property name=\"version\"", out);
    put_attribute(out, "value", frame->version);
    fputs("/>\n    </properties>\n", out);
    for (size_t i = 0; i < results->count; i++)
        put_case(&results->items[i], frame->command, out);
    fputs("  </testsuite>\n</testsuites>\n", out);
}

enum error_code junit_write(const struct results *results, const struct results_frame *frame,
                            const char *path, struct error *error)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    bool is_whole = out != NULL;
    if (is_whole) {
        put_suites(results, frame, out);
        is_whole = !ferror(out);
        is_whole = fclose(out) == 0 && is_whole;
    }
    enum error_code code =
        is_whole ? file_write(path, text, length, error)
                 : interplay_error(error, ERROR_MEMORY, "%s: out of memory", file_short_path(path));
    free(text);
    return code;
}
