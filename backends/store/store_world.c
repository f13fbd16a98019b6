/* SPDX-License-Identifier: Apache-2.0 */
/* The versioned store as a subject: clean state, content, and what its levels promise. */
#include "generated/subjects.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

enum store_setting {
#define CONFIG(number, byte, scope, name, ...) SETTING_##name,
#include "store/store_settings.def"
#undef CONFIG
};

#define ARENA_BYTES ((size_t)128 << 20) /* of address space */
#define KEPT_BYTES  ((size_t)1 << 20)

void *store_alloc(size_t size_bytes)
{
    struct arena *arena = &store_at_hand()->arena;
    if (size_bytes + 16 <= arena->capacity_bytes - arena->used_bytes)
        return arena_alloc(arena, size_bytes);
    world_meet_limit("memory of the backend store (128 MiB)");
    return NULL;
}

/* --- clean state ------------------------------------------------------------------------------ */

/* Runs the statements, each with a semicolon, as a client would. */
static bool run_setup(const char *sql)
{
    struct backend_connection connection = {.is_taken = true, .message = ""};
    struct backend_statement *statement = calloc(1, sizeof *statement);
    bool is_fine = statement != NULL;
    while (is_fine && *sql != '\0') {
        size_t length = strcspn(sql, ";");
        statement->connection = &connection;
        is_fine = store_parse(sql, length, &statement->query) && store_run(statement) == OUTCOME_OK;
        sql += length + (sql[length] == ';');
        sql += strspn(sql, " \n");
    }
    free(statement);
    return is_fine;
}

/* What setup made is kept apart from what plans make. */
static bool prepare(struct subject_instance *store, const char *setup_sql)
{
    struct arena plans = store->arena;
    store->arena = store->kept;
    bool is_fine = run_setup(setup_sql);
    store->kept = store->arena;
    store->arena = plans;
    memcpy(store->prepared, store->rows, sizeof store->prepared);
    memcpy(store->is_prepared, store->table_exists, sizeof store->is_prepared);
    for (uint32_t table = 0; table < STORE_TABLES; table++)
        for (uint32_t key = 0; key < STORE_KEYS; key++)
            if (store->prepared[table][key] != NULL)
                store->prepared[table][key]->commit = 0;
    return is_fine;
}

static void store_close(struct subject_instance *store)
{
    for (uint32_t i = 0; i < STORE_STATEMENTS_MAX; i++)
        free(store->statements[i]);
    arena_clean_up(&store->arena);
    arena_clean_up(&store->kept);
    world->subject = NULL;
    free(store);
}

