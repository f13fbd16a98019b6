/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bug base: what was found, one folder a signature and cause (cause.h), so that a thousand
 * crashes of ten bugs are ten entries, or few more. In each:
 *
 *     plan.json          the plan that was found first
 *     shrunk_plan.json   the same finding made small, where somebody did that
 *     config.json        what it was run on
 *     failure.json       what is wrong, when it was seen, how often
 *
 * Any number of processes may use a base at once, and may be killed at any moment. Whoever changes
 * it holds a lock (flock on a hidden file), which falls with its process. An entry is made in a
 * hidden folder, synced, and renamed into place; it is taken away the other way round; files are
 * replaced at once. Readers take no lock: whatever they see is whole. What a killed process leaves
 * is hidden, and goes with the next change or with bugbase_tidy.
 *
 * `base` is the path of the base's folder everywhere.
 */
#ifndef BUGBASE_BUGBASE_H
#define BUGBASE_BUGBASE_H

#include "bugbase/entry.h"
#include "bugbase/name.h"

#include <interplay/error.h>

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Makes the folder unless there is one; its parent must exist. */
enum error_code bugbase_create(const char *base, struct error *error)
    __attribute__((warn_unused_result));

struct bugbase_recorded {
    bool is_new;
    char name[BUGBASE_NAME_BYTES]; /* of the entry */
    enum bugbase_shrunk shrunk;    /* whether there is a small plan already */
};

/*
 * Whether there are entries of this signature, and only the cause of a finding tells whether it is
 * one of them.
 */
enum error_code bugbase_asks_cause(bool *ret_asks, const char *base, const char *signature,
                                   struct error *error) __attribute__((warn_unused_result));

/*
 * Counts the finding where its signature and cause have an entry, else makes one. One without a
 * small plan stands for its signature whatever the cause, and so does the first one for a finding
 * whose cause nobody knows. Fails with ERROR_IO when files cannot be written, with ERROR_INPUT when
 * an entry of the signature is malformed; then nothing has changed.
 */
enum error_code bugbase_record(const char *base, const struct bugbase_finding *finding,
                               struct bugbase_recorded *ret_recorded, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Stores the small plan of the entry called `name`, and where it is minimal its cause; a small plan
 * that is there already stays, as does a base whose entry somebody has removed in the meantime.
 */
enum error_code bugbase_add_shrunk(const char *base, const char *name,
                                   const struct bugbase_small *small, struct error *error)
    __attribute__((warn_unused_result));

/* The names of all entries in their order, malformed or not. On the heap. */
struct bugbase_names {
    char **items;
    size_t count;
};
enum error_code bugbase_list(struct bugbase_names *ret_names, const char *base, struct error *error)
    __attribute__((warn_unused_result));
void bugbase_names_clean_up(struct bugbase_names *names);

/*
 * The one entry that `word` means: its signature, with "@" and the hash of its cause or not, its
 * name, or the beginning of any that only one entry has. An index into `names`.
 */
enum error_code bugbase_find(size_t *ret_index, const struct bugbase_names *names, const char *base,
                             const char *word, struct error *error)
    __attribute__((warn_unused_result));

/* Reads the entry called `name`; entry_clean_up releases it. */
enum error_code bugbase_read(struct bugbase_entry *ret_entry, const char *base, const char *name,
                             struct error *error) __attribute__((warn_unused_result));

/* Whether there is an entry called `name`, malformed or not. */
bool bugbase_has(const char *base, const char *name);

/* Where a plan of the entry called `name` is; the small one only where `shrunk` says so. */
enum bugbase_plan { BUGBASE_PLAN_FOUND, BUGBASE_PLAN_SHRUNK };
enum error_code bugbase_plan_path(char ret_path[PATH_MAX], const char *base, const char *name,
                                  enum bugbase_plan plan, struct error *error)
    __attribute__((warn_unused_result));

/* Takes the whole entry away, with whatever is in its folder. */
enum error_code bugbase_remove(const char *base, const char *name, struct error *error)
    __attribute__((warn_unused_result));

/* Told of each left-over; `path` is only valid during the call. */
typedef void bugbase_tidy_fn(void *context, const char *path);

/* Removes (unless `is_dry`) what killed processes have left. Fails for a folder that is no base. */
enum error_code bugbase_tidy(const char *base, bool is_dry, bugbase_tidy_fn *tell, void *context,
                             struct error *error) __attribute__((warn_unused_result));

#endif
