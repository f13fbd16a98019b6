/* SPDX-License-Identifier: Apache-2.0 */
/* AFL++'s names for the mutator and the trimmer. */
#include "afl_mutator.h"

#include "mutator.h"
#include "mutator_draft.h"
#include "mutator_turns.h"
#include "trim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* As often as with libFuzzer, which draws again when a crossover declines (libfuzzer.c). */
enum { CROSS_ONE_IN = 5, MUTATIONS_IN_A_ROW = 64 };

/* One round is enough, and not too many candidates: each is a run that finds nothing new. */
enum { TRIM_ROUNDS = 1, TRIM_CANDIDATES_MAX = 160 };

struct afl_mutator {
    struct random random;
    struct generate_families families;
    struct turns turns;              /* of these */
    struct generate_subject subject; /* its profile: of all turns */
    const char *last;                /* what the last mutation was */
    struct trim trim;
    size_t trim_size_max; /* the canonical form may be longer than what was given */
    uint8_t mutated[COMPACT_SIZE_MAX], canonical[COMPACT_SIZE_MAX];
};

/* Without the variable, the first of all. */
static enum plan_database database_of_environment(void)
{
    const char *name = getenv("INTERPLAY_DATABASE");
    return name == NULL ? (enum plan_database)(DATABASE_ALL + 1) : plan_database_named(name);
}

static enum generate_for search_of_environment(void)
{
    const char *name = getenv("INTERPLAY_SUBJECT");
    if (name == NULL || strcmp(name, "database") == 0)
        return GENERATE_FOR_DATABASE;
    if (strcmp(name, "pool") != 0) {
        fprintf(stderr,
                "libinterplay_mutator: INTERPLAY_SUBJECT is '%s', database or pool expected\n",
                name);
        exit(2);
    }
    return GENERATE_FOR_POOL;
}

/* NULL: it is not set, or to nothing. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

static void take_properties_of_environment(struct afl_mutator *mutator)
{
    const char *names = variable("INTERPLAY_PROPERTY");
    if (names == NULL || plan_properties_take(&mutator->subject.properties, names))
        return;
    fprintf(stderr, "libinterplay_mutator: INTERPLAY_PROPERTY: no property '%s'\n", names);
    exit(2);
}

static void take_profile_of_environment(struct afl_mutator *mutator)
{
    struct error error = {0};
    const char *name = variable("INTERPLAY_PROFILE");
    struct generate_subject drawn = mutator->subject;
    if (generate_families_load(&mutator->families, name, &drawn, &error) != ERROR_NONE ||
        generate_families_settle(&mutator->families, &error) != ERROR_NONE) {
        fprintf(stderr, "libinterplay_mutator: INTERPLAY_PROFILE: %s\n", error.message);
        exit(2);
    }
    drawn.families = &mutator->families;
    if (generate_check(&drawn, &error) != ERROR_NONE) {
        fprintf(stderr, "libinterplay_mutator: INTERPLAY_PROPERTY: %s\n", error.message);
        exit(2);
    }
    turns_begin(&mutator->turns, generate_families_turns(&mutator->families));
    if (mutator->turns.count == 1)
        mutator->subject.profile = generate_families_profile(&mutator->families, 0);
}

EXPORT struct afl_mutator *afl_custom_init(void *afl, unsigned int seed)
{
    (void)afl;
    struct afl_mutator *mutator = calloc(1, sizeof *mutator);
    if (mutator == NULL) {
        fputs("libinterplay_mutator: out of memory\n", stderr);
        exit(2);
    }
    mutator->subject.search = search_of_environment();
    mutator->subject.database = database_of_environment();
    take_properties_of_environment(mutator);
    take_profile_of_environment(mutator);
    random_seed(&mutator->random, seed);
    mutator->last = "plan";
    return mutator;
}

EXPORT void afl_custom_deinit(struct afl_mutator *mutator)
{
    trim_end(&mutator->trim);
    free(mutator);
}

/* What comes after so many bytes is not read. */
static size_t at_most_a_plan(size_t size)
{
    return size < COMPACT_SIZE_MAX ? size : COMPACT_SIZE_MAX;
}

EXPORT size_t afl_custom_fuzz(struct afl_mutator *mutator, uint8_t *bytes, size_t size,
                              uint8_t **ret_bytes, uint8_t *added, size_t added_size,
                              size_t max_size)
{
    size_t room = at_most_a_plan(max_size), mutated = 0;
    struct generate_subject subject = mutator->subject;
    subject.profile = generate_families_profile(&mutator->families,
                                                turns_take(&mutator->turns, &mutator->random));
    *ret_bytes = mutator->mutated;
    if (added != NULL && random_chance(&mutator->random, CROSS_ONE_IN)) {
        mutator->last = "plan-cross";
        mutated = mutator_cross(bytes, size, added, added_size, mutator->mutated, room,
                                &mutator->random, subject);
    }
    if (mutated > 0)
        return mutated;
    mutator->last = "plan";
    size = at_most_a_plan(size);
    memcpy(mutator->mutated, bytes, size);
    return mutator_mutate(mutator->mutated, size, room, &mutator->random, subject, NULL);
}

EXPORT uint32_t afl_custom_fuzz_count(struct afl_mutator *mutator, const uint8_t *bytes,
                                      size_t size)
{
    (void)mutator;
    (void)bytes;
    (void)size;
    return MUTATIONS_IN_A_ROW;
}

EXPORT uint8_t afl_custom_queue_new_entry(struct afl_mutator *mutator, const uint8_t *added,
                                          const uint8_t *origin)
{
    (void)added;
    (void)origin;
    turns_brought(&mutator->turns);
    return 0; /* the file was left as it is */
}

EXPORT const char *afl_custom_describe(struct afl_mutator *mutator, size_t max_length)
{
    return strlen(mutator->last) <= max_length ? mutator->last : "";
}

EXPORT size_t afl_custom_post_process(struct afl_mutator *mutator, uint8_t *bytes, size_t size,
                                      uint8_t **ret_bytes)
{
    struct draft draft;
    draft.count_max = PLAN_INTERACTIONS_MAX;
    draft.subject = mutator->subject;
    draft_decode(&draft, bytes, size);
    *ret_bytes = mutator->canonical;
    return draft_encode(&draft, mutator->canonical);
}

/* --- trimming --------------------------------------------------------------------------------- */

EXPORT int32_t afl_custom_init_trim(struct afl_mutator *mutator, uint8_t *bytes, size_t size)
{
    mutator->trim_size_max = size;
    trim_begin(&mutator->trim, bytes, size, mutator->subject.database, TRIM_ROUNDS,
               TRIM_CANDIDATES_MAX);
    return trim_next(&mutator->trim, mutator->trim_size_max);
}

EXPORT size_t afl_custom_trim(struct afl_mutator *mutator, uint8_t **ret_bytes)
{
    *ret_bytes = mutator->trim.tried;
    return mutator->trim.tried_size;
}

EXPORT int32_t afl_custom_post_trim(struct afl_mutator *mutator, uint8_t is_same)
{
    trim_answer(&mutator->trim, is_same);
    return !trim_next(&mutator->trim, mutator->trim_size_max);
}
