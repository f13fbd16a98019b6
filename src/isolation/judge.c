/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A search over what the history leaves open: who of those in doubt committed, the order of
 * versions, which versions reads have seen. A choice that breaks a rule is taken back at once, as
 * more edges never mend a graph.
 */
#include "isolation/judge.h"

#include "isolation/doubts.h"
#include "isolation/graph.h"
#include "isolation/key_order.h"
#include "isolation/nearness.h"
#include "isolation/replay.h"
#include "isolation/versions.h"

const char *const isolation_dependency_names[] = {"ww", "wr", "rw", "rt"};

static const struct isolation_finding nothing_found = {.operation = SIZE_MAX, .writer = UINT32_MAX};

struct search {
    const struct isolation_history *history;
    struct arena *arena;
    uint32_t rules, effort;
    struct versions versions;
    struct key_order *key_orders; /* by key; NULL: nothing else is known of them */
    struct graph graph;
    uint32_t *open_keys, open_key_count;
    uint32_t *cells_of, *next_cell; /* by key and by cell: plain ones, from 1; 0: no more */
    struct graph_mark *marks;       /* by depth */
    uint32_t depth;
    bool is_spent;
    uint32_t told_rule; /* the strongest that a choice broke so far, of which the finding tells */
    struct isolation_finding *finding;
};

/* --- choices ---------------------------------------------------------------------------------- */

static bool permits(struct search *search)
{
    if (search->effort == 0) {
        search->is_spent = true;
        return false;
    }
    search->effort--;
    uint32_t rule = graph_broken_rule(&search->graph, search->rules);
    if (rule > search->told_rule) {
        search->told_rule = rule;
        graph_tell_cycle(&search->graph, search->rules, rule, search->finding);
    }
    return rule == 0;
}

static void begin_choice(struct search *search)
{
    struct graph_mark *mark = &search->marks[search->depth++];
    if (mark->rows == NULL)
        *mark = graph_mark(&search->graph, search->arena);
    else
        graph_remark(&search->graph, mark);
}

static void take_back(struct search *search)
{
    graph_return(&search->graph, &search->marks[--search->depth]);
}

/* --- edges ------------------------------------------------------------------------------------ */

static void add_read_edge(struct search *search, const struct cell *cell)
{
    const struct version *version = &search->versions.keys[cell->key].versions[cell->chosen];
    if (version->transaction == VERSION_NOBODY)
        return;
    graph_add(&search->graph, &(struct isolation_edge){.from = version->transaction,
                                                       .to = cell->transaction,
                                                       .kind = ISOLATION_WR,
                                                       .key = cell->key,
                                                       .from_operation = version->operation,
                                                       .to_operation = cell->operation});
}

static void add_anti_edge(struct search *search, const struct cell *cell,
                          const struct version *next)
{
    graph_add(&search->graph, &(struct isolation_edge){.from = cell->transaction,
                                                       .to = next->transaction,
                                                       .kind = ISOLATION_RW,
                                                       .is_predicate = cell->is_predicate,
                                                       .key = cell->key,
                                                       .from_operation = cell->operation,
                                                       .to_operation = next->operation});
}

/* The version at `position` follows those before: who wrote and who read the last one knows now. */
static void place_version(struct search *search, uint32_t number, uint32_t position)
{
    const struct key_versions *key = &search->versions.keys[number];
    const struct version *version = &key->versions[key->order[position]];
    key->rank[key->order[position]] = position;
    uint32_t before = key->order[position - 1];
    const struct version *older = &key->versions[before];
    if (older->transaction != VERSION_NOBODY)
        graph_add(&search->graph, &(struct isolation_edge){.from = older->transaction,
                                                           .to = version->transaction,
                                                           .kind = ISOLATION_WW,
                                                           .key = number,
                                                           .from_operation = older->operation,
                                                           .to_operation = version->operation});
    for (uint32_t at = search->cells_of[number]; at != 0; at = search->next_cell[at - 1]) {
        const struct cell *cell = &search->versions.cells[at - 1];
        if (cell->chosen == before)
            add_anti_edge(search, cell, version);
    }
}

