/* SPDX-License-Identifier: Apache-2.0 */
/* Reading traces for what was refused. */
#include "useful_work.h"

#include "base/arena.h"

#include <stdio.h>

/*
 * The database or the pool would not do it, as things stood. Others failed on the way: a fault, a
 * cancel, a death.
 */
static const bool is_refusal[OUTCOME_COUNT] = {
    [OUTCOME_BUSY] = true,       [OUTCOME_BUSY_SNAPSHOT] = true, [OUTCOME_LOCKED] = true,
    [OUTCOME_CONSTRAINT] = true, [OUTCOME_CANNOT_OPEN] = true,   [OUTCOME_PROTOCOL] = true,
    [OUTCOME_SCHEMA] = true,     [OUTCOME_SQL_ERROR] = true,     [OUTCOME_READONLY] = true,
    [OUTCOME_MISUSE] = true,     [OUTCOME_TIMEOUT] = true,       [OUTCOME_CLOSED] = true,
    [OUTCOME_OTHER] = true,
};

static void count(struct useful_work *work, const struct plan *plan, const struct trace *trace)
{
    uint64_t kept = trace->count < TRACE_EVENTS_MAX ? trace->count : TRACE_EVENTS_MAX;
    for (uint64_t i = 0; i < kept; i++) {
        const struct trace_event *event = &trace->events[i];
        if (event->kind != TRACE_skip && event->kind != TRACE_return)
            continue;
        uint8_t action = plan->interactions[event->interaction].action;
        uint32_t row = event->kind == TRACE_skip ? OUTCOME_COUNT : event->detail;
        work->interactions++;
        work->actions[row][action]++;
        if (event->kind == TRACE_skip)
            work->skipped++;
        else
            work->outcomes[event->detail]++;
    }
}

static bool measure(struct useful_work *work, struct run **run, struct generate_subject drawn,
                    uint64_t seed, uint64_t plans, struct error *error)
{
    struct arena arena;
    bool is_ok = true;
    arena_init(&arena, 1 << 20);
    for (; is_ok && work->plans < plans; work->plans++) {
        struct random random;
        struct plan plan;
        arena_reset(&arena);
        generate_seed(&random, seed, work->plans);
        generate_plan(&plan, &arena, &random, drawn);
        const struct run_result *result = run_plan(*run, &plan);
        count(work, &plan, result->trace);
        if (result->verdict.kind == VERDICT_OK)
            continue;
        work->findings++;
        fprintf(stderr, "plan %ju of seed %ju: %s\n", (uintmax_t)work->plans, (uintmax_t)seed,
                result->verdict.signature);
        is_ok = !verdict_is_error(&result->verdict) && run_renew(run, error) == ERROR_NONE;
    }
    arena_clean_up(&arena);
    return is_ok;
}

bool useful_work_measure(struct useful_work *ret_work, const struct subject *tested,
                         struct generate_subject drawn, uint64_t seed, uint64_t plans)
{
    const struct run_options options = {.subject = tested};
    struct error error = {0};
    struct run *run = NULL;
    *ret_work = (struct useful_work){0};
    if (run_open(&run, &options, &error) != ERROR_NONE) {
        fprintf(stderr, "%s\n", error.message);
        return false;
    }
    bool is_ok = measure(ret_work, &run, drawn, seed, plans, &error);
    if (run != NULL)
        run_close(run);
    return is_ok;
}

uint64_t useful_work_refused(const struct useful_work *work)
{
    uint64_t refused = work->skipped;
    for (uint32_t outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        refused += is_refusal[outcome] ? work->outcomes[outcome] : 0;
    return refused;
}

uint64_t useful_work_failed(const struct useful_work *work)
{
    uint64_t failed = 0;
    for (uint32_t outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (outcome != OUTCOME_OK && outcome != OUTCOME_ROW && !is_refusal[outcome])
            failed += work->outcomes[outcome];
    return failed;
}
