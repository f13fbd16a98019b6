/* SPDX-License-Identifier: Apache-2.0 */
/* The dependency cycle: transactions on a circle, an arrow for each dependency, then in words. */
#include "report/html.h"

#include <inttypes.h>
#include <math.h>

enum {
    WIDTH = 760,
    NODE_WIDTH = 150,
    NODE_HEIGHT = 46,
};
static const double full_turn = 6.283185307179586;

struct point {
    double x, y;
};

struct drawing {
    const struct html_page *page;
    FILE *out;
    uint32_t count;
    double height, radius_x, radius_y;
};

static const struct transaction *transaction_of(const struct html_page *page, uint32_t number)
{
    return &page->transactions.transactions[number];
}

/* "T3"; numbered from 1 in the order in which they began. */
static void put_name(FILE *out, uint32_t number)
{
    fprintf(out, "T%" PRIu32, number + 1);
}

static void put_steps(const struct html_page *page, uint32_t number, bool with_links)
{
    const struct transaction *transaction = transaction_of(page, number);
    if (transaction->task == TRANSACTION_LOOK) {
        fputs("the look at the end", page->out);
        return;
    }
    const size_t steps[] = {transaction->first_step, transaction->last_step};
    bool is_one = steps[0] == steps[1];
    fprintf(page->out, "task %" PRIu32 ", step%s ", transaction->task, is_one ? "" : "s");
    for (int i = 0; i < (is_one ? 1 : 2); i++) {
        fputs(i > 0 ? " to " : "", page->out);
        if (with_links)
            fprintf(page->out, "<a href=\"#s%zu\">%zu</a>", steps[i], steps[i]);
        else
            fprintf(page->out, "%zu", steps[i]);
    }
}

static void put_value(FILE *out, int64_t value)
{
    if (value == ISOLATION_NO_ROW)
        fputs("no row", out);
    else
        fprintf(out, "v=%" PRId64, value);
}

/* That it read or wrote. */
static int64_t value_of(const struct html_page *page, uint32_t operation)
{
    return page->transactions.history.operations[operation].value;
}

/* --- the drawing ----------------------------------------------------------------------------- */

static struct point place(const struct drawing *drawing, double position)
{
    double angle = full_turn * position / drawing->count - full_turn / 4;
    if (drawing->count == 2)
        angle += full_turn / 4; /* side by side */
    return (struct point){
        WIDTH / 2.0 + drawing->radius_x * cos(angle),
        drawing->height / 2 + drawing->radius_y * sin(angle),
    };
}

/* Where the line from the middle of a node towards `to` leaves its box. */
static struct point leave(struct point from, struct point to)
{
    double dx = to.x - from.x, dy = to.y - from.y;
    double x = fabs(dx) < 1e-9 ? 1e9 : (NODE_WIDTH / 2.0 + 4) / fabs(dx);
    double y = fabs(dy) < 1e-9 ? 1e9 : (NODE_HEIGHT / 2.0 + 4) / fabs(dy);
    double part = x < y ? x : y;
    return (struct point){from.x + dx * part, from.y + dy * part};
}

static void put_label(const struct drawing *drawing, const struct isolation_edge *edge,
                      struct point at)
{
    fprintf(drawing->out,
            "<text class=\"edge\" x=\"%.1f\" y=\"%.1f\"><tspan class=\"dependency\">%s"
            "</tspan>",
            at.x, at.y - (edge->kind == ISOLATION_RT ? 0 : 4),
            isolation_dependency_names[edge->kind]);
    if (edge->kind == ISOLATION_RT) {
        fputs(" earlier in time</text>\n", drawing->out);
        return;
    }
    fprintf(drawing->out, " t%u k=%u</text><text class=\"edge value\" x=\"%.1f\" y=\"%.1f\">",
            (unsigned)edge->key / PLAN_KEYS, (unsigned)edge->key % PLAN_KEYS, at.x, at.y + 11);
    put_value(drawing->out, value_of(drawing->page, edge->from_operation));
    if (edge->kind != ISOLATION_WR) {
        fputs(" &#8594; ", drawing->out);
        put_value(drawing->out, value_of(drawing->page, edge->to_operation));
    }
    fputs("</text>\n", drawing->out);
}

static void put_edge(const struct drawing *drawing, uint32_t index)
{
    struct point from = place(drawing, index), to = place(drawing, index + 1);
    struct point middle = {(from.x + to.x) / 2, (from.y + to.y) / 2};
    struct point bend = middle;
    if (drawing->count == 2) /* one above, one below */
        bend.y += (index == 0 ? 1 : -1) * 90;
    struct point start = leave(from, bend), end = leave(to, bend);
    fprintf(drawing->out,
            "<path class=\"arrow\" d=\"M%.1f %.1fQ%.1f %.1f %.1f %.1f\" "
            "marker-end=\"url(#tip)\"/>\n",
            start.x, start.y, bend.x, bend.y, end.x, end.y);
    struct point label = {(start.x + 2 * bend.x + end.x) / 4, (start.y + 2 * bend.y + end.y) / 4};
    if (drawing->count == 2) /* beside the arrow rather than on it */
        label.y += index == 0 ? 18 : -16;
    put_label(drawing, &drawing->page->anomaly.cycle[index], label);
}

