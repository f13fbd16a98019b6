/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What db-lib lacks: another thread ends what a connection waits for. It is what FreeTDS' own ODBC
 * driver does in SQLCancel; the one place that looks below db-lib.
 */
#ifndef MSSQL_INTERRUPT_H
#define MSSQL_INTERRUPT_H

struct tds_dblib_dbprocess; /* DBPROCESS */

/*
 * Asks the server to stop what runs on the connection (attention), if something does. From any
 * thread, while another one is in a call on it or between two: that one reads on until the server
 * has acknowledged. The connection must not be closed meanwhile.
 */
void mssql_interrupt(struct tds_dblib_dbprocess *process);

#endif
