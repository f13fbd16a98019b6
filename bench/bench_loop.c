/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz loop costs beyond the statements that it runs. In one process, round by round, the
 * same plans:
 *   loop      run_plan: coroutines, model, oracles, trace, final check
 *   straight  their statements in order, each task on its connection, from plain C on the same
 *   storage
 *   unjudged  as loop, without the oracle of isolation: the database promises no level
 *   naive     the same statements on a fresh :memory: database a task, schema made by SQL each time
 * and the parts: a yield, a switch there and back, a reset to the prepared image. Ratios of
 * medians, because machines are noisy; a timing never fails anything.
 */
#include "figures.h"
#include "generated/subjects.h"

#include "base/arena.h"
#include "generate/generate.h"
#include "plan/sql.h"
#include "run/run.h"
#include "sim/world.h"
#include "sqlite/sqlite_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLANS = 400, ROUNDS = 9, INTERACTIONS = 20, PARTS = 1000000 };

struct prepared_plan {
    struct plan plan;
    char *sql[INTERACTIONS]; /* NULL: no statement */
    size_t length[INTERACTIONS];
    uint32_t payload_units[INTERACTIONS];
};

static struct world *own_world; /* of those who have no runner */
static struct sqlite_sim *sim;  /* in it */
static struct prepared_plan plans[PLANS];
static char payload[2500 * PLAN_PAYLOAD_UNIT_BYTES];
static const struct backend_ops *const backend = &interplay_backend_sqlite;

/*
 * Plans of exactly 20 interactions in WAL mode, without pauses and faults, so that straight-line C
 * can do the same.
 */
static void make_plans(struct arena *arena)
{
    struct random random;
    uint64_t seed = 0;
    for (int made = 0; made < PLANS; seed++) {
        struct prepared_plan *prepared = &plans[made];
        generate_seed(&random, 1, seed);
        generate_plan(&prepared->plan, arena, &random,
                      (struct generate_subject){.search = GENERATE_FOR_DATABASE,
                                                .database = DATABASE_sqlite});
        if (prepared->plan.interaction_count < INTERACTIONS)
            continue;
        prepared->plan.interaction_count = INTERACTIONS;
        struct plan_config *config = &prepared->plan.config;
        *config = (struct plan_config){
            .choice[PLAN_CONFIG_tasks] = config->choice[PLAN_CONFIG_tasks],
        };
        for (int i = 0; i < INTERACTIONS; i++) {
            struct interaction *interaction = &prepared->plan.interactions[i];
            interaction->pause_after = interaction->pause_class = 0;
            interaction->fault = FAULT_NONE;
            interaction->fault_at = 0;
            char *sql = arena_alloc(arena, PLAN_SQL_BYTES);
            struct text text;
            text_init(&text, sql, PLAN_SQL_BYTES);
            prepared->payload_units[i] = plan_sql(interaction, i, backend->dialect, &text);
            prepared->sql[i] = text.length > 0 ? sql : NULL;
            prepared->length[i] = text.length;
        }
        made++;
    }
}

static void run_statement(struct backend_connection *connection,
                          const struct prepared_plan *prepared, int i)
{
    struct backend_statement *statement = NULL;
    if (backend->prepare(connection, prepared->sql[i], prepared->length[i], &statement) !=
        OUTCOME_OK)
        return;
    uint32_t units = prepared->payload_units[i];
    if (units > 0)
        (void)backend->bind_text(statement, 1, payload, units * PLAN_PAYLOAD_UNIT_BYTES);
    while (backend->step(statement) == OUTCOME_ROW)
        for (int column = 0; column < backend->column_count(statement); column++)
            (void)backend->column_int64(statement, column);
    backend->finalize(statement);
}

static void run_straight(const struct prepared_plan *prepared,
                         const struct backend_options *options)
{
    struct backend_connection *connections[PLAN_TASKS_MAX] = {NULL};
    for (int i = 0; i < INTERACTIONS; i++) {
        uint32_t task = prepared->plan.interactions[i].task;
        if (connections[task] == NULL &&
            backend->connect(&connections[task], options) != OUTCOME_OK)
            abort();
        if (prepared->sql[i] != NULL)
            run_statement(connections[task], prepared, i);
    }
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        if (connections[task] != NULL && backend->disconnect(connections[task]) != OUTCOME_OK)
            abort();
}

static void require_ok(const struct verdict *verdict)
{
    if (verdict->kind == VERDICT_OK)
        return;
    fprintf(stderr, "bench_loop: %s: %s\n", verdict->signature, verdict->report);
    exit(2);
}

