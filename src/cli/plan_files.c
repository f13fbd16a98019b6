/* SPDX-License-Identifier: Apache-2.0 */
/* What the name of a file says about what is in it. */
#include "cli/plan_files.h"

#include "base/file.h"
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

/* The dot of the name's extension; NULL: it has none. */
static const char *extension_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strrchr(slash == NULL ? path : slash + 1, '.');
}

bool cli_path_beside(char ret_path[PATH_MAX], const char *path, const char *extension)
{
    if (file_is_standard(path))
        path = "stdin";
    const char *dot = extension_of(path);
    size_t stem = dot == NULL ? strlen(path) : (size_t)(dot - path);
    int length = snprintf(ret_path, PATH_MAX, "%.*s%s", (int)stem, path, extension);
    return length >= 0 && length < PATH_MAX;
}

enum cli_form cli_form_of(const char *path)
{
    const char *dot = extension_of(path);
    if (dot == NULL)
        return CLI_NO_EXTENSION;
    static const struct {
        const char *extension;
        enum cli_form form;
    } forms[] = {{".json", CLI_JSON},
                 {".bin", CLI_COMPACT},
                 {".pb", CLI_PROTOBUF},
                 {".sql", CLI_SQL},
                 {".spec", CLI_SPEC}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcasecmp(dot, forms[i].extension) == 0)
            return forms[i].form;
    return CLI_OTHER;
}

enum cli_form cli_form_to_write(const char *path)
{
    return file_is_standard(path) ? CLI_JSON : cli_form_of(path);
}

bool cli_form_is_written(enum cli_form form)
{
    return form != CLI_NO_EXTENSION && form != CLI_OTHER;
}

bool cli_can_write(const char *command, const char *path)
{
    if (cli_form_is_written(cli_form_to_write(path)))
        return true;
    (void)cli_usage_error(command,
                          "%s: unknown kind of file, expected .json, .bin, .pb, .sql or .spec",
                          file_short_path(path));
    return false;
}
