/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SQLite promises to last, with all settings: against its documentation, written down once
 * more as a table of all cases, and against the table of docs/architecture.md.
 */
#include "base/file.h"
#include "sqlite/sqlite_promises.h"
#include "sqlite/sqlite_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { JOURNALS = 6, LEVELS = 4, DOC_BYTES = 512 };

/* ALL, but the LAST, SYNCED, nothing claimed (NONE). */
#define ALL  SURVIVES_ALL
#define LAST SURVIVES_ALL_BUT_LAST
#define SYN  SURVIVES_SYNCED
#define NONE SURVIVES_UNCLAIMED

/* With powersafe overwrite, by journal mode and then by synchronous: off, normal, full, extra. */
static const enum survival after_power_loss[JOURNALS][LEVELS] = {
    [SQLITE_JOURNAL_WAL] = {NONE, SYN, ALL, ALL},
    [SQLITE_JOURNAL_DELETE] = {NONE, NONE, LAST, ALL},
    [SQLITE_JOURNAL_TRUNCATE] = {NONE, NONE, ALL, ALL},
    [SQLITE_JOURNAL_PERSIST] = {NONE, NONE, ALL, ALL},
    [SQLITE_JOURNAL_MEMORY] = {NONE, NONE, NONE, NONE},
    [SQLITE_JOURNAL_OFF] = {NONE, NONE, NONE, NONE},
};

static const struct durability_promise *promised(int journal, int level, bool is_powersafe)
{
    int32_t settings[SQLITE_SETTING_COUNT] = {0};
    settings[SQLITE_SETTING_journal_mode] = journal;
    settings[SQLITE_SETTING_synchronous] = level;
    settings[SQLITE_SETTING_powersafe_overwrite] = is_powersafe;
    return promised_durability(&sqlite_promises, settings);
}

static void expect(int journal, int level, bool is_powersafe, enum survival power_loss)
{
    const struct durability_promise *promise = promised(journal, level, is_powersafe);
    bool is_kept_by_the_process = journal == SQLITE_JOURNAL_MEMORY || journal == SQLITE_JOURNAL_OFF;
    assert_non_null(promise);
    assert_int_equal(promise->power_loss, power_loss);
    assert_int_equal(promise->process_death, is_kept_by_the_process ? NONE : ALL);
    assert_int_equal(promise->cannot_undo, journal == SQLITE_JOURNAL_OFF);
}

static void test_all_settings(void **state)
{
    (void)state;
    for (int journal = 0; journal < JOURNALS; journal++) {
        for (int level = 0; level < LEVELS; level++) {
            enum survival power_loss = after_power_loss[journal][level];
            expect(journal, level, true, power_loss);
            expect(journal, level, false, power_loss == SYN ? NONE : power_loss);
        }
    }
}

static void test_a_pool_chooses_the_journal(void **state)
{
    (void)state;
    for (int journal = 0; journal < JOURNALS; journal++) {
        int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
        settings[SQLITE_SETTING_journal_mode] = journal;
        settings[SQLITE_SETTING_synchronous] = SQLITE_SYNCHRONOUS_NORMAL;
        settings[SQLITE_SETTING_locking_mode] = SQLITE_LOCKING_EXCLUSIVE;
        settings[SQLITE_SETTING_powersafe_overwrite] = 1;
        assert_true(sqlite_promises.idle_blocks(settings));
        sqlite_settings_of_pool(settings);
        assert_false(sqlite_promises.idle_blocks(settings));
        assert_int_equal(promised_durability(&sqlite_promises, settings)->power_loss, SYN);
    }
}

static void test_what_outlasts_a_change(void **state)
{
    (void)state;
    int32_t full[SUBJECT_SETTINGS_MAX] = {0}, other[SUBJECT_SETTINGS_MAX];
    full[SQLITE_SETTING_journal_mode] = SQLITE_JOURNAL_WAL;
    full[SQLITE_SETTING_synchronous] = SQLITE_SYNCHRONOUS_FULL;
    memcpy(other, full, sizeof other);
    other[SQLITE_SETTING_synchronous] = SQLITE_SYNCHRONOUS_NORMAL;
    assert_true(sqlite_promises.outlasts_modes(full, other));
    other[SQLITE_SETTING_journal_mode] = SQLITE_JOURNAL_DELETE;
    assert_false(sqlite_promises.outlasts_modes(full, other));
    full[SQLITE_SETTING_shared_cache] = SQLITE_CACHE_SHARED;
    assert_false(sqlite_promises.outlasts_modes(full, full));
}

static void test_known_causes(void **state)
{
    (void)state;
    struct failed_call call = {.outcome = OUTCOME_PROTOCOL};
    assert_null(sqlite_promises.known_cause(&call));
    call.is_write = true;
    assert_string_equal(sqlite_promises.known_cause(&call), "write-kept-after-protocol-error");
    call = (struct failed_call){.outcome = OUTCOME_IO_ERROR, .is_outermost_release = true};
    assert_string_equal(sqlite_promises.known_cause(&call),
                        "failed-release-undoes-open-transaction");
    call.outcome = OUTCOME_BUSY;
    assert_null(sqlite_promises.known_cause(&call));
}

