/* SPDX-License-Identifier: Apache-2.0 */
/* Counting, and joining what was counted. */
#include "explore/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_before(struct tally_place left, struct tally_place right)
{
    return left.stage != right.stage ? left.stage < right.stage : left.number < right.number;
}

static void take_first(struct tally_place *first, struct tally_place other)
{
    if (is_before(other, *first))
        *first = other;
}

void tally_add_outcome(struct tally *tally, uint64_t hash, uint64_t count, struct tally_place first)
{
    size_t slot = hash % TALLY_SLOTS;
    while (tally->slots[slot] != 0 && tally->outcomes[tally->slots[slot] - 1].hash != hash)
        slot = (slot + 1) % TALLY_SLOTS;
    if (tally->slots[slot] != 0) {
        struct tally_outcome *outcome = &tally->outcomes[tally->slots[slot] - 1];
        outcome->count += count;
        take_first(&outcome->first, first);
    } else if (tally->outcome_count == TALLY_OUTCOMES_MAX) {
        tally->other_outcomes += count;
    } else {
        tally->outcomes[tally->outcome_count++] = (struct tally_outcome){hash, count, first};
        tally->slots[slot] = tally->outcome_count;
    }
}

void tally_add_finding(struct tally *tally, const char *signature, uint64_t count,
                       struct tally_place first)
{
    for (uint32_t i = 0; i < tally->finding_count; i++) {
        if (strcmp(tally->findings[i].signature, signature) != 0)
            continue;
        tally->findings[i].count += count;
        take_first(&tally->findings[i].first, first);
        return;
    }
    if (tally->finding_count == TALLY_FINDINGS_MAX) {
        tally->other_findings += count;
        return;
    }
    struct tally_finding *finding = &tally->findings[tally->finding_count++];
    finding->count = count;
    finding->first = first;
    (void)snprintf(finding->signature, sizeof finding->signature, "%s", signature);
}

void tally_add_limits(struct tally *tally, uint64_t count, struct tally_place first)
{
    if (count == 0)
        return;
    if (tally->limits == 0)
        tally->first_limit = first;
    else
        take_first(&tally->first_limit, first);
    tally->limits += count;
}

void tally_join(struct tally *tally, const struct tally *part)
{
    for (uint32_t i = 0; i < part->outcome_count; i++)
        tally_add_outcome(tally, part->outcomes[i].hash, part->outcomes[i].count,
                          part->outcomes[i].first);
    for (uint32_t i = 0; i < part->finding_count; i++)
        tally_add_finding(tally, part->findings[i].signature, part->findings[i].count,
                          part->findings[i].first);
    tally->other_outcomes += part->other_outcomes;
    tally->other_findings += part->other_findings;
    tally_add_limits(tally, part->limits, part->first_limit);
}

static int by_place(struct tally_place left, struct tally_place right)
{
    return is_before(left, right) ? -1 : is_before(right, left);
}

static int compare_outcomes(const void *left, const void *right)
{
    return by_place(((const struct tally_outcome *)left)->first,
                    ((const struct tally_outcome *)right)->first);
}

static int compare_findings(const void *left, const void *right)
{
    return by_place(((const struct tally_finding *)left)->first,
                    ((const struct tally_finding *)right)->first);
}

void tally_sort(struct tally *tally)
{
    qsort(tally->outcomes, tally->outcome_count, sizeof *tally->outcomes, compare_outcomes);
    qsort(tally->findings, tally->finding_count, sizeof *tally->findings, compare_findings);
}
