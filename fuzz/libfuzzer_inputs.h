/* SPDX-License-Identifier: Apache-2.0 */
/* What is no option on libFuzzer's command line: files that are replayed, or folders. */
#ifndef FUZZ_LIBFUZZER_INPUTS_H
#define FUZZ_LIBFUZZER_INPUTS_H

#include <interplay/error.h>

#include <stdbool.h>

struct libfuzzer_inputs {
    const char **paths;
    int count;
    bool wants_file; /* an option asks for one input to work on */
};

/*
 * Either all are files that can be read, or all are folders. The first folder is made where it does
 * not exist.
 */
enum error_code libfuzzer_inputs_check(const struct libfuzzer_inputs *inputs, struct error *error)
    __attribute__((warn_unused_result));

#endif
