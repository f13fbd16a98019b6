/* SPDX-License-Identifier: Apache-2.0 */
/* The table of interactions: what was asked, what came, what the model says. */
#include "report/html.h"

#include "model/text.h"
#include "plan/describe.h"
#include "plan/sql.h"

#include <inttypes.h>
#include <string.h>

enum {
    ROWS_OPEN_MAX = 3,   /* more rows than these are folded away where they agree */
    STEPS_OPEN_MAX = 50, /* more steps than these are in groups that can be folded */
    STEPS_A_GROUP = 25,
};

/* --- rows ------------------------------------------------------------------------------------ */

static bool has_row(const struct observation *seen, const struct observed_row *row)
{
    for (uint32_t i = 0; i < seen->rows_kept; i++)
        if (observed_row_equal(&seen->rows[i], row))
            return true;
    return false;
}

static void put_writer(FILE *out, int64_t value)
{
    int64_t step = value / PLAN_KEYS - 1;
    if (value < 0)
        fputs("<td>nobody</td>", out);
    else if (step < 0)
        fputs("<td>start</td>", out);
    else
        fprintf(out, "<td><a href=\"#s%" PRId64 "\">%" PRId64 "</a></td>", step, step);
}

static bool has_further_column(const struct observation *seen)
{
    bool has = false;
    for (uint32_t i = 0; i < seen->rows_kept; i++)
        has |= seen->rows[i].addend != 0;
    return has;
}

/* Rows that `other` does not have stand out. */
static void put_rows(FILE *out, const struct observation *seen, const struct observation *other)
{
    bool has_x = has_further_column(seen);
    fprintf(out, "<table class=\"rows\"><thead><tr><th>k<th>v<th>p%s<th>by</thead><tbody>",
            has_x ? "<th>x" : "");
    for (uint32_t i = 0; i < seen->rows_kept; i++) {
        const struct observed_row *row = &seen->rows[i];
        bool differs = other != NULL && !has_row(other, row);
        fprintf(out, "<tr%s><td>%" PRId64 "</td><td>%" PRId64 "</td>",
                differs ? " class=\"differs\"" : "", row->key, row->value);
        if (!row->intact)
            fputs("<td>torn</td>", out);
        else if (model_text_is_list(row->text_value))
            fprintf(out, "<td>list of %" PRId64 "</td>", row->text_units);
        else if (row->text_value < 0)
            fputs("<td>NULL</td>", out);
        else
            fprintf(out, "<td>%" PRId64 "&#215;%" PRId64 "</td>", row->text_value, row->text_units);
        if (has_x)
            fprintf(out, "<td>%" PRId64 "</td>", observed_row_x(row));
        put_writer(out, row->value);
        fputs("</tr>", out);
    }
    fputs("</tbody></table>", out);
    if (seen->row_count > seen->rows_kept && seen->rows_kept > 0)
        fprintf(out, "and %" PRIu64 " more rows", seen->row_count - seen->rows_kept);
}

/* Outcome, number and rows; `other` is what it stands beside, NULL: nothing that differs. */
static void put_observation(const struct html_page *page, const struct interaction *interaction,
                            const struct observation *seen, const struct observation *other)
{
    char buffer[128];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    html_result(interaction, seen, &text);
    bool is_ok = seen->outcome == OUTCOME_OK;
    fprintf(page->out, "<span class=\"%s\">%s</span> ", is_ok ? "out ok" : "out err",
            interplay_outcome_names[seen->outcome]);
    bool folds = other == NULL && seen->rows_kept > ROWS_OPEN_MAX;
    if (folds)
        fputs("<details><summary>", page->out);
    bool differs = other != NULL && seen->rows_kept == 0 && other->rows_kept == 0;
    fputs(differs ? "<b class=\"differs\">" : "", page->out);
    html_text(page->out, text.bytes);
    fputs(differs ? "</b>" : "", page->out);
    if (folds)
        fputs("</summary>", page->out);
    if (seen->rows_kept > 0)
        put_rows(page->out, seen, other);
    if (folds)
        fputs("</details>", page->out);
    if (seen->error_message[0] != '\0') {
        fputs("<div class=\"message\">", page->out);
        if (seen->error_state[0] != '\0')
            fprintf(page->out, "%s: ", seen->error_state);
        html_text(page->out, seen->error_message);
        fputs("</div>", page->out);
    }
}

