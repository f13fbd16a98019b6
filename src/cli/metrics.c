/* SPDX-License-Identifier: Apache-2.0 */
/* Counting events; lines for people, and a JSON document. */
#include "cli/metrics.h"

#include "base/file.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static enum plan_action action_of(const struct plan *plan, const struct event *event)
{
    return (enum plan_action)plan->interactions[event->interaction].action;
}

static void read_return(struct metrics *metrics, enum plan_action action,
                        const uint64_t began_ns[PLAN_TASKS_MAX], const struct event *event)
{
    metrics->outcomes[action][event->detail]++;
    metrics->broken_connections += event->detail == OUTCOME_DIED;
    if (action == ACTION_sleep)
        return;
    uint64_t waited_ns = event->now_ns - began_ns[event->task];
    if (waited_ns > metrics->longest_wait_ns)
        metrics->longest_wait_ns = waited_ns;
}

void metrics_read(struct metrics *metrics, const struct plan *plan,
                  uint64_t began_ns[PLAN_TASKS_MAX], const struct event *event)
{
    if (event->interaction >= plan->interaction_count || event->task >= PLAN_TASKS_MAX)
        return;
    if (event->kind == EVENT_invoke)
        began_ns[event->task] = event->now_ns;
    else if (event->kind == EVENT_return)
        read_return(metrics, action_of(plan, event), began_ns, event);
    else if (event->kind == EVENT_skip)
        metrics->skipped[action_of(plan, event)]++;
    else if (event->kind == EVENT_fault)
        metrics->faults[event->detail]++;
    else if (event->kind == EVENT_sleep)
        metrics->retries += action_of(plan, event) != ACTION_sleep;
}

void metrics_add(struct metrics *metrics, const struct metrics *more)
{
    for (int action = 0; action < ACTION_COUNT; action++) {
        for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
            metrics->outcomes[action][outcome] += more->outcomes[action][outcome];
        metrics->skipped[action] += more->skipped[action];
    }
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++)
        metrics->faults[kind] += more->faults[kind];
    metrics->broken_connections += more->broken_connections;
    metrics->retries += more->retries;
    if (more->longest_wait_ns > metrics->longest_wait_ns)
        metrics->longest_wait_ns = more->longest_wait_ns;
}

/* --- coverage of actions ---------------------------------------------------------------------- */

struct action_coverage {
    uint8_t actions[ACTION_COUNT];
    uint32_t count, done; /* of the database; of these some that came to ok */
};

static struct action_coverage cover(const struct metrics *metrics, enum plan_database database)
{
    struct action_coverage coverage = {.done = 0};
    coverage.count = plan_list_actions(database, coverage.actions);
    for (uint32_t i = 0; i < coverage.count; i++)
        coverage.done += metrics->outcomes[coverage.actions[i]][OUTCOME_OK] > 0;
    return coverage;
}

/* --- for people ------------------------------------------------------------------------------ */

static void print_action(const struct metrics *metrics, uint8_t action, FILE *out)
{
    bool has_any = false;
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        uint64_t count = metrics->outcomes[action][outcome];
        if (count == 0)
            continue;
        fprintf(out, has_any ? ", %s %" PRIu64 : "%s %" PRIu64, interplay_outcome_names[outcome],
                count);
        has_any = true;
    }
    if (metrics->skipped[action] > 0)
        fprintf(out, has_any ? ", not possible %" PRIu64 : "not possible %" PRIu64,
                metrics->skipped[action]);
}

static bool was_tried(const struct metrics *metrics, uint8_t action)
{
    uint64_t count = metrics->skipped[action];
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        count += metrics->outcomes[action][outcome];
    return count > 0;
}

static void print_faults(const struct metrics *metrics, FILE *out)
{
    bool has_any = false;
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        if (metrics->faults[kind] == 0)
            continue;
        fprintf(out, "%s %s %" PRIu64, has_any ? "," : "faults:", fault_infos[kind].name,
                metrics->faults[kind]);
        has_any = true;
    }
    fprintf(out, has_any ? "\n" : "faults: none\n");
}

