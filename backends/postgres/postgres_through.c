/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_through.h"

#include "postgres/postgres_pooler_process.h"
#include "postgres/postgres_settings.h"
#include "postgres/postgres_target.h"

#include <stdio.h>

static struct {
    struct postgres_pooler pooler;
    struct subject_between between;
    bool is_used;
} through;

static bool supports(const char *sql)
{
    return postgres_pooler_supports(&through.pooler, sql);
}

static void replace(int32_t settings[SUBJECT_SETTINGS_MAX])
{
    for (size_t i = 0; i < through.pooler.replaced_count; i++) {
        const struct postgres_pooler_replaced *row = &through.pooler.replaced[i];
        (void)postgres_settings_replace(settings, row->from, row->to);
    }
}

/* A setting that there is not would never be replaced. */
static enum error_code check_replaced(const struct postgres_pooler *pooler, struct error *error)
{
    int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
    for (size_t i = 0; i < pooler->replaced_count; i++)
        if (!postgres_settings_replace(settings, pooler->replaced[i].from, pooler->replaced[i].to))
            return interplay_error(error, ERROR_INPUT,
                                   "%s: replaced: expected two values of one setting of plans, "
                                   "found %s and %s",
                                   pooler->name, pooler->replaced[i].from, pooler->replaced[i].to);
    return ERROR_NONE;
}

static void tell_part(const char *part)
{
    if (part != NULL && *part != '\0')
        (void)fprintf(stderr, ", %s", part);
}

static void tell(const struct postgres_pooler *pooler)
{
    char version[128];
    postgres_pooler_ask_version(pooler, version, sizeof version);
    (void)fprintf(stderr, "interplay: through %s", pooler->name);
    tell_part(version);
    tell_part(pooler->mode);
    tell_part(pooler->more);
    (void)fprintf(stderr, "\n");
}

enum error_code postgres_go_through(const char *what, struct error *error)
{
    char program[POSTGRES_PATH_BYTES];
    if (through.is_used || postgres_target() != NULL)
        return interplay_error(error, ERROR_USAGE,
                               "one pooler, in front of a server of the harness's own");
    enum error_code code = postgres_pooler_read(&through.pooler, what, error);
    if (code != ERROR_NONE)
        return code;
    code = check_replaced(&through.pooler, error);
    if (code == ERROR_NONE)
        code = postgres_pooler_find(&through.pooler, program, error);
    if (code != ERROR_NONE) {
        postgres_pooler_clean_up(&through.pooler);
        return code;
    }
    through.between = (struct subject_between){
        .takes_setup = postgres_pooler_takes_setup(&through.pooler),
        .sessions = (uint32_t)postgres_pooler_sessions(&through.pooler),
        .supports = supports,
        .settings = replace,
    };
    through.is_used = true;
    tell(&through.pooler);
    return ERROR_NONE;
}

const struct postgres_pooler *postgres_pooler_between(void)
{
    return &through.pooler;
}

const struct subject_between *postgres_between(void)
{
    return &through.between;
}
