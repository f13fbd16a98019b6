/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs add: plans that a fuzzer has stored become entries of a bug base, or count. */
#include "base/file.h"
#include "bugbase/recognize.h"
#include "cli/bugs.h"
#include "cli/finding.h"
#include "cli/plan_files.h"
#include "cli/progress.h"

#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char about[] =
    "Runs the plan in each file (JSON, or compact bytes like a crash file), each in a process\n"
    "of its own, and records those that are findings: the first of a signature becomes an\n"
    "entry and is made small, later ones are counted. A folder stands for all plans in it:\n"
    "hidden files and those with an extension that is not .json or .bin are left out. Prints a\n"
    "line for each new signature and for each plan that is ok. - alone is standard input.\n"
    "\n"
    "Interrupted (Ctrl-C) while a plan is made small, it stores the smallest one so far and\n"
    "ends.\n";

struct adder {
    const struct cli_order *order;
    struct known_findings known;
    struct recognize_budget budget;
    struct run *run;
    struct cli_progress progress;
    uint64_t files, added, counted, known_count, ok, failed, left_out;
    bool is_over;
};

static void show_progress(struct adder *adder)
{
    if (!cli_progress_is_due(&adder->progress, cli_progress_elapsed_ms(&adder->progress)))
        return;
    fprintf(stderr, "%" PRIu64 " files, %" PRIu64 " findings, %" PRIu64 " new", adder->files,
            adder->added + adder->counted, adder->added);
    (void)fflush(stderr);
}

static enum error_code make_small(struct adder *adder, const char *path, struct bugs_trial *trial,
                                  const char *entry, struct error *error)
{
    enum shrink_end end;
    enum error_code code =
        cli_shrink_finding(adder->order, adder->run, &trial->plan, file_short_path(path),
                           trial->result.verdict.signature, entry, &end, error);
    adder->is_over = code == ERROR_NONE && end == SHRINK_STOPPED;
    return code;
}

/*
 * Where there are others with this signature, only its cause tells whether it is one of them. Where
 * nothing is to be made small, the signature has to do.
 */
static enum error_code look_for_cause(struct adder *adder, const struct bugs_trial *trial,
                                      struct cause *ret_cause, struct error *error)
{
    const char *signature = trial->result.verdict.signature;
    bool asks;
    *ret_cause = (struct cause){0};
    if (adder->order->no_shrink)
        return ERROR_NONE;
    enum error_code code = bugbase_asks_cause(&asks, adder->order->bugbase_dir, signature, error);
    if (code != ERROR_NONE || !asks)
        return code;
    return recognize_cause(ret_cause, adder->run, &trial->plan, signature, &adder->budget, error);
}

/* Whoever is counted is made small, too, where nobody has done it: the one before was killed. */
static enum error_code take_finding(struct adder *adder, const char *path, struct bugs_trial *trial,
                                    struct error *error)
{
    const struct verdict *verdict = &trial->result.verdict;
    struct bugbase_recorded recorded;
    struct cause cause;
    const struct cli_kept kept = {&trial->plan, verdict, trial->result.trace_hash, path, &cause};
    enum error_code code = look_for_cause(adder, trial, &cause, error);
    if (code == ERROR_NONE)
        code = cli_keep_finding(adder->order, &kept, &recorded, error);
    if (code != ERROR_NONE)
        return code;
    if (recorded.is_new) {
        cli_progress_end(&adder->progress);
        printf("%s: new: %s\n", path, verdict->signature);
    }
    adder->added += recorded.is_new;
    adder->counted += !recorded.is_new;
    if (adder->order->no_shrink || recorded.shrunk != BUGBASE_NOT_SHRUNK)
        return ERROR_NONE;
    return make_small(adder, path, trial, recorded.name, error);
}

static void add_file(struct adder *adder, const char *path)
{
    struct error error = {0};
    struct bugs_trial trial;
    adder->files++;
    adder->budget.earned_hundredths += RECOGNIZE_HUNDREDTHS_A_FILE;
    enum error_code code = bugs_try(&trial, adder->run, path, adder->order->backend, &error);
    if (code == ERROR_NONE) {
        if (trial.result.verdict.kind == VERDICT_OK) {
            cli_progress_end(&adder->progress);
            printf("%s: ok\n", path);
            adder->ok++;
        } else if (recognize(&adder->known, adder->run, &trial.plan, trial.result.verdict.signature,
                             &adder->budget)) {
            adder->known_count++;
        } else {
            code = take_finding(adder, path, &trial, &error);
        }
        arena_clean_up(&trial.arena);
    }
    if (code != ERROR_NONE) {
        (void)cli_fail(&error);
        adder->failed++;
    }
    show_progress(adder);
}

