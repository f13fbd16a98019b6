/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How SQLite sees the tables: two table-valued functions, keyed(number, hints) and heap(number,
 * hints), with columns c0 to c63 and `place`, which is the row itself. Rows come in the order of
 * their keys; of a keyed table c0 is the first column of the key, and conditions on it narrow the
 * scan. Locks are taken row by row as the scan goes, and given back as the isolation level says.
 */
#include "mssql/server/bind.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMN_TABLE = ENGINE_COLUMNS_MAX, COLUMN_HINTS, COLUMN_PLACE };
enum { PLAN_EQUAL = 1, PLAN_LOW = 2, PLAN_LOW_OPEN = 4, PLAN_HIGH = 8, PLAN_HIGH_OPEN = 16 };

struct module {
    sqlite3_vtab base;
    struct engine_session *session;
    bool is_keyed;
};

struct cursor {
    sqlite3_vtab_cursor base;
    struct engine_session *session;
    struct engine_table *table;
    uint32_t hints;
    enum engine_mode mode; /* of rows; ENGINE_STABLE: none is locked */
    bool lets_go;          /* of a row's lock when it goes on */
    struct engine_range range;
    char *range_bytes;
    struct engine_row *row; /* NULL: before the first */
    size_t place;
    uint64_t moves; /* of the table when `place` was right */
    struct engine_lock *lock;
    bool is_wanted, is_over;
    const struct engine_version *version;
    struct engine_version *copy; /* where the version may vanish */
};

/* --- the functions as tables ------------------------------------------------------------------ */

static int connect(sqlite3 *sqlite, struct engine_session *session, bool is_keyed,
                   sqlite3_vtab **ret_table)
{
    sqlite3_str *words = sqlite3_str_new(sqlite);
    sqlite3_str_appendall(words, "CREATE TABLE x(");
    for (int i = 0; i < ENGINE_COLUMNS_MAX; i++)
        sqlite3_str_appendf(words, "c%d,", i);
    sqlite3_str_appendall(words, "number HIDDEN,hints HIDDEN,place HIDDEN)");
    char *text = sqlite3_str_finish(words);
    int status = sqlite3_declare_vtab(sqlite, text);
    sqlite3_free(text);
    struct module *module = status == SQLITE_OK ? calloc(1, sizeof *module) : NULL;
    if (module == NULL)
        return status == SQLITE_OK ? SQLITE_NOMEM : status;
    module->session = session;
    module->is_keyed = is_keyed;
    *ret_table = &module->base;
    return SQLITE_OK;
}

static int connect_keyed(sqlite3 *sqlite, void *session, int argc, const char *const *argv,
                         sqlite3_vtab **ret_table, char **ret_error)
{
    (void)argc;
    (void)argv;
    (void)ret_error;
    return connect(sqlite, session, true, ret_table);
}

static int connect_heap(sqlite3 *sqlite, void *session, int argc, const char *const *argv,
                        sqlite3_vtab **ret_table, char **ret_error)
{
    (void)argc;
    (void)argv;
    (void)ret_error;
    return connect(sqlite, session, false, ret_table);
}

static int disconnect(sqlite3_vtab *base)
{
    free(base);
    return SQLITE_OK;
}

/* --- which way to go -------------------------------------------------------------------------- */

struct choice {
    int table, hints, equal, low, high; /* constraints, or -1 */
};

static bool is_low(unsigned char op)
{
    return op == SQLITE_INDEX_CONSTRAINT_GT || op == SQLITE_INDEX_CONSTRAINT_GE;
}

static bool is_high(unsigned char op)
{
    return op == SQLITE_INDEX_CONSTRAINT_LT || op == SQLITE_INDEX_CONSTRAINT_LE;
}

