/* SPDX-License-Identifier: Apache-2.0 */
/* The shortest cycle that breaks a rule, and what the field calls it. */
#include "isolation/graph.h"

#include <string.h>

/*
 * A search walks over transactions, each twice where two rw must not follow one another: `state` is
 * the transaction, plus their number when an rw has led to it.
 */
struct walk {
    const struct graph *graph;
    uint32_t plain; /* kinds of edges that may always be taken */
    uint32_t anti;  /* kinds that may be taken where no rw has led to */
    uint32_t *queue, *before;
    uint32_t longest;
};

static const uint32_t unseen = UINT32_MAX;

static uint32_t transaction_of(const struct walk *walk, uint32_t state)
{
    return state < walk->graph->count ? state : state - walk->graph->count;
}

static bool leads(const struct graph *graph, uint32_t kinds, uint32_t from, uint32_t to)
{
    for (uint32_t kind = 0; kind < GRAPH_KINDS; kind++)
        if (kinds >> kind & 1u && graph_has(graph, (enum graph_kind)kind, from, to))
            return true;
    return false;
}

static uint32_t length_to(const uint32_t *before, uint32_t state, uint32_t start)
{
    uint32_t length = 0;
    do {
        state = before[state];
        length++;
    } while (state != start);
    return length;
}

static uint64_t row_word(const struct graph *graph, uint32_t kinds, uint32_t from, uint32_t word)
{
    uint64_t bits = 0;
    for (uint32_t kind = 0; kind < GRAPH_KINDS; kind++)
        if (kinds >> kind & 1u)
            bits |= graph_row(graph, (enum graph_kind)kind, from)[word];
    return bits;
}

/* States that `at` leads to and that are new go to the queue. True: `end` is among them. */
static bool spread(const struct walk *walk, uint32_t at, uint32_t add, uint32_t word, uint64_t bits,
                   uint32_t end, uint32_t *last)
{
    for (; bits != 0; bits &= bits - 1) {
        uint32_t to = word * 64 + (uint32_t)__builtin_ctzll(bits);
        if (walk->before[to + add] != unseen)
            continue;
        walk->before[to + add] = at;
        walk->queue[(*last)++] = to + add;
        if (to == end)
            return true;
    }
    return false;
}

/*
 * Breadth first from `start`, which no rw has led to, to the transaction `end`. The last state, or
 * unseen.
 */
static uint32_t search(const struct walk *walk, uint32_t start, uint32_t end)
{
    uint32_t count = walk->graph->count, first = 0, last = 0;
    for (uint32_t i = 0; i < 2 * count; i++)
        walk->before[i] = unseen;
    walk->queue[last++] = start;
    while (first < last) {
        uint32_t at = walk->queue[first++], from = transaction_of(walk, at);
        /* What closes the cycle is followed by what begins it, which is no rw. */
        bool may_anti = at < count && at != start;
        for (uint32_t word = 0; word < walk->graph->words; word++) {
            uint64_t plain = row_word(walk->graph, walk->plain, from, word);
            uint64_t anti = may_anti ? row_word(walk->graph, walk->anti, from, word) & ~plain : 0;
            if (spread(walk, at, 0, word, plain, end, &last) ||
                spread(walk, at, count, word, anti, end, &last))
                return walk->queue[last - 1];
        }
    }
    return unseen;
}

/* --- edges ------------------------------------------------------------------------------------ */

/* What tells most first. */
static enum graph_kind kind_between(const struct graph *graph, uint32_t kinds, uint32_t from,
                                    uint32_t to)
{
    uint32_t kind = 0;
    while (!(kinds >> kind & 1u) || !graph_has(graph, (enum graph_kind)kind, from, to))
        kind++;
    return (enum graph_kind)kind;
}

static bool is_of_kind(const struct isolation_edge *edge, enum graph_kind kind)
{
    return kind == GRAPH_WW        ? edge->kind == ISOLATION_WW
           : kind == GRAPH_WR      ? edge->kind == ISOLATION_WR
           : kind == GRAPH_RW_ITEM ? edge->kind == ISOLATION_RW && !edge->is_predicate
                                   : edge->kind == ISOLATION_RW && edge->is_predicate;
}

static struct isolation_edge edge_between(const struct graph *graph, uint32_t kinds, uint32_t from,
                                          uint32_t to)
{
    enum graph_kind kind = kind_between(graph, kinds, from, to);
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct isolation_edge *edge = &graph->edges[i];
        if (edge->from == from && edge->to == to && is_of_kind(edge, kind))
            return *edge;
    }
    return (struct isolation_edge){.from = from,
                                   .to = to,
                                   .kind = ISOLATION_RT,
                                   .from_operation = UINT32_MAX,
                                   .to_operation = UINT32_MAX};
}

/* The way to the state `last`, as the cycle's edges. */
static void keep_way(const struct walk *walk, uint32_t last, uint32_t length,
                     struct isolation_finding *finding)
{
    finding->length = length;
    uint32_t to = last;
    for (uint32_t i = length; i-- > 0; to = walk->before[to]) {
        uint32_t from = walk->before[to];
        uint32_t kinds = to < walk->graph->count ? walk->plain : walk->anti;
        finding->cycle[i] =
            edge_between(walk->graph, kinds, transaction_of(walk, from), transaction_of(walk, to));
    }
}

/* --- the shortest ----------------------------------------------------------------------------- */