static void put_node(const struct drawing *drawing, uint32_t index)
{
    struct point at = place(drawing, index);
    uint32_t number = drawing->page->anomaly.cycle[index].from;
    fprintf(drawing->out,
            "<g class=\"t%" PRIu32 "\"><rect class=\"node\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" "
            "height=\"%d\" rx=\"8\"/><text class=\"name\" x=\"%.1f\" y=\"%.1f\">",
            transaction_of(drawing->page, number)->task, at.x - NODE_WIDTH / 2.0,
            at.y - NODE_HEIGHT / 2.0, NODE_WIDTH, NODE_HEIGHT, at.x, at.y - 4);
    put_name(drawing->out, number);
    fprintf(drawing->out, "</text><text class=\"steps\" x=\"%.1f\" y=\"%.1f\">", at.x, at.y + 14);
    put_steps(drawing->page, number, false);
    fputs("</text></g>\n", drawing->out);
}

static void draw(const struct html_page *page)
{
    struct drawing drawing = {.page = page, .out = page->out, .count = page->anomaly.length};
    drawing.radius_x = drawing.count <= 3 ? 220 : 290;
    drawing.radius_y = drawing.count == 2 ? 0 : 60 + 36.0 * drawing.count;
    drawing.height = drawing.count == 2 ? 190 : 2 * drawing.radius_y + NODE_HEIGHT + 40;
    fprintf(page->out,
            "<svg class=\"cycle\" viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"dependency "
            "cycle\"><defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" "
            "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L10 "
            "5L0 10z\"/></marker></defs>\n",
            WIDTH, drawing.height);
    for (uint32_t i = 0; i < drawing.count; i++)
        put_edge(&drawing, i);
    for (uint32_t i = 0; i < drawing.count; i++)
        put_node(&drawing, i);
    fputs("</svg>\n", page->out);
}

/* --- in words -------------------------------------------------------------------------------- */

static void put_words(const struct html_page *page, const struct isolation_edge *edge)
{
    FILE *out = page->out;
    fputs("<li><b>", out);
    put_name(out, edge->from);
    fprintf(out, " &#8211;%s&#8594; ", isolation_dependency_names[edge->kind]);
    put_name(out, edge->to);
    fputs("</b> (", out);
    put_steps(page, edge->from, true);
    fputs(" before ", out);
    put_steps(page, edge->to, true);
    fputs("): ", out);
    if (edge->kind == ISOLATION_RT) {
        put_name(out, edge->from);
        fputs(" had returned before ", out);
        put_name(out, edge->to);
        fputs(" began</li>\n", out);
        return;
    }
    fprintf(out, "of t%u k=%u, ", (unsigned)edge->key / PLAN_KEYS, (unsigned)edge->key % PLAN_KEYS);
    int64_t value = value_of(page, edge->from_operation);
    put_name(out, edge->kind == ISOLATION_WR ? edge->to : edge->from);
    bool is_gone = value == ISOLATION_NO_ROW;
    fputs(edge->kind != ISOLATION_WW ? " read " : is_gone ? " left " : " wrote ", out);
    put_value(out, value);
    fputs(", which ", out);
    put_name(out, edge->kind == ISOLATION_WR ? edge->from : edge->to);
    fputs(edge->kind != ISOLATION_WR ? " replaced by " : is_gone ? " removed" : " wrote", out);
    if (edge->kind != ISOLATION_WR)
        put_value(out, value_of(page, edge->to_operation));
    fputs("</li>\n", out);
}

void html_cycle(const struct html_page *page)
{
    if (page->anomaly.length == 0)
        return;
    html_section(page->out, "cycle", "Dependency cycle");
    fputs("<p>", page->out);
    html_text(page->out, isolation_anomalies[page->anomaly.anomaly].meaning);
    fputs(". No order of these transactions, one after the other, explains what they read and "
          "wrote: each must come before the next, and the last before the first.</p>\n",
          page->out);
    draw(page);
    fputs("<ul class=\"words\">\n", page->out);
    for (uint32_t i = 0; i < page->anomaly.length; i++)
        put_words(page, &page->anomaly.cycle[i]);
    fputs(
        "</ul>\n<p class=\"note\">wr: one read what the other wrote; ww: one overwrote the other; "
        "rw: one read what the other then overwrote; rt: one had returned before the other "
        "began.</p>\n",
        page->out);
    html_section_end(page->out);
}
