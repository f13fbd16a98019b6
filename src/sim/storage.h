/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated storage: files in memory with the locks, shared memory, process deaths and power losses
 * that a database meets on a real file system. It knows no database; a file interface of one
 * (SQLite's VFS) sits on top of it.
 *
 * Files have names in one flat directory. As on POSIX, a file that is unlinked while it is open
 * lives until its last handle closes. Content lies at addresses that never move (storage_fetch),
 * and bytes that a file grows over read as zero. Nothing here allocates, blocks, yields or draws
 * faults; whoever sits on top does.
 *
 * Every handle belongs to a process number, and handles behave towards each other as if each were
 * alone in a process of its own: the five lock levels of SQLite's database files (docs: "File
 * Locking And Concurrency In SQLite Version 3"), eight shared-memory locks, shared-memory regions.
 * When the first handle attaches to a file's shared memory and finds nobody else there, the regions
 * start empty (the unix VFS truncates them under its "dead man switch" lock). The number matters
 * for death: a process that dies takes its handles along.
 *
 * A dead handle fails every call with STORAGE_DEAD and has no effect on anything. Its shared memory
 * becomes a private copy at the same addresses, so that code which still unwinds on it disturbs
 * nobody. It must be closed all the same.
 *
 * Loss model (storage_power_loss; with options.track_unsynced only):
 * - What was synced stays. A sync covers the content and size of the file it names; a sync of the
 *   directory covers the names in it. Nothing else is covered: not the name of a synced file, not
 *   the content of a synced name.
 * - Each unsynced write decides on its own, so that later ones may survive where earlier ones did
 *   not: it is kept, dropped, or torn. Of a torn write, some 512-byte sectors survive whole and
 *   others not at all; a sector is never torn in itself. A dropped or torn write at the end of a
 *   file may leave its size behind, with zeros or garbage.
 * - With powersafe_overwrite off, a torn write may also turn all of a 4096-byte block that it
 *   touches into garbage, bytes beside it (synced or not) included.
 * - Unsynced truncations happened or did not. Each name, on its own, is in one of the states that
 *   it went through since the directory was last synced: creations and removals happened or did
 *   not, in order.
 * - The system may write back what it likes at any time: when the log of unsynced writes or names
 *   is full, it does.
 * - All handles are dead, all locks and shared memory are gone. The survivors are the new durable
 *   state.
 * Every decision comes from the seed and the history of calls since the last reset.
 *
 * Deterministic: a reset leaves nothing of what was before. One thread.
 */
#ifndef SIM_STORAGE_H
#define SIM_STORAGE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* What cannot be had because of one of these is a limit that was met (world_meet_limit). */
    STORAGE_FILES_MAX = 1024,
    STORAGE_BYTES_MAX = 512 * 1024 * 1024,       /* of all files together */
    STORAGE_MAPPED_BYTES_MAX = 64 * 1024 * 1024, /* of a file whose content is looked at in place */
    STORAGE_NAME_BYTES = 512,                    /* with the terminating zero */
    STORAGE_SECTOR_BYTES = 512,
    STORAGE_BLOCK_BYTES = 4096,
    STORAGE_NAME_CHANGES_MAX = 128,
    STORAGE_SHM_MAX = 4,        /* files that have shared memory at the same time */
    STORAGE_SHM_VIEWS_MAX = 32, /* handles that are attached to one of them at the same time */
    STORAGE_SHM_REGION_BYTES = 32 * 1024,
    STORAGE_SHM_REGIONS_MAX = 256,
    STORAGE_SHM_LOCKS = 8,
};

enum storage_result {
    STORAGE_OK,
    STORAGE_BUSY,  /* somebody else holds a lock that is in the way */
    STORAGE_SHORT, /* the file ended before the read did; the rest was filled with zeros */
    STORAGE_FULL,  /* no room: file too large, too many files or attachments; nothing was written */
    STORAGE_NOT_FOUND, /* no such name */
    STORAGE_EXISTS,    /* the name is taken */
    STORAGE_DEAD,      /* the handle's process is dead; no effect */
};

/* As SQLite numbers them. */
enum storage_lock_level {
    STORAGE_LOCK_NONE,
    STORAGE_LOCK_SHARED,
    STORAGE_LOCK_RESERVED,
    STORAGE_LOCK_PENDING, /* never asked for: what a failed EXCLUSIVE leaves */
    STORAGE_LOCK_EXCLUSIVE,
};

/*
 * [size, used) is stale, what lies above is zero. The address stays until the bytes outgrow
 * STORAGE_MAPPED_BYTES_MAX, and the one before is still good to read until the file goes.
 */
struct storage_bytes {
    unsigned char *bytes; /* NULL: nothing was ever there */
    unsigned char *outgrown;
    uint64_t size_bytes;
    uint64_t used_bytes;
    uint64_t capacity_bytes; /* of address space */
};

struct storage_unsynced; /* a write or truncation since the last sync (storage_loss.c) */
struct storage_handle;
struct storage;