static enum error_code store_open(struct subject_instance **ret_instance, const char *setup_sql,
                                  struct error *error)
{
    struct subject_instance *store = calloc(1, sizeof *store);
    if (store == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    arena_init(&store->arena, ARENA_BYTES);
    arena_init(&store->kept, KEPT_BYTES);
    world->subject = store;
    if (!prepare(store, setup_sql)) {
        store_close(store);
        return interplay_error(error, ERROR_BACKEND, "the store does not understand its setup: %s",
                               setup_sql);
    }
    *ret_instance = store;
    return ERROR_NONE;
}

static void store_reset(struct subject_instance *store, const struct subject_start *start)
{
    for (uint32_t i = 0; i < store->connections_touched; i++)
        store->connections[i].is_taken = false;
    for (uint32_t i = 0; i < store->statements_touched; i++)
        store->statements[i]->is_taken = false;
    store->connections_touched = store->statements_touched = store->left = 0;
    store->next_connection = store->next_statement = 0;
    store->level =
        (enum store_level)(store_serves >= 0 ? store_serves : start->settings[SETTING_isolation]);
    store->commits = 0;
    arena_reset(&store->arena);
    memset(store->rows, 0, sizeof store->rows);
    memset(store->table_exists, 0, sizeof store->table_exists);
    memset(store->has_x, 0, sizeof store->has_x);
    if (start->is_empty)
        return;
    memcpy(store->rows, store->prepared, sizeof store->rows);
    memcpy(store->table_exists, store->is_prepared, sizeof store->table_exists);
}

static void store_connection(struct subject_instance *store, struct backend_options *ret_options)
{
    (void)store;
    ret_options->target = "store";
}

static void store_resources(struct subject_instance *store, struct subject_resources *ret_resources)
{
    *ret_resources = (struct subject_resources){.allocations = store->left};
}

/* --- content ---------------------------------------------------------------------------------- */

static void give_rows(const struct subject_instance *store, uint32_t table,
                      const struct subject_sink *sink)
{
    for (uint32_t key = 0; key < STORE_KEYS; key++) {
        const struct store_version *version = store->rows[table][key];
        if (version == NULL || !version->is_row)
            continue;
        const struct store_text *text = &version->row.text;
        const struct value columns[SUBJECT_COLUMNS] = {
            value_integer(key), value_integer(version->row.value),
            text->bytes == NULL ? (struct value){.kind = VALUE_NULL}
                                : value_text(text->bytes, text->length)};
        sink->row(sink->context, table, columns);
    }
}

/* Every connection is closed: what is newest is committed. */
static void store_content(struct subject_instance *store, struct subject_look *look,
                          const struct subject_sink *sink)
{
    (void)look;
    sink->begin(sink->context);
    for (uint32_t table = 0; table < STORE_TABLES; table++) {
        const char name[] = {'t', (char)('0' + table)};
        if (!store->table_exists[table])
            continue;
        sink->object(sink->context, name, sizeof name);
        if (store->has_x[table] && sink->column != NULL)
            sink->column(sink->context, table, store->addends[table]);
        give_rows(store, table, sink);
    }
}

static const struct subject_world_ops store_world = {
    .open = store_open,
    .close = store_close,
    .reset = store_reset,
    .connection = store_connection,
    .resources = store_resources,
    .read_content = store_content,
};

/* --- promises --------------------------------------------------------------------------------- */

#define COVERS(name, level)                                                                        \
    static bool name(const int32_t *settings)                                                      \
    {                                                                                              \
        return settings[SETTING_isolation] == level;                                               \
    }

COVERS(is_serializable, STORE_SERIALIZABLE)
COVERS(is_snapshot, STORE_SNAPSHOT)
COVERS(is_repeatable_read, STORE_REPEATABLE_READ)
COVERS(is_read_committed, STORE_READ_COMMITTED)
COVERS(is_read_uncommitted, STORE_READ_UNCOMMITTED)

static const struct isolation_promise isolation[] = {
    {"serializable", is_serializable, "strict-serializable", "store.h", NULL},
    {"snapshot", is_snapshot, "strict-snapshot-isolation", "store.h", NULL},
    {"repeatable_read", is_repeatable_read, "repeatable-read", "store.h", NULL},
    {"read_committed", is_read_committed, "read-committed", "store.h", "strict-serializable"},
    {"read_uncommitted", is_read_uncommitted, "read-uncommitted", "store.h", NULL},
};

static const struct promises promises = {
    .isolation = isolation,
    .isolation_count = sizeof isolation / sizeof isolation[0],
    .commit_order_is_known = true,
    .permits =
        {
            [OUTCOME_CONSTRAINT] = SITUATION_PREDICTED,
            [OUTCOME_SQL_ERROR] = SITUATION_PREDICTED,
            [OUTCOME_BUSY] = SITUATION_CONTENDED | SITUATION_STORAGE_FAULT | SITUATION_DROP,
            [OUTCOME_BUSY_SNAPSHOT] =
                SITUATION_IN_TRANSACTION | SITUATION_CONTENDED | SITUATION_STORAGE_FAULT,
            [OUTCOME_LOCKED] = SITUATION_IN_TRANSACTION,
        },
};

static const char *const passes_on[] = {"store_cross", "cross", NULL};

const struct subject interplay_subject_store = {
    .name = "store",
    .backend = &interplay_backend_store,
    .world = &store_world,
    .promises = &promises,
    .passes_on = passes_on,
};
