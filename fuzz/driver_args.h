/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line in front of a driver that is not libFuzzer's, such as AFL++'s: that driver does
 * not know the target's options, and skips files that it cannot read.
 */
#ifndef FUZZ_DRIVER_ARGS_H
#define FUZZ_DRIVER_ARGS_H

#include <interplay/error.h>

#include <stdbool.h>

/* Whether the program was linked with libFuzzer. */
bool driver_is_libfuzzer(void);

/*
 * Lets the target take its options and leaves the rest to the driver. Where nothing but a person
 * can have given files, they are replayed, and the process ends.
 */
enum error_code driver_args_prepare(int *argc, char ***argv, struct error *error)
    __attribute__((warn_unused_result));

#endif
