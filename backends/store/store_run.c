/* SPDX-License-Identifier: Apache-2.0 */
/* What statements do to rows. Each runs at once, as nobody else can come between. */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

static int64_t number_of(const struct backend_statement *statement, struct store_number number)
{
    if (number.parameter == 0)
        return number.number;
    const struct value *bound = &statement->parameters[number.parameter - 1];
    return bound->kind == VALUE_INTEGER ? bound->integer : 0;
}

/* Copied: it outlives the statement. `value` is the row's. */
static struct store_text text_of(const struct backend_statement *statement,
                                 const struct store_text_source *source, int64_t value)
{
    char digits[24];
    struct store_text unit = source->literal;
    if (source->kind == STORE_DIGITS_OF_VALUE) {
        unit.length = (size_t)snprintf(digits, sizeof digits, "%08lld", (long long)value);
        unit.bytes = digits;
    }
    if (source->kind == STORE_TEXT_PARAMETER) {
        const struct value *bound = &statement->parameters[source->parameter - 1];
        unit = bound->kind == VALUE_TEXT
                   ? (struct store_text){bound->text.bytes, bound->text.length}
                   : (struct store_text){0};
    }
    if (source->kind == STORE_NULL || unit.bytes == NULL)
        return (struct store_text){0};
    int64_t times = number_of(statement, source->times);
    size_t length = unit.length * (size_t)(times > 0 ? times : 0);
    char *bytes = store_alloc(length + 1);
    for (size_t at = 0; bytes != NULL && at < length; at += unit.length)
        memcpy(bytes + at, unit.bytes, unit.length);
    return (struct store_text){bytes, length};
}

/* --- rows of a filter ------------------------------------------------------------------------- */

/* The keys that may be taken, as far as the key decides. */
static void range_of(const struct backend_statement *statement, int64_t *ret_first,
                     int64_t *ret_last)
{
    const struct store_where *where = &statement->query.where;
    *ret_first = 0;
    *ret_last = STORE_KEYS - 1;
    if (!where->by_key)
        return;
    int64_t first = number_of(statement, where->first);
    if (where->is_below)
        *ret_last = first - 1 < *ret_last ? first - 1 : *ret_last;
    else
        *ret_first = first > 0 ? first : 0;
    int64_t last = number_of(statement, where->last);
    if (where->has_last && last < *ret_last)
        *ret_last = last;
}

static bool takes_value(const struct backend_statement *statement, int64_t value)
{
    const struct store_where *where = &statement->query.where;
    if (!where->by_value)
        return true;
    int64_t first = number_of(statement, where->first);
    if (where->is_below)
        return value < first;
    return value >= first && (!where->has_last || value <= number_of(statement, where->last));
}

/* Into the statement's rows, by key. */
static void find_rows(struct backend_statement *statement)
{
    const struct store_query *query = &statement->query;
    int64_t first, last;
    range_of(statement, &first, &last);
    bool is_range = !query->where.by_key || first != last;
    statement->row_count = 0;
    for (int64_t key = first; key <= last; key++) {
        const struct store_row *row =
            store_see(statement->connection, query->table, (uint32_t)key, is_range);
        if (row != NULL && takes_value(statement, row->value))
            statement->rows[statement->row_count++] =
                (struct store_result_row){key, row->value, row->text};
    }
}

/* --- queries ---------------------------------------------------------------------------------- */

static bool stands_before(const struct store_query *query, const struct store_result_row *row,
                          const struct store_result_row *other)
{
    int64_t left = query->by_value ? row->value : row->key;
    int64_t right = query->by_value ? other->value : other->key;
    return query->is_descending ? left > right : left < right;
}

static void sort_rows(struct backend_statement *statement)
{
    for (uint32_t i = 1; i < statement->row_count; i++) {
        struct store_result_row row = statement->rows[i];
        uint32_t at = i;
        for (; at > 0 && stands_before(&statement->query, &row, &statement->rows[at - 1]); at--)
            statement->rows[at] = statement->rows[at - 1];
        statement->rows[at] = row;
    }
}

