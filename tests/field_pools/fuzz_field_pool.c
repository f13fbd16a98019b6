/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool that keeps all that a pool can promise. --mistake=NAME plants a mistake that the field has
 * made; --mistake=list lists them with the signatures that each may be found with.
 */
#include "field_pool.h"
#include "generated/subjects.h"

#include <interplay/fuzz.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MISTAKE(name, signatures, meaning) void plant_##name(void);
#include "field_mistakes.def"
#undef MISTAKE

static const struct {
    const char *name, *signatures, *meaning;
    void (*plant)(void);
} mistakes[] = {
#define MISTAKE(name, signatures, meaning) {#name, signatures, meaning, plant_##name},
#include "field_mistakes.def"
#undef MISTAKE
};
enum { MISTAKES = sizeof mistakes / sizeof mistakes[0] };

static _Noreturn void list_mistakes(void)
{
    for (size_t i = 0; i < MISTAKES; i++)
        printf("%s %s %s\n", mistakes[i].name, mistakes[i].signatures, mistakes[i].meaning);
    exit(fflush(stdout) == 0 ? 0 : 2);
}

static enum error_code take_mistake(struct fuzz_setup *setup, const char *value,
                                    struct error *error)
{
    (void)setup;
    if (strcmp(value, "list") == 0)
        list_mistakes();
    for (size_t i = 0; i < MISTAKES; i++) {
        if (strcmp(mistakes[i].name, value) == 0) {
            mistakes[i].plant();
            return ERROR_NONE;
        }
    }
    return interplay_error(error, ERROR_USAGE,
                           "option '--mistake': no mistake '%s' (--mistake=list lists them)",
                           value);
}

static const struct fuzz_option options[] = {
    {"mistake", "plant this mistake in the pool ('list' lists them)", take_mistake},
    {NULL, NULL, NULL},
};

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_field_pool",
    .subject = &interplay_subject_sqlite,
    .stack = &field_pool,
    .options = options,
};
