/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a process crashed: the innermost function that is neither libc's, a sanitizer's nor the
 * simulator's, and the offset in it. No addresses, so a binary says the same in each run. The
 * process that may crash leaves what it knows in memory that it shares with its parent
 * (crash_place_watch); the parent, which has the same modules at the same places, gives it a name.
 */
#ifndef RUN_CRASH_PLACE_H
#define RUN_CRASH_PLACE_H

#include "base/text.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRASH_FRAMES_MAX = 48, CRASH_MESSAGE_BYTES = 200 };

/* Who called whom, innermost first. */
struct crash_stack {
    uint32_t frame_count; /* 0: nothing is known */
    uintptr_t frames[CRASH_FRAMES_MAX];
};

/* All zero: nobody crashed. */
struct crash_place {
    int signal;              /* 0: not by one that says where */
    char sanitizer_kind[40]; /* "asan/heap-use-after-free"; empty: no sanitizer ended the process */
    struct crash_stack at;   /* with what noticed the crash */
    struct crash_stack allocated, freed; /* the memory that a sanitizer's report is about */
    char message[CRASH_MESSAGE_BYTES];   /* what else a sanitizer says; empty: nothing */
};

/*
 * From now on a crash of this process, by a signal or found by a sanitizer, is noted in `place`,
 * which outlives it; then it goes on as it would have without.
 */
void crash_place_watch(struct crash_place *place);

/*
 * "function+0x1c"; "module+0x1c2e" where nothing is known of functions; "" without frames. To be
 * called in the process that forked the one that crashed.
 */
void crash_place_name(const struct crash_place *place, char *name, size_t capacity_bytes);

/*
 * The function that allocated the memory that it is about, without an offset; "" where that is not
 * known.
 */
void crash_place_name_owner(const struct crash_place *place, char *name, size_t capacity_bytes);

/*
 * A few lines for people: what a sanitizer said, who called whom up to the crash, and where that
 * memory was allocated and freed. Nothing where nothing is known.
 */
void crash_place_describe(const struct crash_place *place, struct text *text);

/* A function that is not meant by "where": a sanitizer's, or the simulator's. */
bool crash_place_passes_over(const char *function);

/* The file that an address was loaded from. */
struct crash_module {
    char path[PATH_MAX];
    bool is_program; /* of this process itself */
    uintptr_t load_address;
};

/* False: the address is in none. */
bool crash_place_module(uintptr_t address, struct crash_module *ret_module);

#endif