struct storage_shm {
    struct storage_file *file; /* NULL: free */
    uint32_t attached;
    uint32_t region_count;
    uint32_t views_taken;                        /* bit set */
    uint32_t views_private;                      /* bit set: a dead handle made them so */
    unsigned char *views[STORAGE_SHM_VIEWS_MAX]; /* [regions]; NULL: never needed */
    uint32_t shared[STORAGE_SHM_LOCKS];          /* holders */
    const struct storage_handle *exclusive[STORAGE_SHM_LOCKS];
};

struct storage_file {
    struct storage_bytes content;
    uint64_t granted_bytes; /* of STORAGE_BYTES_MAX, in steps */
    bool is_used;
    bool survives;         /* only while a power loss draws who does */
    bool was_fetched;      /* somebody looked at its content in place */
    bool is_named;         /* the directory has it */
    uint32_t number;       /* how many were made before it, and it too; 0: it was there at first */
    bool is_named_durably; /* the directory had it at its last sync */
    bool is_temporary;     /* gone with its last handle, and with the power */
    uint32_t handles;
    uint32_t name_changes; /* unsynced entries of the directory's history that speak of it */
    /* Locks: one holder each, but for shared ones. */
    uint32_t shared;
    const struct storage_handle *reserved, *pending, *exclusive;
    struct storage_shm *shm; /* NULL: nobody is attached */
    /* Of tracking: */
    struct storage_bytes durable;
    struct storage_bytes spare;
    struct storage_unsynced *first_unsynced, *last_unsynced;
    uint64_t unsynced_count;
    char name[STORAGE_NAME_BYTES];
};

/* Lives in the caller's memory from open to close; the fields are the storage's. */
struct storage_handle {
    struct storage *storage;
    struct storage_file *file; /* NULL: dead */
    struct storage_handle *previous, *next;
    uint64_t generation;
    uint32_t process;
    uint8_t level;                     /* enum storage_lock_level */
    uint8_t shm_shared, shm_exclusive; /* bit sets of locks held */
    bool delete_on_close;
    struct storage_shm *shm; /* NULL: not attached */
    uint32_t shm_view;
};

struct storage_options {
    bool track_unsynced;      /* without it a power loss loses nothing but handles */
    bool powersafe_overwrite; /* bytes beside a torn write survive */
};

/*
 * What a power loss leaves of a file, step by step, for whoever wants to do the same elsewhere:
 * begin with what was synced, then do what is said, in this order. What is not said is lost.
 */
struct storage_fate {
    enum {
        STORAGE_FATE_NAMED,   /* the file is there; the others are about the last one named */
        STORAGE_FATE_ARRIVED, /* of its unsynced change number `number`, from 0, these bytes */
        STORAGE_FATE_SIZED,   /* its size became `to` */
        STORAGE_FATE_GARBLED, /* these bytes are garbage */
        STORAGE_FATE_GONE,    /* the file had a name, and has none any more */
    } kind;
    const char *name;
    uint32_t number; /* of the file: as in struct storage_file */
    uint64_t from, to;
    /*
     * Of a file its unsynced changes, of what arrived the bytes of its change, of a size 1 where it
     * is a change that arrived (else it came of a write that did not).
     */
    uint64_t all;
};

struct storage_name_change {
    struct storage_file *file;
    bool is_creation;
};

struct storage {
    struct storage_options options;
    uint32_t file_count; /* places that are used, all of them below: */
    uint32_t files_top;
    uint64_t granted_bytes;         /* to all files */
    uint64_t generation;            /* counts resets and losses: older handles are dead */
    struct storage_handle *handles; /* of live processes */
    uint32_t handle_count;          /* open ones, dead or alive */
    uint32_t created;               /* files with a name, since the reset or the last power loss */
    uint32_t change_count;
    uint64_t unsynced_count;
    struct arena log; /* of unsynced writes */
    struct storage_name_change changes[STORAGE_NAME_CHANGES_MAX];
    struct storage_shm shms[STORAGE_SHM_MAX];
    int shm_descriptor;
    struct storage_file files[STORAGE_FILES_MAX];
};

/* --- life ------------------------------------------------------------------------------------ */

/* Address space is reserved where a file first needs it; aborts if the system refuses. */
void storage_init(struct storage *storage);
void storage_clean_up(struct storage *storage);

/* No files, no handles (open ones are dead). */
void storage_reset(struct storage *storage, const struct storage_options *options);

/* A file's content, kept outside of the storage; allocated by storage_save_image. */
struct storage_image {
    char name[STORAGE_NAME_BYTES];
    unsigned char *bytes;
    uint64_t size_bytes;
};

/* STORAGE_NOT_FOUND without such a file. The caller cleans the image up. */
enum storage_result storage_save_image(const struct storage *storage, const char *name,
                                       struct storage_image *ret_image)
    __attribute__((warn_unused_result));
void storage_image_clean_up(struct storage_image *image);

/* As storage_reset, and the image is the only file, its name and content durable. */
void storage_reset_to(struct storage *storage, const struct storage_options *options,
                      const struct storage_image *image);

