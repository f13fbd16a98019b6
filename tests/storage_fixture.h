/* SPDX-License-Identifier: Apache-2.0 */
/* One simulated storage for a test program, and calls on it that must succeed. */
#ifndef STORAGE_FIXTURE_H
#define STORAGE_FIXTURE_H

#include "base/hash.h"
#include "sim/storage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct storage storage;
enum { PLAIN, TRACKED, TRACKED_UNSAFE };

static void reset(int kind)
{
    const struct storage_options options = {
        .track_unsynced = kind != PLAIN,
        .powersafe_overwrite = kind != TRACKED_UNSAFE,
    };
    storage_reset(&storage, &options);
}

static void must_open(struct storage_handle *handle, const char *name, uint32_t process)
{
    assert_int_equal(storage_open(&storage, handle, name, process, STORAGE_OPEN_CREATE),
                     STORAGE_OK);
}

static void must_write(struct storage_handle *handle, const void *data, size_t length,
                       uint64_t offset)
{
    assert_int_equal(storage_write(handle, data, length, offset), STORAGE_OK);
}

static void must_fill(struct storage_handle *handle, int byte, size_t length, uint64_t offset)
{
    unsigned char bytes[65536];
    assert_true(length <= sizeof bytes);
    memset(bytes, byte, length);
    must_write(handle, bytes, length, offset);
}

static uint64_t size_of(const struct storage_handle *handle)
{
    uint64_t size_bytes = UINT64_MAX;
    assert_int_equal(storage_size(handle, &size_bytes), STORAGE_OK);
    return size_bytes;
}

static void assert_nothing_held(void)
{
    struct storage_holdings held;
    storage_holdings(&storage, &held);
    assert_int_equal(held.handles, 0);
    assert_int_equal(held.locks, 0);
    assert_int_equal(held.attachments, 0);
}

/* A hash of every name and byte. */
static uint64_t fingerprint(void)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < STORAGE_FILES_MAX; i++) {
        const struct storage_file *file = &storage.files[i];
        if (!file->is_used || !file->is_named)
            continue;
        hash = hash_bytes(hash, file->name, strlen(file->name));
        hash = hash_bytes(hash, file->content.bytes, file->content.size_bytes);
    }
    return hash;
}

static int set_up(void **state)
{
    (void)state;
    storage_init(&storage);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    storage_clean_up(&storage);
    return 0;
}

#endif
