/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL Server, or what speaks as it does (TDS 7.4), as a database of Interplay's, on FreeTDS'
 * db-lib. Production code: nothing of the simulation is in it.
 */
#ifndef MSSQL_MSSQL_BACKEND_H
#define MSSQL_MSSQL_BACKEND_H

#include <interplay/backend.h>

/*
 * A target is "server=HOST port=PORT user=USER ..." (mssql_target.h). Parameters: protocol=rpc
 * (with values by sp_executesql, the default) or protocol=batch (always one text); packet=BYTES,
 * what packets are to be at most; waits=forever, for locks, whatever the busy timeout.
 *
 * db-lib has one pair of handlers for errors and messages in a process: they are this backend's.
 */
extern const struct backend_ops interplay_backend_mssql;

#endif
