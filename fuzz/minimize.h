/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer's -minimize_crash=1 with the shrinker's tactics: instead of a random mutation, the
 * engine is given the next simpler plan that is short enough, and only the signature of the crash
 * counts as a crash. (The engine starts a process for each step: it runs candidates until one
 * crashes.)
 */
#ifndef FUZZ_MINIMIZE_H
#define FUZZ_MINIMIZE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The first call takes what is in `bytes` as the crash. Writes the next candidate, at most
 * `max_size` bytes, over it and returns its size; 0: all were tried.
 */
size_t minimize_next(uint8_t *bytes, size_t size, size_t max_size);

#endif
