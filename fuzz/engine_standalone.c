/* SPDX-License-Identifier: Apache-2.0 */
/* main() of the targets in builds without a fuzzing engine. */
#include "replay.h"
#include "target.h"

int main(int argc, char **argv)
{
    target_run_command(argc, argv);
    return replay_main(argc, argv);
}
