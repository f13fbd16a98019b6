/* SPDX-License-Identifier: Apache-2.0 */
/* Each phase goes from the last interaction to the first: what comes late is needed by fewer. */
#include "afl_trim.h"

#include "mutator_draft.h"

#include <string.h>

/* No larger than a plan, so that the draft drops nothing by lot and needs no random numbers. */
static void load(struct draft *draft, const struct afl_trim *trim)
{
    draft->count_max = PLAN_INTERACTIONS_MAX;
    draft_decode(draft, trim->best, trim->best_size);
}

void afl_trim_begin(struct afl_trim *trim, const uint8_t *bytes, size_t size)
{
    struct draft draft;
    draft.count_max = PLAN_INTERACTIONS_MAX;
    draft_decode(&draft, bytes, size);
    trim->best_size = draft_encode(&draft, trim->best);
    trim->size_max = size;
    trim->phase = AFL_TRIM_BLOCKS;
    trim->at = draft.count;
    trim->block = 1;
    while (2 * trim->block < draft.count)
        trim->block *= 2;
}

static bool remove_block(struct afl_trim *trim, struct draft *draft)
{
    if (trim->at == 0) {
        trim->block /= 2;
        trim->at = draft->count;
        if (trim->block == 0 || trim->at == 0)
            return false;
    }
    size_t length = trim->block < trim->at ? trim->block : trim->at;
    trim->at -= length;
    draft_remove_block(draft, trim->at, length);
    return true;
}

static bool clear_one(struct afl_trim *trim, struct draft *draft)
{
    while (trim->at > 0) {
        struct interaction *here = &draft->interactions[--trim->at];
        if (trim->phase == AFL_TRIM_PAUSES && here->pause_after > 0) {
            draft_clear_pause(here);
            return true;
        }
        if (trim->phase == AFL_TRIM_FAULTS && here->fault != FAULT_NONE) {
            draft_clear_fault(here);
            return true;
        }
    }
    return false;
}

bool afl_trim_next(struct afl_trim *trim)
{
    while (trim->phase != AFL_TRIM_DONE) {
        struct draft draft;
        load(&draft, trim);
        bool found =
            trim->phase == AFL_TRIM_BLOCKS ? remove_block(trim, &draft) : clear_one(trim, &draft);
        if (!found) {
            trim->phase++;
            trim->at = draft.count;
            continue;
        }
        trim->tried_size = draft_encode(&draft, trim->tried);
        if (trim->tried_size <= trim->size_max)
            return true;
    }
    return false;
}

void afl_trim_accept(struct afl_trim *trim)
{
    memcpy(trim->best, trim->tried, trim->tried_size);
    trim->best_size = trim->tried_size;
}
