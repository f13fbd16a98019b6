/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of `interplay bugs` share. */
#ifndef CLI_BUGS_H
#define CLI_BUGS_H

#include "bugbase/bugbase.h"
#include "cli/command.h"
#include "cli/results.h"
#include "run/isolated.h"

extern const struct cli_command bugs_add, bugs_known, bugs_list, bugs_prune, bugs_replay, bugs_show;

/* A plan from a file, and what it comes to. */
struct bugs_trial {
    struct plan plan;
    struct arena arena; /* holds the plan; to be cleaned up after success */
    struct isolated_result result;
};

/*
 * Runs the plan in `path` in a process of its own that says nothing. Succeeds when it is ok or a
 * violation.
 */
enum error_code bugs_try(struct bugs_trial *ret_trial, struct run *run, const char *path,
                         const struct run_options *backend, struct error *error)
    __attribute__((warn_unused_result));

/* The smallest plan of the entry, and where it is. The caller cleans up the arena after success. */
enum error_code bugs_load_smallest(struct plan *ret_plan, struct arena *ret_arena,
                                   char ret_path[PATH_MAX], const char *base, const char *name,
                                   const struct bugbase_entry *entry, struct error *error)
    __attribute__((warn_unused_result));

/*
 * True when reading an entry failed because somebody has removed it since it was listed; that is no
 * error.
 */
bool bugs_is_gone(const char *base, const char *name);

/* What its plans run on here; NULL: only another program has it. */
const struct run_options *bugs_backend_of(const struct bugbase_entry *entry);

/* The text of an issue, of the entry and its smallest plan, which is in `path`. */
enum error_code bugs_print_markdown(const struct bugbase_entry *entry, const struct plan *plan,
                                    const char *path, struct error *error)
    __attribute__((warn_unused_result));

/* --- for programs ---------------------------------------------------------------------------- */

/* An entry, and its smallest plan, which is in `path`. */
struct bugs_told {
    const char *name, *path;
    const struct bugbase_entry *entry;
    const struct plan *plan;
};

/* One bug may end in several signatures: those of the other entries with the same cause. */
struct bugs_same_cause {
    char **signatures;
    size_t count;
};
void bugs_find_same_cause(struct bugs_same_cause *ret_same, const char *base, const char *name,
                          const struct cause *cause);
void bugs_same_cause_clean_up(struct bugs_same_cause *same);

/* Its line; with the plan itself where `same` is given. */
void bugs_put_entry(FILE *lines, const struct bugs_told *told, const struct bugs_same_cause *same);

/* --- what became of an entry ----------------------------------------------------------------- */

enum bugs_fate {
    BUGS_STILL_FAILS,
    BUGS_FIXED,   /* its plans are ok */
    BUGS_CHANGED, /* to another signature */
    BUGS_SKIPPED, /* it was recorded on what this program is not */
};

struct bugs_judgement {
    enum bugs_fate fate;
    char signature[BUGBASE_SIGNATURE_MAX + 1]; /* of the entry */
    char detail[512]; /* of whom it was recorded on; the other signature; which plan still fails */
    bool other_options; /* it was recorded on this target with other options */
    char target[512];   /* what it was recorded on, with its options */
};

/* Brings up the backends that entries ask for, one at a time. All zero: none yet. */
struct bugs_judge {
    const struct run_options *backend;
    struct run *run;
};

/* Runs the small plan of an entry and, where that does not fail as before, the one found first. */
enum error_code bugs_judge(struct bugs_judge *judge, const char *base, const char *name,
                           struct bugs_judgement *ret_judgement, struct error *error)
    __attribute__((warn_unused_result));
void bugs_judge_clean_up(struct bugs_judge *judge);

/*
 * The options of `target` that this program is to be called with anew to judge what was recorded
 * there, for below; NULL: it is another program, was called with options, or needs none.
 */
const char *bugs_options_to_call_with(const char *target);

/* As bugs_judge does, in a process that is called with these options. */
enum error_code bugs_judge_with_options(const char *options, const char *base, const char *name,
                                        struct bugs_judgement *judgement, struct error *error)
    __attribute__((warn_unused_result));

#endif
