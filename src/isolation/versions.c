/* SPDX-License-Identifier: Apache-2.0 */
/* Written values lead from reads to versions. */
#include "isolation/versions.h"

#include "isolation/lookup.h"

struct finder {
    const struct isolation_history *history;
    struct arena *arena;
    bool reads_matter; /* the level says something of who reads what */
    struct versions *versions;
    struct lookup written;       /* key, value: the write */
    struct lookup last;          /* transaction, key: its last write */
    struct lookup own;           /* the same, of those before the operation at hand */
    uint32_t *version_of;        /* by write: its version, or LOOKUP_NONE */
    const uint32_t **list_reads; /* by key of a list: the longest read's versions' writes */
    uint32_t *list_lengths;
    struct isolation_finding *finding;
};

static bool is_write(const struct isolation_operation *operation)
{
    return operation->kind == ISOLATION_WRITE || operation->kind == ISOLATION_APPEND;
}

static bool has_committed(const struct finder *finder, uint32_t transaction)
{
    return finder->history->transactions[transaction].status == ISOLATION_COMMITTED;
}

/* Wrong by itself; the first one stays. */
static void report(struct finder *finder, enum isolation_anomaly anomaly, size_t operation,
                   uint32_t writer)
{
    if (finder->finding->anomaly != ISOLATION_ANOMALY_none)
        return;
    finder->finding->anomaly = anomaly;
    finder->finding->operation = operation;
    finder->finding->writer = writer;
}

/* --- writes ----------------------------------------------------------------------------------- */

static void look_at_writes(struct finder *finder)
{
    const struct isolation_history *history = finder->history;
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *operation = &history->operations[i];
        if (!is_write(operation))
            continue;
        if (operation->value != ISOLATION_NO_ROW)
            lookup_set(&finder->written, operation->key, operation->value, (uint32_t)i);
        lookup_set(&finder->last, operation->transaction, operation->key, (uint32_t)i);
    }
}

static bool is_last(const struct finder *finder, uint32_t write)
{
    const struct isolation_operation *operation = &finder->history->operations[write];
    return lookup_get(&finder->last, operation->transaction, operation->key) == write;
}

/* --- versions --------------------------------------------------------------------------------- */

static bool makes_version(const struct finder *finder, uint32_t write)
{
    const struct isolation_operation *operation = &finder->history->operations[write];
    return is_write(operation) && has_committed(finder, operation->transaction) &&
           (operation->kind == ISOLATION_APPEND || is_last(finder, write));
}

static void count_versions(struct finder *finder)
{
    const struct isolation_history *history = finder->history;
    struct key_versions *keys = finder->versions->keys;
    for (size_t i = 0; i < history->operation_count; i++)
        if (makes_version(finder, (uint32_t)i))
            keys[history->operations[i].key].count++;
    for (uint32_t key = 0; key < history->key_count; key++) {
        uint32_t count = keys[key].count + 1;
        finder->versions->version_count += count;
        keys[key] = (struct key_versions){
            .versions = ARENA_ARRAY(finder->arena, struct version, count),
            .count = 1,
            .order = ARENA_ARRAY(finder->arena, uint32_t, count),
            .rank = ARENA_ARRAY(finder->arena, uint32_t, count),
        };
        keys[key].versions[0] = (struct version){
            VERSION_NOBODY, UINT32_MAX,
            history->keys[key].is_list ? ISOLATION_NO_ROW : history->keys[key].initial, 0};
    }
}

static void add_version(struct finder *finder, uint32_t write)
{
    const struct isolation_operation *operation = &finder->history->operations[write];
    struct key_versions *key = &finder->versions->keys[operation->key];
    finder->version_of[write] = key->count;
    key->versions[key->count++] =
        (struct version){operation->transaction, write, operation->value, operation->place};
}

