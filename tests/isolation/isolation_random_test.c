/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge of isolation levels against one that tries everything, over small random histories: the
 * same verdict at each level. Histories come from a store that runs transactions a step at a time,
 * and shows them snapshots, the newest commit, or anybody's work; some reads are then made wrong.
 *
 *     isolation_random_test [HISTORIES [SEED]]
 */
#include "base/random.h"
#include "brute_force.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OPERATIONS_MAX = 32, STEPS_MAX = 4, VALUES = 1000 };

struct store_key {
    int64_t value;
    int64_t elements[BRUTE_ELEMENTS_MAX];
    uint32_t element_count;
};

struct store {
    struct store_key keys[BRUTE_KEYS_MAX];
};

enum view { VIEW_SNAPSHOT, VIEW_COMMITTED, VIEW_DIRTY, VIEWS };

struct client {
    enum view view;
    bool has_begun;
    uint32_t steps_left;
    struct store snapshot, work; /* `work`: written keys, elements that were appended */
    bool wrote[BRUTE_KEYS_MAX];
};

struct maker {
    struct random random;
    uint64_t clock;
    int64_t next_value;
    struct store committed;
    struct client clients[BRUTE_TRANSACTIONS_MAX];
    struct isolation_transaction transactions[BRUTE_TRANSACTIONS_MAX];
    struct isolation_operation operations[OPERATIONS_MAX];
    struct isolation_row rows[OPERATIONS_MAX][BRUTE_KEYS_MAX];
    int64_t elements[OPERATIONS_MAX][BRUTE_ELEMENTS_MAX];
    struct isolation_key keys[BRUTE_KEYS_MAX];
    struct isolation_history history;
};

static uint32_t draw(struct maker *maker, uint32_t bound)
{
    return random_below(&maker->random, bound);
}

/* --- the store -------------------------------------------------------------------------------- */

static void put_work(const struct maker *maker, const struct client *client, struct store *store)
{
    for (uint32_t key = 0; key < maker->history.key_count; key++) {
        struct store_key *at = &store->keys[key];
        const struct store_key *work = &client->work.keys[key];
        if (!client->wrote[key])
            continue;
        at->value = work->value;
        for (uint32_t i = 0; i < work->element_count; i++)
            at->elements[at->element_count++] = work->elements[i];
    }
}

static struct store view_of(const struct maker *maker, uint32_t number)
{
    const struct client *client = &maker->clients[number];
    struct store view = client->view == VIEW_SNAPSHOT ? client->snapshot : maker->committed;
    for (uint32_t i = 0; client->view == VIEW_DIRTY && i < maker->history.transaction_count; i++)
        if (i != number && maker->clients[i].has_begun && maker->clients[i].steps_left > 0)
            put_work(maker, &maker->clients[i], &view);
    put_work(maker, client, &view);
    return view;
}

/* --- operations ------------------------------------------------------------------------------- */

static void write_key(struct maker *maker, struct client *client,
                      struct isolation_operation *operation)
{
    struct store_key *work = &client->work.keys[operation->key];
    client->wrote[operation->key] = true;
    if (maker->keys[operation->key].is_list) {
        operation->kind = ISOLATION_APPEND;
        operation->value = maker->next_value++;
        work->elements[work->element_count++] = operation->value;
        return;
    }
    operation->kind = ISOLATION_WRITE;
    operation->value = draw(maker, 4) == 0 ? ISOLATION_NO_ROW : maker->next_value++;
    work->value = operation->value;
}

static void read_key(struct maker *maker, const struct store *view, size_t index)
{
    struct isolation_operation *operation = &maker->operations[index];
    const struct store_key *key = &view->keys[operation->key];
    if (!maker->keys[operation->key].is_list) {
        operation->kind = ISOLATION_READ;
        operation->value = key->value;
        return;
    }
    operation->kind = ISOLATION_READ_LIST;
    operation->element_count = key->element_count;
    memcpy(maker->elements[index], key->elements, sizeof key->elements);
    operation->elements = maker->elements[index];
}

