/* SPDX-License-Identifier: Apache-2.0 */
/* The option that plants a canary. */
#include "canary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct canary *canary_planted;

static const struct canary *find(const char *name)
{
    for (size_t i = 0; i < canary_count; i++)
        if (strcmp(canaries[i].name, name) == 0)
            return &canaries[i];
    return NULL;
}

static _Noreturn void list(void)
{
    for (size_t i = 0; i < canary_count; i++)
        printf("%-23s %-31s %s\n", canaries[i].name, canaries[i].signatures, canaries[i].meaning);
    exit(fflush(stdout) == 0 ? 0 : 2);
}

static enum error_code take_canary(struct fuzz_setup *setup, const char *value, struct error *error)
{
    if (strcmp(value, "list") == 0)
        list();
    const struct canary *canary = find(value);
    if (canary == NULL)
        return interplay_error(error, ERROR_USAGE,
                               "option '--canary': no canary '%s' (--canary=list lists them)",
                               value);
    if (canary_planted != NULL)
        return interplay_error(error, ERROR_USAGE, "option '--canary': one at a time");
    canary_planted = canary;
    canary->install(setup);
    return ERROR_NONE;
}

const struct fuzz_option canary_options[] = {
    {"canary", "plant this bug ('list' lists them)", take_canary},
    {NULL, NULL, NULL},
};
