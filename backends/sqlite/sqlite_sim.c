/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite in the simulated world: the parts put together, and the prepared databases. */
#include "sqlite/sqlite_sim.h"

#include "base/assert.h"
#include "sim/storage.h"
#include "sim/world.h"
#include "sqlite/sim_library.h"
#include "sqlite/sim_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t page_sizes[] = {512, 1024, 4096, 65536};
enum { PAGE_SIZES = sizeof page_sizes / sizeof page_sizes[0], WAL_OR_NOT = 2 };

struct sqlite_sim {
    struct sim_share share;
    char vfs_name[32];
    struct sim_vfs vfs;
    struct storage storage;
    struct storage_copy copy;
    struct storage_image images[PAGE_SIZES][WAL_OR_NOT];
    struct sim_memory_usage memory_baseline;
    int64_t mutex_baseline;
    bool shares_caches;
};

static uint32_t page_size_index(uint32_t page_size)
{
    uint32_t index = 0;
    while (index < PAGE_SIZES && page_sizes[index] != page_size)
        index++;
    ASSERT(index < PAGE_SIZES);
    return index;
}

/* --- preparing ------------------------------------------------------------------------------- */

static int run_setup(sqlite3 *database, uint32_t page_size, bool wal, const char *setup_sql)
{
    char pragmas[96];
    (void)snprintf(pragmas, sizeof pragmas, "PRAGMA page_size=%u; PRAGMA journal_mode=%s;",
                   page_size, wal ? "wal" : "delete");
    int code = sqlite3_exec(database, pragmas, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(database, setup_sql, NULL, NULL, NULL);
    return code;
}

static const struct sqlite_sim_options no_database = {.empty = true, .powersafe_overwrite = true};

static enum error_code prepare_image(struct sqlite_sim *sim, uint32_t index, bool wal,
                                     const char *setup_sql, struct error *error)
{
    sqlite_sim_reset(sim, &no_database);
    sqlite3 *database = NULL;
    int code = sqlite3_open_v2(SQLITE_SIM_DATABASE, &database,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, sim->vfs_name);
    if (code == SQLITE_OK)
        code = run_setup(database, page_sizes[index], wal, setup_sql);
    if (code != SQLITE_OK)
        (void)interplay_error(error, ERROR_BACKEND,
                              "SQLite %s: preparing a database with page size %u: %s",
                              sqlite3_libversion(), page_sizes[index], sqlite3_errmsg(database));
    int close_code = sqlite3_close(database);
    if (code != SQLITE_OK)
        return ERROR_BACKEND;
    if (close_code != SQLITE_OK || storage_save_image(&sim->storage, SQLITE_SIM_DATABASE,
                                                      &sim->images[index][wal]) != STORAGE_OK)
        return interplay_error(error, ERROR_BACKEND,
                               "SQLite %s: closing the prepared database failed (code %d)",
                               sqlite3_libversion(), close_code);
    return ERROR_NONE;
}

static enum error_code prepare_images(struct sqlite_sim *sim, const char *setup_sql,
                                      struct error *error)
{
    for (uint32_t index = 0; index < PAGE_SIZES; index++) {
        for (int wal = 0; wal < WAL_OR_NOT; wal++) {
            enum error_code code = prepare_image(sim, index, wal != 0, setup_sql, error);
            if (code != ERROR_NONE)
                return code;
        }
    }
    return ERROR_NONE;
}

static struct sqlite_sim *new_sim(void)
{
    static uint32_t opened_ever; /* process-wide, as the names of VFSes are */
    struct sqlite_sim *sim = calloc(1, sizeof *sim);
    ASSERT(sim != NULL);
    storage_init(&sim->storage);
    storage_copy_init(&sim->copy);
    (void)snprintf(sim->vfs_name, sizeof sim->vfs_name, "interplay-%u", ++opened_ever);
    return sim;
}

static void free_sim(struct sqlite_sim *sim)
{
    for (uint32_t index = 0; index < PAGE_SIZES; index++) {
        for (int wal = 0; wal < WAL_OR_NOT; wal++)
            storage_image_clean_up(&sim->images[index][wal]);
    }
    storage_copy_clean_up(&sim->copy);
    storage_clean_up(&sim->storage);
    free(sim);
}

static int plug_in(struct sqlite_sim *sim)
{
    int code = sim_library_open(&sim->share);
    if (code != SQLITE_OK)
        return code;
    code = sim_vfs_register(&sim->vfs, sim->vfs_name, &sim->storage);
    if (code != SQLITE_OK)
        sim_library_close(&sim->share);
    return code;
}

enum error_code sqlite_sim_open(struct sqlite_sim **ret_sim, const char *setup_sql,
                                struct error *error)
{
    struct sqlite_sim *sim = new_sim();
    int code = plug_in(sim);
    if (code != SQLITE_OK) {
        free_sim(sim);
        return interplay_error(
            error, ERROR_BACKEND,
            "SQLite %s: configuring the library failed: %s (was it in use before?)",
            sqlite3_libversion(), sqlite3_errstr(code));
    }
    enum error_code result = prepare_images(sim, setup_sql, error);
    if (result != ERROR_NONE) {
        sqlite_sim_close(sim);
        return result;
    }
    sqlite_sim_reset(sim, &no_database);
    sim->memory_baseline = sim->share.heap.usage;
    sim->mutex_baseline = sim->share.mutexes.count;
    *ret_sim = sim;
    return ERROR_NONE;
}

/* Its list of shared caches is the library's own, and nothing empties it. */
static bool is_known_to_library(const struct sqlite_sim *sim)
{
    return sim->shares_caches &&
           sim->share.heap.usage.allocations > sim->memory_baseline.allocations;
}

void sqlite_sim_close(struct sqlite_sim *sim)
{
    sim_vfs_unregister(&sim->vfs);
    if (is_known_to_library(sim)) {
        sim_library_leave(&sim->share);
        return;
    }
    sim_library_close(&sim->share);
    free_sim(sim);
}

const char *sqlite_sim_vfs(const struct sqlite_sim *sim)
{
    return sim->vfs_name;
}

/* --- each plan ------------------------------------------------------------------------------- */

/*
 * Whether a mark rises is an edge: an input that ran twice would look like two (AFL++'s stability).
 */
static void forget_high_water_marks(void)
{
    static const int marks[] = {SQLITE_STATUS_PAGECACHE_SIZE, SQLITE_STATUS_PAGECACHE_OVERFLOW};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        int now, mark;
        (void)sqlite3_status(marks[i], &now, &mark, 1);
    }
}

