/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory of the simulated storage. Every attached handle sees the same memory at addresses
 * of its own (views of one memory file), so that a handle that dies can be given a private copy
 * under its feet: code of a dead process that still unwinds may write there, and nobody sees it.
 */
#include "sim/storage_internal.h"

#include "base/assert.h"
#include "sim/lock_watch.h"
#include "sim/world.h"

#include <sys/mman.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096 };
static const size_t view_bytes = (size_t)STORAGE_SHM_REGIONS_MAX * STORAGE_SHM_REGION_BYTES;

_Static_assert(STORAGE_SHM_VIEWS_MAX <= 32, "views are bits of a 32-bit set");

/* --- views ----------------------------------------------------------------------------------- */

static void *map(const struct storage *storage, const struct storage_shm *shm, void *address,
                 int flags)
{
    return mmap(address, view_bytes, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE,
                storage->shm_descriptor, (off_t)((size_t)(shm - storage->shms) * view_bytes));
}

/* False: there is no address space left for one more. */
static bool make_view(const struct storage *storage, struct storage_shm *shm, uint32_t view)
{
    if (shm->views[view] != NULL)
        return true;
    void *mapped = map(storage, shm, NULL, MAP_SHARED);
    if (mapped == MAP_FAILED)
        return false;
    shm->views[view] = mapped;
    return true;
}

static void map_view(const struct storage *storage, struct storage_shm *shm, uint32_t view,
                     int sharing)
{
    ASSERT(map(storage, shm, shm->views[view], sharing | MAP_FIXED) == shm->views[view]);
}

static void make_private(struct storage *storage, struct storage_shm *shm, uint32_t view)
{
    map_view(storage, shm, view, MAP_PRIVATE);
    /* The kernel copies a page when it is written to: do that now, before others change it. */
    volatile unsigned char *address = shm->views[view];
    size_t used_bytes = (size_t)shm->region_count * STORAGE_SHM_REGION_BYTES;
    for (size_t at = 0; at < used_bytes; at += PAGE_BYTES)
        address[at] = address[at];
    shm->views_private |= 1u << view;
}

void storage_shm_init(struct storage *storage)
{
    storage->shm_descriptor = memfd_create("interplay-shm", MFD_CLOEXEC);
    ASSERT(storage->shm_descriptor >= 0);
    ASSERT(ftruncate(storage->shm_descriptor, (off_t)(STORAGE_SHM_MAX * view_bytes)) == 0);
}

void storage_shm_clean_up(struct storage *storage)
{
    for (uint32_t i = 0; i < STORAGE_SHM_MAX; i++)
        for (uint32_t view = 0; view < STORAGE_SHM_VIEWS_MAX; view++)
            if (storage->shms[i].views[view] != NULL)
                ASSERT(munmap(storage->shms[i].views[view], view_bytes) == 0);
    ASSERT(close(storage->shm_descriptor) == 0);
}

void storage_shm_reset(struct storage *storage)
{
    for (uint32_t i = 0; i < STORAGE_SHM_MAX; i++) {
        struct storage_shm *shm = &storage->shms[i];
        if (shm->file == NULL && shm->views_taken == 0)
            continue;
        struct storage_shm fresh = {.views_private = shm->views_private};
        memcpy(fresh.views, shm->views, sizeof fresh.views);
        *shm = fresh;
    }
}

/* --- attaching ------------------------------------------------------------------------------- */

static struct storage_shm *find_or_create_shm(struct storage *storage, struct storage_file *file)
{
    if (file->shm != NULL)
        return file->shm;
    for (uint32_t i = 0; i < STORAGE_SHM_MAX; i++) {
        struct storage_shm *shm = &storage->shms[i];
        if (shm->file == NULL) {
            shm->file = file;
            shm->region_count = 0;
            file->shm = shm;
            return shm;
        }
    }
    world_meet_limit("files with shared memory in the simulated storage (4)");
    return NULL;
}

static enum storage_result attach(struct storage_handle *handle)
{
    struct storage *storage = handle->storage;
    struct storage_shm *shm = find_or_create_shm(storage, handle->file);
    const uint32_t all_views = (uint32_t)(((uint64_t)1 << STORAGE_SHM_VIEWS_MAX) - 1);
    if (shm == NULL)
        return STORAGE_FULL;
    bool has_room = shm->views_taken != all_views;
    uint32_t view = has_room ? (uint32_t)__builtin_ctz(~shm->views_taken) : 0;
    if (!has_room || !make_view(storage, shm, view)) {
        if (shm->attached == 0) {
            shm->file->shm = NULL;
            shm->file = NULL;
        }
        world_meet_limit(has_room ? "address space for shared memory of a file"
                                  : "connections to the shared memory of a file (32)");
        return STORAGE_FULL;
    }
    if ((shm->views_private >> view) & 1u) {
        map_view(storage, shm, view, MAP_SHARED);
        shm->views_private &= ~(1u << view);
    }
    shm->views_taken |= 1u << view;
    shm->attached++;
    handle->shm = shm;
    handle->shm_view = view;
    return STORAGE_OK;
}

