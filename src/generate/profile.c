/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles by name, and what they come to. */
#include "generate/profile.h"

#include "base/file.h"
#include "generate/families.h"

#include <string.h>
#include <unistd.h>

struct profile_text {
    enum plan_database database; /* DATABASE_ALL: of all */
    const char *name;
    const char *text;
};

static const struct profile_text profile_texts[] = {
#define PROFILE(database, name, text) {DATABASE_##database, name, text},
#include "generated/profiles.def"
#undef PROFILE
};

enum { PROFILE_COUNT = sizeof profile_texts / sizeof profile_texts[0] };

void generate_profile_init(struct generate_profile *ret_profile)
{
    *ret_profile = (struct generate_profile){0};
    for (uint32_t i = 0; i < GROUP_COUNT; i++)
        ret_profile->weights[i] = GENERATE_WEIGHT_USUAL;
    for (uint32_t i = 0; i < ACTION_COUNT; i++)
        ret_profile->actions[i] = GENERATE_WEIGHT_USUAL;
    for (uint32_t i = 0; i < FAULT_KIND_COUNT; i++)
        ret_profile->fault_kinds[i] = GENERATE_WEIGHT_USUAL;
}

/* --- by name ---------------------------------------------------------------------------------- */

static bool is_for(const struct profile_text *text, enum plan_database database)
{
    return text->database == DATABASE_ALL || text->database == database;
}

const char *generate_profile_name(enum plan_database database, uint32_t index)
{
    for (size_t i = 0; i < PROFILE_COUNT; i++)
        if (is_for(&profile_texts[i], database) && index-- == 0)
            return profile_texts[i].name;
    return NULL;
}

void generate_profile_list(enum plan_database database, struct text *text)
{
    const char *name;
    for (uint32_t i = 0; (name = generate_profile_name(database, i)) != NULL; i++)
        text_append_format(text, "%s%s", i == 0 ? "" : ", ", name);
}

static enum error_code load_file(struct generate_profile *ret_profile, const char *path,
                                 struct error *error)
{
    struct file_content content;
    enum error_code code = file_read(&content, path, FILE_MUST_HAVE_BYTES, error);
    if (code != ERROR_NONE)
        return code;
    code = generate_profile_read(ret_profile, file_short_path(path), content.bytes, content.size,
                                 error);
    file_content_clean_up(&content);
    return code;
}

enum error_code generate_profile_load(struct generate_profile *ret_profile, const char *name,
                                      enum plan_database database, struct error *error)
{
    for (size_t i = 0; i < PROFILE_COUNT; i++) {
        const struct profile_text *text = &profile_texts[i];
        if (is_for(text, database) && strcmp(text->name, name) == 0)
            return generate_profile_read(ret_profile, name, text->text, strlen(text->text), error);
    }
    if (file_is_standard(name) || access(name, F_OK) == 0)
        return load_file(ret_profile, name, error);
    char bytes[512];
    struct text names;
    text_init(&names, bytes, sizeof bytes);
    generate_profile_list(database, &names);
    return interplay_error(error, ERROR_USAGE,
                           "no profile '%s': expected %s, " GENERATE_FAMILIES_NAME
                           ", " GENERATE_USUAL_NAME ", or a JSON file",
                           name, names.bytes);
}

/* --- what it comes to ------------------------------------------------------------------------- */

/* Restricts a setting to the values for which `accepts` says so; false when none is left. */
static bool restrict_setting(struct generate_profile *profile, enum plan_config_field field,
                             bool (*accepts)(int32_t number, uint32_t wanted), uint32_t wanted)
{
    const struct plan_config_info *info = &plan_config_infos[field];
    uint16_t left = 0;
    for (uint32_t choice = 0; choice < info->value_count; choice++)
        if (accepts(info->values[choice].number, wanted))
            left = (uint16_t)(left | 1u << choice);
    if (profile->settings[field] != 0)
        left &= profile->settings[field];
    profile->settings[field] = left;
    return left != 0;
}

static bool is_equal(int32_t number, uint32_t wanted)
{
    return number == (int32_t)wanted;
}

static bool is_pool(int32_t number, uint32_t wanted)
{
    (void)wanted;
    return number != PLAN_STACK_DIRECT;
}

static bool is_allowed(const struct generate_profile *profile, enum plan_config_field field,
                       uint32_t choice)
{
    return profile->settings[field] == 0 || (profile->settings[field] >> choice & 1u) != 0;
}

