/* SPDX-License-Identifier: Apache-2.0 */
/* Printing a finding. */
#include "report/finding.h"

#include "base/arena.h"
#include "plan/describe.h"
#include "plan/json.h"
#include "report/side_by_side.h"

#include <inttypes.h>

/* Address space only. */
static const size_t arena_bytes = (size_t)256 << 20;

static void print_plan(const struct plan *plan, FILE *out)
{
    struct arena arena;
    arena_init(&arena, arena_bytes);
    char *text;
    size_t length;
    if (json_write(plan, &arena, &text, &length) == ERROR_NONE)
        (void)fwrite(text, 1, length, out);
    else
        fputs("(it cannot be written as JSON)\n", out);
    arena_clean_up(&arena);
}

static void print_place(const struct finding *finding, FILE *out)
{
    const struct plan *plan = finding->plan;
    size_t place = finding->result->verdict.interaction;
    if (place >= plan->interaction_count) {
        fprintf(out, "noticed:   after the last of %zu interactions\n", plan->interaction_count);
        return;
    }
    const struct interaction *interaction = &plan->interactions[place];
    fprintf(out, "noticed:   at interaction %zu of %zu: task %u, %s\n", place,
            plan->interaction_count, (unsigned)interaction->task,
            plan_action_infos[interaction->action].name);
}

static void print_unjudged(const struct run_result *result, FILE *out)
{
    char bytes[512];
    struct text ends;
    text_init(&ends, bytes, sizeof bytes);
    oracle_ends_describe(&result->ends, &ends);
    if (result->unjudged.reason != NULL)
        fprintf(out, "\n%s not judged from step %" PRIu32 ": %s\n",
                result->unjudged.is_everything ? "content and errors" : "content",
                result->unjudged.interaction, result->unjudged.reason);
    if (ends.length > 0)
        fprintf(out, "\nnot judged: %s\n", bytes);
}

static void print_first_steps(const struct plan *plan, FILE *out)
{
    size_t count = plan->interaction_count;
    fputs("\n---- first steps ----\n", out);
    for (size_t i = 0; i < count && i < FINDING_STEPS; i++) {
        char bytes[256];
        struct text text;
        text_init(&text, bytes, sizeof bytes);
        plan_describe(&plan->interactions[i], &text);
        fprintf(out, "%5zu  task %u  %s\n", i, (unsigned)plan->interactions[i].task, bytes);
    }
    if (count > FINDING_STEPS)
        fprintf(out, "  ...  (%zu steps more)\n", count - FINDING_STEPS);
}

void finding_print(const struct finding *finding, FILE *out)
{
    const struct run_result *result = finding->result;
    fprintf(out, "\n==== interplay: violation %s ====\n", result->verdict.signature);
    fprintf(out, "tested:    %s\n", finding->version);
    print_place(finding, out);
    if (finding->in_force != NULL && finding->in_force[0] != '\0')
        fprintf(out, "in force:  %s\n", finding->in_force);
    fprintf(out, "trace:     %016" PRIx64 "\n\n%s\n", result->trace_hash, result->verdict.report);
    print_unjudged(result, out);
    if (finding->recording != NULL)
        side_by_side_print(finding->recording, result->verdict.interaction, out);
    print_first_steps(finding->plan, out);
    if (result->trace != NULL) { /* else they went with the process */
        fputs("\n---- last events ----\n", out);
        trace_print_tail(result->trace, FINDING_EVENTS, out);
    }
    fputs("\n---- plan ----\n", out);
    print_plan(finding->plan, out);
    if (finding->replay_command != NULL)
        fprintf(out, "\n---- replay ----\n%s\n", finding->replay_command);
    fputs("====\n", out);
    (void)fflush(out);
}
