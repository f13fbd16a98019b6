/* SPDX-License-Identifier: Apache-2.0 */
/* What the finding needs, sentence by sentence. */
#include "report/html.h"

#include <string.h>

enum { SENTENCE_BYTES = 2048 };

static void put_item(const struct html_page *page, const char *sentence, const char *came_to)
{
    fputs("<li>", page->out);
    html_text(page->out, sentence);
    fputs(" <span class=\"note\">", page->out);
    html_text(page->out, came_to);
    fputs("</span></li>\n", page->out);
}

static void put_mark(const struct html_page *page, const char *sentence, enum explain_need need,
                     const char *came_to)
{
    static const char *const needs[] = {
        [EXPLAIN_NOT_NEEDED] = "It is not needed.",
        [EXPLAIN_NEEDED] = "It is needed: without it the plan comes to ",
        [EXPLAIN_NEED_UNKNOWN] = "Whether it is needed is not known.",
    };
    char bytes[SENTENCE_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    text_append(&text, needs[need]);
    if (need == EXPLAIN_NEEDED)
        text_append_format(&text, "%s.", came_to);
    put_item(page, sentence, bytes);
}

static void put_marks(const struct html_page *page, const struct explain_result *explained)
{
    char bytes[SENTENCE_BYTES];
    struct text text;
    if (explained->fault_count + explained->pause_count == 0)
        return;
    fputs("<h3>Faults and pauses</h3>\n<ul>\n", page->out);
    for (size_t i = 0; i < explained->fault_count; i++) {
        const struct explain_fault *fault = &explained->faults[i];
        text_init(&text, bytes, sizeof bytes);
        explain_say_fault(explained, fault, &text);
        put_mark(page, bytes, fault->need, fault->came_to);
    }
    for (size_t i = 0; i < explained->pause_count; i++) {
        const struct explain_pause *pause = &explained->pauses[i];
        text_init(&text, bytes, sizeof bytes);
        explain_say_pause(explained, pause, &text);
        put_mark(page, bytes, pause->need, pause->came_to);
    }
    fputs("</ul>\n", page->out);
}

static void put_orders(const struct html_page *page, const struct explain_result *explained)
{
    char bytes[SENTENCE_BYTES], note[SENTENCE_BYTES];
    fputs("<h3>Orders between tasks</h3>\n", page->out);
    if (explained->order_count > 0)
        fputs("<ol>\n", page->out);
    for (size_t i = 0; i < explained->order_count; i++) {
        const struct explain_order *order = &explained->orders[i];
        struct text text, came_to;
        text_init(&text, bytes, sizeof bytes);
        text_init(&came_to, note, sizeof note);
        explain_say_order(explained, order, &text);
        text_append_format(&came_to, "The other way round: %s.", order->came_to);
        put_item(page, bytes, note);
    }
    if (explained->order_count > 0)
        fputs("</ol>\n", page->out);
}

static void put_remarks(const struct html_page *page, const struct explain_result *explained)
{
    char bytes[SENTENCE_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    explain_say_remarks(explained, &text);
    for (char *line = bytes; *line != '\0'; line += strlen(line) + 1) {
        line[strcspn(line, "\n")] = '\0';
        fputs("<p class=\"note\">", page->out);
        html_text(page->out, line);
        fputs("</p>\n", page->out);
    }
}

void html_explain(const struct html_page *page)
{
    const struct explain_result *explained = page->report->explained;
    if (explained == NULL || explained->signature[0] == '\0')
        return;
    html_section(page->out, NULL, "What it needs");
    fputs("<p class=\"note\">Each was tried: without it, or with "
          "only these two the other way round, the finding is gone.</p>\n",
          page->out);
    put_marks(page, explained);
    put_orders(page, explained);
    put_remarks(page, explained);
    html_section_end(page->out);
}