static void add_up(struct backend_statement *statement)
{
    enum store_kind kind = statement->query.kind;
    statement->number_is_null = kind != STORE_COUNT && statement->row_count == 0;
    statement->number = kind == STORE_COUNT ? statement->row_count : 0;
    for (uint32_t i = 0; kind != STORE_COUNT && i < statement->row_count; i++) {
        int64_t value = statement->rows[i].value;
        if (kind == STORE_SUM)
            statement->number += value;
        else if (i == 0 || (kind == STORE_MIN) == (value < statement->number))
            statement->number = value;
    }
    statement->row_count = 1;
}

/* Those that the table has now. */
static void count_columns(struct backend_statement *statement)
{
    const struct store_query *query = &statement->query;
    statement->has_x = query->has_all_columns && store_at_hand()->has_x[query->table];
}

static enum outcome run_query(struct backend_statement *statement)
{
    const struct store_query *query = &statement->query;
    find_rows(statement);
    count_columns(statement);
    if (query->kind != STORE_SELECT) {
        add_up(statement);
        return OUTCOME_OK;
    }
    if (query->is_ordered)
        sort_rows(statement);
    int64_t limit = query->has_limit ? number_of(statement, query->limit) : -1;
    if (limit >= 0 && limit < statement->row_count)
        statement->row_count = (uint32_t)limit;
    return OUTCOME_OK;
}

/* --- writes ----------------------------------------------------------------------------------- */

static enum outcome insert_row(struct backend_statement *statement, const struct store_new_row *new)
{
    struct backend_connection *connection = statement->connection;
    uint32_t table = statement->query.table;
    int64_t key = number_of(statement, new->key);
    if (key < 0 || key >= STORE_KEYS)
        return store_fail(connection, OUTCOME_SQL_ERROR, "keys are 0 to 31");
    bool is_there = store_see(connection, table, (uint32_t)key, false) != NULL;
    if (is_there && !statement->query.replaces)
        return store_fail(connection, OUTCOME_CONSTRAINT, "the key is taken");
    int64_t value = number_of(statement, new->value);
    const struct store_row row = {value, text_of(statement, &new->text, value)};
    return store_write(connection, table, (uint32_t)key, &row);
}

static enum outcome run_insert(struct backend_statement *statement)
{
    for (uint32_t i = 0; i < statement->query.row_count; i++) {
        enum outcome outcome = insert_row(statement, &statement->query.rows[i]);
        if (outcome == OUTCOME_CONSTRAINT && statement->query.skips)
            continue;
        if (outcome != OUTCOME_OK)
            return outcome;
        statement->connection->changes++;
    }
    statement->row_count = 0;
    return OUTCOME_OK;
}

static struct store_text append(const struct backend_statement *statement,
                                const struct store_result_row *row)
{
    struct store_text element = text_of(statement, &statement->query.text, row->value);
    size_t length = row->text.length + element.length;
    char *bytes = store_alloc(length + 1);
    if (bytes == NULL || element.bytes == NULL)
        return (struct store_text){0};
    if (row->text.length > 0)
        memcpy(bytes, row->text.bytes, row->text.length);
    memcpy(bytes + row->text.length, element.bytes, element.length);
    return (struct store_text){bytes, length};
}

static enum outcome change_row(struct backend_statement *statement, struct store_result_row *row)
{
    const struct store_query *query = &statement->query;
    if (query->kind == STORE_DELETE)
        return store_write(statement->connection, query->table, (uint32_t)row->key, NULL);
    if (!query->appends)
        row->value = row->key + number_of(statement, query->addend);
    if (query->appends)
        row->text = append(statement, row);
    else if (query->sets_text)
        row->text = text_of(statement, &query->text, row->value);
    const struct store_row changed = {row->value, row->text};
    return store_write(statement->connection, query->table, (uint32_t)row->key, &changed);
}

static enum outcome run_change(struct backend_statement *statement)
{
    find_rows(statement);
    count_columns(statement);
    for (uint32_t i = 0; i < statement->row_count; i++) {
        enum outcome outcome = change_row(statement, &statement->rows[i]);
        if (outcome != OUTCOME_OK)
            return outcome;
    }
    statement->connection->changes = statement->row_count;
    if (!statement->query.returns_rows)
        statement->row_count = 0;
    return OUTCOME_OK;
}

