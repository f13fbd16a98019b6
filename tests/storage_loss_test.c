/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power loss on the simulated storage: it keeps what was synced, loses what was not in every way
 * that the model in sim/storage.h names, and does so by its seed and the history alone.
 */
#include "base/hash.h"
#include "base/random.h"
#include "sim/world.h"
#include "storage_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- losses ---------------------------------------------------------------------------------- */

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

/*
 * Writes that were not synced: kept, dropped, torn, overtaken, grown without content. All of it
 * must be seen.
 */
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
            assert_int_equal(
                storage_delete(&storage, names[random_below(&random, 3)]) == STORAGE_DEAD, 0);
        else {
            uint64_t before = fingerprint();
            storage_power_loss(&storage, random_next(&random));
            *ret_lost = *ret_lost || fingerprint() != before;
        }
        storage_close(&handle);
        if (step % 16 == 0)
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

/* --- what is told of a loss ------------------------------------------------------------------- */

enum { TOLD_BYTES = 40000, TOLD_CHANGES = 64, ANY_BYTE = 256 };

/* Bytes beside the storage, made of what it tells; ANY_BYTE where it is garbage. */
struct told {
    int bytes[TOLD_BYTES];
    uint64_t size;
    struct {
        int fill; /* -1: a truncation */
        uint64_t from, to;
    } changes[TOLD_CHANGES];
    uint32_t change_count;
    bool is_named, is_gone;
    uint32_t number;
};
static struct told told;

static void told_resize(uint64_t size)
{
    for (uint64_t i = told.size; i < size; i++)
        told.bytes[i] = 0;
    told.size = size;
}

static void told_fill(int fill, uint64_t from, uint64_t to)
{
    if (to > told.size)
        told_resize(to);
    for (uint64_t i = from; i < to; i++)
        told.bytes[i] = fill;
}

static void hear(void *context, const struct storage_fate *fate)
{
    assert_ptr_equal(context, &told);
    switch (fate->kind) {
    case STORAGE_FATE_NAMED:
        told.is_named = true;
        told.number = fate->number;
        assert_int_equal(fate->all, told.change_count);
        return;
    case STORAGE_FATE_GONE:
        told.is_gone = true;
        return;
    case STORAGE_FATE_ARRIVED:
        assert_true(fate->number < told.change_count);
        assert_true(told.changes[fate->number].fill >= 0);
        assert_true(fate->from >= told.changes[fate->number].from &&
                    fate->to <= told.changes[fate->number].to && fate->from < fate->to);
        assert_int_equal(fate->all,
                         told.changes[fate->number].to - told.changes[fate->number].from);
        told_fill(told.changes[fate->number].fill, fate->from, fate->to);
        return;
    case STORAGE_FATE_SIZED:
        told_resize(fate->to);
        return;
    case STORAGE_FATE_GARBLED:
        told_fill(ANY_BYTE, fate->from, fate->to);
        return;
    }
}

static void told_sync(void)
{
    for (uint32_t i = 0; i < told.change_count; i++) {
        if (told.changes[i].fill < 0)
            told_resize(told.changes[i].to);
        else
            told_fill(told.changes[i].fill, told.changes[i].from, told.changes[i].to);
    }
    told.change_count = 0;
}

static void change(struct storage_handle *handle, struct random *random)
{
    uint64_t from = random_below(random, 20000), length = random_below(random, 9000) + 1;
    int fill = (int)random_below(random, 256);
    if (random_chance(random, 6)) {
        assert_int_equal(storage_truncate(handle, from), STORAGE_OK);
        fill = -1;
        length = 0;
    } else {
        must_fill(handle, fill, (size_t)length, from);
    }
    told.changes[told.change_count].fill = fill;
    told.changes[told.change_count].from = from;
    told.changes[told.change_count++].to = from + length;
}

static void what_is_told_makes_what_is_left(void **state)
{
    (void)state;
    uint32_t differing = 0, garbled = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct storage_handle handle;
        unsigned char byte;
        struct random random;
        random_seed(&random, seed);
        memset(&told, 0, sizeof told);
        reset(seed % 2 == 0 ? TRACKED : TRACKED_UNSAFE);
        must_open(&handle, "db", 0);
        storage_sync_directory(&storage);
        for (uint32_t i = random_below(&random, TOLD_CHANGES); i > 0; i--) {
            change(&handle, &random);
            if (random_chance(&random, 12)) {
                assert_int_equal(storage_sync(&handle), STORAGE_OK);
                told_sync();
            }
        }
        world->on_fate = hear;
        world->on_fate_context = &told;
        storage_power_loss(&storage, seed);
        world->on_fate = NULL;
        storage_close(&handle);
        assert_true(told.is_named && told.number == 1);
        assert_int_equal(storage_open(&storage, &handle, "db", 0, 0), STORAGE_OK);
        assert_int_equal(size_of(&handle), told.size);
        for (uint64_t i = 0; i < told.size; i++) {
            assert_int_equal(storage_read(&handle, &byte, 1, i), STORAGE_OK);
            garbled += told.bytes[i] == ANY_BYTE;
            differing += told.bytes[i] != ANY_BYTE && told.bytes[i] != byte;
        }
        storage_close(&handle);
    }
    assert_int_equal(differing, 0);
    assert_true(garbled > 0);
}

/* Its name was never synced: it is there or not, and either is told. */
static void a_file_that_is_gone_is_told_of(void **state)
{
    (void)state;
    uint32_t gone = 0, there = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct storage_handle handle;
        memset(&told, 0, sizeof told);
        reset(TRACKED);
        must_open(&handle, "db", 0);
        world->on_fate = hear;
        world->on_fate_context = &told;
        storage_power_loss(&storage, seed);
        world->on_fate = NULL;
        storage_close(&handle);
        assert_int_equal(told.is_named, storage_exists(&storage, "db", NULL));
        assert_int_equal(told.is_gone, !told.is_named);
        gone += told.is_gone;
        there += told.is_named;
    }
    assert_true(gone > 0 && there > 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(synced_bytes_and_names_survive),
        cmocka_unit_test(unsynced_writes_survive_in_part),
        cmocka_unit_test(names_that_were_not_synced_may_go_or_come_back),
        cmocka_unit_test(without_powersafe_overwrite_a_torn_write_harms_its_block),
        cmocka_unit_test(a_history_and_its_seeds_decide_everything),
        cmocka_unit_test(what_is_told_makes_what_is_left),
        cmocka_unit_test(a_file_that_is_gone_is_told_of),
        cmocka_unit_test(many_unsynced_changes_are_written_back),
        cmocka_unit_test(without_tracking_a_loss_takes_only_the_handles),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
