/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running 64-bit hash over words, for traces and for feedback: order matters, addresses never go
 * in. Not cryptographic: it tells two traces apart, no more.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/random.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hash_word(uint64_t hash, uint64_t word)
{
    return random_mix(hash ^ (word + 0x9e3779b97f4a7c15ull)) * 0xff51afd7ed558ccdull;
}

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *next = bytes;
    size_t left = length;
    while (left >= 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        hash = hash_word(hash, word);
        next += 8;
        left -= 8;
    }
    uint64_t tail = 0;
    if (left > 0) /* of no bytes there may be no place */
        memcpy(&tail, next, left);
    return hash_word(hash_word(hash, tail), length);
}

#endif
