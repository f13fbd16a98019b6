/* SPDX-License-Identifier: Apache-2.0 */
/* interplay bugs add: plans that a fuzzer has stored become entries of a bug base, or are counted. */
#include "base/file.h"
#include "bugbase/known.h"
#include "cli/bugs.h"

#include <errno.h>
#include <fts.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: interplay bugs add [OPTION]... FILE...\n"
    "\n"
    "Runs the plan in each file (JSON, or compact bytes like a crash file), each in a process of\n"
    "its own, and records those that are findings: the first of a signature becomes an entry and "
    "is\n"
    "made small, later ones are counted. A folder stands for all plans in it: hidden files and\n"
    "those with an extension that is not .json or .bin are left out. Prints a line for each new\n"
    "signature and for each plan that is ok.\n"
    "\n"
    "Interrupted (Ctrl-C) while a plan is made small, it stores the smallest one so far and ends.\n"
    "\n"
    "Options:\n"
    "  --bugbase-dir DIR      the bug base; made where there is none (default: " BUGS_BASE_DEFAULT
    ")\n"
    "  --backend B            what the plans run on (interplay --version lists them)\n"
    "  --no-shrink            make no plan small\n"
    "  --shrink-max-rounds N  stop to do so after N rounds, minimal or not\n"
    "  --known-findings FILE  pass over the signatures in this list\n"
    "  -h, --help             print this\n"
    "\n"
    "Exit status: 0 no finding that is not in the list, 1 a finding, 2 a wrong call or bad input\n"
    "(other plans are still run).\n";

struct adder {
    struct cli_recorder recorder;
    struct known_findings known;
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
                                  struct error *error)
{
    enum shrink_end end;
    enum error_code code =
        cli_shrink_finding(&adder->recorder, adder->run, &trial->plan, file_short_path(path),
                           trial->result.verdict.signature, &end, error);
    adder->is_over = code == ERROR_NONE && end == SHRINK_STOPPED;
    return code;
}

/* Whoever is counted is made small, too, where nobody has done it: the one before was killed, say. */
static enum error_code take_finding(struct adder *adder, const char *path, struct bugs_trial *trial,
                                    struct error *error)
{
    const struct verdict *verdict = &trial->result.verdict;
    struct bugbase_recorded recorded;
    enum error_code code = cli_record(&adder->recorder, &trial->plan, verdict,
                                      trial->result.trace_hash, path, &recorded, error);
    if (code != ERROR_NONE)
        return code;
    if (recorded.is_new) {
        cli_progress_end(&adder->progress);
        printf("%s: new: %s\n", path, verdict->signature);
    }
    adder->added += recorded.is_new;
    adder->counted += !recorded.is_new;
    if (!adder->recorder.shrinks || recorded.shrunk != BUGBASE_NOT_SHRUNK)
        return ERROR_NONE;
    return make_small(adder, path, trial, error);
}

static void add_file(struct adder *adder, const char *path)
{
    struct error error = {0};
    struct bugs_trial trial;
    adder->files++;
    enum error_code code = bugs_try(&trial, adder->run, path, &error);
    if (code == ERROR_NONE) {
        if (trial.result.verdict.kind == VERDICT_OK) {
            cli_progress_end(&adder->progress);
            printf("%s: ok\n", path);
            adder->ok++;
        } else if (known_match(&adder->known, trial.result.verdict.signature)) {
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

static int add_trees(struct adder *adder, char **paths)
{
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

static int print_summary(const struct adder *adder)
{
    known_print(&adder->known, stdout);
    printf("%" PRIu64 " files: %" PRIu64 " findings, %" PRIu64 " new, %" PRIu64
           " known before, %" PRIu64 " ok",
           adder->files, adder->added + adder->counted, adder->added, adder->counted, adder->ok);
    if (adder->known_count > 0)
        printf(", %" PRIu64 " passed over", adder->known_count);
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

static int add_all(struct adder *adder, char **paths, const char *known)
{
    struct error error = {0};
    if (known != NULL && known_load(&adder->known, known, &error) != ERROR_NONE)
        return cli_fail(&error);
    int status = CLI_FAILED;
    if (bugbase_create(adder->recorder.base, &error) != ERROR_NONE ||
        run_open(&adder->run, adder->recorder.backend, &error) != ERROR_NONE) {
        (void)cli_fail(&error);
    } else {
        status = add_trees(adder, paths);
        if (status == CLI_OK)
            status = print_summary(adder);
        run_close(adder->run);
    }
    known_clean_up(&adder->known);
    return cli_finish_output(status);
}

int bugs_add(int argc, char **argv)
{
    enum { OPTION_BASE = 256, OPTION_BACKEND, OPTION_NO_SHRINK, OPTION_ROUNDS, OPTION_KNOWN };
    static const struct option options[] = {
        {"bugbase-dir", required_argument, NULL, OPTION_BASE},
        {"backend", required_argument, NULL, OPTION_BACKEND},
        {"no-shrink", no_argument, NULL, OPTION_NO_SHRINK},
        {"shrink-max-rounds", required_argument, NULL, OPTION_ROUNDS},
        {"known-findings", required_argument, NULL, OPTION_KNOWN},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct adder adder = {
        .recorder = {.base = BUGS_BASE_DEFAULT, .backend = cli_backend(NULL), .shrinks = true}};
    const char *known = NULL;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_BASE:
            adder.recorder.base = optarg;
            break;
        case OPTION_BACKEND:
            if (!cli_takes_backend(argv[0], optarg, &adder.recorder.backend))
                return CLI_FAILED;
            break;
        case OPTION_NO_SHRINK:
            adder.recorder.shrinks = false;
            break;
        case OPTION_ROUNDS:
            if (!cli_parse_count(optarg, &adder.recorder.rounds_max))
                return cli_usage_error(
                    argv[0], "--shrink-max-rounds wants a number from 1, not '%s'", optarg);
            break;
        case OPTION_KNOWN:
            known = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return cli_finish_output(CLI_OK);
        default:
            return cli_option_error(option, argv, options);
        }
    }
    if (optind == argc)
        return cli_usage_error(argv[0], "the file to add is missing");
    return add_all(&adder, argv + optind, known);
}
