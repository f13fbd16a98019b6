/* SPDX-License-Identifier: Apache-2.0 */
/* One finding of a campaign: the end of it, or a line and an entry in the bug base. */
#include "cli/campaign.h"

#include "base/file.h"
#include "cli/command.h"
#include "cli/finding.h"
#include "cli/plan_files.h"
#include "report/finding.h"
#include "run/isolated.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void campaign_name_plan(char ret_name[CAMPAIGN_NAME_BYTES], const struct campaign *campaign,
                        uint64_t index)
{
    if (campaign->given != NULL)
        (void)snprintf(ret_name, CAMPAIGN_NAME_BYTES, "%s", file_short_path(campaign->order->plan));
    else
        (void)snprintf(ret_name, CAMPAIGN_NAME_BYTES, "plan %" PRIu64 " of seed %" PRIu64, index,
                       campaign->order->seed.number);
}

static enum cli_status reopen(struct campaign *campaign)
{
    struct error error;
    return run_renew(&campaign->run, &error) == ERROR_NONE ? CLI_OK : cli_fail(&error);
}

static enum cli_status keep(const struct campaign *campaign, const struct campaign_finding *finding,
                            const struct cause *cause, struct bugbase_recorded *ret_recorded)
{
    struct error error = {0};
    char origin[CAMPAIGN_NAME_BYTES];
    const struct run_result *result = finding->result;
    const struct cli_kept kept = {finding->plan, &result->verdict, result->trace_hash, origin,
                                  cause};
    if (campaign->order->bugbase_dir == NULL)
        return CLI_OK;
    campaign_name_plan(origin, campaign, finding->index);
    if (cli_keep_finding(campaign->order, &kept, ret_recorded, &error) == ERROR_NONE)
        return CLI_OK;
    return cli_fail(&error);
}

/* --- which finding is it? -------------------------------------------------------------------- */

/* What the finding has left behind is no ground to run others on; then it is run once more. */
static enum cli_status run_again(struct campaign *campaign, struct campaign_finding *finding,
                                 const char *signature)
{
    struct error error = {0};
    finding->result = run_plan(campaign->run, finding->plan);
    if (strcmp(finding->result->verdict.signature, signature) == 0)
        return CLI_OK;
    (void)interplay_error(&error, ERROR_BACKEND,
                          "not deterministic: %s in one process, not in another", signature);
    return cli_fail(&error);
}

static enum cli_status look_in_list(struct campaign *campaign, struct campaign_finding *finding,
                                    bool *ret_is_known)
{
    char signature[sizeof finding->result->verdict.signature];
    (void)snprintf(signature, sizeof signature, "%s", finding->result->verdict.signature);
    if (known_look(&campaign->known, signature) != KNOWN_WITH_CAUSE) {
        *ret_is_known = known_match(&campaign->known, signature, NULL);
        return CLI_OK;
    }
    if (reopen(campaign) != CLI_OK)
        return CLI_FAILED;
    *ret_is_known =
        recognize(&campaign->known, campaign->run, finding->plan, signature, &campaign->budget);
    return *ret_is_known ? CLI_OK : run_again(campaign, finding, signature);
}

/* Unknown where it does not matter to the bug base, or nothing is made small. */
static enum cli_status look_for_cause(struct campaign *campaign, struct campaign_finding *finding,
                                      struct cause *ret_cause)
{
    struct error error = {0};
    bool asks = false;
    char signature[sizeof finding->result->verdict.signature];
    (void)snprintf(signature, sizeof signature, "%s", finding->result->verdict.signature);
    *ret_cause = (struct cause){0};
    const struct cli_order *order = campaign->order;
    if (order->bugbase_dir == NULL || !order->shrink_on_failure)
        return CLI_OK;
    if (bugbase_asks_cause(&asks, order->bugbase_dir, signature, &error) != ERROR_NONE)
        return cli_fail(&error);
    if (!asks)
        return CLI_OK;
    if (reopen(campaign) != CLI_OK)
        return CLI_FAILED;
    if (recognize_cause(ret_cause, campaign->run, finding->plan, signature, &campaign->budget,
                        &error) != ERROR_NONE)
        return cli_fail(&error);
    return run_again(campaign, finding, signature);
}

