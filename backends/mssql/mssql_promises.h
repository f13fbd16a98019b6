/* SPDX-License-Identifier: Apache-2.0 */
/* What Interplay's own TDS server promises (mssql_promises.c). */
#ifndef MSSQL_MSSQL_PROMISES_H
#define MSSQL_MSSQL_PROMISES_H

#include <interplay/subject.h>

extern const struct promises mssql_promises;

#endif
