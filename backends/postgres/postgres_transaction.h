/* SPDX-License-Identifier: Apache-2.0 */
/* Which text surely opens or ends a transaction or a savepoint, as actions of plans do. */
#ifndef POSTGRES_POSTGRES_TRANSACTION_H
#define POSTGRES_POSTGRES_TRANSACTION_H

#include <interplay/subject.h>

/* As struct subject says. */
enum subject_transaction postgres_transaction_of(const char *sql,
                                                 char ret_name[SUBJECT_WORDS_BYTES]);

#endif
