/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scenario_files.h"

#include "base/file.h"
#include "cli/numbers.h"
#include "cli/plan_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SCENARIO_SIZE_MAX = 4 << 20, ARENA_SLACK_BYTES = 2 << 20 };

bool cli_scenario_path(const char *path, char ret_path[PATH_MAX], uint64_t *ret_number)
{
    const char *colon = strrchr(path, ':');
    uint64_t number = 0;
    size_t length = strlen(path);
    if (colon != NULL && cli_parse_number(colon + 1, &number) && number > 0)
        length = (size_t)(colon - path);
    if (length >= PATH_MAX)
        return false;
    memcpy(ret_path, path, length);
    ret_path[length] = '\0';
    *ret_number = number;
    enum cli_form form = cli_form_of(ret_path);
    return form == CLI_SPEC || form == CLI_SQL;
}

static enum error_code read_content(struct scenario *ret_scenario, struct arena *ret_arena,
                                    const char *file, const struct file_content *content,
                                    struct error *error)
{
    enum scenario_form form = cli_form_of(file) == CLI_SPEC ? SCENARIO_SPEC : SCENARIO_SQL;
    if (content->size > SCENARIO_SIZE_MAX)
        return interplay_error(error, ERROR_INPUT,
                               "%s: larger than 4 MiB, too large for a scenario",
                               file_short_path(file));
    struct arena arena;
    arena_init(&arena,
               content->size * SCENARIO_ARENA_FACTOR + ARENA_SLACK_BYTES + SCENARIO_PLAN_BYTES);
    enum error_code code = scenario_read(ret_scenario, &arena, file_short_path(file),
                                         content->bytes, content->size, form, error);
    if (code == ERROR_NONE)
        *ret_arena = arena;
    else
        arena_clean_up(&arena);
    return code;
}

enum error_code cli_load_scenario(struct scenario *ret_scenario, struct arena *ret_arena,
                                  const char *file, struct error *error)
{
    struct file_content content;
    enum error_code code = file_read(&content, file, FILE_MUST_HAVE_BYTES, error);
    if (code != ERROR_NONE)
        return code;
    code = read_content(ret_scenario, ret_arena, file, &content, error);
    file_content_clean_up(&content);
    return code;
}

/* True: `order` is number `number`, from 1. */
static bool find_order(struct scenario_order *order, uint64_t number)
{
    while (order->number + 1 < number)
        if (!scenario_next_order(order))
            return false;
    return true;
}

static enum error_code make_order(const struct scenario *scenario, struct arena *arena,
                                  const char *file, uint64_t number, struct plan *ret_plan,
                                  struct error *error)
{
    uint64_t count = scenario_count_orders(scenario);
    if (number > count || (number == 0 && count > 1))
        return interplay_error(
            error, ERROR_USAGE, "%s: expected one of its orders, %s:1 to %s:%" PRIu64,
            file_short_path(file), file_short_path(file), file_short_path(file), count);
    struct scenario_order order;
    struct scenario_plan made;
    scenario_first_order(scenario, arena, &order);
    if (!find_order(&order, number))
        return interplay_error(error, ERROR_USAGE, "%s: there is no such order",
                               file_short_path(file));
    enum error_code code = scenario_make_plan(scenario, &order, arena, &made, error);
    if (code == ERROR_NONE)
        *ret_plan = made.plan;
    else
        interplay_error_context(error, file_short_path(file));
    return code;
}

enum error_code cli_load_order(struct plan *ret_plan, struct arena *ret_arena, const char *file,
                               uint64_t number, struct error *error)
{
    struct scenario scenario;
    enum error_code code = cli_load_scenario(&scenario, ret_arena, file, error);
    if (code != ERROR_NONE)
        return code;
    code = make_order(&scenario, ret_arena, file, number, ret_plan, error);
    if (code != ERROR_NONE)
        arena_clean_up(ret_arena);
    return code;
}