/* As it was found, whatever becomes of it; the first one only. */
static enum cli_status dump(const struct campaign *campaign, const struct plan *plan)
{
    struct error error = {0};
    const char *path = campaign->order->dump_plan_on_failure;
    if (path == NULL || campaign->findings > 1 ||
        cli_save_plan(plan, "the finding", path, &error) == ERROR_NONE)
        return CLI_OK;
    return cli_fail(&error);
}

static enum cli_status save(const struct campaign *campaign, const struct plan *plan)
{
    struct error error = {0};
    if (campaign->order->output == NULL ||
        cli_save_plan(plan, "the finding", campaign->order->output, &error) == ERROR_NONE)
        return CLI_OK;
    return cli_fail(&error);
}

/* --- it ends the campaign -------------------------------------------------------------------- */

/* Makes the plan small and runs it once more, for its events. */
static enum cli_status shrink(struct campaign *campaign, struct campaign_finding *finding,
                              const char *signature, const char *entry)
{
    struct error error = {0};
    enum shrink_end end;
    if (reopen(campaign) != CLI_OK)
        return CLI_FAILED;
    if (cli_shrink_finding(campaign->order, campaign->run, finding->plan, "the finding", signature,
                           entry, &end, &error) != ERROR_NONE)
        return cli_fail(&error);
    return run_again(campaign, finding, signature);
}

/* What was found is not lost where shrinking fails: it is stored before, or named after. */
static enum cli_status save_and_shrink(struct campaign *campaign, struct campaign_finding *finding,
                                       const char *entry)
{
    char signature[sizeof finding->result->verdict.signature];
    (void)snprintf(signature, sizeof signature, "%s", finding->result->verdict.signature);
    if (save(campaign, finding->plan) != CLI_OK)
        return CLI_FAILED;
    if (shrink(campaign, finding, signature, entry) == CLI_OK)
        return CLI_OK;
    char name[CAMPAIGN_NAME_BYTES];
    campaign_name_plan(name, campaign, finding->index);
    fprintf(stderr, "interplay: %s, not shrunk: %s\n", name, signature);
    return CLI_FAILED;
}

/*
 * The finding once more in a process of its own, written down; NULL where that is not to be had, or
 * it ends in another way there.
 */
static struct recording *record(const struct campaign *campaign,
                                const struct campaign_finding *finding)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    struct error error = {0};
    struct recording *recording;
    struct isolated_result result;
    if (recording_new(&recording, finding->plan, &error) != ERROR_NONE)
        return NULL;
    run_record(campaign->run, recording);
    bool is_run = isolated_run(campaign->run, finding->plan, &quiet, &result, &error) == ERROR_NONE;
    run_record(campaign->run, NULL);
    if (is_run && strcmp(result.verdict.signature, finding->result->verdict.signature) == 0)
        return recording;
    recording_free(recording);
    return NULL;
}

static void report(const struct campaign *campaign, const struct campaign_finding *finding)
{
    char command[1024], in_force[256];
    struct text text, modes;
    text_init(&text, command, sizeof command);
    campaign_describe_again(campaign, finding->index, &text);
    text_init(&modes, in_force, sizeof in_force);
    run_describe_overrides(campaign->order->backend, finding->plan, &modes);
    struct recording *recording = record(campaign, finding);
    const struct finding told = {
        .plan = finding->plan,
        .result = finding->result,
        .version = run_backend_version(campaign->run),
        .in_force = in_force,
        .replay_command = command,
        .recording = recording,
    };
    finding_print(&told, stdout);
    recording_free(recording);
}

static enum cli_status stop_at(struct campaign *campaign, struct campaign_finding *finding)
{
    struct bugbase_recorded recorded = {0};
    struct cause cause;
    const struct cli_order *order = campaign->order;
    campaign->findings++;
    if (dump(campaign, finding->plan) != CLI_OK ||
        look_for_cause(campaign, finding, &cause) != CLI_OK ||
        keep(campaign, finding, &cause, &recorded) != CLI_OK)
        return CLI_FAILED;
    if (order->shrink_on_failure && save_and_shrink(campaign, finding, recorded.name) != CLI_OK)
        return CLI_FAILED;
    report(campaign, finding);
    campaign_tell_finding(campaign, finding, &recorded);
    enum cli_status status = save(campaign, finding->plan);
    if (order->bugbase_dir != NULL)
        printf("recorded in %s%s\n", order->bugbase_dir, recorded.is_new ? ", new" : "");
    campaign_print_summary(campaign, finding->result->verdict.signature);
    return status == CLI_OK ? CLI_FINDING : status;
}

