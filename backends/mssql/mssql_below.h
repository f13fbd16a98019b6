/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What db-lib lacks: another thread ends what a connection waits for, as FreeTDS' own ODBC driver
 * does in SQLCancel; whoever waits sleeps until something comes; and what the server says of the
 * transaction (ENVCHANGE, [MS-TDS] 2.2.7.9). The one place that looks below db-lib.
 */
#ifndef MSSQL_BELOW_H
#define MSSQL_BELOW_H

#include <stdbool.h>

struct tds_dblib_dbprocess; /* DBPROCESS */

/*
 * Asks the server to stop what runs on the connection (attention), if something does. From any
 * thread, once the request has been sent: whoever reads the answer reads on until the server has
 * acknowledged. The connection must not be closed meanwhile.
 */
void mssql_interrupt(struct tds_dblib_dbprocess *process);

/*
 * From now on, for all connections of the process: who waits is not woken once a second to ask
 * whether somebody wants it to stop (dbsetinterrupt), which mssql_interrupt says by itself.
 */
void mssql_wait_without_asking(struct tds_dblib_dbprocess *process);

/*
 * Frees the procedure call that could not be sent, with its values: db-lib does so only where the
 * connection is still alive.
 */
void mssql_forget_call(struct tds_dblib_dbprocess *process);

/* After an answer: a transaction of the connection's is open, as the server has told. */
bool mssql_in_transaction(const struct tds_dblib_dbprocess *process);

#endif
