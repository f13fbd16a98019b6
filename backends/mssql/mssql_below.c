/* SPDX-License-Identifier: Apache-2.0 */
#include "mssql/mssql_below.h"

/* In the order that FreeTDS' own files have. */
#include <config.h>

#include <freetds/tds.h>

#include <sybfront.h>

#include <sybdb.h>

#include <dblib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void mssql_interrupt(struct tds_dblib_dbprocess *process)
{
    (void)tds_send_cancel(process->tds_socket);
}

void mssql_wait_without_asking(struct tds_dblib_dbprocess *process)
{
    /* Connections see it as constant; it is not. */
    TDSCONTEXT *context = (TDSCONTEXT *)(uintptr_t)process->tds_socket->conn->tds_ctx;
    context->int_handler = NULL;
}

/* Its memory is FreeTDS', which is not simulated. */
#undef free

static void free_call(DBREMOTE_PROC *call)
{
    for (DBREMOTE_PROC_PARAM *value = call->param_list, *next; value != NULL; value = next) {
        next = value->next;
        free(value->name);
        free(value);
    }
    free(call->name);
    free(call);
}

void mssql_forget_call(struct tds_dblib_dbprocess *process)
{
    for (DBREMOTE_PROC *call = process->rpc, *next; call != NULL; call = next) {
        next = call->next;
        free_call(call);
    }
    process->rpc = NULL;
}

bool mssql_in_transaction(const struct tds_dblib_dbprocess *process)
{
    static const TDS_UCHAR none[sizeof process->tds_socket->conn->tds72_transaction];
    return memcmp(process->tds_socket->conn->tds72_transaction, none, sizeof none) != 0;
}
