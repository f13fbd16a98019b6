/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include "report/plan_table.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

size_t cli_width(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return PLAN_TABLE_WIDTH_DEFAULT;
}

bool cli_has_colours(enum cli_colour wanted)
{
    const char *no_colour = getenv("NO_COLOR"); /* https://no-color.org */
    switch (wanted) {
    case CLI_COLOUR_ALWAYS:
        return true;
    case CLI_COLOUR_NEVER:
        return false;
    case CLI_COLOUR_AUTO:
        break;
    }
    return isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0');
}
