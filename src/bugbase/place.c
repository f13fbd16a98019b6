/* SPDX-License-Identifier: Apache-2.0 */
/* Looking through the entries of one signature. */
#include "bugbase/place.h"

#include <stdio.h>
#include <string.h>

/* Names of entries, whatever is in them. */
static bool has_signature(const char *name, const char *plain)
{
    size_t length = strlen(plain);
    if (strncmp(name, plain, length) != 0)
        return false;
    const char *rest = name + length;
    return *rest == '\0' || cause_find_suffix(name, strlen(name)) == rest;
}

static enum error_code read_cause(struct cause *ret_cause, const char *base, const char *name,
                                  struct error *error)
{
    struct bugbase_entry entry;
    enum error_code code = bugbase_read(&entry, base, name, error);
    if (code != ERROR_NONE)
        return code;
    *ret_cause = entry.cause;
    entry_clean_up(&entry);
    return ERROR_NONE;
}

/* One that nobody made small stands for its signature, whatever the cause. */
static bool is_same(const struct cause *left, const struct cause *right)
{
    return !cause_is_known(left) || right == NULL || !cause_is_known(right) ||
           strcmp(left->hash, right->hash) == 0;
}

static void take(struct bugbase_place *place, const char *name)
{
    place->is_taken = true;
    (void)snprintf(place->name, sizeof place->name, "%s", name);
}

static void name_new(struct bugbase_place *place, const char *plain, const struct cause *cause)
{
    (void)snprintf(place->name, sizeof place->name, "%s", plain);
    size_t length = strlen(plain);
    if (place->asks_cause && cause != NULL && cause_is_known(cause))
        (void)snprintf(place->name + length, sizeof place->name - length, "@%s", cause->hash);
}

enum error_code place_find(struct bugbase_place *ret_place, const char *base, const char *signature,
                           const struct cause *cause, struct error *error)
{
    struct bugbase_place place = {0};
    struct bugbase_names names;
    char plain[BUGBASE_NAME_BYTES];
    bool has_any = false, has_causeless = false;
    bugbase_name(plain, signature);
    enum error_code code = bugbase_list(&names, base, error);
    if (code != ERROR_NONE)
        return code;
    for (size_t i = 0; i < names.count && code == ERROR_NONE; i++) {
        struct cause there;
        if (!has_signature(names.items[i], plain))
            continue;
        code = read_cause(&there, base, names.items[i], error);
        if (code != ERROR_NONE)
            break;
        has_any = true;
        has_causeless |= !cause_is_known(&there);
        if (!place.is_taken && is_same(&there, cause))
            take(&place, names.items[i]);
    }
    place.asks_cause = has_any && !has_causeless;
    if (!place.is_taken)
        name_new(&place, plain, cause);
    bugbase_names_clean_up(&names);
    if (code == ERROR_NONE)
        *ret_place = place;
    return code;
}

enum error_code bugbase_asks_cause(bool *ret_asks, const char *base, const char *signature,
                                   struct error *error)
{
    struct bugbase_place place;
    enum error_code code = place_find(&place, base, signature, NULL, error);
    if (code == ERROR_NONE)
        *ret_asks = place.asks_cause;
    return code;
}
