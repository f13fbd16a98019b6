/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan has configured of SQL Server, as the database and its connections are told. */
#ifndef MSSQL_MSSQL_SETTINGS_H
#define MSSQL_MSSQL_SETTINGS_H

#include <interplay/backend.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mssql_setting {
#define CONFIG(number, byte, scope, name, ...) MSSQL_SETTING_##name,
#include "mssql/mssql_settings.def"
#undef CONFIG
};

enum mssql_isolation {
    MSSQL_READ_COMMITTED,
    MSSQL_REPEATABLE_READ,
    MSSQL_SNAPSHOT,
    MSSQL_SERIALIZABLE,
    MSSQL_READ_UNCOMMITTED,
};

enum { MSSQL_SETUP_BYTES = 128 };

/* A statement that the database gets before a plan. */
const char *mssql_settings_database(const int32_t *settings);

/* For struct backend_options: statements, and parameters. */
void mssql_settings_setup(const int32_t *settings, char ret_setup[MSSQL_SETUP_BYTES]);
void mssql_settings_parameters(const int32_t *settings,
                               char ret_parameters[BACKEND_PARAMETERS_BYTES]);

#endif
