/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of what random plans ask is done. For each database and each of its profiles: the share
 * of the interactions that were refused (passed over since nothing of them could be done, busy, no
 * such table, a key that is taken, no connection in time, ...), and of those that failed by a
 * fault, a cancel or a death.
 *
 *   bench_useful_work [PLANS [PROFILE]]   2000 plans each; with a profile also what was refused, by
 *                                         action
 */
#include "useful_work.h"

#include "generated/subjects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct subject *const subjects[] = {
#define BACKEND(name) &interplay_subject_##name,
#include "generated/backends.def"
#undef BACKEND
};

static double per_cent(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static void print_refused(const struct useful_work *work)
{
    for (uint32_t row = 0; row <= OUTCOME_COUNT; row++)
        for (uint32_t action = 0; action < ACTION_COUNT; action++)
            if (row != OUTCOME_OK && work->actions[row][action] * 400 > work->interactions)
                printf("    %5.2f %% %s %s\n",
                       per_cent(work->actions[row][action], work->interactions),
                       plan_action_infos[action].name,
                       row == OUTCOME_COUNT ? "skipped" : interplay_outcome_names[row]);
}

static bool print_line(const struct subject *tested, struct generate_subject drawn,
                       const char *name, uint64_t plans, bool is_detailed)
{
    static struct useful_work work;
    if (!useful_work_measure(&work, tested, drawn, 1, plans))
        return false;
    printf("%-8s %-18s %8ju interactions  refused %5.2f %%  failed %5.2f %%\n", tested->name, name,
           (uintmax_t)work.interactions, per_cent(useful_work_refused(&work), work.interactions),
           per_cent(useful_work_failed(&work), work.interactions));
    if (is_detailed)
        print_refused(&work);
    return true;
}

static bool print_profile(const struct subject *tested, struct generate_subject drawn,
                          const char *name, uint64_t plans, bool is_detailed)
{
    struct generate_profile profile;
    struct error error;
    if (generate_profile_load(&profile, name, drawn.database, &error) != ERROR_NONE ||
        generate_profile_settle(&profile, &error) != ERROR_NONE) {
        fprintf(stderr, "bench_useful_work: %s\n", error.message);
        return false;
    }
    generate_profile_limit(&profile, tested->backend->dialect);
    drawn.profile = &profile;
    return print_line(tested, drawn, name, plans, is_detailed);
}

static bool print_subject(const struct subject *tested, uint64_t plans, const char *only)
{
    bool has_model = (tested->backend->capabilities & BACKEND_HAS_MODEL) != 0;
    struct generate_subject drawn = {
        .search = has_model ? GENERATE_FOR_DATABASE : GENERATE_FOR_POOL,
        .database = plan_database_named(tested->name),
    };
    if (only != NULL)
        return print_profile(tested, drawn, only, plans, true);
    char bytes[512], *rest = bytes;
    struct text names;
    text_init(&names, bytes, sizeof bytes);
    generate_profile_list(drawn.database, &names);
    bool is_ok = print_line(tested, drawn, "(none)", plans, false);
    for (char *name; is_ok && (name = strtok_r(rest, ", ", &rest)) != NULL;)
        is_ok = print_profile(tested, drawn, name, plans, false);
    return is_ok;
}

int main(int argc, char **argv)
{
    uint64_t plans = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000;
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
        if (!print_subject(subjects[i], plans, argc > 2 ? argv[2] : NULL))
            return 2;
    return 0;
}
