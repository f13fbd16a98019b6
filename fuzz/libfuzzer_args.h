/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libFuzzer's command line leaves to be desired: a corpus folder that does not exist is made;
 * options that nobody knows, inputs that cannot be read and files where folders belong are errors;
 * better defaults.
 */
#ifndef FUZZ_LIBFUZZER_ARGS_H
#define FUZZ_LIBFUZZER_ARGS_H

#include <interplay/error.h>

#include <stdbool.h>

/*
 * Checks the arguments, lets the target take its options, adds defaults that were not given. The
 * new vector is allocated once and lives as long as the process. `--help` prints the manual and
 * exits.
 */
enum error_code libfuzzer_args_prepare(int *argc, char ***argv, struct error *error)
    __attribute__((warn_unused_result));

/* True in a process that the engine started for a step of -minimize_crash=1. */
bool libfuzzer_args_minimizes(void);

#endif
