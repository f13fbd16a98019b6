/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database says of itself that it is sound, and can be read. The signature keeps the words of the
 * first finding and drops its numbers.
 */
#include "oracle/oracle.h"

#include <stdio.h>
#include <string.h>

static void judge_findings(const struct event *event, struct verdict *verdict)
{
    char words[64], signature[96];
    const char *first = event->text;
    if (strcmp(first, "ok") == 0)
        return;
    if (strncmp(first, "*** in database", 15) == 0 && strchr(first, '\n') != NULL)
        first = strchr(first, '\n') + 1; /* a heading */
    verdict_words(first, words, sizeof words);
    (void)snprintf(signature, sizeof signature, "integrity/%s", words);
    verdict_violation(verdict, event_interaction(event), signature, "the database is damaged: %s",
                      event->text);
}

static void judge_unreadable(const struct event *event, struct verdict *verdict)
{
    char signature[96];
    const char *outcome = interplay_outcome_names[event->detail];
    (void)snprintf(signature, sizeof signature, "integrity/unreadable-%s", outcome);
    verdict_violation(verdict, event_interaction(event), signature,
                      "a new connection cannot read the database: %s: %s", outcome, event->text);
}

static void on_event(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    (event->kind == EVENT_integrity ? judge_findings : judge_unreadable)(event, verdict);
}

const struct oracle_ops oracle_integrity_ops = {.on_event = on_event};
