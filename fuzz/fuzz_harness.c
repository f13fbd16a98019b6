/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a stack answers, the harness itself neither crashes nor hangs nor asserts, and its
 * verdicts are of those kinds that the lies deserve: what was found wrong in answers. Memory and
 * locks, which the stack does not lie about, are in order. --canary=misuse and --canary=spin plant
 * mistakes in it that no lie explains.
 */
#include "lying_stack.h"

#include "generated/subjects.h"

#include <interplay/fuzz.h>

#include <string.h>

static const char *const deserved[] = {
    "busy/", "deadlock/signal", "durability/", "error-class/", "expectation/", "isolation/",
    "log/",  "pool/",           "property/",   "snapshot/",    NULL,
};

static enum error_code plant(struct fuzz_setup *setup, const char *value, struct error *error)
{
    (void)setup;
    lying_stack_misuses_locks = strcmp(value, "misuse") == 0;
    lying_stack_spins = strcmp(value, "spin") == 0;
    if (lying_stack_misuses_locks || lying_stack_spins)
        return ERROR_NONE;
    return interplay_error(error, ERROR_USAGE, "--canary=%s: there are: misuse, spin", value);
}

static enum error_code take_limits(struct fuzz_setup *setup, const char *value, struct error *error)
{
    (void)setup;
    if (strcmp(value, "met") != 0)
        return interplay_error(error, ERROR_USAGE, "--limits=%s: there is: met", value);
    lying_stack_meets_limits = true;
    return ERROR_NONE;
}

static enum error_code take_stack(struct fuzz_setup *setup, const char *value, struct error *error)
{
    if (strcmp(value, "plain") == 0)
        setup->stack = &lying_stack_plain;
    else if (strcmp(value, "cursors") == 0)
        setup->stack = &lying_stack_cursors;
    else
        return interplay_error(error, ERROR_USAGE, "--stack=%s: there are: plain, cursors", value);
    return ERROR_NONE;
}

/* With other promises, and what they bring along of the oracles. */
static enum error_code take_subject(struct fuzz_setup *setup, const char *value,
                                    struct error *error)
{
    if (strcmp(value, "memory") == 0)
        setup->subject = interplay_subject_memory;
    else if (strcmp(value, "store") == 0)
        setup->subject = interplay_subject_store;
    else
        return interplay_error(error, ERROR_USAGE, "--subject=%s: there are: memory, store", value);
    return ERROR_NONE;
}

static const struct fuzz_option options[] = {
    {"canary", "plants a mistake: misuse, or spin", plant},
    {"stack", "what the stack can do: plain, or cursors (without it: everything)", take_stack},
    {"subject", "what is below the stack: memory, or store (without it: sqlite)", take_subject},
    {"limits", "lets the stack meet limits of the harness: met", take_limits},
    {NULL, NULL, NULL},
};

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_harness",
    .subject = &interplay_subject_sqlite,
    .stack = &lying_stack,
    .before_plan = lying_stack_reset,
    .options = options,
    .deserved = deserved,
};
