/* SPDX-License-Identifier: Apache-2.0 */
/* What SQLite's codes are to the harness. */
#ifndef SQLITE_SQLITE_BACKEND_H
#define SQLITE_SQLITE_BACKEND_H

#include <interplay/backend.h>

/* Of an extended result code. */
enum outcome sqlite_outcome_of(int code);

#endif
