/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known findings: a file of signatures that are counted and passed over, so that a bug that is
 * found in the first minute does not hide the next one. One a line:
 *
 *     # reported, https://example.org/bugs/1
 *     snapshot/final-content/t0/missing-row
 *     error-class/interrupted*   # whatever was interrupted
 *     snapshot/lost-update@0f3d5a11   # only with this cause (cause.h)
 *
 * A trailing * stands for any rest, a * alone for everything. A signature without a cause stands
 * for all that ends so. Blank lines and what follows a # (at the start of a line or after a blank)
 * are comments.
 */
#ifndef BUGBASE_KNOWN_H
#define BUGBASE_KNOWN_H

#include "bugbase/cause.h"
#include "oracle/verdict.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct known_finding {
    char signature[sizeof((struct verdict){0}.signature)]; /* without the *, if it had one */
    bool is_prefix;                                        /* it had one */
    char cause[CAUSE_HASH_DIGITS + 1];                     /* "": any */
    uint64_t times;                                        /* that it was met */
    uint64_t unchecked; /* times that it was taken for met, by the signature alone */
};

/* In the order of the file. All zero: nothing is known. */
struct known_findings {
    struct known_finding *items; /* on the heap */
    size_t count;
};

/*
 * Reads the list in `path`. A line that is no signature ("oracle/kind", as oracles write them) is
 * ERROR_INPUT, "PATH:LINE: what was expected, what was found".
 */
enum error_code known_load(struct known_findings *ret_known, const char *path, struct error *error)
    __attribute__((warn_unused_result));
void known_clean_up(struct known_findings *known);

/* What a list says of a finding that was not made small. */
enum known_look {
    KNOWN_NOT,
    KNOWN_WHATEVER_CAUSE,
    KNOWN_WITH_CAUSE, /* there are lines with causes: it depends */
};
enum known_look known_look(const struct known_findings *known, const char *signature);

/*
 * True when `signature` is known with this cause; the first line that knows it counts it. A cause
 * that nobody knows (NULL, too) is that of the first line with this signature, which counts it as
 * unchecked.
 */
bool known_match(struct known_findings *known, const char *signature, const struct cause *cause);

/*
 * "known: SIGNATURE 12 times", a line for each that was met, in the order of the file, and one with
 * "SIGNATURE@HASH,by-signature" for those that nobody checked.
 */
void known_print(const struct known_findings *known, FILE *out);

#endif
