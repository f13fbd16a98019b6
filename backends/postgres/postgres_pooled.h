/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan's database by way of a pooler: its process from plan to plan, the sessions that it leaves
 * behind, and where the settings of a plan are told.
 */
#ifndef POSTGRES_POSTGRES_POOLED_H
#define POSTGRES_POSTGRES_POOLED_H

#include "postgres/postgres_database.h"
#include "postgres/postgres_pooler_process.h"
#include "postgres/postgres_settings.h"

struct postgres_pooled {
    struct postgres_pooler_process process;
    char target[POSTGRES_CONNECTION_BYTES]; /* for connections */
    char defaults[POSTGRES_SETUP_BYTES];    /* of sessions in the database, as set last */
};

enum error_code postgres_pooled_open(struct postgres_pooled *pooled,
                                     const struct postgres_pooler *pooler,
                                     const struct postgres_database *database, struct error *error)
    __attribute__((warn_unused_result));

/* There may be nothing to stop. */
void postgres_pooled_close(struct postgres_pooled *pooled);

/* No client is there: stops it, and sees its sessions to their end. */
enum error_code postgres_pooled_rest(struct postgres_pooled *pooled,
                                     struct postgres_database *database, struct error *error)
    __attribute__((warn_unused_result));

/*
 * It stands between, with no session yet. `setup` is what connections are set up to: they do it
 * themselves where they can (postgres_pooler_takes_setup), else all sessions of the database are.
 */
enum error_code postgres_pooled_begin(struct postgres_pooled *pooled,
                                      struct postgres_database *database, const char *setup,
                                      struct error *error) __attribute__((warn_unused_result));

#endif
