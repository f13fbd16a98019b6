/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocation over reserved address space. */
#include "base/arena.h"

#include "base/assert.h"
#include "base/sanitizer.h"

#include <string.h>
#include <sys/mman.h>

enum { ARENA_ALIGNMENT = 16 };

void arena_init(struct arena *arena, size_t capacity_bytes)
{
    void *memory = mmap(NULL, capacity_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ASSERT(memory != MAP_FAILED);
    *arena = (struct arena){.base = memory, .capacity_bytes = capacity_bytes};
    sanitizer_poison(memory, capacity_bytes);
}

void arena_clean_up(struct arena *arena)
{
    if (arena->base == NULL)
        return;
    sanitizer_unpoison(arena->base, arena->capacity_bytes);
    ASSERT(munmap(arena->base, arena->capacity_bytes) == 0);
    *arena = (struct arena){0};
}

void arena_reset(struct arena *arena)
{
    sanitizer_poison(arena->base, arena->used_bytes);
    arena->used_bytes = 0;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    size_t rounded = (size_bytes + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    ASSERT(rounded >= size_bytes && rounded <= arena->capacity_bytes - arena->used_bytes);
    unsigned char *memory = arena->base + arena->used_bytes;
    arena->used_bytes += rounded;
    sanitizer_unpoison(memory, size_bytes);
    return memory;
}

void *arena_alloc_zeroed(struct arena *arena, size_t size_bytes)
{
    void *memory = arena_alloc(arena, size_bytes);
    memset(memory, 0, size_bytes);
    return memory;
}

char *arena_copy_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}
