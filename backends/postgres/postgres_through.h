/* SPDX-License-Identifier: Apache-2.0 */
/* The pooler that plans run through, process-wide, and what it makes of them (struct subject). */
#ifndef POSTGRES_POSTGRES_THROUGH_H
#define POSTGRES_POSTGRES_THROUGH_H

#include "postgres/postgres_pooler.h"

#include <interplay/subject.h>

/*
 * From now on there is one, as `what` says (postgres_pooler.h), and people have been told. Fails
 * where it is not installed, or where there is one already.
 */
enum error_code postgres_go_through(const char *what, struct error *error)
    __attribute__((warn_unused_result));

/* Once there is one. */
const struct postgres_pooler *postgres_pooler_between(void);
const struct subject_between *postgres_between(void);

#endif
