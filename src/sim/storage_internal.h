/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the simulated storage (storage*.c) share with each other and with nobody else.
 */
#ifndef SIM_STORAGE_INTERNAL_H
#define SIM_STORAGE_INTERNAL_H

#include "sim/storage.h"

#include <string.h>

/* --- bytes ----------------------------------------------------------------------------------- */

/* Room for so many; their address changes. Aborts if the system refuses. */
void storage_bytes_grow(struct storage_bytes *bytes, uint64_t size_bytes);

static inline void bytes_make_room(struct storage_bytes *bytes, uint64_t size_bytes)
{
    if (__builtin_expect(size_bytes > bytes->capacity_bytes, 0))
        storage_bytes_grow(bytes, size_bytes);
}

/* Sets the size; what is new reads as zero. */
static inline void bytes_resize(struct storage_bytes *bytes, uint64_t size_bytes)
{
    bytes_make_room(bytes, size_bytes);
    if (size_bytes > bytes->size_bytes) {
        uint64_t stale_end = size_bytes < bytes->used_bytes ? size_bytes : bytes->used_bytes;
        if (stale_end > bytes->size_bytes)
            memset(bytes->bytes + bytes->size_bytes, 0, stale_end - bytes->size_bytes);
    }
    bytes->size_bytes = size_bytes;
    if (size_bytes > bytes->used_bytes)
        bytes->used_bytes = size_bytes;
}

static inline void bytes_write(struct storage_bytes *bytes, const void *data, size_t length,
                               uint64_t offset)
{
    uint64_t end = offset + length;
    bytes_make_room(bytes, end);
    if (offset > bytes->size_bytes)
        bytes_resize(bytes, offset);
    if (length > 0)
        memcpy(bytes->bytes + offset, data, length);
    if (end > bytes->size_bytes)
        bytes->size_bytes = end;
    if (end > bytes->used_bytes)
        bytes->used_bytes = end;
}

static inline void bytes_copy(struct storage_bytes *bytes, const struct storage_bytes *from)
{
    bytes->size_bytes = 0;
    bytes_write(bytes, from->bytes, from->size_bytes, 0);
}

/* --- files and handles (storage.c) ----------------------------------------------------------- */

/* The first used place from this one on, or `files_top`. */
static inline uint32_t storage_used_from(const struct storage *storage, uint32_t place)
{
    while (place < storage->files_top && !storage->files[place].is_used)
        place++;
    return place;
}

/*
 * NULL when all places are taken. `name` may be NULL; the file is empty and not in the directory.
 */
struct storage_file *storage_file_new(struct storage *storage, const char *name);

/*
 * Frees the file's place if neither a handle nor a name, now or in the unsynced past, leads to it.
 */
void storage_file_release(struct storage *storage, struct storage_file *file);

/*
 * Lets the handle's file go: locks, shared memory, the file itself if it was only the handle's. The
 * handle is dead then.
 */
void storage_handle_die(struct storage_handle *handle);

/* --- what a power loss may lose (storage_loss.c); nothing happens without tracking ----------- */

void storage_log_write(struct storage *storage, struct storage_file *file, const void *data,
                       size_t length, uint64_t offset);
void storage_log_truncate(struct storage *storage, struct storage_file *file, uint64_t size_bytes);
void storage_log_sync(struct storage *storage, struct storage_file *file);
void storage_log_name(struct storage *storage, struct storage_file *file, bool is_creation);

/* Forgets the unsynced writes of a file that goes. */
void storage_log_forget(struct storage *storage, struct storage_file *file);

/* --- shared memory (storage_shm.c) ----------------------------------------------------------- */

void storage_shm_init(struct storage *storage);
void storage_shm_clean_up(struct storage *storage);
void storage_shm_reset(struct storage *storage);

/* Detaches a handle that died: what it sees from now on is its own copy. */
void storage_shm_die(struct storage_handle *handle);

/* Gives the addresses of a dead handle back. */
void storage_shm_bury(struct storage_handle *handle);

#endif