/* By place; those of a list in runs of one transaction stay together, as they are sorted stably. */
static void sort_versions(struct finder *finder, struct key_versions *key, uint32_t from)
{
    for (uint32_t i = from + 1; i < key->count; i++) {
        struct version version = key->versions[i];
        uint32_t at = i;
        for (; at > from && key->versions[at - 1].place > version.place; at--)
            key->versions[at] = key->versions[at - 1];
        key->versions[at] = version;
    }
    for (uint32_t i = from; i < key->count; i++)
        finder->version_of[key->versions[i].operation] = i;
}

/* What nobody read of a list: the rest of who wrote the last element that was, then the others. */
static void add_unread_elements(struct finder *finder, uint32_t key_number)
{
    const struct isolation_history *history = finder->history;
    struct key_versions *key = &finder->versions->keys[key_number];
    uint32_t last = key->versions[key->count - 1].transaction;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < history->operation_count; i++) {
            const struct isolation_operation *operation = &history->operations[i];
            if (operation->key == key_number && makes_version(finder, (uint32_t)i) &&
                finder->version_of[i] == LOOKUP_NONE &&
                (operation->transaction == last) == (pass == 0))
                add_version(finder, (uint32_t)i);
        }
        if (pass == 0)
            key->ordered = key->count;
    }
}

/* One transaction's elements come together: places are those of its last one. */
static void level_places(struct key_versions *key)
{
    for (uint32_t i = key->ordered; i < key->count; i++)
        for (uint32_t other = key->ordered; other < key->count; other++)
            if (key->versions[other].transaction == key->versions[i].transaction &&
                key->versions[other].place > key->versions[i].place)
                key->versions[i].place = key->versions[other].place;
}

/* Runs of one transaction with the same place as another's must not be mixed. */
static void gather_runs(struct finder *finder, struct key_versions *key)
{
    for (uint32_t i = key->ordered; i < key->count; i++) {
        uint32_t at = i + 1;
        while (at < key->count && key->versions[at].transaction != key->versions[i].transaction)
            at++;
        if (at == key->count || at == i + 1)
            continue;
        struct version version = key->versions[at];
        for (; at > i + 1; at--)
            key->versions[at] = key->versions[at - 1];
        key->versions[i + 1] = version;
    }
    for (uint32_t i = key->ordered; i < key->count; i++)
        finder->version_of[key->versions[i].operation] = i;
}

static void order_list(struct finder *finder, uint32_t number)
{
    struct key_versions *key = &finder->versions->keys[number];
    if (!finder->history->order_is_known)
        for (uint32_t i = 0; i < finder->list_lengths[number]; i++)
            add_version(finder, finder->list_reads[number][i]);
    add_unread_elements(finder, number);
    if (finder->history->order_is_known) {
        sort_versions(finder, key, 1);
        key->ordered = key->count;
        return;
    }
    level_places(key);
    sort_versions(finder, key, key->ordered);
    gather_runs(finder, key);
}

static void order_registers(struct finder *finder)
{
    const struct isolation_history *history = finder->history;
    for (size_t i = 0; i < history->operation_count; i++)
        if (history->operations[i].kind == ISOLATION_WRITE && makes_version(finder, (uint32_t)i))
            add_version(finder, (uint32_t)i);
    for (uint32_t number = 0; number < history->key_count; number++) {
        struct key_versions *key = &finder->versions->keys[number];
        if (history->keys[number].is_list)
            continue;
        sort_versions(finder, key, 1);
        key->ordered = history->order_is_known || key->count <= 2 ? key->count : 1;
    }
}

static void order_versions(struct finder *finder)
{
    order_registers(finder);
    for (uint32_t number = 0; number < finder->history->key_count; number++) {
        struct key_versions *key = &finder->versions->keys[number];
        if (finder->history->keys[number].is_list)
            order_list(finder, number);
        for (uint32_t i = 0; i < key->count; i++)
            key->order[i] = key->rank[i] = i;
    }
}

/* --- lists ------------------------------------------------------------------------------------ */

/*
 * The writes of the elements that a read of a list came to, but those of who rolled back. False:
 * one of them is nobody's, or comes twice.
 */
