/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database says of itself that it is sound, and can be read. The signature keeps the words of
 * the first finding.
 */
#include "oracle/oracle.h"

#include <stdio.h>

static void on_integrity(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    char signature[96];
    const struct subject_damage *damage = event->damage;
    if (damage->text[0] == '\0')
        return;
    (void)snprintf(signature, sizeof signature, "integrity/%s", damage->words);
    verdict_violation(verdict, event_interaction(event), signature, "the database is damaged: %s",
                      damage->text);
}

static void on_unreadable(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    char signature[96];
    const char *outcome = interplay_outcome_names[event->detail];
    (void)snprintf(signature, sizeof signature, "integrity/unreadable-%s", outcome);
    verdict_violation(verdict, event_interaction(event), signature,
                      "a new connection cannot read the database: %s: %s", outcome, event->text);
}

static const struct oracle_handler handlers[] = {
    {EVENT_integrity, on_integrity},
    {EVENT_unreadable, on_unreadable},
    {0},
};

const struct oracle_ops oracle_integrity_ops = {.handlers = handlers};
