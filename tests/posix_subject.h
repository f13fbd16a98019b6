/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code with threads and locks as anybody would write it, for posix_test.c: compiled with `-include
 * sim/posix.h`, which it does not know of. Each function runs on a task's coroutine and leaves in
 * the results what it saw.
 */
#ifndef TESTS_POSIX_SUBJECT_H
#define TESTS_POSIX_SUBJECT_H

#include <stdint.h>

struct subject {
    int code, other_code;
    int64_t number, other_number;
    int64_t elapsed_ns;
    void *memory;
};
extern struct subject subject;

/* number: the sum of 0 to 9, that a thread sends and this one receives over a queue of 3. */
void subject_pass_numbers(void *argument);

/* code: of a timed wait for 250 ms that nobody ends; elapsed_ns: how long that took. */
void subject_wait_on_realtime(void *argument);
void subject_wait_on_monotonic(void *argument);
/* code: of a wait for 250 ms that a thread ends after 100 ms */
void subject_wait_and_be_woken(void *argument);
/* code: of pthread_mutex_timedlock, 250 ms, on a mutex that a thread holds for 1 s; other_code: of
   the same for 2 s */
void subject_lock_with_deadline(void *argument);

/* A critical section that is the same for all who run it: `number` grows by 2, in two steps. */
void subject_enter_section(void *argument);

/* number: how often the routine of pthread_once ran for three threads and this one */
void subject_run_once(void *argument);
/* number: readers that were inside together; other_number: the same of a writer and others */
void subject_read_and_write(void *argument);
/* code: of sem_timedwait, 250 ms, before three threads post; number: the semaphore's value when
   three waits have gone through */
void subject_count_with_semaphore(void *argument);
/* number: depth to which recursive mutexes could be locked, both kinds of initialisation added */
void subject_lock_recursively(void *argument);
/* number: what a thread returned; code: of joining it; other_code: of a detached one's start */
void subject_return_from_thread(void *argument);

/* number: time(NULL); other_number: after sleep(2), usleep(1), nanosleep of 3 ns, in ns since */
void subject_sleep(void *argument);

/* Allocates in all ways and frees but `memory`; number: calls that failed */
void subject_allocate(void *argument);
void subject_free(void *argument);

/* Misuse; the names say which. */
void subject_lock_twice(void *argument);
void subject_unlock_free_mutex(void *argument);
void subject_unlock_mutex_of_another(void *argument);
void subject_destroy_locked_mutex(void *argument);
void subject_lock_destroyed_mutex(void *argument);
void subject_lock_garbage(void *argument);
void subject_wait_without_mutex(void *argument);
void subject_destroy_condition_in_use(void *argument);
void subject_join_twice(void *argument);
void subject_unlock_free_rwlock(void *argument);

/* What the name of a call that is not simulated becomes. */
extern const char *const subject_name_of_poll;

#endif
