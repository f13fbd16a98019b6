/* SPDX-License-Identifier: Apache-2.0 */
/* The write gate: one at a time, first come, first served, and not for longer than was asked. */
#include "pool/write_gate.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

enum { THREADS = 4, TURNS = 2000 };

struct shared {
    struct write_gate gate;
    /* Guarded by the gate and nothing else: ThreadSanitizer sees whether that is enough. */
    uint32_t inside, turns, overlaps;
    uint32_t order[THREADS];
};

struct taker {
    struct shared *shared;
    uint32_t number;
    enum outcome outcome;
};

static void *take_turns(void *argument)
{
    struct taker *taker = argument;
    struct shared *shared = taker->shared;
    for (uint32_t i = 0; i < TURNS; i++) {
        if (write_gate_take(&shared->gate, POOL_NO_TIMEOUT) != OUTCOME_OK)
            return NULL;
        shared->overlaps += ++shared->inside != 1;
        shared->turns++;
        shared->inside--;
        write_gate_leave(&shared->gate);
    }
    taker->outcome = OUTCOME_OK;
    return NULL;
}

static void one_at_a_time(void **state)
{
    (void)state;
    struct shared shared = {.turns = 0};
    struct taker takers[THREADS];
    pthread_t threads[THREADS];
    assert_true(write_gate_init(&shared.gate));
    for (uint32_t i = 0; i < THREADS; i++) {
        takers[i] = (struct taker){&shared, i, OUTCOME_OTHER};
        assert_int_equal(pthread_create(&threads[i], NULL, take_turns, &takers[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (uint32_t i = 0; i < THREADS; i++)
        assert_int_equal(takers[i].outcome, OUTCOME_OK);
    assert_int_equal(shared.turns, THREADS * TURNS);
    assert_int_equal(shared.overlaps, 0);
    write_gate_clean_up(&shared.gate);
}

static void *take_once(void *argument)
{
    struct taker *taker = argument;
    struct shared *shared = taker->shared;
    taker->outcome = write_gate_take(&shared->gate, POOL_NO_TIMEOUT);
    shared->order[shared->turns++] = taker->number;
    /* Who waits has the gate as soon as this one leaves it: nobody comes in between. */
    write_gate_leave(&shared->gate);
    return NULL;
}

static uint32_t count_waiting(struct write_gate *gate)
{
    (void)pthread_mutex_lock(&gate->mutex);
    uint32_t count = gate->waiting.count;
    (void)pthread_mutex_unlock(&gate->mutex);
    return count;
}

static void first_come_first_served(void **state)
{
    (void)state;
    struct shared shared = {.turns = 0};
    struct taker takers[THREADS];
    pthread_t threads[THREADS];
    assert_true(write_gate_init(&shared.gate));
    assert_int_equal(write_gate_take(&shared.gate, 0), OUTCOME_OK);
    for (uint32_t i = 0; i < THREADS; i++) {
        takers[i] = (struct taker){&shared, i, OUTCOME_OTHER};
        assert_int_equal(pthread_create(&threads[i], NULL, take_once, &takers[i]), 0);
        while (count_waiting(&shared.gate) != i + 1)
            (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_int_equal(write_gate_take(&shared.gate, 0), OUTCOME_TIMEOUT);
    assert_int_equal(write_gate_take(&shared.gate, 5), OUTCOME_TIMEOUT);
    write_gate_leave(&shared.gate);
    /* It was handed over at that moment, even if nobody has woken up yet. */
    enum outcome barging = write_gate_take(&shared.gate, POOL_NO_TIMEOUT);
    assert_int_equal(barging, OUTCOME_OK);
    assert_int_equal(shared.turns, THREADS);
    write_gate_leave(&shared.gate);
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(takers[i].outcome, OUTCOME_OK);
        assert_int_equal(shared.order[i], i);
    }
    write_gate_clean_up(&shared.gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(first_come_first_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
