/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated storage by itself: bytes and names behave as on POSIX, locks as SQLite's documentation says, shared memory
 * as between processes; a dead process has no effect; a power loss keeps what was synced, loses what was not in
 * every way that the model names, and does so by its seed alone; a reset leaves nothing.
 */
#include "base/hash.h"
#include "base/random.h"
#include "sim/storage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
    assert_int_equal(storage_open(&storage, handle, name, process, STORAGE_OPEN_CREATE), STORAGE_OK);
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

/* --- bytes and names -------------------------------------------------------------------------------- */

static void growing_reads_as_zero_over_stale_bytes(void **state)
{
    (void)state;
    struct storage_handle handle;
    char bytes[16];
    reset(PLAIN);
    must_open(&handle, "a", 0);
    must_fill(&handle, 'x', 5000, 0);
    assert_int_equal(storage_truncate(&handle, 10), STORAGE_OK);
    must_write(&handle, "y", 1, 4000);
    assert_int_equal(size_of(&handle), 4001);
    assert_int_equal(storage_read(&handle, bytes, 16, 0), STORAGE_OK);
    assert_memory_equal(bytes, "xxxxxxxxxx\0\0\0\0\0\0", 16);
    assert_int_equal(storage_read(&handle, bytes, 4, 3998), STORAGE_SHORT);
    assert_memory_equal(bytes, "\0\0y\0", 4);
    assert_int_equal(storage_read(&handle, bytes, 4, 9999), STORAGE_SHORT);
    assert_memory_equal(bytes, "\0\0\0\0", 4);
    assert_null(storage_fetch(&handle, 2, 4000));
    assert_memory_equal(storage_fetch(&handle, 1, 4000), "y", 1);
    assert_int_equal(storage_write(&handle, "z", 1, STORAGE_FILE_BYTES_MAX), STORAGE_FULL);
    storage_close(&handle);
    /* The next plan's file in the same place starts without any of it. */
    reset(PLAIN);
    must_open(&handle, "b", 0);
    assert_int_equal(storage_truncate(&handle, 16), STORAGE_OK);
    assert_int_equal(storage_read(&handle, bytes, 16, 0), STORAGE_OK);
    assert_memory_equal(bytes, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    storage_close(&handle);
    assert_nothing_held();
}

static void an_unlinked_file_lives_until_its_last_handle_closes(void **state)
{
    (void)state;
    struct storage_handle old, new;
    char byte;
    reset(PLAIN);
    must_open(&old, "a", 0);
    must_write(&old, "o", 1, 0);
    assert_true(storage_is_named(&old));
    assert_int_equal(storage_delete(&storage, "a"), STORAGE_OK);
    assert_int_equal(storage_delete(&storage, "a"), STORAGE_NOT_FOUND);
    assert_false(storage_is_named(&old));
    assert_int_equal(storage_open(&storage, &new, "a", 0, 0), STORAGE_NOT_FOUND);
    must_open(&new, "a", 0);
    must_write(&new, "n", 1, 0);
    assert_int_equal(storage_read(&old, &byte, 1, 0), STORAGE_OK);
    assert_int_equal(byte, 'o');
    storage_close(&old);
    storage_close(&new);
    assert_true(storage_exists(&storage, "a", NULL));
    assert_int_equal(__builtin_popcountll(storage.files_used), 1);
    assert_int_equal(storage_open(&storage, &new, "a", 0,
                                  STORAGE_OPEN_CREATE | STORAGE_OPEN_EXCLUSIVE),
                     STORAGE_EXISTS);
}

static void temporary_files_go_with_their_handle(void **state)
{
    (void)state;
    struct storage_handle handles[STORAGE_FILES_MAX], one_more;
    reset(TRACKED);
    for (uint32_t i = 0; i < STORAGE_FILES_MAX; i++)
        assert_int_equal(storage_open(&storage, &handles[i], i == 0 ? "named" : NULL, i & 1,
                                      STORAGE_OPEN_CREATE | STORAGE_OPEN_DELETE),
                         STORAGE_OK);
    assert_int_equal(storage_open(&storage, &one_more, NULL, 0, STORAGE_OPEN_DELETE),
                     STORAGE_FULL);
    storage_process_died(&storage, 1);
    assert_int_equal(__builtin_popcountll(storage.files_used), STORAGE_FILES_MAX / 2);
    for (uint32_t i = 0; i < STORAGE_FILES_MAX; i++)
        storage_close(&handles[i]);
    assert_int_equal(storage.files_used, 0);
    assert_nothing_held();
}

/* --- locks ----------------------------------------------------------------------------------------- */

static void file_locks_follow_the_five_levels(void **state)
{
    (void)state;
    struct storage_handle a, b, c;
    reset(PLAIN);
    must_open(&a, "db", 0);
    must_open(&b, "db", 1);
    must_open(&c, "db", 1); /* handles of one process meet as strangers, too */
    assert_int_equal(storage_lock(&a, STORAGE_LOCK_SHARED), STORAGE_OK);
    assert_int_equal(storage_lock(&b, STORAGE_LOCK_SHARED), STORAGE_OK);
    assert_false(storage_is_reserved(&a));
    assert_int_equal(storage_lock(&a, STORAGE_LOCK_RESERVED), STORAGE_OK);
    assert_true(storage_is_reserved(&b));
    assert_int_equal(storage_lock(&b, STORAGE_LOCK_RESERVED), STORAGE_BUSY);
    assert_int_equal(storage_lock(&c, STORAGE_LOCK_SHARED), STORAGE_OK);
    storage_unlock(&c, STORAGE_LOCK_NONE);
    /* A refused EXCLUSIVE leaves PENDING: readers stay, no new ones come. */
    assert_int_equal(storage_lock(&a, STORAGE_LOCK_EXCLUSIVE), STORAGE_BUSY);
    assert_int_equal(a.level, STORAGE_LOCK_PENDING);
    assert_int_equal(storage_lock(&c, STORAGE_LOCK_SHARED), STORAGE_BUSY);
    assert_int_equal(storage_lock(&b, STORAGE_LOCK_EXCLUSIVE), STORAGE_BUSY);
    assert_int_equal(b.level, STORAGE_LOCK_SHARED);
    storage_unlock(&b, STORAGE_LOCK_NONE);
    assert_int_equal(storage_lock(&a, STORAGE_LOCK_EXCLUSIVE), STORAGE_OK);
    assert_int_equal(storage_lock(&b, STORAGE_LOCK_SHARED), STORAGE_BUSY);
    storage_unlock(&a, STORAGE_LOCK_SHARED);
    assert_int_equal(storage_lock(&b, STORAGE_LOCK_SHARED), STORAGE_OK);
    assert_false(storage_is_reserved(&b));
    storage_unlock(&b, STORAGE_LOCK_NONE);
    /* Straight from SHARED, to roll a hot journal back. */
    assert_int_equal(storage_lock(&a, STORAGE_LOCK_EXCLUSIVE), STORAGE_OK);
    assert_false(storage_is_reserved(&b));
    storage_close(&a);
    assert_int_equal(storage_lock(&b, STORAGE_LOCK_SHARED), STORAGE_OK);
    storage_close(&b);
    storage_close(&c);
    assert_nothing_held();
}

/* Any sequence of calls keeps what locks are for: writers alone, one reserved, nobody beside an exclusive one. */
static void random_lock_sequences_keep_the_exclusion(void **state)
{
    (void)state;
    enum { HANDLES = 4 };
    struct storage_handle handles[HANDLES];
    struct random random;
    random_seed(&random, 7);
    reset(PLAIN);
    for (uint32_t i = 0; i < HANDLES; i++)
        must_open(&handles[i], "db", i);
    for (int step = 0; step < 20000; step++) {
        struct storage_handle *handle = &handles[random_below(&random, HANDLES)];
        uint32_t level = random_below(&random, 5);
        if (random_chance(&random, 3))
            storage_unlock(handle, level <= STORAGE_LOCK_SHARED ? level : STORAGE_LOCK_NONE);
        else if (level == STORAGE_LOCK_SHARED ||
                 (handle->level > 0 && level != STORAGE_LOCK_PENDING))
            (void)!storage_lock(handle, level);
        uint32_t reserved = 0, pending = 0, exclusive = 0, holders = 0;
        for (uint32_t i = 0; i < HANDLES; i++) {
            holders += handles[i].level >= STORAGE_LOCK_SHARED;
            reserved += handles[i].level == STORAGE_LOCK_RESERVED;
            pending += handles[i].level >= STORAGE_LOCK_PENDING;
            exclusive += handles[i].level == STORAGE_LOCK_EXCLUSIVE;
        }
        assert_true(reserved <= 1 && pending <= 1 && exclusive <= 1);
        assert_true(exclusive == 0 || holders == 1);
    }
    for (uint32_t i = 0; i < HANDLES; i++)
        storage_close(&handles[i]);
    assert_nothing_held();
}

/* --- shared memory --------------------------------------------------------------------------------- */

static volatile unsigned char *must_map(struct storage_handle *handle, uint32_t region, bool extend)
{
    volatile void *address = NULL;
    assert_int_equal(storage_shm_map(handle, region, extend, &address), STORAGE_OK);
    return address;
}

static void shared_memory_is_shared_and_starts_empty(void **state)
{
    (void)state;
    struct storage_handle a, b;
    for (int round = 0; round < 2; round++) {
        reset(PLAIN);
        must_open(&a, "db", 0);
        must_open(&b, "db", 1);
        assert_null(must_map(&a, 0, false));
        volatile unsigned char *of_a = must_map(&a, 1, true);
        assert_int_equal(of_a[5], 0);
        of_a[5] = 42;
        assert_int_equal(must_map(&b, 1, false)[5], 42);
        assert_int_equal(must_map(&b, 0, false)[5], 0);
        storage_shm_unmap(&a);
        assert_int_equal(must_map(&a, 1, false)[5], 42);
        storage_close(&a);
        storage_close(&b);
        /* Nobody was left: who comes now starts from nothing. */
        must_open(&a, "db", 0);
        assert_null(must_map(&a, 1, false));
        assert_int_equal(must_map(&a, 1, true)[5], 0);
        must_map(&a, 1, true)[5] = 43;
        if (round == 0)
            storage_close(&a);
    }
}

static void shared_memory_locks_exclude(void **state)
{
    (void)state;
    struct storage_handle a, b;
    reset(PLAIN);
    must_open(&a, "db", 0);
    must_open(&b, "db", 1);
    must_map(&a, 0, true);
    must_map(&b, 0, true);
    assert_int_equal(storage_shm_lock(&a, 3, 1, false), STORAGE_OK);
    assert_int_equal(storage_shm_lock(&b, 3, 1, false), STORAGE_OK);
    assert_int_equal(storage_shm_lock(&b, 2, 4, true), STORAGE_BUSY);
    assert_int_equal(storage_shm_lock(&a, 4, 1, true), STORAGE_OK); /* all or none */
    assert_int_equal(storage_shm_lock(&b, 4, 1, false), STORAGE_BUSY);
    storage_shm_unlock(&a, 0, STORAGE_SHM_LOCKS);
    assert_int_equal(storage_shm_lock(&b, 4, 4, true), STORAGE_OK);
    assert_int_equal(storage_shm_lock(&a, 7, 1, false), STORAGE_BUSY);
    storage_close(&b);
    assert_int_equal(storage_shm_lock(&a, 7, 1, true), STORAGE_OK);
    storage_close(&a);
    assert_nothing_held();
}

/* --- death ----------------------------------------------------------------------------------------- */

static void a_dead_process_has_no_effect(void **state)
{
    (void)state;
    struct storage_handle dead, alive;
    char byte;
    uint64_t size_bytes;
    volatile void *region = NULL;
    for (int round = 0; round < 2; round++) {
        reset(PLAIN);
        must_open(&dead, "db", 0);
        must_open(&alive, "db", 1);
        must_write(&dead, "d", 1, 0);
        assert_int_equal(storage_lock(&dead, STORAGE_LOCK_SHARED), STORAGE_OK);
        assert_int_equal(storage_lock(&dead, STORAGE_LOCK_EXCLUSIVE), STORAGE_OK);
        volatile unsigned char *of_dead = must_map(&dead, 0, true);
        volatile unsigned char *of_alive = must_map(&alive, 0, false);
        of_dead[1] = 1;
        assert_int_equal(storage_shm_lock(&dead, 0, 8, true), STORAGE_OK);
        storage_process_died(&storage, 0);
        assert_true(storage_is_dead(&dead));
        assert_int_equal(storage_write(&dead, "x", 1, 0), STORAGE_DEAD);
        assert_int_equal(storage_truncate(&dead, 0), STORAGE_DEAD);
        assert_int_equal(storage_read(&dead, &byte, 1, 0), STORAGE_DEAD);
        assert_int_equal(storage_size(&dead, &size_bytes), STORAGE_DEAD);
        assert_int_equal(storage_lock(&dead, STORAGE_LOCK_SHARED), STORAGE_DEAD);
        assert_int_equal(storage_shm_map(&dead, 0, true, &region), STORAGE_DEAD);
        storage_shm_unlock(&dead, 0, 8);
        of_dead[1] = 99; /* code that unwinds may still do this */
        assert_int_equal(of_alive[1], 1);
        of_alive[2] = 2;
        assert_int_equal(of_dead[2], 0);
        assert_int_equal(storage_lock(&alive, STORAGE_LOCK_SHARED), STORAGE_OK);
        assert_int_equal(storage_lock(&alive, STORAGE_LOCK_EXCLUSIVE), STORAGE_OK);
        assert_int_equal(storage_shm_lock(&alive, 0, 8, true), STORAGE_OK);
        assert_int_equal(storage_read(&alive, &byte, 1, 0), STORAGE_OK);
        assert_int_equal(byte, 'd');
        storage_close(&dead);
        must_open(&dead, "db", 0);
        assert_int_equal(must_map(&dead, 0, false)[2], 2); /* shared again */
        storage_close(&dead);
        storage_close(&alive);
        assert_nothing_held();
    }
}

/* --- power loss ------------------------------------------------------------------------------------ */

/* A hash of every name and byte. */
static uint64_t fingerprint(void)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < STORAGE_FILES_MAX; i++) {
        const struct storage_file *file = &storage.files[i];
        if (!((storage.files_used >> i) & 1u) || !file->is_named)
            continue;
        hash = hash_bytes(hash, file->name, strlen(file->name));
        hash = hash_bytes(hash, file->content.bytes, file->content.size_bytes);
    }
    return hash;
}

