/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs: findings kept in a folder, one entry a signature and cause. */
#include "cli/bugs.h"
#include "base/file.h"
#include "cli/plan_files.h"

#include <string.h>

static const struct cli_command *const commands[] = {
    &bugs_add, &bugs_list, &bugs_show, &bugs_replay, &bugs_prune, &bugs_known, NULL,
};

const struct cli_command cli_bugs = {
    .name = "bugs",
    .arguments = "COMMAND",
    .summary = "keep findings, one entry a signature; list and replay them",
    .about =
        "Keeps findings in a folder, a bug base: one entry a signature, with the plan that was\n"
        "found first, the same made small, what it ran on, what is wrong, and how often it was\n"
        "seen. Any number of processes may use it at once.\n",
    .notes = "All take --bugbase-dir DIR (default: the folder " CLI_BUGBASE_DEFAULT
             " where the command is called).\n"
             "A SIGNATURE may be cut short where it stays the only one.\n",
    .commands = commands,
};

enum error_code bugs_try(struct bugs_trial *ret_trial, struct run *run, const char *path,
                         const struct run_options *backend, struct error *error)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    struct bugs_trial trial;
    enum error_code code = cli_load_plan_to_run(&trial.plan, &trial.arena, path, backend, error);
    if (code != ERROR_NONE)
        return code;
    code = isolated_run(run, &trial.plan, &quiet, &trial.result, error);
    if (code == ERROR_NONE && verdict_is_error(&trial.result.verdict))
        code = verdict_error(&trial.result.verdict, error);
    if (code != ERROR_NONE)
        interplay_error_context(error, file_short_path(path));
    if (code == ERROR_NONE)
        *ret_trial = trial;
    else
        arena_clean_up(&trial.arena);
    return code;
}

bool bugs_is_gone(const char *base, const char *name)
{
    return !bugbase_has(base, name);
}

enum error_code bugs_load_smallest(struct plan *ret_plan, struct arena *ret_arena,
                                   char ret_path[PATH_MAX], const char *base, const char *name,
                                   const struct bugbase_entry *entry, struct error *error)
{
    enum bugbase_plan which =
        entry->shrunk == BUGBASE_NOT_SHRUNK ? BUGBASE_PLAN_FOUND : BUGBASE_PLAN_SHRUNK;
    enum error_code code = bugbase_plan_path(ret_path, base, name, which, error);
    if (code != ERROR_NONE)
        return code;
    return cli_load_plan(ret_plan, ret_arena, ret_path, DATABASE_ALL, error);
}

const struct run_options *bugs_backend_of(const struct bugbase_entry *entry)
{
    const struct run_options *backend = cli_backend(entry->subject.backend);
    bool is_it =
        backend != NULL && strcmp(entry->subject.target, cli_bug_subject(backend).target) == 0;
    return is_it ? backend : NULL;
}
