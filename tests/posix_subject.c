/* SPDX-License-Identifier: Apache-2.0 */
/* Code with threads and locks; posix_subject.h says what each function leaves behind. */
#ifndef SIM_POSIX_H
#error "compile this file with -include sim/posix.h"
#endif

#include "posix_subject.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct subject subject;

#define NAME_OF(call)  NAME_OF_(call)
#define NAME_OF_(call) #call
const char *const subject_name_of_poll = NAME_OF(poll);

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct timespec after_ms(clockid_t clock, int64_t duration_ms)
{
    int64_t then_ns = now_ns(clock) + duration_ms * 1000000;
    struct timespec then = {.tv_sec = then_ns / 1000000000, .tv_nsec = then_ns % 1000000000};
    return then;
}

static void sleep_ms(long duration_ms)
{
    struct timespec duration = {.tv_sec = duration_ms / 1000,
                                .tv_nsec = duration_ms % 1000 * 1000000};
    (void)nanosleep(&duration, NULL);
}

/* --- conditions ------------------------------------------------------------------------------ */

enum { QUEUE_ROOM = 3, NUMBERS = 10 };

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t not_empty, not_full;
    int items[QUEUE_ROOM];
    int first, count;
} queue = {
    PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, {0}, 0, 0};

static void *send_numbers(void *argument)
{
    for (int i = 0; i < NUMBERS; i++) {
        (void)pthread_mutex_lock(&queue.mutex);
        while (queue.count == QUEUE_ROOM)
            (void)pthread_cond_wait(&queue.not_full, &queue.mutex);
        queue.items[(queue.first + queue.count++) % QUEUE_ROOM] = i;
        (void)pthread_cond_signal(&queue.not_empty);
        (void)pthread_mutex_unlock(&queue.mutex);
    }
    return argument;
}

static int receive_number(void)
{
    (void)pthread_mutex_lock(&queue.mutex);
    while (queue.count == 0)
        (void)pthread_cond_wait(&queue.not_empty, &queue.mutex);
    int number = queue.items[queue.first];
    queue.first = (queue.first + 1) % QUEUE_ROOM;
    queue.count--;
    (void)pthread_cond_broadcast(&queue.not_full);
    (void)pthread_mutex_unlock(&queue.mutex);
    return number;
}

void subject_pass_numbers(void *argument)
{
    (void)argument;
    pthread_t thread;
    subject.code = pthread_create(&thread, NULL, send_numbers, NULL);
    for (int i = 0; i < NUMBERS; i++)
        subject.number += receive_number();
    subject.other_code = pthread_join(thread, NULL);
}

static void time_a_wait(clockid_t clock)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition;
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, clock);
    (void)pthread_cond_init(&condition, clock == CLOCK_REALTIME ? NULL : &attributes);
    (void)pthread_condattr_destroy(&attributes);

    int64_t start_ns = now_ns(clock);
    struct timespec deadline = after_ms(clock, 250);
    (void)pthread_mutex_lock(&mutex);
    do
        subject.code = pthread_cond_timedwait(&condition, &mutex, &deadline);
    while (subject.code == 0);
    (void)pthread_mutex_unlock(&mutex);
    subject.elapsed_ns = now_ns(clock) - start_ns;
    subject.other_code = pthread_cond_destroy(&condition);
}

void subject_wait_on_realtime(void *argument)
{
    (void)argument;
    time_a_wait(CLOCK_REALTIME);
}

void subject_wait_on_monotonic(void *argument)
{
    (void)argument;
    time_a_wait(CLOCK_MONOTONIC);
}

static pthread_mutex_t shared_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t shared_condition = PTHREAD_COND_INITIALIZER;

static void *signal_late(void *argument)
{
    sleep_ms(100);
    (void)pthread_cond_signal(&shared_condition);
    return argument;
}

void subject_wait_and_be_woken(void *argument)
{
    (void)argument;
    pthread_t thread;
    int64_t start_ns = now_ns(CLOCK_MONOTONIC);
    (void)pthread_create(&thread, NULL, signal_late, NULL);
    (void)pthread_mutex_lock(&shared_mutex);
    struct timespec deadline = after_ms(CLOCK_REALTIME, 250);
    subject.code = pthread_cond_timedwait(&shared_condition, &shared_mutex, &deadline);
    (void)pthread_mutex_unlock(&shared_mutex);
    subject.elapsed_ns = now_ns(CLOCK_MONOTONIC) - start_ns;
    (void)pthread_join(thread, NULL);
}

/* --- locks ----------------------------------------------------------------------------------- */

static void *hold_for_a_second(void *argument)
{
    (void)pthread_mutex_lock(&shared_mutex);
    sleep_ms(1000);
    (void)pthread_mutex_unlock(&shared_mutex);
    return argument;
}