/* --- tables ----------------------------------------------------------------------------------- */

static bool somebody_writes_to(const struct subject_instance *store, uint32_t table)
{
    for (uint32_t key = 0; key < STORE_KEYS; key++)
        if (store->rows[table][key] != NULL && store->rows[table][key]->writer != NULL)
            return true;
    return false;
}

/* What is not as the statement wants to find it; NULL: nothing. */
static const char *wrong_schema(const struct subject_instance *store,
                                const struct store_query *query)
{
    if (query->kind == STORE_CREATE_TABLE)
        return store->table_exists[query->table] ? "the table is there already" : NULL;
    if (!store->table_exists[query->table])
        return "no such table";
    if (query->kind == STORE_ADD_COLUMN)
        return store->has_x[query->table] ? "the column is there already" : NULL;
    return query->kind == STORE_DROP_TABLE || store->has_x[query->table] ? NULL : "no such column";
}

static void change_schema(struct subject_instance *store, const struct backend_statement *statement)
{
    uint32_t table = statement->query.table;
    enum store_kind kind = statement->query.kind;
    store->has_x[table] = kind == STORE_ADD_COLUMN;
    store->addends[table] = number_of(statement, statement->query.addend);
    if (kind == STORE_ADD_COLUMN || kind == STORE_DROP_COLUMN)
        return;
    store->table_exists[table] = kind == STORE_CREATE_TABLE;
    memset(store->rows[table], 0, sizeof store->rows[table]);
}

static enum outcome run_schema(struct backend_statement *statement)
{
    struct subject_instance *store = store_at_hand();
    struct backend_connection *connection = statement->connection;
    const char *wrong = wrong_schema(store, &statement->query);
    if (wrong != NULL)
        return store_fail(connection, OUTCOME_SQL_ERROR, wrong);
    if (connection->in_transaction)
        return store_fail(connection, OUTCOME_LOCKED, "a transaction of one's own is open");
    if (somebody_writes_to(store, statement->query.table))
        return store_fail(connection, OUTCOME_BUSY, "somebody has written to the table");
    change_schema(store, statement);
    return OUTCOME_OK;
}

/* --- any -------------------------------------------------------------------------------------- */

static enum outcome run_on_rows(struct backend_statement *statement)
{
    enum store_kind kind = statement->query.kind;
    if (!store_at_hand()->table_exists[statement->query.table])
        return store_fail(statement->connection, OUTCOME_SQL_ERROR, "no such table");
    return kind == STORE_INSERT                           ? run_insert(statement)
           : kind == STORE_UPDATE || kind == STORE_DELETE ? run_change(statement)
                                                          : run_query(statement);
}

/* A statement by itself is a transaction. */
static enum outcome run_in_transaction(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    const struct store_version *mark = connection->own;
    store_begin_statement(connection);
    enum outcome outcome = run_on_rows(statement);
    bool is_kept =
        outcome == OUTCOME_OK || (outcome == OUTCOME_CONSTRAINT && statement->query.keeps_part);
    if (!is_kept)
        store_undo(connection, mark);
    if (connection->in_transaction)
        return outcome;
    enum outcome end = is_kept ? store_commit(connection) : OUTCOME_OK;
    if (end != OUTCOME_OK || !is_kept)
        store_rollback(connection);
    return end != OUTCOME_OK ? end : outcome;
}

enum outcome store_run(struct backend_statement *statement)
{
    enum store_kind kind = statement->query.kind;
    statement->row_count = 0;
    statement->connection->changes = 0;
    if (kind == STORE_NOTHING)
        return OUTCOME_OK;
    if (kind >= STORE_CREATE_TABLE && kind <= STORE_DROP_COLUMN)
        return run_schema(statement);
    return kind >= STORE_BEGIN ? store_control(statement->connection, &statement->query)
                               : run_in_transaction(statement);
}
