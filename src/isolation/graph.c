/* SPDX-License-Identifier: Apache-2.0 */
/* The matrices, and whether they break a rule: closures of unions of them. */
#include "isolation/graph.h"

#include <string.h>

static size_t matrix_words(const struct graph *graph)
{
    return (size_t)graph->count * graph->words;
}

void graph_init(struct graph *graph, uint32_t transactions, uint32_t edge_max, struct arena *arena)
{
    *graph = (struct graph){
        .count = transactions,
        .words = (transactions + 63) / 64,
        .edge_max = edge_max,
    };
    graph->rows = ARENA_ARRAY(arena, uint64_t, matrix_words(graph) * GRAPH_KINDS);
    graph->scratch = ARENA_ARRAY(arena, uint64_t, matrix_words(graph) * 3);
    graph->edges = arena_alloc(arena, edge_max * sizeof *graph->edges);
    graph->queue = arena_alloc(arena, (4 * (size_t)transactions + 1) * sizeof *graph->queue);
}

static void set(struct graph *graph, enum graph_kind kind, uint32_t from, uint32_t to)
{
    graph_row(graph, kind, from)[to / 64] |= UINT64_C(1) << to % 64;
}

void graph_add(struct graph *graph, const struct isolation_edge *edge)
{
    enum graph_kind kind = edge->kind == ISOLATION_WW   ? GRAPH_WW
                           : edge->kind == ISOLATION_WR ? GRAPH_WR
                           : edge->is_predicate         ? GRAPH_RW_PREDICATE
                                                        : GRAPH_RW_ITEM;
    if (edge->from == edge->to || graph_has(graph, kind, edge->from, edge->to))
        return;
    set(graph, kind, edge->from, edge->to);
    graph->edges[graph->edge_count++] = *edge;
}

void graph_add_real_time(struct graph *graph, uint32_t from, uint32_t to)
{
    set(graph, GRAPH_RT, from, to);
}

/* --- choices ---------------------------------------------------------------------------------- */

/* Real time is no matter of choice. */
static size_t marked_bytes(const struct graph *graph)
{
    return matrix_words(graph) * GRAPH_RT * sizeof *graph->rows;
}

struct graph_mark graph_mark(const struct graph *graph, struct arena *arena)
{
    struct graph_mark mark = {.rows = arena_alloc(arena, marked_bytes(graph))};
    graph_remark(graph, &mark);
    return mark;
}

void graph_remark(const struct graph *graph, struct graph_mark *mark)
{
    memcpy(mark->rows, graph->rows, marked_bytes(graph));
    mark->edge_count = graph->edge_count;
}

void graph_return(struct graph *graph, const struct graph_mark *mark)
{
    memcpy(graph->rows, mark->rows, marked_bytes(graph));
    graph->edge_count = mark->edge_count;
}

/* --- rules ------------------------------------------------------------------------------------ */

static void unite(const struct graph *graph, uint32_t kinds, uint64_t *ret_matrix)
{
    size_t words = matrix_words(graph);
    memset(ret_matrix, 0, words * sizeof *ret_matrix);
    for (uint32_t kind = 0; kind < GRAPH_KINDS; kind++) {
        const uint64_t *rows = graph->rows + kind * words;
        for (size_t i = 0; kinds >> kind & 1u && i < words; i++)
            ret_matrix[i] |= rows[i];
    }
}

/* Who reaches whom. */
static void close_over(const struct graph *graph, uint64_t *matrix)
{
    uint32_t words = graph->words;
    for (uint32_t via = 0; via < graph->count; via++) {
        const uint64_t *onward = matrix + (size_t)via * words;
        for (uint32_t from = 0; from < graph->count; from++) {
            uint64_t *row = matrix + (size_t)from * words;
            if (row[via / 64] >> via % 64 & 1u)
                for (uint32_t word = 0; word < words; word++)
                    row[word] |= onward[word];
        }
    }
}

static bool reaches(const struct graph *graph, const uint64_t *matrix, uint32_t from, uint32_t to)
{
    return matrix[(size_t)from * graph->words + to / 64] >> to % 64 & 1u;
}

static bool somebody_reaches_itself(const struct graph *graph, const uint64_t *closed)
{
    for (uint32_t i = 0; i < graph->count; i++)
        if (reaches(graph, closed, i, i))
            return true;
    return false;
}

/* `closed`: who reaches whom without rw. */
static bool one_rw_closes_a_cycle(const struct graph *graph, const uint64_t *closed)
{
    for (uint32_t from = 0; from < graph->count; from++) {
        const uint64_t *item = graph_row(graph, GRAPH_RW_ITEM, from);
        const uint64_t *predicate = graph_row(graph, GRAPH_RW_PREDICATE, from);
        for (uint32_t word = 0; word < graph->words; word++)
            for (uint64_t bits = item[word] | predicate[word]; bits != 0; bits &= bits - 1)
                if (reaches(graph, closed, word * 64 + (uint32_t)__builtin_ctzll(bits), from))
                    return true;
    }
    return false;
}

/* Each step is one edge without rw, and at most one rw after it. */
static bool cycle_without_adjacent_rw(const struct graph *graph, const uint64_t *plain)
{
    size_t words = matrix_words(graph);
    uint64_t *anti = graph->scratch + words, *steps = graph->scratch + 2 * words;
    unite(graph, GRAPH_BIT(GRAPH_RW_ITEM) | GRAPH_BIT(GRAPH_RW_PREDICATE), anti);
    memcpy(steps, plain, words * sizeof *steps);
    for (uint32_t from = 0; from < graph->count; from++)
        for (uint32_t via = 0; via < graph->count; via++)
            for (uint32_t word = 0; reaches(graph, plain, from, via) && word < graph->words; word++)
                steps[(size_t)from * graph->words + word] |=
                    anti[(size_t)via * graph->words + word];
    close_over(graph, steps);
    return somebody_reaches_itself(graph, steps);
}

static bool has_cycle(const struct graph *graph, uint32_t kinds)
{
    unite(graph, kinds, graph->scratch);
    close_over(graph, graph->scratch);
    return somebody_reaches_itself(graph, graph->scratch);
}

static bool breaks(const struct graph *graph, uint32_t rules, uint32_t rule)
{
    uint32_t kinds = graph_kinds_of(rules, rule);
    if (rule != ISOLATION_G_SINGLE && rule != ISOLATION_G_NONADJACENT)
        return has_cycle(graph, kinds);
    unite(graph, kinds, graph->scratch);
    if (rule == ISOLATION_G_NONADJACENT)
        return cycle_without_adjacent_rw(graph, graph->scratch);
    close_over(graph, graph->scratch);
    return one_rw_closes_a_cycle(graph, graph->scratch);
}

uint32_t graph_broken_rule(const struct graph *graph, uint32_t rules)
{
    uint32_t all = graph_kinds_of(rules, ISOLATION_G2);
    if ((rules & (ISOLATION_G_SINGLE | ISOLATION_G_NONADJACENT)) != 0)
        all |= GRAPH_BIT(GRAPH_RW_PREDICATE);
    if (!has_cycle(graph, all))
        return 0;
    for (uint32_t rule = ISOLATION_G0; rule <= ISOLATION_G2; rule <<= 1)
        if ((rules & rule) != 0 && breaks(graph, rules, rule))
            return rule;
    return 0;
}
