/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios in files: FILE.spec and FILE.sql, and one order of each, FILE.spec:3. */
#ifndef CLI_SCENARIO_FILES_H
#define CLI_SCENARIO_FILES_H

#include "base/arena.h"
#include "plan/scenario.h"

#include <interplay/error.h>

#include <limits.h>

/*
 * True when `path` names a scenario: then `ret_path` is the file, `ret_number` the order that is
 * asked for, from 1; 0: none is.
 */
bool cli_scenario_path(const char *path, char ret_path[PATH_MAX], uint64_t *ret_number);

/* Reads the file. The scenario lives in `ret_arena`, which the caller cleans up after success. */
enum error_code cli_load_scenario(struct scenario *ret_scenario, struct arena *ret_arena,
                                  const char *file, struct error *error)
    __attribute__((warn_unused_result));

/*
 * The plan of one order of the file: number `number` from 1, or, if that is 0, the only one there
 * is.
 */
enum error_code cli_load_order(struct plan *ret_plan, struct arena *ret_arena, const char *file,
                               uint64_t number, struct error *error)
    __attribute__((warn_unused_result));

#endif
