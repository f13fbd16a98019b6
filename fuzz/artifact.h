/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of the file into which libFuzzer stores an input that crashes, known before it does so
 * that a finding can print the command that replays it: "crash-" and the SHA-1 of the input (FIPS
 * 180-4) in hexadecimal.
 */
#ifndef FUZZ_ARTIFACT_H
#define FUZZ_ARTIFACT_H

#include <stddef.h>
#include <stdint.h>

enum { ARTIFACT_NAME_BYTES = sizeof "crash-" + 40 };

void artifact_name(char ret_name[ARTIFACT_NAME_BYTES], const uint8_t *bytes, size_t size);

#endif