/* Once all versions have their places. */
static void add_chosen(struct search *search, const struct cell *cell)
{
    const struct key_versions *key = &search->versions.keys[cell->key];
    add_read_edge(search, cell);
    uint32_t position = key->rank[cell->chosen] + 1;
    if (position < key->count)
        add_anti_edge(search, cell, &key->versions[key->order[position]]);
}

/* --- what counts and sums saw ----------------------------------------------------------------- */

struct tally {
    int64_t count, sum;
};

static bool fits(const struct isolation_operation *read, const struct tally *tally)
{
    if (read->kind == ISOLATION_COUNT)
        return tally->count == read->value;
    return tally->count == 0 ? read->value == ISOLATION_NO_ROW
                             : read->value != ISOLATION_NO_ROW && tally->sum == read->value;
}

static bool choose_aggregates(struct search *search, uint32_t number, uint32_t at,
                              struct tally tally)
{
    if (number == search->versions.aggregate_count)
        return true;
    const struct aggregate *aggregate = &search->versions.aggregates[number];
    const struct isolation_operation *read = &search->history->operations[aggregate->operation];
    if (at == 0)
        tally = (struct tally){aggregate->own_count, aggregate->own_sum};
    if (at == aggregate->cell_count)
        return fits(read, &tally) && choose_aggregates(search, number + 1, 0, (struct tally){0});
    int64_t left = aggregate->cell_count - at;
    if (read->kind == ISOLATION_COUNT &&
        (tally.count > read->value || tally.count + left < read->value))
        return false;
    struct cell *cell = &search->versions.cells[aggregate->first_cell + at];
    const struct key_versions *key = &search->versions.keys[cell->key];
    for (uint32_t i = 0; i < cell->candidate_count && !search->is_spent; i++) {
        const struct version *version = &key->versions[cell->candidates[i]];
        bool holds = where_holds(&read->where, version->value);
        struct tally more = {tally.count + holds, tally.sum + (holds ? version->value : 0)};
        cell->chosen = cell->candidates[i];
        begin_choice(search);
        add_chosen(search, cell);
        if (permits(search) && choose_aggregates(search, number, at + 1, more))
            return true;
        take_back(search);
    }
    return false;
}

/* --- what other reads saw --------------------------------------------------------------------- */

static bool choose_cells(struct search *search, uint32_t at)
{
    while (at < search->versions.plain_count && search->versions.cells[at].chosen != VERSION_NOBODY)
        at++;
    if (at == search->versions.plain_count)
        return choose_aggregates(search, 0, 0, (struct tally){0});
    struct cell *cell = &search->versions.cells[at];
    for (uint32_t i = 0; i < cell->candidate_count && !search->is_spent; i++) {
        cell->chosen = cell->candidates[i];
        begin_choice(search);
        add_chosen(search, cell);
        if (permits(search) && choose_cells(search, at + 1))
            return true;
        take_back(search);
    }
    cell->chosen = VERSION_NOBODY;
    return false;
}

/* --- orders of versions ----------------------------------------------------------------------- */

static uint32_t run_length(const struct key_versions *key, uint32_t position)
{
    uint32_t transaction = key->versions[key->order[position]].transaction, length = 1;
    while (position + length < key->count &&
           key->versions[key->order[position + length]].transaction == transaction)
        length++;
    return length;
}

/* Moves the `length` versions at `from` to `to`, which is before or after them. */
static void move_run(struct key_versions *key, uint32_t from, uint32_t length, uint32_t to)
{
    for (uint32_t i = 0; i < length; i++) {
        uint32_t at = from < to ? from : from + i, end = from < to ? to + length - 1 : to + i;
        uint32_t version = key->order[at];
        for (; at < end; at++)
            key->order[at] = key->order[at + 1];
        for (; at > end; at--)
            key->order[at] = key->order[at - 1];
        key->order[at] = version;
    }
}

