/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/target.h"

#include "cli/mode_order.h"

#include <stddef.h>

enum { SHOWN_BYTES = 2048 };

static bool has_target(const struct cli_order *order)
{
    return order->target != NULL || order->target_host != NULL || order->target_port != NULL ||
           order->target_user != NULL || order->target_password != NULL ||
           order->target_database != NULL;
}

/* Two processes, or two runs of which both must come to the same, would be in each other's way. */
static const char *what_cannot_be(const struct cli_order *order)
{
    if (order->jobs > 1)
        return "--jobs: plans run one after the other in somebody's own database";
    if (order->doublecheck || order->times > 1)
        return "what somebody's own server does twice need not be the same: no --doublecheck, no "
               "--times";
    if (order->through != NULL)
        return "--through stands in front of a server of the harness's own";
    if (cli_is_against(order) && order->reset_table.count == 0)
        return "results are compared only where both begin alike: --reset-table";
    return NULL;
}

static bool is_consistent(const struct cli_order *order, const char *command)
{
    const char *subject = order->backend->subject->name;
    const char *problem = what_cannot_be(order);
    if (order->backend->subject->targets == NULL)
        (void)cli_usage_error(command,
                              "--target: plans run on %s only in a database of the "
                              "harness's own",
                              subject);
    else if (problem != NULL)
        (void)cli_usage_error(command, "--target: %s", problem);
    else
        return true;
    return false;
}

static bool use(struct cli_order *order, enum cli_takers taker)
{
    static char shown[SHOWN_BYTES]; /* as long as the order */
    const char *tables[CLI_TABLES_MAX];
    struct error error = {0};
    for (uint32_t i = 0; i < order->reset_table.count; i++)
        tables[i] = order->reset_table.names[i];
    const struct subject_target target = {
        .text = order->target == NULL ? "" : order->target,
        .host = order->target_host,
        .port = order->target_port,
        .user = order->target_user,
        .password = order->target_password,
        .database = order->target_database,
        .tables = tables,
        .table_count = order->reset_table.count,
        .reset = order->reset_mode.reset,
        .runs_native_plans = taker == CLI_RUN && order->plan == NULL,
    };
    if (order->backend->subject->targets->use(&target, shown, sizeof shown, &error) != ERROR_NONE) {
        interplay_error_context(&error, "--target");
        (void)cli_fail(&error);
        return false;
    }
    order->target = shown;
    return true;
}

bool cli_target_take(struct cli_order *order, const char *command, enum cli_takers taker)
{
    if (has_target(order))
        return is_consistent(order, command) && use(order, taker);
    bool resets = order->reset_table.count > 0 || order->reset_mode.is_given;
    if (resets)
        (void)cli_usage_error(command, "--reset-table and --reset-mode are for --target: what "
                                       "plans run on else is empty before each");
    return !resets;
}