static void read_range(struct maker *maker, const struct store *view, size_t index)
{
    struct isolation_operation *operation = &maker->operations[index];
    operation->kind = (uint8_t)(ISOLATION_READ_WHERE + draw(maker, 3));
    operation->where.first_key = draw(maker, maker->history.key_count);
    operation->where.last_key = operation->where.first_key +
                                draw(maker, maker->history.key_count - operation->where.first_key);
    bool all = draw(maker, 2) == 0;
    operation->where.at_least = all ? INT64_MIN + 1 : draw(maker, 24);
    operation->where.at_most = all ? INT64_MAX : operation->where.at_least + draw(maker, 12);
    int64_t count = 0, sum = 0;
    for (uint32_t key = operation->where.first_key; key <= operation->where.last_key; key++) {
        int64_t value = view->keys[key].value;
        if (maker->keys[key].is_list || value == ISOLATION_NO_ROW ||
            value < operation->where.at_least || value > operation->where.at_most)
            continue;
        maker->rows[index][count++] = (struct isolation_row){key, value};
        sum += value;
    }
    operation->rows = maker->rows[index];
    operation->row_count = operation->kind == ISOLATION_READ_WHERE ? (uint32_t)count : 0;
    operation->value = operation->kind == ISOLATION_COUNT ? count
                       : count == 0                       ? ISOLATION_NO_ROW
                                                          : sum;
}

static void commit(struct maker *maker, uint32_t number)
{
    struct client *client = &maker->clients[number];
    struct isolation_transaction *transaction = &maker->transactions[number];
    uint32_t end = draw(maker, 10);
    transaction->status = end == 0   ? ISOLATION_ABORTED
                          : end == 1 ? ISOLATION_IN_DOUBT
                                     : ISOLATION_COMMITTED;
    transaction->ended = transaction->status == ISOLATION_IN_DOUBT ? ISOLATION_NEVER : maker->clock;
    for (size_t i = 0; i < maker->history.operation_count; i++)
        if (maker->operations[i].transaction == number)
            maker->operations[i].place = maker->clock;
    if (end > 1 || (end == 1 && draw(maker, 2) == 0))
        put_work(maker, client, &maker->committed);
}

static void step(struct maker *maker, uint32_t number)
{
    struct client *client = &maker->clients[number];
    if (!client->has_begun) {
        client->has_begun = true;
        client->snapshot = maker->committed;
        maker->transactions[number].began = maker->clock;
        maker->transactions[number].session = draw(maker, 2);
    }
    size_t index = maker->history.operation_count++;
    struct isolation_operation *operation = &maker->operations[index];
    *operation = (struct isolation_operation){.transaction = number,
                                              .key = draw(maker, maker->history.key_count),
                                              .step = (uint32_t)index,
                                              .place = UINT64_MAX};
    struct store view = view_of(maker, number);
    uint32_t kind = draw(maker, 5);
    if (kind < 2)
        write_key(maker, client, operation);
    else if (kind < 4)
        read_key(maker, &view, index);
    else
        read_range(maker, &view, index);
    maker->clock++;
    if (--client->steps_left == 0)
        commit(maker, number);
    maker->clock++;
}

/* --- what is wrong ---------------------------------------------------------------------------- */

static void spoil(struct maker *maker)
{
    if (maker->history.operation_count == 0)
        return;
    struct isolation_operation *operation =
        &maker->operations[draw(maker, (uint32_t)maker->history.operation_count)];
    const struct isolation_operation *other =
        &maker->operations[draw(maker, (uint32_t)maker->history.operation_count)];
    if (operation->kind == ISOLATION_READ && other->key == operation->key &&
        other->kind <= ISOLATION_READ && !maker->keys[other->key].is_list)
        operation->value = other->value;
    else if (operation->kind == ISOLATION_COUNT && draw(maker, 2) == 0)
        operation->value = draw(maker, 4);
    else if (operation->kind == ISOLATION_READ_LIST && operation->element_count > 0)
        operation->element_count -= 1 + draw(maker, operation->element_count);
}

