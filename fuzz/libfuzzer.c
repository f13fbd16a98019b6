/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry points that libFuzzer calls; AFL++'s driver and OSS-Fuzz call those that they know. All
 * are in one file so that the linker, which is told to look for LLVMFuzzerTestOneInput, takes all
 * of them.
 */
#include "coverage.h"
#include "driver_args.h"
#include "libfuzzer_args.h"
#include "minimize.h"
#include "mutator.h"
#include "mutator_turns.h"
#include "target.h"

/* Which plans the next mutation is one of. */
static struct turns turns;

/* The engine's; not there in drivers of other engines. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
                                 size_t size2, uint8_t *out, size_t max_out_size,
                                 unsigned int seed);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct error error = {0};
    target_run_command(*argc, *argv);
    enum error_code failed = driver_is_libfuzzer() ? libfuzzer_args_prepare(argc, argv, &error)
                                                   : driver_args_prepare(argc, argv, &error);
    if (failed != ERROR_NONE || target_open((*argv)[0], &error) != ERROR_NONE)
        target_fail(&error);
    turns_begin(&turns, target_turns());
    target_print_version();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct target_result result = target_run(data, size);
    if (turns.count > 1 && coverage_is_new())
        turns_brought(&turns);
    coverage_publish();
    return result.is_judged ? 0 : -1; /* not to be kept */
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    struct random random;
    if (libfuzzer_args_minimizes()) {
        size_t next = minimize_next(data, size, max_size);
        if (next > 0)
            return next;
    }
    random_seed(&random, seed);
    struct generate_subject subject = target_subject(turns_take(&turns, &random));
    return mutator_mutate(data, size, max_size, &random, subject, LLVMFuzzerMutate);
}

/*
 * The engine chooses between mutation and crossover evenly; a crossover that returns 0 makes it
 * choose again.
 */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
                                 size_t size2, uint8_t *out, size_t max_out_size, unsigned int seed)
{
    enum { WANTED_OF_8 = 2 };
    struct random random;
    random_seed(&random, seed);
    if (random_below(&random, 8) >= WANTED_OF_8)
        return 0;
    struct generate_subject subject = target_subject(turns_take(&turns, &random));
    return mutator_cross(data1, size1, data2, size2, out, max_out_size, &random, subject);
}
