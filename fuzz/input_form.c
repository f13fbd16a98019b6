/* SPDX-License-Identifier: Apache-2.0 */
/* By the name alone: what is in a file of JSON may be an input as well. */
#include "input_form.h"

#include "base/file.h"

#include <string.h>

enum error_code input_check_form(const char *path, struct error *error)
{
    const char *ending = strrchr(path, '.');
    if (ending == NULL || strcmp(ending, ".json") != 0)
        return ERROR_NONE;
    return interplay_error(error, ERROR_USAGE,
                           "%s: this program reads the compact form; for JSON there is "
                           "'interplay replay', and 'interplay convert'",
                           file_short_path(path));
}