static void fail_path(struct adder *adder, const FTSENT *item)
{
    fprintf(stderr, "interplay: %s: %s\n", file_short_path(item->fts_path),
            strerror(item->fts_errno));
    adder->failed++;
}

static void take_item(struct adder *adder, FTS *tree, FTSENT *item)
{
    /* What stands on the command line itself is never left out: errors are for its reader. */
    bool is_named = item->fts_level == FTS_ROOTLEVEL;
    switch (item->fts_info) {
    case FTS_DP:
        break;
    case FTS_D:
        if (!is_named && item->fts_name[0] == '.')
            (void)fts_set(tree, item, FTS_SKIP);
        break;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_DC:
        fail_path(adder, item);
        break;
    default:
        if (is_named || (item->fts_info == FTS_F && item->fts_name[0] != '.' &&
                         cli_form_of(item->fts_path) != CLI_OTHER))
            add_file(adder, item->fts_path);
        else
            adder->left_out++;
        break;
    }
}

static int compare_items(const FTSENT **left, const FTSENT **right)
{
    return strcmp((*left)->fts_name, (*right)->fts_name);
}

static enum cli_status add_trees(struct adder *adder, char **paths)
{
    if (file_is_standard(paths[0])) {
        add_file(adder, paths[0]);
        return CLI_OK;
    }
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, compare_items);
    if (tree == NULL) {
        fprintf(stderr, "interplay: %s: %s\n", file_short_path(paths[0]), strerror(errno));
        return CLI_FAILED;
    }
    FTSENT *item;
    cli_progress_begin(&adder->progress, false);
    while (!adder->is_over && (item = fts_read(tree)) != NULL)
        take_item(adder, tree, item);
    cli_progress_end(&adder->progress);
    (void)fts_close(tree);
    return CLI_OK;
}

static enum cli_status print_summary(const struct adder *adder)
{
    known_print(&adder->known, stdout);
    printf("%" PRIu64 " files: %" PRIu64 " findings, %" PRIu64 " new, %" PRIu64
           " known before, %" PRIu64 " ok",
           adder->files, adder->added + adder->counted, adder->added, adder->counted, adder->ok);
    if (adder->known_count > 0)
        printf(", %" PRIu64 " passed over", adder->known_count);
    if (adder->budget.left_out > 0)
        printf(", %" PRIu64 " by signature alone", adder->budget.left_out);
    if (adder->failed > 0)
        printf(", %" PRIu64 " failed", adder->failed);
    if (adder->left_out > 0)
        printf(", %" PRIu64 " left out", adder->left_out);
    puts(adder->is_over ? ", interrupted" : "");
    if (adder->failed > 0)
        return CLI_FAILED;
    if (adder->files == 0) {
        fputs("interplay: bugs add: there is no plan in what was named\n", stderr);
        return CLI_FAILED;
    }
    return adder->added + adder->counted > 0 ? CLI_FINDING : CLI_OK;
}

static enum cli_status open_and_add(struct adder *adder)
{
    struct error error = {0};
    if (bugbase_create(adder->order->bugbase_dir, &error) != ERROR_NONE ||
        run_open(&adder->run, adder->order->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = add_trees(adder, adder->order->operands);
    if (status == CLI_OK)
        status = print_summary(adder);
    run_close(adder->run);
    return cli_finish_output(status);
}

static enum cli_status add(const struct cli_order *order)
{
    struct error error = {0};
    struct adder adder = {.order = order};
    if (order->known_findings != NULL &&
        known_load(&adder.known, order->known_findings, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = open_and_add(&adder);
    known_clean_up(&adder.known);
    return status;
}

const struct cli_command bugs_add = {
    .name = "bugs add",
    .arguments = "FILE...",
    .summary = "run plans, as crash files, and record those that are findings",
    .about = about,
    .notes =
        "Exit status: 0 no finding that is not in the list, 1 a finding, 2 a wrong call or bad\n"
        "input (other plans are still run).\n",
    .taker = CLI_BUGS_ADD,
    .defaults = {.bugbase_dir = CLI_BUGBASE_DEFAULT},
    .operands = {"file", 1, INT_MAX},
    .run = add,
};
