/* SPDX-License-Identifier: Apache-2.0 */
/* Explain, and say how far it is. */
#include "cli/explain_plan.h"

#include "base/file.h"
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>

static bool on_candidate(void *context, uint64_t candidates)
{
    struct cli_progress *progress = context;
    if (cli_progress_is_due(progress, cli_progress_elapsed_ms(progress))) {
        fprintf(stderr, "what it needs, %" PRIu64 " candidates", candidates);
        (void)fflush(stderr);
    }
    return true;
}

enum error_code cli_explain_plan(struct explain_result **ret_result, struct run *run,
                                 const struct plan *plan, const char *name, bool is_quiet,
                                 struct error *error)
{
    struct cli_progress progress;
    const struct explain_options options = {.on_progress = on_candidate, .context = &progress};
    cli_progress_begin(&progress, is_quiet);
    enum error_code code = explain_plan(ret_result, run, plan, &options, error);
    cli_progress_end(&progress);
    if (code != ERROR_NONE)
        interplay_error_context(error, file_short_path(name));
    return code;
}

enum error_code cli_print_explained(struct run *run, const struct plan *plan, const char *name,
                                    bool is_quiet, struct error *error)
{
    struct explain_result *result;
    enum error_code code = cli_explain_plan(&result, run, plan, name, is_quiet, error);
    if (code != ERROR_NONE)
        return code;
    printf("\n");
    explain_print(result, stdout);
    explain_free(result);
    return ERROR_NONE;
}
