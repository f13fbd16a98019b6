/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL as a subject: a private server or somebody's, and how it lives in the simulated world.
 */
#include "generated/subjects.h"
#include "postgres/postgres_backend.h"
#include "postgres/postgres_content.h"
#include "postgres/postgres_database.h"
#include "postgres/postgres_pooled.h"
#include "postgres/postgres_promises.h"
#include "postgres/postgres_settings.h"
#include "postgres/postgres_through.h"
#include "postgres/postgres_transaction.h"
#include "postgres/postgres_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct subject_instance {
    struct postgres_database database;
    struct postgres_watch watch;
    struct net net;
    const struct postgres_pooler *pooler; /* NULL: clients talk to the server */
    struct postgres_pooled pooled;
    bool may_have_prepared; /* transactions that are there still */
    char *setup_sql;
    char setup[POSTGRES_SETUP_BYTES]; /* of a new connection, for the plan at hand */
    char parameters[BACKEND_PARAMETERS_BYTES];
    char limit[sizeof((struct error *)NULL)->message + 32]; /* that was met; for people */
};

/* --- opening ---------------------------------------------------------------------------------- */

static void meet_limit(struct subject_instance *instance, const char *what,
                       const struct error *error)
{
    (void)snprintf(instance->limit, sizeof instance->limit, "%s: %s", what, error->message);
    world_meet_limit(instance->limit);
}

static bool crash(void *context, pid_t process)
{
    struct subject_instance *instance = context;
    struct error error;
    if (!postgres_database_is_mortal(&instance->database))
        return false;
    if (postgres_database_crash(&instance->database, process, &error) != ERROR_NONE)
        meet_limit(instance, "PostgreSQL that was killed", &error);
    else
        (void)postgres_watch_reopen(&instance->watch);
    return true;
}

static enum error_code open_database(struct subject_instance *instance, bool is_mortal,
                                     struct error *error)
{
    enum error_code code =
        postgres_database_open(&instance->database, instance->setup_sql, is_mortal, error);
    if (code != ERROR_NONE)
        return code;
    if (instance->pooler != NULL)
        code =
            postgres_pooled_open(&instance->pooled, instance->pooler, &instance->database, error);
    if (code != ERROR_NONE)
        return code;
    bool can_stop = instance->database.somebodys == NULL;
    bool is_watched =
        postgres_watch_open(&instance->watch, &instance->database.monitor, can_stop,
                            instance->pooler == NULL ? NULL : &instance->pooled.process);
    instance->watch.crash = instance->pooler == NULL ? crash : NULL;
    instance->watch.context = instance;
    if (!is_watched)
        return postgres_monitor_fail(instance->database.monitor.pg,
                                     "PostgreSQL does not say who is in whose way: ", error);
    net_open(&instance->net, &postgres_protocol, &instance->watch);
    return ERROR_NONE;
}

static void close_database(struct subject_instance *instance)
{
    net_close_all(&instance->net);
    net_close_kept(&instance->net);
    postgres_pooled_close(&instance->pooled);
    postgres_database_close(&instance->database);
}

static void world_close_instance(struct subject_instance *instance)
{
    close_database(instance);
    free(instance->setup_sql);
    free(instance);
}

static enum error_code open_instance(struct subject_instance **ret_instance,
                                     const struct postgres_pooler *pooler, const char *setup_sql,
                                     struct error *error)
{
    struct subject_instance *instance = calloc(1, sizeof *instance);
    if (instance != NULL)
        *instance = (struct subject_instance){.pooler = pooler, .setup_sql = strdup(setup_sql)};
    if (instance == NULL || instance->setup_sql == NULL) {
        free(instance);
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    }
    enum error_code code = open_database(instance, false, error);
    if (code != ERROR_NONE) {
        world_close_instance(instance);
        return code;
    }
    *ret_instance = instance;
    return ERROR_NONE;
}

static enum error_code world_open_instance(struct subject_instance **ret_instance,
                                           const char *setup_sql, struct error *error)
{
    return open_instance(ret_instance, NULL, setup_sql, error);
}

static enum error_code world_open_pooled(struct subject_instance **ret_instance,
                                         const char *setup_sql, struct error *error)
{
    return open_instance(ret_instance, postgres_pooler_between(), setup_sql, error);
}

/* --- each plan -------------------------------------------------------------------------------- */

/* In a process that was forked, when the server has died, or once in a while. */
static enum error_code open_anew(struct subject_instance *instance, bool is_mortal,
                                 struct error *error)
{
    close_database(instance);
    return open_database(instance, is_mortal, error);
}

