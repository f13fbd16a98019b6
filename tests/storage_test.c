/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated storage by itself: bytes and names behave as on POSIX, locks as SQLite's
 * documentation says, shared memory as between processes; a dead process has no effect; a reset
 * leaves nothing. Power loss: storage_loss_test.c.
 */
#include "base/hash.h"
#include "base/random.h"
#include "sim/world.h"
#include "storage_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- bytes and names ------------------------------------------------------------------------- */

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
    world->limit = NULL;
    assert_int_equal(storage_write(&handle, "z", 1, STORAGE_BYTES_MAX), STORAGE_FULL);
    assert_string_equal(world->limit, "bytes in all files of the simulated storage (512 MiB)");
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
    assert_int_equal(storage.file_count, 1);
    assert_int_equal(
        storage_open(&storage, &new, "a", 0, STORAGE_OPEN_CREATE | STORAGE_OPEN_EXCLUSIVE),
        STORAGE_EXISTS);
}

static void temporary_files_go_with_their_handle(void **state)
{
    (void)state;
    static struct storage_handle handles[STORAGE_FILES_MAX], one_more;
    reset(TRACKED);
    for (uint32_t i = 0; i < STORAGE_FILES_MAX; i++)
        assert_int_equal(storage_open(&storage, &handles[i], i == 0 ? "named" : NULL, i & 1,
                                      STORAGE_OPEN_CREATE | STORAGE_OPEN_DELETE),
                         STORAGE_OK);
    assert_int_equal(storage_open(&storage, &one_more, NULL, 0, STORAGE_OPEN_DELETE), STORAGE_FULL);
    storage_process_died(&storage, 1);
    assert_int_equal(storage.file_count, STORAGE_FILES_MAX / 2);
    for (uint32_t i = 0; i < STORAGE_FILES_MAX; i++)
        storage_close(&handles[i]);
    assert_int_equal(storage.file_count, 0);
    assert_nothing_held();
}

static void large_files_move(void **state)
{
    (void)state;
    struct storage_handle handle;
    char bytes[2];
    reset(PLAIN);
    must_open(&handle, "large", 0);
    must_write(&handle, "y", 1, 4000);
    must_write(&handle, "z", 1, STORAGE_MAPPED_BYTES_MAX);
    assert_int_equal(storage_read(&handle, bytes, 2, 4000), STORAGE_OK);
    assert_memory_equal(bytes, "y\0", 2);
    assert_null(storage_fetch(&handle, 1, 4000));
    storage_close(&handle);
    must_open(&handle, "mapped", 0);
    must_write(&handle, "y", 1, 0);
    assert_non_null(storage_fetch(&handle, 1, 0));
    assert_int_equal(storage_write(&handle, "z", 1, STORAGE_MAPPED_BYTES_MAX), STORAGE_FULL);
    storage_close(&handle);
}

/* --- locks ----------------------------------------------------------------------------------- */

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

/*
 * Any sequence of calls keeps what locks are for: writers alone, one reserved, nobody beside an
 * exclusive one.
 */
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

/* --- shared memory --------------------------------------------------------------------------- */

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

/* --- death ----------------------------------------------------------------------------------- */

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

/* --- images and copies ----------------------------------------------------------------------- */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_files_move),
        cmocka_unit_test(growing_reads_as_zero_over_stale_bytes),
        cmocka_unit_test(an_unlinked_file_lives_until_its_last_handle_closes),
        cmocka_unit_test(temporary_files_go_with_their_handle),
        cmocka_unit_test(file_locks_follow_the_five_levels),
        cmocka_unit_test(random_lock_sequences_keep_the_exclusion),
        cmocka_unit_test(shared_memory_is_shared_and_starts_empty),
        cmocka_unit_test(shared_memory_locks_exclude),
        cmocka_unit_test(a_dead_process_has_no_effect),
        cmocka_unit_test(an_image_comes_back_alone),
        cmocka_unit_test(a_copy_comes_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
