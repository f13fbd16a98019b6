/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan has configured of PostgreSQL, as connections are told. */
#ifndef POSTGRES_POSTGRES_SETTINGS_H
#define POSTGRES_POSTGRES_SETTINGS_H

#include "base/text.h"

#include <interplay/backend.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum postgres_setting {
#define CONFIG(number, byte, scope, name, ...) POSTGRES_SETTING_##name,
#include "postgres/postgres_settings.def"
#undef CONFIG
};

enum postgres_isolation {
    POSTGRES_READ_COMMITTED,
    POSTGRES_REPEATABLE_READ,
    POSTGRES_SERIALIZABLE,
};

enum { POSTGRES_SETUP_BYTES = 384 };

/* For struct backend_options: statements, and parameters. Locks are waited for without a limit. */
void postgres_settings_setup(const int32_t *settings, char ret_setup[POSTGRES_SETUP_BYTES]);
void postgres_settings_parameters(const int32_t *settings,
                                  char ret_parameters[BACKEND_PARAMETERS_BYTES]);

/*
 * The same for all sessions that begin in a database, as its defaults, where a connection is not to
 * set them: statements.
 */
void postgres_settings_defaults(const char *setup, const char *database, struct text *sql);

/*
 * SETTING=VALUE, both of them: who has the first gets the second. False: no setting has such
 * values.
 */
bool postgres_settings_replace(int32_t *settings, const char *from, const char *to);

/* As struct subject says. */
bool postgres_settings_of_modes(const char *modes, int32_t *settings);

#endif
