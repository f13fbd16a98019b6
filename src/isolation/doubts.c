/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/doubts.h"

#include "isolation/lookup.h"

struct resolver {
    const struct isolation_history *history;
    struct isolation_transaction *transactions;
    struct lookup written; /* key, value: who wrote it */
};

static void look_at_writes(struct resolver *resolver, struct arena *arena)
{
    const struct isolation_history *history = resolver->history;
    lookup_init(&resolver->written, history->operation_count, arena);
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *write = &history->operations[i];
        if ((write->kind == ISOLATION_WRITE && write->value != ISOLATION_NO_ROW) ||
            write->kind == ISOLATION_APPEND)
            lookup_set(&resolver->written, write->key, write->value, write->transaction);
    }
}

/* True: that settles a doubt. */
static bool see(const struct resolver *resolver, uint32_t key, int64_t value)
{
    uint32_t writer = lookup_get(&resolver->written, key, value);
    if (writer == LOOKUP_NONE || resolver->transactions[writer].status != ISOLATION_IN_DOUBT)
        return false;
    resolver->transactions[writer].status = ISOLATION_COMMITTED;
    return true;
}

static bool see_what_was_read(const struct resolver *resolver,
                              const struct isolation_operation *operation)
{
    bool settles = false;
    if (operation->kind == ISOLATION_READ)
        settles = see(resolver, operation->key, operation->value);
    if (operation->kind == ISOLATION_READ_LIST)
        for (uint32_t i = 0; i < operation->element_count; i++)
            settles |= see(resolver, operation->key, operation->elements[i]);
    if (operation->kind == ISOLATION_READ_WHERE)
        for (uint32_t i = 0; i < operation->row_count; i++)
            settles |= see(resolver, operation->rows[i].key, operation->rows[i].value);
    return settles;
}

static void mark_writer(const struct resolver *resolver, uint32_t key, int64_t value,
                        bool *may_matter)
{
    uint32_t writer = lookup_get(&resolver->written, key, value);
    if (writer != LOOKUP_NONE)
        may_matter[writer] = true;
}

static void settle(struct resolver *resolver)
{
    const struct isolation_history *history = resolver->history;
    bool goes_on = true;
    while (goes_on) {
        goes_on = false;
        for (size_t i = 0; i < history->operation_count; i++)
            if (resolver->transactions[history->operations[i].transaction].status ==
                ISOLATION_COMMITTED)
                goes_on |= see_what_was_read(resolver, &history->operations[i]);
    }
}

/* --- what nobody can have seen ---------------------------------------------------------------- */

/* A read, of whomever, that may tell of the write by what did not come. */
static bool may_be_missed(const struct isolation_history *history,
                          const struct isolation_operation *write)
{
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *read = &history->operations[i];
        if (read->kind < ISOLATION_READ_WHERE || write->key < read->where.first_key ||
            write->key > read->where.last_key)
            continue;
        if (read->kind != ISOLATION_READ_WHERE || write->value < read->where.at_least ||
            write->value > read->where.at_most)
            return true;
    }
    return false;
}

/* Those who are in doubt themselves may have seen others' work. */
static void look_at_doubtful_reads(const struct resolver *resolver, bool *may_matter)
{
    const struct isolation_history *history = resolver->history;
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *read = &history->operations[i];
        if (resolver->transactions[read->transaction].status != ISOLATION_IN_DOUBT)
            continue;
        if (read->kind == ISOLATION_READ)
            mark_writer(resolver, read->key, read->value, may_matter);
        for (uint32_t e = 0; read->kind == ISOLATION_READ_LIST && e < read->element_count; e++)
            mark_writer(resolver, read->key, read->elements[e], may_matter);
        for (uint32_t r = 0; read->kind == ISOLATION_READ_WHERE && r < read->row_count; r++)
            mark_writer(resolver, read->rows[r].key, read->rows[r].value, may_matter);
    }
}

/*
 * Whose work no read can have told of is as good as rolled back: without it there is less that
 * could be wrong.
 */
static void forget_unseen(struct resolver *resolver, struct arena *arena)
{
    const struct isolation_history *history = resolver->history;
    bool *may_matter = ARENA_ARRAY(arena, bool, history->transaction_count);
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *write = &history->operations[i];
        if (write->kind <= ISOLATION_APPEND && !may_matter[write->transaction] &&
            resolver->transactions[write->transaction].status == ISOLATION_IN_DOUBT)
            may_matter[write->transaction] =
                write->value == ISOLATION_NO_ROW ||
                (write->kind == ISOLATION_WRITE && may_be_missed(history, write));
    }
    look_at_doubtful_reads(resolver, may_matter);
    for (uint32_t i = 0; i < history->transaction_count; i++)
        if (resolver->transactions[i].status == ISOLATION_IN_DOUBT && !may_matter[i])
            resolver->transactions[i].status = ISOLATION_ABORTED;
}

bool doubts_resolve(const struct isolation_history *history, bool reads_matter, struct arena *arena,
                    struct isolation_transaction *ret_transactions, struct doubts *ret_doubts)
{
    struct resolver resolver = {.history = history, .transactions = ret_transactions};
    bool is_in_doubt = false;
    for (uint32_t i = 0; i < history->transaction_count; i++) {
        ret_transactions[i] = history->transactions[i];
        is_in_doubt |= ret_transactions[i].status == ISOLATION_IN_DOUBT;
    }
    if (is_in_doubt) {
        look_at_writes(&resolver, arena);
        if (reads_matter)
            settle(&resolver);
        forget_unseen(&resolver, arena);
    }
    *ret_doubts = (struct doubts){.count = 0};
    for (uint32_t i = 0; i < history->transaction_count; i++) {
        if (ret_transactions[i].status != ISOLATION_IN_DOUBT)
            continue;
        if (ret_doubts->count == DOUBTS_MAX)
            return false;
        ret_doubts->open[ret_doubts->count++] = i;
    }
    return true;
}
