/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which database a plan is for. Settings and actions are those that all databases share, and those
 * of this one: the rows of its tables, backends/X/X_settings.def and X_ops.def.
 */
#ifndef PLAN_DATABASE_H
#define PLAN_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

enum plan_database {
    DATABASE_ALL, /* of a row: all have it; of a plan: it says of none, and runs on whichever */
#define DATABASE(number, name, is_remote, is_mortal) DATABASE_##name,
#include "generated/databases.def"
#undef DATABASE
    DATABASE_COUNT
};

struct plan_database_info {
    const char *name;
    uint8_t number; /* wire number */
    bool is_remote; /* it is spoken to over a network */
    bool is_mortal; /* and its server can be killed */
};

extern const struct plan_database_info plan_database_infos[DATABASE_COUNT];

/* DATABASE_ALL: there is no such one. */
enum plan_database plan_database_named(const char *name);
enum plan_database plan_database_numbered(uint32_t number);

#endif
