/* SPDX-License-Identifier: Apache-2.0 */
/* One descriptor for programs, the other for people. */
#include "cli/machine_output.h"

#include "base/file.h"
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static FILE *machine_output;

FILE *cli_machine_output(void)
{
    return machine_output;
}

/* The file that the order names there; NULL: no output of the command, or not given. */
static const char *output_of(const struct cli_order *order, enum cli_takers taker,
                             const struct cli_option *option)
{
    if (option->kind != &cli_kind_OUTPUT || (option->takers & taker) == 0)
        return NULL;
    return *(const char *const *)((const char *)order + option->offset);
}

bool cli_can_write_outputs(const struct cli_order *order, enum cli_takers taker)
{
    struct error error = {0};
    for (size_t i = 0; i < cli_option_count; i++) {
        const char *path = output_of(order, taker, &cli_options[i]);
        if (path != NULL && file_check_output(path, &error) != ERROR_NONE) {
            (void)cli_fail(&error);
            return false;
        }
    }
    return true;
}

/* How many of the order's outputs are to be standard output; the last one's name in `ret_name`. */
static int count_askers(const struct cli_order *order, enum cli_takers taker, const char **ret_name)
{
    int count = order->json;
    *ret_name = "json";
    for (size_t i = 0; i < cli_option_count; i++) {
        const char *path = output_of(order, taker, &cli_options[i]);
        if (path == NULL || !file_is_standard(path))
            continue;
        count++;
        *ret_name = cli_options[i].name;
    }
    return count;
}

static bool move_people_to_stderr(void)
{
    (void)fflush(stdout);
    int descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    machine_output = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (machine_output == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        fprintf(stderr, "interplay: standard output: %s\n", strerror(errno));
        return false;
    }
    file_set_standard_output(descriptor);
    return true;
}

bool cli_machine_output_take(const struct cli_order *order, const char *command,
                             enum cli_takers taker)
{
    const char *name;
    int askers = count_askers(order, taker, &name);
    if (askers > 1) {
        (void)cli_usage_error(command, "--%s would be mixed with another output on standard output",
                              name);
        return false;
    }
    return askers == 0 || move_people_to_stderr();
}
