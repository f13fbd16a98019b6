/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for the signature of a plan. */
#include "explain/judge.h"

#include "run/isolated.h"

#include <stdio.h>
#include <string.h>

static bool go_on(struct judge *judge)
{
    if (judge->is_over)
        return false;
    judge->candidates++;
    if (judge->on_progress != NULL && !judge->on_progress(judge->context, judge->candidates))
        judge->is_over = true;
    return !judge->is_over;
}

enum judge_answer judge_ask(struct judge *judge, const struct plan *plan,
                            char ret_came_to[JUDGE_SIGNATURE_BYTES])
{
    static const struct isolated_options quiet = {.is_quiet = true};
    struct isolated_result result;
    if (!go_on(judge))
        return JUDGE_UNKNOWN;
    enum error_code code = isolated_run(judge->run, plan, &quiet, &result, judge->error);
    if (code != ERROR_NONE && code != ERROR_BACKEND) {
        judge->code = code;
        judge->is_over = true;
    }
    if (code != ERROR_NONE || verdict_is_error(&result.verdict))
        return JUDGE_UNKNOWN;
    bool is_ok = result.verdict.kind == VERDICT_OK;
    if (ret_came_to != NULL)
        (void)snprintf(ret_came_to, JUDGE_SIGNATURE_BYTES, "%s",
                       is_ok ? "ok" : result.verdict.signature);
    bool is_shown = !is_ok && strcmp(result.verdict.signature, judge->signature) == 0;
    return is_shown ? JUDGE_SHOWS : JUDGE_OTHER;
}

static bool has_power_loss(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].fault == FAULT_power_loss)
            return true;
    return false;
}

enum judge_answer judge_ask_moved(struct judge *judge, struct plan *plan,
                                  char ret_came_to[JUDGE_SIGNATURE_BYTES])
{
    enum judge_answer answer = judge_ask(judge, plan, ret_came_to);
    uint8_t own = plan->config.choice[PLAN_CONFIG_loss_seed];
    uint8_t seeds = has_power_loss(plan) ? plan_config_infos[PLAN_CONFIG_loss_seed].value_count : 0;
    for (uint8_t seed = 0; seed < seeds && answer == JUDGE_OTHER; seed++) {
        plan->config.choice[PLAN_CONFIG_loss_seed] = seed;
        if (seed != own)
            answer = judge_ask(judge, plan, NULL);
    }
    if (answer != JUDGE_SHOWS)
        plan->config.choice[PLAN_CONFIG_loss_seed] = own;
    return answer;
}
