/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a power loss may lose, and the loss itself; storage.h has the model. Each file has its
 * durable bytes (as of its last sync) beside its content, and a list of what was done to it since;
 * a loss plays that list, in part, over the durable bytes. The directory has a list of creations
 * and removals.
 */
#include "sim/storage_internal.h"

#include "base/assert.h"
#include "base/random.h"
#include "sim/world.h"

struct storage_unsynced {
    struct storage_unsynced *next;
    uint32_t number;           /* among those of its file */
    const unsigned char *data; /* NULL: a truncation to `offset` */
    size_t length;
    uint64_t offset;
};

/* --- the log of writes ----------------------------------------------------------------------- */

static void apply(const struct storage_unsynced *change, struct storage_bytes *bytes)
{
    if (change->data == NULL)
        bytes_resize(bytes, change->offset);
    else
        bytes_write(bytes, change->data, change->length, change->offset);
}

void storage_log_forget(struct storage *storage, struct storage_file *file)
{
    storage->unsynced_count -= file->unsynced_count;
    file->first_unsynced = NULL;
    file->last_unsynced = NULL;
    file->unsynced_count = 0;
    if (storage->unsynced_count == 0)
        arena_reset(&storage->log);
}

void storage_log_sync(struct storage *storage, struct storage_file *file)
{
    if (file->first_unsynced == NULL)
        return;
    for (const struct storage_unsynced *change = file->first_unsynced; change != NULL;
         change = change->next)
        apply(change, &file->durable);
    storage_log_forget(storage, file);
}

static void write_everything_back(struct storage *storage)
{
    for (uint32_t i = storage_used_from(storage, 0); i < storage->files_top;
         i = storage_used_from(storage, i + 1))
        storage_log_sync(storage, &storage->files[i]);
    ASSERT(storage->unsynced_count == 0);
}

/* False when the log cannot take it: everything before it is durable then. */
static bool has_room(struct storage *storage, size_t length)
{
    size_t needed = sizeof(struct storage_unsynced) + length + 64;
    if (needed <= storage->log.capacity_bytes - storage->log.used_bytes)
        return true;
    write_everything_back(storage);
    return needed <= storage->log.capacity_bytes;
}

static struct storage_unsynced *log_change(struct storage *storage, struct storage_file *file)
{
    struct storage_unsynced *change = ARENA_NEW(&storage->log, struct storage_unsynced);
    if (file->last_unsynced == NULL)
        file->first_unsynced = change;
    else
        file->last_unsynced->next = change;
    file->last_unsynced = change;
    change->number = (uint32_t)file->unsynced_count++;
    storage->unsynced_count++;
    return change;
}

void storage_log_write(struct storage *storage, struct storage_file *file, const void *data,
                       size_t length, uint64_t offset)
{
    if (file->is_temporary || length == 0)
        return;
    if (!has_room(storage, length)) {
        bytes_write(&file->durable, data, length, offset);
        return;
    }
    struct storage_unsynced *change = log_change(storage, file);
    unsigned char *copy = arena_alloc(&storage->log, length);
    memcpy(copy, data, length);
    change->data = copy;
    change->length = length;
    change->offset = offset;
}

void storage_log_truncate(struct storage *storage, struct storage_file *file, uint64_t size_bytes)
{
    if (file->is_temporary)
        return;
    if (has_room(storage, 0))
        log_change(storage, file)->offset = size_bytes;
}

/* --- the history of names -------------------------------------------------------------------- */

void storage_log_name(struct storage *storage, struct storage_file *file, bool is_creation)
{
    if (!storage->options.track_unsynced || file->is_temporary)
        return;
    file->name_changes++; /* first: writing back must not release this very file */
    if (storage->change_count == STORAGE_NAME_CHANGES_MAX) {
        bool is_named = file->is_named;
        file->is_named = !is_creation;
        storage_sync_directory(storage);
        file->is_named = is_named;
    }
    storage->changes[storage->change_count++] =
        (struct storage_name_change){.file = file, .is_creation = is_creation};
}

