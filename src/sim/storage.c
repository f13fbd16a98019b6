/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated storage: files, names and handles. Losses, locks and shared memory are in files of
 * their own.
 */
#include "sim/storage.h"

#include "base/assert.h"
#include "sim/storage_internal.h"
#include "sim/world.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    KEEP_BYTES_MAX = 4 * 1024 * 1024, /* more than this goes back to the system when a file goes */
    KEEP_FILES_MAX = 4,               /* the same of files */
    SMALL_STEP_BYTES = 64 * 1024,     /* what files are granted at a time: up to the large one */
    LARGE_STEP_BYTES = 4 * 1024 * 1024,
};
static const size_t log_bytes_max = (size_t)32 * 1024 * 1024;

/* --- bytes ----------------------------------------------------------------------------------- */

static unsigned char *reserve(size_t size_bytes)
{
    void *range = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ASSERT(range != MAP_FAILED);
    return range;
}

void storage_bytes_grow(struct storage_bytes *bytes, uint64_t size_bytes)
{
    uint64_t capacity_bytes = STORAGE_MAPPED_BYTES_MAX;
    if (size_bytes > capacity_bytes)
        capacity_bytes = STORAGE_BYTES_MAX;
    ASSERT(size_bytes <= capacity_bytes && bytes->outgrown == NULL);
    unsigned char *range = reserve(capacity_bytes);
    if (bytes->size_bytes > 0)
        memcpy(range, bytes->bytes, bytes->size_bytes);
    bytes->used_bytes = bytes->size_bytes;
    bytes->outgrown = bytes->bytes;
    bytes->bytes = range;
    bytes->capacity_bytes = capacity_bytes;
}

static void bytes_clean_up(struct storage_bytes *bytes)
{
    if (bytes->outgrown != NULL)
        ASSERT(munmap(bytes->outgrown, STORAGE_MAPPED_BYTES_MAX) == 0);
    if (bytes->bytes != NULL)
        ASSERT(munmap(bytes->bytes, bytes->capacity_bytes) == 0);
    *bytes = (struct storage_bytes){0};
}

static void bytes_give_back(struct storage_bytes *bytes, bool is_kept)
{
    bytes->size_bytes = 0;
    if (!is_kept || bytes->outgrown != NULL) {
        bytes_clean_up(bytes);
    } else if (bytes->used_bytes > KEEP_BYTES_MAX) {
        ASSERT(madvise(bytes->bytes, bytes->used_bytes, MADV_DONTNEED) == 0);
        bytes->used_bytes = 0;
    }
}

static void file_give_back(struct storage *storage, struct storage_file *file)
{
    bool is_kept = file - storage->files < KEEP_FILES_MAX;
    bytes_give_back(&file->content, is_kept);
    bytes_give_back(&file->durable, is_kept);
    bytes_give_back(&file->spare, is_kept);
    storage->granted_bytes -= file->granted_bytes;
    file->granted_bytes = 0;
}

/* What a file has room for is counted in steps, so that most writes need not count. */
static bool grant(struct storage *storage, struct storage_file *file, uint64_t size_bytes)
{
    uint64_t step = size_bytes < LARGE_STEP_BYTES ? SMALL_STEP_BYTES : LARGE_STEP_BYTES;
    uint64_t growth = (size_bytes + step - 1) / step * step - file->granted_bytes;
    if (size_bytes > STORAGE_BYTES_MAX || growth > STORAGE_BYTES_MAX - storage->granted_bytes) {
        world_meet_limit("bytes in all files of the simulated storage (512 MiB)");
        return false;
    }
    if (file->was_fetched && size_bytes > STORAGE_MAPPED_BYTES_MAX) {
        world_meet_limit("bytes in a memory-mapped file of the simulated storage (64 MiB)");
        return false;
    }
    file->granted_bytes += growth;
    storage->granted_bytes += growth;
    return true;
}

/* --- life ------------------------------------------------------------------------------------ */

void storage_init(struct storage *storage)
{
    memset(storage, 0, sizeof *storage);
    arena_init(&storage->log, log_bytes_max);
    storage_shm_init(storage);
    storage_reset(storage, &(struct storage_options){.powersafe_overwrite = true});
}

void storage_clean_up(struct storage *storage)
{
    storage_shm_clean_up(storage);
    arena_clean_up(&storage->log);
    for (uint32_t i = 0; i < STORAGE_FILES_MAX; i++) {
        bytes_clean_up(&storage->files[i].content);
        bytes_clean_up(&storage->files[i].durable);
        bytes_clean_up(&storage->files[i].spare);
    }
}