enum storage_result storage_shm_map(struct storage_handle *handle, uint32_t region, bool extend,
                                    volatile void **ret_region)
{
    if (storage_is_dead(handle))
        return STORAGE_DEAD;
    if (region >= STORAGE_SHM_REGIONS_MAX) {
        world_meet_limit("bytes of a file's shared memory (8 MiB)");
        return STORAGE_FULL;
    }
    if (handle->shm == NULL) {
        enum storage_result result = attach(handle);
        if (result != STORAGE_OK)
            return result;
    }
    struct storage_shm *shm = handle->shm;
    unsigned char *view = shm->views[handle->shm_view];
    if (region >= shm->region_count) {
        if (!extend) {
            *ret_region = NULL;
            return STORAGE_OK;
        }
        size_t had_bytes = (size_t)shm->region_count * STORAGE_SHM_REGION_BYTES;
        size_t has_bytes = (size_t)(region + 1) * STORAGE_SHM_REGION_BYTES;
        memset(view + had_bytes, 0, has_bytes - had_bytes);
        shm->region_count = region + 1;
    }
    *ret_region = view + (size_t)region * STORAGE_SHM_REGION_BYTES;
    return STORAGE_OK;
}

static void detach(struct storage_handle *handle)
{
    struct storage_shm *shm = handle->shm;
    if (handle->shm_shared != 0 || handle->shm_exclusive != 0)
        storage_shm_unlock(handle, 0, STORAGE_SHM_LOCKS);
    ASSERT(shm->attached > 0);
    if (--shm->attached == 0) {
        shm->file->shm = NULL;
        shm->file = NULL;
    }
}

void storage_shm_unmap(struct storage_handle *handle)
{
    if (handle->shm == NULL || storage_is_dead(handle))
        return;
    detach(handle);
    storage_shm_bury(handle);
}

void storage_shm_die(struct storage_handle *handle)
{
    if (handle->shm == NULL)
        return;
    make_private(handle->storage, handle->shm, handle->shm_view);
    detach(handle);
}

void storage_shm_bury(struct storage_handle *handle)
{
    if (handle->shm == NULL)
        return;
    handle->shm->views_taken &= ~(1u << handle->shm_view);
    handle->shm = NULL;
}

/* --- locks ----------------------------------------------------------------------------------- */

enum storage_result storage_shm_lock(struct storage_handle *handle, uint32_t first, uint32_t count,
                                     bool exclusive)
{
    if (storage_is_dead(handle))
        return STORAGE_DEAD;
    struct storage_shm *shm = handle->shm;
    ASSERT(shm != NULL && first + count <= STORAGE_SHM_LOCKS);
    for (uint32_t slot = first; slot < first + count; slot++) {
        uint32_t own_shared = (handle->shm_shared >> slot) & 1u;
        if (shm->exclusive[slot] != NULL && shm->exclusive[slot] != handle)
            return STORAGE_BUSY;
        if (exclusive && shm->shared[slot] > own_shared)
            return STORAGE_BUSY;
    }
    for (uint32_t slot = first; slot < first + count; slot++) {
        uint8_t bit = (uint8_t)(1u << slot);
        if (exclusive) {
            shm->exclusive[slot] = handle;
            handle->shm_exclusive |= bit;
        } else if (!(handle->shm_shared & bit)) {
            shm->shared[slot]++;
            handle->shm_shared |= bit;
        }
    }
    lock_watch_tell(handle);
    return STORAGE_OK;
}

void storage_shm_unlock(struct storage_handle *handle, uint32_t first, uint32_t count)
{
    struct storage_shm *shm = handle->shm;
    if (shm == NULL || storage_is_dead(handle))
        return;
    ASSERT(first + count <= STORAGE_SHM_LOCKS);
    for (uint32_t slot = first; slot < first + count; slot++) {
        uint8_t bit = (uint8_t)(1u << slot);
        if (handle->shm_exclusive & bit)
            shm->exclusive[slot] = NULL;
        if (handle->shm_shared & bit)
            shm->shared[slot]--;
        handle->shm_exclusive = (uint8_t)(handle->shm_exclusive & ~bit);
        handle->shm_shared = (uint8_t)(handle->shm_shared & ~bit);
    }
    lock_watch_tell(handle);
}
