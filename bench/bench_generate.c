/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many plans are drawn a second, without a profile and with each, for the first database; a
 * ratio of CPU times in one run, median of rounds that take turns.
 */
#include "figures.h"

#include "generate/generate.h"

#include <stdio.h>
#include <string.h>

enum { PLANS = 4000, ROUNDS = 9, PROFILES_MAX = 16 };

static struct arena arena;

static double draw_all(struct generate_subject subject, uint64_t *interactions)
{
    double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    *interactions = 0;
    for (uint64_t i = 0; i < PLANS; i++) {
        struct random random;
        struct plan plan;
        arena_reset(&arena);
        generate_seed(&random, 1, i);
        generate_plan(&plan, &arena, &random, subject);
        *interactions += plan.interaction_count;
    }
    return clock_s(CLOCK_PROCESS_CPUTIME_ID) - start;
}

int main(void)
{
    static struct generate_profile profiles[PROFILES_MAX];
    static double spent[PROFILES_MAX + 1][ROUNDS];
    uint64_t interactions[PROFILES_MAX + 1];
    const char *names[PROFILES_MAX + 1] = {"(none)"};
    struct generate_subject subject = {.search = GENERATE_FOR_DATABASE,
                                       .database = DATABASE_ALL + 1};
    char bytes[512], *rest = bytes;
    struct text list;
    uint32_t count = 0;
    text_init(&list, bytes, sizeof bytes);
    generate_profile_list(subject.database, &list);
    for (char *name; count < PROFILES_MAX && (name = strtok_r(rest, ", ", &rest)) != NULL;) {
        if (generate_profile_load(&profiles[count], name, subject.database, NULL) != ERROR_NONE ||
            generate_profile_settle(&profiles[count], NULL) != ERROR_NONE)
            return 2;
        names[++count] = name;
    }
    arena_init(&arena, 1 << 20);
    for (uint32_t round = 0; round < ROUNDS; round++)
        for (uint32_t i = 0; i <= count; i++) {
            subject.profile = i == 0 ? NULL : &profiles[i - 1];
            spent[i][round] = draw_all(subject, &interactions[i]);
        }
    double usual = median(spent[0], ROUNDS) / (double)interactions[0];
    for (uint32_t i = 0; i <= count; i++) {
        double seconds = median(spent[i], ROUNDS);
        printf("%-18s %8.0f plans/s  %6.0f ns an interaction  %.2f times as without\n", names[i],
               PLANS / seconds, seconds / (double)interactions[i] * 1e9,
               seconds / (double)interactions[i] / usual);
    }
    arena_clean_up(&arena);
    return 0;
}
