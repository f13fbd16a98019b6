/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of each key, edges between their writers and readers, and a search for a cycle. */
#include "history/dependencies.h"

#include <string.h>

const char *const dependency_kind_names[] = {"", "wr", "ww", "rw", "rt"};

/* What a transaction made of a key in the end. */
struct version {
    uint32_t transaction;
    int64_t value;
    uint64_t place;
};

struct graph {
    const struct dependency_history *history;
    struct dependency_edge *edges; /* [from * transactions + to] */
    struct version *versions;      /* of the key at hand, by place */
    uint32_t version_count;
};

static bool counts(const struct graph *graph, uint32_t transaction)
{
    return graph->history->transactions[transaction].counts;
}

/* Between two transactions the first edge stays: what they read and wrote tells more than time. */
static void add_edge(struct graph *graph, const struct dependency_edge *edge)
{
    struct dependency_edge *there =
        &graph->edges[(size_t)edge->from * graph->history->transaction_count + edge->to];
    if (edge->from != edge->to && counts(graph, edge->from) && counts(graph, edge->to) &&
        there->kind == DEPENDENCY_NONE)
        *there = *edge;
}

/* --- versions -------------------------------------------------------------------------------- */

static void add_version(struct graph *graph, const struct dependency_access *write)
{
    uint32_t at = 0;
    while (at < graph->version_count && graph->versions[at].transaction != write->transaction)
        at++;
    if (at == graph->version_count)
        graph->version_count++;
    const struct version version = {write->transaction, write->value, write->place};
    for (; at > 0 && graph->versions[at - 1].place > version.place; at--)
        graph->versions[at] = graph->versions[at - 1];
    graph->versions[at] = version;
}

static void collect_versions(struct graph *graph, uint32_t table, uint32_t key)
{
    graph->version_count = 0;
    for (size_t i = 0; i < graph->history->access_count; i++) {
        const struct dependency_access *access = &graph->history->accesses[i];
        if (access->is_write && access->table == table && access->key == key &&
            counts(graph, access->transaction))
            add_version(graph, access);
    }
}

static void add_overwrites(struct graph *graph, uint32_t table, uint32_t key)
{
    for (uint32_t i = 1; i < graph->version_count; i++) {
        const struct version *older = &graph->versions[i - 1], *newer = &graph->versions[i];
        const struct dependency_edge edge = {
            .from = older->transaction,
            .to = newer->transaction,
            .kind = DEPENDENCY_WW,
            .table = (uint8_t)table,
            .key = (uint8_t)key,
            .value = older->value,
            .next = newer->value,
        };
        add_edge(graph, &edge);
    }
}

/* --- reads ----------------------------------------------------------------------------------- */

/* Who wrote this value of the key, as its last word or not; UINT32_MAX: nobody that is known. */
static uint32_t writer_of(const struct graph *graph, const struct dependency_access *read)
{
    for (size_t i = 0; i < graph->history->access_count; i++) {
        const struct dependency_access *access = &graph->history->accesses[i];
        if (access->is_write && access->table == read->table && access->key == read->key &&
            access->value == read->value)
            return access->transaction;
    }
    return UINT32_MAX;
}

/*
 * Which version was read: its index plus 1, 0 for what was there at the start, UINT32_MAX when that
 * is not clear. That there is no row may be said of several versions.
 */
static uint32_t version_read(const struct graph *graph, const struct dependency_access *read)
{
    uint32_t found = UINT32_MAX;
    if (read->value == graph->history->initial[read->table][read->key])
        found = 0;
    for (uint32_t i = 0; i < graph->version_count; i++) {
        if (graph->versions[i].value != read->value)
            continue;
        if (found != UINT32_MAX)
            return UINT32_MAX;
        found = i + 1;
    }
    return found;
}

static void add_read(struct graph *graph, const struct dependency_access *read)
{
    struct dependency_edge edge = {
        .to = read->transaction,
        .kind = DEPENDENCY_WR,
        .table = read->table,
        .key = read->key,
        .value = read->value,
    };
    if (read->value == DEPENDENCY_NO_ROW && graph->history->has_unknown_writes)
        return;
    uint32_t version = version_read(graph, read);
    edge.from = version == UINT32_MAX && read->value != DEPENDENCY_NO_ROW ? writer_of(graph, read)
                : version == UINT32_MAX || version == 0                   ? UINT32_MAX
                                                        : graph->versions[version - 1].transaction;
    if (edge.from != UINT32_MAX)
        add_edge(graph, &edge);
    if (version == UINT32_MAX || version == graph->version_count)
        return;
    edge.from = read->transaction;
    edge.to = graph->versions[version].transaction;
    edge.kind = DEPENDENCY_RW;
    edge.next = graph->versions[version].value;
    add_edge(graph, &edge);
}

