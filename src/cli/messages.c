/* SPDX-License-Identifier: Apache-2.0 */
/* What every subcommand says when something goes wrong. */
#include "cli/cli.h"
#include "cli/machine_output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum cli_status cli_fail(const struct error *error)
{
    fprintf(stderr, "interplay: %s\n", error->message);
    return CLI_FAILED;
}

enum cli_status cli_usage_error(const char *command, const char *format, ...)
{
    bool is_named = *command != '\0';
    va_list arguments;
    fprintf(stderr, "interplay: %s%s", command, is_named ? ": " : "");
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (interplay %s%s--help tells more)\n", command, is_named ? " " : "");
    return CLI_FAILED;
}

enum cli_status cli_finish_output(enum cli_status status)
{
    FILE *machine = cli_machine_output();
    if (fflush(stdout) == 0 && !ferror(stdout) &&
        (machine == NULL || (fflush(machine) == 0 && !ferror(machine))))
        return status;
    fprintf(stderr, "interplay: standard output: %s\n", strerror(errno));
    return CLI_FAILED;
}
