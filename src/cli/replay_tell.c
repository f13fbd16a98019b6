/* SPDX-License-Identifier: Apache-2.0 */
/* What a replayed plan came to, for programs. */
#include "cli/replay.h"

#include "base/file.h"
#include "cli/scenario_files.h"

static void put_remarks(const struct replay *replay, const struct isolated_result *result,
                        const struct record *record)
{
    char bytes[256];
    struct text overrides;
    text_init(&overrides, bytes, sizeof bytes);
    if (replay->plan != NULL)
        run_describe_overrides(replay->order->backend, replay->plan, &overrides);
    record_text(record, RECORD_plan_overrides, overrides.length == 0 ? NULL : bytes);
    if (result->failures.count > 0)
        record_number(record, RECORD_plan_failed_statements, result->failures.count);
    if (result->cuts.count > 0)
        record_number(record, RECORD_plan_cut_streams, result->cuts.count);
    char ended[512];
    struct text ends;
    text_init(&ends, ended, sizeof ended);
    oracle_ends_describe(&result->ends, &ends);
    record_text(record, RECORD_plan_ended_oracles, ends.length == 0 ? NULL : ended);
    if (result->unjudged.reason == NULL)
        return;
    record_text(record, RECORD_plan_not_judged,
                result->unjudged.is_everything ? "content and errors" : "content");
    record_number(record, RECORD_plan_not_judged_from, result->unjudged.interaction);
    record_text(record, RECORD_plan_not_judged_because, result->unjudged.reason);
}

/* `result` is NULL where the plan was not run to an end. */
static void put_record(const struct replay *replay, const struct result *told,
                       const struct isolated_result *result)
{
    static const char *const words[] = {
        [RESULT_OK] = "ok",
        [RESULT_VIOLATION] = "violation",
        [RESULT_KNOWN] = "known",
        [RESULT_FAILED] = "failed",
    };
    struct record record = record_begin(RECORD_plan);
    record_text(&record, RECORD_plan_file, told->name);
    record_text(&record, RECORD_plan_verdict, words[told->kind]);
    record_text(&record, RECORD_plan_signature, told->signature);
    record_text(&record, RECORD_plan_report, told->message);
    record_real(&record, RECORD_plan_seconds, told->seconds);
    if (result != NULL) {
        if (verdict_violated(&result->verdict) != SIZE_MAX)
            record_number(&record, RECORD_plan_interaction, result->verdict.interaction);
        if (result->trace_hash != 0)
            record_hash(&record, RECORD_plan_trace, result->trace_hash);
        record_number(&record, RECORD_plan_yields, result->yields);
        put_remarks(replay, result, &record);
    }
    record_end(&record, replay->results.lines);
}

/* "FILE" of "FILE:3", which is an order of a scenario. */
static const char *file_of(const struct replay *replay, char file[PATH_MAX])
{
    uint64_t number;
    if (file_is_standard(replay->path))
        return NULL;
    return cli_scenario_path(replay->path, file, &number) ? file : replay->path;
}

void replay_tell(struct replay *replay, enum result_kind kind, const char *message,
                 const struct isolated_result *result)
{
    char command[1024], file[PATH_MAX];
    struct text text;
    bool is_finding = kind == RESULT_VIOLATION || kind == RESULT_KNOWN;
    text_init(&text, command, sizeof command);
    cli_describe_replay(&text, replay->path, replay->order);
    const struct result told = {
        .kind = kind,
        .name = replay->path,
        .path = file_of(replay, file),
        .signature = is_finding ? result->verdict.signature : NULL,
        .message = is_finding ? result->verdict.report : message,
        .replay = command,
        .seconds = cli_seconds_since(&replay->began),
    };
    replay->counts[kind]++;
    cli_results_add(&replay->results, &told);
    if (replay->results.lines != NULL)
        put_record(replay, &told, result);
}

enum cli_status replay_close_results(struct replay *replay, enum cli_status status)
{
    const uint64_t *counts = replay->counts;
    struct record end = record_begin(RECORD_end);
    record_number(&end, RECORD_end_plans,
                  counts[RESULT_OK] + counts[RESULT_VIOLATION] + counts[RESULT_KNOWN] +
                      counts[RESULT_FAILED]);
    record_number(&end, RECORD_end_ok, counts[RESULT_OK]);
    record_number(&end, RECORD_end_violations, counts[RESULT_VIOLATION]);
    record_number(&end, RECORD_end_known, counts[RESULT_KNOWN]);
    record_number(&end, RECORD_end_failed, counts[RESULT_FAILED]);
    return cli_results_close(&replay->results, &end, status);
}