void metrics_print(const struct metrics *metrics, enum plan_database database, uint64_t states,
                   FILE *out)
{
    const struct action_coverage coverage = cover(metrics, database);
    for (uint32_t i = 0; i < coverage.count; i++) {
        if (!was_tried(metrics, coverage.actions[i]))
            continue;
        fprintf(out, "  %-14s ", plan_action_infos[coverage.actions[i]].name);
        print_action(metrics, coverage.actions[i], out);
        fputc('\n', out);
    }
    print_faults(metrics, out);
    fprintf(out,
            "broken connections: %" PRIu64 "; retries: %" PRIu64 "; longest wait: %" PRIu64
            ".%03" PRIu64 " ms\n",
            metrics->broken_connections, metrics->retries, metrics->longest_wait_ns / 1000000,
            metrics->longest_wait_ns / 1000 % 1000);
    fprintf(out, "covered: %" PRIu32 " of %" PRIu32 " actions, %" PRIu64 " states\n", coverage.done,
            coverage.count, states);
}

/* --- as JSON --------------------------------------------------------------------------------- */

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *action_object(const struct metrics *metrics, uint8_t action)
{
    json_t *object = json_object();
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (metrics->outcomes[action][outcome] > 0)
            (void)json_object_set_new(object, interplay_outcome_names[outcome],
                                      number(metrics->outcomes[action][outcome]));
    if (metrics->skipped[action] > 0)
        (void)json_object_set_new(object, "not_possible", number(metrics->skipped[action]));
    return object;
}

static json_t *outcomes_object(const struct metrics *metrics,
                               const struct action_coverage *coverage)
{
    json_t *object = json_object();
    for (uint32_t i = 0; i < coverage->count; i++)
        if (was_tried(metrics, coverage->actions[i]))
            (void)json_object_set_new(object, plan_action_infos[coverage->actions[i]].name,
                                      action_object(metrics, coverage->actions[i]));
    return object;
}

static json_t *faults_object(const struct metrics *metrics)
{
    json_t *object = json_object();
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++)
        if (metrics->faults[kind] > 0)
            (void)json_object_set_new(object, fault_infos[kind].name,
                                      number(metrics->faults[kind]));
    return object;
}

/* The seed is a text: JSON's numbers are not wide enough. */
static json_t *document(const struct metrics *metrics, const struct metrics_frame *frame)
{
    const struct action_coverage coverage = cover(metrics, frame->database);
    char seed[24];
    (void)snprintf(seed, sizeof seed, "%" PRIu64, frame->seed);
    double rate = frame->seconds > 0 ? (double)frame->plans / frame->seconds : 0;
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:f, s:f, s:o, s:o, s:f, s:o, s:o, s:{s:i, s:i, s:o}}",
        "tested", frame->tested, "seed", seed, "plans", number(frame->plans), "statements",
        number(frame->statements), "violations", number(frame->violations), "known",
        number(frame->known), "not_judged", number(frame->unjudged), "seconds", frame->seconds,
        "plans_per_second", rate, "broken_connections", number(metrics->broken_connections),
        "retries", number(metrics->retries), "longest_wait_ms",
        (double)metrics->longest_wait_ns / 1e6, "outcomes", outcomes_object(metrics, &coverage),
        "faults", faults_object(metrics), "coverage", "actions", (int)coverage.done, "actions_of",
        (int)coverage.count, "states", number(frame->states));
}

enum error_code metrics_save(const struct metrics *metrics, const struct metrics_frame *frame,
                             const char *path, struct error *error)
{
    json_object_seed(1); /* not by the system's random numbers */
    json_t *root = document(metrics, frame);
    char *text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
    enum error_code code = text == NULL ? interplay_error(error, ERROR_MEMORY, "out of memory")
                                        : file_write(path, text, strlen(text), error);
    free(text);
    json_decref(root);
    return code;
}
