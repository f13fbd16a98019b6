/* SPDX-License-Identifier: Apache-2.0 */
/* Load, run, record. */
#include "cli/record.h"

#include "base/file.h"
#include "cli/cli.h"

#include <stdio.h>

static enum error_code run_recorded(struct cli_record *record, const char *path, struct run *run,
                                    struct error *error)
{
    const struct isolated_options options = {0};
    run_record(run, record->recording);
    enum error_code code = isolated_run(run, &record->plan, &options, &record->result, error);
    if (code != ERROR_NONE)
        interplay_error_context(error, file_short_path(path));
    else if (record->result.verdict.kind == VERDICT_PLAN_ERROR)
        code = interplay_error(error, ERROR_INPUT, "%s: %s", file_short_path(path),
                               record->result.verdict.report);
    return code;
}

enum error_code cli_record_run(struct cli_record *ret_record, const char *path,
                               const struct run_options *backend, struct error *error)
{
    struct cli_record record = {0};
    struct run *run;
    enum error_code code = cli_load_plan(&record.plan, &record.arena, path, error);
    if (code != ERROR_NONE)
        return code;
    code = recording_new(&record.recording, &record.plan, error);
    if (code == ERROR_NONE)
        code = run_open(&run, backend, error);
    if (code == ERROR_NONE) {
        (void)snprintf(record.version, sizeof record.version, "%s", run_backend_version(run));
        code = run_recorded(&record, path, run, error);
        run_close(run);
    }
    if (code == ERROR_NONE)
        *ret_record = record;
    else
        cli_record_clean_up(&record);
    return code;
}

void cli_record_clean_up(struct cli_record *record)
{
    recording_free(record->recording);
    arena_clean_up(&record->arena);
}

int cli_record_status(const struct cli_record *record)
{
    return record->result.verdict.kind == VERDICT_VIOLATION ? CLI_FINDING : CLI_OK;
}