static void look_at(struct choice *choice, const struct sqlite3_index_constraint *one, int place,
                    bool is_keyed)
{
    bool is_equal = one->op == SQLITE_INDEX_CONSTRAINT_EQ;
    if (!one->usable)
        return;
    if (one->iColumn == COLUMN_TABLE && is_equal)
        choice->table = place;
    else if (one->iColumn == COLUMN_HINTS && is_equal)
        choice->hints = place;
    else if (one->iColumn != 0 || !is_keyed)
        return;
    else if (is_equal)
        choice->equal = place;
    else if (is_low(one->op))
        choice->low = place;
    else if (is_high(one->op))
        choice->high = place;
}

/* The arguments of start_scan in their order: table, hints, then what the plan's bits say. */
static void use(sqlite3_index_info *info, int place, int *arguments, int bits)
{
    info->aConstraintUsage[place].argvIndex = ++*arguments;
    info->aConstraintUsage[place].omit = *arguments <= 2;
    info->idxNum |= bits;
}

static int choose(sqlite3_vtab *base, sqlite3_index_info *info)
{
    const struct module *module = (const struct module *)base;
    struct choice choice = {-1, -1, -1, -1, -1};
    for (int i = 0; i < info->nConstraint; i++)
        look_at(&choice, &info->aConstraint[i], i, module->is_keyed);
    if (choice.table < 0 || choice.hints < 0)
        return SQLITE_CONSTRAINT;
    int arguments = 0;
    use(info, choice.table, &arguments, 0);
    use(info, choice.hints, &arguments, 0);
    const struct sqlite3_index_constraint *all = info->aConstraint;
    if (choice.equal >= 0) {
        use(info, choice.equal, &arguments, PLAN_EQUAL);
    } else {
        if (choice.low >= 0)
            use(info, choice.low, &arguments,
                PLAN_LOW | (all[choice.low].op == SQLITE_INDEX_CONSTRAINT_GT ? PLAN_LOW_OPEN : 0));
        if (choice.high >= 0)
            use(info, choice.high, &arguments,
                PLAN_HIGH |
                    (all[choice.high].op == SQLITE_INDEX_CONSTRAINT_LT ? PLAN_HIGH_OPEN : 0));
    }
    info->estimatedCost = choice.equal >= 0 ? 1 : choice.low >= 0 || choice.high >= 0 ? 1e3 : 1e6;
    info->orderByConsumed = module->is_keyed && info->nOrderBy == 1 &&
                            info->aOrderBy[0].iColumn == 0 && !info->aOrderBy[0].desc;
    return SQLITE_OK;
}

/* --- cursors ---------------------------------------------------------------------------------- */

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor)
{
    struct cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL)
        return SQLITE_NOMEM;
    cursor->session = ((struct module *)base)->session;
    *ret_cursor = &cursor->base;
    return SQLITE_OK;
}

static void leave_row(struct cursor *cursor)
{
    bool keeps = !cursor->lets_go || (cursor->mode == ENGINE_UPDATE && cursor->is_wanted);
    if (cursor->lock != NULL && !keeps && cursor->lock->is_of_statement)
        engine_unlock(cursor->lock);
    cursor->lock = NULL;
    cursor->is_wanted = false;
    cursor->version = NULL;
    free(cursor->copy);
    cursor->copy = NULL;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
    struct cursor *cursor = (struct cursor *)base;
    leave_row(cursor);
    free(cursor->range_bytes);
    free(cursor);
    return SQLITE_OK;
}

static bool reads_versions(const struct cursor *cursor)
{
    const struct engine_session *session = cursor->session;
    if (cursor->hints & (TSQL_HINT_UPDLOCK | TSQL_HINT_XLOCK | TSQL_HINT_TABLOCKX))
        return false;
    if (session->isolation == TSQL_SNAPSHOT)
        return true;
    if (cursor->hints & SCAN_FOR_UPDATE)
        return false;
    if (cursor->hints & TSQL_HINT_HOLDLOCK)
        return false;
    return session->isolation == TSQL_READ_UNCOMMITTED || (cursor->hints & TSQL_HINT_NOLOCK) ||
           (session->has_statement_snapshot && !(cursor->hints & TSQL_HINT_READCOMMITTEDLOCK));
}

