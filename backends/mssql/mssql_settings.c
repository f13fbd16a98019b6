/* SPDX-License-Identifier: Apache-2.0 */
#include "mssql/mssql_settings.h"

#include <stdio.h>

static const char *const levels[] = {
    [MSSQL_READ_COMMITTED] = "READ COMMITTED",
    [MSSQL_REPEATABLE_READ] = "REPEATABLE READ",
    [MSSQL_SNAPSHOT] = "SNAPSHOT",
    [MSSQL_SERIALIZABLE] = "SERIALIZABLE",
    [MSSQL_READ_UNCOMMITTED] = "READ UNCOMMITTED",
};

const char *mssql_settings_database(const int32_t *settings)
{
    return settings[MSSQL_SETTING_read_committed_snapshot] != 0
               ? "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON"
               : "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT OFF";
}

void mssql_settings_setup(const int32_t *settings, char ret_setup[MSSQL_SETUP_BYTES])
{
    (void)snprintf(ret_setup, MSSQL_SETUP_BYTES,
                   "SET TRANSACTION ISOLATION LEVEL %s; SET XACT_ABORT %s",
                   levels[settings[MSSQL_SETTING_transaction_isolation]],
                   settings[MSSQL_SETTING_xact_abort] != 0 ? "ON" : "OFF");
}

void mssql_settings_parameters(const int32_t *settings,
                               char ret_parameters[BACKEND_PARAMETERS_BYTES])
{
    (void)snprintf(ret_parameters, BACKEND_PARAMETERS_BYTES, "protocol=%s packet=%d%s",
                   settings[MSSQL_SETTING_send] == 0 ? "rpc" : "batch",
                   (int)settings[MSSQL_SETTING_packet],
                   settings[MSSQL_SETTING_lock_timeout] == 0 ? " waits=forever" : "");
}
