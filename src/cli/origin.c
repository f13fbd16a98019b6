/* SPDX-License-Identifier: Apache-2.0 */
/* What plans say of where they were found: elsewhere, "ok" would mean nothing. */
#include "cli/origin.h"

#include "base/file.h"
#include "cli/cli.h"

#include <string.h>

/* What the command line insists on. */
static struct {
    bool on_program, on_backend;
} insists;

void cli_origin_insist(bool on_program, bool on_backend)
{
    insists.on_program = on_program;
    insists.on_backend = on_program || on_backend;
}

const struct plan_origin *cli_origin(const struct run_options *backend)
{
    static struct plan_origin origin;
    origin = (struct plan_origin){cli_house()->target, cli_backend_name(backend)};
    return &origin;
}

static bool is_first_word(const char *word, const char *target)
{
    size_t length = strcspn(target, " ");
    return strncmp(word, target, length) == 0 && (word[length] == '\0' || word[length] == ' ');
}

bool cli_is_same_program(const char *target)
{
    const struct cli_house *house = cli_house();
    return is_first_word(house->target, target) ||
           (house->program != NULL && is_first_word(house->program, target));
}

/* Options that are given stand above those of the plan: that is how one tries a fix. */
static bool lacks_options(const char *target)
{
    return !cli_house()->has_options && target[strcspn(target, " ")] != '\0';
}

enum error_code cli_origin_check(const struct plan *plan, const char *path,
                                 const struct run_options *backend, struct error *error)
{
    const struct plan_origin *origin = plan->origin;
    const char *own = cli_backend_name(backend);
    if (origin == NULL)
        return ERROR_NONE;
    if (!insists.on_program &&
        (!cli_is_same_program(origin->target) || lacks_options(origin->target)))
        return interplay_error(error, ERROR_USAGE,
                               "%s: was recorded on %s and would run on %s, expected that program "
                               "with these options, or --anyway",
                               file_short_path(path), origin->target, cli_house()->target);
    if (!insists.on_backend && strcmp(origin->backend, own) != 0)
        return interplay_error(error, ERROR_USAGE,
                               "%s: was recorded on the backend %s and would run on %s, expected "
                               "--backend %s (or --backend %s, to run it there all the same)",
                               file_short_path(path), origin->backend, own, origin->backend, own);
    return ERROR_NONE;
}
