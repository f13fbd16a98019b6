/* SPDX-License-Identifier: Apache-2.0 */
/* The harness's looks at the whole database, beside what the model has. */
#include "model/text.h"
#include "report/html.h"

#include <inttypes.h>

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
    bool state_differs = !model_schema_equal(expected, found);
    if (state_differs || !only_differences) {
        fprintf(out, "<tr%s><td>t%" PRIu32 "</td><td></td>",
                state_differs ? " class=\"differs\"" : "", number);
        put_table_state(out, found);
        put_table_state(out, expected);
        fputs("</tr>\n", out);
    }
    for (uint32_t rest = expected->present | found->present; rest != 0; rest &= rest - 1) {
        uint32_t key = (uint32_t)__builtin_ctz(rest);
        bool differs = !model_row_equal(expected, found, key);
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

/* --- power losses ---------------------------------------------------------------------------- */

/* `content` NULL: the last loss, after which nobody could read. */
static void put_loss_heading(const struct html_page *page, const struct recorded_content *content)
{
    const struct recording *recording = page->report->recording;
    uint32_t number = 0, count = 0;
    for (uint32_t i = 0; i < recording->content_count; i++) {
        count += !recording->contents[i].is_end;
        if (&recording->contents[i] == content)
            number = count;
    }
    count += recording->is_loss_open;
    fputs("<h3>After the power loss", page->out);
    if (count > 1)
        fprintf(page->out, " %" PRIu32 " of %" PRIu32, content == NULL ? count : number, count);
    fputs("</h3>\n", page->out);
}

static void put_commits(FILE *out, const struct explained_loss *loss)
{
    if (loss->newest == 0) {
        fputs("<p>Nothing had been committed", out);
    } else {
        fprintf(out, "<p>%" PRIu32 " commit%s, %" PRIu32 " of them acknowledged, ", loss->newest,
                loss->newest == 1 ? "" : "s", loss->acknowledged);
        if (loss->promised == 0)
            fputs("none promised to survive", out);
        else
            fprintf(out, "the first %" PRIu32 " promised to survive", loss->promised);
    }
    if (loss->survived == NO_POSITION)
        fputs("; what was found is none of these states.</p>\n", out);
    else if (loss->survived == 0)
        fputs("; what was found is the beginning.</p>\n", out);
    else
        fprintf(out, "; what was found is commit %" PRIu32 ".</p>\n", loss->survived);
}

static void put_file(FILE *out, const struct recorded_file *file)
{
    uint64_t arrived = file->whole + file->torn;
    fputs("<tr><td>", out);
    html_text(out, file->name);
    fprintf(out, "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td>", file->changes,
            file->whole, file->torn);
    fprintf(out, "<td>%" PRIu64 "</td><td>%s</td></tr>\n",
            file->changes > arrived ? file->changes - arrived : 0,
            file->is_gone      ? "the file is gone"
            : file->is_garbled ? "parts are garbage"
                               : "");
}

/* What had been synced survives, and is not told of. */
static void put_files(FILE *out, const struct recorded_files *files)
{
    uint32_t told = 0;
    for (uint32_t i = 0; i < files->count && i < RECORDING_FILES_MAX; i++) {
        const struct recorded_file *file = &files->kept[i];
        if (file->changes == 0 && !file->is_gone)
            continue;
        if (told++ == 0)
            fputs("<table class=\"content\"><thead><tr><th>file</th><th>changes not synced</th>"
                  "<th>survived</th><th>torn</th><th>vanished</th><th></th></tr></thead><tbody>\n",
                  out);
        put_file(out, file);
    }
    fputs(told > 0 ? "</tbody></table>\n" : "<p>Everything had been synced.</p>\n", out);
    if (files->count > RECORDING_FILES_MAX)
        fputs("<p class=\"note\">There are more files than are told of.</p>\n", out);
}

static void put_loss(const struct html_page *page, const struct recorded_content *content)
{
    put_loss_heading(page, content);
    put_files(page->out, &content->files);
    if (content->has_expected)
        put_commits(page->out, &content->loss);
}

static void put_unread_loss(const struct html_page *page)
{
    put_loss_heading(page, NULL);
    put_files(page->out, &page->report->recording->files);
    fputs("<p>The database could not be read whole then: the verdict says why.</p>\n", page->out);
}

static void put_look(const struct html_page *page, const struct recorded_content *content)
{
    bool is_end = content->is_end;
    if (is_end)
        fputs("<h3>At the end, read by a new connection</h3>\n", page->out);
    else
        put_loss(page, content);
    if (!content->has_expected) {
        fputs("<p>The model makes no claim here.</p>\n", page->out);
        return;
    }
    if (model_database_equal(&content->expected, &content->found)) {
        fprintf(page->out,
                "<p>It is what the model says of %s.</p>\n<details><summary>all rows</summary>",
                is_end ? "the newest commit" : "that commit");
        put_content(page->out, content, false);
        fputs("</details>\n", page->out);
        return;
    }
    if (!is_end)
        fputs("<p class=\"note\">The model's side is the newest commit that was acknowledged; a "
              "power loss may take commits back that the mode does not promise to keep.</p>\n",
              page->out);
    put_content(page->out, content, true);
    fputs("<details><summary>all rows</summary>", page->out);
    put_content(page->out, content, false);
    fputs("</details>\n", page->out);
}

void html_contents(const struct html_page *page)
{
    const struct recording *recording = page->report->recording;
    if (recording->content_count == 0 && !recording->is_loss_open)
        return;
    html_section(page->out, "content", "What the database held");
    for (uint32_t i = 0; i < recording->content_count; i++)
        put_look(page, &recording->contents[i]);
    if (recording->is_loss_open)
        put_unread_loss(page);
    html_section_end(page->out);
}
