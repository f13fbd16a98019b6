/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated POSIX calls. They mean what the calls without the prefix mean; sim/posix.h puts them in
 * their place. The state of a lock lives in its own bytes, all zero is free, as POSIX's static
 * initialisers have it.
 */
#ifndef SIM_POSIX_CALLS_H
#define SIM_POSIX_CALLS_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* --- locks ----------------------------------------------------------------------------------- */

int sim_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes);
int sim_pthread_mutex_destroy(pthread_mutex_t *mutex);
int sim_pthread_mutex_lock(pthread_mutex_t *mutex);
int sim_pthread_mutex_trylock(pthread_mutex_t *mutex);
int sim_pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline);
int sim_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
                                const struct timespec *deadline);
int sim_pthread_mutex_unlock(pthread_mutex_t *mutex);

int sim_pthread_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attributes);
int sim_pthread_rwlock_destroy(pthread_rwlock_t *lock);
int sim_pthread_rwlock_rdlock(pthread_rwlock_t *lock);
int sim_pthread_rwlock_tryrdlock(pthread_rwlock_t *lock);
int sim_pthread_rwlock_wrlock(pthread_rwlock_t *lock);
int sim_pthread_rwlock_trywrlock(pthread_rwlock_t *lock);
int sim_pthread_rwlock_unlock(pthread_rwlock_t *lock);

/* --- waiting --------------------------------------------------------------------------------- */

int sim_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes);
int sim_pthread_cond_destroy(pthread_cond_t *condition);
int sim_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int sim_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                               const struct timespec *deadline);
int sim_pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                               const struct timespec *deadline);
int sim_pthread_cond_signal(pthread_cond_t *condition);
int sim_pthread_cond_broadcast(pthread_cond_t *condition);

int sim_sem_init(sem_t *semaphore, int is_shared, unsigned value);
int sim_sem_destroy(sem_t *semaphore);
int sim_sem_wait(sem_t *semaphore);
int sim_sem_trywait(sem_t *semaphore);
int sim_sem_timedwait(sem_t *semaphore, const struct timespec *deadline);
int sim_sem_post(sem_t *semaphore);
int sim_sem_getvalue(sem_t *semaphore, int *ret_value);

int sim_pthread_once(pthread_once_t *once, void (*routine)(void));

/* --- threads --------------------------------------------------------------------------------- */

int sim_pthread_create(pthread_t *ret_thread, const pthread_attr_t *attributes,
                       void *(*routine)(void *), void *argument);
int sim_pthread_join(pthread_t thread, void **ret_result);
int sim_pthread_detach(pthread_t thread);
pthread_t sim_pthread_self(void);
int sim_pthread_equal(pthread_t left, pthread_t right);
int sim_pthread_setname_np(pthread_t thread, const char *name); /* names nobody */
int sim_sched_yield(void);                                      /* lets 1 us pass */

/* --- time ------------------------------------------------------------------------------------ */

int sim_clock_gettime(clockid_t clock, struct timespec *ret_time);
int sim_clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                        struct timespec *ret_rest);
int sim_nanosleep(const struct timespec *request, struct timespec *ret_rest);
int sim_usleep(useconds_t duration_us);
unsigned sim_sleep(unsigned duration_s);
time_t sim_time(time_t *ret_time);
int sim_gettimeofday(struct timeval *ret_time, void *zone);
int sim_timespec_get(struct timespec *ret_time, int base);

/* --- memory ---------------------------------------------------------------------------------- */

void *sim_malloc(size_t size);
void *sim_calloc(size_t count, size_t size);
void *sim_realloc(void *memory, size_t size);
void *sim_reallocarray(void *memory, size_t count, size_t size);
void *sim_aligned_alloc(size_t alignment, size_t size);
int sim_posix_memalign(void **ret_memory, size_t alignment, size_t size);
void sim_free(void *memory);
char *sim_strdup(const char *text);
char *sim_strndup(const char *text, size_t length_max);
int sim_vasprintf(char **ret_text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int sim_asprintf(char **ret_text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