/* Each run that has no place yet comes next, in turns. */
static bool order_key(struct search *search, uint32_t open, uint32_t position)
{
    if (open == search->open_key_count)
        return choose_cells(search, 0);
    uint32_t number = search->open_keys[open];
    struct key_versions *key = &search->versions.keys[number];
    if (position == key->count)
        return order_key(search, open + 1,
                         open + 1 == search->open_key_count
                             ? 0
                             : search->versions.keys[search->open_keys[open + 1]].ordered);
    for (uint32_t from = position; from < key->count && !search->is_spent;) {
        uint32_t length = run_length(key, from);
        if (search->key_orders != NULL &&
            !key_order_permits(&search->key_orders[number], key, position, from)) {
            from += length;
            continue;
        }
        move_run(key, from, length, position);
        begin_choice(search);
        for (uint32_t i = 0; i < length; i++)
            place_version(search, number, position + i);
        if (permits(search) && order_key(search, open, position + length))
            return true;
        take_back(search);
        move_run(key, position, length, from);
        from += length;
    }
    return false;
}

/* --- what is not open ------------------------------------------------------------------------- */

static void link_cells(struct search *search)
{
    for (uint32_t i = search->versions.plain_count; i-- > 0;) {
        struct cell *cell = &search->versions.cells[i];
        search->next_cell[i] = search->cells_of[cell->key];
        search->cells_of[cell->key] = i + 1;
        cell->chosen = cell->candidate_count == 1 ? cell->candidates[0] : VERSION_NOBODY;
        if (cell->candidate_count == 1)
            add_read_edge(search, cell);
    }
}

static void place_what_is_ordered(struct search *search)
{
    search->open_key_count = 0;
    for (uint32_t number = 0; number < search->history->key_count; number++) {
        struct key_versions *key = &search->versions.keys[number];
        for (uint32_t position = 1; position < key->ordered; position++)
            place_version(search, number, position);
        if (key->ordered < key->count)
            search->open_keys[search->open_key_count++] = number;
    }
}

static bool counts(const struct search *search, uint32_t transaction)
{
    return search->history->transactions[transaction].status == ISOLATION_COMMITTED;
}

static void add_real_time(struct search *search)
{
    const struct isolation_history *history = search->history;
    for (uint32_t from = 0; from < history->transaction_count; from++)
        for (uint32_t to = 0; to < history->transaction_count; to++)
            if (counts(search, from) && counts(search, to) &&
                history->transactions[from].ended < history->transactions[to].began &&
                ((search->rules & ISOLATION_REAL_TIME) != 0 ||
                 history->transactions[from].session == history->transactions[to].session))
                graph_add_real_time(&search->graph, from, to);
}

/* --- one set of rules ------------------------------------------------------------------------- */

static void make_room(struct search *search)
{
    const struct versions *versions = &search->versions;
    struct arena *arena = search->arena;
    uint32_t transactions = search->history->transaction_count;
    graph_init(&search->graph, transactions, versions->version_count + 2 * versions->cell_count,
               arena);
    search->open_keys = ARENA_ARRAY(arena, uint32_t, search->history->key_count);
    search->cells_of = ARENA_ARRAY(arena, uint32_t, search->history->key_count);
    search->next_cell = ARENA_ARRAY(arena, uint32_t, versions->cell_count);
    search->marks =
        ARENA_ARRAY(arena, struct graph_mark, versions->version_count + versions->cell_count);
}

static bool search_all(struct search *search)
{
    link_cells(search);
    place_what_is_ordered(search);
    if (search->rules & (ISOLATION_REAL_TIME | ISOLATION_SESSIONS))
        add_real_time(search);
    return permits(search) && order_key(search, 0,
                                        search->open_key_count == 0
                                            ? 0
                                            : search->versions.keys[search->open_keys[0]].ordered);
}

