/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a stack makes of the modes that a plan asks for: it says so in its table of functions
 * (`begins`, `modes`), the runner acts and the oracles judge by it, and people are told.
 */
#include "run/state.h"

#include <interplay/error.h>

#include <string.h>

const struct stack_ops *run_stack_of(const struct subject *subject, const struct stack_ops *own,
                                     const struct plan *plan)
{
    if (plan_kind(plan)->has_pool_size)
        return &interplay_stack_fixed;
    if (own != NULL)
        return own;
    if (!run_takes_pool(subject, &plan->config))
        return &interplay_stack_direct;
    switch ((enum plan_stack)plan_config_get(&plan->config, PLAN_CONFIG_stack)) {
    case PLAN_STACK_DIRECT:
        /* Without a database behind it there is nothing to test but the pool. */
        return subject->backend->capabilities & BACKEND_HAS_MODEL ? &interplay_stack_direct
                                                                  : &interplay_stack_pool;
    case PLAN_STACK_POOL:
        return &interplay_stack_pool;
    case PLAN_STACK_ACTORS:
        return &interplay_stack_actors;
    }
    return &interplay_stack_direct;
}

static bool keeps_everything(const struct stack_ops *ops)
{
    return (ops->traits & STACK_TASKS_KEEP_CONNECTIONS) != 0;
}

/* --- modes of the database -------------------------------------------------------------------- */

/* False: the stack names a mode that the subject does not know. */
static bool override_modes(const struct subject *subject, const struct stack_ops *ops,
                           int32_t settings[SUBJECT_SETTINGS_MAX])
{
    if (keeps_everything(ops))
        return true;
    if (ops->modes == NULL) {
        if (subject->settings_of_pool != NULL)
            subject->settings_of_pool(settings);
        return true;
    }
    return *ops->modes == '\0' ||
           (subject->settings_of_modes != NULL && subject->settings_of_modes(ops->modes, settings));
}

static void override_settings(const struct subject *subject, const struct stack_ops *ops,
                              int32_t settings[SUBJECT_SETTINGS_MAX])
{
    if (subject->between != NULL)
        subject->between->settings(settings);
    if (!keeps_everything(ops) && subject->settings_of_no_pool != NULL)
        subject->settings_of_no_pool(settings);
    (void)override_modes(subject, ops, settings);
}

void run_take_settings(struct run *run, const struct plan *plan)
{
    plan_own_settings(&plan->config, plan_database_named(run->subject.name), run->settings);
    override_settings(&run->subject, run->ops, run->settings);
}

/* --- transactions ----------------------------------------------------------------------------- */

enum plan_begin_mode run_begin_mode(const struct stack_ops *ops, enum stack_access access,
                                    enum plan_begin_mode asked)
{
    switch (ops->begins[access]) {
    case STACK_BEGIN_USUAL:
        return access == STACK_READ && ops->begin != NULL ? BEGIN_DEFERRED : BEGIN_IMMEDIATE;
    case STACK_BEGIN_AS_ASKED:
        return asked;
    case STACK_BEGIN_DEFERRED:
        return BEGIN_DEFERRED;
    case STACK_BEGIN_IMMEDIATE:
        return BEGIN_IMMEDIATE;
    case STACK_BEGIN_EXCLUSIVE:
        return BEGIN_EXCLUSIVE;
    }
    return asked;
}

enum error_code run_check_stack(const struct run_options *options, struct error *error)
{
    const struct stack_ops *ops = options->stack;
    int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
    if (ops == NULL)
        return ERROR_NONE;
    if (!override_modes(options->subject, ops, settings))
        return interplay_error(error, ERROR_BACKEND, "stack %s: %s knows no such modes: \"%s\"",
                               ops->name, options->subject->name, ops->modes);
    bool asks = ops->begins[STACK_READ] == STACK_BEGIN_AS_ASKED ||
                ops->begins[STACK_WRITE] == STACK_BEGIN_AS_ASKED;
    if (asks && ops->begin != NULL && ops->begin_as == NULL)
        return interplay_error(error, ERROR_BACKEND,
                               "stack %s begins transactions as asked, and has no begin_as",
                               ops->name);
    return ERROR_NONE;
}

