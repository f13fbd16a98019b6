/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_settings.h"

#include <stdio.h>
#include <string.h>

static const char *const isolation_levels[] = {
    [POSTGRES_READ_COMMITTED] = "read committed",
    [POSTGRES_REPEATABLE_READ] = "repeatable read",
    [POSTGRES_SERIALIZABLE] = "serializable",
};
static const char *const protocols[] = {"extended", "prepared", "simple"};
static const char *const synchronous_commits[] = {"on", "local", "off"};
enum { COMMITS = sizeof synchronous_commits / sizeof synchronous_commits[0] };

void postgres_settings_setup(const int32_t *settings, char ret_setup[POSTGRES_SETUP_BYTES])
{
    (void)snprintf(ret_setup, POSTGRES_SETUP_BYTES,
                   "SET default_transaction_isolation = '%s';%s%s"
                   "SET synchronous_commit = %s",
                   isolation_levels[settings[POSTGRES_SETTING_isolation_level]],
                   settings[POSTGRES_SETTING_read_only] != 0 /* else it is the pool's to say */
                       ? "SET default_transaction_read_only = on;"
                       : "",
                   settings[POSTGRES_SETTING_deferrable] != 0
                       ? "SET default_transaction_deferrable = on;"
                       : "",
                   synchronous_commits[settings[POSTGRES_SETTING_synchronous_commit]]);
}

void postgres_settings_parameters(const int32_t *settings,
                                  char ret_parameters[BACKEND_PARAMETERS_BYTES])
{
    (void)snprintf(ret_parameters, BACKEND_PARAMETERS_BYTES, "protocol=%s%s%s waits=forever",
                   protocols[settings[POSTGRES_SETTING_protocol]],
                   settings[POSTGRES_SETTING_rows] != 0 ? " rows=all" : "",
                   settings[POSTGRES_SETTING_values] != 0 ? " values=binary" : "");
}

bool postgres_settings_of_modes(const char *modes, int32_t *settings)
{
    static const char name[] = "synchronous_commit=";
    if (strncmp(modes, name, sizeof name - 1) != 0)
        return false;
    for (int32_t i = 0; i < COMMITS; i++) {
        if (strcmp(modes + sizeof name - 1, synchronous_commits[i]) != 0)
            continue;
        settings[POSTGRES_SETTING_synchronous_commit] = i;
        return true;
    }
    return false;
}