static enum error_code set_back(struct subject_instance *instance,
                                const struct subject_start *start, struct error *error)
{
    struct postgres_database *database = &instance->database;
    enum error_code code = postgres_database_is_usable(database, start->ends_server)
                               ? ERROR_NONE
                               : open_anew(instance, start->ends_server, error);
    if (code == ERROR_NONE && start->may_prepare)
        code = postgres_database_take_names(database, error);
    if (code == ERROR_NONE && instance->pooler != NULL)
        code = postgres_pooled_rest(&instance->pooled, database, error);
    if (code != ERROR_NONE)
        return code;
    bool schema_is_old = instance->watch.has_changed_schema;
    code = postgres_database_set_back(database, start->is_empty, schema_is_old, error);
    if (code == ERROR_NONE && instance->pooler != NULL)
        code = postgres_pooled_begin(&instance->pooled, database, instance->setup, error);
    return code;
}

static bool world_end_prepared(struct subject_instance *instance, bool is_over)
{
    bool has_ended =
        instance->may_have_prepared && postgres_database_end_prepared(&instance->database);
    if (has_ended)
        postgres_watch_ask_again(&instance->watch);
    if (is_over) {
        instance->may_have_prepared = false;
        postgres_database_give_names(&instance->database);
    }
    return has_ended;
}

static void world_set_back(struct subject_instance *instance, const struct subject_start *start)
{
    struct error error;
    net_close_all(&instance->net);
    (void)world_end_prepared(instance, true);
    postgres_settings_setup(start->settings, instance->setup);
    postgres_settings_parameters(start->settings, instance->parameters);
    if (set_back(instance, start, &error) != ERROR_NONE)
        meet_limit(instance, "the clean state of PostgreSQL", &error);
    instance->may_have_prepared = start->may_prepare;
    instance->watch.was_used = instance->watch.has_changed_schema = false;
    world->net = &instance->net;
}

static bool world_is_set_back(struct subject_instance *instance)
{
    return instance->database.is_set_back;
}

static void world_connection(struct subject_instance *instance, struct backend_options *ret_options)
{
    ret_options->target = instance->database.target;
    ret_options->setup = instance->setup;
    memcpy(ret_options->parameters, instance->parameters, sizeof ret_options->parameters);
    if (instance->pooler == NULL)
        return;
    ret_options->target = instance->pooled.target;
    if (!postgres_pooler_takes_setup(instance->pooler))
        ret_options->setup = NULL;
}

/* It looks at the server, whoever waits for the pooler. */
static void world_look_connection(struct subject_instance *instance,
                                  struct backend_options *options)
{
    options->target = instance->database.target;
    options->setup = instance->setup;
}

static void world_resources(struct subject_instance *instance,
                            struct subject_resources *ret_resources)
{
    *ret_resources = (struct subject_resources){.open_files = net_sockets(&instance->net)};
}

/* It may have recovered by itself. */
static void world_check_integrity(struct subject_instance *instance, struct subject_look *look,
                                  struct subject_damage *ret_damage)
{
    (void)look;
    if (instance->database.somebodys == NULL &&
        postgres_server_crashed(ret_damage->text, sizeof ret_damage->text))
        (void)snprintf(ret_damage->words, sizeof ret_damage->words, "server-crashed");
}

static uint64_t world_blockers(struct subject_instance *instance, void *waiting,
                               void *const *connections, uint32_t count)
{
    return postgres_watch_blockers(&instance->watch, waiting, connections, count);
}

#define WORLD_OPS                                                                                  \
    .close = world_close_instance, .reset = world_set_back, .connection = world_connection,        \
    .is_set_back = world_is_set_back, .look_connection = world_look_connection,                    \
    .resources = world_resources, .read_content = postgres_read_content,                           \
    .check_integrity = world_check_integrity, .blockers = world_blockers,                          \
    .end_prepared = world_end_prepared
static const struct subject_world_ops world_ops = {.open = world_open_instance, WORLD_OPS};
static const struct subject_world_ops pooled_world_ops = {.open = world_open_pooled, WORLD_OPS};

static enum error_code put_through(const char *what, struct subject *subject, struct error *error)
{
    enum error_code code = postgres_go_through(what, error);
    if (code != ERROR_NONE)
        return code;
    subject->world = &pooled_world_ops;
    subject->between = postgres_between();
    return ERROR_NONE;
}

static const char *const passes_on[] = {"net_", NULL};

const struct subject interplay_subject_postgres = {
    .name = "postgres",
    .backend = &interplay_backend_postgres,
    .world = &world_ops,
    .promises = &postgres_promises,
    .passes_on = passes_on,
    .settings_of_modes = postgres_settings_of_modes,
    .transaction_of = postgres_transaction_of,
    .targets = &postgres_targets,
    .through = put_through,
};
