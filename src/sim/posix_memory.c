/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator for code under simulated POSIX: the real one underneath, so that sanitizers see
 * everything, with the fault no_memory on top, and counting, so that leaks show.
 */
#include "sim/posix_internal.h"

#include <malloc.h>

static bool is_refused(void)
{
    if (!world_fault_due(FAULT_no_memory))
        return false;
    errno = ENOMEM;
    return true;
}

static void *counted(void *memory)
{
    if (memory != NULL) {
        world->posix.allocations++;
        world->posix.bytes += (int64_t)malloc_usable_size(memory);
    }
    return memory;
}

static void uncount(void *memory)
{
    if (memory != NULL) {
        world->posix.allocations--;
        world->posix.bytes -= (int64_t)malloc_usable_size(memory);
    }
}

void *sim_malloc(size_t size)
{
    return is_refused() ? NULL : counted(malloc(size));
}

void *sim_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : counted(calloc(count, size));
}

void sim_free(void *memory)
{
    uncount(memory);
    free(memory);
}

void *sim_reallocarray(void *memory, size_t count, size_t size)
{
    if (is_refused())
        return NULL;
    /* As glibc has it, size 0 frees. */
    bool frees = memory != NULL && (count == 0 || size == 0);
    size_t old_bytes = malloc_usable_size(memory);
    void *moved = reallocarray(memory, count, size);
    if (memory != NULL && (moved != NULL || frees)) {
        world->posix.allocations--;
        world->posix.bytes -= (int64_t)old_bytes;
    }
    return counted(moved);
}

void *sim_realloc(void *memory, size_t size)
{
    return sim_reallocarray(memory, 1, size);
}

void *sim_aligned_alloc(size_t alignment, size_t size)
{
    return is_refused() ? NULL : counted(aligned_alloc(alignment, size));
}

int sim_posix_memalign(void **ret_memory, size_t alignment, size_t size)
{
    if (is_refused())
        return ENOMEM;
    int code = posix_memalign(ret_memory, alignment, size);
    if (code == 0)
        (void)counted(*ret_memory);
    return code;
}

char *sim_strdup(const char *text)
{
    return is_refused() ? NULL : counted(strdup(text));
}

char *sim_strndup(const char *text, size_t length_max)
{
    return is_refused() ? NULL : counted(strndup(text, length_max));
}

int sim_vasprintf(char **ret_text, const char *format, va_list arguments)
{
    if (is_refused())
        return -1;
    int length = vasprintf(ret_text, format, arguments);
    if (length >= 0)
        (void)counted(*ret_text);
    return length;
}

int sim_asprintf(char **ret_text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = sim_vasprintf(ret_text, format, arguments);
    va_end(arguments);
    return length;
}
