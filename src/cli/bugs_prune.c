/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs prune: takes away what killed processes have left, and fixed entries if asked. */
#include "cli/bugs.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "Usage: interplay bugs prune [OPTION]...\n"
    "\n"
    "Removes what killed processes have left in a bug base. Entries stay, unless --fixed.\n"
    "\n"
    "Options:\n"
    "  --bugbase-dir DIR  the bug base (default: " BUGS_BASE_DEFAULT ")\n"
    "  --fixed            remove entries, too, that interplay bugs replay calls fixed\n"
    "  --dry-run          only say what would be removed\n"
    "  -h, --help         print this\n"
    "\n"
    "Exit status: 0, or 2 when something could not be read, run or removed.\n";

struct pruner {
    const char *base;
    bool removes_fixed, is_dry;
    size_t count;
};

static void tell(void *context, const char *path)
{
    struct pruner *pruner = context;
    printf("%s %s\n", pruner->is_dry ? "would remove" : "removed", path);
    pruner->count++;
}

static enum error_code prune_entry(struct pruner *pruner, struct bugs_judge *judge,
                                   const char *name, struct error *error)
{
    struct bugs_judgement judgement;
    enum error_code code = bugs_judge(judge, pruner->base, name, &judgement, error);
    if (code != ERROR_NONE || judgement.fate != BUGS_FIXED || judgement.other_options)
        return code;
    if (!pruner->is_dry)
        code = bugbase_remove(pruner->base, name, error);
    if (code != ERROR_NONE)
        return code;
    printf("%s %s/%s: fixed\n", pruner->is_dry ? "would remove" : "removed", pruner->base, name);
    pruner->count++;
    return ERROR_NONE;
}

static int prune_fixed(struct pruner *pruner)
{
    struct error error = {0};
    struct bugbase_names names;
    struct bugs_judge judge = {0};
    if (bugbase_list(&names, pruner->base, &error) != ERROR_NONE)
        return cli_fail(&error);
    int status = CLI_OK;
    for (size_t i = 0; i < names.count; i++)
        if (prune_entry(pruner, &judge, names.items[i], &error) != ERROR_NONE &&
            !bugs_is_gone(pruner->base, names.items[i]))
            status = cli_fail(&error);
    bugs_judge_clean_up(&judge);
    bugbase_names_clean_up(&names);
    return status;
}

static int prune(struct pruner *pruner)
{
    struct error error = {0};
    if (bugbase_tidy(pruner->base, pruner->is_dry, tell, pruner, &error) != ERROR_NONE)
        return cli_fail(&error);
    int status = pruner->removes_fixed ? prune_fixed(pruner) : CLI_OK;
    if (pruner->count == 0 && status == CLI_OK)
        puts("nothing to remove");
    return cli_finish_output(status);
}

int bugs_prune(int argc, char **argv)
{
    enum { OPTION_BASE = 256, OPTION_FIXED, OPTION_DRY_RUN };
    static const struct option options[] = {
        {"bugbase-dir", required_argument, NULL, OPTION_BASE},
        {"fixed", no_argument, NULL, OPTION_FIXED},
        {"dry-run", no_argument, NULL, OPTION_DRY_RUN},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct pruner pruner = {.base = BUGS_BASE_DEFAULT};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_BASE:
            pruner.base = optarg;
            break;
        case OPTION_FIXED:
            pruner.removes_fixed = true;
            break;
        case OPTION_DRY_RUN:
            pruner.is_dry = true;
            break;
        case 'h':
            fputs(help, stdout);
            return cli_finish_output(CLI_OK);
        default:
            return cli_option_error(option, argv, options);
        }
    }
    if (optind < argc)
        return cli_usage_error(argv[0], "takes no argument, but there is %s", argv[optind]);
    return prune(&pruner);
}
