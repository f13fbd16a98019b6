/* SPDX-License-Identifier: Apache-2.0 */
/* Supposing which steps commute, and finding the first of orders that are alike. */
#include "explore/commute.h"

/* --- supposing -------------------------------------------------------------------------------- */

static enum commute_bond bond_of_text(const struct subject *subject, const char *sql)
{
    char name[SUBJECT_WORDS_BYTES];
    if (subject->transaction_of == NULL)
        return BOND_ALL;
    enum subject_transaction what = subject->transaction_of(sql, name);
    return what == SUBJECT_BEGIN_DEFERRED || what == SUBJECT_SAVEPOINT ? BOND_NOTHING : BOND_ALL;
}

/* Neither writes nor sets free what somebody has written. */
static enum commute_bond bond_of(const struct interaction *interaction,
                                 const struct subject *subject)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    if (interaction->sql != NULL)
        return bond_of_text(subject, interaction->sql);
    if (info->stream_of != 0)
        return BOND_ALL;
    switch (info->effect) {
    case EFFECT_BEGIN:
        return interaction->arguments[FIELD_begin_mode] == BEGIN_DEFERRED ? BOND_NOTHING : BOND_ALL;
    case EFFECT_SAVEPOINT:
        return BOND_NOTHING;
    case EFFECT_READ:
    case EFFECT_READ_NUMBER:
        return BOND_READ;
    case EFFECT_NONE:
    case EFFECT_LOCK_ROWS:
    case EFFECT_CURSOR:
    case EFFECT_FETCH:
    case EFFECT_ASIDE:
    case EFFECT_ROWS:
    case EFFECT_SCHEMA:
    case EFFECT_NUMBER:
    case EFFECT_COMMIT:
    case EFFECT_ROLLBACK:
    case EFFECT_RELEASE:
    case EFFECT_ROLLBACK_TO:
    case EFFECT_PREPARE:
    case EFFECT_COMMIT_PREPARED:
    case EFFECT_ROLLBACK_PREPARED:
    case EFFECT_LOOK:
    case EFFECT_REPORT:
    case EFFECT_OUTSIDE:
    case EFFECT_UNKNOWN:
    case EFFECT_COUNT:
        break;
    }
    return BOND_ALL;
}

static bool ends_a_transaction(const struct interaction *interaction)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    return interaction->sql == NULL && (effect == EFFECT_COMMIT || effect == EFFECT_ROLLBACK ||
                                        effect == EFFECT_RELEASE || effect == EFFECT_ROLLBACK_TO);
}

/* Of a task that does nothing but read, the end of a transaction is no more than that. */
static bool only_reads(const struct steps *steps, const struct subject *subject, uint32_t task)
{
    for (size_t i = 0; i < steps->plan.interaction_count - steps->check; i++) {
        const struct interaction *interaction = &steps->plan.interactions[i];
        if (interaction->task == task && !ends_a_transaction(interaction) &&
            bond_of(interaction, subject) == BOND_ALL)
            return false;
    }
    return true;
}

static enum commute_bond suppose(const struct steps *steps, const struct subject *subject,
                                 uint32_t first)
{
    enum commute_bond bond = BOND_NOTHING;
    for (uint32_t i = first; i < first + steps->length[first]; i++) {
        const struct interaction *interaction = &steps->plan.interactions[i];
        enum commute_bond other = bond_of(interaction, subject);
        if (ends_a_transaction(interaction) && only_reads(steps, subject, interaction->task))
            other = BOND_READ;
        if (other > bond)
            bond = other;
    }
    return bond;
}

/* Steps have other numbers in another order, and the rows that they write have these. */
static bool chooses_by_number(const struct interaction *interaction)
{
    uint32_t filter = interaction->arguments[FIELD_filter];
    return plan_action_has((enum plan_action)interaction->action, FIELD_filter) &&
           (filter == FILTER_VALUE_FROM || filter == FILTER_VALUE_BELOW);
}

/* 0: something else counts, too. */
static uint64_t footprint_of_readers(const struct steps *steps, const struct subject *subject,
                                     bool has_stack)
{
    const struct plan *plan = &steps->plan;
    int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
    plan_own_settings(&plan->config, plan->database, settings);
    if (has_stack || plan_config_get(&plan->config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT ||
        subject->readers_footprint == NULL ||
        (steps->names != NULL && steps->names->ticker < PLAN_TASKS_MAX))
        return 0;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        if (interaction->fault != FAULT_NONE || interaction->pause_after > 0 ||
            chooses_by_number(interaction))
            return 0;
    }
    return subject->readers_footprint(settings);
}

void commute_init(struct commute *ret_commute, const struct steps *steps,
                  const struct subject *subject, bool has_stack)
{
    *ret_commute = (struct commute){
        .of_readers = footprint_of_readers(steps, subject, has_stack),
    };
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        for (uint32_t i = 0; i < steps->count[task]; i++) {
            uint32_t step = steps->of[task][i];
            ret_commute->bond[step] = (uint8_t)suppose(steps, subject, step);
        }
}

bool commute_raise(struct commute *commute, uint32_t step, uint8_t bond)
{
    bool is_new = commute->of_readers != 0 && bond > commute->bond[step];
    if (is_new)
        commute->bond[step] = bond;
    return is_new;
}

/* --- orders ----------------------------------------------------------------------------------- */

static bool may_change_places(enum commute_bond left, enum commute_bond right)
{
    return left == BOND_NOTHING || right == BOND_NOTHING ||
           (left == BOND_READ && right == BOND_READ);
}

/* It could go to where one of a larger task is, past all in between. */
static bool is_late(const struct path *path, const enum commute_bond *bonds, const bool *is_whole,
                    uint32_t turn)
{
    for (uint32_t i = turn; is_whole[turn] && i > 0; i--) {
        uint32_t before = i - 1;
        if (!is_whole[before] || path->turns[before].task == path->turns[turn].task ||
            !may_change_places(bonds[before], bonds[turn]))
            return false;
        if (path->turns[before].task > path->turns[turn].task)
            return true;
    }
    return false;
}

uint32_t commute_first_late(const struct commute *commute, const struct steps *steps,
                            const struct path *path)
{
    enum commute_bond bonds[TURNS_MAX];
    bool is_whole[TURNS_MAX], is_held[PLAN_TASKS_MAX] = {false};
    uint32_t next[PLAN_TASKS_MAX] = {0};
    for (uint32_t i = 0; commute->of_readers != 0 && i < path->count; i++) {
        const struct turn *turn = &path->turns[i];
        bonds[i] = (enum commute_bond)commute->bond[steps->of[turn->task][next[turn->task]]];
        is_whole[i] = !is_held[turn->task] && turn->stop == 0;
        is_held[turn->task] = turn->stop != 0;
        next[turn->task] += turn->stop == 0;
        if (is_late(path, bonds, is_whole, i))
            return i;
    }
    return path->count;
}
