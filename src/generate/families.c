/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles in turns: which ones. */
#include "generate/families.h"

#include "base/assert.h"
#include "generate/generate.h"

#include <string.h>

static bool is_for(const struct generate_profile *family, const struct generate_subject *subject)
{
    return subject->search == GENERATE_FOR_POOL || generate_profile_may_have_stack(family, false);
}

static enum error_code load_all(struct generate_families *ret_families,
                                const struct generate_subject *subject, struct error *error)
{
    const char *name;
    for (uint32_t i = 0; (name = generate_profile_name(subject->database, i)) != NULL; i++) {
        struct generate_profile profile;
        enum error_code code = generate_profile_load(&profile, name, subject->database, error);
        if (code != ERROR_NONE)
            return code;
        if (!profile.is_family || !is_for(&profile, subject))
            continue;
        ASSERT(ret_families->count < GENERATE_FAMILIES_MAX);
        ret_families->profiles[ret_families->count++] = profile;
    }
    return ERROR_NONE;
}

enum error_code generate_families_load(struct generate_families *ret_families, const char *name,
                                       const struct generate_subject *subject, struct error *error)
{
    ret_families->count = 0;
    if (name == NULL || strcmp(name, GENERATE_USUAL_NAME) == 0)
        return ERROR_NONE;
    if (strcmp(name, GENERATE_FAMILIES_NAME) == 0)
        return load_all(ret_families, subject, error);
    ret_families->count = 1;
    return generate_profile_load(&ret_families->profiles[0], name, subject->database, error);
}

enum error_code generate_families_settle(struct generate_families *families, struct error *error)
{
    enum error_code code = ERROR_NONE;
    for (uint32_t i = 0; code == ERROR_NONE && i < families->count; i++)
        code = generate_profile_settle(&families->profiles[i], error);
    return code;
}

uint32_t generate_families_turns(const struct generate_families *families)
{
    return families->count > 0 ? families->count : 1;
}

const struct generate_profile *generate_families_profile(const struct generate_families *families,
                                                         uint32_t turn)
{
    ASSERT(turn < generate_families_turns(families));
    return families->count > 0 ? &families->profiles[turn] : NULL;
}
