/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the oracles say of a run. A violation has a signature, the few facts that tell two bugs
 * apart, and a report that a person understands. Two runs found the same bug when their signatures
 * are equal.
 */
#ifndef ORACLE_VERDICT_H
#define ORACLE_VERDICT_H

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict_kind {
    VERDICT_OK,
    VERDICT_VIOLATION, /* an oracle's claim does not hold: a finding */
    /* Those below are never findings: what is tested was not judged. */
    VERDICT_PLAN_ERROR,    /* the plan asks for what its rules forbid (documents only) */
    VERDICT_LIMIT,         /* the simulation could not do what was asked of it */
    VERDICT_HARNESS_ERROR, /* something that the harness needs does not work */
};

struct verdict {
    enum verdict_kind kind;
    char signature[96]; /* "oracle/kind/fact": no spaces, no numbers that vary from run to run */
    char report[2048];  /* a few lines of text, the last without newline */
    size_t interaction; /* where it was noticed; SIZE_MAX: after the last one */
};

/* Records a violation unless one is there already: the first one counts. Printf-style report. */
void verdict_violation(struct verdict *verdict, size_t interaction, const char *signature,
                       const char *report_format, ...) __attribute__((format(printf, 4, 5)));

/*
 * The interaction in which a violation was noticed; SIZE_MAX: after the last one, or there is none.
 */
static inline size_t verdict_violated(const struct verdict *verdict)
{
    return verdict->kind == VERDICT_VIOLATION ? verdict->interaction : SIZE_MAX;
}

/* Nobody knows whether what is tested does right. */
static inline bool verdict_is_error(const struct verdict *verdict)
{
    return verdict->kind != VERDICT_OK && verdict->kind != VERDICT_VIOLATION;
}

/* Of one that is an error: fills `error` with its place and its report; returns the code. */
enum error_code verdict_error(const struct verdict *verdict, struct error *error);

void verdict_plan_error(struct verdict *verdict, size_t interaction, const char *report_format, ...)
    __attribute__((format(printf, 3, 4)));

/* `what` names the limit, as in world_meet_limit. */
void verdict_limit(struct verdict *verdict, size_t interaction, const char *what);

void verdict_harness_error(struct verdict *verdict, size_t interaction, const char *report_format,
                           ...) __attribute__((format(printf, 3, 4)));

#endif