static void synced_bytes_and_names_survive(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        struct storage_handle file, other;
        unsigned char bytes[8192];
        reset(TRACKED);
        must_open(&file, "synced", 0);
        must_open(&other, "other", 0);
        must_fill(&file, 'a', 8192, 0);
        must_fill(&file, 'b', 100, 8192);
        assert_int_equal(storage_truncate(&file, 8200), STORAGE_OK);
        assert_int_equal(storage_sync(&file), STORAGE_OK);
        storage_sync_directory(&storage);
        must_fill(&file, 'c', 1000, 0); /* in danger, and nothing but this */
        must_fill(&other, 'd', 1000, 0);
        storage_power_loss(&storage, seed);
        assert_int_equal(storage_write(&file, "x", 1, 0), STORAGE_DEAD);
        storage_close(&file);
        storage_close(&other);
        assert_int_equal(storage_open(&storage, &file, "synced", 0, 0), STORAGE_OK);
        assert_int_equal(size_of(&file), 8200);
        assert_int_equal(storage_read(&file, bytes, 8192, 0), STORAGE_OK);
        for (size_t i = 0; i < 8192; i++)
            assert_true(bytes[i] == 'a' || (bytes[i] == 'c' && i < 1000));
        /* Sectors are whole. */
        for (size_t i = 1; i < 512; i++)
            assert_int_equal(bytes[i], bytes[0]);
        assert_int_equal(storage_read(&file, bytes, 8, 8192), STORAGE_OK);
        assert_memory_equal(bytes, "bbbbbbbb", 8);
        storage_close(&file);
        assert_nothing_held();
    }
}

