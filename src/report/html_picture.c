/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lanes over time: a column a task, time downwards. What a call does over several rows is one box;
 * strips beside it are the locks that the task holds.
 */
#include "report/html.h"
#include "report/lock_strips.h"
#include "report/picture_rows.h"

#include "plan/describe.h"

#include <inttypes.h>
#include <stdlib.h>

struct picture {
    const struct html_page *page;
    const struct recording *recording;
    FILE *out;
    struct picture_row *rows;
    size_t row_count;
    uint64_t event_count;
    uint32_t lanes; /* the last one may be that of threads */
    bool has_threads;
    struct lock_strips strips;
};

/* --- boxes: what lasts ----------------------------------------------------------------------- */

/* Columns of the grid: the axis, then two strips and the lane itself. */
static uint32_t column_of(uint32_t lane, const struct picture *picture)
{
    uint32_t index = lane == LOCK_LANE_THREADS ? picture->lanes - 1 : lane;
    return 2 + index * 3;
}

static void put_box(const struct picture *picture, const char *class, uint32_t lane,
                    const struct picture_row *from, const struct picture_row *to)
{
    uint32_t column = column_of(lane, picture) + 2;
    fprintf(picture->out,
            "<div class=\"%s t%" PRIu32 "\" style=\"grid-area:%" PRIu32 "/%" PRIu32 "/%" PRIu32
            "/%" PRIu32 "\"></div>\n",
            class, lane, from->line, column, to->line + 1, column + 1);
}

static bool ends_call(const struct trace_event *event)
{
    return event->kind == TRACE_return || event->kind == TRACE_skip;
}

/* The boxes of one lane: each call, and in it the rows in which it was held back or waits. */
static void put_boxes(const struct picture *picture, uint32_t lane)
{
    const struct picture_row *invoked = NULL, *stopped = NULL;
    const char *class = "call";
    for (size_t i = 0; i < picture->row_count; i++) {
        const struct picture_row *row = &picture->rows[i];
        for (uint64_t number = row->first; row->lane == lane && number <= row->last; number++) {
            const struct trace_event *event = &picture->recording->events[number].event;
            if (picture_hides(event))
                continue;
            if (stopped != NULL && row > stopped + 1)
                put_box(picture, class, lane, stopped + 1, row - 1);
            bool parks = event->kind == TRACE_park;
            stopped = parks || event->kind == TRACE_wait || event->kind == TRACE_sleep ? row : NULL;
            class = parks ? "held" : "waits";
            if (event->kind == TRACE_invoke)
                invoked = row;
            if (invoked != NULL && ends_call(event)) {
                bool bad = event->interaction == picture->page->violated_step;
                put_box(picture, bad ? "call bad" : "call", lane, invoked, row);
                invoked = NULL;
            }
        }
    }
    const struct picture_row *last = &picture->rows[picture->row_count - 1];
    if (stopped != NULL && last > stopped)
        put_box(picture, class, lane, stopped + 1, last);
    if (invoked != NULL) /* it never came back */
        put_box(picture, "call bad", lane, invoked, last);
}

/* --- what happens ---------------------------------------------------------------------------- */

static void put_call(const struct picture *picture, const struct trace_event *event)
{
    char buffer[256];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    plan_describe_action(&picture->page->report->plan->interactions[event->interaction], &text);
    bool skips = event->kind == TRACE_skip;
    fprintf(picture->out,
            "<a class=\"%s\" id=\"p%" PRIu32 "\" href=\"#s%" PRIu32 "\"><b>%" PRIu32 "</b> ",
            skips ? "skip" : "op", event->interaction, event->interaction, event->interaction);
    html_text(picture->out, text.bytes);
    fputs(skips ? " <i>(cannot)</i></a>" : "</a>", picture->out);
}

static void put_return(const struct picture *picture, const struct picture_row *row,
                       const struct trace_event *event)
{
    char buffer[128];
    struct text text;
    const struct interaction *interaction =
        &picture->page->report->plan->interactions[event->interaction];
    const struct recorded_step *step = &picture->recording->steps[event->interaction];
    text_init(&text, buffer, sizeof buffer);
    html_result(interaction, &step->seen, &text);
    const struct trace_event *first = &picture->recording->events[row->first].event;
    if (first->kind != TRACE_invoke || first->interaction != event->interaction)
        fprintf(picture->out,
                "<a class=\"op\" href=\"#s%" PRIu32 "\"><b>%" PRIu32 "</b> returns</a>",
                event->interaction, event->interaction);
    bool is_ok = event->detail == OUTCOME_OK;
    fprintf(picture->out, "<span class=\"%s\">%s%s", is_ok ? "out ok" : "out err",
            interplay_outcome_names[event->detail], text.length > 0 ? " " : "");
    html_text(picture->out, text.bytes);
    fputs("</span>", picture->out);
    if (event->interaction == picture->page->violated_step)
        fputs("<a class=\"flag\" href=\"#verdict\">violation noticed here</a>", picture->out);
}

