/* SPDX-License-Identifier: Apache-2.0 */
/* What a database has no words for is drawn by no profile. */
#include "generate/families.h"

#include "plan/sql.h"

void generate_profile_limit(struct generate_profile *profile, enum dialect dialect)
{
    for (uint32_t action = 0; action < ACTION_COUNT; action++)
        if (!plan_sql_can_say((enum plan_action)action, dialect))
            profile->actions[action] = 0;
    profile->savepoint_needs_transaction = !plan_savepoint_begins(dialect);
}

void generate_families_limit(struct generate_families *families, enum dialect dialect)
{
    for (uint32_t i = 0; i < families->count; i++)
        generate_profile_limit(&families->profiles[i], dialect);
}
