/* SPDX-License-Identifier: Apache-2.0 */
/* Making a plan small while somebody watches: progress, Ctrl-C, the line at the end. */
#include "base/file.h"
#include "cli/finding.h"
#include "cli/progress.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int number)
{
    (void)number;
    is_interrupted = 1;
}

static bool on_progress(void *context, const struct shrink_progress *shrink)
{
    struct cli_progress *progress = context;
    uint64_t now_ms = cli_progress_elapsed_ms(progress);
    if (cli_progress_is_due(progress, now_ms)) {
        fprintf(stderr, "round %" PRIu32 ", %" PRIu64 " candidates, %zu interactions",
                shrink->round, shrink->candidates, shrink->interactions);
        (void)fflush(stderr);
    }
    return !is_interrupted;
}

static void print_line(const struct cli_shrink_options *options, const struct plan *plan,
                       const struct shrink_result *result, uint64_t elapsed_ms)
{
    const char *name = options->name;
    char took[32] = "";
    static const char *const ends[] = {
        [SHRINK_NOTHING] = "",
        [SHRINK_MINIMAL] = "1-minimal",
        [SHRINK_ROUNDS] = "not 1-minimal: no more rounds allowed",
        [SHRINK_STOPPED] = "not 1-minimal: interrupted",
    };
    if (result->end == SHRINK_NOTHING) {
        printf("%s: is ok: nothing to shrink\n", name);
        return;
    }
    if (!options->hides_time)
        (void)snprintf(took, sizeof took, "%" PRIu64 ".%" PRIu64 " s, ", elapsed_ms / 1000,
                       elapsed_ms % 1000 / 100);
    printf("%s: %s, %zu -> %zu interactions, %" PRIu64 " candidates, %s%s\n", name,
           result->signature, result->interactions_before, plan->interaction_count,
           result->candidates, took, ends[result->end]);
    if (result->aborted > 0)
        fprintf(stderr,
                "interplay: %s: %" PRIu64 " candidates aborted: an invariant broke, of the "
                "harness or of the database\n",
                name, result->aborted);
}

enum error_code cli_shrink_plan(struct run *run, struct plan *plan,
                                const struct cli_shrink_options *options, enum shrink_end *ret_end,
                                struct error *error)
{
    struct cli_progress progress;
    const struct shrink_options shrink = {
        .signature = options->signature,
        .rounds_max = options->rounds_max,
        .on_progress = on_progress,
        .context = &progress,
    };
    struct shrink_result result;
    struct sigaction old;
    const struct sigaction once = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    is_interrupted = 0;
    (void)sigaction(SIGINT, &once, &old);
    cli_progress_begin(&progress, options->is_quiet);
    enum error_code code = shrink_plan(run, plan, &shrink, &result, error);
    cli_progress_end(&progress);
    (void)sigaction(SIGINT, &old, NULL);
    if (code != ERROR_NONE) {
        interplay_error_context(error, file_short_path(options->name));
        return code;
    }
    print_line(options, plan, &result, cli_progress_elapsed_ms(&progress));
    *ret_end = result.end;
    return ERROR_NONE;
}
