/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One oracle and a plan of 32 interactions, for unit tests that make up what happens: an event is
 * fed as the runner would emit it, and must be one that the oracle reads.
 */
#ifndef TESTS_ORACLE_FIXTURE_H
#define TESTS_ORACLE_FIXTURE_H

#include "base/arena.h"
#include "oracle/oracles.h"
#include "plan/compact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS_MAX = 32 };

static struct arena arena;
static struct verdict verdict;
static struct plan plan;
static struct interaction steps[STEPS_MAX];
static const struct oracle *oracle;
static void *oracle_state;
static const struct promises no_promises;

/* The plan is the simplest one, of every byte zero. */
static inline void reset_plan(void)
{
    arena_reset(&arena);
    memset(steps, 0, sizeof steps);
    memset(&verdict, 0, sizeof verdict);
    compact_decode(&plan, &arena, NULL, 0, DATABASE_sqlite);
    plan.interactions = steps;
    plan.interaction_count = STEPS_MAX;
}

static inline void configure(enum plan_config_field field, int32_t number)
{
    while (plan_config_get(&plan.config, field) != number)
        plan.config.choice[field]++;
}

/* The rest of `setting` is filled in; it must outlive the oracle. */
static inline void begin_oracle(const char *name, struct oracle_setting *setting)
{
    setting->arena = &arena;
    setting->plan = setting->judged = &plan;
    if (setting->promises == NULL)
        setting->promises = &no_promises;
    for (uint32_t i = 0; i < ORACLE_COUNT; i++)
        if (strcmp(oracle_table[i].name, name) == 0)
            oracle = &oracle_table[i];
    assert_non_null(oracle);
    oracle_state = arena_alloc(&arena, oracle->ops->state_bytes);
    if (oracle->ops->begin != NULL)
        oracle->ops->begin(oracle_state, setting);
}

static inline void feed(struct event event)
{
    const struct oracle_handler *handler = oracle->ops->handlers;
    while (handler->on_event != NULL && handler->kind != event.kind)
        handler++;
    assert_non_null(handler->on_event);
    handler->on_event(oracle_state, &event, &verdict);
}

static inline void feed_result(uint32_t task, size_t step, const struct observation *seen)
{
    const struct event_result result = {.seen = seen};
    feed((struct event){.kind = EVENT_result,
                        .task = (uint8_t)task,
                        .interaction = (uint32_t)step,
                        .result = &result});
}

static inline void assert_ok(void)
{
    if (verdict.kind != VERDICT_OK)
        fail_msg("%s: %s", verdict.signature, verdict.report);
}

static inline void assert_signature(const char *signature)
{
    assert_int_equal(verdict.kind, VERDICT_VIOLATION);
    assert_string_equal(verdict.signature, signature);
}

/* False: no database of this build has an action with that effect. */
static inline bool finds(enum plan_effect effect, enum plan_action *ret_action)
{
    uint32_t action = 0;
    while (action < ACTION_COUNT && plan_action_infos[action].effect != effect)
        action++;
    *ret_action = (enum plan_action)action;
    return action < ACTION_COUNT;
}

/* Runs the tests with an arena for them. */
#define RUN_ORACLE_TESTS(tests)                                                                    \
    (arena_init(&arena, (size_t)64 << 20), cmocka_run_group_tests(tests, NULL, NULL))

#endif
