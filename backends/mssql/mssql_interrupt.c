/* SPDX-License-Identifier: Apache-2.0 */
#include "mssql/mssql_interrupt.h"

/* In the order that FreeTDS' own files have. */
#include <config.h>

#include <freetds/tds.h>

#include <sybfront.h>

#include <sybdb.h>

#include <dblib.h>

void mssql_interrupt(struct tds_dblib_dbprocess *process)
{
    (void)tds_send_cancel(process->tds_socket);
}
