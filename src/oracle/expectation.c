/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the plan itself says of an interaction's result. Without an expectation, an error in a plan
 * of sql-middleware's simulator is unexpected too.
 */
#include "base/hash.h"
#include "base/text.h"
#include "oracle/oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct expectation_oracle {
    const struct plan *plan, *judged;
    bool errors_are_findings;
};

static void begin(void *state, const struct oracle_setting *setting)
{
    struct expectation_oracle *oracle = state;
    oracle->plan = setting->plan;
    oracle->judged = setting->judged;
    oracle->errors_are_findings = plan_kind(setting->plan)->errors_are_findings;
}

/* --- which one ------------------------------------------------------------------------------- */

/* "row-count", "unexpected-error/no-such-table" */
struct complaint {
    char what[56];
};

/* Errors by their words, and where they have none by their class. */
static struct complaint complain_of_error(const char *what, const struct observation *seen)
{
    struct complaint complaint;
    char words[32];
    text_signature_words(seen->error_message, words, sizeof words);
    (void)snprintf(complaint.what, sizeof complaint.what, "%s/%s", what,
                   words[0] == '\0' ? interplay_outcome_names[seen->outcome] : words);
    return complaint;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return text == NULL ? hash_word(hash, 0) : hash_bytes(hash, text, strlen(text));
}

/*
 * Tells an expectation from the others of a plan, also when steps before it are gone: what is
 * executed, and what is expected of it. An error where none is expected is the same one, whatever
 * else would be.
 */
static uint32_t name_expectation(const struct interaction *interaction)
{
    const struct plan_expectation *expected = interaction->expectation;
    uint64_t hash = hash_text(0, interaction->sql);
    if (expected != NULL && expected->expects_error)
        hash = hash_text(hash_word(hash, 1), expected->error_contains);
    return (uint32_t)(hash >> 32);
}

static uint32_t name_counts(const struct interaction *interaction)
{
    const struct plan_expectation *expected = interaction->expectation;
    uint64_t hash = hash_word(name_expectation(interaction), expected->row_count);
    if (expected->rows != NULL)
        hash = hash_text(hash, expected->rows);
    return (uint32_t)(hash_word(hash, expected->column_count) >> 32);
}

/* "expectation/row-count/query-3fa9c1d2" */
struct expectation_signature {
    char text[96];
};

static struct expectation_signature sign(const char *what, const struct interaction *interaction,
                                         uint32_t name)
{
    struct expectation_signature signature;
    (void)snprintf(signature.text, sizeof signature.text, "expectation/%s/%s-%08" PRIx32, what,
                   plan_action_infos[interaction->action].name, name);
    return signature;
}

/* --- judging --------------------------------------------------------------------------------- */

static void judge_error(const struct interaction *interaction, size_t index,
                        const struct observation *seen, struct verdict *verdict)
{
    const char *contains = interaction->expectation->error_contains;
    uint32_t name = name_expectation(interaction);
    if (seen->outcome == OUTCOME_OK)
        verdict_violation(verdict, index, sign("no-error", interaction, name).text,
                          "an error with \"%s\" was expected, but there was none", contains);
    else if (strstr(seen->error_message, contains) == NULL)
        verdict_violation(verdict, index,
                          sign(complain_of_error("other-error", seen).what, interaction, name).text,
                          "an error with \"%s\" was expected, but it was: %s", contains,
                          seen->error_message);
}

static void judge_counts(const struct interaction *interaction, size_t index,
                         const struct observation *seen, struct verdict *verdict)
{
    const struct plan_expectation *expected = interaction->expectation;
    if (expected->has_row_count && seen->row_count != expected->row_count)
        verdict_violation(
            verdict, index, sign("row-count", interaction, name_counts(interaction)).text,
            "%llu rows were expected, %llu came", (unsigned long long)expected->row_count,
            (unsigned long long)seen->row_count);
    bool is_known = seen->column_count >= 0;
    if (is_known && expected->has_column_count &&
        (uint64_t)seen->column_count != expected->column_count)
        verdict_violation(verdict, index,
                          sign("column-count", interaction, name_counts(interaction)).text,
                          "%llu columns were expected, %d came",
                          (unsigned long long)expected->column_count, seen->column_count);
}

static void judge_rows(const struct interaction *interaction, size_t index,
                       const struct observation *seen, struct verdict *verdict)
{
    const char *rows = interaction->expectation->rows;
    if (rows == NULL || (!seen->rows_differ && rows[seen->rows_matched] == '\0'))
        return;
    bool is_shown = interaction->sql != NULL && seen->row_count > 0;
    verdict_violation(verdict, index, sign("rows", interaction, name_counts(interaction)).text,
                      "the rows [%s] were expected, %llu came%s%s%s", rows,
                      (unsigned long long)seen->row_count, is_shown ? ": [" : "",
                      is_shown ? seen->row_text : "", is_shown ? "]" : "");
}

static void judge_unexpected(const struct interaction *interaction, size_t index,
                             const struct observation *seen, struct verdict *verdict)
{
    verdict_violation(verdict, index,
                      sign(complain_of_error("unexpected-error", seen).what, interaction,
                           name_expectation(interaction))
                          .text,
                      "no error was expected, but it was %s: %s",
                      interplay_outcome_names[seen->outcome], seen->error_message);
}

static void judge_results(const struct interaction *interaction, size_t index,
                          const struct observation *seen, struct verdict *verdict)
{
    judge_counts(interaction, index, seen, verdict);
    judge_rows(interaction, index, seen, verdict);
}

/* SQL of the plan's own is named as it stands there, whatever else it says. */
static const struct interaction *named(const struct expectation_oracle *oracle, size_t index)
{
    const struct interaction *own = &oracle->plan->interactions[index];
    return own->sql != NULL ? own : &oracle->judged->interactions[index];
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    const struct expectation_oracle *oracle = state;
    const struct observation *seen = event->result->seen;
    const struct interaction *interaction = named(oracle, event->interaction);
    const struct plan_expectation *expected = interaction->expectation;
    if (expected != NULL && expected->expects_error)
        judge_error(interaction, event->interaction, seen, verdict);
    else if (seen->outcome != OUTCOME_OK && (oracle->errors_are_findings || expected != NULL))
        judge_unexpected(interaction, event->interaction, seen, verdict);
    else if (seen->outcome == OUTCOME_OK && expected != NULL)
        judge_results(interaction, event->interaction, seen, verdict);
}

static const struct oracle_handler handlers[] = {{EVENT_result, on_result}, {0}};

const struct oracle_ops oracle_expectation_ops = {
    .state_bytes = sizeof(struct expectation_oracle),
    .begin = begin,
    .handlers = handlers,
};
