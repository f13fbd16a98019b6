/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as a subject: what a runner asks of it, in terms of the settings of a plan. */
#include "base/assert.h"
#include "base/text.h"
#include "generated/subjects.h"
#include "sim/footprint.h"
#include "sqlite/sqlite_content.h"
#include "sqlite/sqlite_program.h"
#include "sqlite/sqlite_promises.h"
#include "sqlite/sqlite_settings.h"
#include "sqlite/sqlite_sim.h"
#include "sqlite/sqlite_transaction.h"

#include <stdlib.h>
#include <string.h>

struct subject_instance {
    struct sqlite_sim *sim;
    int32_t autocheckpoint; /* of the plan at hand */
    bool shares_cache;      /* likewise */
    char setup[256];        /* statements of a new connection */
};

static enum error_code sqlite_open(struct subject_instance **ret_instance, const char *setup_sql,
                                   struct error *error)
{
    struct subject_instance *instance = calloc(1, sizeof *instance);
    if (instance == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    enum error_code failed = sqlite_sim_open(&instance->sim, setup_sql, error);
    if (failed == ERROR_NONE)
        *ret_instance = instance;
    else
        free(instance);
    return failed;
}

static void sqlite_close(struct subject_instance *instance)
{
    sqlite_sim_close(instance->sim);
    free(instance);
}

/* --- each plan -------------------------------------------------------------------------------- */

struct setting_value {
    const char *word;
    int32_t number;
};

#define V(word, number) {word, number},
#define CONFIG(wire_number, byte, scope, name, kind, weights, meaning, values)                     \
    static const struct setting_value name##_values[] = {values};
#include "sqlite/sqlite_settings.def"
#undef CONFIG
#undef V

/* Of each setting, the simplest first: that is what SQLite takes if not told. */
static const struct setting_value *const setting_values[SQLITE_SETTING_COUNT] = {
#define CONFIG(wire_number, byte, scope, name, ...) [SQLITE_SETTING_##name] = name##_values,
#include "sqlite/sqlite_settings.def"
#undef CONFIG
};

static void append_pragma(struct text *text, const char *pragma, enum sqlite_setting setting,
                          const int32_t *settings)
{
    const struct setting_value *value = setting_values[setting];
    if (settings[setting] == value->number)
        return;
    while (value->number != settings[setting])
        value++;
    text_append(text, "PRAGMA ");
    text_append(text, pragma);
    text_append(text, "=");
    text_append(text, value->word);
    text_append(text, ";");
}

/*
 * What a new connection runs first; nothing where SQLite's defaults, or the prepared database, say
 * the same.
 */
static void make_setup(struct subject_instance *instance, const struct subject_start *start)
{
    const int32_t *settings = start->settings;
    struct text text;
    text_init(&text, instance->setup, sizeof instance->setup);
    if (start->is_empty) {
        text_append(&text, "PRAGMA journal_mode=wal");
        return;
    }
    append_pragma(&text, "locking_mode", SQLITE_SETTING_locking_mode, settings);
    if (settings[SQLITE_SETTING_journal_mode] != SQLITE_JOURNAL_DELETE) /* that is prepared */
        append_pragma(&text, "journal_mode", SQLITE_SETTING_journal_mode, settings);
    append_pragma(&text, "synchronous", SQLITE_SETTING_synchronous, settings);
    append_pragma(&text, "cache_size", SQLITE_SETTING_cache_size, settings);
    append_pragma(&text, "mmap_size", SQLITE_SETTING_mmap_size, settings);
    append_pragma(&text, "journal_size_limit", SQLITE_SETTING_journal_size_limit, settings);
    if (settings[SQLITE_SETTING_shared_cache] == SQLITE_CACHE_READ_UNCOMMITTED)
        text_append(&text, "PRAGMA read_uncommitted=1;");
    ASSERT(!text.truncated);
}

/* --- modes of a connection -------------------------------------------------------------------- */

static const char *const setting_names[SQLITE_SETTING_COUNT] = {
#define CONFIG(wire_number, byte, scope, name, ...) [SQLITE_SETTING_##name] = #name,
#include "sqlite/sqlite_settings.def"
#undef CONFIG
};

static const uint8_t setting_value_counts[SQLITE_SETTING_COUNT] = {
#define CONFIG(wire_number, byte, scope, name, ...)                                                \
    [SQLITE_SETTING_##name] = sizeof name##_values / sizeof name##_values[0],
#include "sqlite/sqlite_settings.def"
#undef CONFIG
};

/* SQLite tells a mode by its word or by its number. */
static bool take_value(const char *value, size_t length, enum sqlite_setting setting,
                       int32_t *settings)
{
    for (uint8_t i = 0; i < setting_value_counts[setting]; i++) {
        const struct setting_value *known = &setting_values[setting][i];
        char number[16];
        struct text text;
        text_init(&text, number, sizeof number);
        text_append_number(&text, known->number);
        if ((strlen(known->word) == length && memcmp(known->word, value, length) == 0) ||
            (strlen(number) == length && memcmp(number, value, length) == 0)) {
            settings[setting] = known->number;
            return true;
        }
    }
    return false;
}

static bool take_mode(const char *mode, size_t length, int32_t *settings)
{
    for (int i = 0; i < SQLITE_SETTING_COUNT; i++) {
        size_t name = strlen(setting_names[i]);
        if (length > name && mode[name] == '=' && memcmp(mode, setting_names[i], name) == 0)
            return take_value(mode + name + 1, length - name - 1, (enum sqlite_setting)i, settings);
    }
    return false;
}

static bool settings_of_modes(const char *modes, int32_t settings[SUBJECT_SETTINGS_MAX])
{
    bool is_known = *modes != '\0';
    while (is_known && *modes != '\0') {
        size_t length = strcspn(modes, " ");
        is_known = take_mode(modes, length, settings);
        modes += length;
        modes += strspn(modes, " ");
    }
    return is_known;
}

/* --- the database ----------------------------------------------------------------------------- */

static void sqlite_reset(struct subject_instance *instance, const struct subject_start *start)
{
    const int32_t *settings = start->settings;
    const struct sqlite_sim_options options = {
        .page_size = (uint32_t)settings[SQLITE_SETTING_page_size],
        .wal = settings[SQLITE_SETTING_journal_mode] == SQLITE_JOURNAL_WAL,
        .empty = start->is_empty,
        .loses_power = start->loses_power,
        .powersafe_overwrite = settings[SQLITE_SETTING_powersafe_overwrite] != 0,
        .random_seed = start->random_seed,
        .shares_caches = settings[SQLITE_SETTING_shared_cache] != SQLITE_CACHE_PRIVATE,
    };
    sqlite_sim_reset(instance->sim, &options);
    make_setup(instance, start);
    instance->autocheckpoint = settings[SQLITE_SETTING_autocheckpoint];
    instance->shares_cache = settings[SQLITE_SETTING_shared_cache] != SQLITE_CACHE_PRIVATE;
}

static void set_parameters(const struct subject_instance *instance, bool shares_cache,
                           struct backend_options *options)
{
    struct text parameters;
    text_init(&parameters, options->parameters, sizeof options->parameters);
    text_append(&parameters, "autocheckpoint=");
    text_append_number(&parameters, instance->autocheckpoint);
    if (shares_cache)
        text_append(&parameters, " shared_cache=1");
}

static void sqlite_connection(struct subject_instance *instance,
                              struct backend_options *ret_options)
{
    ret_options->target = SQLITE_SIM_DATABASE;
    ret_options->driver = sqlite_sim_vfs(instance->sim);
    ret_options->setup = instance->setup[0] != '\0' ? instance->setup : NULL;
    set_parameters(instance, instance->shares_cache, ret_options);
}

static void sqlite_look_connection(struct subject_instance *instance,
                                   struct backend_options *options)
{
    set_parameters(instance, false, options);
}

static void sqlite_process_died(struct subject_instance *instance, uint32_t task)
{
    sqlite_sim_process_died(instance->sim, task);
}

static void sqlite_power_loss(struct subject_instance *instance, uint64_t seed)
{
    sqlite_sim_power_loss(instance->sim, seed);
}

static void sqlite_save(struct subject_instance *instance)
{
    sqlite_sim_save(instance->sim);
}

static void sqlite_restore(struct subject_instance *instance)
{
    sqlite_sim_restore(instance->sim);
}

static void sqlite_resources(struct subject_instance *instance,
                             struct subject_resources *ret_resources)
{
    struct sqlite_sim_resources held;
    sqlite_sim_resources(instance->sim, &held);
    *ret_resources = (struct subject_resources){
        .memory_bytes = held.memory_bytes,
        .allocations = held.allocations + held.mutexes,
        .open_files = held.handles,
        .file_locks = held.locks,
        .shared_memory = held.shm,
    };
}

static void sqlite_look_at_log(struct subject_instance *instance, struct subject_log *ret_log)
{
    ret_log->bytes = sqlite_sim_log_bytes(instance->sim);
    ret_log->written_bytes = sqlite_sim_log_written_bytes(instance->sim);
}

static const struct subject_world_ops world_ops = {
    .open = sqlite_open,
    .close = sqlite_close,
    .reset = sqlite_reset,
    .connection = sqlite_connection,
    .look_connection = sqlite_look_connection,
    .process_died = sqlite_process_died,
    .power_loss = sqlite_power_loss,
    .save = sqlite_save,
    .restore = sqlite_restore,
    .resources = sqlite_resources,
    .read_content = sqlite_read_content,
    .check_integrity = sqlite_check_integrity,
    .look_at_log = sqlite_look_at_log,
};

/* walformat.html, 2.2 and 2.3 */
static const struct subject_lock log_locks[] = {
    {"write", "w"}, {"checkpoint", "c"}, {"recovery", "v"}};
static const struct subject_locks locks = {
    .title = "log",
    .own = log_locks,
    .own_count = sizeof log_locks / sizeof log_locks[0],
    .other = {"read mark", "r"},
    .alone_letter = "m",
};

/* Between the pager or the log and the VFS, and between anybody and malloc. */
static const char *const passes_on[] = {
    "sqlite3Os",
    "walLock",
    "walUnlock",
    "walShmBarrier",
    "walBusyLock",
    "pagerLockDb",
    "pagerUnlockDb",
    "pager_wait_on_lock",
    "sqlite3Malloc",
    "sqlite3_malloc",
    "sqlite3DbMalloc",
    "dbMallocRaw",
    "sqlite3DbStr",
    "sqlite3Realloc",
    "sqlite3_realloc",
    "sqlite3DbRealloc",
    "dbReallocFinish",
    "mallocWithAlarm",
    "sqlite3_free",
    "sqlite3DbFree",
    NULL,
};

/*
 * Readers share locks. With a log, the first of them moves a mark to the log's end, under an
 * exclusive lock on the mark (walformat.html, 2.3.2: slots 4 to 7 for marks 1 to 4); the next one
 * finds it there. With a shared cache connections have memory in common.
 */
static uint64_t readers_footprint(const int32_t *settings)
{
    if (settings[SQLITE_SETTING_shared_cache] != SQLITE_CACHE_PRIVATE)
        return 0;
    const uint64_t shared = 1ull << FOOTPRINT_FILE_LOCK | 0xffull << FOOTPRINT_SHM_SHARED;
    const uint64_t marks = 0xf0ull << FOOTPRINT_SHM_EXCLUSIVE;
    return shared | marks;
}

const struct subject interplay_subject_sqlite = {
    .name = "sqlite",
    .backend = &interplay_backend_sqlite,
    .world = &world_ops,
    .promises = &sqlite_promises,
    .locks = &locks,
    .passes_on = passes_on,
    .settings_of_pool = sqlite_settings_of_pool,
    .settings_of_no_pool = sqlite_settings_of_no_pool,
    .settings_of_modes = settings_of_modes,
    .transaction_of = sqlite_transaction_of,
    .programs = &sqlite_programs,
    .readers_footprint = readers_footprint,
};
