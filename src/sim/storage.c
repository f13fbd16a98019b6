/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated storage: files, names and handles. Losses, locks and shared memory are in files of
 * their own.
 */
#include "sim/storage.h"

#include "base/assert.h"
#include "sim/storage_internal.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
    RANGES_PER_FILE = 3,              /* content, durable, spare */
    KEEP_BYTES_MAX = 4 * 1024 * 1024, /* more than this goes back to the system when a file goes */
};
static const size_t log_bytes_max = (size_t)32 * 1024 * 1024;

_Static_assert(STORAGE_FILES_MAX <= 64, "files are bits of a 64-bit set");

/* --- life ------------------------------------------------------------------------------------ */

static size_t ranges_bytes(void)
{
    return (size_t)STORAGE_FILES_MAX * RANGES_PER_FILE * STORAGE_FILE_BYTES_MAX;
}

static unsigned char *reserve(size_t size_bytes)
{
    void *range = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ASSERT(range != MAP_FAILED);
    return range;
}

void storage_init(struct storage *storage)
{
    memset(storage, 0, sizeof *storage);
    storage->ranges = reserve(ranges_bytes());
    for (size_t i = 0; i < STORAGE_FILES_MAX; i++) {
        unsigned char *range =
            storage->ranges + i * RANGES_PER_FILE * (size_t)STORAGE_FILE_BYTES_MAX;
        struct storage_file *file = &storage->files[i];
        file->content.bytes = range;
        file->durable.bytes = range + STORAGE_FILE_BYTES_MAX;
        file->spare.bytes = range + 2 * (size_t)STORAGE_FILE_BYTES_MAX;
    }
    arena_init(&storage->log, log_bytes_max);
    storage_shm_init(storage);
    storage_reset(storage, &(struct storage_options){.powersafe_overwrite = true});
}

void storage_clean_up(struct storage *storage)
{
    storage_shm_clean_up(storage);
    arena_clean_up(&storage->log);
    ASSERT(munmap(storage->ranges, ranges_bytes()) == 0);
    storage->ranges = NULL;
}

/* The place of the named file, or STORAGE_FILES_MAX. */
static size_t find_place(const struct storage *storage, const char *name)
{
    for (uint64_t left = storage->files_used; left != 0; left &= left - 1) {
        size_t place = (size_t)__builtin_ctzll(left);
        if (storage->files[place].is_named && strcmp(storage->files[place].name, name) == 0)
            return place;
    }
    return STORAGE_FILES_MAX;
}

static struct storage_file *find(struct storage *storage, const char *name)
{
    size_t place = find_place(storage, name);
    return place == STORAGE_FILES_MAX ? NULL : &storage->files[place];
}

static void give_back(struct storage_bytes *bytes)
{
    bytes->size_bytes = 0;
    if (bytes->used_bytes <= KEEP_BYTES_MAX)
        return;
    ASSERT(madvise(bytes->bytes, STORAGE_FILE_BYTES_MAX, MADV_DONTNEED) == 0);
    bytes->used_bytes = 0;
}

static void file_give_back(struct storage_file *file)
{
    give_back(&file->content);
    give_back(&file->durable);
    give_back(&file->spare);
}

void storage_reset(struct storage *storage, const struct storage_options *options)
{
    for (uint64_t left = storage->files_used; left != 0; left &= left - 1)
        file_give_back(&storage->files[__builtin_ctzll(left)]);
    storage->options = *options;
    storage->files_used = 0;
    storage->generation++;
    storage->handles = NULL;
    storage->handle_count = 0;
    storage->change_count = 0;
    storage->unsynced_count = 0;
    arena_reset(&storage->log);
    storage_shm_reset(storage);
}

/* A named file whose name and content are durable. */
static void put_file(struct storage *storage, const char *name, const unsigned char *bytes,
                     uint64_t size_bytes)
{
    struct storage_file *file = storage_file_new(storage, name);
    ASSERT(file != NULL);
    file->is_named = true;
    file->is_named_durably = true;
    bytes_write(&file->content, bytes, size_bytes, 0);
    if (storage->options.track_unsynced)
        bytes_write(&file->durable, bytes, size_bytes, 0);
}

void storage_reset_to(struct storage *storage, const struct storage_options *options,
                      const struct storage_image *image)
{
    storage_reset(storage, options);
    put_file(storage, image->name, image->bytes, image->size_bytes);
}

enum storage_result storage_save_image(const struct storage *storage, const char *name,
                                       struct storage_image *ret_image)
{
    size_t place = find_place(storage, name);
    if (place == STORAGE_FILES_MAX)
        return STORAGE_NOT_FOUND;
    const struct storage_file *file = &storage->files[place];
    struct storage_image image = {.size_bytes = file->content.size_bytes};
    memcpy(image.name, file->name, sizeof image.name);
    image.bytes = malloc(image.size_bytes + 1);
    ASSERT(image.bytes != NULL);
    memcpy(image.bytes, file->content.bytes, image.size_bytes);
    *ret_image = image;
    return STORAGE_OK;
}