/* In the words of a trace, another sign before them. */
static void put_words(const struct picture *picture, const char *class, const char *sign,
                      const struct trace_event *event)
{
    char buffer[256];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    trace_describe(picture->page->report->plan, event, NULL, &text);
    fprintf(picture->out, "<span class=\"%s\">%s ", class, sign);
    if (event->task >= PLAN_TASKS_MAX)
        fprintf(picture->out, "%s: ", trace_who(event->task).text);
    html_text(picture->out, buffer + sizeof "|");
    fputs("</span>", picture->out);
}

static void put_event(const struct picture *picture, const struct picture_row *row,
                      const struct trace_event *event)
{
    switch ((enum trace_kind)event->kind) {
    case TRACE_invoke:
    case TRACE_skip:
        put_call(picture, event);
        return;
    case TRACE_return:
        put_return(picture, row, event);
        return;
    case TRACE_commit_point:
        put_words(picture, "mark commit", "&#9733;", event);
        return;
    case TRACE_park:
        put_words(picture, "mark park", "&#10073;&#10073;", event);
        return;
    case TRACE_wait:
    case TRACE_sleep:
        put_words(picture, "mark wait", "&#8230;", event);
        return;
    case TRACE_fault:
        put_words(picture, "mark fault", "&#9889;&#65038;", event);
        return;
    case TRACE_disconnect:
        put_words(picture, "mark gone", "&#215;", event);
        return;
    case TRACE_power_loss:
        put_words(picture, "mark fault", "&#9889;&#65038;", event);
        return;
    case TRACE_recovered:
        put_words(picture, "mark commit", "&#9733;", event);
        return;
    case TRACE_continue:
    case TRACE_end:
        return;
    }
}

static void put_axis(const struct picture *picture, const struct picture_row *row)
{
    const struct recorded_event *event = &picture->recording->events[row->first];
    if (row->has_tick)
        fprintf(picture->out,
                "<div class=\"tick\" style=\"grid-row:%" PRIu32 "\">virtual time %.3f ms"
                "</div>\n",
                row->line - 1, (double)event->now_ns / 1e6);
    fprintf(picture->out,
            "<div class=\"axis\" style=\"grid-row:%" PRIu32 "\" title=\"event %" PRIu64 ", %" PRIu64
            " yield points crossed",
            row->line, row->first, event->yields);
    if (event->now_ns > 0) /* where time stands still, nobody asks for it */
        fprintf(picture->out, ", virtual time %.3f ms", (double)event->now_ns / 1e6);
    fprintf(picture->out, "\">%" PRIu64 "</div>\n", event->yields);
}

static void open_cell(const struct picture *picture, const struct picture_row *row, uint32_t lane)
{
    if (lane == PICTURE_EVERYBODY)
        fprintf(picture->out, "<div class=\"all\" style=\"grid-row:%" PRIu32 "\">", row->line);
    else
        fprintf(picture->out, "<div class=\"c\" style=\"grid-area:%" PRIu32 "/%" PRIu32 "\">",
                row->line, column_of(lane, picture) + 2);
}

static void put_row(const struct picture *picture, const struct picture_row *row)
{
    put_axis(picture, row);
    uint32_t open = UINT32_MAX;
    for (uint64_t number = row->first; number <= row->last; number++) {
        const struct trace_event *event = &picture->recording->events[number].event;
        if (picture_hides(event) || event->kind == TRACE_end)
            continue; /* the end has words of its own */
        if (picture_lane(event) != open) {
            fputs(open == UINT32_MAX ? "" : "</div>\n", picture->out);
            open = picture_lane(event);
            open_cell(picture, row, open);
        }
        put_event(picture, row, event);
    }
    fputs(open == UINT32_MAX ? "" : "</div>\n", picture->out);
}

/* --- locks ----------------------------------------------------------------------------------- */

static void put_strip(const struct picture *picture, uint32_t lane, enum lock_strip strip,
                      size_t from, size_t to)
{
    char words[160];
    struct text text;
    struct lock_look look;
    text_init(&text, words, sizeof words);
    if (!lock_strips_look(&picture->strips, from, lane, strip, &look, &text))
        return;
    uint32_t column = column_of(lane, picture) + (uint32_t)strip;
    fprintf(picture->out,
            "<div class=\"l %s\" style=\"grid-area:%" PRIu32 "/%" PRIu32 "/%" PRIu32 "/%" PRIu32
            "\" title=\"%s\">%s</div>\n",
            look.class, picture->rows[from].line, column, picture->rows[to].line + 1, column + 1,
            words, look.letter);
}

static void put_strips(const struct picture *picture, uint32_t lane)
{
    for (uint32_t strip = 0; strip < LOCK_STRIPS; strip++) {
        size_t from = 0;
        for (size_t row = 1; row <= picture->row_count; row++) {
            if (row < picture->row_count &&
                lock_strips_same(&picture->strips, from, row, lane, (enum lock_strip)strip))
                continue;
            put_strip(picture, lane, (enum lock_strip)strip, from, row - 1);
            from = row;
        }
    }
}

