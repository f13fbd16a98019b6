/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and durations on the command line: all digits or nothing. */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool cli_parse_number(const char *text, uint64_t *ret_number)
{
    if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
        return false;
    errno = 0;
    unsigned long long number = strtoull(text, NULL, 10);
    if (errno != 0)
        return false;
    *ret_number = number;
    return true;
}

bool cli_parse_count(const char *text, uint32_t *ret_count)
{
    uint64_t number;
    if (!cli_parse_number(text, &number) || number == 0 || number > UINT32_MAX)
        return false;
    *ret_count = (uint32_t)number;
    return true;
}

bool cli_parse_duration(const char *text, uint64_t *ret_duration_ms)
{
    static const struct {
        const char *unit;
        uint64_t factor_ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};
    char digits[24];
    size_t length = strspn(text, "0123456789");
    uint64_t number;
    if (length >= sizeof digits)
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    if (!cli_parse_number(digits, &number))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(text + length, units[i].unit) == 0 &&
            number <= UINT64_MAX / units[i].factor_ms) {
            *ret_duration_ms = number * units[i].factor_ms;
            return true;
        }
    return false;
}
