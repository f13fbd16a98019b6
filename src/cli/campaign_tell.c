/* SPDX-License-Identifier: Apache-2.0 */
/* What a campaign tells programs: its findings, and its numbers at the end. */
#include "cli/campaign.h"

#include "base/file.h"
#include "cli/command.h"

#include <inttypes.h>
#include <stdio.h>

void campaign_open_results(struct campaign *campaign)
{
    char seed[24];
    (void)snprintf(seed, sizeof seed, "%" PRIu64, campaign->order->seed.number);
    const struct cli_tested tested = {
        .run = campaign->run,
        .beside = campaign->mode == NULL ? NULL : mode_describe(campaign->mode),
        .seed = campaign->given == NULL ? seed : NULL,
    };
    cli_results_open(&campaign->results, &cli_run, campaign->order, &tested);
}

void campaign_describe_again(const struct campaign *campaign, uint64_t index, struct text *command)
{
    struct cli_order again = *campaign->order;
    if (again.output != NULL && !file_is_standard(again.output)) {
        cli_describe_replay(command, again.output, &again);
        return;
    }
    again.start = index;
    again.iterations = 1;
    cli_describe_command(command, &cli_run, &again);
}

static void put_record(const struct campaign *campaign, const struct campaign_finding *finding,
                       const struct result *told, const struct bugbase_recorded *recorded)
{
    const struct run_result *result = finding->result;
    struct record record = record_begin(RECORD_finding);
    record_text(&record, RECORD_finding_plan, told->name);
    record_number(&record, RECORD_finding_index, finding->index);
    record_text(&record, RECORD_finding_signature, told->signature);
    record_text(&record, RECORD_finding_report, told->message);
    record_text(&record, RECORD_finding_replay, told->replay);
    record_number(&record, RECORD_finding_interactions, finding->plan->interaction_count);
    if (verdict_violated(&result->verdict) != SIZE_MAX)
        record_number(&record, RECORD_finding_interaction, result->verdict.interaction);
    if (result->trace_hash != 0)
        record_hash(&record, RECORD_finding_trace, result->trace_hash);
    if (recorded->name[0] != '\0') {
        record_flag(&record, RECORD_finding_is_new, recorded->is_new);
        record_text(&record, RECORD_finding_entry, recorded->name);
    }
    record_end(&record, campaign->results.lines);
}

/* Where its plan is, if it is anywhere. */
static const char *path_of(const struct campaign *campaign)
{
    const struct cli_order *order = campaign->order;
    if (order->output != NULL && !file_is_standard(order->output))
        return order->output;
    return order->plan != NULL && !file_is_standard(order->plan) ? order->plan : NULL;
}

void campaign_tell_finding(struct campaign *campaign, const struct campaign_finding *finding,
                           const struct bugbase_recorded *recorded)
{
    char name[CAMPAIGN_NAME_BYTES], command[1024];
    struct text text;
    text_init(&text, command, sizeof command);
    campaign_describe_again(campaign, finding->index, &text);
    campaign_name_plan(name, campaign, finding->index);
    const struct result told = {
        .kind = RESULT_VIOLATION,
        .name = name,
        .path = path_of(campaign),
        .signature = finding->result->verdict.signature,
        .message = finding->result->verdict.report,
        .replay = command,
        .seconds = cli_seconds_since(&campaign->results.began),
    };
    cli_results_add(&campaign->results, &told);
    if (campaign->results.lines != NULL)
        put_record(campaign, finding, &told, recorded);
}

void campaign_tell_failure(struct campaign *campaign, const char *name, const char *message)
{
    const struct result told = {.kind = RESULT_FAILED, .name = name, .message = message};
    cli_results_add(&campaign->results, &told);
    cli_results_fail(&campaign->results, message);
}

/* A server takes a file without a case for one that was lost. */
static void add_all_ok(struct campaign *campaign)
{
    char name[128], what[CAMPAIGN_NAME_BYTES];
    campaign_name_plan(what, campaign, campaign->order->start);
    (void)snprintf(name, sizeof name, "%" PRIu64 " plans from %s on", campaign->plans, what);
    const struct result told = {
        .kind = RESULT_OK,
        .name = campaign->given != NULL ? what : name,
        .seconds = cli_seconds_since(&campaign->results.began),
    };
    cli_results_add(&campaign->results, &told);
}

enum cli_status campaign_close_results(struct campaign *campaign, enum cli_status status)
{
    struct record end = record_begin(RECORD_end);
    uint64_t findings = campaign->findings, known = campaign->known_count;
    record_number(&end, RECORD_end_plans, campaign->plans);
    record_number(&end, RECORD_end_ok, campaign->plans - findings - known - campaign->unjudged);
    record_number(&end, RECORD_end_violations, findings);
    record_number(&end, RECORD_end_known, known);
    record_number(&end, RECORD_end_failed, campaign->unjudged);
    record_number(&end, RECORD_end_statements, campaign->statements);
    record_number(&end, RECORD_end_states, campaign_states());
    if (campaign->results.results.count == 0 && status == CLI_OK)
        add_all_ok(campaign);
    return cli_results_close(&campaign->results, &end, status);
}