static void make_history(struct maker *maker, uint64_t seed)
{
    memset(maker, 0, sizeof *maker);
    random_seed(&maker->random, seed);
    maker->next_value = 1;
    maker->history = (struct isolation_history){
        .transactions = maker->transactions,
        .operations = maker->operations,
        .keys = maker->keys,
        .transaction_count = 2 + draw(maker, BRUTE_TRANSACTIONS_MAX - 1),
        .key_count = 1 + draw(maker, BRUTE_KEYS_MAX),
        .order_is_known = draw(maker, 2) == 0,
    };
    for (uint32_t key = 0; key < maker->history.key_count; key++) {
        maker->keys[key].is_list = draw(maker, 4) == 0;
        maker->keys[key].initial = draw(maker, 3) == 0 ? ISOLATION_NO_ROW : VALUES + key;
        maker->committed.keys[key].value = maker->keys[key].initial;
    }
    uint32_t left = 0, views = draw(maker, VIEWS + 1);
    for (uint32_t i = 0; i < maker->history.transaction_count; i++) {
        maker->clients[i].steps_left = 2 + draw(maker, STEPS_MAX - 1);
        maker->clients[i].view = (enum view)(views < VIEWS ? views : draw(maker, VIEWS));
        left += maker->clients[i].steps_left;
    }
    bool in_turns = draw(maker, 4) == 0;
    for (uint32_t at = 0; left > 0; left--) {
        while (maker->clients[at].steps_left == 0 || (!in_turns && draw(maker, 3) == 0))
            at = (at + 1) % maker->history.transaction_count;
        step(maker, at);
    }
    for (uint32_t i = draw(maker, 4); i > 1; i--)
        spoil(maker);
}

/* --- the comparison --------------------------------------------------------------------------- */

static void print_history(const struct isolation_history *history)
{
    static const char *const kinds[] = {"w", "a", "r", "rl", "rw", "count", "sum"};
    static const char *const statuses[] = {"aborted", "committed", "in doubt"};
    for (uint32_t key = 0; key < history->key_count; key++)
        printf("key %u: %s, %lld\n", key, history->keys[key].is_list ? "list" : "register",
               (long long)history->keys[key].initial);
    for (uint32_t i = 0; i < history->transaction_count; i++)
        printf("T%u %s %llu-%llu\n", i, statuses[history->transactions[i].status],
               (unsigned long long)history->transactions[i].began,
               (unsigned long long)history->transactions[i].ended);
    for (size_t i = 0; i < history->operation_count; i++) {
        const struct isolation_operation *o = &history->operations[i];
        printf("%zu T%u %s k%u %lld place %llu where %u-%u %lld-%lld:", i, o->transaction,
               kinds[o->kind], o->key, (long long)o->value, (unsigned long long)o->place,
               o->where.first_key, o->where.last_key, (long long)o->where.at_least,
               (long long)o->where.at_most);
        for (uint32_t e = 0; e < o->element_count; e++)
            printf(" %lld", (long long)o->elements[e]);
        for (uint32_t r = 0; r < o->row_count; r++)
            printf(" (%u %lld)", o->rows[r].key, (long long)o->rows[r].value);
        printf("\n");
    }
}

static uint64_t histories = 3000, first_seed = 1;