static uint64_t log_limit(int journal, int locking, int frames, int page_size)
{
    int32_t settings[SQLITE_SETTING_COUNT] = {0};
    settings[SQLITE_SETTING_journal_mode] = journal;
    settings[SQLITE_SETTING_locking_mode] = locking;
    settings[SQLITE_SETTING_autocheckpoint] = frames;
    settings[SQLITE_SETTING_page_size] = page_size;
    return sqlite_promises.log_limit_bytes(settings);
}

static void test_how_long_the_log_is(void **state)
{
    (void)state;
    const int wal = SQLITE_JOURNAL_WAL, normal = SQLITE_LOCKING_NORMAL;
    assert_int_equal(log_limit(wal, normal, 1, 512), 32);
    assert_int_equal(log_limit(wal, normal, 9, 4096), 32 + 8 * (24 + 4096));
    assert_int_equal(log_limit(wal, normal, 0, 512), 0); /* nobody moves it */
    assert_int_equal(log_limit(wal, SQLITE_LOCKING_EXCLUSIVE, 9, 512), 0);
    assert_int_equal(log_limit(SQLITE_JOURNAL_DELETE, normal, 9, 512), 0);
}

/* sharedcache.html, once more: what is locked, and what is not. */
static void test_shared_caches(void **state)
{
    (void)state;
    static const struct {
        int mode;
        const char *level;
        enum subject_view rows, numbers;
        bool is_shared;
    } modes[] = {
        {SQLITE_CACHE_PRIVATE, "strict-serializable", VIEW_OF_TRANSACTION, VIEW_OF_TRANSACTION,
         false},
        {SQLITE_CACHE_SHARED, "strict-serializable", VIEW_OF_STATEMENT, VIEW_UNCLAIMED, true},
        {SQLITE_CACHE_READ_UNCOMMITTED, "read-uncommitted", VIEW_UNCLAIMED, VIEW_UNCLAIMED, true},
    };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
        settings[SQLITE_SETTING_shared_cache] = modes[i].mode;
        const struct promises *instead = sqlite_promises.instead(settings);
        const struct promises *now = instead == NULL ? &sqlite_promises : instead;
        assert_int_equal(instead != NULL, modes[i].is_shared);
        assert_string_equal(promised_isolation(now, settings)->level, modes[i].level);
        assert_int_equal(now->rows, modes[i].rows);
        assert_int_equal(now->numbers, modes[i].numbers);
        assert_int_equal(now->is_one_process, modes[i].is_shared);
        assert_int_equal(now->shares_failures, modes[i].is_shared);
        assert_int_equal(now->waits_when_busy == NULL, modes[i].is_shared);
        assert_int_equal(now->log_limit_bytes == NULL, modes[i].is_shared);
        assert_true(now->one_writer && now->commit_order_is_known);
        sqlite_settings_of_no_pool(settings);
        assert_null(sqlite_promises.instead(settings));
    }
}

/* --- the documentation ------------------------------------------------------------------------ */

static const char *in_words(enum survival survival)
{
    switch (survival) {
    case SURVIVES_ALL:
        return "all";
    case SURVIVES_ALL_BUT_LAST:
        return "all but the last one";
    case SURVIVES_SYNCED:
        return "all up to the last complete checkpoint; the rest may go, as a suffix";
    case SURVIVES_UNCLAIMED:
        return "no claim";
    }
    return "";
}

static void test_architecture_has_the_same_table(void **state)
{
    (void)state;
    struct file_content doc;
    struct error error;
    assert_int_equal(file_read(&doc, "../docs/architecture.md", FILE_MUST_HAVE_BYTES, &error),
                     ERROR_NONE);
    const char *next = strstr(doc.bytes, "| mode | power loss | process death | source |");
    assert_non_null(next);
    for (size_t i = 0; i < sqlite_promises.durability_count; i++) {
        const struct durability_promise *promise = &sqlite_promises.durability[i];
        char row[DOC_BYTES];
        (void)snprintf(row, sizeof row, "\n| %s | %s | %s | %s |\n", promise->mode,
                       in_words(promise->power_loss), in_words(promise->process_death),
                       promise->source);
        next = strstr(next, row);
        if (next == NULL)
            fail_msg("docs/architecture.md lacks, in this place:%s", row);
    }
    file_content_clean_up(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_settings),
        cmocka_unit_test(test_a_pool_chooses_the_journal),
        cmocka_unit_test(test_what_outlasts_a_change),
        cmocka_unit_test(test_known_causes),
        cmocka_unit_test(test_how_long_the_log_is),
        cmocka_unit_test(test_shared_caches),
        cmocka_unit_test(test_architecture_has_the_same_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
