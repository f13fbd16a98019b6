/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/rows_prepared.h"

#include <stdio.h>

static enum plan_effect effect_of(const struct interaction *interaction)
{
    return plan_action_infos[interaction->action].effect;
}

bool rows_is_of_prepared(const struct interaction *interaction)
{
    enum plan_effect effect = effect_of(interaction);
    return effect == EFFECT_PREPARE || effect == EFFECT_COMMIT_PREPARED ||
           effect == EFFECT_ROLLBACK_PREPARED;
}

bool rows_prepared_call(struct rows_prepared *prepared, const struct interaction *interaction)
{
    bool is_alone = prepared->in_calls++ == 0;
    prepared->is_contended = !is_alone;
    prepared->prepares =
        effect_of(interaction) == EFFECT_PREPARE || (!is_alone && prepared->prepares);
    return is_alone || !prepared->prepares;
}

static void contradict(size_t step, const char *kind, const char *words, struct verdict *verdict)
{
    char signature[64];
    (void)snprintf(signature, sizeof signature, "rows/prepared-%s", kind);
    verdict_violation(verdict, step, signature, "%s", words);
}

static void judge(const struct rows_prepared *prepared, bool prepares, size_t step,
                  enum outcome outcome, bool may_refuse, struct verdict *verdict)
{
    bool is_there = prepared->work != NULL, is_done = outcome == OUTCOME_OK;
    if (is_done && prepares && is_there)
        contradict(step, "twice", "a transaction was prepared under a name that another one has",
                   verdict);
    else if (is_done && !prepares && !is_there)
        contradict(step, "from-nowhere",
                   "a transaction was ended by its name, and none was prepared under that, or it "
                   "had been ended before",
                   verdict);
    else if (outcome == OUTCOME_SQL_ERROR && !prepares && is_there && !may_refuse)
        contradict(step, "gone",
                   "there is no transaction of that name, says the database; one was prepared "
                   "under it, and nobody has ended that",
                   verdict);
}

void rows_prepared_result(struct rows_prepared *prepared, const struct interaction *interaction,
                          size_t step, enum outcome outcome, const struct rows_work *work,
                          bool may_refuse, struct verdict *verdict)
{
    bool prepares = effect_of(interaction) == EFFECT_PREPARE;
    prepared->in_calls--;
    if (!prepared->is_contended)
        judge(prepared, prepares, step, outcome, may_refuse, verdict);
    if (outcome == OUTCOME_OK)
        prepared->work = prepares ? work : NULL;
}
