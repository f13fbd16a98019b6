/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The permutations of a specification, run as isolationtester runs them: a step that waits is told
 * to wait, and the next one has its turn. What a permutation says of that, step(other), is compared
 * with what happened.
 */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/explore_say.h"
#include "cli/explore_scenario.h"
#include "explore/crew.h"
#include "explore/probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct permutation {
    struct explore_told told;
    const struct scenario *scenario;
    const struct scenario_permutation *given;
    uint32_t number; /* from 1 */
    struct steps steps;
    struct path path;
    uint32_t first_of[TURNS_MAX]; /* interactions by turn of the path */
    struct probe *probe;          /* shared */
    uint32_t findings, annotated, differing;
};

/* Those without a statement are none of the plan's. */
static void take_turns(struct permutation *permutation)
{
    const struct steps *steps = &permutation->steps;
    permutation->path.count = 0;
    for (size_t i = steps->setup; i < steps->plan.interaction_count - steps->check;
         i += steps->length[i]) {
        uint32_t turn = permutation->path.count++;
        permutation->first_of[turn] = (uint32_t)i;
        permutation->path.turns[turn] = (struct turn){.task = steps->plan.interactions[i].task};
    }
}

/* --- what it came to ------------------------------------------------------------------------- */

static uint32_t last_of(const struct permutation *permutation, uint32_t turn)
{
    uint32_t first = permutation->first_of[turn];
    return first + permutation->steps.length[first] - 1;
}

static bool has_waited(const struct permutation *permutation, uint32_t turn)
{
    for (uint32_t i = permutation->first_of[turn]; i <= last_of(permutation, turn); i++)
        if (permutation->probe->has_waited[i])
            return true;
    return false;
}

static uint32_t ended_in(const struct permutation *permutation, uint32_t turn)
{
    return permutation->probe->ended_in[last_of(permutation, turn)];
}

static const char *name_of(const struct permutation *permutation, uint32_t turn)
{
    return permutation->steps.names->names[permutation->first_of[turn]];
}

static void say_end(const struct permutation *permutation, uint32_t turn)
{
    for (uint32_t i = permutation->first_of[turn]; i <= last_of(permutation, turn); i++) {
        const char *result = permutation->probe->results.of[i];
        printf("%s%s", i == permutation->first_of[turn] ? "" : "; ",
               result[0] == '\0' ? "-" : result);
    }
    printf("\n");
}

static void say_turn(const struct permutation *permutation, uint32_t turn)
{
    bool waits = has_waited(permutation, turn) && ended_in(permutation, turn) != turn;
    printf("  %s: ", name_of(permutation, turn));
    if (waits)
        printf("waits\n");
    else
        say_end(permutation, turn);
    for (uint32_t other = 0; other < turn; other++) {
        if (!has_waited(permutation, other) || ended_in(permutation, other) != turn)
            continue;
        printf("  %s: ", name_of(permutation, other));
        say_end(permutation, other);
    }
}

/* --- what it says of waiting ----------------------------------------------------------------- */

/* The path's turn of the scenario's step; PATH_NO_STEP: it has none, or no statement. */
static uint32_t turn_of(const struct permutation *permutation, uint32_t step)
{
    for (uint32_t turn = 0; turn < permutation->path.count; turn++)
        if (strcmp(name_of(permutation, turn), permutation->scenario->steps[step].name) == 0)
            return turn;
    return PATH_NO_STEP;
}

static bool ends_behind(const struct permutation *permutation, uint32_t turn, uint32_t other)
{
    uint32_t end = ended_in(permutation, turn), others = ended_in(permutation, other);
    return end > others || (end == others && has_waited(permutation, turn));
}

static void compare(struct permutation *permutation, uint32_t step, uint32_t other)
{
    uint32_t turn = turn_of(permutation, step), before = turn_of(permutation, other);
    if (turn == PATH_NO_STEP || before == PATH_NO_STEP)
        return;
    permutation->annotated++;
    if (ends_behind(permutation, turn, before))
        return;
    permutation->differing++;
    printf("  not as annotated: %s(%s) ended before %s\n", name_of(permutation, turn),
           name_of(permutation, before), name_of(permutation, before));
}

/* step(*) and step(other notices n) say nothing that could be seen here. */
static void compare_all(struct permutation *permutation)
{
    for (uint32_t i = 0; i < permutation->given->turn_count; i++) {
        const struct scenario_turn *turn = &permutation->given->turns[i];
        for (uint32_t j = 0; j < turn->blocker_count; j++)
            if (!turn->blockers[j].is_star && turn->blockers[j].notices == 0)
                compare(permutation, turn->step, turn->blockers[j].step);
    }
}

