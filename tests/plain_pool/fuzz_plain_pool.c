/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan asks of a pool that takes everything as it is asked is judged as without a pool.
 * --mistake=NAME plants a mistake; --mistake=list lists them with the signatures that each may be
 * found with.
 */
#include "generated/subjects.h"
#include "plain_pool.h"

#include <interplay/fuzz.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *signatures, *meaning;
} mistakes[] = {
#define MISTAKE(name, signatures, meaning) {#name, signatures, meaning},
    PLAIN_MISTAKES(MISTAKE)
#undef MISTAKE
};

static void list_mistakes(void)
{
    for (size_t i = 1; i < sizeof mistakes / sizeof mistakes[0]; i++)
        printf("%s %s %s\n", mistakes[i].name, mistakes[i].signatures, mistakes[i].meaning);
    exit(0);
}

static enum error_code take_mistake(struct fuzz_setup *setup, const char *value,
                                    struct error *error)
{
    (void)setup;
    if (strcmp(value, "list") == 0)
        list_mistakes();
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        if (strcmp(mistakes[i].name, value) == 0) {
            plain_pool_mistake = (enum plain_mistake)i;
            return ERROR_NONE;
        }
    }
    return interplay_error(error, ERROR_USAGE, "option '--mistake': '%s' is none of them", value);
}

static const struct fuzz_option options[] = {
    {"mistake", "plants a mistake in the pool; list: lists them", take_mistake},
    {NULL, NULL, NULL},
};

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_plain_pool",
    .subject = &interplay_subject_sqlite,
    .stack = &plain_pool,
    .options = options,
};
