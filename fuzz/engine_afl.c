/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main() of the targets for AFL++, in place of its driver's, which says something on stderr before
 * it lets anybody see the arguments: subcommands of `interplay` come first.
 */
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerRunDriver(int *argc, char ***argv,
                        int (*test_one_input)(const uint8_t *data, size_t size));

int main(int argc, char **argv)
{
    target_run_command(argc, argv);
    return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput);
}
