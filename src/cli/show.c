/* SPDX-License-Identifier: Apache-2.0 */
/* interplay show: a plan as a table, one column a task, and what happens when it runs. */
#include "cli/command.h"
#include "cli/plan_files.h"
#include "cli/recorded_run.h"
#include "cli/terminal.h"
#include "report/plan_table.h"
#include "report/trace_lanes.h"

#include <stdint.h>
#include <stdio.h>

static const char about[] =
    "Prints the plan in FILE (.json, .pb, .bin, or compact bytes without extension) as a\n"
    "table: one column a task, one row an interaction.\n"
    "  || after 12 lock   held back after 12 yield points of the class lock\n"
    "  !! io_write #2     the second write fails\n"
    "  => 3 rows          what the plan expects\n";

static void print_events(const struct cli_order *order, const struct cli_recorded_run *recorded)
{
    const struct trace_lanes lanes = {
        .plan = &recorded->plan,
        .recording = recorded->recording,
        .verdict = &recorded->result.verdict,
        .has_colours = cli_has_colours(order->color),
        .width = order->width,
    };
    trace_lanes_print(&lanes, stdout);
}

static void print_overrides(const struct cli_order *order, const struct plan *plan)
{
    char bytes[256];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    run_describe_overrides(order->backend, plan, &text);
    if (text.length > 0)
        printf("\nin force: %s\n", bytes);
}

static enum cli_status show_run(const struct cli_order *order, const char *path)
{
    struct error error = {0};
    struct cli_recorded_run recorded;
    if (cli_record_run(&recorded, path, order->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = cli_recorded_run_status(&recorded);
    plan_table_print(&recorded.plan, order->width, stdout);
    print_overrides(order, &recorded.plan);
    fputc('\n', stdout);
    print_events(order, &recorded);
    if (status == CLI_FINDING)
        printf("\n%s: violation %s\n%s\n", path, recorded.result.verdict.signature,
               recorded.result.verdict.report);
    else
        printf("\n%s: ok\n", path);
    cli_recorded_run_clean_up(&recorded);
    return cli_finish_output(status);
}

static enum cli_status show_plan(const struct cli_order *order, const char *path)
{
    struct error error;
    struct plan plan;
    struct arena arena;
    if (cli_load_plan(&plan, &arena, path, cli_database(order->backend), &error) != ERROR_NONE)
        return cli_fail(&error);
    plan_table_print(&plan, order->width, stdout);
    print_overrides(order, &plan);
    arena_clean_up(&arena);
    return cli_finish_output(CLI_OK);
}

static enum cli_status show(const struct cli_order *order)
{
    struct cli_order shown = *order;
    if (order->width == CLI_WIDTH_OF_TERMINAL)
        shown.width = cli_width();
    return order->trace ? show_run(&shown, order->operands[0])
                        : show_plan(&shown, order->operands[0]);
}

const struct cli_command cli_show = {
    .name = "show",
    .arguments = "FILE",
    .summary = "print a plan as a table, one column a task",
    .about = about,
    .notes = "In a lane: | in a call, : held back, . waits. Exit status: 0, or with --trace as\n"
             "replay.\n",
    .taker = CLI_SHOW,
    .defaults = {.width = CLI_WIDTH_OF_TERMINAL},
    .operands = {"file", 1, 1},
    .run = show,
};
