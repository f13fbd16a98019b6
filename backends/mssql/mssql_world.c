/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL Server's clients as a subject: FreeTDS, the backend on it, and the pool, in front of
 * Interplay's own TDS server, which is in the same simulated world.
 */
#include "generated/subjects.h"
#include "mssql/mssql_backend.h"
#include "mssql/mssql_content.h"
#include "mssql/mssql_host.h"
#include "mssql/mssql_promises.h"
#include "mssql/mssql_settings.h"

#include <stdlib.h>
#include <string.h>

struct subject_instance {
    struct mssql_host host;
    char *setup_sql;
    char setup[MSSQL_SETUP_BYTES]; /* of a new connection, for the plan at hand */
    char parameters[BACKEND_PARAMETERS_BYTES];
};

static void world_close_instance(struct subject_instance *instance)
{
    mssql_host_close(&instance->host);
    free(instance->setup_sql);
    free(instance);
}

/* False: `error` says why. */
static bool set_up(struct subject_instance *instance, const char *sql, struct error *error)
{
    struct tds_server_error said;
    if (tds_server_execute(instance->host.server, sql, NULL, NULL, &said))
        return true;
    (void)interplay_error(error, ERROR_BACKEND, "the TDS server does not take '%s': %d, %s", sql,
                          (int)said.number, said.message);
    return false;
}

static enum error_code world_open_instance(struct subject_instance **ret_instance,
                                           const char *setup_sql, struct error *error)
{
    struct subject_instance *instance = calloc(1, sizeof *instance);
    if (instance != NULL)
        instance->setup_sql = strdup(setup_sql);
    if (instance == NULL || instance->setup_sql == NULL) {
        free(instance);
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    }
    mssql_host_open(&instance->host);
    if (!set_up(instance, setup_sql, error)) {
        world_close_instance(instance);
        return ERROR_BACKEND;
    }
    *ret_instance = instance;
    return ERROR_NONE;
}

/* What was taken once is taken again. */
static void world_set_back(struct subject_instance *instance, const struct subject_start *start)
{
    struct error error;
    mssql_host_set_back(&instance->host);
    if (!set_up(instance, mssql_settings_database(start->settings), &error) ||
        (!start->is_empty && !set_up(instance, instance->setup_sql, &error)))
        world_meet_limit("the TDS server, which cannot be set back to its clean state");
    mssql_settings_setup(start->settings, instance->setup);
    mssql_settings_parameters(start->settings, instance->parameters);
}

static void world_connection(struct subject_instance *instance, struct backend_options *ret_options)
{
    ret_options->target = "server=127.0.0.1 user=interplay password=interplay";
    ret_options->setup = instance->setup;
    memcpy(ret_options->parameters, instance->parameters, sizeof ret_options->parameters);
}

/* It does not wait for locks. */
static void world_look_connection(struct subject_instance *instance,
                                  struct backend_options *options)
{
    (void)instance;
    options->parameters[0] = '\0';
}

static void world_resources(struct subject_instance *instance,
                            struct subject_resources *ret_resources)
{
    *ret_resources = (struct subject_resources){.open_files = net_sockets(&instance->host.net)};
}

static uint64_t world_blockers(struct subject_instance *instance, void *waiting,
                               void *const *connections, uint32_t count)
{
    (void)instance;
    return mssql_host_blockers(waiting, connections, count);
}

static const struct subject_world_ops world_ops = {
    .open = world_open_instance,
    .close = world_close_instance,
    .reset = world_set_back,
    .connection = world_connection,
    .resources = world_resources,
    .look_connection = world_look_connection,
    .read_content = mssql_read_content,
    .blockers = world_blockers,
};

static const char *const passes_on[] = {"net_", NULL};

const struct subject interplay_subject_mssql = {
    .name = "mssql",
    .backend = &interplay_backend_mssql,
    .world = &world_ops,
    .promises = &mssql_promises,
    .passes_on = passes_on,
};
