/* SPDX-License-Identifier: Apache-2.0 */
/* Small things that the sections of a report share. */
#include "report/html.h"

#include <inttypes.h>

/* Longer than need be, half of a pair, or beyond the last one; or one that XML does not have. */
static bool is_forbidden(const unsigned char *text)
{
    return (text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xED && text[1] >= 0xA0) ||
           (text[0] == 0xF0 && text[1] < 0x90) || (text[0] == 0xF4 && text[1] >= 0x90) ||
           (text[0] == 0xEF && text[1] == 0xBF && text[2] >= 0xBE);
}

/* How many bytes the UTF-8 character at `text` has; 0: it is none. */
static size_t character_bytes(const unsigned char *text)
{
    size_t count = text[0] < 0x80                       ? 1
                   : text[0] >= 0xC2 && text[0] <= 0xDF ? 2
                   : (text[0] & 0xF0) == 0xE0           ? 3
                   : text[0] >= 0xF0 && text[0] <= 0xF4 ? 4
                                                        : 0;
    for (size_t i = 1; i < count; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    return count > 1 && is_forbidden(text) ? 0 : count;
}

static void put_text(FILE *out, const char *text, const char *behind_slash)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        size_t count = character_bytes(at);
        if (*at == '&')
            fputs("&amp;", out);
        else if (*at == '<')
            fputs("&lt;", out);
        else if (*at == '>')
            fputs("&gt;", out);
        else if (*at == '"')
            fputs("&quot;", out);
        else if (*at == '\'')
            fputs("&#39;", out);
        else if (count == 0 || *at == 0x7f || (*at < ' ' && *at != '\n' && *at != '\t'))
            fputs("&#xFFFD;", out);
        else
            (void)fwrite(at, 1, count, out);
        if (*at == '/')
            fputs(behind_slash, out);
        at += count == 0 ? 1 : count;
    }
}

void html_text(FILE *out, const char *text)
{
    put_text(out, text, "");
}

void html_command(FILE *out, const char *command)
{
    put_text(out, command, "<wbr>");
}

void html_section(FILE *out, const char *id, const char *title)
{
    fputs("<section", out);
    if (id != NULL)
        fprintf(out, " id=\"%s\"", id);
    fprintf(out, "><details open><summary><h2>%s</h2></summary>\n", title);
}

void html_section_end(FILE *out)
{
    fputs("</details></section>\n", out);
}

static void append_count(struct text *text, int64_t count, const char *one, const char *many)
{
    text_append_format(text, "%" PRId64 " %s", count, count == 1 ? one : many);
}

static void append_columns(const struct interaction *interaction, const struct observation *seen,
                           struct text *text)
{
    if (plan_reads_all_columns(interaction) && seen->column_count > 0)
        text_append_format(text, ", %d columns", seen->column_count);
    if (plan_reads_all_columns(interaction) && seen->has_names)
        text_append_format(text, " (%s)", seen->column_names);
}

void html_result(const struct interaction *interaction, const struct observation *seen,
                 struct text *text)
{
    enum plan_action action = (enum plan_action)interaction->action;
    if (seen->outcome != OUTCOME_OK)
        return;
    if (plan_action_infos[action].effect == EFFECT_READ_NUMBER) {
        text_append_format(text, "= %" PRId64, seen->number);
    } else if (action == ACTION_select &&
               interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS) {
        if (seen->number_is_null)
            text_append(text, "NULL");
        else
            text_append_format(text, "= %" PRId64, seen->number);
    } else if (action == ACTION_select || action == ACTION_stream_open ||
               action == ACTION_stream_next || action == ACTION_query) {
        append_count(text, (int64_t)seen->row_count, "row", "rows");
        append_columns(interaction, seen, text);
    } else if (plan_action_infos[action].effect == EFFECT_ROWS) {
        append_count(text, seen->changes, "row changed", "rows changed");
        append_columns(interaction, seen, text);
    } else if (plan_action_infos[action].result != NULL) {
        plan_own_result(action, seen->report, text);
    }
}
