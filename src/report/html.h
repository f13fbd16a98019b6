/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of an HTML report; each writes its section to `out`. Whatever comes from a plan or a
 * database goes through html_text. Nothing in the page refers to anything outside of it.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "history/transactions.h"
#include "isolation/judge.h"
#include "report/html_report.h"

#include <stdio.h>

struct html_page {
    const struct html_report *report;
    FILE *out;
    struct arena *arena;
    struct transactions transactions;
    size_t violated_step; /* where it was noticed, or the process died; SIZE_MAX: nowhere */
    struct isolation_finding anomaly; /* its length is 0: there is no cycle */
};

/* The text with everything escaped that means something in HTML or XML, in attributes, too. */
void html_text(FILE *out, const char *text);

/* A command, whose paths may go on in the next line behind each slash. Not for attributes. */
void html_command(FILE *out, const char *command);

/* A part of the page with a title, which a reader can fold away. `id` may be NULL. */
void html_section(FILE *out, const char *id, const char *title);
void html_section_end(FILE *out);

/* The style sheet (html_style.c). */
extern const char *const html_style[];
extern const size_t html_style_count;

/* Lanes over time (html_picture.c). */
void html_picture(const struct html_page *page);

/* Why the finding shows; nothing where nobody asked (html_explain.c). */
void html_explain(const struct html_page *page);

/* The table of interactions (html_steps.c). */
void html_steps(const struct html_page *page);

/* What the database held against what it should (html_content.c). */
void html_contents(const struct html_page *page);

/* The cycle as a drawing and in words; nothing without one (html_cycle.c). */
void html_cycle(const struct html_page *page);

/* "8 rows", "= 112", "1 changed", or nothing: what an interaction came to beside its outcome. */
void html_result(const struct interaction *interaction, const struct observation *seen,
                 struct text *text);

#endif
