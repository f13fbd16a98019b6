/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which driver it is, and what AFL++'s makes of its arguments (utils/aflpp_driver of AFL++ 4.00 to
 * 4.3x).
 */
#include "driver_args.h"

#include "replay.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

/*
 * fuzzer::FuzzerDriver(int *, char ***, int (*)(const uint8_t *, size_t)); every libFuzzer has it.
 */
extern void libfuzzer_driver(void) __asm__("_ZN6fuzzer12FuzzerDriverEPiPPPcPFiPKhmE")
    __attribute__((weak));

bool driver_is_libfuzzer(void)
{
    return libfuzzer_driver != NULL;
}

/* afl-fuzz, afl-showmap, afl-cmin and afl-tmin share a map with the target. */
static bool runs_below_afl(void)
{
    return getenv("__AFL_SHM_ID") != NULL;
}

/* "-": the driver reads one input from stdin. Without arguments it says how it is used. */
static bool is_for_driver(int argc, char **argv)
{
    return argc < 2 || (argc == 2 && strcmp(argv[1], "-") == 0);
}

enum error_code driver_args_prepare(int *argc, char ***argv, struct error *error)
{
    char **arguments = *argv;
    if (!runs_below_afl() && !is_for_driver(*argc, arguments))
        exit(replay_main(*argc, arguments));
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (!target_take_option(arguments[i], error))
            arguments[kept++] = arguments[i];
        else if (error->code != ERROR_NONE)
            return error->code;
    }
    arguments[kept] = NULL;
    *argc = kept;
    return ERROR_NONE;
}