bool generate_profile_may_have_stack(const struct generate_profile *profile, bool has_pool)
{
    uint32_t direct = 1u << PLAN_STACK_DIRECT, left = profile->settings[PLAN_CONFIG_stack];
    return left == 0 || (left & (has_pool ? ~direct : direct)) != 0;
}

bool generate_profile_splits(const struct generate_profile *profile, uint32_t readers,
                             uint32_t writers)
{
    const struct plan_config_info *infos = plan_config_infos;
    return is_allowed(profile, PLAN_CONFIG_readers, readers) &&
           is_allowed(profile, PLAN_CONFIG_writers, writers) &&
           (uint32_t)infos[PLAN_CONFIG_readers].values[readers].number +
                   (uint32_t)infos[PLAN_CONFIG_writers].values[writers].number ==
               profile->pool_size;
}

static bool has_split(const struct generate_profile *profile)
{
    for (uint32_t i = 0; i < plan_config_infos[PLAN_CONFIG_readers].value_count; i++)
        for (uint32_t k = 0; k < plan_config_infos[PLAN_CONFIG_writers].value_count; k++)
            if (generate_profile_splits(profile, i, k))
                return true;
    return false;
}

enum error_code generate_profile_settle(struct generate_profile *profile, struct error *error)
{
    if (profile->tasks > 0 &&
        !restrict_setting(profile, PLAN_CONFIG_tasks, is_equal, profile->tasks))
        return interplay_error(error, ERROR_USAGE, "%u tasks, but the configuration has other ones",
                               profile->tasks);
    if (profile->pool_size == 0)
        return ERROR_NONE;
    if (!restrict_setting(profile, PLAN_CONFIG_stack, is_pool, 0))
        return interplay_error(error, ERROR_USAGE,
                               "a pool of %u connections, but the configuration has none",
                               profile->pool_size);
    if (!has_split(profile))
        return interplay_error(error, ERROR_USAGE,
                               "a pool of %u connections, but the configuration has other readers "
                               "and writers",
                               profile->pool_size);
    return ERROR_NONE;
}

/* A rate has the say of these. */
static bool is_by_rate(const struct generate_profile *profile, enum plan_action action)
{
    enum generate_group group = generate_group_of(action);
    return (group == GROUP_ddl && profile->ddl_rate.is_given) ||
           (group == GROUP_sleeps && profile->sleep_rate.is_given);
}

uint32_t generate_profile_weight(const struct generate_profile *profile, enum plan_action action)
{
    if (is_by_rate(profile, action))
        return 0;
    uint32_t weight = profile->weights[generate_group_of(action)];
    weight =
        (weight * profile->actions[action] + GENERATE_WEIGHT_USUAL - 1) / GENERATE_WEIGHT_USUAL;
    return weight < GENERATE_WEIGHT_MAX ? weight : GENERATE_WEIGHT_MAX;
}

bool generate_profile_has_fault(const struct generate_profile *profile, enum fault_kind kind)
{
    if ((kind == FAULT_busy && profile->busy_rate.is_given) ||
        (kind == FAULT_process_death && profile->panic_rate.is_given))
        return false;
    return profile->weights[GROUP_faults] > 0 && profile->fault_kinds[kind] > 0;
}

static bool is_above_zero(const struct generate_rate *rate)
{
    return rate->is_given && rate->millionths > 0;
}

bool generate_profile_may_do(const struct generate_profile *profile, enum plan_action action)
{
    enum generate_group group = generate_group_of(action);
    bool by_rate = (group == GROUP_ddl && is_above_zero(&profile->ddl_rate)) ||
                   (group == GROUP_sleeps &&
                    (is_above_zero(&profile->sleep_rate) || is_above_zero(&profile->busy_rate)));
    return (by_rate && profile->actions[action] > 0) ||
           generate_profile_weight(profile, action) > 0 ||
           (action == ACTION_rollback && is_above_zero(&profile->panic_rate));
}

bool generate_profile_may_fail(const struct generate_profile *profile, enum fault_kind kind)
{
    return generate_profile_has_fault(profile, kind) ||
           (kind == FAULT_busy && is_above_zero(&profile->busy_rate)) ||
           (kind == FAULT_process_death && is_above_zero(&profile->panic_rate));
}
