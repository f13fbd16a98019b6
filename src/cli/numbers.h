/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers on the command line. What is no number leaves the result as it was. */
#ifndef CLI_NUMBERS_H
#define CLI_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

/* All of `text` is a number, as 10000 or 10_000; a number and a unit: ms, s, m, h. */
bool cli_parse_number(const char *text, uint64_t *ret_number);
bool cli_parse_duration(const char *text, uint64_t *ret_duration_ms);

/* A part of a whole: "0.05", "1", "5%", "0.5%"; in millionths, what is smaller is cut off. */
bool cli_parse_share(const char *text, uint32_t *ret_millionths);

#endif
