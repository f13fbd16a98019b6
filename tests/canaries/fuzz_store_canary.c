/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versioned store with a bug planted in it: proves the oracle of isolation, an anomaly each.
 * The option --canary=NAME plants one; --canary=list lists them.
 */
#include "canary.h"

#include "generated/subjects.h"
#include "store/store.h"

#define PLANT(name, flaw)                                                                          \
    static void plant_##name(struct fuzz_setup *setup)                                             \
    {                                                                                              \
        (void)setup;                                                                               \
        store_flaws |= flaw;                                                                       \
    }

PLANT(dirty_read, STORE_FLAW_DIRTY_READ)
PLANT(moving_snapshot, STORE_FLAW_MOVING_SNAPSHOT)
PLANT(lost_update, STORE_FLAW_LOST_UPDATE)
PLANT(write_skew, STORE_FLAW_WRITE_SKEW)
PLANT(fractured_read, STORE_FLAW_FRACTURED_READ)
PLANT(unrepeatable_range, STORE_FLAW_UNREPEATABLE_RANGE)
PLANT(stale_snapshot, STORE_FLAW_STALE_SNAPSHOT)
PLANT(lost_append, STORE_FLAW_LOST_APPEND)
PLANT(dirty_write, STORE_FLAW_DIRTY_WRITE)
PLANT(torn_read, STORE_FLAW_TORN_READ)

/* Whoever sees a snapshot that moves may first be seen to read twice, to skew, or to update. */
#define MOVES                                                                                      \
    "isolation/non-repeatable-read|isolation/read-skew|isolation/lost-update|isolation/long-fork|" \
    "isolation/phantom"

/* A property may be what shows it first. */
#define PROPERTY "|property"

const struct canary canaries[] = {
    {"store_dirty_read", "what others have not committed is seen",
     "isolation/value-from-nowhere|isolation/aborted-read|isolation/intermediate-read|isolation/"
     "circular-information-flow|" MOVES PROPERTY,
     plant_dirty_read},
    {"store_moving_snapshot", "each statement of a transaction takes a new snapshot",
     MOVES PROPERTY, plant_moving_snapshot},
    {"store_lost_update", "a row is replaced although it has a newer version",
     "isolation/lost-update|isolation/read-skew|isolation/stale-read|isolation/"
     "incompatible-order" PROPERTY,
     plant_lost_update},
    {"store_write_skew", "nobody looks whether what was read has changed",
     "isolation/write-skew|isolation/anti-dependency-cycle|isolation/phantom" PROPERTY,
     plant_write_skew},
    {"store_fractured_read", "odd keys are seen as they are now",
     MOVES "|isolation/stale-read" PROPERTY, plant_fractured_read},
    {"store_unrepeatable_range", "ranges are read as they are now, keys as they were",
     MOVES PROPERTY, plant_unrepeatable_range},
    {"store_stale_snapshot", "a snapshot is one commit old",
     "isolation/stale-read|error-class/busy_snapshot" PROPERTY, plant_stale_snapshot},
    {"store_lost_append", "who appends to a text does not look whether it has grown since",
     "isolation/incompatible-order" PROPERTY, plant_lost_append},
    {"store_dirty_write", "a row that somebody else has written is written over",
     "isolation/dirty-write|isolation/incompatible-order|isolation/own-write|isolation/stale-read|"
     "isolation/lost-update|isolation/read-skew" PROPERTY,
     plant_dirty_write},
    {"store_torn_read", "what others have not committed is seen with another value",
     "isolation/value-from-nowhere", plant_torn_read},
};

const size_t canary_count = sizeof canaries / sizeof canaries[0];

const struct fuzz_target interplay_fuzz_target = {
    .name = "fuzz_store_canary",
    .subject = &interplay_subject_store,
    .options = canary_options,
};
