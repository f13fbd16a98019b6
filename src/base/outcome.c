/* SPDX-License-Identifier: Apache-2.0 */
/* The names of outcomes; see the public header. */
#include <interplay/backend.h>

const char *const interplay_outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_OK] = "ok",
    [OUTCOME_ROW] = "row",
    [OUTCOME_BUSY] = "busy",
    [OUTCOME_BUSY_SNAPSHOT] = "busy_snapshot",
    [OUTCOME_LOCKED] = "locked",
    [OUTCOME_CONSTRAINT] = "constraint",
    [OUTCOME_INTERRUPTED] = "interrupted",
    [OUTCOME_IO_ERROR] = "io_error",
    [OUTCOME_FULL] = "full",
    [OUTCOME_NO_MEMORY] = "no_memory",
    [OUTCOME_CANNOT_OPEN] = "cannot_open",
    [OUTCOME_PROTOCOL] = "protocol",
    [OUTCOME_SCHEMA] = "schema",
    [OUTCOME_SQL_ERROR] = "sql_error",
    [OUTCOME_CORRUPT] = "corrupt",
    [OUTCOME_READONLY] = "readonly",
    [OUTCOME_MISUSE] = "misuse",
    [OUTCOME_DIED] = "died",
    [OUTCOME_TIMEOUT] = "timeout",
    [OUTCOME_CLOSED] = "closed",
    [OUTCOME_ROLLED_BACK] = "rolled_back",
    [OUTCOME_IN_DOUBT] = "in_doubt",
    [OUTCOME_OTHER] = "other",
    [OUTCOME_DEADLOCK] = "deadlock",
};
