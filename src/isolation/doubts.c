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

static void settle(struct resolver *resolver, struct arena *arena)
{
    const struct isolation_history *history = resolver->history;
    look_at_writes(resolver, arena);
    bool goes_on = true;
    while (goes_on) {
        goes_on = false;
        for (size_t i = 0; i < history->operation_count; i++)
            if (resolver->transactions[history->operations[i].transaction].status ==
                ISOLATION_COMMITTED)
                goes_on |= see_what_was_read(resolver, &history->operations[i]);
    }
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
    if (is_in_doubt && reads_matter)
        settle(&resolver, arena);
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
