/* SPDX-License-Identifier: Apache-2.0 */
/* Who depends on whom, for one choice of everything that a history leaves open. */
#ifndef ISOLATION_GRAPH_H
#define ISOLATION_GRAPH_H

#include "isolation/judge.h"

/* The kinds of edges that rules tell apart, a bit matrix each. */
enum graph_kind { GRAPH_WW, GRAPH_WR, GRAPH_RW_ITEM, GRAPH_RW_PREDICATE, GRAPH_RT, GRAPH_KINDS };

#define GRAPH_BIT(kind) (1u << (kind))

struct graph {
    uint32_t count; /* of transactions */
    uint32_t words; /* of 64 bits, a row */
    uint64_t *rows; /* [kind][from][word] */
    struct isolation_edge *edges;
    uint32_t edge_count, edge_max;
    uint64_t *scratch; /* three matrices, for checks */
    uint32_t *queue;   /* for searches */
};

/* `edge_max` edges at most, rt not counted: those are in the matrix only. */
void graph_init(struct graph *graph, uint32_t transactions, uint32_t edge_max, struct arena *arena);

void graph_add(struct graph *graph, const struct isolation_edge *edge);
void graph_add_real_time(struct graph *graph, uint32_t from, uint32_t to);

/* Where a choice began, to take it back. */
struct graph_mark {
    uint64_t *rows;
    uint32_t edge_count;
};

struct graph_mark graph_mark(const struct graph *graph, struct arena *arena);
void graph_remark(const struct graph *graph, struct graph_mark *mark); /* the same one, anew */
void graph_return(struct graph *graph, const struct graph_mark *mark);

/* The weakest of `rules` that the graph breaks, as one bit of enum isolation_rule; 0: none. */
uint32_t graph_broken_rule(const struct graph *graph, uint32_t rules);

/*
 * A shortest cycle that breaks `rule`, which is broken, into the finding, by its name. (cycle.c)
 */
void graph_tell_cycle(const struct graph *graph, uint32_t rules, uint32_t rule,
                      struct isolation_finding *finding);

static inline uint64_t *graph_row(const struct graph *graph, enum graph_kind kind, uint32_t from)
{
    return graph->rows + ((size_t)kind * graph->count + from) * graph->words;
}

static inline bool graph_has(const struct graph *graph, enum graph_kind kind, uint32_t from,
                             uint32_t to)
{
    return graph_row(graph, kind, from)[to / 64] >> to % 64 & 1u;
}

/* The kinds of edges in which no transaction may reach itself, with any number of each. */
static inline uint32_t graph_kinds_of(uint32_t rules, uint32_t rule)
{
    uint32_t kinds = GRAPH_BIT(GRAPH_WW);
    if (rules & (ISOLATION_REAL_TIME | ISOLATION_SESSIONS))
        kinds |= GRAPH_BIT(GRAPH_RT);
    if (rule != ISOLATION_G0)
        kinds |= GRAPH_BIT(GRAPH_WR);
    if (rule == ISOLATION_G2_ITEM || rule == ISOLATION_G2)
        kinds |= GRAPH_BIT(GRAPH_RW_ITEM);
    if (rule == ISOLATION_G2)
        kinds |= GRAPH_BIT(GRAPH_RW_PREDICATE);
    return kinds;
}

#endif
