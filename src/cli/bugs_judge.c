/* SPDX-License-Identifier: Apache-2.0 */
/* What became of an entry of a bug base: its plans run on what is here now. */
#include "cli/bugs.h"
#include "cli/origin.h"

#include <stdio.h>
#include <string.h>

void bugs_judge_clean_up(struct bugs_judge *judge)
{
    if (judge->run != NULL)
        run_close(judge->run);
    *judge = (struct bugs_judge){0};
}

static enum error_code bring_up(struct bugs_judge *judge, const struct run_options *backend,
                                struct error *error)
{
    if (judge->backend == backend)
        return ERROR_NONE;
    bugs_judge_clean_up(judge);
    enum error_code code = run_open(&judge->run, backend, error);
    if (code == ERROR_NONE)
        judge->backend = backend;
    return code;
}

/* What a plan of the entry comes to now. */
static enum error_code try_plan(struct bugs_judge *judge, const char *base, const char *name,
                                enum bugbase_plan which, struct verdict *ret_verdict,
                                struct error *error)
{
    char path[PATH_MAX];
    struct bugs_trial trial;
    enum error_code code = bugbase_plan_path(path, base, name, which, error);
    if (code == ERROR_NONE)
        code = bugs_try(&trial, judge->run, path, judge->backend, error);
    if (code != ERROR_NONE)
        return code;
    *ret_verdict = trial.result.verdict;
    arena_clean_up(&trial.arena);
    return ERROR_NONE;
}

static void take_verdict(struct bugs_judgement *judgement, const struct verdict *verdict)
{
    if (verdict->kind == VERDICT_OK) {
        judgement->fate = BUGS_FIXED;
    } else if (strcmp(verdict->signature, judgement->signature) == 0) {
        judgement->fate = BUGS_STILL_FAILS;
    } else {
        judgement->fate = BUGS_CHANGED;
        (void)snprintf(judgement->detail, sizeof judgement->detail, "%s", verdict->signature);
    }
}

static enum error_code run_plans(struct bugs_judge *judge, const char *base, const char *name,
                                 const struct bugbase_entry *entry,
                                 struct bugs_judgement *judgement, struct error *error)
{
    struct verdict verdict;
    enum error_code code = ERROR_NONE;
    bool is_shrunk = entry->shrunk != BUGBASE_NOT_SHRUNK;
    if (is_shrunk) {
        code = try_plan(judge, base, name, BUGBASE_PLAN_SHRUNK, &verdict, error);
        if (code != ERROR_NONE)
            return code;
        take_verdict(judgement, &verdict);
        if (judgement->fate == BUGS_STILL_FAILS)
            return ERROR_NONE;
    }
    code = try_plan(judge, base, name, BUGBASE_PLAN_FOUND, &verdict, error);
    if (code != ERROR_NONE)
        return code;
    struct bugs_judgement of_found = *judgement;
    of_found.detail[0] = '\0';
    take_verdict(&of_found, &verdict);
    if (is_shrunk && of_found.fate == BUGS_STILL_FAILS)
        (void)snprintf(of_found.detail, sizeof of_found.detail, "plan.json, not shrunk_plan.json");
    /* That the small plan shows something else says more than that the other one is ok. */
    if (!is_shrunk || of_found.fate != BUGS_FIXED)
        *judgement = of_found;
    return ERROR_NONE;
}

enum error_code bugs_judge(struct bugs_judge *judge, const char *base, const char *name,
                           struct bugs_judgement *ret_judgement, struct error *error)
{
    struct bugbase_entry entry;
    struct bugs_judgement judgement = {0};
    enum error_code code = bugbase_read(&entry, base, name, error);
    if (code != ERROR_NONE)
        return code;
    (void)snprintf(judgement.signature, sizeof judgement.signature, "%s", entry.signature);
    const struct run_options *backend = cli_backend(entry.subject.backend);
    const char *target = backend == NULL ? NULL : cli_bug_subject(backend).target;
    (void)snprintf(judgement.target, sizeof judgement.target, "%s", entry.subject.target);
    const char *options = bugs_options_to_call_with(entry.subject.target);
    judgement.other_options =
        options == NULL && target != NULL && strcmp(entry.subject.target, target) != 0;
    if (options != NULL) {
        code = bugs_judge_with_options(options, base, name, &judgement, error);
    } else if (target == NULL || !cli_is_same_program(entry.subject.target)) {
        /* What an option changes is what a fix changes. */
        judgement.fate = BUGS_SKIPPED;
        (void)snprintf(judgement.detail, sizeof judgement.detail, "%s, backend %s",
                       entry.subject.target, entry.subject.backend);
    } else {
        code = bring_up(judge, backend, error);
        if (code == ERROR_NONE)
            code = run_plans(judge, base, name, &entry, &judgement, error);
    }
    if (code == ERROR_NONE)
        *ret_judgement = judgement;
    entry_clean_up(&entry);
    return code;
}
