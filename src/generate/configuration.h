/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing the configuration of a plan. */
#ifndef GENERATE_CONFIGURATION_H
#define GENERATE_CONFIGURATION_H

#include "generate/generate.h"

/*
 * Draws what stands between clients and database first; what only pools have is the simplest where
 * there is none.
 */
void draw_configuration(struct plan_config *ret_config, struct random *random,
                        struct generate_subject subject);

#endif
