/* SPDX-License-Identifier: Apache-2.0 */
/* Load, run, record. */
#include "cli/recorded_run.h"

#include "base/file.h"
#include "cli/plan_files.h"

#include <stdio.h>

static enum error_code run_recorded(struct cli_recorded_run *recorded, const char *path,
                                    struct run *run, struct error *error)
{
    const struct isolated_options options = {0};
    run_record(run, recorded->recording);
    enum error_code code = isolated_run(run, &recorded->plan, &options, &recorded->result, error);
    if (code == ERROR_NONE && verdict_is_error(&recorded->result.verdict))
        code = verdict_error(&recorded->result.verdict, error);
    if (code != ERROR_NONE)
        interplay_error_context(error, file_short_path(path));
    return code;
}

enum error_code cli_record_run(struct cli_recorded_run *ret_recorded, const char *path,
                               const struct run_options *backend, struct error *error)
{
    struct cli_recorded_run recorded = {0};
    struct run *run;
    enum error_code code =
        cli_load_plan_to_run(&recorded.plan, &recorded.arena, path, backend, error);
    if (code != ERROR_NONE)
        return code;
    code = recording_new(&recorded.recording, &recorded.plan, error);
    if (code == ERROR_NONE)
        code = run_open(&run, backend, error);
    if (code == ERROR_NONE) {
        (void)snprintf(recorded.version, sizeof recorded.version, "%s", run_backend_version(run));
        code = run_recorded(&recorded, path, run, error);
        run_close(run);
    }
    if (code == ERROR_NONE)
        *ret_recorded = recorded;
    else
        cli_recorded_run_clean_up(&recorded);
    return code;
}

void cli_recorded_run_clean_up(struct cli_recorded_run *recorded)
{
    recording_free(recorded->recording);
    arena_clean_up(&recorded->arena);
}

enum cli_status cli_recorded_run_status(const struct cli_recorded_run *recorded)
{
    return recorded->result.verdict.kind == VERDICT_VIOLATION ? CLI_FINDING : CLI_OK;
}
