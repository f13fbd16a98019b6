/* SPDX-License-Identifier: Apache-2.0 */
/* Plans in files, in the form that the file's name tells. */
#ifndef CLI_PLAN_FILES_H
#define CLI_PLAN_FILES_H

#include "base/arena.h"
#include "plan/plan.h"
#include "run/run.h"

#include <interplay/error.h>

#include <limits.h>
#include <stdbool.h>

/*
 * What a file holds, by its name (upper or lower case): ".json", ".bin", ".pb", ".sql", ".spec", or
 * no extension at all (what engines store). Of the scripts those are read that are scenarios. A
 * plan that goes to standard output is JSON.
 */
enum cli_form {
    CLI_JSON,
    CLI_COMPACT,
    CLI_PROTOBUF,
    CLI_SQL,
    CLI_SPEC,
    CLI_NO_EXTENSION,
    CLI_OTHER
};
enum cli_form cli_form_of(const char *path);
enum cli_form cli_form_to_write(const char *path);
bool cli_form_is_written(enum cli_form form);

/* False, and the usage error of `command` said, when no plan can be written to such a name. */
bool cli_can_write(const char *command, const char *path);

/* `path` with `extension` in place of its own, if it has one; false: too long. */
bool cli_path_beside(char ret_path[PATH_MAX], const char *path, const char *extension);

/*
 * Reads the plan in `path`: JSON (recognised by its content, whatever the name), protobuf, or
 * compact bytes of any length (".bin", or a name without extension like libFuzzer's crash-1f3a...),
 * or an order of a scenario (".spec:3", ".sql"; scenario_files.h).
 * "-" is standard input. What does not say otherwise is for `database`, bytes always. An empty file
 * is an error. The plan lives in `ret_arena`, which has room for json_write too and which the
 * caller cleans up after success.
 */
enum error_code cli_load_plan(struct plan *ret_plan, struct arena *ret_arena, const char *path,
                              enum plan_database database, struct error *error)
    __attribute__((warn_unused_result));

/*
 * The same, of a plan to run on `backend`: one that names another database, or was recorded
 * elsewhere (origin.h), is an error.
 */
enum error_code cli_load_plan_to_run(struct plan *ret_plan, struct arena *ret_arena,
                                     const char *path, const struct run_options *backend,
                                     struct error *error) __attribute__((warn_unused_result));

/*
 * Writes `plan` to `path` in the form that its name asks for: a cli_form_is_written. `name` is what
 * errors and scripts call the plan.
 */
enum error_code cli_save_plan(const struct plan *plan, const char *name, const char *path,
                              struct error *error) __attribute__((warn_unused_result));

#endif