/* The place of the named file, or STORAGE_FILES_MAX. */
static size_t find_place(const struct storage *storage, const char *name)
{
    for (uint32_t place = storage_used_from(storage, 0); place < storage->files_top;
         place = storage_used_from(storage, place + 1)) {
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

void storage_reset(struct storage *storage, const struct storage_options *options)
{
    for (uint32_t i = storage_used_from(storage, 0); i < storage->files_top;
         i = storage_used_from(storage, i + 1)) {
        file_give_back(storage, &storage->files[i]);
        storage->files[i].is_used = false;
    }
    storage->options = *options;
    storage->file_count = storage->files_top = 0;
    storage->granted_bytes = 0;
    storage->generation++;
    storage->handles = NULL;
    storage->handle_count = 0;
    storage->change_count = 0;
    storage->created = 0;
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
    ASSERT(grant(storage, file, size_bytes));
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
    if (image.size_bytes > 0)
        memcpy(image.bytes, file->content.bytes, image.size_bytes);
    *ret_image = image;
    return STORAGE_OK;
}

void storage_image_clean_up(struct storage_image *image)
{
    free(image->bytes);
    *image = (struct storage_image){0};
}

void storage_copy_init(struct storage_copy *copy)
{
    *copy = (struct storage_copy){0};
}

void storage_copy_clean_up(struct storage_copy *copy)
{
    if (copy->range != NULL)
        ASSERT(munmap(copy->range, STORAGE_BYTES_MAX) == 0);
    *copy = (struct storage_copy){0};
}

void storage_save(const struct storage *storage, struct storage_copy *copy)
{
    if (copy->range == NULL)
        copy->range = reserve(STORAGE_BYTES_MAX);
    unsigned char *free_bytes = copy->range;
    copy->count = 0;
    for (uint32_t i = storage_used_from(storage, 0); i < storage->files_top;
         i = storage_used_from(storage, i + 1)) {
        const struct storage_file *file = &storage->files[i];
        if (!file->is_named)
            continue;
        struct storage_copied_file *copied = &copy->files[copy->count++];
        memcpy(copied->name, file->name, sizeof copied->name);
        if (file->content.size_bytes > 0)
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

/* The lowest free place; there is one. */
static struct storage_file *take_place(struct storage *storage)
{
    uint32_t place = 0;
    while (place < storage->files_top && storage->files[place].is_used)
        place++;
    storage->file_count++;
    if (place == storage->files_top)
        storage->files_top++;
    return &storage->files[place];
}

static void free_place(struct storage *storage, struct storage_file *file)
{
    file->is_used = false;
    storage->file_count--;
    while (storage->files_top > 0 && !storage->files[storage->files_top - 1].is_used)
        storage->files_top--;
}

struct storage_file *storage_file_new(struct storage *storage, const char *name)
{
    /*
     * Names whose removal was not synced may hold all the places: then the system writes them back.
     */
    if (storage->file_count == STORAGE_FILES_MAX && storage->change_count > 0)
        storage_sync_directory(storage);
    if (storage->file_count == STORAGE_FILES_MAX) {
        world_meet_limit("files in the simulated storage (1024)");
        return NULL;
    }
    struct storage_file *file = take_place(storage);
    const struct storage_bytes content = file->content, durable = file->durable,
                               spare = file->spare;
    memset(file, 0, offsetof(struct storage_file, name) + 1);
    file->is_used = true;
    file->content = content;
    file->durable = durable;
    file->spare = spare;
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
    file_give_back(storage, file);
    free_place(storage, file);
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
    if (file->is_named && !file->is_temporary)
        file->number = ++storage->created;
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
        if (length > 0)
            memcpy(buffer, content->bytes + offset, length);
        return STORAGE_OK;
    }
    size_t there = offset < content->size_bytes ? (size_t)(content->size_bytes - offset) : 0;
    if (there > 0)
        memcpy(buffer, content->bytes + offset, there);
    memset((unsigned char *)buffer + there, 0, length - there);
    return STORAGE_SHORT;
}

static bool has_room(struct storage_handle *handle, uint64_t size_bytes)
{
    return __builtin_expect(size_bytes <= handle->file->granted_bytes, 1) ||
           grant(handle->storage, handle->file, size_bytes);
}

enum storage_result storage_write(struct storage_handle *handle, const void *data, size_t length,
                                  uint64_t offset)
{
    if (storage_is_dead(handle))
        return STORAGE_DEAD;
    if (!has_room(handle, offset > STORAGE_BYTES_MAX ? offset : offset + length))
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
    if (!has_room(handle, size_bytes))
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
    if (offset > content->size_bytes || length > content->size_bytes - offset ||
        content->capacity_bytes > STORAGE_MAPPED_BYTES_MAX)
        return NULL;
    handle->file->was_fetched = true;
    return content->bytes + offset;
}

bool storage_is_named(const struct storage_handle *handle)
{
    return !storage_is_dead(handle) && handle->file->is_named;
}