/* --- what the model says --------------------------------------------------------------------- */

static void put_window(FILE *out, const struct explained_result *expected)
{
    bool is_told = expected->agrees && !expected->is_own && expected->from == expected->to;
    if (expected->from == NO_POSITION || is_told)
        return;
    if (expected->is_own)
        fprintf(out, "<div class=\"note\">with its own writes on commit %" PRIu32 "</div>",
                expected->from);
    else if (expected->from == expected->to)
        fprintf(out, "<div class=\"note\">may see commit %" PRIu32 " only</div>", expected->to);
    else
        fprintf(out, "<div class=\"note\">may see commits %" PRIu32 " to %" PRIu32 "</div>",
                expected->from, expected->to);
}

static void put_disagreement(const struct html_page *page, const struct interaction *interaction,
                             const struct recorded_step *step)
{
    const struct explained_result *expected = &step->expected;
    for (uint32_t i = 0; i < expected->count; i++) {
        const struct explained_prediction *prediction = &expected->predictions[i];
        if (expected->count > 1)
            fprintf(page->out, "<div class=\"at\">at commit %" PRIu32 "</div>",
                    prediction->position);
        put_observation(page, interaction, &prediction->expected, &step->seen);
    }
}

static void put_model(const struct html_page *page, const struct interaction *interaction,
                      const struct recorded_step *step)
{
    const struct explained_result *expected = &step->expected;
    if (!step->is_judged || expected->count == 0) {
        fputs("<span class=\"note\">no claim</span>", page->out);
        return;
    }
    if (!expected->agrees) {
        put_disagreement(page, interaction, step);
    } else {
        fputs("<span class=\"agrees\">agrees</span>", page->out);
        if (expected->predictions[0].position != NO_POSITION && !expected->is_own)
            fprintf(page->out, " at commit %" PRIu32, expected->predictions[0].position);
    }
    put_window(page->out, expected);
}

/* --- a row of the table ---------------------------------------------------------------------- */

static void put_part(const struct html_page *page, const char *class,
                     void (*describe)(const struct interaction *, struct text *),
                     const struct interaction *interaction)
{
    char buffer[400];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    describe(interaction, &text);
    if (text.length == 0)
        return;
    fprintf(page->out, "<span class=\"%s\">", class);
    html_text(page->out, text.bytes);
    fputs("</span> ", page->out);
}

/* What stands for a stream is the statement that it is. */
static struct interaction statement_of(const struct interaction *interaction)
{
    struct interaction statement = *interaction;
    statement.action = (uint8_t)plan_streamed_action((enum plan_action)interaction->action);
    return statement;
}

static void put_sql(const struct html_page *page, const struct interaction *interaction,
                    size_t index)
{
    char buffer[PLAN_SQL_BYTES];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    struct interaction statement = statement_of(interaction);
    uint32_t units = 0;
    if (page->report->dialect == DIALECT_NONE)
        return;
    bool is_said = plan_sql_can_say((enum plan_action)statement.action, page->report->dialect);
    if (interaction->sql == NULL && is_said) /* else it is passed over */
        units = plan_sql(&statement, (int64_t)index, page->report->dialect, &text);
    const char *sql = interaction->sql != NULL ? interaction->sql : buffer;
    if (sql[0] == '\0')
        return;
    fputs("<code class=\"sql\">", page->out);
    html_text(page->out, sql);
    fputs("</code>", page->out);
    if (units > 0)
        fprintf(page->out, "<div class=\"note\">?1 is %08" PRId64 ", %" PRIu32 " times</div>",
                plan_value((int64_t)index, interaction->arguments[FIELD_key]), units);
}

static bool was_started(const struct recording *recording, size_t index, bool *ret_skipped)
{
    for (uint64_t i = 0; i < recording_kept(recording->event_count); i++) {
        const struct trace_event *event = &recording->events[i].event;
        bool begins = event->kind == TRACE_invoke || event->kind == TRACE_skip;
        if (begins && event->interaction == index) {
            *ret_skipped = event->kind == TRACE_skip;
            return true;
        }
    }
    return false;
}