static void test_same_verdicts(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, (size_t)256 << 20);
    static struct maker maker;
    uint64_t permitted[ISOLATION_LEVEL_COUNT] = {0};
    for (uint64_t i = 0; i < histories; i++) {
        make_history(&maker, first_seed + i);
        for (uint32_t level = 0; level < ISOLATION_LEVEL_COUNT; level++) {
            struct isolation_finding finding;
            arena_reset(&arena);
            bool judged = isolation_judge(&maker.history, isolation_levels[level].forbids,
                                          UINT32_MAX, &arena, &finding);
            bool right = brute_force_permits(&maker.history, (enum isolation_level)level);
            if (judged != right) {
                printf("seed %llu, %s: %s, but %s\n", (unsigned long long)(first_seed + i),
                       isolation_levels[level].words,
                       judged ? "permitted" : isolation_anomalies[finding.anomaly].word,
                       right ? "it can be" : "it cannot be");
                print_history(&maker.history);
                fail();
            }
            assert_int_equal(judged, finding.anomaly == ISOLATION_ANOMALY_none);
            permitted[level] += judged;
        }
    }
    arena_clean_up(&arena);
    for (uint32_t level = 0; level < ISOLATION_LEVEL_COUNT; level++) {
        printf("%s: %llu of %llu permitted\n", isolation_levels[level].words,
               (unsigned long long)permitted[level], (unsigned long long)histories);
        /* Neither answer is the only one. */
        assert_in_range(permitted[level], histories / 20, histories - 1);
    }
}

/* --- what else is known of versions ----------------------------------------------------------- */

static bool permits(const struct isolation_history *history, enum isolation_level level,
                    uint32_t key_orders, struct arena *arena)
{
    struct isolation_finding finding;
    struct isolation_history known = *history;
    known.key_orders = key_orders;
    arena_reset(arena);
    return isolation_judge(&known, isolation_levels[level].forbids, UINT32_MAX, arena, &finding);
}

/*
 * What is known beside the level never permits more; and where the level promises the same order
 * for whole transactions, it permits no less.
 */
static void check_key_orders(const struct isolation_history *history, enum isolation_level level,
                             uint32_t promised, struct arena *arena, uint64_t *refused)
{
    bool without = permits(history, level, 0, arena);
    for (uint32_t orders = 1; orders < 8; orders++) {
        bool with = permits(history, level, orders, arena);
        assert_true(without || !with);
        if ((orders & ~promised) == 0)
            assert_int_equal(with, without);
        *refused += without && !with;
    }
}

static void test_key_orders(void **state)
{
    (void)state;
    static const uint32_t promised[ISOLATION_LEVEL_COUNT] = {
        [ISOLATION_LEVEL_read_committed] = ISOLATION_KEYS_FOLLOW_READS,
        [ISOLATION_LEVEL_serializable] = ISOLATION_KEYS_FOLLOW_READS,
        [ISOLATION_LEVEL_session_serializable] =
            ISOLATION_KEYS_FOLLOW_READS | ISOLATION_KEYS_SEQUENTIAL,
        [ISOLATION_LEVEL_strict_serializable] =
            ISOLATION_KEYS_FOLLOW_READS | ISOLATION_KEYS_SEQUENTIAL | ISOLATION_KEYS_LINEARIZABLE,
    };
    struct arena arena;
    arena_init(&arena, (size_t)256 << 20);
    static struct maker maker;
    uint64_t refused[ISOLATION_LEVEL_COUNT] = {0};
    for (uint64_t i = 0; i < histories / 2; i++) {
        make_history(&maker, first_seed + i);
        maker.history.order_is_known = false;
        for (uint32_t level = 0; level < ISOLATION_LEVEL_COUNT; level++)
            check_key_orders(&maker.history, (enum isolation_level)level, promised[level], &arena,
                             &refused[level]);
    }
    arena_clean_up(&arena);
    assert_true(refused[ISOLATION_LEVEL_read_uncommitted] > 0);
    assert_true(refused[ISOLATION_LEVEL_serializable] > 0);
    assert_int_equal(refused[ISOLATION_LEVEL_strict_serializable], 0);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        histories = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        first_seed = strtoull(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_verdicts),
                                       cmocka_unit_test(test_key_orders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
