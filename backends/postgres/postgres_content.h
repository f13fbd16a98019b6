/* SPDX-License-Identifier: Apache-2.0 */
/* What the database holds, as a connection sees it. */
#ifndef POSTGRES_POSTGRES_CONTENT_H
#define POSTGRES_POSTGRES_CONTENT_H

#include <interplay/subject.h>

/* As struct subject_world_ops says. */
void postgres_read_content(struct subject_instance *instance, struct subject_look *look,
                           const struct subject_sink *sink);

#endif
