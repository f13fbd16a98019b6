/* SPDX-License-Identifier: Apache-2.0 */
/* What SQLite promises, as its documentation says; docs/architecture.md shows the same. */
#ifndef SQLITE_SQLITE_PROMISES_H
#define SQLITE_SQLITE_PROMISES_H

#include <interplay/subject.h>

extern const struct promises sqlite_promises;

/* A pool chooses the journal itself, and shares the database with whoever else there is. */
void sqlite_settings_of_pool(int32_t settings[SUBJECT_SETTINGS_MAX]);

/* Their connections have caches of their own: shared ones refuse where a pool would wait. */
void sqlite_settings_of_no_pool(int32_t settings[SUBJECT_SETTINGS_MAX]);

#endif