static double time_loop(struct run *run)
{
    double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < PLANS; i++)
        require_ok(&run_plan(run, &plans[i].plan)->verdict);
    return clock_s(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static double time_straight(void)
{
    const struct backend_options options = {.target = SQLITE_SIM_DATABASE,
                                            .driver = sqlite_sim_vfs(sim),
                                            .parameters = "autocheckpoint=1000"};
    const struct sqlite_sim_options reset = {
        .page_size = 4096, .wal = true, .powersafe_overwrite = true};
    world_enter(own_world);
    double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < PLANS; i++) {
        sqlite_sim_reset(sim, &reset);
        run_straight(&plans[i], &options);
    }
    return clock_s(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static double time_naive(void)
{
    char setup[PLAN_SETUP_SQL_BYTES];
    struct text text;
    text_init(&text, setup, sizeof setup);
    plan_setup_sql(backend->dialect, &text);
    const struct backend_options options = {
        .target = ":memory:", .setup = setup, .parameters = "autocheckpoint=1000"};
    world_enter(own_world);
    double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < PLANS; i++)
        run_straight(&plans[i], &options);
    return clock_s(CLOCK_PROCESS_CPUTIME_ID) - start;
}

/* --- without an oracle ------------------------------------------------------------------------ */

static const struct promises *promises_instead(const int32_t *settings)
{
    static struct promises unjudged;
    const struct promises *all = interplay_subject_sqlite.promises;
    const struct promises *now = all->instead == NULL ? NULL : all->instead(settings);
    unjudged = now == NULL ? *all : *now;
    unjudged.isolation_count = 0;
    return &unjudged;
}

static struct run *open_run(bool judges_isolation)
{
    static struct subject unjudged;
    static struct promises promises;
    struct run *run = NULL;
    struct error error;
    promises = *interplay_subject_sqlite.promises;
    promises.instead = promises_instead;
    unjudged = interplay_subject_sqlite;
    unjudged.promises = &promises;
    /* A bug of this version, that random plans meet. */
    static const char *const known[] = {"snapshot/database-emptied-by-rollback-to", NULL};
    const struct run_options options = {
        .subject = judges_isolation ? &interplay_subject_sqlite : &unjudged,
        .deserved = known,
    };
    if (run_open(&run, &options, &error) == ERROR_NONE)
        return run;
    fprintf(stderr, "bench_loop: %s\n", error.message);
    exit(2);
}

/* --- the parts -------------------------------------------------------------------------------- */

static void switch_back_and_forth(void *argument)
{
    struct coroutine *coroutine = argument;
    for (;;)
        coroutine_suspend(coroutine);
}

static double switch_ns(void)
{
    struct coroutine coroutine;
    coroutine_init(&coroutine, switch_back_and_forth, &coroutine);
    double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < PARTS; i++)
        coroutine_resume(&coroutine);
    double spent = clock_s(CLOCK_PROCESS_CPUTIME_ID) - start;
    coroutine_clean_up(&coroutine);
    return spent / PARTS * 1e9;
}

static double yield_ns(void)
{
    double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < PARTS; i++) {
        world_yield((enum yield_point)(i & 15));
        __asm__ volatile("" ::: "memory");
    }
    return (clock_s(CLOCK_PROCESS_CPUTIME_ID) - start) / PARTS * 1e9;
}

static double reset_us(void)
{
    const struct sqlite_sim_options reset = {
        .page_size = 4096, .wal = true, .powersafe_overwrite = true};
    double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < PARTS / 100; i++)
        sqlite_sim_reset(sim, &reset);
    return (clock_s(CLOCK_PROCESS_CPUTIME_ID) - start) / (PARTS / 100) * 1e6;
}

int main(void)
{
    struct arena arena;
    arena_init(&arena, (size_t)256 << 20);
    memset(payload, '0', sizeof payload);
    make_plans(&arena);
    struct run *run = open_run(true), *unjudged_run = open_run(false);
    struct error error;
    own_world = world_open();
    world_enter(own_world);
    char setup[PLAN_SETUP_SQL_BYTES];
    struct text text;
    text_init(&text, setup, sizeof setup);
    plan_setup_sql(backend->dialect, &text);
    if (sqlite_sim_open(&sim, setup, &error) != ERROR_NONE) {
        fprintf(stderr, "bench_loop: %s\n", error.message);
        return 2;
    }
    printf("%s, %d plans of %d interactions, median of %d rounds\n", run_backend_version(run),
           PLANS, INTERACTIONS, ROUNDS);
    double loop[ROUNDS], straight[ROUNDS], naive[ROUNDS], over_straight[ROUNDS], over_naive[ROUNDS];
    double over_unjudged[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        straight[round] = time_straight();
        double before = time_loop(unjudged_run);
        loop[round] = time_loop(run);
        over_unjudged[round] = 2 * loop[round] / (before + time_loop(unjudged_run));
        naive[round] = time_naive();
        over_straight[round] = loop[round] / straight[round];
        over_naive[round] = loop[round] / naive[round];
    }
    double plan_s = median(loop, ROUNDS) / PLANS;
    printf("loop      %8.1f us a plan  %8.0f plans/s  %9.0f statements/s\n", plan_s * 1e6,
           1 / plan_s, INTERACTIONS / plan_s);
    printf("straight  %8.1f us a plan  loop/straight %.2f\n",
           median(straight, ROUNDS) / PLANS * 1e6, median(over_straight, ROUNDS));
    printf("unjudged                        loop/unjudged %.3f\n", median(over_unjudged, ROUNDS));
    printf("naive     %8.1f us a plan  loop/naive    %.2f\n", median(naive, ROUNDS) / PLANS * 1e6,
           median(over_naive, ROUNDS));
    world_enter(own_world);
    printf("yield %.1f ns, switch there and back %.1f ns, reset to the prepared image %.2f us\n",
           yield_ns(), switch_ns(), reset_us());
    sqlite_sim_close(sim);
    world_close(own_world);
    run_close(unjudged_run);
    run_close(run);
    arena_clean_up(&arena);
    return 0;
}