/* What a transaction reads after having written it is its own. */
static bool reads_own(const struct dependency_history *history, size_t index)
{
    const struct dependency_access *read = &history->accesses[index];
    for (size_t i = 0; i < index; i++) {
        const struct dependency_access *access = &history->accesses[i];
        if (access->is_write && access->transaction == read->transaction &&
            access->table == read->table && access->key == read->key)
            return true;
    }
    return false;
}

static void add_key(struct graph *graph, uint32_t table, uint32_t key)
{
    const struct dependency_history *history = graph->history;
    collect_versions(graph, table, key);
    add_overwrites(graph, table, key);
    for (size_t i = 0; i < history->access_count; i++) {
        const struct dependency_access *access = &history->accesses[i];
        if (!access->is_write && access->table == table && access->key == key &&
            !reads_own(history, i))
            add_read(graph, access);
    }
}

/* --- real time ------------------------------------------------------------------------------- */

static void add_real_time(struct graph *graph)
{
    const struct dependency_history *history = graph->history;
    for (uint32_t from = 0; from < history->transaction_count; from++) {
        for (uint32_t to = 0; to < history->transaction_count; to++) {
            const struct dependency_edge edge = {.from = from, .to = to, .kind = DEPENDENCY_RT};
            if (history->transactions[from].ended < history->transactions[to].began)
                add_edge(graph, &edge);
        }
    }
}

/* --- the search ------------------------------------------------------------------------------ */

/*
 * Breadth first from `start` back to it. Returns the cycle's length, at most `longest`, with who
 * leads to whom in `ret_before`; 0: none.
 */
static uint32_t search(const struct graph *graph, uint32_t start, uint32_t longest, uint32_t *queue,
                       uint32_t *distance, uint32_t *ret_before)
{
    uint32_t count = graph->history->transaction_count;
    uint32_t first = 0, last = 0;
    memset(distance, 0, count * sizeof *distance);
    queue[last++] = start;
    while (first < last) {
        uint32_t at = queue[first++];
        for (uint32_t next = 0; next < count && distance[at] < longest; next++) {
            if (graph->edges[(size_t)at * count + next].kind == DEPENDENCY_NONE)
                continue;
            if (next != start && distance[next] != 0)
                continue;
            ret_before[next] = at;
            if (next == start)
                return distance[at] + 1;
            distance[next] = distance[at] + 1;
            queue[last++] = next;
        }
    }
    return 0;
}

static void tell_cycle(const struct graph *graph, uint32_t start, uint32_t length,
                       const uint32_t *before, struct dependency_edge *ret_edges)
{
    uint32_t to = start;
    for (uint32_t i = length; i-- > 0; to = before[to])
        ret_edges[i] = graph->edges[(size_t)before[to] * graph->history->transaction_count + to];
}

uint32_t dependency_cycle(const struct dependency_history *history, struct arena *arena,
                          struct dependency_edge ret_edges[DEPENDENCY_CYCLE_MAX])
{
    uint32_t count = history->transaction_count;
    if (count == 0 || count > DEPENDENCY_TRANSACTIONS_MAX)
        return 0;
    struct graph graph = {
        .history = history,
        .edges = ARENA_ARRAY(arena, struct dependency_edge, (size_t)count * count),
        .versions = ARENA_ARRAY(arena, struct version, count),
    };
    for (uint32_t table = 0; table < PLAN_TABLES; table++)
        for (uint32_t key = 0; key < PLAN_KEYS; key++)
            add_key(&graph, table, key);
    add_real_time(&graph);
    uint32_t *queue = ARENA_ARRAY(arena, uint32_t, count);
    uint32_t *distance = ARENA_ARRAY(arena, uint32_t, count);
    uint32_t *before = ARENA_ARRAY(arena, uint32_t, count);
    uint32_t shortest = 0, longest = DEPENDENCY_CYCLE_MAX;
    for (uint32_t start = 0; start < count; start++) {
        uint32_t length = search(&graph, start, longest, queue, distance, before);
        if (length == 0)
            continue;
        tell_cycle(&graph, start, length, before, ret_edges);
        shortest = length;
        longest = length - 1;
    }
    return shortest;
}
