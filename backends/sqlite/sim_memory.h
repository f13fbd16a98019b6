/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite's memory methods in the simulated world: every call is a yield point, every allocation an
 * opportunity for FAULT_no_memory, and what is outstanding is counted. Sizes are the same in every
 * build. Under AddressSanitizer each block is libc's, so that every overflow is seen; other builds
 * take blocks from free lists over address space that is reserved once. Each block lies in the heap
 * of the instance that is at hand (sim_share.h), and goes with it at the latest.
 */
#ifndef SQLITE_SIM_MEMORY_H
#define SQLITE_SIM_MEMORY_H

#include "base/sanitizer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3_mem_methods;

/* For sqlite3_config(SQLITE_CONFIG_MALLOC, ...). */
extern const struct sqlite3_mem_methods sim_memory_methods;

struct sim_memory_usage {
    int64_t bytes;
    int64_t allocations;
};

enum { SIM_HEAP_CLASSES = 128 };

/* Only sim_memory.c looks inside. */
struct sim_heap {
    struct sim_memory_usage usage;
#if SANITIZER_ADDRESS
    struct header *blocks; /* all of them, so that closing can free what was abandoned */
#else
    struct heap_chunk *chunk; /* the newest */
    size_t used_bytes;        /* of it */
    struct free_block *free[SIM_HEAP_CLASSES];
#endif
};

/* False without address space. */
bool sim_heap_open(struct sim_heap *heap);
void sim_heap_close(struct sim_heap *heap);

#endif
