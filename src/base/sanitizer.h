/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AddressSanitizer's client calls, or nothing in builds without it: memory poisoning for arenas,
 * fiber announcements for coroutines.
 */
#ifndef BASE_SANITIZER_H
#define BASE_SANITIZER_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZER_ADDRESS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(SANITIZER_ADDRESS)
#define SANITIZER_ADDRESS 1
#endif
#ifndef SANITIZER_ADDRESS
#define SANITIZER_ADDRESS 0
#endif

#if SANITIZER_ADDRESS
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

static inline void sanitizer_poison(const void *memory, size_t size_bytes)
{
#if SANITIZER_ADDRESS
    __asan_poison_memory_region(memory, size_bytes);
#else
    (void)memory;
    (void)size_bytes;
#endif
}

static inline void sanitizer_unpoison(const void *memory, size_t size_bytes)
{
#if SANITIZER_ADDRESS
    __asan_unpoison_memory_region(memory, size_bytes);
#else
    (void)memory;
    (void)size_bytes;
#endif
}

#endif
