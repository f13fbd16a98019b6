/* SPDX-License-Identifier: Apache-2.0 */
/* Survivors of a power loss, and the content at the end. */
#include "oracle/snapshot_content.h"

#include <stdio.h>

/* The last position that must survive. */
static uint32_t promised_position(const struct history *history, enum survival survival)
{
    switch (survival) {
    case SURVIVES_ALL:
        return history->returned;
    case SURVIVES_ALL_BUT_LAST:
        return history->returned == 0 ? 0 : history->returned - 1;
    case SURVIVES_SYNCED:
        return history->synced;
    case SURVIVES_UNCLAIMED:
        return 0;
    }
    return 0;
}

void snapshot_lose_power(struct history *history, enum survival survival)
{
    uint32_t promised = promised_position(history, survival);
    history->survivor_floor = promised > history->kept ? promised : history->kept;
    history->acknowledged = history->returned;
}

bool snapshot_recover(struct history *history, const struct model_database *content)
{
    if (history->dropped != NULL && model_database_equal(history->dropped, content))
        history_restore_dropped(history);
    for (uint32_t position = history->head + 1; position-- > history->survivor_floor;) {
        if (!model_database_equal(history->versions[position], content))
            continue;
        history_truncate(history, position);
        history->returned = history->synced = history->kept = position;
        return true;
    }
    return false;
}

void snapshot_explain_loss(struct snapshot_oracle *oracle, const struct history *history,
                           const struct model_database *content)
{
    for (uint32_t position = 0; position < history->survivor_floor; position++) {
        if (model_database_equal(history->versions[position], content)) {
            (void)snprintf(oracle->kind, sizeof oracle->kind, "lost-commit");
            (void)snprintf(oracle->why, sizeof oracle->why,
                           "after the power loss the database is at commit %u, but commit %u was "
                           "acknowledged and promised to survive",
                           position, history->survivor_floor);
            return;
        }
    }
    struct model_difference difference;
    model_database_difference(history_head(history), content, &difference);
    (void)snprintf(oracle->kind, sizeof oracle->kind, "no-prefix/%s", difference.kind);
    (void)snprintf(
        oracle->why, sizeof oracle->why,
        "after the power loss the database is at no commit at all; against the last one: %s",
        difference.text);
}

bool snapshot_judge_end(struct snapshot_oracle *oracle, const struct model_database *content)
{
    for (uint32_t i = 0; i < oracle->history_count; i++) {
        const struct history *history = &oracle->histories[i];
        if (model_database_equal(history_head(history), content) ||
            (history->dropped != NULL && model_database_equal(history->dropped, content)))
            return true;
    }
    struct model_difference difference;
    model_database_difference(history_head(&oracle->histories[0]), content, &difference);
    (void)snprintf(oracle->kind, sizeof oracle->kind, "final-content/%s", difference.kind);
    (void)snprintf(oracle->why, sizeof oracle->why,
                   "after every connection was closed, a new one does not read what was "
                   "committed: %s",
                   difference.text);
    return false;
}
