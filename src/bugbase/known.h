/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known findings: a file of signatures that are counted and passed over, so that a bug that is
 * found in the first minute does not hide the next one. One a line:
 *
 *     # reported, https://example.org/bugs/1
 *     snapshot/final-content/t0/missing-row
 *     error-class/interrupted*   # whatever was interrupted
 *
 * A trailing * stands for any rest, a * alone for everything. Blank lines and what follows a # (at
 * the start of a line or after a blank) are comments.
 */
#ifndef BUGBASE_KNOWN_H
#define BUGBASE_KNOWN_H

#include "oracle/verdict.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct known_finding {
    char signature[sizeof((struct verdict){0}.signature)]; /* without the *, if it had one */
    bool is_prefix;                                        /* it had one */
    uint64_t times;                                        /* that it was met */
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

/* True when `signature` is known; the first line that knows it counts it. */
bool known_match(struct known_findings *known, const char *signature);

/* "known: SIGNATURE 12 times", a line for each that was met, in the order of the file. */
void known_print(const struct known_findings *known, FILE *out);

#endif