static void put_outcome(const struct html_page *page, const struct interaction *interaction,
                        size_t index)
{
    const struct recorded_step *step = &page->report->recording->steps[index];
    bool skipped = false;
    if (step->has_ended) {
        bool differs = step->is_judged && step->expected.count > 0 && !step->expected.agrees;
        put_observation(page, interaction, &step->seen,
                        differs ? &step->expected.predictions[0].expected : NULL);
        fputs("</td><td>", page->out);
        put_model(page, interaction, step);
        return;
    }
    bool started = was_started(page->report->recording, index, &skipped);
    const char *why = skipped                                ? "cannot be done here"
                      : started                              ? "did not return"
                      : interaction->action == ACTION_resume ? "(see its task)"
                                                             : "not run";
    fprintf(page->out, "<span class=\"note\">%s</span></td><td>", why);
}

/* Where its pause held it back, in the code. */
static void put_spot(const struct html_page *page, size_t index)
{
    char buffer[1024];
    struct text text;
    const struct spots *spots = page->report->spots;
    if (spots == NULL || !spots->paused[index].is_known)
        return;
    text_init(&text, buffer, sizeof buffer);
    spot_say(&spots->paused[index], &text);
    fputs("<div class=\"note\">held back ", page->out);
    html_text(page->out, buffer);
    fputs("</div>", page->out);
}

static void put_step(const struct html_page *page, size_t index)
{
    const struct interaction *interaction = &page->report->plan->interactions[index];
    fprintf(page->out,
            "<tr id=\"s%zu\" class=\"t%u%s\"><td class=\"n\"><a href=\"#p%zu\">%zu</a></td>"
            "<td class=\"task\">task %u</td><td>",
            index, (unsigned)interaction->task, index == page->violated_step ? " bad" : "", index,
            index, (unsigned)interaction->task);
    if (interaction->sql == NULL)
        put_part(page, "what", plan_describe_action, interaction);
    else
        fprintf(page->out, "<span class=\"what\">%s</span> ",
                plan_action_infos[interaction->action].name);
    put_part(page, "badge park", plan_describe_pause, interaction);
    put_part(page, "badge fault", plan_describe_fault, interaction);
    put_part(page, "badge", plan_describe_expectation, interaction);
    put_spot(page, index);
    put_sql(page, interaction, index);
    fputs("</td><td>", page->out);
    put_outcome(page, interaction, index);
    fputs("</td></tr>\n", page->out);
}

static void put_table(const struct html_page *page, size_t from, size_t to)
{
    fputs("<table class=\"steps\"><thead><tr><th>step</th><th>task</th><th>plan and SQL</th>"
          "<th>observed</th><th>model</th></tr></thead><tbody>\n",
          page->out);
    for (size_t i = from; i < to; i++)
        put_step(page, i);
    fputs("</tbody></table>\n", page->out);
}

static size_t count_failed(const struct recording *recording, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++)
        count += recording->steps[i].has_ended && recording->steps[i].seen.outcome != OUTCOME_OK;
    return count;
}

/* Open where the violation is, or where the plan ends. */
static void put_group(const struct html_page *page, size_t from, size_t to)
{
    size_t last = page->report->plan->interaction_count - 1;
    size_t asked = page->violated_step <= last ? page->violated_step : last;
    size_t failed = count_failed(page->report->recording, from, to);
    fprintf(page->out, "<details%s><summary>steps %zu to %zu",
            asked >= from && asked < to ? " open" : "", from, to - 1);
    if (failed > 0)
        fprintf(page->out, ", %zu not ok", failed);
    fputs("</summary>\n", page->out);
    put_table(page, from, to);
    fputs("</details>\n", page->out);
}

void html_steps(const struct html_page *page)
{
    size_t count = page->report->plan->interaction_count;
    html_section(page->out, NULL, "Step by step");
    fputs("<p class=\"note\">Observed and model side by side. In rows, <i>by</i> is the step that "
          "wrote the value, which tells where it comes from; <i>p</i> is the text: a value in 8 "
          "digits, so many times. Commits are numbered in commit order, 0 is the prepared "
          "database.</p>\n",
          page->out);
    if (count <= STEPS_OPEN_MAX)
        put_table(page, 0, count);
    for (size_t from = 0; from < count && count > STEPS_OPEN_MAX; from += STEPS_A_GROUP)
        put_group(page, from, from + STEPS_A_GROUP < count ? from + STEPS_A_GROUP : count);
    html_section_end(page->out);
}
