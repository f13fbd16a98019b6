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
    "Entries have a backend of their own; those of another program are skipped. A target that is\n"
    "called without options replays each entry with those that it was recorded with. Called with\n"
    "others, as after a fix, it takes them, and the line ends (recorded on TARGET "
    "--OPTION=VALUE).\n";

struct replay {
    const char *base;
    struct bugbase_names names;
    struct bugs_judge judge;
    size_t fates[BUGS_SKIPPED + 1];
    size_t failed;
    struct cli_results results;
    struct timespec began; /* the entry at hand */
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

/* --- for programs ----------------------------------------------------------------------------- */

static const char *const fate_words[] = {
    [BUGS_STILL_FAILS] = "still fails",
    [BUGS_FIXED] = "fixed",
    [BUGS_CHANGED] = "changed",
    [BUGS_SKIPPED] = "skipped",
};

static void put_record(const struct replay *replay, const char *name,
                       const struct bugs_judgement *judgement)
{
    const char *detail = judgement->detail;
    bool has_changed = judgement->fate == BUGS_CHANGED;
    struct record record = record_begin(RECORD_judgement);
    record_text(&record, RECORD_judgement_name, name);
    record_text(&record, RECORD_judgement_signature, judgement->signature);
    record_text(&record, RECORD_judgement_fate, fate_words[judgement->fate]);
    record_text(&record, RECORD_judgement_signature_now, has_changed ? detail : NULL);
    record_text(&record, RECORD_judgement_detail, has_changed || *detail == '\0' ? NULL : detail);
    record_text(&record, RECORD_judgement_recorded_on, judgement->target);
    record_real(&record, RECORD_judgement_seconds, cli_seconds_since(&replay->began));
    record_end(&record, replay->results.lines);
}

static void tell(struct replay *replay, const char *name, const struct bugs_judgement *judgement)
{
    static const enum result_kind kinds[] = {
        [BUGS_STILL_FAILS] = RESULT_VIOLATION,
        [BUGS_FIXED] = RESULT_OK,
        [BUGS_CHANGED] = RESULT_VIOLATION,
        [BUGS_SKIPPED] = RESULT_SKIPPED,
    };
    char message[1024], path[PATH_MAX];
    enum result_kind kind = kinds[judgement->fate];
    bool is_there =
        bugbase_plan_path(path, replay->base, name, BUGBASE_PLAN_FOUND, NULL) == ERROR_NONE;
    (void)snprintf(message, sizeof message, "%s%s%s", fate_words[judgement->fate],
                   *judgement->detail == '\0' ? "" : ": ", judgement->detail);
    const struct result result = {
        .kind = kind,
        .name = name,
        .path = is_there ? path : NULL,
        .signature = kind == RESULT_VIOLATION ? judgement->signature : NULL,
        .message = message,
        .seconds = cli_seconds_since(&replay->began),
    };
    cli_results_add(&replay->results, &result);
    if (replay->results.lines != NULL)
        put_record(replay, name, judgement);
}

static void tell_failure(struct replay *replay, const char *name, const char *message)
{
    const struct result result = {.kind = RESULT_FAILED, .name = name, .message = message};
    cli_results_add(&replay->results, &result);
    if (replay->results.lines == NULL)
        return;
    struct record record = record_begin(RECORD_judgement);
    record_text(&record, RECORD_judgement_name, name);
    record_text(&record, RECORD_judgement_fate, "failed");
    record_text(&record, RECORD_judgement_detail, message);
    record_real(&record, RECORD_judgement_seconds, cli_seconds_since(&replay->began));
    record_end(&record, replay->results.lines);
}

static enum cli_status close_results(struct replay *replay, enum cli_status status)
{
    const size_t *fates = replay->fates;
    struct record end = record_begin(RECORD_end);
    size_t bad = fates[BUGS_STILL_FAILS] + fates[BUGS_CHANGED];
    record_number(&end, RECORD_end_plans, bad + fates[BUGS_FIXED]);
    record_number(&end, RECORD_end_ok, fates[BUGS_FIXED]);
    record_number(&end, RECORD_end_violations, bad);
    record_number(&end, RECORD_end_skipped, fates[BUGS_SKIPPED]);
    record_number(&end, RECORD_end_failed, replay->failed);
    return cli_results_close(&replay->results, &end, status);
}

/* --- entries ---------------------------------------------------------------------------------- */

static void replay_entry(struct replay *replay, const char *name)
{
    struct error error = {0};
    struct bugs_judgement judgement;
    replay->began = cli_now();
    enum error_code code = bugs_judge(&replay->judge, replay->base, name, &judgement, &error);
    if (code == ERROR_NONE) {
        print_judgement(&judgement);
        tell(replay, name, &judgement);
        replay->fates[judgement.fate]++;
    } else if (!bugs_is_gone(replay->base, name)) {
        (void)cli_fail(&error);
        tell_failure(replay, name, error.message);
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
    cli_results_open(&replay.results, &bugs_replay, order, NULL);
    enum error_code code = bugbase_list(&replay.names, replay.base, &error);
    if (code == ERROR_NONE)
        code = replay_words(&replay, order->operands, order->operand_count, &error);
    enum cli_status status = code == ERROR_NONE ? print_summary(&replay) : cli_fail(&error);
    if (code != ERROR_NONE)
        cli_results_fail(&replay.results, error.message);
    bugs_judge_clean_up(&replay.judge);
    bugbase_names_clean_up(&replay.names);
    return cli_finish_output(close_results(&replay, status));
}

const struct cli_command bugs_replay = {
    .name = "bugs replay",
    .arguments = "[SIGNATURE]...",
    .summary = "say which still fail, which are fixed, which changed",
    .about = about,
    .notes =
        "Exit status: 0 all are fixed, 1 one still fails or changed, 2 a wrong call, an entry\n"
        "that cannot be run, or none that was run.\n",
    .taker = CLI_BUGS_REPLAY,
    .defaults = {.bugbase_dir = CLI_BUGBASE_DEFAULT},
    .operands = {"signature", 0, INT_MAX},
    .run = replay_base,
};
