/* SPDX-License-Identifier: Apache-2.0 */
/* The page: verdict, facts, and the sections in their order. */
#include "report/html_report.h"

#include "base/file.h"
#include "plan/describe.h"
#include "plan/json.h"
#include "report/html.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Address space; the JSON of the largest plan and a row an event are far less. */
static const size_t arena_bytes = (size_t)1 << 30;

/* What an oracle stands for, by the first word of its signatures; docs/architecture.md has all. */
static const struct claim {
    const char *oracle;
    const char *words;
} claims[] = {
    {"snapshot", "Every result is what the model predicts for some prefix of the commit order that "
                 "real time allows."},
    {"durability",
     "After a power loss the database is a prefix of the commits with everything that "
     "the mode promises, and recovering again changes nothing."},
    {"integrity",
     "The database finds nothing wrong with itself, and a new connection can read it."},
    {"error-class", "No error comes that the situation cannot produce."},
    {"resources", "Memory, files, locks, shared memory and connections are back to zero after the "
                  "plan."},
    {"pool", "No connection has two owners, none is lost, none is handed out broken or in a "
             "transaction, and nobody waits while one is free."},
    {"misuse",
     "Locks and threads are used as POSIX defines, the database's handles while they live."},
    {"deadlock", "Somebody can always go on."},
    {"progress", "A plan ends after a bounded number of yield points."},
    {"expectation", "Each interaction comes to what the plan itself says."},
    {"crash", "The process of the database does not die."},
};

static const char *claim_of(const char *signature)
{
    size_t length = strcspn(signature, "/");
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
        if (strlen(claims[i].oracle) == length && memcmp(claims[i].oracle, signature, length) == 0)
            return claims[i].words;
    return "The run is as the oracles say it must be.";
}

static bool has_difference(const struct recording *recording)
{
    for (uint32_t i = 0; i < recording->content_count; i++) {
        const struct recorded_content *content = &recording->contents[i];
        if (content->has_expected && !model_database_equal(&content->expected, &content->found))
            return true;
    }
    return false;
}

/* --- the verdict ----------------------------------------------------------------------------- */

/* Where the verdict points to; of a process that died, what happened last. */
static size_t violated_step(const struct html_report *report)
{
    uint64_t count = recording_kept(report->recording->event_count);
    if (report->verdict->kind != VERDICT_VIOLATION)
        return SIZE_MAX;
    if (!report->has_died)
        return report->verdict->interaction;
    return count == 0 ? SIZE_MAX : report->recording->events[count - 1].event.interaction;
}

/* Before the violation was noticed at the step `place`; of another one where that made none. */
static void put_last_call(const struct html_page *page, size_t place)
{
    const struct spots *spots = page->report->spots;
    if (spots == NULL || !spots->violated.is_known)
        return;
    char buffer[1024];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    spot_say(&spots->violated, &text);
    fputs("<dt>last call</dt><dd>", page->out);
    if (spots->violated_step != place)
        fprintf(page->out, "of <a href=\"#s%zu\">step %zu</a>: ", spots->violated_step,
                spots->violated_step);
    html_text(page->out, buffer);
    fputs("</dd>\n", page->out);
}

static void put_place(const struct html_page *page)
{
    const struct html_report *report = page->report;
    const char *what = report->has_died ? "died" : "noticed";
    size_t place = page->violated_step;
    size_t count = report->plan->interaction_count;
    if (place >= count) {
        fprintf(page->out, "<dt>%s</dt><dd>%s</dd>\n", what,
                report->has_died ? "before the first event" : "after the last interaction");
        return;
    }
    char buffer[1024];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    plan_describe_action(&report->plan->interactions[place], &text);
    fprintf(page->out, "<dt>%s</dt><dd>at <a href=\"#s%zu\">step %zu</a> of %zu: task %u, ", what,
            place, place, count, (unsigned)report->plan->interactions[place].task);
    html_text(page->out, buffer);
    fputs("</dd>\n", page->out);
    put_last_call(page, place);
}