void storage_sync_directory(struct storage *storage)
{
    uint32_t count = storage->change_count;
    storage->change_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct storage_file *file = storage->changes[i].file;
        file->is_named_durably = file->is_named;
        ASSERT(file->name_changes > 0);
        if (--file->name_changes == 0)
            storage_file_release(storage, file);
    }
}

/* --- telling of it --------------------------------------------------------------------------- */

static void tell(const struct storage_fate *fate)
{
    if (world->on_fate != NULL)
        world->on_fate(world->on_fate_context, fate);
}

static void tell_arrived(const struct storage_unsynced *change, uint64_t from, uint64_t to)
{
    tell(&(struct storage_fate){
        .kind = STORAGE_FATE_ARRIVED,
        .number = change->number,
        .from = from,
        .to = to,
        .all = change->length,
    });
}

static void tell_size(uint64_t size_bytes, bool is_a_change)
{
    tell(&(struct storage_fate){
        .kind = STORAGE_FATE_SIZED, .to = size_bytes, .all = is_a_change ? 1 : 0});
}

/* --- the loss -------------------------------------------------------------------------------- */

/*
 * The file that holds the name of change `first` after a drawn number of the name's changes, or
 * NULL.
 */
static struct storage_file *draw_holder(struct storage *storage, struct random *random,
                                        uint32_t first)
{
    const char *name = storage->changes[first].file->name;
    uint32_t count = 0;
    for (uint32_t i = first; i < storage->change_count; i++)
        count += strcmp(storage->changes[i].file->name, name) == 0;
    uint32_t happened = random_below(random, count + 1);
    if (happened == 0) {
        for (uint32_t i = storage_used_from(storage, 0); i < storage->files_top;
             i = storage_used_from(storage, i + 1)) {
            struct storage_file *file = &storage->files[i];
            if (file->is_named_durably && strcmp(file->name, name) == 0)
                return file;
        }
        return NULL;
    }
    for (uint32_t i = first;; i++) {
        const struct storage_name_change *change = &storage->changes[i];
        if (strcmp(change->file->name, name) == 0 && --happened == 0)
            return change->is_creation ? change->file : NULL;
    }
}

static bool is_first_of_its_name(const struct storage *storage, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(storage->changes[i].file->name, storage->changes[index].file->name) == 0)
            return false;
    }
    return true;
}

/* Which files have a name after the loss. */
static void draw_names(struct storage *storage, struct random *random)
{
    for (uint32_t i = storage_used_from(storage, 0); i < storage->files_top;
         i = storage_used_from(storage, i + 1)) {
        struct storage_file *file = &storage->files[i];
        file->survives = file->name_changes == 0 && file->is_named;
    }
    for (uint32_t i = 0; i < storage->change_count; i++) {
        if (!is_first_of_its_name(storage, i))
            continue;
        struct storage_file *holder = draw_holder(storage, random, i);
        if (holder != NULL)
            holder->survives = true;
    }
}

static void fill_with_garbage(struct storage_bytes *bytes, struct random *random, uint64_t from,
                              uint64_t to)
{
    for (uint64_t at = from; at < to; at++)
        bytes->bytes[at] = (unsigned char)random_next(random);
    if (from < to)
        tell(&(struct storage_fate){.kind = STORAGE_FATE_GARBLED, .from = from, .to = to});
}

/* The size of a write that was lost may survive it. */
static void grow(struct storage_bytes *bytes, struct random *random, uint64_t end)
{
    uint64_t from = bytes->size_bytes;
    if (end <= from)
        return;
    bytes_resize(bytes, end);
    tell_size(end, false);
    if (random_chance(random, 2))
        fill_with_garbage(bytes, random, from, end);
}

static void garble_blocks(const struct storage_unsynced *change, struct storage_bytes *bytes,
                          struct random *random)
{
    uint64_t end = change->offset + change->length;
    for (uint64_t block = change->offset / STORAGE_BLOCK_BYTES * STORAGE_BLOCK_BYTES; block < end;
         block += STORAGE_BLOCK_BYTES) {
        uint64_t block_end = block + STORAGE_BLOCK_BYTES;
        if (block_end > bytes->size_bytes)
            block_end = bytes->size_bytes;
        if (random_chance(random, 2))
            fill_with_garbage(bytes, random, block, block_end);
    }
}

