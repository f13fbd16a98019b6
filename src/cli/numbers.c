/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and durations on the command line: all of the word or nothing. */
#include "cli/numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The digits that `text` begins with; NULL when there are none or too many, else what follows. */
static const char *parse_digits(const char *text, uint64_t *ret_number)
{
    char *end;
    if (strchr("0123456789", *text) == NULL || *text == '\0')
        return NULL; /* strtoull takes spaces and signs */
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0)
        return NULL;
    *ret_number = number;
    return end;
}

bool cli_parse_number(const char *text, uint64_t *ret_number)
{
    uint64_t number;
    const char *end = parse_digits(text, &number);
    if (end == NULL || *end != '\0')
        return false;
    *ret_number = number;
    return true;
}

bool cli_parse_duration(const char *text, uint64_t *ret_duration_ms)
{
    static const struct {
        const char *name;
        uint64_t factor_ms;
    } units[] = {
        {"ms", 1}, {"s", 1000}, {"", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000},
    };
    uint64_t number;
    const char *unit = parse_digits(text, &number);
    for (size_t i = 0; unit != NULL && i < sizeof units / sizeof units[0]; i++)
        if (strcmp(unit, units[i].name) == 0 && number <= UINT64_MAX / units[i].factor_ms) {
            *ret_duration_ms = number * units[i].factor_ms;
            return true;
        }
    return false;
}