static void put_violation(const struct html_page *page)
{
    const struct verdict *verdict = page->report->verdict;
    fputs("<dt>claimed</dt><dd>", page->out);
    html_text(page->out, claim_of(verdict->signature));
    fputs("</dd>\n<dt>seen</dt><dd class=\"report\">", page->out);
    html_text(page->out, verdict->report);
    fputs("</dd>\n", page->out);
    put_place(page);
    bool differs = has_difference(page->report->recording);
    if (page->anomaly.length == 0 && !differs)
        return;
    fprintf(page->out, "<dt>see</dt><dd>%s%s%s</dd>\n",
            differs ? "<a href=\"#content\">what the database held</a>" : "",
            differs && page->anomaly.length > 0 ? ", " : "",
            page->anomaly.length > 0 ? "<a href=\"#cycle\">the dependency cycle</a>" : "");
}

static void put_count(FILE *out, const char *before, uint64_t count, const char *what)
{
    fprintf(out, "%s%" PRIu64 " %s%s", before, count, what, count == 1 ? "" : "s");
}

static void put_counts(const struct html_page *page)
{
    const struct recording *recording = page->report->recording;
    uint64_t kept = recording_kept(recording->event_count);
    uint64_t pauses = 0, faults = 0, commits = 0;
    for (uint64_t i = 0; i < kept; i++) {
        enum trace_kind kind = (enum trace_kind)recording->events[i].event.kind;
        pauses += kind == TRACE_park;
        faults += kind == TRACE_fault;
        commits += kind == TRACE_commit_point;
    }
    const struct recorded_event *last = kept == 0 ? NULL : &recording->events[kept - 1];
    put_count(page->out, "<dt>run</dt><dd>", plan_tasks(page->report->plan), "task");
    put_count(page->out, ", ", page->report->plan->interaction_count, "interaction");
    put_count(page->out, ", ", pauses, "pause");
    put_count(page->out, ", ", faults, "fault");
    put_count(page->out, ", ", commits, "commit");
    put_count(page->out, "; ", last == NULL ? 0 : last->yields, "yield point");
    if (last != NULL && last->now_ns > 0)
        fprintf(page->out, ", %.3f ms of virtual time", (double)last->now_ns / 1e6);
    fputs("</dd>\n", page->out);
}

static void put_ends(const struct html_page *page)
{
    char bytes[512];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    oracle_ends_describe(page->report->ends, &text);
    if (text.length == 0)
        return;
    fputs("<dt>not judged</dt><dd>", page->out);
    html_text(page->out, bytes);
    fputs("</dd>\n", page->out);
}

static void put_verdict(const struct html_page *page)
{
    const struct html_report *report = page->report;
    bool is_finding = report->verdict->kind == VERDICT_VIOLATION;
    fprintf(page->out, "<header id=\"verdict\" class=\"%s\">\n<p class=\"kind\">%s</p>\n<h1>",
            is_finding ? "finding" : "fine", is_finding ? "violation" : "ok");
    html_text(page->out, is_finding ? report->verdict->signature : "no violation");
    fputs("</h1>\n<dl>\n", page->out);
    if (is_finding)
        put_violation(page);
    else
        fputs("<dt>verdict</dt><dd>Every claim of the oracles holds in this run.</dd>\n",
              page->out);
    if (report->unjudged->reason != NULL)
        fprintf(page->out, "<dt>not judged</dt><dd>%s from step %" PRIu32 " on: %s</dd>\n",
                report->unjudged->is_everything ? "content and errors" : "content",
                report->unjudged->interaction, report->unjudged->reason);
    put_ends(page);
    fputs("<dt>plan</dt><dd>", page->out);
    html_text(page->out, report->name);
    fputs("</dd>\n<dt>tested</dt><dd>", page->out);
    html_text(page->out, report->version);
    fputs("</dd>\n", page->out);
    fputs("<dt>by</dt><dd>Interplay ", page->out);
    html_text(page->out, report->build);
    fputs("</dd>\n", page->out);
    put_counts(page);
    if (!report->has_died)
        fprintf(page->out, "<dt>trace</dt><dd><code>%016" PRIx64 "</code></dd>\n",
                report->trace_hash);
    fputs("<dt>again</dt><dd><code class=\"sql\">", page->out);
    html_command(page->out, report->replay_command);
    fputs("</code></dd>\n</dl>\n</header>\n", page->out);
}