static void choose_mode(struct cursor *cursor)
{
    cursor->mode = ENGINE_SHARED;
    if (cursor->hints & (SCAN_FOR_UPDATE | TSQL_HINT_UPDLOCK))
        cursor->mode = ENGINE_UPDATE;
    if (cursor->hints & TSQL_HINT_XLOCK)
        cursor->mode = ENGINE_EXCLUSIVE;
    if (reads_versions(cursor) || (cursor->hints & TSQL_HINT_TABLOCKX))
        cursor->mode = ENGINE_STABLE;
    uint32_t keeping = TSQL_HINT_UPDLOCK | TSQL_HINT_XLOCK | TSQL_HINT_HOLDLOCK;
    cursor->lets_go =
        cursor->session->isolation <= TSQL_READ_COMMITTED && (cursor->hints & keeping) == 0;
}

static bool is_serializable(const struct cursor *cursor)
{
    return cursor->session->isolation == TSQL_SERIALIZABLE ||
           (cursor->hints & TSQL_HINT_HOLDLOCK) != 0;
}

/* Its bounds: false: none fits, one is NULL. */
static bool take_range(struct cursor *cursor, int plan, sqlite3_value **values)
{
    struct engine_range range = {.low_is_open = (plan & PLAN_LOW_OPEN) != 0,
                                 .high_is_open = (plan & PLAN_HIGH_OPEN) != 0};
    range.has_low = (plan & (PLAN_EQUAL | PLAN_LOW)) != 0;
    range.has_high = (plan & (PLAN_EQUAL | PLAN_HIGH)) != 0;
    struct value bounds[2] = {{.kind = VALUE_NULL}, {.kind = VALUE_NULL}};
    if (range.has_low)
        bounds[0] = engine_from_sqlite(*values);
    if (range.has_high)
        bounds[1] = engine_from_sqlite((plan & PLAN_LOW) ? values[1] : values[0]);
    cursor->range_bytes = malloc(engine_value_bytes(bounds, 2) + 1);
    ASSERT(cursor->range_bytes != NULL);
    char *bytes = cursor->range_bytes;
    engine_copy_value(&range.low, &bounds[0], &bytes);
    engine_copy_value(&range.high, &bounds[1], &bytes);
    cursor->range = range;
    return (!range.has_low || range.low.kind != VALUE_NULL) &&
           (!range.has_high || range.high.kind != VALUE_NULL);
}

/* --- from row to row -------------------------------------------------------------------------- */

static size_t next_place(const struct cursor *cursor)
{
    const struct engine_range *range = &cursor->range;
    if (cursor->row != NULL && cursor->moves == cursor->table->moves)
        return cursor->place + 1;
    if (cursor->row != NULL)
        return engine_find_place(cursor->table, cursor->row->key, engine_key_count(cursor->table),
                                 true);
    return range->has_low ? engine_find_place(cursor->table, &range->low, 1, range->low_is_open)
                          : 0;
}

static bool is_beyond(const struct cursor *cursor, const struct engine_row *row)
{
    if (!cursor->range.has_high)
        return false;
    int order = engine_compare(row->key, &cursor->range.high);
    return order > 0 || (order == 0 && cursor->range.high_is_open);
}

/* Goes to the next row, locks it and looks. False: there is none, or it failed. */
static bool step(struct cursor *cursor)
{
    size_t place = next_place(cursor);
    if (place >= cursor->table->row_count || is_beyond(cursor, cursor->table->rows[place])) {
        cursor->is_over = true;
        return false;
    }
    cursor->row = cursor->table->rows[place];
    cursor->place = place;
    cursor->moves = cursor->table->moves;
    if (cursor->row->newest == NULL && cursor->row->locks == NULL)
        return true;
    if (cursor->mode != ENGINE_STABLE &&
        !engine_lock_row(cursor->session, cursor->table, cursor->row, cursor->mode, cursor->lets_go,
                         &cursor->lock))
        return false;
    uint32_t is_current = cursor->hints & SCAN_FOR_UPDATE ? TSQL_HINT_UPDLOCK : 0;
    cursor->version = engine_see(cursor->session, cursor->row, cursor->hints | is_current);
    return true;
}

