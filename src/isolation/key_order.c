/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/key_order.h"

#include "isolation/lookup.h"

/* A transaction that read or wrote a key: the first version that it knew, and the last. */
struct touch {
    uint32_t transaction, key, first, last;
    uint32_t operation;
    bool reads_and_writes;
};

struct touches {
    const struct versions *versions;
    struct touch *touches;
    uint32_t count;
    struct lookup by; /* transaction, key: its touch */
};

static void touch_key(struct touches *touches, uint32_t transaction, uint32_t key, uint32_t version,
                      uint32_t operation, bool writes)
{
    uint32_t at = lookup_get(&touches->by, transaction, key);
    if (at == LOOKUP_NONE) {
        lookup_set(&touches->by, transaction, key, touches->count);
        touches->touches[touches->count++] =
            (struct touch){transaction, key, version, version, operation, false};
        return;
    }
    touches->touches[at].last = version;
    touches->touches[at].reads_and_writes |= writes;
}

/* Reads come first: a transaction's own version is none that it could have read before. */
static void find_touches(struct touches *touches, struct arena *arena)
{
    const struct versions *versions = touches->versions;
    uint32_t room = versions->plain_count + versions->version_count;
    touches->touches = ARENA_ARRAY(arena, struct touch, room);
    lookup_init(&touches->by, room, arena);
    for (uint32_t i = 0; i < versions->plain_count; i++) {
        const struct cell *cell = &versions->cells[i];
        if (!cell->is_predicate && cell->candidate_count == 1)
            touch_key(touches, cell->transaction, cell->key, cell->candidates[0], cell->operation,
                      false);
    }
    for (uint32_t key = 0; key < versions->history->key_count; key++)
        for (uint32_t i = 1; i < versions->keys[key].count; i++)
            touch_key(touches, versions->keys[key].versions[i].transaction, key, i,
                      versions->keys[key].versions[i].operation, true);
}

static bool comes_before(const struct isolation_history *history, uint32_t one, uint32_t other)
{
    const struct isolation_transaction *first = &history->transactions[one];
    const struct isolation_transaction *second = &history->transactions[other];
    return first->ended < second->began &&
           ((history->key_orders & ISOLATION_KEYS_LINEARIZABLE) != 0 ||
            ((history->key_orders & ISOLATION_KEYS_SEQUENTIAL) != 0 &&
             first->session == second->session));
}

static void order_by_touches(const struct touches *touches, struct key_order *orders)
{
    const struct isolation_history *history = touches->versions->history;
    bool follow_reads = (history->key_orders & ISOLATION_KEYS_FOLLOW_READS) != 0;
    for (uint32_t i = 0; i < touches->count; i++) {
        const struct touch *one = &touches->touches[i];
        struct key_order *order = &orders[one->key];
        if (history->keys[one->key].is_list)
            continue;
        if (follow_reads && one->reads_and_writes && one->first != one->last)
            order->must[one->first * order->count + one->last] = 1;
        for (uint32_t j = 0; j < touches->count; j++) {
            const struct touch *other = &touches->touches[j];
            if (one->key == other->key && one->last != other->first &&
                comes_before(history, one->transaction, other->transaction))
                order->must[one->last * order->count + other->first] = 1;
        }
    }
}

static bool has_earlier(const struct key_order *order, const uint8_t *is_placed, uint32_t version)
{
    for (uint32_t other = 0; other < order->count; other++)
        if (!is_placed[other] && order->must[other * order->count + version] != 0)
            return true;
    return false;
}

/* Places, again and again, what nothing unplaced must come before; what was there comes first. */
static bool has_an_order(const struct key_order *order, struct arena *arena)
{
    uint8_t *is_placed = ARENA_ARRAY(arena, uint8_t, order->count);
    if (has_earlier(order, is_placed, 0))
        return false;
    uint32_t placed = 0;
    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        for (uint32_t version = 0; version < order->count; version++) {
            if (is_placed[version] || has_earlier(order, is_placed, version))
                continue;
            is_placed[version] = 1;
            placed++;
            goes_on = true;
        }
    }
    return placed == order->count;
}

static uint32_t first_touch_of(const struct touches *touches, uint32_t key)
{
    uint32_t at = 0;
    while (touches->touches[at].key != key)
        at++;
    return touches->touches[at].operation;
}

bool key_orders_find(const struct versions *versions, struct arena *arena,
                     struct key_order **ret_orders, struct isolation_finding *finding)
{
    const struct isolation_history *history = versions->history;
    *ret_orders = NULL;
    if (history->key_orders == 0)
        return true;
    struct touches touches = {.versions = versions};
    find_touches(&touches, arena);
    struct key_order *orders = ARENA_ARRAY(arena, struct key_order, history->key_count);
    for (uint32_t key = 0; key < history->key_count; key++) {
        uint32_t count = versions->keys[key].count;
        orders[key] = (struct key_order){count, ARENA_ARRAY(arena, uint8_t, (size_t)count * count)};
    }
    order_by_touches(&touches, orders);
    for (uint32_t key = 0; key < history->key_count; key++) {
        if (has_an_order(&orders[key], arena))
            continue;
        finding->anomaly = ISOLATION_ANOMALY_cyclic_versions;
        finding->operation = first_touch_of(&touches, key);
        return false;
    }
    *ret_orders = orders;
    return true;
}

bool key_order_permits(const struct key_order *order, const struct key_versions *key,
                       uint32_t position, uint32_t from)
{
    for (uint32_t at = position; at < key->count; at++)
        if (at != from && order->must[key->order[at] * order->count + key->order[from]] != 0)
            return false;
    return true;
}