static void find_locks(struct picture *picture)
{
    lock_strips_init(&picture->strips, picture->recording, picture->page->report->locks,
                     picture->row_count, picture->page->arena);
    for (size_t i = 0; i < picture->row_count; i++)
        lock_strips_add_row(&picture->strips, picture->rows[i].last);
}

/* --- the whole ------------------------------------------------------------------------------- */

static void put_header(const struct picture *picture)
{
    uint32_t tasks = plan_tasks(picture->page->report->plan);
    fprintf(picture->out,
            "<div class=\"lanes%s\" style=\"grid-template-columns:var(--axis) repeat(%" PRIu32
            ",auto auto minmax(var(--lane),1fr))\">\n"
            "<div class=\"head axis\" style=\"grid-area:1/1\">yields</div>\n",
            tasks > 4 ? " many" : "", picture->lanes);
    for (uint32_t lane = 0; lane < picture->lanes; lane++) {
        fprintf(picture->out,
                "<div class=\"head t%" PRIu32 "\" style=\"grid-area:1/%" PRIu32 "/2/%" PRIu32 "\">",
                lane, 2 + lane * 3, 5 + lane * 3);
        if (lane < tasks)
            fprintf(picture->out, "task %" PRIu32 "</div>\n", lane);
        else
            fputs("threads of the pool</div>\n", picture->out);
    }
}

static void put_end(const struct picture *picture)
{
    const struct html_report *report = picture->page->report;
    bool is_finding = report->verdict->kind == VERDICT_VIOLATION;
    const char *words = !is_finding        ? "the end: no violation"
                        : report->has_died ? "the process died here: "
                        : picture->page->violated_step < picture->recording->step_count
                            ? "the end: violation "
                            : "violation noticed here: ";
    fprintf(picture->out, "<div class=\"end%s\">%s", is_finding ? " finding" : "", words);
    html_text(picture->out, report->verdict->signature);
    fputs("</div>\n", picture->out);
}

static void put_lanes(const struct picture *picture)
{
    put_header(picture);
    for (uint32_t lane = 0; lane < picture->lanes; lane++) {
        uint32_t number = lane < plan_tasks(picture->page->report->plan) ? lane : LOCK_LANE_THREADS;
        fprintf(picture->out,
                "<div class=\"rule\" style=\"grid-area:2/%" PRIu32 "/%" PRIu32 "/%" PRIu32
                "\"></div>\n",
                column_of(number, picture), picture->rows[picture->row_count - 1].line + 1,
                column_of(number, picture) + 3);
        if (number != LOCK_LANE_THREADS)
            put_boxes(picture, number);
        put_strips(picture, number);
    }
    for (size_t i = 0; i < picture->row_count; i++)
        put_row(picture, &picture->rows[i]);
    put_end(picture);
    fputs("</div>\n", picture->out);
    if (picture->recording->event_count > picture->event_count)
        fprintf(picture->out, "<p class=\"note\">%" PRIu64 " more events are not drawn.</p>\n",
                picture->recording->event_count - picture->event_count);
}

static const char legend[] =
    "<p class=\"note\">Time goes down; the rows are the order of events. The axis counts yield "
    "points (calls into the storage, locks, allocations), not time: virtual time hardly moves, and "
    "where it does a line says so. The number in a call leads to its row in the table.</p>\n"
    "<p class=\"legend\"><span><i class=\"key box\"></i>a call</span>"
    "<span><i class=\"key held\"></i>held back by a pause</span>"
    "<span><i class=\"key waits\"></i>waits or sleeps</span>"
    "<span class=\"mark commit\">&#9733; commit point</span>"
    "<span class=\"mark fault\">&#9889;&#65038; fault</span></p>\n";

static bool has_threads(const struct recording *recording)
{
    for (uint64_t i = 0; i < recording_kept(recording->event_count); i++)
        if (picture_lane(&recording->events[i].event) == LOCK_LANE_THREADS)
            return true;
    for (uint64_t i = 0; i < recording_kept(recording->lock_count); i++)
        if (recording->locks[i].lock.holder >= PLAN_TASKS_MAX)
            return true;
    return false;
}

void html_picture(const struct html_page *page)
{
    const struct recording *recording = page->report->recording;
    struct picture picture = {
        .page = page,
        .recording = recording,
        .out = page->out,
        .event_count = recording_kept(recording->event_count),
        .has_threads = has_threads(recording),
    };
    picture.lanes = plan_tasks(page->report->plan) + picture.has_threads;
    picture.rows = ARENA_ARRAY(page->arena, struct picture_row, picture.event_count);
    picture.row_count = picture_rows_make(recording, picture.rows);
    html_section(page->out, NULL, "What happened");
    fputs(legend, page->out);
    if (picture.row_count == 0) {
        fputs("<p>Nothing.</p>\n", page->out);
        html_section_end(page->out);
        return;
    }
    find_locks(&picture);
    if (recording->lock_count > 0)
        lock_strips_legend(page->report->locks, page->out);
    put_lanes(&picture);
    html_section_end(page->out);
}
