/* SPDX-License-Identifier: Apache-2.0 */
/* The harness's look at an SQLite database: what it holds, and what it finds wrong with itself. */
#ifndef SQLITE_SQLITE_CONTENT_H
#define SQLITE_SQLITE_CONTENT_H

#include <interplay/subject.h>

/* For subject_world_ops. */
void sqlite_read_content(struct subject_instance *instance, struct subject_look *look,
                         const struct subject_sink *sink);
void sqlite_check_integrity(struct subject_instance *instance, struct subject_look *look,
                            struct subject_damage *ret_damage);

#endif
