/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engines' tables, found by weak symbols, so that this file can be linked to any of them.
 * libFuzzer's edge counters are a section of the program; AFL++'s map is shared with its process
 * and grows with the number of guards.
 */
#include "coverage.h"

#include "run/feedback.h"

#include <stdlib.h>
#include <string.h>

/* Of code built with inline-8bit-counters. The names are the linker's. */
extern uint8_t __start___sancov_cntrs[] __attribute__((weak));
extern uint8_t __stop___sancov_cntrs[] __attribute__((weak));

/* Of AFL++'s runtime. */
extern uint8_t *__afl_area_ptr __attribute__((weak));
extern uint32_t __afl_map_size __attribute__((weak));

/*
 * A guard for each state. AFL++'s runtime writes into every guard of the program which byte of the
 * map it has, and makes the map so large. Volatile: nobody whom the compiler sees writes to them.
 */
__attribute__((section("__sancov_guards"))) static volatile uint32_t guards[FEEDBACK_COUNTERS];

/* How often an edge was taken says nothing new about an interleaving, and fills the queue. */
static void forget_counts(void)
{
    uint8_t *map = __afl_area_ptr;
    for (size_t i = 0, size = __afl_map_size; i < size; i++)
        map[i] = map[i] != 0;
}

/*
 * Where the runtime gave no places (another instrumentation than its own guards), all have the
 * first one.
 */
static void move_states(void)
{
    for (size_t i = 0; i < FEEDBACK_COUNTERS; i += sizeof(uint64_t)) {
        uint64_t eight;
        memcpy(&eight, &feedback_counters[i], sizeof eight);
        if (eight == 0)
            continue;
        for (size_t k = i; k < i + sizeof eight; k++)
            if (feedback_counters[k] != 0)
                __afl_area_ptr[guards[k]] = 1;
        memset(&feedback_counters[i], 0, sizeof eight);
    }
}

void coverage_publish(void)
{
    if (&__afl_area_ptr == NULL)
        return;
    forget_counts();
    move_states();
}

/* Marks which of these counters have been above 0; true: one of them for the first time. */
static bool mark(const uint8_t *counters, uint8_t *seen, size_t size)
{
    bool is_new = false;
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t eight = 0;
        size_t part = size - i < sizeof eight ? size - i : sizeof eight;
        memcpy(&eight, &counters[i], part);
        if (eight == 0)
            continue;
        for (size_t k = i; k < i + part; k++) {
            is_new |= counters[k] != 0 && seen[k] == 0;
            seen[k] |= counters[k] != 0;
        }
    }
    return is_new;
}

bool coverage_is_new(void)
{
    static uint8_t states[FEEDBACK_COUNTERS], *edges;
    size_t edge_count = __start___sancov_cntrs == NULL
                            ? 0
                            : (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs);
    if (edges == NULL && edge_count > 0)
        edges = calloc(edge_count, 1);
    bool is_new = mark(feedback_counters, states, sizeof states);
    return (edges != NULL && mark(__start___sancov_cntrs, edges, edge_count)) || is_new;
}

void coverage_forget(void)
{
    memset(feedback_counters, 0, sizeof feedback_counters);
    if (__start___sancov_cntrs != NULL)
        memset(__start___sancov_cntrs, 0, (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs));
    if (&__afl_area_ptr == NULL)
        return;
    memset(__afl_area_ptr, 0, __afl_map_size);
    __afl_area_ptr[0] = 1; /* as its runtime does: an empty map is "not instrumented" */
}
