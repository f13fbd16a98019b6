/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to judge a history that a level permits: transactions of four reads and four writes
 * on 32 keys, each begun while the one before was open, whose snapshots and writes are as snapshot
 * isolation makes them. Microseconds of processor time, and the ratio to the smallest history.
 */
#include "base/random.h"
#include "figures.h"
#include "isolation/judge.h"

#include <stdio.h>

enum { KEYS = 32, OF_EACH = 4, TRANSACTIONS_MAX = 512, ROUNDS = 15, JUDGEMENTS = 64 };

static struct isolation_transaction transactions[TRANSACTIONS_MAX];
static struct isolation_operation operations[TRANSACTIONS_MAX * 2 * OF_EACH];
static struct isolation_key keys[KEYS];

static struct isolation_history make_history(uint32_t count)
{
    struct random random;
    int64_t newest[KEYS];
    random_seed(&random, 1);
    for (uint32_t key = 0; key < KEYS; key++)
        newest[key] = keys[key].initial = key;
    size_t operation_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        transactions[i] =
            (struct isolation_transaction){ISOLATION_COMMITTED, 10 * i, 10 * i + 15, i % 8};
        for (uint32_t n = 0; n < OF_EACH; n++) {
            uint32_t key = random_below(&random, KEYS);
            operations[operation_count++] = (struct isolation_operation){
                .kind = ISOLATION_READ, .transaction = i, .key = key, .value = newest[key]};
        }
        for (uint32_t n = 0; n < OF_EACH; n++) {
            uint32_t key = (random_below(&random, KEYS / OF_EACH)) * OF_EACH + n;
            newest[key] = 1000 + 10 * (int64_t)i + n;
            operations[operation_count++] = (struct isolation_operation){.kind = ISOLATION_WRITE,
                                                                         .transaction = i,
                                                                         .key = key,
                                                                         .value = newest[key],
                                                                         .place = i};
        }
    }
    return (struct isolation_history){.transactions = transactions,
                                      .transaction_count = count,
                                      .operations = operations,
                                      .operation_count = operation_count,
                                      .keys = keys,
                                      .key_count = KEYS,
                                      .order_is_known = true};
}

static double judge_us(const struct isolation_history *history, struct arena *arena)
{
    double rounds[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        double began = clock_s(CLOCK_PROCESS_CPUTIME_ID);
        for (int i = 0; i < JUDGEMENTS; i++) {
            struct isolation_finding finding;
            arena_reset(arena);
            if (!isolation_judge(history,
                                 isolation_levels[ISOLATION_LEVEL_strict_serializable].forbids,
                                 ISOLATION_EFFORT, arena, &finding) ||
                finding.is_bounded)
                printf("not permitted: %s\n", isolation_anomalies[finding.anomaly].word);
        }
        rounds[round] = (clock_s(CLOCK_PROCESS_CPUTIME_ID) - began) * 1e6 / JUDGEMENTS;
    }
    return median(rounds, ROUNDS);
}

int main(void)
{
    static const uint32_t counts[] = {4, 8, 16, 32, 64, 128, 512};
    struct arena arena;
    arena_init(&arena, (size_t)256 << 20);
    double first = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct isolation_history history = make_history(counts[i]);
        double us = judge_us(&history, &arena);
        first = i == 0 ? us : first;
        printf("%4u transactions  %9.1f us  %7.1f times\n", counts[i], us, us / first);
    }
    arena_clean_up(&arena);
    return 0;
}