void storage_image_clean_up(struct storage_image *image)
{
    free(image->bytes);
    *image = (struct storage_image){0};
}

static size_t copy_bytes(void)
{
    return (size_t)STORAGE_FILES_MAX * STORAGE_FILE_BYTES_MAX;
}

void storage_copy_init(struct storage_copy *copy)
{
    *copy = (struct storage_copy){0};
    copy->range = reserve(copy_bytes());
}

void storage_copy_clean_up(struct storage_copy *copy)
{
    ASSERT(munmap(copy->range, copy_bytes()) == 0);
    *copy = (struct storage_copy){0};
}

void storage_save(const struct storage *storage, struct storage_copy *copy)
{
    unsigned char *free_bytes = copy->range;
    copy->count = 0;
    for (uint64_t left = storage->files_used; left != 0; left &= left - 1) {
        const struct storage_file *file = &storage->files[__builtin_ctzll(left)];
        if (!file->is_named)
            continue;
        struct storage_copied_file *copied = &copy->files[copy->count++];
        memcpy(copied->name, file->name, sizeof copied->name);
        memcpy(free_bytes, file->content.bytes, file->content.size_bytes);
        copied->bytes = free_bytes;
        copied->size_bytes = file->content.size_bytes;
        free_bytes += file->content.size_bytes;
    }
}

void storage_restore(struct storage *storage, const struct storage_copy *copy)
{
    struct storage_options options = storage->options;
    storage_reset(storage, &options);
    for (uint32_t i = 0; i < copy->count; i++)
        put_file(storage, copy->files[i].name, copy->files[i].bytes, copy->files[i].size_bytes);
}

/* --- names ----------------------------------------------------------------------------------- */

struct storage_file *storage_file_new(struct storage *storage, const char *name)
{
    /*
     * Names whose removal was not synced may hold all the places: then the system writes them back.
     */
    if (storage->files_used == UINT64_MAX && storage->change_count > 0)
        storage_sync_directory(storage);
    if (storage->files_used == UINT64_MAX)
        return NULL;
    unsigned place = (unsigned)__builtin_ctzll(~storage->files_used);
    storage->files_used |= (uint64_t)1 << place;
    struct storage_file *file = &storage->files[place];
    *file = (struct storage_file){
        .content = file->content, .durable = file->durable, .spare = file->spare};
    file->content.size_bytes = 0;
    file->durable.size_bytes = 0;
    if (name != NULL) {
        size_t length = strlen(name);
        ASSERT(length < STORAGE_NAME_BYTES);
        memcpy(file->name, name, length + 1);
    }
    return file;
}

void storage_file_release(struct storage *storage, struct storage_file *file)
{
    if (file->handles > 0 || file->is_named || file->name_changes > 0)
        return;
    storage_log_forget(storage, file);
    file_give_back(file);
    storage->files_used &= ~((uint64_t)1 << (file - storage->files));
}

static void unlink_file(struct storage *storage, struct storage_file *file)
{
    file->is_named = false;
    storage_log_name(storage, file, false);
    storage_file_release(storage, file);
}

enum storage_result storage_delete(struct storage *storage, const char *name)
{
    struct storage_file *file = find(storage, name);
    if (file == NULL)
        return STORAGE_NOT_FOUND;
    unlink_file(storage, file);
    return STORAGE_OK;
}

bool storage_exists(const struct storage *storage, const char *name, uint64_t *ret_size_bytes)
{
    size_t place = find_place(storage, name);
    if (place == STORAGE_FILES_MAX)
        return false;
    if (ret_size_bytes != NULL)
        *ret_size_bytes = storage->files[place].content.size_bytes;
    return true;
}

/* --- handles --------------------------------------------------------------------------------- */

static enum storage_result find_or_create(struct storage *storage, const char *name, unsigned flags,
                                          struct storage_file **ret_file)
{
    struct storage_file *file = name == NULL ? NULL : find(storage, name);
    if (file != NULL) {
        if ((flags & STORAGE_OPEN_CREATE) && (flags & STORAGE_OPEN_EXCLUSIVE))
            return STORAGE_EXISTS;
        *ret_file = file;
        return STORAGE_OK;
    }
    if (name != NULL && !(flags & STORAGE_OPEN_CREATE))
        return STORAGE_NOT_FOUND;
    file = storage_file_new(storage, name);
    if (file == NULL)
        return STORAGE_FULL;
    file->is_temporary = name == NULL || (flags & STORAGE_OPEN_DELETE);
    file->is_named = name != NULL;
    if (file->is_named)
        storage_log_name(storage, file, true);
    *ret_file = file;
    return STORAGE_OK;
}

