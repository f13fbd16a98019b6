/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs: findings kept in a folder, one entry a signature. */
#include "cli/bugs.h"
#include "base/file.h"
#include "shrink/shrink.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: interplay bugs COMMAND [OPTION]... [ARGUMENT]...\n"
    "\n"
    "Keeps findings in a folder, a bug base: one entry a signature, with the plan that was found\n"
    "first, the same made small, what it ran on, what is wrong, and how often it was seen. Any\n"
    "number of processes may use it at once.\n"
    "\n"
    "Commands (interplay bugs COMMAND --help tells more):\n"
    "  add FILE...          run plans, as crash files, and record those that are findings\n"
    "  list                 print a line for each entry\n"
    "  show SIGNATURE       print an entry: what is wrong, the smallest plan, how to replay it\n"
    "  replay [SIGNATURE]...  say which still fail, which are fixed, which changed\n"
    "  prune                remove what killed processes have left, and fixed entries if asked\n"
    "  known                print the signatures, as a list for --known-findings\n"
    "\n"
    "All take --bugbase-dir DIR (default: the folder " BUGS_BASE_DEFAULT
    " where the command is called).\n"
    "A SIGNATURE may be cut short where it stays the only one.\n";

static const struct {
    const char *name;
    char full_name[16];
    int (*run)(int argc, char **argv);
} commands[] = {
    {"add", "bugs add", bugs_add},       {"list", "bugs list", bugs_list},
    {"show", "bugs show", bugs_show},    {"replay", "bugs replay", bugs_replay},
    {"prune", "bugs prune", bugs_prune}, {"known", "bugs known", bugs_known},
};

int cli_bugs(int argc, char **argv)
{
    static const char expected[] = "expected add, list, show, replay, prune or known";
    if (argc < 2)
        return cli_usage_error("bugs", "no command, %s", expected);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        fputs(help, stdout);
        return cli_finish_output(CLI_OK);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        char full_name[sizeof commands[i].full_name];
        memcpy(full_name, commands[i].full_name, sizeof full_name);
        argv[1] = full_name;
        return commands[i].run(argc - 1, argv + 1);
    }
    return cli_usage_error("bugs", "unknown command %s, %s", argv[1], expected);
}

bool bugs_take_base(int argc, char **argv, const char *text, const char **ret_base, int *ret_status)
{
    enum { OPTION_BASE = 256 };
    static const struct option options[] = {
        {"bugbase-dir", required_argument, NULL, OPTION_BASE},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    opterr = 0;
    *ret_base = BUGS_BASE_DEFAULT;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_BASE:
            *ret_base = optarg;
            break;
        case 'h':
            fputs(text, stdout);
            *ret_status = cli_finish_output(CLI_OK);
            return false;
        default:
            *ret_status = cli_option_error(option, argv, options);
            return false;
        }
    }
    return true;
}

static enum error_code fail_plan(const char *path, const struct verdict *verdict,
                                 struct error *error)
{
    return interplay_error(error, ERROR_INPUT, "%s: interactions[%zu]: %s", file_short_path(path),
                           verdict->interaction, verdict->report);
}

enum error_code bugs_try(struct bugs_trial *ret_trial, struct run *run, const char *path,
                         struct error *error)
{
    static const struct isolated_options quiet = {.is_quiet = true,
                                                  .cpu_limit_s = SHRINK_CPU_LIMIT_S};
    struct bugs_trial trial;
    enum error_code code = cli_load_plan(&trial.plan, &trial.arena, path, error);
    if (code != ERROR_NONE)
        return code;
    code = isolated_run(run, &trial.plan, &quiet, &trial.result, error);
    if (code != ERROR_NONE)
        interplay_error_context(error, file_short_path(path));
    else if (trial.result.verdict.kind == VERDICT_PLAN_ERROR)
        code = fail_plan(path, &trial.result.verdict, error);
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