void subject_lock_with_deadline(void *argument)
{
    (void)argument;
    pthread_t thread;
    (void)pthread_create(&thread, NULL, hold_for_a_second, NULL);
    sleep_ms(1); /* the thread has it now */
    struct timespec deadline = after_ms(CLOCK_REALTIME, 250);
    subject.code = pthread_mutex_timedlock(&shared_mutex, &deadline);
    deadline = after_ms(CLOCK_REALTIME, 2000);
    subject.other_code = pthread_mutex_timedlock(&shared_mutex, &deadline);
    if (subject.other_code == 0)
        (void)pthread_mutex_unlock(&shared_mutex);
    (void)pthread_join(thread, NULL);
}

void subject_enter_section(void *argument)
{
    (void)argument;
    (void)pthread_mutex_lock(&shared_mutex);
    int64_t number = subject.number;
    (void)sched_yield(); /* whoever overtakes here undoes, or is undone */
    subject.number = number + 2;
    (void)pthread_mutex_unlock(&shared_mutex);
}

static void count_once(void)
{
    sleep_ms(10);
    subject.number++;
}

static void *run_once(void *once)
{
    (void)pthread_once(once, count_once);
    subject.other_number += subject.number; /* the routine has run when this goes on */
    return NULL;
}

void subject_run_once(void *argument)
{
    (void)argument;
    pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        (void)pthread_create(&threads[i], NULL, run_once, &once);
    (void)run_once(&once);
    for (int i = 0; i < 3; i++)
        (void)pthread_join(threads[i], NULL);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static int readers_inside, writers_inside;

static void *read_slowly(void *argument)
{
    (void)pthread_rwlock_rdlock(&rwlock);
    readers_inside++;
    sleep_ms(10);
    if (readers_inside > subject.number)
        subject.number = readers_inside;
    if (writers_inside > 0)
        subject.other_number++;
    readers_inside--;
    (void)pthread_rwlock_unlock(&rwlock);
    return argument;
}

static void *write_slowly(void *argument)
{
    (void)pthread_rwlock_wrlock(&rwlock);
    writers_inside++;
    sleep_ms(10);
    if (readers_inside > 0 || writers_inside > 1)
        subject.other_number++;
    writers_inside--;
    (void)pthread_rwlock_unlock(&rwlock);
    return argument;
}

void subject_read_and_write(void *argument)
{
    (void)argument;
    static void *(*const routines[])(void *) = {write_slowly, read_slowly, read_slowly, read_slowly,
                                                write_slowly};
    enum { COUNT = sizeof routines / sizeof routines[0] };
    pthread_t threads[COUNT];
    for (int i = 0; i < COUNT; i++)
        (void)pthread_create(&threads[i], NULL, routines[i], NULL);
    for (int i = 0; i < COUNT; i++)
        subject.code |= pthread_join(threads[i], NULL);
    subject.other_code = pthread_rwlock_trywrlock(&rwlock);
    (void)pthread_rwlock_unlock(&rwlock);
}

static void *post(void *semaphore)
{
    (void)sem_post(semaphore);
    return NULL;
}

void subject_count_with_semaphore(void *argument)
{
    (void)argument;
    sem_t semaphore;
    pthread_t threads[3];
    (void)sem_init(&semaphore, 0, 0);
    int64_t start_ns = now_ns(CLOCK_REALTIME);
    struct timespec deadline = after_ms(CLOCK_REALTIME, 250);
    subject.code = sem_timedwait(&semaphore, &deadline) == 0 ? 0 : errno;
    subject.elapsed_ns = now_ns(CLOCK_REALTIME) - start_ns;
    for (int i = 0; i < 3; i++)
        (void)pthread_create(&threads[i], NULL, post, &semaphore);
    for (int i = 0; i < 3; i++)
        subject.other_code |= sem_wait(&semaphore);
    int value = -1;
    (void)sem_getvalue(&semaphore, &value);
    subject.number = value;
    subject.other_number = sem_trywait(&semaphore) == 0 ? 0 : errno;
    for (int i = 0; i < 3; i++)
        (void)pthread_join(threads[i], NULL);
    (void)sem_destroy(&semaphore);
}

static int lock_three_times(pthread_mutex_t *mutex)
{
    int depth = 0;
    while (depth < 3 && pthread_mutex_lock(mutex) == 0)
        depth++;
    for (int i = 0; i < depth; i++)
        subject.code |= pthread_mutex_unlock(mutex);
    return depth;
}

void subject_lock_recursively(void *argument)
{
    (void)argument;
    pthread_mutex_t first = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP, second;
    pthread_mutexattr_t attributes;
    (void)pthread_mutexattr_init(&attributes);
    (void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    (void)pthread_mutex_init(&second, &attributes);
    (void)pthread_mutexattr_destroy(&attributes);
    subject.number = lock_three_times(&first) + lock_three_times(&second);
    /* Unlocked as often as locked: free. */
    subject.other_code = pthread_mutex_destroy(&first) | pthread_mutex_destroy(&second);
}

/* --- threads and time ------------------------------------------------------------------------ */

static void *return_argument(void *argument)
{
    return argument;
}

void subject_return_from_thread(void *argument)
{
    (void)argument;
    pthread_t thread, detached;
    void *result = NULL;
    int64_t answer = 42;
    (void)pthread_create(&thread, NULL, return_argument, &answer);
    subject.code = pthread_join(thread, &result);
    subject.number = result == NULL ? 0 : *(int64_t *)result;
    subject.other_number = pthread_equal(thread, pthread_self());
    pthread_attr_t attributes;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    subject.other_code = pthread_create(&detached, &attributes, return_argument, NULL);
    (void)pthread_attr_destroy(&attributes);
}

void subject_sleep(void *argument)
{
    (void)argument;
    subject.number = (int64_t)time(NULL);
    int64_t start_ns = now_ns(CLOCK_BOOTTIME);
    (void)sleep(2);
    (void)usleep(1);
    struct timespec duration = {.tv_nsec = 3};
    (void)nanosleep(&duration, NULL);
    subject.elapsed_ns = now_ns(CLOCK_BOOTTIME) - start_ns;
}

/* --- memory ---------------------------------------------------------------------------------- */

void subject_allocate(void *argument)
{
    (void)argument;
    void *first = malloc(10), *second = calloc(2, 10);
    char *third = strdup("text"), *fourth = NULL;
    if (asprintf(&fourth, "%d", 5) < 0)
        fourth = NULL;
    subject.code = errno;
    subject.number = !first + !second + !third + !fourth;
    void *grown = realloc(first, 100);
    subject.number += !grown;
    free(second);
    free(third);
    free(fourth);
    subject.memory = grown != NULL ? grown : first;
}

void subject_free(void *argument)
{
    (void)argument;
    free(subject.memory);
    subject.memory = NULL;
}

/* --- misuse ---------------------------------------------------------------------------------- */

void subject_lock_twice(void *argument)
{
    (void)argument;
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&mutex);
    (void)pthread_mutex_lock(&mutex);
}

void subject_unlock_free_mutex(void *argument)
{
    (void)argument;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    subject.code = pthread_mutex_unlock(&mutex);
}

static void *lock_it(void *mutex)
{
    (void)pthread_mutex_lock(mutex);
    return NULL;
}

void subject_unlock_mutex_of_another(void *argument)
{
    (void)argument;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_t thread;
    (void)pthread_create(&thread, NULL, lock_it, &mutex);
    (void)pthread_join(thread, NULL);
    subject.code = pthread_mutex_unlock(&mutex);
}

void subject_destroy_locked_mutex(void *argument)
{
    (void)argument;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&mutex);
    subject.code = pthread_mutex_destroy(&mutex);
    (void)pthread_mutex_unlock(&mutex);
}

