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

void postgres_settings_defaults(const char *setup, const char *database, struct text *sql)
{
    text_append_format(sql, "ALTER DATABASE %s RESET ALL;", database);
    while (*setup != '\0') {
        size_t length = strcspn(setup, ";");
        text_append_format(sql, "ALTER DATABASE %s ", database);
        text_append_bytes(sql, setup, length);
        text_append(sql, ";");
        setup += length + (setup[length] == ';');
    }
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

/* --- by name ---------------------------------------------------------------------------------- */

struct named_value {
    const char *name;
    int32_t number;
};

#define V(name, number) {name, number},
#define CONFIG(number, byte, scope, name, kind, weights, meaning, values)                          \
    static const struct named_value name##_values[] = {values{NULL, 0}};
#include "postgres/postgres_settings.def"
#undef CONFIG

static const struct {
    const char *name;
    const struct named_value *values;
} named[] = {
#define CONFIG(number, byte, scope, name, ...) {#name, name##_values},
#include "postgres/postgres_settings.def"
#undef CONFIG
};
#undef V
enum { NAMED = sizeof named / sizeof named[0] };

/* SETTING=VALUE; false: there is no such thing. */
static bool find_value(const char *text, size_t *ret_setting, int32_t *ret_number)
{
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < NAMED; i++) {
        bool is_it = strlen(named[i].name) == length && strncmp(named[i].name, text, length) == 0;
        for (const struct named_value *value = named[i].values; is_it && value->name != NULL;
             value++) {
            if (text[length] != '=' || strcmp(text + length + 1, value->name) != 0)
                continue;
            *ret_setting = i;
            *ret_number = value->number;
            return true;
        }
    }
    return false;
}

bool postgres_settings_replace(int32_t *settings, const char *from, const char *to)
{
    size_t setting = 0, second = 0;
    int32_t old = 0, new = 0;
    if (!find_value(from, &setting, &old) || !find_value(to, &second, &new) || second != setting)
        return false;
    if (settings[setting] == old)
        settings[setting] = new;
    return true;
}