void sqlite_sim_reset(struct sqlite_sim *sim, const struct sqlite_sim_options *options)
{
    ASSERT(world->current == NULL);
    const struct storage_options storage_options = {
        .track_unsynced = options->loses_power,
        .powersafe_overwrite = options->powersafe_overwrite,
    };
    if (options->empty) {
        storage_reset(&sim->storage, &storage_options);
    } else {
        const struct storage_image *image =
            &sim->images[page_size_index(options->page_size)][options->wal];
        storage_reset_to(&sim->storage, &storage_options, image);
    }
    sim_vfs_reset(&sim->vfs, options->powersafe_overwrite, options->random_seed);
    sim->shares_caches = options->shares_caches;
    sqlite3_randomness(0, NULL); /* SQLite seeds its generator anew, from the VFS */
    forget_high_water_marks();
}

void sqlite_sim_process_died(struct sqlite_sim *sim, uint32_t task)
{
    ASSERT(task < WORLD_COROUTINES_MAX);
    storage_process_died(&sim->storage, task);
}

void sqlite_sim_power_loss(struct sqlite_sim *sim, uint64_t seed)
{
    storage_power_loss(&sim->storage, seed);
}

void sqlite_sim_save(struct sqlite_sim *sim)
{
    storage_save(&sim->storage, &sim->copy);
}

void sqlite_sim_restore(struct sqlite_sim *sim)
{
    storage_restore(&sim->storage, &sim->copy);
}

uint64_t sqlite_sim_log_bytes(const struct sqlite_sim *sim)
{
    uint64_t size_bytes = 0;
    (void)storage_exists(&sim->storage, SQLITE_SIM_DATABASE "-wal", &size_bytes);
    return size_bytes;
}

uint64_t sqlite_sim_log_written_bytes(const struct sqlite_sim *sim)
{
    return sim->vfs.log_bytes;
}

void sqlite_sim_resources(const struct sqlite_sim *sim, struct sqlite_sim_resources *ret_resources)
{
    struct sim_memory_usage memory = sim->share.heap.usage;
    struct storage_holdings holdings;
    storage_holdings(&sim->storage, &holdings);
    *ret_resources = (struct sqlite_sim_resources){
        .memory_bytes = memory.bytes - sim->memory_baseline.bytes,
        .allocations = memory.allocations - sim->memory_baseline.allocations,
        .mutexes = sim->share.mutexes.count - sim->mutex_baseline,
        .handles = holdings.handles,
        .locks = holdings.locks,
        .shm = holdings.attachments,
    };
}