void subject_lock_destroyed_mutex(void *argument)
{
    (void)argument;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_destroy(&mutex);
    (void)pthread_mutex_lock(&mutex);
    (void)pthread_mutex_unlock(&mutex);
}

void subject_lock_garbage(void *argument)
{
    (void)argument;
    pthread_mutex_t mutex;
    memset(&mutex, 0xbe, sizeof mutex);
    (void)pthread_mutex_lock(&mutex);
    (void)pthread_mutex_unlock(&mutex);
}

void subject_wait_without_mutex(void *argument)
{
    (void)argument;
    subject.code = pthread_cond_wait(&shared_condition, &shared_mutex);
}

static void *wait_for_condition(void *condition)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&mutex);
    (void)pthread_cond_wait(condition, &mutex);
    (void)pthread_mutex_unlock(&mutex);
    return NULL;
}

void subject_destroy_condition_in_use(void *argument)
{
    (void)argument;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_t thread;
    (void)pthread_create(&thread, NULL, wait_for_condition, &condition);
    sleep_ms(1); /* it waits now */
    subject.code = pthread_cond_destroy(&condition);
    (void)pthread_cond_signal(&condition);
    /* But whoever was woken no longer counts. */
    subject.other_code = pthread_cond_destroy(&condition);
    (void)pthread_join(thread, NULL);
}

void subject_join_twice(void *argument)
{
    (void)argument;
    pthread_t thread, next;
    (void)pthread_create(&thread, NULL, return_argument, NULL);
    (void)pthread_join(thread, NULL);
    (void)pthread_create(&next, NULL, return_argument, NULL); /* on the same coroutine */
    subject.code = pthread_join(thread, NULL);
    subject.other_code = pthread_join(next, NULL);
}

void subject_unlock_free_rwlock(void *argument)
{
    (void)argument;
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    subject.code = pthread_rwlock_unlock(&lock);
}
