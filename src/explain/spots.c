/* SPDX-License-Identifier: Apache-2.0 */
/* A watched run that keeps few stacks, in memory that its process shares with ours. */
#include "explain/spots.h"

#include "explain/explain.h"
#include "sim/storage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What was seen of an interaction; the names of its code come later. */
struct sighting {
    struct course_counts counts;
    struct course_stack stack;
    struct spot spot;
};

struct sightings {
    const struct plan *plan;
    size_t violated;
    struct sighting last;     /* of the violated interaction, or before it */
    size_t last_step;         /* whose that is */
    struct sighting paused[]; /* by interaction */
};

/* --- in the process of the plan -------------------------------------------------------------- */

/* What may stand on a stack that is taken begins with "spot_": such names are passed over in it. */

static void take_touch(struct spot *spot)
{
    const struct world_touch *touch = &world->current->touch;
    spot->file[0] = '\0';
    spot->has_range = false;
    if (touch->handle == NULL || storage_is_dead(touch->handle))
        return;
    const char *name = touch->handle->file->name;
    size_t length = strlen(name);
    size_t cut = length >= sizeof spot->file ? length - (sizeof spot->file - 1) : 0;
    (void)snprintf(spot->file, sizeof spot->file, "%s", name + cut);
    spot->has_range = touch->has_range;
    spot->offset = touch->offset;
    spot->bytes = touch->bytes;
}

static void spot_take(struct sighting *sighting, enum yield_point point)
{
    sighting->spot.is_known = true;
    sighting->spot.point = point;
    take_touch(&sighting->spot);
    course_take_stack(&sighting->stack);
}

static bool is_shared(enum yield_point point)
{
    return (UINT64_C(1) << point & (yield_points_storage | yield_points_lock)) != 0;
}

static void spot_take_last(struct sightings *sightings, const struct run_crossing *crossed)
{
    spot_take(&sightings->last, crossed->point);
    sightings->last_step = crossed->interaction;
}

static void spot_on_crossing(void *context, const struct run_crossing *crossed)
{
    struct sightings *sightings = context;
    const struct interaction *interaction = &sightings->plan->interactions[crossed->interaction];
    struct sighting *paused = &sightings->paused[crossed->interaction];
    course_count(&paused->counts, crossed->point);
    if (!paused->spot.is_known && interaction->pause_after > 0 &&
        paused->counts.of[interaction->pause_class] == interaction->pause_after)
        spot_take(paused, crossed->point);
    if (crossed->interaction == sightings->violated && is_shared(crossed->point))
        spot_take_last(sightings, crossed);
}

/* Where the violated interaction makes no call of its own. */
static void spot_before(void *context, const struct run_crossing *crossed)
{
    struct sightings *sightings = context;
    if (crossed->position <= sightings->violated && is_shared(crossed->point))
        spot_take_last(sightings, crossed);
}

/* --- in ours --------------------------------------------------------------------------------- */

static void name_code(struct sightings *sightings, struct spots *spots,
                      const char *const *passes_on)
{
    const struct course_stack **stacks = calloc(spots->count + 1, sizeof *stacks);
    struct code_places *places = calloc(spots->count + 1, sizeof *places);
    struct spot **named = calloc(spots->count + 1, sizeof *named);
    size_t count = 0;
    for (size_t i = 0; i <= spots->count && stacks != NULL && places != NULL && named != NULL;
         i++) {
        struct sighting *seen = i < spots->count ? &sightings->paused[i] : &sightings->last;
        struct spot *spot = i < spots->count ? &spots->paused[i] : &spots->violated;
        *spot = seen->spot;
        if (!spot->is_known)
            continue;
        stacks[count] = &seen->stack;
        named[count++] = spot;
    }
    if (count > 0)
        code_places_name(stacks, count, passes_on, places);
    for (size_t i = 0; i < count; i++)
        named[i]->code = places[i];
    free(named);
    free(places);
    free(stacks);
}

static enum error_code run_watched(const struct run_watcher *watcher, struct run *run,
                                   const struct plan *plan, struct error *error)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    struct isolated_result result;
    run_watch(run, watcher);
    enum error_code code = isolated_run(run, plan, &quiet, &result, error);
    run_watch(run, NULL);
    return code;
}

static enum error_code look(struct sightings *sightings, struct run *run, struct error *error)
{
    const struct run_watcher all = {.on_crossing = spot_on_crossing, .context = sightings};
    const struct run_watcher before = {.on_crossing = spot_before, .context = sightings};
    const struct plan *plan = sightings->plan;
    enum error_code code = run_watched(&all, run, plan, error);
    if (code == ERROR_NONE && sightings->violated < plan->interaction_count &&
        !sightings->last.spot.is_known)
        code = run_watched(&before, run, plan, error);
    return code;
}

enum error_code spots_find(struct spots **ret_spots, struct run *run, const struct plan *plan,
                           size_t violated, struct error *error)
{
    size_t count = plan->interaction_count;
    struct spots *spots = calloc(1, sizeof *spots + count * sizeof spots->paused[0]);
    size_t size = sizeof(struct sightings) + count * sizeof(struct sighting);
    struct sightings *sightings =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (spots == NULL || sightings == MAP_FAILED) {
        free(spots);
        return interplay_error(error, ERROR_MEMORY, "no memory: %s", strerror(errno));
    }
    spots->count = count;
    sightings->plan = plan;
    sightings->violated = violated;
    enum error_code code = look(sightings, run, error);
    spots->violated_step = sightings->last_step;
    if (code == ERROR_NONE)
        name_code(sightings, spots, run_subject(run)->passes_on);
    (void)munmap(sightings, size);
    if (code == ERROR_NONE)
        *ret_spots = spots;
    else
        free(spots);
    return code;
}

void spots_free(struct spots *spots)
{
    free(spots);
}

void spot_say(const struct spot *spot, struct text *text)
{
    text_append_format(text, "before it %s", yield_point_deeds[spot->point]);
    if (spot->file[0] != '\0')
        text_append_format(text, ", %s", spot->file);
    if (spot->has_range)
        text_append_format(text, " at %" PRIu64, spot->offset);
    if (spot->has_range && spot->bytes > 0)
        text_append_format(text, ", %" PRIu64 " bytes", spot->bytes);
    if (spot->code.count > 0 && spot->file[0] != '\0')
        text_append(text, ",");
    explain_say_code(&spot->code, text);
}