/* What others have not committed may be taken back while a statement waits. */
static void keep_copy(struct cursor *cursor)
{
    const struct engine_version *version = cursor->version;
    if (version->writer == NULL || version->writer == cursor->session)
        return;
    uint32_t count = version->value_count;
    size_t size = sizeof *version + sizeof(struct value) * count;
    cursor->copy = malloc(size + engine_value_bytes(version->values, count));
    ASSERT(cursor->copy != NULL);
    memcpy(cursor->copy, version, size);
    char *bytes = (char *)cursor->copy + size;
    for (uint32_t i = 0; i < count; i++)
        engine_copy_value(&cursor->copy->values[i], &version->values[i], &bytes);
    cursor->version = cursor->copy;
}

static int go_on(sqlite3_vtab_cursor *base)
{
    struct cursor *cursor = (struct cursor *)base;
    do {
        leave_row(cursor);
        if (!step(cursor))
            return cursor->is_over ? SQLITE_OK : SQLITE_ERROR;
    } while (cursor->version == NULL);
    keep_copy(cursor);
    return SQLITE_OK;
}

static int start_scan(sqlite3_vtab_cursor *base, int plan, const char *name, int argc,
                      sqlite3_value **argv)
{
    struct cursor *cursor = (struct cursor *)base;
    (void)name;
    (void)argc;
    leave_row(cursor);
    free(cursor->range_bytes);
    cursor->range_bytes = NULL;
    cursor->row = NULL;
    cursor->table = engine_table_numbered(cursor->session->server, sqlite3_value_int64(argv[0]));
    cursor->hints = (uint32_t)sqlite3_value_int64(argv[1]);
    cursor->is_over = cursor->table == NULL || !take_range(cursor, plan, argv + 2);
    if (cursor->is_over)
        return SQLITE_OK;
    choose_mode(cursor);
    if (is_serializable(cursor))
        engine_lock_range(cursor->session, cursor->table, &cursor->range);
    return go_on(base);
}

static int is_over(sqlite3_vtab_cursor *base)
{
    return ((struct cursor *)base)->is_over;
}

/* --- values ----------------------------------------------------------------------------------- */

static int give_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    struct cursor *cursor = (struct cursor *)base;
    if (column == COLUMN_PLACE) {
        cursor->is_wanted = true;
        sqlite3_result_int64(context, (sqlite3_int64)(intptr_t)cursor->row);
        return SQLITE_OK;
    }
    engine_give_sqlite(context, engine_value_of(cursor->version, (uint32_t)column));
    return SQLITE_OK;
}

static int give_number(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_number)
{
    *ret_number = (sqlite3_int64)((struct cursor *)base)->row->number;
    return SQLITE_OK;
}

#define MODULE(connects)                                                                           \
    {                                                                                              \
        .iVersion = 1, .xConnect = (connects), .xBestIndex = choose, .xDisconnect = disconnect,    \
        .xDestroy = disconnect, .xOpen = open_cursor, .xClose = close_cursor,                      \
        .xFilter = start_scan, .xNext = go_on, .xEof = is_over, .xColumn = give_column,            \
        .xRowid = give_number,                                                                     \
    }
static const sqlite3_module keyed_module = MODULE(connect_keyed),
                            heap_module = MODULE(connect_heap);

void engine_open_sqlite(struct engine_session *session)
{
    int status =
        sqlite3_open_v2(":memory:", &session->sqlite,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    ASSERT(status == SQLITE_OK);
    sqlite3_create_module(session->sqlite, "keyed", &keyed_module, session);
    sqlite3_create_module(session->sqlite, "heap", &heap_module, session);
    engine_add_functions(session);
}