/* Writes that were not synced: kept, dropped, torn, overtaken, grown without content. All of it must be seen. */
static void unsynced_writes_survive_in_part(void **state)
{
    (void)state;
    int kept = 0, dropped = 0, torn = 0, overtaken = 0, grown = 0, shrunk = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct storage_handle file;
        unsigned char bytes[4096];
        reset(TRACKED);
        must_open(&file, "a", 0);
        must_fill(&file, 'a', 4096, 0);
        assert_int_equal(storage_sync(&file), STORAGE_OK);
        storage_sync_directory(&storage);
        must_fill(&file, 'b', 2048, 0);
        must_fill(&file, 'c', 512, 2048);
        must_fill(&file, 'd', 1024, 4096);
        storage_power_loss(&storage, seed);
        storage_close(&file);
        assert_int_equal(storage_open(&storage, &file, "a", 0, 0), STORAGE_OK);
        assert_int_equal(storage_read(&file, bytes, 4096, 0), STORAGE_OK);
        int arrived = 0;
        for (size_t sector = 0; sector < 4; sector++)
            arrived += bytes[sector * 512] == 'b';
        kept += arrived == 4;
        dropped += arrived == 0;
        torn += arrived != 0 && arrived != 4;
        overtaken += arrived == 0 && bytes[2048] == 'c';
        shrunk += size_of(&file) == 4096;
        if (size_of(&file) == 5120 && storage_read(&file, bytes, 1024, 4096) == STORAGE_OK)
            grown += bytes[0] != 'd' && bytes[512] != 'd';
        storage_close(&file);
    }
    assert_true(kept > 50 && dropped > 50 && torn > 50 && overtaken > 20);
    assert_true(grown > 20 && shrunk > 50);
}

