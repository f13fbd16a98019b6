/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bump allocation for everything that lives as long as one run. The arena reserves address space
 * once, the kernel backs what is touched, and a reset is one store: the hot loop never calls
 * malloc. Under AddressSanitizer, memory that was reset is poisoned until it is handed out again.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena {
    unsigned char *base;
    size_t used_bytes;
    size_t capacity_bytes;
};

/* Reserves `capacity_bytes` of address space; aborts if the system refuses. */
void arena_init(struct arena *arena, size_t capacity_bytes);
void arena_clean_up(struct arena *arena);
void arena_reset(struct arena *arena);

/* 16-byte aligned, not zeroed; aborts when the arena is full (size it for the largest plan). */
void *arena_alloc(struct arena *arena, size_t size_bytes);
void *arena_alloc_zeroed(struct arena *arena, size_t size_bytes);

/* A copy of `length` bytes with a terminating zero byte. */
char *arena_copy_text(struct arena *arena, const char *text, size_t length);

#define ARENA_NEW(arena, type) ((type *)arena_alloc_zeroed((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count)                                                            \
    ((type *)arena_alloc_zeroed((arena), sizeof(type) * (size_t)(count)))

#endif
