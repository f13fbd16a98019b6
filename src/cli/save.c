/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a plan into a file, in the form that the file's name asks for. */
#include "base/file.h"
#include "cli/cli.h"
#include "plan/compact.h"
#include "plan/json.h"

static enum error_code save_compact(const struct plan *plan, const char *name, const char *path,
                                    struct error *error)
{
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size;
    enum error_code code = compact_encode(plan, bytes, &size, error);
    if (code == ERROR_NONE)
        return file_write(path, bytes, size, error);
    interplay_error_context(error, file_short_path(name));
    return code;
}

enum error_code cli_save_plan(const struct plan *plan, const char *name, const char *path,
                              struct error *error)
{
    enum cli_form form = cli_form_of(path);
    if (form == CLI_JSON)
        return json_save(plan, name, path, error);
    if (form == CLI_COMPACT)
        return save_compact(plan, name, path, error);
    return interplay_error(error, ERROR_USAGE, "%s: unknown kind of file, expected .json or .bin",
                           file_short_path(path));
}