static bool writes_of_list(struct finder *finder, size_t index, uint32_t *ret_writes,
                           uint32_t *ret_count)
{
    const struct isolation_operation *read = &finder->history->operations[index];
    *ret_count = 0;
    for (uint32_t i = 0; i < read->element_count; i++) {
        uint32_t write = lookup_get(&finder->written, read->key, read->elements[i]);
        if (write == LOOKUP_NONE) {
            report(finder, ISOLATION_ANOMALY_nowhere, index, UINT32_MAX);
            return false;
        }
        uint32_t writer = finder->history->operations[write].transaction;
        for (uint32_t before = 0; before < i; before++) {
            if (read->elements[before] == read->elements[i]) {
                report(finder, ISOLATION_ANOMALY_order, index, writer);
                return false;
            }
        }
        if (has_committed(finder, writer))
            ret_writes[(*ret_count)++] = write;
    }
    return true;
}

/* All reads of a list must be beginnings of the longest one. */
static void compare_lists(struct finder *finder, size_t index)
{
    const struct isolation_operation *read = &finder->history->operations[index];
    uint32_t *writes = arena_alloc(finder->arena, read->element_count * sizeof *writes), count;
    if (!writes_of_list(finder, index, writes, &count))
        return;
    const uint32_t *other = finder->list_reads[read->key];
    uint32_t shared = finder->list_lengths[read->key];
    if (shared > count)
        shared = count;
    for (uint32_t i = 0; i < shared; i++) {
        if (other[i] != writes[i]) {
            report(finder, ISOLATION_ANOMALY_order, index,
                   finder->history->operations[writes[i]].transaction);
            return;
        }
    }
    if (count > finder->list_lengths[read->key]) {
        finder->list_reads[read->key] = writes;
        finder->list_lengths[read->key] = count;
    }
}

static void look_at_lists(struct finder *finder)
{
    const struct isolation_history *history = finder->history;
    finder->list_reads = ARENA_ARRAY(finder->arena, const uint32_t *, history->key_count);
    finder->list_lengths = ARENA_ARRAY(finder->arena, uint32_t, history->key_count);
    for (size_t i = 0; i < history->operation_count; i++)
        if (history->operations[i].kind == ISOLATION_READ_LIST &&
            has_committed(finder, history->operations[i].transaction))
            compare_lists(finder, i);
}

/* --- cells ------------------------------------------------------------------------------------ */

static struct cell *add_cell(struct finder *finder, size_t operation, uint32_t key,
                             bool is_predicate)
{
    struct cell *cell = &finder->versions->cells[finder->versions->cell_count++];
    *cell = (struct cell){
        .transaction = finder->history->operations[operation].transaction,
        .operation = (uint32_t)operation,
        .key = key,
        .is_predicate = is_predicate,
    };
    return cell;
}

/* The versions that others left there and `takes` takes. */
static void add_candidates(struct finder *finder, struct cell *cell,
                           const struct isolation_where *not_in, bool only_no_row)
{
    const struct key_versions *key = &finder->versions->keys[cell->key];
    cell->candidates = arena_alloc(finder->arena, key->count * sizeof *cell->candidates);
    for (uint32_t i = key->count; i-- > 0;) {
        const struct version *version = &key->versions[i];
        if (version->transaction == cell->transaction ||
            (only_no_row && version->value != ISOLATION_NO_ROW) ||
            (not_in != NULL && where_holds(not_in, version->value)))
            continue;
        cell->candidates[cell->candidate_count++] = i;
    }
}

static void add_candidate(struct finder *finder, struct cell *cell, uint32_t version)
{
    cell->candidates = arena_alloc(finder->arena, sizeof *cell->candidates);
    cell->candidates[cell->candidate_count++] = version;
}

