/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever clients do with this pool, no connection is handed out in a transaction or dead, and
 * nobody waits beside a free one. None of that holds: --fixed=return,broken,wakeup fixes one
 * mistake or several, so that the next one shows.
 */
#include "generated/subjects.h"
#include "naive_pool.h"
#include "naive_stack.h"

#include <interplay/fuzz.h>

#include <string.h>

static const struct {
    const char *name;
    enum naive_mistake mistake;
} mistakes[] = {
    {"return", NAIVE_RETURN},
    {"broken", NAIVE_BROKEN},
    {"wakeup", NAIVE_WAKEUP},
};

/* The bit of the mistake that is called so; 0: none is. */
static uint32_t find_mistake(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        if (strlen(mistakes[i].name) == length && memcmp(mistakes[i].name, name, length) == 0)
            return mistakes[i].mistake;
    return 0;
}

static enum error_code take_fixed(struct fuzz_setup *setup, const char *value, struct error *error)
{
    (void)setup;
    for (const char *name = value;;) {
        size_t length = strcspn(name, ",");
        uint32_t mistake = find_mistake(name, length);
        if (mistake == 0)
            return interplay_error(error, ERROR_USAGE,
                                   "option '--fixed': '%.*s' is none of return, broken, wakeup",
                                   (int)length, name);
        naive_pool_fixed |= mistake;
        if (name[length] == '\0')
            return ERROR_NONE;
        name += length + 1;
    }
}

static const struct fuzz_option options[] = {
    {"fixed", "mistakes that are fixed: return, broken, wakeup, with commas between", take_fixed},
    {NULL, NULL, NULL},
};

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_naive_pool",
    .subject = &interplay_subject_memory,
    .stack = &naive_stack,
    .options = options,
};