/* True: some choice breaks none of `rules`, or nothing can be said. Nobody is in doubt. */
static bool judge_rules(const struct isolation_history *history, uint32_t rules, uint32_t effort,
                        struct arena *arena, struct isolation_finding *finding)
{
    struct search search = {
        .history = history, .arena = arena, .rules = rules, .effort = effort, .finding = finding};
    *finding = nothing_found;
    if (!versions_find(history, rules, arena, &search.versions, finding) ||
        !key_orders_find(&search.versions, arena, &search.key_orders, finding))
        return false;
    make_room(&search);
    bool is_permitted = search_all(&search);
    if (is_permitted || search.is_spent) {
        *finding = nothing_found;
        finding->is_bounded = search.is_spent;
        if (is_permitted)
            finding->near = nearness_find(history, &search.graph, rules);
        return true;
    }
    if (finding->anomaly == ISOLATION_ANOMALY_none)
        finding->anomaly = ISOLATION_ANOMALY_nowhere; /* a count or a sum that fits nothing */
    return false;
}

/* --- who of those in doubt committed ---------------------------------------------------------- */

/*
 * True: with some choice of those `doubts` who committed, the rules are kept, or nothing can be
 * said. `transactions` are those of the history, the finding is that of the first choice.
 */
static bool judge_doubts(const struct isolation_history *history,
                         struct isolation_transaction *transactions, const struct doubts *doubts,
                         uint32_t rules, uint32_t effort, struct arena *arena,
                         struct isolation_finding *finding)
{
    for (uint32_t chosen = 0; chosen < 1u << doubts->count; chosen++) {
        struct isolation_finding other;
        for (uint32_t i = 0; i < doubts->count; i++)
            transactions[doubts->open[i]].status =
                chosen >> i & 1u ? ISOLATION_COMMITTED : ISOLATION_ABORTED;
        if (judge_rules(history, rules, effort, arena, chosen == 0 ? finding : &other)) {
            if (chosen != 0)
                *finding = other;
            return true;
        }
    }
    return false;
}

/* The weakest rules that no choice keeps, as each one alone is forbidden with those before it. */
static void find_weakest(const struct isolation_history *history,
                         struct isolation_transaction *transactions, const struct doubts *doubts,
                         uint32_t rules, uint32_t effort, struct arena *arena,
                         struct isolation_finding *finding)
{
    struct isolation_finding whole = *finding;
    uint32_t times[] = {0, rules & (ISOLATION_REAL_TIME | ISOLATION_SESSIONS)};
    for (uint32_t time = 0; time < 2; time++) {
        for (uint32_t upto = ISOLATION_G0; upto <= ISOLATION_G2; upto <<= 1) {
            uint32_t weaker = (rules & (2 * upto - 1)) | times[time];
            if ((rules & upto) != 0 &&
                !judge_doubts(history, transactions, doubts, weaker, effort, arena, finding))
                return;
        }
    }
    *finding = whole;
}

bool isolation_judge(const struct isolation_history *history, uint32_t rules, uint32_t effort,
                     struct arena *arena, struct isolation_finding *ret_finding)
{
    *ret_finding = nothing_found;
    if (isolation_replays(history, arena))
        return true;
    struct isolation_history sure = *history;
    struct isolation_transaction *transactions =
        arena_alloc(arena, history->transaction_count * sizeof *transactions);
    sure.transactions = transactions;
    struct doubts doubts;
    if (history->transaction_count > ISOLATION_TRANSACTIONS_MAX ||
        !doubts_resolve(history, isolation_reads_matter(rules), arena, transactions, &doubts)) {
        ret_finding->is_bounded = true;
        return true;
    }
    if (judge_doubts(&sure, transactions, &doubts, rules, effort, arena, ret_finding))
        return true;
    find_weakest(&sure, transactions, &doubts, rules, effort, arena, ret_finding);
    return false;
}
