/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With a bug planted in it, SQLite must be found wrong, by the oracle that the bug is for; without one it must
 * not. The option --canary=NAME plants one; --canary=list lists them with the oracles that may find each.
 */
#include "canary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum error_code take_canary(struct fuzz_setup *setup, const char *value, struct error *error)
{
    if (strcmp(value, "list") == 0) {
        for (size_t i = 0; i < canary_count; i++)
            printf("%-18s %-31s %s\n", canaries[i].name, canaries[i].oracles, canaries[i].meaning);
        exit(fflush(stdout) == 0 ? 0 : 2);
    }
    const struct canary *canary = canary_find(value);
    if (canary == NULL)
        return interplay_error(error, ERROR_USAGE,
                               "option '--canary': no canary '%s' (--canary=list lists them)",
                               value);
    if (setup->backend != &interplay_backend_sqlite)
        return interplay_error(error, ERROR_USAGE, "option '--canary': one at a time");
    canary->install(setup);
    return ERROR_NONE;
}

static const struct fuzz_option options[] = {
    {"canary", "plant this bug ('list' lists them)", take_canary},
    {NULL, NULL, NULL},
};

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_canary",
    .backend = &interplay_backend_sqlite,
    .environment = &interplay_environment_sqlite,
    .options = options,
};
