/* SPDX-License-Identifier: Apache-2.0 */
/* What PostgreSQL promises, and where its manual (version 15) says so. */
#ifndef POSTGRES_POSTGRES_PROMISES_H
#define POSTGRES_POSTGRES_PROMISES_H

#include <interplay/subject.h>

extern const struct promises postgres_promises;

#endif
