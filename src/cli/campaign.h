/* SPDX-License-Identifier: Apache-2.0 */
/* What `interplay run` is doing: plans from a seed, one after the other, and what came of them. */
#ifndef CLI_CAMPAIGN_H
#define CLI_CAMPAIGN_H

#include "base/arena.h"
#include "bugbase/recognize.h"
#include "cli/cli.h"
#include "cli/event_log.h"
#include "cli/metrics.h"
#include "cli/order.h"
#include "cli/progress.h"
#include "cli/results.h"
#include "generate/generate.h"
#include "mode/mode.h"
#include "run/run.h"
#include "run/watchdog.h"

#include <stdbool.h>
#include <stdint.h>

struct campaign {
    const struct cli_order *order;
    struct mode *mode; /* NULL: each plan runs once */
    struct generate_families families;
    struct generate_subject subject; /* that plans are drawn for; may point to `families` */
    uint64_t index;                  /* of the plan that runs */
    struct known_findings known;
    struct recognize_budget budget;
    struct run *run;
    uint64_t plans, statements, findings, known_count;
    uint64_t unjudged; /* met a limit of the harness */
    bool has_failed;   /* a finding could not be made small */
    bool is_over;
    struct cli_progress progress;
    const struct plan *given; /* instead of those of the seed; NULL: none */
    struct arena arena;       /* of the plan that runs */
    struct plan *running;     /* that one */
    uint64_t began_ns[PLAN_TASKS_MAX];
    struct metrics metrics;
    struct log_file log;
    struct cli_results results;
};

enum { CAMPAIGN_NAME_BYTES = 64, CAMPAIGN_ARENA_BYTES = 1 << 20 };

/* What a person calls that plan: "plan 7 of seed 42", or its file. */
void campaign_name_plan(char ret_name[CAMPAIGN_NAME_BYTES], const struct campaign *campaign,
                        uint64_t index);

/* Runs plan `index`, which `ret_plan` is then; metrics and log are told. */
const struct run_result *campaign_run_plan(struct campaign *campaign, uint64_t index,
                                           struct plan *ret_plan);

/* Runs so many, from the one that the order begins with, and prints what came of it. */
enum cli_status campaign_run(struct campaign *campaign, uint64_t plans_max);

/* How many states of all runs feedback has told apart. */
uint64_t campaign_states(void);

/* A plan that breaks something. */
struct campaign_finding {
    uint64_t index; /* of the seed */
    struct plan *plan;
    const struct run_result *result; /* of the campaign's run: until it runs the next one */
};

/*
 * Passes over, records, makes small, prints and stores it, as the order says. CLI_OK: the campaign
 * goes on, unless it `is_over`.
 */
enum cli_status campaign_take_finding(struct campaign *campaign, struct campaign_finding *finding);

/* --- for programs (campaign_tell.c) --- */

void campaign_open_results(struct campaign *campaign);

/* `recorded` is of the bug base; its name is empty where there is none. */
void campaign_tell_finding(struct campaign *campaign, const struct campaign_finding *finding,
                           const struct bugbase_recorded *recorded);

/* One that was not judged. */
void campaign_tell_failure(struct campaign *campaign, const char *name, const char *message);

/* The exit status. */
enum cli_status campaign_close_results(struct campaign *campaign, enum cli_status status);

/* The command that runs this one plan again: from its file, or from its seed. */
void campaign_describe_again(const struct campaign *campaign, uint64_t index, struct text *command);

/* For watchdog_begin: says which plan never ends, and how to run it again; ends the process. */
void campaign_time_out(void *campaign, const struct verdict *verdict);

/* A plan that met a limit of the harness is counted; the first one is said on stderr. */
enum cli_status campaign_pass_over(struct campaign *campaign, struct campaign_finding *finding);

/* The line of figures: on a terminal while it runs, at the end with what came of it. */
void campaign_show_progress(struct campaign *campaign, uint64_t now_ms);
void campaign_print_summary(const struct campaign *campaign, const char *verdict);

#endif
