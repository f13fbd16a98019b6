/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all engines share: bringing up the target that this program was linked with, running one
 * input, and the end of the process when there is a finding.
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include "generate/generate.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * True when `argument` is an option of the target, "--NAME=VALUE"; it is then taken, or `error`
 * says why not.
 */
bool target_take_option(const char *argument, struct error *error);

/*
 * Where --interplay is an argument, what follows is a subcommand of `interplay`, done on what this
 * target tests; the process ends. What stands before it are options of the target. Call it before
 * anything else.
 */
void target_run_command(int argc, char **argv);

/* Brings up the backend; `program` is argv[0]. Call it once, after all options were taken. */
enum error_code target_open(const char *program, struct error *error)
    __attribute__((warn_unused_result));

/*
 * What this target is to find wrong, in plans of turn `turn` (generate/families.h), below
 * target_turns().
 */
struct generate_subject target_subject(uint32_t turn);
uint32_t target_turns(void);

/* Prints which target and which backend run. */
void target_print_version(void);

/* Prints a line for each option of the target. */
void target_print_options(void);

/* Prints "NAME: MESSAGE" and ends the process with exit status 2. */
_Noreturn void target_fail(const struct error *error);

/*
 * From now on only the finding that the plan in `bytes` comes to ends the process: others are
 * passed over. Without a finding in it, every one does.
 */
void target_keep_signature_of(const uint8_t *bytes, size_t size);

/* What a run came to, for who prints lines about files. */
struct target_result {
    uint64_t trace_hash;
    bool is_judged; /* false: a limit of the harness was met, and nobody knows */
};

/*
 * Runs the plan in `bytes`. On a violation prints the finding and aborts. Reads no clock and writes
 * nothing but the finding, and once that a limit of the harness was met.
 */
struct target_result target_run(const uint8_t *bytes, size_t size);

#endif