/* --- all of them ----------------------------------------------------------------------------- */

static enum error_code run_permutation(struct permutation *permutation, struct error *error)
{
    static const struct path_fault none;
    struct isolated_result result;
    probe_take(permutation->probe, &permutation->path, &none);
    enum error_code code =
        probe_run_isolated(permutation->probe, permutation->told.run, false, &result, error);
    if (code != ERROR_NONE)
        return code;
    if (verdict_is_error(&result.verdict))
        return verdict_error(&result.verdict, error);
    printf("\npermutation %" PRIu32 ":", permutation->number);
    for (uint32_t turn = 0; turn < permutation->path.count; turn++)
        printf(" %s", name_of(permutation, turn));
    printf("\n");
    for (uint32_t turn = 0; turn < permutation->path.count; turn++)
        say_turn(permutation, turn);
    if (result.verdict.kind == VERDICT_OK) {
        compare_all(permutation);
        return ERROR_NONE;
    }
    permutation->findings++;
    printf("  finding %" PRIu32 ": %s\n", permutation->findings, result.verdict.signature);
    return explore_say_plan(&permutation->told, &permutation->probe->made.plan,
                            result.verdict.signature, permutation->findings, error);
}

static enum error_code take_permutation(struct permutation *permutation, struct arena *arena,
                                        const struct scenario_order *order, struct error *error)
{
    struct explore_order made;
    enum error_code code = explore_make_order(&made, arena, permutation->scenario, order, error);
    if (code != ERROR_NONE)
        return code;
    made.made.plan.database = cli_database(permutation->told.order->backend);
    cli_pins_apply(&permutation->told.order->config, &made.made.plan);
    code = steps_take(&permutation->steps, arena, &made.made.plan, made.made.setup, made.made.check,
                      &made.names, false, error);
    if (code != ERROR_NONE)
        return code;
    take_turns(permutation);
    probe_init(permutation->probe, arena, &permutation->steps, PAUSE_STORAGE);
    return run_permutation(permutation, error);
}

static void say_summary(const struct permutation *permutation)
{
    printf("\nall %" PRIu32 " permutations were run", permutation->scenario->permutation_count);
    if (permutation->annotated > 0)
        printf("; of %" PRIu32 " annotations %" PRIu32 " hold%s", permutation->annotated,
               permutation->annotated - permutation->differing,
               permutation->differing > 0 ? ", the database waits otherwise" : "");
    printf("%s\n", permutation->findings > 0 ? "" : "; no finding");
}

static enum error_code run_all(struct permutation *permutation, struct arena *arena,
                               struct error *error)
{
    enum { ARENA_BYTES = SCENARIO_PLAN_BYTES + (8 << 20) };
    struct scenario_order order;
    struct arena scratch;
    enum error_code code = ERROR_NONE;
    printf("%s: %" PRIu32 " steps of %" PRIu32 " sessions, %" PRIu32
           " permutations as they are given, on %s\n",
           permutation->told.path, permutation->scenario->step_count,
           permutation->scenario->session_count, permutation->scenario->permutation_count,
           run_backend_version(permutation->told.run));
    arena_init(&scratch, ARENA_BYTES);
    scenario_first_order(permutation->scenario, arena, &order);
    do {
        arena_reset(&scratch);
        permutation->given = &permutation->scenario->permutations[order.number];
        permutation->number = (uint32_t)order.number + 1;
        code = take_permutation(permutation, &scratch, &order, error);
    } while (code == ERROR_NONE && scenario_next_order(&order));
    arena_clean_up(&scratch);
    if (code == ERROR_NONE)
        say_summary(permutation);
    return code;
}

enum cli_status explore_permutations(const struct cli_order *order, const struct scenario *scenario,
                                     struct arena *arena)
{
    struct error error = {0};
    void *probe = NULL;
    struct permutation *permutation = ARENA_NEW(arena, struct permutation);
    permutation->told = (struct explore_told){.order = order, .path = order->operands[0]};
    permutation->told.steps = &permutation->steps;
    permutation->scenario = scenario;
    enum error_code code = crew_memory(&probe, sizeof(struct probe), &error);
    permutation->probe = probe;
    if (code == ERROR_NONE)
        code = run_open(&permutation->told.run, order->backend, &error);
    if (code == ERROR_NONE) {
        code = run_all(permutation, arena, &error);
        if (code != ERROR_NONE)
            interplay_error_context(&error, file_short_path(permutation->told.path));
    }
    run_close(permutation->told.run);
    crew_memory_free(probe, sizeof(struct probe));
    enum cli_status status = permutation->findings > 0 ? CLI_FINDING : CLI_OK;
    return code == ERROR_NONE ? cli_finish_output(status) : cli_fail(&error);
}
