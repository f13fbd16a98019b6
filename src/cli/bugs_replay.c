/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs replay: which entries of a bug base still fail, which are fixed, which changed. */
#include "base/file.h"
#include "cli/bugs.h"

#include <stdio.h>

static const char about[] =
    "Runs the small plan of each entry and, where that does not fail as before, the plan that\n"
    "was found first; all entries where no SIGNATURE is named. Prints a line for each:\n"
    "  SIGNATURE: still fails\n"
    "  SIGNATURE: fixed\n"
    "  SIGNATURE: changed to SIGNATURE\n"
    "  SIGNATURE: skipped, it was recorded on TARGET, backend B\n"
    "Entries have a backend of their own; those of another program are skipped. Where a target\n"
    "had other options, the line ends with them: (recorded on TARGET --OPTION=VALUE).\n";

struct replay {
    const char *base;
    struct bugbase_names names;
    struct bugs_judge judge;
    size_t fates[BUGS_SKIPPED + 1];
    size_t failed;
};

static void print_judgement(const struct bugs_judgement *judgement)
{
    const char *detail = judgement->detail;
    printf("%s: ", judgement->signature);
    switch (judgement->fate) {
    case BUGS_STILL_FAILS:
        printf("still fails%s%s", *detail == '\0' ? "" : ": ", detail);
        break;
    case BUGS_FIXED:
        printf("fixed");
        break;
    case BUGS_CHANGED:
        printf("changed to %s", detail);
        break;
    case BUGS_SKIPPED:
        printf("skipped, it was recorded on %s\n", detail);
        return;
    }
    if (judgement->other_options)
        printf(" (recorded on %s)", judgement->target);
    puts("");
}

static void replay_entry(struct replay *replay, const char *name)
{
    struct error error = {0};
    struct bugs_judgement judgement;
    enum error_code code = bugs_judge(&replay->judge, replay->base, name, &judgement, &error);
    if (code == ERROR_NONE) {
        print_judgement(&judgement);
        replay->fates[judgement.fate]++;
    } else if (!bugs_is_gone(replay->base, name)) {
        (void)cli_fail(&error);
        replay->failed++;
    }
}

static enum error_code replay_words(struct replay *replay, char **words, int count,
                                    struct error *error)
{
    size_t index;
    /* Before anything is run: a typing error is said at once. */
    for (int i = 0; i < count; i++)
        if (bugbase_find(&index, &replay->names, replay->base, words[i], error) != ERROR_NONE)
            return error->code;
    for (int i = 0; i < count; i++)
        if (bugbase_find(&index, &replay->names, replay->base, words[i], error) == ERROR_NONE)
            replay_entry(replay, replay->names.items[index]);
    for (size_t i = 0; i < replay->names.count && count == 0; i++)
        replay_entry(replay, replay->names.items[i]);
    return ERROR_NONE;
}

static enum cli_status print_summary(const struct replay *replay)
{
    const size_t *fates = replay->fates;
    size_t run = fates[BUGS_STILL_FAILS] + fates[BUGS_FIXED] + fates[BUGS_CHANGED];
    printf("%zu entries: %zu still fail, %zu fixed, %zu changed, %zu skipped",
           run + fates[BUGS_SKIPPED] + replay->failed, fates[BUGS_STILL_FAILS], fates[BUGS_FIXED],
           fates[BUGS_CHANGED], fates[BUGS_SKIPPED]);
    if (replay->failed > 0)
        printf(", %zu failed", replay->failed);
    puts("");
    if (replay->failed > 0)
        return CLI_FAILED;
    if (run == 0) {
        fprintf(stderr, "interplay: %s: there is no entry that this program can replay\n",
                file_short_path(replay->base));
        return CLI_FAILED;
    }
    return fates[BUGS_FIXED] == run ? CLI_OK : CLI_FINDING;
}

static enum cli_status replay_base(const struct cli_order *order)
{
    struct error error = {0};
    struct replay replay = {.base = order->bugbase_dir};
    enum error_code code = bugbase_list(&replay.names, replay.base, &error);
    if (code == ERROR_NONE)
        code = replay_words(&replay, order->operands, order->operand_count, &error);
    enum cli_status status = code == ERROR_NONE ? print_summary(&replay) : cli_fail(&error);
    bugs_judge_clean_up(&replay.judge);
    bugbase_names_clean_up(&replay.names);
    return cli_finish_output(status);
}

const struct cli_command bugs_replay = {
    .name = "bugs replay",
    .arguments = "[SIGNATURE]...",
    .summary = "say which still fail, which are fixed, which changed",
    .about = about,
    .notes =
        "Exit status: 0 all are fixed, 1 one still fails or changed, 2 a wrong call, an entry\n"
        "that cannot be run, or none that was run.\n",
    .taker = CLI_BUGS_LOOK,
    .defaults = {.bugbase_dir = CLI_BUGBASE_DEFAULT},
    .operands = {"signature", 0, INT_MAX},
    .run = replay_base,
};
