/* SPDX-License-Identifier: Apache-2.0 */
/* What a program between clients and the database makes of plans (struct subject_between). */
#include "run/state.h"

static bool supports_own(const struct subject *subject, const struct interaction *interaction)
{
    char sql[PLAN_SQL_BYTES];
    struct text text;
    enum dialect dialect = subject->backend->dialect;
    if (!plan_sql_can_say((enum plan_action)interaction->action, dialect))
        return true;
    text_init(&text, sql, sizeof sql);
    (void)plan_sql(interaction, 0, dialect, &text);
    return subject->between->supports(sql);
}

bool run_supports(const struct subject *subject, const struct interaction *interaction)
{
    if (subject->between == NULL)
        return true;
    return interaction->sql != NULL ? subject->between->supports(interaction->sql)
                                    : supports_own(subject, interaction);
}

bool run_takes_pool(const struct subject *subject, const struct plan_config *config)
{
    int32_t connections =
        plan_config_get(config, PLAN_CONFIG_readers) + plan_config_get(config, PLAN_CONFIG_writers);
    return subject->between == NULL ||
           (subject->between->takes_setup && subject->between->sessions >= (uint32_t)connections);
}