/* Nobody who committed has left the key without a row: who did? */
static void report_no_row(struct finder *finder, size_t index, uint32_t key)
{
    const struct isolation_history *history = finder->history;
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *write = &history->operations[i];
        if (write->kind != ISOLATION_WRITE || write->key != key ||
            write->value != ISOLATION_NO_ROW ||
            write->transaction == history->operations[index].transaction)
            continue;
        report(finder,
               has_committed(finder, write->transaction) ? ISOLATION_ANOMALY_intermediate_read
                                                         : ISOLATION_ANOMALY_aborted_read,
               index, write->transaction);
    }
    report(finder, ISOLATION_ANOMALY_nowhere, index, UINT32_MAX);
}

static bool has_other_removal(const struct finder *finder, size_t index, uint32_t key)
{
    const struct isolation_history *history = finder->history;
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *write = &history->operations[i];
        if (write->kind == ISOLATION_WRITE && write->key == key &&
            write->value == ISOLATION_NO_ROW &&
            write->transaction != history->operations[index].transaction)
            return true;
    }
    return history->keys[key].initial == ISOLATION_NO_ROW;
}

static void see_no_row(struct finder *finder, size_t index, uint32_t key)
{
    if (!finder->reads_matter) {
        if (!has_other_removal(finder, index, key))
            report(finder, ISOLATION_ANOMALY_nowhere, index, UINT32_MAX);
        return;
    }
    struct cell *cell = add_cell(finder, index, key, false);
    add_candidates(finder, cell, NULL, true);
    if (cell->candidate_count == 0)
        report_no_row(finder, index, key);
}

static void see_written(struct finder *finder, size_t index, uint32_t key, uint32_t write)
{
    uint32_t writer = finder->history->operations[write].transaction;
    if (writer == finder->history->operations[index].transaction) {
        report(finder, ISOLATION_ANOMALY_nowhere, index, writer);
        return;
    }
    bool is_version = has_committed(finder, writer) && is_last(finder, write);
    if (!finder->reads_matter && !(is_version && finder->history->key_orders != 0))
        return;
    struct cell *cell = add_cell(finder, index, key, false);
    if (!has_committed(finder, writer))
        report(finder, ISOLATION_ANOMALY_aborted_read, index, writer);
    else if (!is_last(finder, write))
        report(finder, ISOLATION_ANOMALY_intermediate_read, index, writer);
    else
        add_candidate(finder, cell, finder->version_of[write]);
}

/* A value, or that there is no row, came for a key. */
static void see_value(struct finder *finder, size_t index, uint32_t key, int64_t value)
{
    uint32_t transaction = finder->history->operations[index].transaction;
    uint32_t own = lookup_get(&finder->own, transaction, key);
    if (own != LOOKUP_NONE) {
        if (finder->history->operations[own].value != value)
            report(finder, ISOLATION_ANOMALY_own_write, index, transaction);
        return;
    }
    if (value == ISOLATION_NO_ROW) {
        see_no_row(finder, index, key);
        return;
    }
    uint32_t write = lookup_get(&finder->written, key, value);
    if (write != LOOKUP_NONE)
        see_written(finder, index, key, write);
    else if (finder->history->keys[key].initial != value)
        report(finder, ISOLATION_ANOMALY_nowhere, index, UINT32_MAX);
    else if (finder->reads_matter)
        add_candidate(finder, add_cell(finder, index, key, false), 0);
}

/* --- reads of lists --------------------------------------------------------------------------- */

/* How many of the last elements are the reader's own; UINT32_MAX: some that should be are not. */
static uint32_t own_elements(struct finder *finder, size_t index)
{
    const struct isolation_history *history = finder->history;
    const struct isolation_operation *read = &history->operations[index];
    if (lookup_get(&finder->own, read->transaction, read->key) == LOOKUP_NONE)
        return 0;
    uint32_t found = 0;
    for (size_t i = index; i-- > 0;) {
        const struct isolation_operation *write = &history->operations[i];
        if (write->kind != ISOLATION_APPEND || write->transaction != read->transaction ||
            write->key != read->key)
            continue;
        if (found == read->element_count ||
            read->elements[read->element_count - 1 - found] != write->value)
            return UINT32_MAX;
        found++;
    }
    return found;
}