enum storage_result storage_open(struct storage *storage, struct storage_handle *ret_handle,
                                 const char *name, uint32_t process, unsigned flags)
{
    struct storage_file *file;
    enum storage_result result = find_or_create(storage, name, flags, &file);
    if (result != STORAGE_OK)
        return result;
    file->handles++;
    *ret_handle = (struct storage_handle){
        .storage = storage,
        .file = file,
        .next = storage->handles,
        .generation = storage->generation,
        .process = process,
        .delete_on_close = (flags & STORAGE_OPEN_DELETE) != 0,
    };
    if (storage->handles != NULL)
        storage->handles->previous = ret_handle;
    storage->handles = ret_handle;
    storage->handle_count++;
    return STORAGE_OK;
}

static void let_go(struct storage_handle *handle)
{
    struct storage *storage = handle->storage;
    struct storage_file *file = handle->file;
    storage_unlock(handle, STORAGE_LOCK_NONE);
    if (handle->previous != NULL)
        handle->previous->next = handle->next;
    else
        storage->handles = handle->next;
    if (handle->next != NULL)
        handle->next->previous = handle->previous;
    handle->file = NULL;
    file->handles--;
    if (handle->delete_on_close && file->is_named)
        unlink_file(storage, file);
    else
        storage_file_release(storage, file);
}

void storage_handle_die(struct storage_handle *handle)
{
    storage_shm_die(handle);
    let_go(handle);
}

void storage_close(struct storage_handle *handle)
{
    if (handle->generation != handle->storage->generation)
        return;
    if (handle->file != NULL) {
        storage_shm_unmap(handle);
        let_go(handle);
    } else {
        storage_shm_bury(handle);
    }
    handle->storage->handle_count--;
    handle->generation = 0;
}

void storage_process_died(struct storage *storage, uint32_t process)
{
    struct storage_handle *next;
    for (struct storage_handle *handle = storage->handles; handle != NULL; handle = next) {
        next = handle->next;
        if (handle->process == process)
            storage_handle_die(handle);
    }
}

void storage_holdings(const struct storage *storage, struct storage_holdings *ret_holdings)
{
    struct storage_holdings holdings = {.handles = storage->handle_count};
    for (const struct storage_handle *handle = storage->handles; handle != NULL;
         handle = handle->next) {
        holdings.locks += handle->level != STORAGE_LOCK_NONE;
        holdings.locks += (uint32_t)__builtin_popcount(handle->shm_shared);
        holdings.locks += (uint32_t)__builtin_popcount(handle->shm_exclusive);
        holdings.attachments += handle->shm != NULL;
    }
    *ret_holdings = holdings;
}

/* --- content --------------------------------------------------------------------------------- */

enum storage_result storage_read(struct storage_handle *handle, void *buffer, size_t length,
                                 uint64_t offset)
{
    if (storage_is_dead(handle))
        return STORAGE_DEAD;
    const struct storage_bytes *content = &handle->file->content;
    if (offset <= content->size_bytes && length <= content->size_bytes - offset) {
        memcpy(buffer, content->bytes + offset, length);
        return STORAGE_OK;
    }
    size_t there = offset < content->size_bytes ? (size_t)(content->size_bytes - offset) : 0;
    memcpy(buffer, content->bytes + (there > 0 ? offset : 0), there);
    memset((unsigned char *)buffer + there, 0, length - there);
    return STORAGE_SHORT;
}

enum storage_result storage_write(struct storage_handle *handle, const void *data, size_t length,
                                  uint64_t offset)
{
    if (storage_is_dead(handle))
        return STORAGE_DEAD;
    if (offset > STORAGE_FILE_BYTES_MAX || length > STORAGE_FILE_BYTES_MAX - offset)
        return STORAGE_FULL;
    bytes_write(&handle->file->content, data, length, offset);
    if (handle->storage->options.track_unsynced)
        storage_log_write(handle->storage, handle->file, data, length, offset);
    return STORAGE_OK;
}

enum storage_result storage_truncate(struct storage_handle *handle, uint64_t size_bytes)
{
    if (storage_is_dead(handle))
        return STORAGE_DEAD;
    if (size_bytes > STORAGE_FILE_BYTES_MAX)
        return STORAGE_FULL;
    bytes_resize(&handle->file->content, size_bytes);
    if (handle->storage->options.track_unsynced)
        storage_log_truncate(handle->storage, handle->file, size_bytes);
    return STORAGE_OK;
}

enum storage_result storage_sync(struct storage_handle *handle)
{
    if (storage_is_dead(handle))
        return STORAGE_DEAD;
    storage_log_sync(handle->storage, handle->file);
    return STORAGE_OK;
}

enum storage_result storage_size(const struct storage_handle *handle, uint64_t *ret_size_bytes)
{
    if (storage_is_dead(handle))
        return STORAGE_DEAD;
    *ret_size_bytes = handle->file->content.size_bytes;
    return STORAGE_OK;
}

const void *storage_fetch(const struct storage_handle *handle, size_t length, uint64_t offset)
{
    if (storage_is_dead(handle))
        return NULL;
    const struct storage_bytes *content = &handle->file->content;
    if (offset > content->size_bytes || length > content->size_bytes - offset)
        return NULL;
    return content->bytes + offset;
}

bool storage_is_named(const struct storage_handle *handle)
{
    return !storage_is_dead(handle) && handle->file->is_named;
}
