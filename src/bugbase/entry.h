/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bug base knows of a signature, beside the plans: failure.json (what is wrong, when and how
 * often it was seen) and config.json (what the plan was run on). docs/reading-a-finding.md has an
 * example.
 */
#ifndef BUGBASE_ENTRY_H
#define BUGBASE_ENTRY_H

#include "bugbase/cause.h"
#include "oracle/verdict.h"
#include "plan/plan.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

enum { BUGBASE_VERSION = 1 }; /* of failure.json and config.json */

/* What plans are run on. */
struct bugbase_subject {
    const char *target;  /* "interplay", "fuzz_canary --canary=NAME": the same bug needs the same */
    const char *command; /* what a shell calls to have the subcommands on it */
    const char *backend;
    const char *backend_version;
    const char *interplay_version;
};

struct bugbase_finding {
    const struct bugbase_subject *subject;
    const struct plan *plan;
    const struct verdict *verdict;
    uint64_t trace_hash;
    const char *origin;        /* for people: a file's name, or which plan of which seed */
    const struct cause *cause; /* NULL, or unknown: nobody has made it small yet */
};

struct bugbase_sighting {
    const char *time; /* UTC, ISO 8601 */
    const char *backend_version;
    const char *origin;
};

enum bugbase_shrunk {
    BUGBASE_NOT_SHRUNK,
    BUGBASE_SHRUNK, /* as far as somebody let it */
    BUGBASE_MINIMAL,
};

/* A plan that was made small, and what it came to; `verdict` NULL where that is not known. */
struct bugbase_small {
    const struct plan *plan;
    enum bugbase_shrunk shrunk;
    const struct verdict *verdict;
    uint64_t trace_hash;
};

/* The texts belong to the two trees. */
struct bugbase_entry {
    const char *signature;
    /* What came of the small plan, or where nobody has kept that, of the one found first. */
    bool tells_small;
    const char *report;
    const char *trace_hash; /* 16 hexadecimal digits */
    size_t interaction;     /* where it was noticed; SIZE_MAX: after the last one */
    uint64_t times_seen;
    struct bugbase_sighting first, last;
    enum bugbase_shrunk shrunk;
    struct cause cause;             /* of the small plan; unknown unless that is minimal */
    struct bugbase_subject subject; /* of the first sighting */
    struct json_t *failure, *config;
};

/*
 * Reads the entry in `folder`, whose last part is its name. What is missing or wrong in one of the
 * two files is an error "FILE:LINE:COLUMN: field: what was expected, what was found".
 */
enum error_code entry_read(struct bugbase_entry *ret_entry, const char *folder, struct error *error)
    __attribute__((warn_unused_result));
void entry_clean_up(struct bugbase_entry *entry);

/* Write config.json, and failure.json of what was seen for the first time, into `folder`. */
enum error_code entry_create(const char *folder, const struct bugbase_finding *finding,
                             struct error *error) __attribute__((warn_unused_result));

/* Write failure.json again, at once: seen once more; shrunk, `cause` NULL where it is not known. */
enum error_code entry_count(struct bugbase_entry *entry, const char *folder,
                            const struct bugbase_finding *finding, struct error *error)
    __attribute__((warn_unused_result));
enum error_code entry_set_shrunk(struct bugbase_entry *entry, const char *folder,
                                 const struct bugbase_small *small, const struct cause *cause,
                                 struct error *error) __attribute__((warn_unused_result));

#endif