static void see_last_element(struct finder *finder, size_t index, uint32_t count)
{
    const struct isolation_operation *read = &finder->history->operations[index];
    struct cell *cell = add_cell(finder, index, read->key, false);
    if (count == 0) {
        add_candidate(finder, cell, 0);
        return;
    }
    /* One of somebody who rolled back anywhere in it will do. */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t write = lookup_get(&finder->written, read->key, read->elements[i]);
        uint32_t writer = finder->history->operations[write].transaction;
        if (!has_committed(finder, writer)) {
            report(finder, ISOLATION_ANOMALY_aborted_read, index, writer);
            return;
        }
    }
    uint32_t last = lookup_get(&finder->written, read->key, read->elements[count - 1]);
    if (!is_last(finder, last))
        report(finder, ISOLATION_ANOMALY_intermediate_read, index,
               finder->history->operations[last].transaction);
    else
        add_candidate(finder, cell, finder->version_of[last]);
}

/* Its own elements among the others', or before it has appended them. */
static bool has_own_before(const struct finder *finder, size_t index, uint32_t count)
{
    const struct isolation_operation *read = &finder->history->operations[index];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t write = lookup_get(&finder->written, read->key, read->elements[i]);
        if (finder->history->operations[write].transaction == read->transaction)
            return true;
    }
    return false;
}

/* With an order that is known, a read is a beginning of it. */
static bool is_beginning(const struct finder *finder, const uint32_t *writes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (finder->version_of[writes[i]] != i + 1)
            return false;
    return true;
}

static void see_list(struct finder *finder, size_t index)
{
    const struct isolation_operation *read = &finder->history->operations[index];
    uint32_t *writes = arena_alloc(finder->arena, read->element_count * sizeof *writes), count;
    uint32_t own = own_elements(finder, index);
    if (!writes_of_list(finder, index, writes, &count))
        return;
    if (own == UINT32_MAX || has_own_before(finder, index, read->element_count - own)) {
        report(finder, ISOLATION_ANOMALY_own_write, index, read->transaction);
        return;
    }
    if (!is_beginning(finder, writes, count)) {
        report(finder, ISOLATION_ANOMALY_order, index, UINT32_MAX);
        return;
    }
    if (finder->reads_matter)
        see_last_element(finder, index, read->element_count - own);
}

/* --- reads of ranges -------------------------------------------------------------------------- */

static bool is_in_ranges(const struct finder *finder, uint32_t key)
{
    return !finder->history->keys[key].is_list && !finder->history->keys[key].is_unknown;
}

static const struct isolation_row *row_of(const struct isolation_operation *read, uint32_t key)
{
    for (uint32_t i = 0; i < read->row_count; i++)
        if (read->rows[i].key == key)
            return &read->rows[i];
    return NULL;
}

static void see_missing(struct finder *finder, size_t index, uint32_t key)
{
    const struct isolation_operation *read = &finder->history->operations[index];
    uint32_t own = lookup_get(&finder->own, read->transaction, key);
    if (own != LOOKUP_NONE) {
        if (where_holds(&read->where, finder->history->operations[own].value))
            report(finder, ISOLATION_ANOMALY_own_write, index, read->transaction);
        return;
    }
    if (!finder->reads_matter)
        return;
    struct cell *cell = add_cell(finder, index, key, true);
    add_candidates(finder, cell, &read->where, false);
    if (cell->candidate_count == 0)
        report_no_row(finder, index, key);
}

static void see_range(struct finder *finder, size_t index)
{
    const struct isolation_operation *read = &finder->history->operations[index];
    for (uint32_t key = read->where.first_key; key <= read->where.last_key; key++) {
        const struct isolation_row *row = row_of(read, key);
        if (!is_in_ranges(finder, key))
            continue;
        if (row != NULL)
            see_value(finder, index, key, row->value);
        else
            see_missing(finder, index, key);
    }
}

