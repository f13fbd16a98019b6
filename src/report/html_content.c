/* SPDX-License-Identifier: Apache-2.0 */
/* The harness's looks at the whole database, beside what the model has. */
#include "model/text.h"
#include "report/html.h"

#include <inttypes.h>

static bool row_differs(const struct model_table *left, const struct model_table *right,
                        uint32_t key)
{
    bool there = left->present >> key & 1u;
    if (there != (right->present >> key & 1u))
        return true;
    return there && (left->value[key] != right->value[key] ||
                     left->text_value[key] != right->text_value[key] ||
                     left->text_units[key] != right->text_units[key]);
}

/* A text that nobody wrote is kept as the value -2 (run/check.c). */
static void put_row(FILE *out, const struct model_table *table, uint32_t key)
{
    if (!(table->present >> key & 1u)) {
        fputs("<td colspan=\"2\">no row</td>", out);
        return;
    }
    fprintf(out, "<td>%" PRId32 "</td>", table->value[key]);
    if (table->text_value[key] == -1)
        fputs("<td>NULL</td>", out);
    else if (model_text_is_list(table->text_value[key]))
        fprintf(out, "<td>list of %u</td>", (unsigned)table->text_units[key]);
    else if (table->text_value[key] < 0)
        fputs("<td>torn</td>", out);
    else
        fprintf(out, "<td>%" PRId32 "&#215;%u</td>", table->text_value[key],
                (unsigned)table->text_units[key]);
}

static void put_table_state(FILE *out, const struct model_table *table)
{
    fputs(table->exists ? "<td colspan=\"2\">table" : "<td colspan=\"2\">no table", out);
    fputs(table->indexes >> COLUMN_VALUE & 1u ? ", index on v" : "", out);
    fputs(table->indexes >> COLUMN_TEXT & 1u ? ", index on p" : "", out);
    if (table->addend != 0)
        fprintf(out, ", column x = v + %u", (unsigned)table->addend);
    fputs("</td>", out);
}

static void put_table(FILE *out, uint32_t number, const struct model_table *expected,
                      const struct model_table *found, bool only_differences)
{
    bool state_differs = expected->exists != found->exists || expected->indexes != found->indexes ||
                         expected->addend != found->addend;
    if (state_differs || !only_differences) {
        fprintf(out, "<tr%s><td>t%" PRIu32 "</td><td></td>",
                state_differs ? " class=\"differs\"" : "", number);
        put_table_state(out, found);
        put_table_state(out, expected);
        fputs("</tr>\n", out);
    }
    for (uint32_t rest = expected->present | found->present; rest != 0; rest &= rest - 1) {
        uint32_t key = (uint32_t)__builtin_ctz(rest);
        bool differs = row_differs(expected, found, key);
        if (!differs && only_differences)
            continue;
        fprintf(out, "<tr%s><td>t%" PRIu32 "</td><td>%" PRIu32 "</td>",
                differs ? " class=\"differs\"" : "", number, key);
        put_row(out, found, key);
        put_row(out, expected, key);
        fputs("</tr>\n", out);
    }
}

static void put_content(FILE *out, const struct recorded_content *content, bool only_differences)
{
    fputs(
        "<table class=\"content\"><thead><tr><th></th><th>k</th><th colspan=\"2\">found: v, p</th>"
        "<th colspan=\"2\">model: v, p</th></tr></thead><tbody>\n",
        out);
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        put_table(out, table, &content->expected.tables[table], &content->found.tables[table],
                  only_differences);
    fputs("</tbody></table>\n", out);
}

static void put_look(const struct html_page *page, const struct recorded_content *content)
{
    bool is_end = content->events + 1 >= page->report->recording->event_count;
    fprintf(page->out, "<h3>%s</h3>\n",
            is_end ? "At the end, read by a new connection" : "After the power loss");
    if (!content->has_expected) {
        fputs("<p>The model makes no claim here.</p>\n", page->out);
        return;
    }
    if (model_database_equal(&content->expected, &content->found)) {
        fputs("<p>It is what the model says of the newest commit.</p>\n<details><summary>all "
              "rows</summary>",
              page->out);
        put_content(page->out, content, false);
        fputs("</details>\n", page->out);
        return;
    }
    if (!is_end)
        fputs("<p class=\"note\">The model's side is the newest commit; a power loss may take "
              "commits back that the mode does not promise to keep.</p>\n",
              page->out);
    put_content(page->out, content, true);
    fputs("<details><summary>all rows</summary>", page->out);
    put_content(page->out, content, false);
    fputs("</details>\n", page->out);
}

void html_contents(const struct html_page *page)
{
    const struct recording *recording = page->report->recording;
    if (recording->content_count == 0)
        return;
    html_section(page->out, "content", "What the database held");
    for (uint32_t i = 0; i < recording->content_count; i++)
        put_look(page, &recording->contents[i]);
    html_section_end(page->out);
}
