/* SPDX-License-Identifier: Apache-2.0 */
/* The groups that actions are in (groups.def): what a profile gives a weight to. */
#ifndef GENERATE_GROUP_H
#define GENERATE_GROUP_H

#include "plan/action.h"

enum generate_group {
#define GROUP(name, meaning) GROUP_##name,
#include "generate/groups.def"
#undef GROUP
    GROUP_COUNT
};

struct generate_group_info {
    const char *name;
    const char *meaning;
};
extern const struct generate_group_info generate_group_infos[GROUP_COUNT];

/* By the columns of the action; never GROUP_faults. */
enum generate_group generate_group_of(enum plan_action action);

#endif