static void try_from_everybody(struct walk *walk, struct isolation_finding *finding)
{
    for (uint32_t start = 0; start < walk->graph->count; start++) {
        uint32_t last = search(walk, start, start);
        if (last == unseen)
            continue;
        uint32_t length = length_to(walk->before, last, start);
        if (length > walk->longest)
            continue;
        keep_way(walk, last, length, finding);
        walk->longest = length - 1;
    }
}

/* One rw from here, and the way back without any. */
static void try_one_anti(struct walk *walk, struct isolation_finding *finding)
{
    uint32_t anti = GRAPH_BIT(GRAPH_RW_ITEM) | GRAPH_BIT(GRAPH_RW_PREDICATE);
    for (uint32_t from = 0; from < walk->graph->count; from++) {
        for (uint32_t to = 0; to < walk->graph->count; to++) {
            if (!leads(walk->graph, anti, from, to))
                continue;
            uint32_t last = search(walk, to, from);
            uint32_t length = last == unseen ? UINT32_MAX : length_to(walk->before, last, to) + 1;
            if (length > walk->longest)
                continue;
            keep_way(walk, last, length - 1, finding);
            memmove(finding->cycle + 1, finding->cycle, (length - 1) * sizeof *finding->cycle);
            finding->cycle[0] = edge_between(walk->graph, anti, from, to);
            finding->length = length;
            walk->longest = length - 1;
        }
    }
}

/* --- names ------------------------------------------------------------------------------------ */

static bool are_two(const struct isolation_finding *finding, enum isolation_dependency first,
                    enum isolation_dependency second)
{
    return finding->length == 2 && finding->cycle[0].kind == first &&
           finding->cycle[1].kind == second;
}

static uint32_t count_of(const struct isolation_finding *finding, enum isolation_dependency kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < finding->length; i++)
        count += finding->cycle[i].kind == kind;
    return count;
}

static enum isolation_anomaly name_single(const struct isolation_finding *finding)
{
    bool same_key = finding->length == 2 && finding->cycle[0].key == finding->cycle[1].key;
    if (same_key && are_two(finding, ISOLATION_RW, ISOLATION_WW))
        return ISOLATION_ANOMALY_lost_update;
    if (same_key && are_two(finding, ISOLATION_RW, ISOLATION_WR))
        return ISOLATION_ANOMALY_unrepeatable;
    if (count_of(finding, ISOLATION_RT) > 0)
        return ISOLATION_ANOMALY_stale_read;
    return ISOLATION_ANOMALY_read_skew;
}

/* A cycle of rules in which an rw is one edge among others may have but one of them. */
static enum isolation_anomaly name(uint32_t rule, const struct isolation_finding *finding)
{
    switch (rule) {
    case ISOLATION_G0:
        return ISOLATION_ANOMALY_dirty_write;
    case ISOLATION_G1:
        return ISOLATION_ANOMALY_circular;
    case ISOLATION_G_NONADJACENT:
        if (count_of(finding, ISOLATION_RW) > 1)
            return ISOLATION_ANOMALY_long_fork;
        return name_single(finding);
    case ISOLATION_G2_ITEM:
        if (are_two(finding, ISOLATION_RW, ISOLATION_RW))
            return ISOLATION_ANOMALY_write_skew;
        if (count_of(finding, ISOLATION_RW) == 1)
            return name_single(finding);
        return ISOLATION_ANOMALY_item_cycle;
    case ISOLATION_G2:
        return ISOLATION_ANOMALY_phantom;
    default:
        return name_single(finding);
    }
}

/* With one rw, that comes first: who reads is whose view it is. */
static void begin_with_anti(struct isolation_finding *finding)
{
    struct isolation_edge turned[ISOLATION_CYCLE_MAX];
    uint32_t first = 0;
    while (first < finding->length && finding->cycle[first].kind != ISOLATION_RW)
        first++;
    for (uint32_t i = 0; first < finding->length && i < finding->length; i++)
        turned[i] = finding->cycle[(first + i) % finding->length];
    if (first < finding->length)
        memcpy(finding->cycle, turned, finding->length * sizeof *turned);
}

/* The last read that is part of the cycle. */
static size_t closing_operation(const struct isolation_finding *finding)
{
    size_t last = SIZE_MAX;
    for (uint32_t i = 0; i < finding->length; i++) {
        const struct isolation_edge *edge = &finding->cycle[i];
        size_t at = edge->kind == ISOLATION_RW   ? edge->from_operation
                    : edge->kind == ISOLATION_WR ? edge->to_operation
                                                 : SIZE_MAX;
        if (at != SIZE_MAX && (last == SIZE_MAX || at > last))
            last = at;
    }
    return last;
}

void graph_tell_cycle(const struct graph *graph, uint32_t rules, uint32_t rule,
                      struct isolation_finding *finding)
{
    struct walk walk = {
        .graph = graph,
        .plain = graph_kinds_of(rules, rule),
        .queue = graph->queue,
        .before = graph->queue + 2 * (size_t)graph->count + 1,
        .longest = ISOLATION_CYCLE_MAX,
    };
    finding->length = 0;
    if (rule == ISOLATION_G_NONADJACENT)
        walk.anti = GRAPH_BIT(GRAPH_RW_ITEM) | GRAPH_BIT(GRAPH_RW_PREDICATE);
    if (rule == ISOLATION_G_SINGLE)
        try_one_anti(&walk, finding);
    else
        try_from_everybody(&walk, finding);
    begin_with_anti(finding);
    finding->anomaly = name(rule, finding);
    finding->needs_real_time = count_of(finding, ISOLATION_RT) > 0;
    finding->operation = closing_operation(finding);
    finding->writer = UINT32_MAX;
}
