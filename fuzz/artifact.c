/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-1 as FIPS 180-4, section 6.1, has it. It names files; it protects nothing. */
#include "artifact.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 64, STATE_WORDS = 5, ROUNDS = 80, LENGTH_AT = 56 };

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

static void add_block(uint32_t state[STATE_WORDS], const uint8_t block[BLOCK_BYTES])
{
    static const uint32_t constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t words[ROUNDS];
    for (size_t i = 0; i < 16; i++)
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                   (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (size_t i = 16; i < ROUNDS; i++)
        words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);

    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (size_t i = 0; i < ROUNDS; i++) {
        uint32_t mix = i < 20              ? (b & c) | (~b & d)
                       : i >= 40 && i < 60 ? (b & c) | (b & d) | (c & d)
                                           : b ^ c ^ d;
        uint32_t next = rotate(a, 5) + mix + e + constants[i / 20] + words[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void artifact_name(char ret_name[ARTIFACT_NAME_BYTES], const uint8_t *bytes, size_t size)
{
    uint32_t state[STATE_WORDS] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    size_t left = size;
    for (; left >= BLOCK_BYTES; left -= BLOCK_BYTES, bytes += BLOCK_BYTES)
        add_block(state, bytes);

    uint8_t tail[2 * BLOCK_BYTES] = {0};
    if (left > 0)
        memcpy(tail, bytes, left);
    tail[left] = 0x80;
    size_t tail_size = left < LENGTH_AT ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    for (size_t i = 0; i < 8; i++)
        tail[tail_size - 1 - i] = (uint8_t)((uint64_t)size * 8 >> 8 * i);
    for (size_t at = 0; at < tail_size; at += BLOCK_BYTES)
        add_block(state, tail + at);

    (void)snprintf(ret_name, ARTIFACT_NAME_BYTES, "crash-%08x%08x%08x%08x%08x", state[0], state[1],
                   state[2], state[3], state[4]);
}