static void names_that_were_not_synced_may_go_or_come_back(void **state)
{
    (void)state;
    int old_back = 0, none = 0, new_there = 0, empty_new = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct storage_handle old, new;
        char byte = 0;
        reset(TRACKED);
        must_open(&old, "journal", 0);
        must_write(&old, "o", 1, 0);
        assert_int_equal(storage_sync(&old), STORAGE_OK);
        storage_sync_directory(&storage);
        assert_int_equal(storage_delete(&storage, "journal"), STORAGE_OK);
        must_open(&new, "journal", 0);
        must_write(&new, "n", 1, 0);
        storage_power_loss(&storage, seed);
        storage_close(&old);
        storage_close(&new);
        if (storage_open(&storage, &new, "journal", 0, 0) != STORAGE_OK) {
            none++;
            continue;
        }
        bool has_byte = storage_read(&new, &byte, 1, 0) == STORAGE_OK;
        old_back += byte == 'o';
        new_there += byte == 'n';
        empty_new += !has_byte;
        storage_close(&new);
        assert_nothing_held();
    }
    assert_true(old_back > 100 && none > 100 && new_there > 50 && empty_new > 50);
}

static void without_powersafe_overwrite_a_torn_write_harms_its_block(void **state)
{
    (void)state;
    for (int kind = TRACKED; kind <= TRACKED_UNSAFE; kind++) {
        int harmed = 0;
        for (uint64_t seed = 0; seed < 500; seed++) {
            struct storage_handle file;
            unsigned char bytes[12288];
            reset(kind);
            must_open(&file, "a", 0);
            must_fill(&file, 'a', 12288, 0);
            assert_int_equal(storage_sync(&file), STORAGE_OK);
            storage_sync_directory(&storage);
            must_fill(&file, 'b', 10, 5000);
            storage_power_loss(&storage, seed);
            storage_close(&file);
            assert_int_equal(storage_open(&storage, &file, "a", 0, 0), STORAGE_OK);
            assert_int_equal(storage_read(&file, bytes, sizeof bytes, 0), STORAGE_OK);
            for (size_t i = 0; i < sizeof bytes; i++)
                assert_true(bytes[i] == 'a' || (i >= 4096 && i < 8192));
            harmed += bytes[4096] != 'a' || bytes[8191] != 'a';
            storage_close(&file);
        }
        assert_true(kind == TRACKED ? harmed == 0 : harmed > 20);
    }
}

