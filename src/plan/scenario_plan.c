/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario's steps in one order, as a plan. */
#include "plan/scenario.h"

enum { WAIT_MS = 5000 }; /* for another session's lock */

/* What a native plan's database starts with is not for scenarios. */
static const char *const head[] = {"DROP TABLE t0", "DROP TABLE t1"};
enum { HEAD_COUNT = sizeof head / sizeof *head };

struct maker {
    const struct scenario *scenario;
    struct scenario_plan *made;
};

static void add_text(struct maker *maker, uint32_t task, const char *sql, uint32_t step)
{
    struct plan *plan = &maker->made->plan;
    maker->made->step_of[plan->interaction_count] = step;
    plan->interactions[plan->interaction_count++] =
        (struct interaction){.task = (uint8_t)task, .action = ACTION_query, .sql = sql};
}

static void add_statements(struct maker *maker, uint32_t task, const struct scenario_text *text,
                           uint32_t step)
{
    for (uint32_t i = 0; i < text->statement_count; i++)
        add_text(maker, task, text->statements[i], step);
}

static void add_setup(struct maker *maker, uint32_t control)
{
    const struct scenario *scenario = maker->scenario;
    for (size_t i = 0; i < HEAD_COUNT; i++)
        add_text(maker, control, head[i], SCENARIO_NO_STEP);
    for (uint32_t i = 0; i < scenario->setup_count; i++)
        add_statements(maker, control, &scenario->setups[i], SCENARIO_NO_STEP);
    for (uint32_t i = 0; i < scenario->session_count; i++)
        add_statements(maker, i, &scenario->sessions[i].setup, SCENARIO_NO_STEP);
}

static void add_teardown(struct maker *maker, uint32_t control)
{
    const struct scenario *scenario = maker->scenario;
    for (uint32_t i = 0; i < scenario->session_count; i++)
        add_statements(maker, i, &scenario->sessions[i].teardown, SCENARIO_NO_STEP);
    add_statements(maker, control, &scenario->teardown, SCENARIO_NO_STEP);
}

/* The configuration says `number`, if it can. */
static void set_config(struct plan_config *config, enum plan_config_field field, int32_t number)
{
    for (uint8_t i = 0; i < plan_config_infos[field].value_count; i++)
        if (plan_config_infos[field].values[i].number == number)
            config->choice[field] = i;
}

static const struct scenario_step *step_at(const struct scenario *scenario,
                                           const struct scenario_order *order, uint32_t turn)
{
    return &scenario->steps[order == NULL ? turn : order->steps[turn]];
}

/* Those beside the steps, and those of the steps. */
static size_t count_interactions(const struct scenario *scenario,
                                 const struct scenario_order *order, uint32_t turns)
{
    size_t count = HEAD_COUNT + scenario->teardown.statement_count;
    for (uint32_t i = 0; i < scenario->setup_count; i++)
        count += scenario->setups[i].statement_count;
    for (uint32_t i = 0; i < scenario->session_count; i++)
        count += scenario->sessions[i].setup.statement_count +
                 scenario->sessions[i].teardown.statement_count;
    for (uint32_t i = 0; i < turns; i++)
        count += step_at(scenario, order, i)->text.statement_count;
    return count;
}

static void fill(struct maker *maker, const struct scenario_order *order, uint32_t turns,
                 uint32_t control)
{
    struct scenario_plan *made = maker->made;
    add_setup(maker, control);
    made->setup = made->plan.interaction_count;
    for (uint32_t i = 0; i < turns; i++) {
        const struct scenario_step *step = step_at(maker->scenario, order, i);
        add_statements(maker, step->session, &step->text,
                       (uint32_t)(step - maker->scenario->steps));
    }
    size_t before = made->plan.interaction_count;
    add_teardown(maker, control);
    made->check = made->plan.interaction_count - before;
}

enum error_code scenario_make_plan(const struct scenario *scenario,
                                   const struct scenario_order *order, struct arena *arena,
                                   struct scenario_plan *ret_plan, struct error *error)
{
    uint32_t turns = order == NULL ? scenario->step_count : order->count;
    size_t count = count_interactions(scenario, order, turns);
    bool has_control = scenario->session_count < PLAN_TASKS_MAX;
    if (count > SCENARIO_INTERACTIONS_MAX)
        return interplay_error(error, ERROR_INPUT,
                               "expected no more than %d statements in one order, found %zu",
                               SCENARIO_INTERACTIONS_MAX, count);
    *ret_plan = (struct scenario_plan){
        .plan = {.kind = PLAN_NATIVE,
                 .interactions = ARENA_ARRAY(arena, struct interaction, count)},
        .step_of = ARENA_ARRAY(arena, uint32_t, count),
    };
    struct maker maker = {scenario, ret_plan};
    set_config(&ret_plan->plan.config, PLAN_CONFIG_tasks,
               (int32_t)(scenario->session_count + has_control));
    set_config(&ret_plan->plan.config, PLAN_CONFIG_busy_timeout, WAIT_MS);
    fill(&maker, order, turns, has_control ? scenario->session_count : 0);
    return ERROR_NONE;
}
