/* SPDX-License-Identifier: Apache-2.0 */
/* From options to a mode. */
#include "cli/mode_order.h"

static bool has_pins(const struct cli_pins *pins)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (pins->is_pinned[field])
            return true;
    return false;
}

bool cli_is_against(const struct cli_order *order)
{
    return order->differential_backend != NULL || order->differential || has_pins(&order->against);
}

static enum cli_status choose(struct mode_order *ret_mode, const char *command,
                              const struct cli_order *order)
{
    const struct cli_beside *beside = order->differential_backend;
    bool is_against = cli_is_against(order);
    *ret_mode = (struct mode_order){.kind = MODE_ONCE};
    if (order->doublecheck && is_against)
        return cli_usage_error(command, "--doublecheck runs a plan twice on the same: not with "
                                        "--differential, --differential-backend or --against");
    if (order->differential && beside != NULL)
        return cli_usage_error(command, "--differential-backend says more than --differential: one "
                                        "of them");
    if (order->differential && (beside = cli_beside_of(order->backend)) == NULL)
        return cli_usage_error(command, "--differential: there is one version of %s only",
                               order->backend->subject->name);
    if (beside != NULL && beside->options->subject == order->backend->subject &&
        !has_pins(&order->against))
        return cli_usage_error(command,
                               "--differential-backend %s is what runs already: another "
                               "one is wanted, or --against NAME=VALUE",
                               beside->name);
    if (order->doublecheck)
        ret_mode->kind = MODE_TWICE;
    if (is_against)
        *ret_mode = (struct mode_order){
            .kind = MODE_AGAINST,
            .other = beside == NULL ? NULL : beside->options,
            .config = &order->against.config,
            .is_pinned = order->against.is_pinned,
        };
    return CLI_OK;
}

enum cli_status cli_mode_order_open(struct cli_mode_order *ret_moded, const char *command,
                                    const struct cli_order *order)
{
    struct error error = {0};
    struct mode_order mode;
    ret_moded->order = *order;
    ret_moded->options = *order->backend;
    ret_moded->mode = NULL;
    if (choose(&mode, command, &ret_moded->order) != CLI_OK)
        return CLI_FAILED;
    if (mode_open(&ret_moded->mode, &mode, order->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    if (ret_moded->mode != NULL)
        ret_moded->options.mode = mode_run(ret_moded->mode);
    ret_moded->order.backend = &ret_moded->options;
    return CLI_OK;
}

void cli_mode_order_close(struct cli_mode_order *moded)
{
    mode_close(moded->mode);
}