/* A long random history on a few names, with several losses: the same seeds, the same bytes. */
static uint64_t live_through(uint64_t seed, bool *ret_lost)
{
    static const char *const names[] = {"db", "db-journal", "db-wal"};
    struct random random;
    random_seed(&random, seed);
    reset(TRACKED_UNSAFE);
    uint64_t hash = 0;
    *ret_lost = false;
    for (int step = 0; step < 300; step++) {
        struct storage_handle handle;
        must_open(&handle, names[random_below(&random, 3)], 0);
        uint32_t draw = random_below(&random, 40);
        if (draw < 20)
            must_fill(&handle, (int)random_below(&random, 256), random_below(&random, 3000),
                      random_below(&random, 20000));
        else if (draw < 24)
            assert_int_equal(storage_truncate(&handle, random_below(&random, 10000)), STORAGE_OK);
        else if (draw < 30)
            assert_int_equal(storage_sync(&handle), STORAGE_OK);
        else if (draw < 32)
            storage_sync_directory(&storage);
        else if (draw < 38)
            assert_int_equal(storage_delete(&storage, names[random_below(&random, 3)]) ==
                                 STORAGE_DEAD,
                             0);
        else {
            uint64_t before = fingerprint();
            storage_power_loss(&storage, random_next(&random));
            *ret_lost = *ret_lost || fingerprint() != before;
        }
        storage_close(&handle);
        hash = hash_word(hash, fingerprint());
    }
    assert_nothing_held();
    return hash;
}

