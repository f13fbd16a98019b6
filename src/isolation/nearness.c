/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/nearness.h"

/* By bits of a word. */
enum { TRANSACTIONS_MAX = 64 };

/* Who is reached, by the set of kinds of edges that lead there. */
struct reached {
    uint64_t by_kinds[ISOLATION_KIND_SETS];
};

_Static_assert((int)ISOLATION_KIND_SETS == (int)GRAPH_BIT(GRAPH_RT),
               "a set is of all kinds but real time");

/* Neither of them had ended before the other began. */
static bool are_side_by_side(const struct isolation_transaction *one,
                             const struct isolation_transaction *other)
{
    return one->began <= other->ended && other->began <= one->ended;
}

static uint64_t find_beside(const struct isolation_history *history, uint32_t transaction)
{
    uint64_t beside = 0;
    for (uint32_t other = 0; other < history->transaction_count; other++)
        if (other != transaction &&
            are_side_by_side(&history->transactions[transaction], &history->transactions[other]))
            beside |= UINT64_C(1) << other;
    return beside;
}

static void add_next(const struct graph *graph, uint64_t from, uint32_t kinds, uint64_t seen,
                     struct reached *next)
{
    for (; from != 0; from &= from - 1)
        for (uint32_t kind = 0; kind < GRAPH_RT; kind++)
            next->by_kinds[kinds | GRAPH_BIT(kind)] |=
                *graph_row(graph, (enum graph_kind)kind, (uint32_t)__builtin_ctzll(from)) & ~seen;
}

/* One edge further than `ends`, to those who have not been reached yet. */
static struct reached go_on(const struct graph *graph, const struct reached *ends, uint64_t *seen)
{
    struct reached next = {0};
    for (uint32_t kinds = 0; kinds < ISOLATION_KIND_SETS; kinds++)
        add_next(graph, ends->by_kinds[kinds], kinds, *seen, &next);
    for (uint32_t kinds = 0; kinds < ISOLATION_KIND_SETS; kinds++)
        *seen |= next.by_kinds[kinds];
    return next;
}

static void find_chains_from(const struct graph *graph, uint32_t transaction, uint64_t beside,
                             struct isolation_nearness *near)
{
    uint64_t seen = UINT64_C(1) << transaction;
    struct reached ends = {{seen}};
    for (uint32_t length = 0; length < ISOLATION_CHAIN_MAX; length++) {
        ends = go_on(graph, &ends, &seen);
        for (uint32_t kinds = 1; kinds < ISOLATION_KIND_SETS; kinds++)
            if ((ends.by_kinds[kinds] & beside) != 0)
                near->chains |= UINT64_C(1) << (length * ISOLATION_KIND_SETS + kinds);
    }
}

static void find_permitted_cycle(const struct graph *graph, uint32_t rules,
                                 struct isolation_nearness *near)
{
    const uint32_t all = isolation_levels[ISOLATION_LEVEL_serializable].forbids |
                         (rules & (ISOLATION_REAL_TIME | ISOLATION_SESSIONS));
    struct isolation_finding finding;
    uint32_t rule = (all & ~rules) == 0 ? 0 : graph_broken_rule(graph, all);
    if (rule == 0)
        return;
    graph_tell_cycle(graph, all, rule, &finding);
    near->anomaly = (uint8_t)finding.anomaly;
    near->length = (uint8_t)finding.length;
}

struct isolation_nearness nearness_find(const struct isolation_history *history,
                                        const struct graph *graph, uint32_t rules)
{
    struct isolation_nearness near = {0};
    if (graph->count > TRANSACTIONS_MAX || graph->edge_count == 0)
        return near;
    for (uint32_t from = 0; from < graph->count; from++) {
        uint64_t beside = find_beside(history, from);
        if (beside != 0)
            find_chains_from(graph, from, beside, &near);
    }
    find_permitted_cycle(graph, rules, &near);
    return near;
}
