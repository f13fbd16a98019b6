/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slate as a subject: its lid is as the plan says, and who finds it closed has somebody to blame.
 */
#include "generated/subjects.h"
#include "slate/slate.h"

static enum error_code slate_open(struct subject_instance **ret_instance, const char *setup_sql,
                                  struct error *error)
{
    (void)setup_sql, (void)error;
    *ret_instance = NULL;
    return ERROR_NONE;
}

static void slate_close(struct subject_instance *instance)
{
    (void)instance;
}

static void slate_reset(struct subject_instance *instance, const struct subject_start *start)
{
    (void)instance;
    slate_close_lid(start->settings[0] != 0);
}

static void slate_connection(struct subject_instance *instance, struct backend_options *ret_options)
{
    (void)instance;
    ret_options->target = "slate";
}

static const struct subject_world_ops world = {
    .open = slate_open,
    .close = slate_close,
    .reset = slate_reset,
    .connection = slate_connection,
};

static const struct promises promises = {.permits = {[OUTCOME_READONLY] = SITUATION_CONTENDED}};

const struct subject interplay_subject_slate = {
    .name = "slate",
    .backend = &slate_backend,
    .world = &world,
    .promises = &promises,
};