static void a_history_and_its_seeds_decide_everything(void **state)
{
    (void)state;
    int losses = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        bool lost;
        uint64_t first = live_through(seed, &lost);
        losses += lost;
        (void)live_through(seed + 1000, &lost);
        assert_true(live_through(seed, &lost) == first);
    }
    assert_true(losses > 50);
}

static void many_unsynced_changes_are_written_back(void **state)
{
    (void)state;
    struct storage_handle handle;
    reset(TRACKED);
    for (int i = 0; i < 1000; i++) {
        must_open(&handle, "journal", 0);
        must_fill(&handle, i, 65536, 0);
        storage_close(&handle);
        assert_int_equal(storage_delete(&storage, "journal"), STORAGE_OK);
    }
    must_open(&handle, "db", 0);
    for (int i = 0; i < 2000; i++)
        must_fill(&handle, i, 65536, (uint64_t)(i % 100) * 65536);
    storage_power_loss(&storage, 1);
    storage_close(&handle);
    assert_nothing_held();
}

static void without_tracking_a_loss_takes_only_the_handles(void **state)
{
    (void)state;
    struct storage_handle handle;
    char byte;
    reset(PLAIN);
    must_open(&handle, "a", 0);
    must_write(&handle, "x", 1, 0);
    storage_power_loss(&storage, 1);
    assert_true(storage_is_dead(&handle));
    storage_close(&handle);
    assert_int_equal(storage_open(&storage, &handle, "a", 0, 0), STORAGE_OK);
    assert_int_equal(storage_read(&handle, &byte, 1, 0), STORAGE_OK);
    storage_close(&handle);
}

/* --- images and copies ------------------------------------------------------------------------------ */

