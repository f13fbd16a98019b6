/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite's memory methods in the simulated world: every call is a yield point, every allocation an
 * opportunity for FAULT_no_memory, and what is outstanding is counted. Sizes are the same in every
 * build. Under AddressSanitizer each block is libc's, so that every overflow is seen; other builds
 * take blocks from free lists over address space that is reserved once.
 */
#ifndef SQLITE_SIM_MEMORY_H
#define SQLITE_SIM_MEMORY_H

#include <stdint.h>

struct sqlite3_mem_methods;

/* For sqlite3_config(SQLITE_CONFIG_MALLOC, ...). */
extern const struct sqlite3_mem_methods sim_memory_methods;

struct sim_memory_usage {
    int64_t bytes;
    int64_t allocations;
};
struct sim_memory_usage sim_memory_usage(void);

#endif