/* --- it does not ----------------------------------------------------------------------------- */

/* The first of a signature is made small in the bug base. One that cannot be ends no campaign. */
static void shrink_kept(struct campaign *campaign, struct plan *plan, const char *name,
                        const char *signature, const char *entry)
{
    struct error error = {0};
    enum shrink_end end;
    if (cli_shrink_finding(campaign->order, campaign->run, plan, name, signature, entry, &end,
                           &error) == ERROR_NONE) {
        campaign->is_over |= end == SHRINK_STOPPED;
        return;
    }
    (void)cli_fail(&error);
    campaign->has_failed = true;
}

static enum cli_status go_on_after(struct campaign *campaign, struct campaign_finding *finding)
{
    char name[CAMPAIGN_NAME_BYTES];
    struct bugbase_recorded recorded = {0};
    struct cause cause;
    campaign_name_plan(name, campaign, finding->index);
    campaign->findings++;
    campaign->is_over = campaign->findings == campaign->order->stop_after;
    if (dump(campaign, finding->plan) != CLI_OK ||
        look_for_cause(campaign, finding, &cause) != CLI_OK ||
        keep(campaign, finding, &cause, &recorded) != CLI_OK)
        return CLI_FAILED;
    const struct verdict verdict = finding->result->verdict; /* reopening takes it away */
    cli_progress_end(&campaign->progress);
    printf("%s: %s%s\n", name, verdict.signature, recorded.is_new ? ", new" : "");
    campaign_tell_finding(campaign, finding, &recorded);
    if (reopen(campaign) != CLI_OK)
        return CLI_FAILED;
    if (campaign->order->shrink_on_failure && recorded.shrunk == BUGBASE_NOT_SHRUNK)
        shrink_kept(campaign, finding->plan, name, verdict.signature, recorded.name);
    return CLI_OK;
}

enum cli_status campaign_take_finding(struct campaign *campaign, struct campaign_finding *finding)
{
    bool is_known;
    if (look_in_list(campaign, finding, &is_known) != CLI_OK)
        return CLI_FAILED;
    if (is_known) {
        campaign->known_count++;
        return reopen(campaign);
    }
    if (campaign->order->keep_going || campaign->order->stop_after > 0)
        return go_on_after(campaign, finding);
    return stop_at(campaign, finding);
}

enum cli_status campaign_pass_over(struct campaign *campaign, struct campaign_finding *finding)
{
    struct error error = {0};
    char name[CAMPAIGN_NAME_BYTES];
    const struct verdict verdict = finding->result->verdict; /* reopening takes it away */
    campaign_name_plan(name, campaign, finding->index);
    (void)verdict_error(&verdict, &error);
    interplay_error_context(&error, name);
    if (campaign->unjudged++ == 0 || verdict.kind != VERDICT_LIMIT) {
        cli_progress_end(&campaign->progress);
        (void)cli_fail(&error);
        campaign_tell_failure(campaign, name, error.message);
    }
    return verdict.kind == VERDICT_LIMIT ? reopen(campaign) : CLI_FAILED;
}

void campaign_time_out(void *context, const struct verdict *verdict)
{
    struct campaign *campaign = context;
    char name[CAMPAIGN_NAME_BYTES], command[1024];
    struct text text;
    struct run_result result = {.verdict = *verdict};
    const struct campaign_finding finding = {campaign->index, campaign->running, &result};
    campaign_name_plan(name, campaign, campaign->index);
    text_init(&text, command, sizeof command);
    struct cli_order again = *campaign->order;
    again.start = campaign->index;
    again.iterations = 1;
    cli_describe_command(&text, &cli_run, &again);
    printf("%s: %s\n%s\nreplay: %s\n", name, verdict->signature, verdict->report, command);
    campaign->findings++;
    campaign->plans++;
    campaign_tell_finding(campaign, &finding, &(struct bugbase_recorded){0});
    _exit((int)cli_finish_output(campaign_close_results(campaign, CLI_FINDING)));
}