static void an_image_comes_back_alone(void **state)
{
    (void)state;
    struct storage_handle handle, journal;
    struct storage_image image;
    const struct storage_options options = {.track_unsynced = true, .powersafe_overwrite = true};
    reset(PLAIN);
    must_open(&handle, "db", 0);
    must_write(&handle, "image", 5, 0);
    assert_int_equal(storage_save_image(&storage, "nothing", &image), STORAGE_NOT_FOUND);
    assert_int_equal(storage_save_image(&storage, "db", &image), STORAGE_OK);
    must_open(&journal, "db-journal", 0);
    must_map(&handle, 0, true)[0] = 1;
    must_fill(&handle, 'x', 100, 0);
    assert_int_equal(storage_lock(&handle, STORAGE_LOCK_SHARED), STORAGE_OK);
    storage_reset_to(&storage, &options, &image);
    assert_true(storage_is_dead(&handle));
    storage_close(&handle);
    storage_close(&journal);
    assert_nothing_held();
    assert_false(storage_exists(&storage, "db-journal", NULL));
    for (int loss = 0; loss < 2; loss++) {
        char bytes[5];
        assert_int_equal(storage_open(&storage, &handle, "db", 0, 0), STORAGE_OK);
        assert_int_equal(size_of(&handle), 5);
        assert_int_equal(storage_read(&handle, bytes, 5, 0), STORAGE_OK);
        assert_memory_equal(bytes, "image", 5);
        assert_null(must_map(&handle, 0, false));
        storage_power_loss(&storage, 3); /* the image is durable */
        storage_close(&handle);
    }
    storage_image_clean_up(&image);
}

static void a_copy_comes_back(void **state)
{
    (void)state;
    struct storage_copy copy;
    struct storage_handle handle;
    storage_copy_init(&copy);
    reset(TRACKED);
    must_open(&handle, "db", 0);
    must_fill(&handle, 'a', 10000, 0);
    storage_close(&handle);
    must_open(&handle, "db-wal", 0);
    must_fill(&handle, 'w', 100, 0);
    storage_close(&handle);
    uint64_t before = fingerprint();
    storage_save(&storage, &copy);
    for (uint64_t i = 0; i < 3; i++) {
        must_open(&handle, "db", 0);
        must_fill(&handle, 'b', 20000, i);
        assert_int_equal(storage_delete(&storage, "db-wal"), STORAGE_OK);
        assert_true(fingerprint() != before);
        storage_restore(&storage, &copy);
        storage_close(&handle);
        assert_true(fingerprint() == before);
        storage_power_loss(&storage, i); /* what was restored is durable */
        assert_true(fingerprint() == before);
    }
    assert_nothing_held();
    storage_copy_clean_up(&copy);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growing_reads_as_zero_over_stale_bytes),
        cmocka_unit_test(an_unlinked_file_lives_until_its_last_handle_closes),
        cmocka_unit_test(temporary_files_go_with_their_handle),
        cmocka_unit_test(file_locks_follow_the_five_levels),
        cmocka_unit_test(random_lock_sequences_keep_the_exclusion),
        cmocka_unit_test(shared_memory_is_shared_and_starts_empty),
        cmocka_unit_test(shared_memory_locks_exclude),
        cmocka_unit_test(a_dead_process_has_no_effect),
        cmocka_unit_test(synced_bytes_and_names_survive),
        cmocka_unit_test(unsynced_writes_survive_in_part),
        cmocka_unit_test(names_that_were_not_synced_may_go_or_come_back),
        cmocka_unit_test(without_powersafe_overwrite_a_torn_write_harms_its_block),
        cmocka_unit_test(a_history_and_its_seeds_decide_everything),
        cmocka_unit_test(many_unsynced_changes_are_written_back),
        cmocka_unit_test(without_tracking_a_loss_takes_only_the_handles),
        cmocka_unit_test(an_image_comes_back_alone),
        cmocka_unit_test(a_copy_comes_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