/* All named files, no handles, no locks, no shared memory, no history. */
struct storage_copy {
    unsigned char
        *range; /* address space for all files at their largest; NULL until it is needed */
    uint32_t count;
    struct storage_copied_file {
        char name[STORAGE_NAME_BYTES];
        const unsigned char *bytes;
        uint64_t size_bytes;
    } files[STORAGE_FILES_MAX];
};
void storage_copy_init(struct storage_copy *copy);
void storage_copy_clean_up(struct storage_copy *copy);

/* Replaces what the copy held. */
void storage_save(const struct storage *storage, struct storage_copy *copy);

/*
 * As storage_reset with the options as they are, and the copy's files, durable. Open handles die.
 */
void storage_restore(struct storage *storage, const struct storage_copy *copy);

/* --- disasters ------------------------------------------------------------------------------- */

/*
 * Handles of `process` are dead: locks fall, attachments end, unlinked files without another handle
 * go.
 */
void storage_process_died(struct storage *storage, uint32_t process);

/* See the loss model above. */
void storage_power_loss(struct storage *storage, uint64_t seed);

/* --- names ----------------------------------------------------------------------------------- */

enum storage_open_flags {
    STORAGE_OPEN_CREATE = 1,
    STORAGE_OPEN_EXCLUSIVE = 2, /* with CREATE: STORAGE_EXISTS if the name is taken */
    STORAGE_OPEN_DELETE = 4,    /* the file goes when the handle closes (or dies) */
};

/* `name` NULL: a new temporary file without a name. Names are shorter than STORAGE_NAME_BYTES. */
enum storage_result storage_open(struct storage *storage, struct storage_handle *ret_handle,
                                 const char *name, uint32_t process, unsigned flags)
    __attribute__((warn_unused_result));

/* Gives up locks and shared memory and closes; works on dead handles, too. */
void storage_close(struct storage_handle *handle);

enum storage_result storage_delete(struct storage *storage, const char *name)
    __attribute__((warn_unused_result));
void storage_sync_directory(struct storage *storage);

/* False without such a file. `ret_size_bytes` may be NULL. */
bool storage_exists(const struct storage *storage, const char *name, uint64_t *ret_size_bytes);

static inline bool storage_is_dead(const struct storage_handle *handle)
{
    return handle->file == NULL || handle->generation != handle->storage->generation;
}

/* --- content --------------------------------------------------------------------------------- */

enum storage_result storage_read(struct storage_handle *handle, void *buffer, size_t length,
                                 uint64_t offset) __attribute__((warn_unused_result));
enum storage_result storage_write(struct storage_handle *handle, const void *data, size_t length,
                                  uint64_t offset) __attribute__((warn_unused_result));
enum storage_result storage_truncate(struct storage_handle *handle, uint64_t size_bytes)
    __attribute__((warn_unused_result));
enum storage_result storage_sync(struct storage_handle *handle) __attribute__((warn_unused_result));
enum storage_result storage_size(const struct storage_handle *handle, uint64_t *ret_size_bytes)
    __attribute__((warn_unused_result));

/* The bytes themselves, NULL unless all of them lie inside the file. Valid until reset. */
const void *storage_fetch(const struct storage_handle *handle, size_t length, uint64_t offset);

/* True while the file still has its name. */
bool storage_is_named(const struct storage_handle *handle);

/* --- locks ----------------------------------------------------------------------------------- */

/*
 * Raises to SHARED, RESERVED (from SHARED) or EXCLUSIVE (from SHARED or above). A refused EXCLUSIVE
 * may leave PENDING, which keeps new readers out. Asking for less than one has is STORAGE_OK.
 */
enum storage_result storage_lock(struct storage_handle *handle, enum storage_lock_level level)
    __attribute__((warn_unused_result));

/* Lowers to SHARED or NONE. */
void storage_unlock(struct storage_handle *handle, enum storage_lock_level level);

/* Somebody, the handle itself included, holds RESERVED. */
bool storage_is_reserved(const struct storage_handle *handle);

/* --- shared memory --------------------------------------------------------------------------- */

/*
 * Attaches if need be. `*ret_region` becomes NULL when the region does not exist and `extend` is
 * false. The address belongs to this handle until it detaches; the content is shared.
 */
enum storage_result storage_shm_map(struct storage_handle *handle, uint32_t region, bool extend,
                                    volatile void **ret_region) __attribute__((warn_unused_result));

/* Locks `first` to `first + count - 1`, all or none; the handle must be attached. */
enum storage_result storage_shm_lock(struct storage_handle *handle, uint32_t first, uint32_t count,
                                     bool exclusive) __attribute__((warn_unused_result));
void storage_shm_unlock(struct storage_handle *handle, uint32_t first, uint32_t count);

/* Detaches and gives up its locks. With the last handle the content is gone. */
void storage_shm_unmap(struct storage_handle *handle);

/* --- what is held, for whoever looks for leaks ----------------------------------------------- */

struct storage_holdings {
    uint32_t handles;     /* open, dead ones included */
    uint32_t locks;       /* file and shared-memory locks, each handle and slot counted */
    uint32_t attachments; /* to shared memory */
};
void storage_holdings(const struct storage *storage, struct storage_holdings *ret_holdings);

#endif
