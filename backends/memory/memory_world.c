/* SPDX-License-Identifier: Apache-2.0 */
/* The memory backend as a subject: there is no storage, and what it promises is little. */
#include "generated/subjects.h"
#include "memory/memory_internal.h"

#include <stdlib.h>

static enum error_code memory_open(struct subject_instance **ret_instance, const char *setup_sql,
                                   struct error *error)
{
    (void)setup_sql;
    struct subject_instance *instance = calloc(1, sizeof *instance);
    if (instance == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    memory_reset_handles(instance);
    world->subject = instance;
    *ret_instance = instance;
    return ERROR_NONE;
}

static void memory_close(struct subject_instance *instance)
{
    memory_reset_handles(instance);
    world->subject = NULL;
    free(instance);
}

static void memory_reset(struct subject_instance *instance, const struct subject_start *start)
{
    (void)start;
    memory_reset_handles(instance);
}

static void memory_connection(struct subject_instance *instance,
                              struct backend_options *ret_options)
{
    (void)instance;
    ret_options->target = "memory";
}

static void memory_resources(struct subject_instance *instance,
                             struct subject_resources *ret_resources)
{
    *ret_resources = (struct subject_resources){.allocations = instance->left};
}

static const struct subject_world_ops memory_world = {
    .open = memory_open,
    .close = memory_close,
    .reset = memory_reset,
    .connection = memory_connection,
    .resources = memory_resources,
};

static const struct promises promises = {
    .permits =
        {
            [OUTCOME_BUSY] = SITUATION_CONTENDED | SITUATION_STORAGE_FAULT | SITUATION_DROP,
            [OUTCOME_SCHEMA] = SITUATION_CONTENDED,
        },
};

/* There is nothing in it but calls to the simulator. */
static const char *const passes_on[] = {"memory_", "cross", NULL};

const struct subject interplay_subject_memory = {
    .name = "memory",
    .backend = &interplay_backend_memory,
    .world = &memory_world,
    .promises = &promises,
    .passes_on = passes_on,
};
