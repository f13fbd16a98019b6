/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are surely no inputs of a target, although any bytes are one. */
#ifndef FUZZ_INPUT_FORM_H
#define FUZZ_INPUT_FORM_H

#include <interplay/error.h>

/*
 * ERROR_USAGE for a plan as a document: its bytes would run as some other plan, and its verdict
 * would say nothing of it.
 */
enum error_code input_check_form(const char *path, struct error *error)
    __attribute__((warn_unused_result));

#endif
