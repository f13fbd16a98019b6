/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_pooled.h"

#include "base/text.h"
#include "postgres/postgres_watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SESSIONS_LIMIT_MS = 10 * 1000, SQL_BYTES = 2048 };

enum error_code postgres_pooled_open(struct postgres_pooled *pooled,
                                     const struct postgres_pooler *pooler,
                                     const struct postgres_database *database, struct error *error)
{
    *pooled = (struct postgres_pooled){0};
    enum error_code code =
        postgres_pooler_open(&pooled->process, pooler, database->server, database->number, error);
    (void)snprintf(pooled->target, sizeof pooled->target,
                   "host='%s' port=%d dbname=%s user=" POSTGRES_USER
                   " connect_timeout=30 application_name=" POSTGRES_CLIENT_UNNAMED,
                   pooled->process.host, pooled->process.port, database->name);
    return code;
}

void postgres_pooled_close(struct postgres_pooled *pooled)
{
    postgres_pooler_stop(&pooled->process);
}

/* For people: what is told of it besides is that connections were lost. */
static void tell_of_end(struct postgres_pooled *pooled)
{
    char log[1024];
    if (postgres_pooler_has_ended(&pooled->process, log, sizeof log))
        (void)fprintf(stderr, "interplay: the pooler has ended: %s\n", log);
}

static bool has_sessions(struct postgres_database *database)
{
    PGresult *rows = postgres_monitor_ask(
        &database->monitor,
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_type = "
        "'client backend' AND pid <> pg_backend_pid()",
        NULL);
    bool has = rows != NULL && PQntuples(rows) > 0;
    PQclear(rows);
    return has;
}

enum error_code postgres_pooled_rest(struct postgres_pooled *pooled,
                                     struct postgres_database *database, struct error *error)
{
    tell_of_end(pooled);
    postgres_pooler_stop(&pooled->process);
    for (int waited = 0; has_sessions(database); waited++) {
        if (waited > 2 * SESSIONS_LIMIT_MS)
            return interplay_error(error, ERROR_BACKEND,
                                   "sessions outlive their pooler by 10 s or more");
        (void)usleep(500);
    }
    return ERROR_NONE;
}

static bool set_defaults(struct postgres_pooled *pooled, struct postgres_database *database,
                         const char *setup)
{
    char bytes[SQL_BYTES];
    struct text sql;
    if (strcmp(pooled->defaults, setup) == 0)
        return true;
    text_init(&sql, bytes, sizeof bytes);
    postgres_settings_defaults(setup, database->name, &sql);
    (void)snprintf(pooled->defaults, sizeof pooled->defaults, "%s", setup);
    return !sql.truncated && postgres_monitor_run(&database->monitor, bytes);
}

enum error_code postgres_pooled_begin(struct postgres_pooled *pooled,
                                      struct postgres_database *database, const char *setup,
                                      struct error *error)
{
    bool is_set = postgres_pooler_takes_setup(pooled->process.pooler) ||
                  set_defaults(pooled, database, setup);
    return is_set ? postgres_pooler_start(&pooled->process, error)
                  : postgres_monitor_fail(database->monitor.pg, "defaults: ", error);
}
