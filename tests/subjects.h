/* SPDX-License-Identifier: Apache-2.0 */
/* What tests draw plans for. */
#ifndef TESTS_SUBJECTS_H
#define TESTS_SUBJECTS_H

#include "generate/generate.h"

#define FOR_SQLITE                                                                                 \
    ((struct generate_subject){.search = GENERATE_FOR_DATABASE, .database = DATABASE_sqlite})
#define FOR_POOL_ON_SQLITE                                                                         \
    ((struct generate_subject){.search = GENERATE_FOR_POOL, .database = DATABASE_sqlite})
#define FOR_MEMORY                                                                                 \
    ((struct generate_subject){.search = GENERATE_FOR_POOL, .database = DATABASE_memory})

#endif
