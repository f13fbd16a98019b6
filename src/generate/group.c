/* SPDX-License-Identifier: Apache-2.0 */
/* From the columns of an action to its group. */
#include "generate/group.h"

const struct generate_group_info generate_group_infos[GROUP_COUNT] = {
#define GROUP(name, meaning) {#name, meaning},
#include "generate/groups.def"
#undef GROUP
};

static bool is_about(const struct plan_action_info *info, enum plan_section section)
{
    return info->opens == section || info->closes == section || info->within == section;
}

/* Where only what it does to the content counts. */
static const uint8_t groups[EFFECT_COUNT] = {
    [EFFECT_NONE] = GROUP_sleeps,
    [EFFECT_READ] = GROUP_reads,
    [EFFECT_ROWS] = GROUP_writes,
    [EFFECT_SCHEMA] = GROUP_ddl,
    [EFFECT_NUMBER] = GROUP_writes,
    [EFFECT_READ_NUMBER] = GROUP_reads,
    [EFFECT_LOCK_ROWS] = GROUP_reads,
    [EFFECT_CURSOR] = GROUP_reads,
    [EFFECT_FETCH] = GROUP_reads,
    [EFFECT_ASIDE] = GROUP_maintenance,
    [EFFECT_BEGIN] = GROUP_transactions,
    [EFFECT_COMMIT] = GROUP_transactions,
    [EFFECT_ROLLBACK] = GROUP_transactions,
    [EFFECT_PREPARE] = GROUP_transactions,
    [EFFECT_COMMIT_PREPARED] = GROUP_transactions,
    [EFFECT_ROLLBACK_PREPARED] = GROUP_transactions,
    [EFFECT_SAVEPOINT] = GROUP_savepoints,
    [EFFECT_RELEASE] = GROUP_savepoints,
    [EFFECT_ROLLBACK_TO] = GROUP_savepoints,
    [EFFECT_LOOK] = GROUP_reads,
    [EFFECT_REPORT] = GROUP_maintenance,
    [EFFECT_OUTSIDE] = GROUP_maintenance,
    [EFFECT_UNKNOWN] = GROUP_writes,
};

enum generate_group generate_group_of(enum plan_action action)
{
    const struct plan_action_info *info = &plan_action_infos[action];
    if (is_about(info, SECTION_STREAM))
        return GROUP_streams;
    if (is_about(info, SECTION_LEASE) || is_about(info, SECTION_POOL))
        return GROUP_pool;
    if (info->needs & NEEDS_TARGET)
        return GROUP_cancels;
    if (info->draw.moment == MOMENT_HELD)
        return GROUP_pauses;
    return (enum generate_group)groups[info->effect];
}
