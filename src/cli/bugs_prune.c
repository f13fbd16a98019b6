/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs prune: takes away what killed processes have left, and fixed entries if asked. */
#include "cli/bugs.h"

#include <stdio.h>

struct pruner {
    const struct cli_order *order;
    size_t count;
};

static void tell(void *context, const char *path)
{
    struct pruner *pruner = context;
    printf("%s %s\n", pruner->order->dry_run ? "would remove" : "removed", path);
    pruner->count++;
}

static enum error_code prune_entry(struct pruner *pruner, struct bugs_judge *judge,
                                   const char *name, struct error *error)
{
    struct bugs_judgement judgement;
    enum error_code code = bugs_judge(judge, pruner->order->bugbase_dir, name, &judgement, error);
    if (code != ERROR_NONE || judgement.fate != BUGS_FIXED || judgement.other_options)
        return code;
    if (!pruner->order->dry_run)
        code = bugbase_remove(pruner->order->bugbase_dir, name, error);
    if (code != ERROR_NONE)
        return code;
    printf("%s %s/%s: fixed\n", pruner->order->dry_run ? "would remove" : "removed",
           pruner->order->bugbase_dir, name);
    pruner->count++;
    return ERROR_NONE;
}

static enum cli_status prune_fixed(struct pruner *pruner)
{
    struct error error = {0};
    struct bugbase_names names;
    struct bugs_judge judge = {0};
    if (bugbase_list(&names, pruner->order->bugbase_dir, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = CLI_OK;
    for (size_t i = 0; i < names.count; i++)
        if (prune_entry(pruner, &judge, names.items[i], &error) != ERROR_NONE &&
            !bugs_is_gone(pruner->order->bugbase_dir, names.items[i]))
            status = cli_fail(&error);
    bugs_judge_clean_up(&judge);
    bugbase_names_clean_up(&names);
    return status;
}

static enum cli_status prune(const struct cli_order *order)
{
    struct error error = {0};
    struct pruner pruner = {.order = order};
    if (bugbase_tidy(order->bugbase_dir, order->dry_run, tell, &pruner, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = order->fixed ? prune_fixed(&pruner) : CLI_OK;
    if (pruner.count == 0 && status == CLI_OK)
        puts("nothing to remove");
    return cli_finish_output(status);
}

const struct cli_command bugs_prune = {
    .name = "bugs prune",
    .summary = "remove what killed processes have left, and fixed entries if asked",
    .about =
        "Removes what killed processes have left in a bug base. Entries stay, unless --fixed.\n",
    .notes = "Exit status: 0, or 2 when something could not be read, run or removed.\n",
    .taker = CLI_BUGS_PRUNE,
    .defaults = {.bugbase_dir = CLI_BUGBASE_DEFAULT},
    .operands = {"argument", 0, 0},
    .run = prune,
};