static void see_aggregate(struct finder *finder, size_t index)
{
    const struct isolation_operation *read = &finder->history->operations[index];
    struct aggregate *aggregate =
        &finder->versions->aggregates[finder->versions->aggregate_count++];
    *aggregate = (struct aggregate){.operation = (uint32_t)index,
                                    .first_cell = finder->versions->cell_count};
    for (uint32_t key = read->where.first_key; key <= read->where.last_key; key++) {
        if (!is_in_ranges(finder, key))
            continue;
        uint32_t own = lookup_get(&finder->own, read->transaction, key);
        if (own == LOOKUP_NONE) {
            add_candidates(finder, add_cell(finder, index, key, true), NULL, false);
            continue;
        }
        int64_t value = finder->history->operations[own].value;
        if (!where_holds(&read->where, value))
            continue;
        aggregate->own_count++;
        aggregate->own_sum += value;
    }
    aggregate->cell_count = finder->versions->cell_count - aggregate->first_cell;
}

/* --- all reads -------------------------------------------------------------------------------- */

static void see_plain(struct finder *finder, size_t index)
{
    const struct isolation_operation *operation = &finder->history->operations[index];
    if (operation->kind == ISOLATION_READ)
        see_value(finder, index, operation->key, operation->value);
    else if (operation->kind == ISOLATION_READ_LIST)
        see_list(finder, index);
    else if (operation->kind == ISOLATION_READ_WHERE)
        see_range(finder, index);
}

static void see_all(struct finder *finder, bool aggregates)
{
    const struct isolation_history *history = finder->history;
    lookup_init(&finder->own, history->operation_count, finder->arena);
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *operation = &history->operations[i];
        bool is_aggregate = operation->kind == ISOLATION_COUNT || operation->kind == ISOLATION_SUM;
        if (is_write(operation))
            lookup_set(&finder->own, operation->transaction, operation->key, (uint32_t)i);
        else if (!has_committed(finder, operation->transaction))
            continue;
        else if (!aggregates)
            see_plain(finder, i);
        else if (is_aggregate && finder->reads_matter)
            see_aggregate(finder, i);
    }
}

static void make_room(struct finder *finder)
{
    const struct isolation_history *history = finder->history;
    size_t cells = 0, aggregates = 0;
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *operation = &history->operations[i];
        bool is_one = operation->kind == ISOLATION_READ || operation->kind == ISOLATION_READ_LIST;
        cells += is_write(operation) ? 0
                 : is_one            ? 1
                                     : operation->where.last_key - operation->where.first_key + 1;
        aggregates += operation->kind == ISOLATION_COUNT || operation->kind == ISOLATION_SUM;
    }
    struct arena *arena = finder->arena;
    finder->versions->keys = ARENA_ARRAY(arena, struct key_versions, history->key_count);
    finder->versions->cells = arena_alloc(arena, cells * sizeof *finder->versions->cells);
    finder->versions->aggregates =
        arena_alloc(arena, aggregates * sizeof *finder->versions->aggregates);
    finder->version_of = arena_alloc(arena, history->operation_count * sizeof *finder->version_of);
    for (size_t i = 0; i < history->operation_count; i++)
        finder->version_of[i] = LOOKUP_NONE;
    lookup_init(&finder->written, history->operation_count, arena);
    lookup_init(&finder->last, history->operation_count, arena);
}

bool versions_find(const struct isolation_history *history, uint32_t rules, struct arena *arena,
                   struct versions *ret_versions, struct isolation_finding *finding)
{
    *ret_versions = (struct versions){.history = history};
    struct finder finder = {
        .history = history,
        .arena = arena,
        .reads_matter = isolation_reads_matter(rules),
        .versions = ret_versions,
        .finding = finding,
    };
    make_room(&finder);
    look_at_writes(&finder);
    look_at_lists(&finder);
    count_versions(&finder);
    order_versions(&finder);
    see_all(&finder, false);
    ret_versions->plain_count = ret_versions->cell_count;
    see_all(&finder, true);
    return finding->anomaly == ISOLATION_ANOMALY_none;
}