/* --- for people ------------------------------------------------------------------------------- */

static const char *word_of(const struct plan_config_info *info, int32_t number)
{
    for (uint8_t i = 0; i < info->value_count; i++)
        if (info->values[i].number == number)
            return info->values[i].name;
    return "?";
}

static void append_part(struct text *text, const char *what, const char *made)
{
    if (text->length > 0)
        text_append(text, ", ");
    text_append_format(text, "%s %s", what, made);
}

/* The number of a setting of the database's own in the subject's order; -1: it is none. */
static int next_own(int *count, const struct plan_config_info *info, enum plan_database database)
{
    return database != DATABASE_ALL && info->database == database ? (*count)++ : -1;
}

static void append_change(struct text *text, const char *what, const char *asked, const char *made)
{
    append_part(text, what, asked);
    text_append_format(text, " is %s", made);
}

static void describe_settings(const struct run_options *options, const struct stack_ops *ops,
                              const struct plan *plan, struct text *text)
{
    enum plan_database database = plan_database_named(options->subject->name);
    int32_t asked[SUBJECT_SETTINGS_MAX], made[SUBJECT_SETTINGS_MAX];
    plan_own_settings(&plan->config, database, asked);
    plan_own_settings(&plan->config, database, made);
    override_settings(options->subject, ops, made);
    for (int field = 0, count = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        int own = next_own(&count, info, database);
        if (own >= 0 && made[own] != asked[own])
            append_change(text, info->name, word_of(info, asked[own]), word_of(info, made[own]));
    }
}

static const char *const begin_words[] = {[BEGIN_DEFERRED] = "deferred",
                                          [BEGIN_IMMEDIATE] = "immediate",
                                          [BEGIN_EXCLUSIVE] = "exclusive"};

/* Of leases that may write: readers differ in stacks that have some. */
static void describe_begins(const struct stack_ops *ops, const struct plan *plan, struct text *text)
{
    bool is_said[sizeof begin_words / sizeof begin_words[0]] = {false};
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        uint8_t asked = interaction->arguments[FIELD_begin_mode];
        if (interaction->action != ACTION_begin || is_said[asked])
            continue;
        is_said[asked] = true;
        enum plan_begin_mode made = run_begin_mode(ops, STACK_WRITE, (enum plan_begin_mode)asked);
        if (made != asked)
            append_change(text, "begin", begin_words[asked], begin_words[made]);
    }
}

void run_describe_overrides(const struct run_options *options, const struct plan *plan,
                            struct text *text)
{
    const struct stack_ops *ops = run_stack_of(options->subject, options->stack, plan);
    if (keeps_everything(ops))
        return;
    describe_settings(options, ops, plan, text);
    describe_begins(ops, plan, text);
    if (text->length > 0)
        text_append_format(text, " (stack %s)", ops->name);
}

static void describe_forced(const struct run_options *options, struct text *text)
{
    enum plan_database database = plan_database_named(options->subject->name);
    const int32_t unset = INT32_MIN;
    int32_t made[SUBJECT_SETTINGS_MAX];
    for (int i = 0; i < SUBJECT_SETTINGS_MAX; i++)
        made[i] = unset;
    (void)override_modes(options->subject, options->stack, made);
    for (int field = 0, count = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        int own = next_own(&count, info, database);
        if (own >= 0 && made[own] != unset)
            append_part(text, info->name, word_of(info, made[own]));
    }
}

void run_describe_stack(const struct run_options *options, struct text *text)
{
    const struct stack_ops *ops = options->stack;
    if (ops == NULL || keeps_everything(ops))
        return;
    describe_forced(options, text);
    enum plan_begin_mode made = run_begin_mode(ops, STACK_WRITE, BEGIN_DEFERRED);
    if (ops->begins[STACK_WRITE] != STACK_BEGIN_AS_ASKED)
        append_part(text, "begins", begin_words[made]);
}
