/* SPDX-License-Identifier: Apache-2.0 */
/* The backends that `interplay` was built with, for the option --backend. */
#include "cli/cli.h"

#include <string.h>

static const struct run_options backends[] = {
    {.backend = &interplay_backend_sqlite, .environment = &interplay_environment_sqlite},
    {.backend = &interplay_backend_memory, .environment = &interplay_environment_memory},
};

const struct run_options *cli_backend(const char *name)
{
    for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++)
        if (name == NULL || strcmp(backends[i].backend->name, name) == 0)
            return &backends[i];
    return NULL;
}

enum generate_subject cli_subject(const struct run_options *backend)
{
    return backend->backend->capabilities & BACKEND_HAS_MODEL ? GENERATE_FOR_DATABASE
                                                              : GENERATE_FOR_POOL;
}

int cli_unknown_backend(const char *command, const char *name)
{
    return cli_usage_error(command, "--backend wants sqlite or memory, not '%s'", name);
}
