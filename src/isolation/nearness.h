/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How near a history that a level permits comes to one that it forbids, for engines: they keep
 * plans that come nearer. A few states, whatever the history is.
 */
#ifndef ISOLATION_NEARNESS_H
#define ISOLATION_NEARNESS_H

#include "isolation/graph.h"

/*
 * `graph` is of the history and breaks none of `rules`. Of more than 64 transactions nothing is
 * said.
 */
struct isolation_nearness nearness_find(const struct isolation_history *history,
                                        const struct graph *graph, uint32_t rules);

#endif