/* Some sectors arrive: the first few, or any. */
static void tear(const struct storage_unsynced *change, struct storage_bytes *bytes,
                 struct random *random, bool powersafe_overwrite)
{
    uint64_t end = change->offset + change->length;
    uint64_t first_sector = change->offset / STORAGE_SECTOR_BYTES;
    uint32_t sectors = (uint32_t)((end - 1) / STORAGE_SECTOR_BYTES - first_sector + 1);
    bool in_order = random_chance(random, 2);
    uint32_t arrived = random_below(random, sectors + 1);
    if (random_chance(random, 4))
        grow(bytes, random, end);
    for (uint32_t i = 0; i < sectors; i++) {
        if (in_order ? i >= arrived : random_chance(random, 2))
            continue;
        uint64_t from = (first_sector + i) * STORAGE_SECTOR_BYTES;
        uint64_t to = from + STORAGE_SECTOR_BYTES;
        from = from > change->offset ? from : change->offset;
        to = to < end ? to : end;
        bytes_write(bytes, change->data + (from - change->offset), (size_t)(to - from), from);
        tell_arrived(change, from, to);
    }
    if (!powersafe_overwrite)
        garble_blocks(change, bytes, random);
}

enum mood { ALL_LOST, ALL_KEPT, MIXED, MOODS = 4 };

static void keep_change(const struct storage_unsynced *change, struct storage_bytes *bytes)
{
    apply(change, bytes);
    if (change->data == NULL)
        tell_size(change->offset, true);
    else
        tell_arrived(change, change->offset, change->offset + change->length);
}

static void lose_change(const struct storage_unsynced *change, struct storage_bytes *bytes,
                        struct random *random, uint32_t mood, bool powersafe_overwrite)
{
    uint32_t draw = random_below(random, 8);
    bool is_truncation = change->data == NULL;
    if (mood == ALL_LOST)
        return;
    if (mood == ALL_KEPT || draw < 3 || (is_truncation && draw < 5)) {
        keep_change(change, bytes);
    } else if (!is_truncation) {
        if (draw < 6)
            tear(change, bytes, random, powersafe_overwrite);
        else if (draw == 6)
            grow(bytes, random, change->offset + change->length);
    }
}

/* The old content stays where it is: dead handles may still look at it. */
static void lose_content(struct storage_file *file, struct random *random, bool powersafe_overwrite)
{
    uint32_t mood = random_below(random, MOODS);
    struct storage_bytes survived = file->spare;
    bytes_copy(&survived, &file->durable);
    for (const struct storage_unsynced *change = file->first_unsynced; change != NULL;
         change = change->next)
        lose_change(change, &survived, random, mood, powersafe_overwrite);
    bytes_copy(&file->durable, &survived);
    file->spare = file->content;
    file->content = survived;
}

void storage_power_loss(struct storage *storage, uint64_t seed)
{
    while (storage->handles != NULL)
        storage_handle_die(storage->handles);
    if (!storage->options.track_unsynced)
        return;
    struct random random;
    random_seed(&random, seed);
    draw_names(storage, &random);
    storage->change_count = storage->created = 0;
    for (uint32_t i = storage_used_from(storage, 0); i < storage->files_top;
         i = storage_used_from(storage, i + 1)) {
        struct storage_file *file = &storage->files[i];
        file->name_changes = 0;
        if (file->survives || file->is_named)
            tell(&(struct storage_fate){
                .kind = file->survives ? STORAGE_FATE_NAMED : STORAGE_FATE_GONE,
                .name = file->name,
                .number = file->number,
                .all = file->unsynced_count,
            });
        file->number = 0;
        file->is_named = file->survives;
        file->is_named_durably = file->is_named;
        if (file->is_named && file->unsynced_count > 0)
            lose_content(file, &random, storage->options.powersafe_overwrite);
        storage_log_forget(storage, file);
        storage_file_release(storage, file);
    }
}
