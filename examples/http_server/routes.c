/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger of numbers, and two statements that take their time. */
#include "routes.h"

#include <string.h>

const char *const routes_setup = "CREATE TABLE IF NOT EXISTS entries(amount INTEGER NOT NULL)";

static const struct route routes[] = {
    {.method = "POST",
     .path = "/add",
     .parameter = "amount",
     .writes = true,
     .write = {{.sql = "INSERT INTO entries(amount) VALUES (?1) RETURNING rowid",
                .parameter_count = 1,
                .column_count = 1,
                .parameters = {VALUE_INTEGER},
                .columns = {VALUE_INTEGER}}}},
    {.method = "GET",
     .path = "/total",
     .read = {{.sql = "SELECT count(*), coalesce(sum(amount), 0) FROM entries",
               .column_count = 2,
               .columns = {VALUE_INTEGER, VALUE_INTEGER}}}},
    {.method = "GET",
     .path = "/count",
     .parameter = "to",
     .read = {{.sql = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n"
                      " WHERE i < ?1) SELECT max(i) FROM n",
               .parameter_count = 1,
               .column_count = 1,
               .parameters = {VALUE_INTEGER},
               .columns = {VALUE_INTEGER}}}},
    /* Never ends by itself. */
    {.method = "GET",
     .path = "/wait",
     .read = {{.sql = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n)"
                      " SELECT max(i) FROM n",
               .column_count = 1,
               .columns = {VALUE_INTEGER}}}},
};

const struct route *route_find(const char *method, const char *path)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (strcmp(routes[i].path, path) == 0 && strcmp(routes[i].method, method) == 0)
            return &routes[i];
    return NULL;
}
