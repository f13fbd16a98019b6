/* SPDX-License-Identifier: Apache-2.0 */
/* What the service answers: each path is one statement with at most one parameter. */
#ifndef HTTP_SERVER_ROUTES_H
#define HTTP_SERVER_ROUTES_H

#include <interplay/pool.h>

struct route {
    const char *method, *path;
    const char *parameter; /* ?parameter=NUMBER; NULL: none */
    bool writes;
    struct read_statement read;
    struct write_statement write;
};

extern const char *const routes_setup; /* SQL that makes what they need */

/* NULL: there is nothing at this place. */
const struct route *route_find(const char *method, const char *path);

#endif
