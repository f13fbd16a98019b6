/* SPDX-License-Identifier: Apache-2.0 */
/* What tests draw plans for. */
#ifndef TESTS_SUBJECTS_H
#define TESTS_SUBJECTS_H

#include "generate/generate.h"

#define FOR_SQLITE         ((struct generate_subject){GENERATE_FOR_DATABASE, DATABASE_sqlite, NULL})
#define FOR_POOL_ON_SQLITE ((struct generate_subject){GENERATE_FOR_POOL, DATABASE_sqlite, NULL})
#define FOR_MEMORY         ((struct generate_subject){GENERATE_FOR_POOL, DATABASE_memory, NULL})

#endif
