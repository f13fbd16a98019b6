/* SPDX-License-Identifier: Apache-2.0 */
/* The whole database, as a connection of the harness sees it (struct subject_world_ops). */
#ifndef MSSQL_MSSQL_CONTENT_H
#define MSSQL_MSSQL_CONTENT_H

#include <interplay/subject.h>

void mssql_read_content(struct subject_instance *instance, struct subject_look *look,
                        const struct subject_sink *sink);

#endif
