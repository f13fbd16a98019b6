/* SPDX-License-Identifier: Apache-2.0 */
/* Locks and threads are used as POSIX defines, handles of the database while they live. */
#include "base/text.h"
#include "oracle/oracle.h"

#include <stdio.h>

static void on_misuse(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    char words[64], signature[96];
    text_signature_words(event->text, words, sizeof words);
    (void)snprintf(signature, sizeof signature, "misuse/%s", words);
    verdict_violation(verdict, event_interaction(event), signature, "%s: %s",
                      event->detail == EVENT_MISUSE_OF_HANDLE
                          ? "no database allows what happened"
                          : "POSIX does not define what happened",
                      event->text);
}

static const struct oracle_handler handlers[] = {{EVENT_misuse, on_misuse}, {0}};

const struct oracle_ops oracle_misuse_ops = {.handlers = handlers};
