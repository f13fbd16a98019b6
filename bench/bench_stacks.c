/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pools cost under the fuzzer. The same plans, as the bytes that an engine hands over
 * (decoding is part of what is measured), without a pool, with it, and with actors: on SQLite, as
 * ratios; and plans of the pool's own actions on the memory backend, as plans a second on one core.
 */
#include "figures.h"
#include "generated/subjects.h"

#include "base/arena.h"
#include "generate/generate.h"
#include "plan/compact.h"
#include "run/run.h"
#include "sqlite/sqlite_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLANS = 400, ROUNDS = 9, INTERACTIONS = 20, STACKS = 3 };

struct bytes {
    size_t size;
    uint8_t bytes[COMPACT_SIZE_MAX];
};

static struct bytes inputs[STACKS][PLANS];
static struct arena arena;
static const char *const stack_names[STACKS] = {"direct", "pool", "actors"};

static void encode(const struct plan *plan, struct bytes *ret_bytes)
{
    if (compact_encode(plan, ret_bytes->bytes, &ret_bytes->size, NULL) != ERROR_NONE)
        abort();
}

/* Plans of exactly 20 interactions that were drawn for `drawn_for`. */
static void make_inputs(enum plan_stack drawn_for)
{
    uint64_t seed = 0;
    for (int made = 0; made < PLANS; seed++) {
        struct random random;
        struct plan plan;
        arena_reset(&arena);
        generate_seed(&random, 1, seed);
        generate_plan(&plan, &arena, &random,
                      (struct generate_subject){.search = drawn_for == PLAN_STACK_DIRECT
                                                              ? GENERATE_FOR_DATABASE
                                                              : GENERATE_FOR_POOL,
                                                .database = DATABASE_sqlite});
        if (plan.interaction_count < INTERACTIONS ||
            plan_config_get(&plan.config, PLAN_CONFIG_stack) != (int32_t)drawn_for ||
            plan_config_get(&plan.config, PLAN_CONFIG_journal_mode) != SQLITE_JOURNAL_WAL)
            continue;
        plan.interaction_count = INTERACTIONS;
        for (int i = 0; i < INTERACTIONS; i++)
            plan.interactions[i].fault = FAULT_NONE;
        for (int stack = 0; stack < STACKS; stack++) {
            plan.config.choice[PLAN_CONFIG_stack] = (uint8_t)stack;
            encode(&plan, &inputs[stack][made]);
        }
        made++;
    }
}

static double time_inputs(struct run *run, int stack)
{
    double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < PLANS; i++) {
        struct plan plan;
        arena_reset(&arena);
        compact_decode(&plan, &arena, inputs[stack][i].bytes, inputs[stack][i].size,
                       DATABASE_sqlite);
        const struct run_result *result = run_plan(run, &plan);
        if (result->verdict.kind != VERDICT_OK) {
            fprintf(stderr, "bench_stacks: %s\n", result->verdict.report);
            exit(2);
        }
    }
    return clock_s(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static void measure(const struct run_options *options, int first_stack)
{
    struct run *run = NULL;
    struct error error;
    if (run_open(&run, options, &error) != ERROR_NONE) {
        fprintf(stderr, "bench_stacks: %s\n", error.message);
        exit(2);
    }
    static double times[STACKS][ROUNDS], ratios[STACKS][ROUNDS];
    for (int round = 0; round < ROUNDS; round++)
        for (int stack = first_stack; stack < STACKS; stack++) {
            times[stack][round] = time_inputs(run, stack);
            ratios[stack][round] = times[stack][round] / times[first_stack][round];
        }
    printf("%.6s: %d plans of %d interactions, median of %d rounds\n", run_backend_version(run),
           PLANS, INTERACTIONS, ROUNDS);
    for (int stack = first_stack; stack < STACKS; stack++) {
        double plan_s = median(times[stack], ROUNDS) / PLANS;
        printf("  %-7s %8.2f us a plan %9.0f plans/s   %s/%s %.2f\n", stack_names[stack],
               plan_s * 1e6, 1 / plan_s, stack_names[stack], stack_names[first_stack],
               median(ratios[stack], ROUNDS));
    }
    run_close(run);
}

int main(void)
{
    const struct run_options sqlite = {.subject = &interplay_subject_sqlite};
    const struct run_options memory = {.subject = &interplay_subject_memory};
    arena_init(&arena, (size_t)1 << 24);
    make_inputs(PLAN_STACK_DIRECT);
    measure(&sqlite, PLAN_STACK_DIRECT);
    make_inputs(PLAN_STACK_POOL);
    measure(&memory, PLAN_STACK_POOL);
    arena_clean_up(&arena);
    return 0;
}