/* --- configuration and plan ------------------------------------------------------------------ */

static void put_config(const struct html_page *page)
{
    const struct plan *plan = page->report->plan;
    html_section(page->out, NULL, "Configuration");
    if (!plan_kind(plan)->has_config) {
        fprintf(page->out,
                "<p>A plan of sql-middleware's simulator: an empty database, a pool of %" PRIu32
                " connections, strict order.</p>\n",
                plan->pool_size);
        html_section_end(page->out);
        return;
    }
    fputs("<p class=\"note\">What has its simplest value is pale.</p>\n<p class=\"config\">",
          page->out);
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        uint8_t choice = plan->config.choice[field];
        if (!plan_has_setting(plan, field))
            continue;
        fprintf(page->out, "<span%s title=\"", choice == 0 ? " class=\"pale\"" : "");
        html_text(page->out, info->meaning);
        fprintf(page->out, "\">%s=<b>%s</b></span>\n", info->name, info->values[choice].name);
    }
    fputs("</p>\n", page->out);
    html_section_end(page->out);
}

static void put_plan(const struct html_page *page)
{
    char *text;
    size_t length;
    html_section(page->out, NULL, "Plan");
    fputs("<details><summary>as JSON</summary><pre>", page->out);
    if (json_write(page->report->plan, page->arena, &text, &length) == ERROR_NONE)
        html_text(page->out, text);
    else
        fputs("It cannot be written as JSON.", page->out);
    fputs("</pre></details>\n", page->out);
    html_section_end(page->out);
}

static void put_page(const struct html_page *page)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          page->out);
    html_text(page->out, page->report->verdict->kind == VERDICT_VIOLATION
                             ? page->report->verdict->signature
                             : "no violation");
    fputs(" - Interplay</title>\n<style>\n", page->out);
    for (size_t i = 0; i < html_style_count; i++)
        fputs(html_style[i], page->out);
    fputs("</style></head><body>\n", page->out);
    put_verdict(page);
    html_picture(page);
    html_explain(page);
    html_steps(page);
    html_contents(page);
    html_cycle(page);
    put_config(page);
    put_plan(page);
    fputs("</body></html>\n", page->out);
}

/* --- the file -------------------------------------------------------------------------------- */

static enum error_code render(const struct html_report *report, char **ret_text, size_t *ret_length)
{
    struct arena arena;
    struct html_page page = {.report = report, .arena = &arena};
    page.out = open_memstream(ret_text, ret_length);
    if (page.out == NULL)
        return ERROR_MEMORY;
    arena_init(&arena, arena_bytes);
    transactions_find(report->plan, report->recording, verdict_violated(report->verdict), &arena,
                      &page.transactions);
    (void)isolation_judge(&page.transactions.history,
                          isolation_levels[ISOLATION_LEVEL_strict_serializable].forbids,
                          ISOLATION_EFFORT, &arena, &page.anomaly);
    page.violated_step = violated_step(report);
    put_page(&page);
    arena_clean_up(&arena);
    bool is_whole = !ferror(page.out);
    is_whole = fclose(page.out) == 0 && is_whole;
    return is_whole ? ERROR_NONE : ERROR_MEMORY;
}

enum error_code html_report_write(const struct html_report *report, const char *path,
                                  struct error *error)
{
    char *text = NULL;
    size_t length = 0;
    enum error_code code = render(report, &text, &length);
    if (code == ERROR_NONE)
        code = file_write(path, text, length, error);
    else
        code = interplay_error(error, code, "%s: out of memory", file_short_path(path));
    free(text);
    return code;
}
