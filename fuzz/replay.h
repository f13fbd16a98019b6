/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays files and the files of folders, in the order of their names, one line each. A finding is
 * printed and aborts, as in the engines. What cannot be read, is empty, or leaves nothing to be
 * replayed is an error.
 */
#ifndef FUZZ_REPLAY_H
#define FUZZ_REPLAY_H

/*
 * All of main() but --interplay: takes the target's options, brings the target up, returns the exit
 * status.
 */
int replay_main(int argc, char **argv);

#endif
