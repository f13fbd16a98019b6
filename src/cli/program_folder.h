/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder that a program is handed out in: made beside its place, built and tried there, and
 * moved at once, so that nothing half-written is ever seen.
 */
#ifndef CLI_PROGRAM_FOLDER_H
#define CLI_PROGRAM_FOLDER_H

#include <interplay/error.h>

#include <limits.h>
#include <stddef.h>

struct cli_program_folder {
    const char *place;
    char draft[PATH_MAX]; /* where it is until it is finished */
};

/* Fails with ERROR_USAGE if `place` is there and not an empty folder. */
enum error_code cli_program_folder_begin(struct cli_program_folder *ret_folder, const char *place,
                                         struct error *error) __attribute__((warn_unused_result));

/* What trying the program came to. */
struct cli_program_trial {
    int status; /* of the program; -1: it was not built, -2: a signal ended it, this one: */
    int signal;
    char *output; /* what it, or who builds it, has said; the caller frees it */
    size_t length;
};

/* Builds and runs it. `library` is for make: what to build with; empty: what the system has. */
enum error_code cli_program_folder_try(const struct cli_program_folder *folder, const char *library,
                                       struct cli_program_trial *ret_trial, struct error *error)
    __attribute__((warn_unused_result));

/* Only sources stay. */
enum error_code cli_program_folder_finish(struct cli_program_folder *folder, struct error *error)
    __attribute__((warn_unused_result));
void cli_program_folder_drop(struct cli_program_folder *folder);

#endif
