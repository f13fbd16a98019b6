/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite with failures on demand: a decorator around interplay_backend_sqlite for tests of the
 * pool. One failure at a time: on the steps of statements that begin with a given text, or on
 * connecting. What uses it may run in several threads, but not at the same time.
 */
#ifndef FAULTY_BACKEND_H
#define FAULTY_BACKEND_H

#include <interplay/backend.h>

enum faulty_effect {
    FAULTY_NOTHING_HAPPENS,
    FAULTY_IT_HAPPENS, /* the step is made all the same */
    FAULTY_ROLLS_BACK, /* the database ends the transaction by itself */
};

#define FAULTY_CONNECT "(connect)" /* as a prefix: connecting fails */

struct faulty_plan {
    const char *prefix; /* of the statement's text; NULL: no failure */
    enum outcome outcome;
    uint32_t times; /* so many steps fail */
    enum faulty_effect effect;
};

extern struct faulty_plan faulty_plan;

/* What was asked of the backend since faulty_reset. */
struct faulty_counts {
    uint32_t failures;               /* that the plan caused */
    uint32_t steps;                  /* that `prefix` fits, those that failed included */
    int32_t connections, statements; /* that exist */
    char last_prepared[128];
};

extern struct faulty_counts faulty_counts;

void faulty_reset(void);

extern const struct backend_ops faulty_backend;
/* The same, but it says that it is an SQL Server. */
extern const struct backend_ops faulty_mssql_backend;

#endif
