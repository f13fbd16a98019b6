/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that open and end transactions and savepoints, told by their text. */
#ifndef SQLITE_SQLITE_TRANSACTION_H
#define SQLITE_SQLITE_TRANSACTION_H

#include <interplay/subject.h>

/* For struct subject. */
enum subject_transaction sqlite_transaction_of(const char *sql, char ret_name[SUBJECT_WORDS_BYTES]);

#endif
