/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and durations on the command line: all of the word or nothing. */
#include "cli/numbers.h"

#include <string.h>

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/*
 * The digits that `text` begins with; NULL when there are none or too many, else what follows. An
 * underscore may stand between two digits: 10_000.
 */
static const char *parse_digits(const char *text, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (!is_digit(*text))
        return NULL;
    for (;; text++) {
        if (*text == '_' && is_digit(text[-1]) && is_digit(text[1]))
            continue;
        if (!is_digit(*text))
            break;
        uint64_t digit = (uint64_t)(*text - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return NULL;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return text;
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

/* What follows the point, in millionths; digits beyond them are read and not kept. */
static const char *parse_fraction(const char *text, uint64_t *ret_millionths)
{
    uint64_t millionths = 0, digit = 100000;
    if (*text == '\0' || strchr("0123456789", *text) == NULL)
        return NULL;
    for (; *text >= '0' && *text <= '9'; text++, digit /= 10)
        millionths += (uint64_t)(*text - '0') * digit;
    *ret_millionths = millionths;
    return text;
}

bool cli_parse_share(const char *text, uint32_t *ret_millionths)
{
    static const uint64_t whole = 1000000;
    uint64_t number, fraction = 0;
    const char *end = parse_digits(text, &number);
    if (end != NULL && *end == '.')
        end = parse_fraction(end + 1, &fraction);
    if (end == NULL || number > 100)
        return false;
    bool is_per_cent = strcmp(end, "%") == 0;
    uint64_t millionths = (number * whole + fraction) / (is_per_cent ? 100 : 1);
    if ((!is_per_cent && *end != '\0') || millionths > whole)
        return false;
    *ret_millionths = (uint32_t)millionths;
    return true;
}
