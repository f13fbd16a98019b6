/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts simulated threads, locks, clocks and memory in the place of POSIX's, for code that knows
 * nothing of it: compile it with `-include sim/posix.h`. Every file of the code under test must be,
 * for a lock that is real in one file and simulated in another works in neither.
 *
 * Locking, unlocking, waiting, waking, starting and joining are yield points; time is virtual
 * (CLOCK_REALTIME starts at 2024-01-01 00:00 UTC, the other clocks at 0); an allocation is an
 * opportunity for the fault no_memory, and so is starting a thread; nobody wakes up spuriously.
 * What POSIX leaves undefined (unlocking somebody else's mutex, destroying a locked one, ...) is
 * noted, see sim/posix_state.h.
 *
 * What is not simulated does not link, under a name that says so. Not seen: thread-local variables
 * (all threads share one OS thread, so they are shared), atomic operations (no yield points), and
 * memory that the C library allocates and the code frees, or the other way round (counted wrongly).
 * Static variables keep their values from plan to plan, and are the same in all worlds. The names
 * are macros: an unprefixed __attribute__((malloc)) does not survive that, __malloc__ does.
 */
#ifndef SIM_POSIX_H
#define SIM_POSIX_H

#include "sim/posix_calls.h"

/* locks */
#define pthread_mutex_init       sim_pthread_mutex_init
#define pthread_mutex_destroy    sim_pthread_mutex_destroy
#define pthread_mutex_lock       sim_pthread_mutex_lock
#define pthread_mutex_trylock    sim_pthread_mutex_trylock
#define pthread_mutex_timedlock  sim_pthread_mutex_timedlock
#define pthread_mutex_clocklock  sim_pthread_mutex_clocklock
#define pthread_mutex_unlock     sim_pthread_mutex_unlock
#define pthread_rwlock_init      sim_pthread_rwlock_init
#define pthread_rwlock_destroy   sim_pthread_rwlock_destroy
#define pthread_rwlock_rdlock    sim_pthread_rwlock_rdlock
#define pthread_rwlock_tryrdlock sim_pthread_rwlock_tryrdlock
#define pthread_rwlock_wrlock    sim_pthread_rwlock_wrlock
#define pthread_rwlock_trywrlock sim_pthread_rwlock_trywrlock
#define pthread_rwlock_unlock    sim_pthread_rwlock_unlock

/* waiting */
#define pthread_cond_init      sim_pthread_cond_init
#define pthread_cond_destroy   sim_pthread_cond_destroy
#define pthread_cond_wait      sim_pthread_cond_wait
#define pthread_cond_timedwait sim_pthread_cond_timedwait
#define pthread_cond_clockwait sim_pthread_cond_clockwait
#define pthread_cond_signal    sim_pthread_cond_signal
#define pthread_cond_broadcast sim_pthread_cond_broadcast
#define sem_init               sim_sem_init
#define sem_destroy            sim_sem_destroy
#define sem_wait               sim_sem_wait
#define sem_trywait            sim_sem_trywait
#define sem_timedwait          sim_sem_timedwait
#define sem_post               sim_sem_post
#define sem_getvalue           sim_sem_getvalue
#define pthread_once           sim_pthread_once

/* threads */
#define pthread_create     sim_pthread_create
#define pthread_join       sim_pthread_join
#define pthread_detach     sim_pthread_detach
#define pthread_self       sim_pthread_self
#define pthread_equal      sim_pthread_equal
#define pthread_setname_np sim_pthread_setname_np
#define sched_yield        sim_sched_yield

/* time */
#define clock_gettime   sim_clock_gettime
#define clock_nanosleep sim_clock_nanosleep
#define nanosleep       sim_nanosleep
#define usleep          sim_usleep
#define sleep           sim_sleep
#define time            sim_time
#define gettimeofday    sim_gettimeofday
#define timespec_get    sim_timespec_get

/* memory */
#define malloc         sim_malloc
#define calloc         sim_calloc
#define realloc        sim_realloc
#define reallocarray   sim_reallocarray
#define aligned_alloc  sim_aligned_alloc
#define posix_memalign sim_posix_memalign
#define free           sim_free
#define strdup         sim_strdup
#define strndup        sim_strndup
#define vasprintf      sim_vasprintf
#define asprintf       sim_asprintf

/* --- what is not simulated --- */

/* threads and locks of other kinds */
#define pthread_exit           interplay_does_not_simulate_pthread_exit
#define pthread_cancel         interplay_does_not_simulate_pthread_cancel
#define pthread_setcancelstate interplay_does_not_simulate_pthread_setcancelstate
#define pthread_setcanceltype  interplay_does_not_simulate_pthread_setcanceltype
#define pthread_testcancel     interplay_does_not_simulate_pthread_testcancel
#undef pthread_cleanup_push
#define pthread_cleanup_push interplay_does_not_simulate_pthread_cleanup_push
#undef pthread_cleanup_pop
#define pthread_cleanup_pop           interplay_does_not_simulate_pthread_cleanup_pop
#define pthread_kill                  interplay_does_not_simulate_pthread_kill
#define pthread_tryjoin_np            interplay_does_not_simulate_pthread_tryjoin_np
#define pthread_timedjoin_np          interplay_does_not_simulate_pthread_timedjoin_np
#define pthread_clockjoin_np          interplay_does_not_simulate_pthread_clockjoin_np
#define pthread_getname_np            interplay_does_not_simulate_pthread_getname_np
#define pthread_setaffinity_np        interplay_does_not_simulate_pthread_setaffinity_np
#define pthread_getaffinity_np        interplay_does_not_simulate_pthread_getaffinity_np
#define pthread_setschedparam         interplay_does_not_simulate_pthread_setschedparam
#define pthread_getschedparam         interplay_does_not_simulate_pthread_getschedparam
#define pthread_getattr_np            interplay_does_not_simulate_pthread_getattr_np
#define pthread_key_create            interplay_does_not_simulate_pthread_key_create
#define pthread_key_delete            interplay_does_not_simulate_pthread_key_delete
#define pthread_getspecific           interplay_does_not_simulate_pthread_getspecific
#define pthread_setspecific           interplay_does_not_simulate_pthread_setspecific
#define pthread_barrier_init          interplay_does_not_simulate_pthread_barrier_init
#define pthread_barrier_destroy       interplay_does_not_simulate_pthread_barrier_destroy
#define pthread_barrier_wait          interplay_does_not_simulate_pthread_barrier_wait
#define pthread_spin_init             interplay_does_not_simulate_pthread_spin_init
#define pthread_spin_destroy          interplay_does_not_simulate_pthread_spin_destroy
#define pthread_spin_lock             interplay_does_not_simulate_pthread_spin_lock
#define pthread_spin_trylock          interplay_does_not_simulate_pthread_spin_trylock
#define pthread_spin_unlock           interplay_does_not_simulate_pthread_spin_unlock
#define pthread_mutex_consistent      interplay_does_not_simulate_pthread_mutex_consistent
#define pthread_mutexattr_setrobust   interplay_does_not_simulate_pthread_mutexattr_setrobust
#define pthread_mutexattr_setprotocol interplay_does_not_simulate_pthread_mutexattr_setprotocol
#define pthread_mutexattr_setpshared  interplay_does_not_simulate_pthread_mutexattr_setpshared
#define pthread_condattr_setpshared   interplay_does_not_simulate_pthread_condattr_setpshared
#define pthread_rwlockattr_setpshared interplay_does_not_simulate_pthread_rwlockattr_setpshared
#define pthread_rwlock_timedrdlock    interplay_does_not_simulate_pthread_rwlock_timedrdlock
#define pthread_rwlock_timedwrlock    interplay_does_not_simulate_pthread_rwlock_timedwrlock
#define pthread_rwlock_clockrdlock    interplay_does_not_simulate_pthread_rwlock_clockrdlock
#define pthread_rwlock_clockwrlock    interplay_does_not_simulate_pthread_rwlock_clockwrlock
#define sem_open                      interplay_does_not_simulate_sem_open
#define sem_close                     interplay_does_not_simulate_sem_close
#define sem_unlink                    interplay_does_not_simulate_sem_unlink
#define sem_clockwait                 interplay_does_not_simulate_sem_clockwait

/* C11 threads */
#define thrd_create   interplay_does_not_simulate_thrd_create
#define thrd_join     interplay_does_not_simulate_thrd_join
#define thrd_detach   interplay_does_not_simulate_thrd_detach
#define thrd_exit     interplay_does_not_simulate_thrd_exit
#define thrd_current  interplay_does_not_simulate_thrd_current
#define thrd_sleep    interplay_does_not_simulate_thrd_sleep
#define thrd_yield    interplay_does_not_simulate_thrd_yield
#define mtx_init      interplay_does_not_simulate_mtx_init
#define mtx_destroy   interplay_does_not_simulate_mtx_destroy
#define mtx_lock      interplay_does_not_simulate_mtx_lock
#define mtx_trylock   interplay_does_not_simulate_mtx_trylock
#define mtx_timedlock interplay_does_not_simulate_mtx_timedlock
#define mtx_unlock    interplay_does_not_simulate_mtx_unlock
#define cnd_init      interplay_does_not_simulate_cnd_init
#define cnd_destroy   interplay_does_not_simulate_cnd_destroy
#define cnd_wait      interplay_does_not_simulate_cnd_wait
#define cnd_timedwait interplay_does_not_simulate_cnd_timedwait
#define cnd_signal    interplay_does_not_simulate_cnd_signal
#define cnd_broadcast interplay_does_not_simulate_cnd_broadcast
#define tss_create    interplay_does_not_simulate_tss_create
#define tss_delete    interplay_does_not_simulate_tss_delete
#define tss_get       interplay_does_not_simulate_tss_get
#define tss_set       interplay_does_not_simulate_tss_set
#define call_once     interplay_does_not_simulate_call_once

/* waiting for the system */
#define poll           interplay_does_not_simulate_poll
#define ppoll          interplay_does_not_simulate_ppoll
#define select         interplay_does_not_simulate_select
#define pselect        interplay_does_not_simulate_pselect
#define epoll_create   interplay_does_not_simulate_epoll_create
#define epoll_create1  interplay_does_not_simulate_epoll_create1
#define epoll_wait     interplay_does_not_simulate_epoll_wait
#define epoll_pwait    interplay_does_not_simulate_epoll_pwait
#define sigwait        interplay_does_not_simulate_sigwait
#define sigwaitinfo    interplay_does_not_simulate_sigwaitinfo
#define sigtimedwait   interplay_does_not_simulate_sigtimedwait
#define sigsuspend     interplay_does_not_simulate_sigsuspend
#define eventfd        interplay_does_not_simulate_eventfd
#define timerfd_create interplay_does_not_simulate_timerfd_create
#define timer_create   interplay_does_not_simulate_timer_create
#define alarm          interplay_does_not_simulate_alarm
#define setitimer      interplay_does_not_simulate_setitimer
#define fork           interplay_does_not_simulate_fork
#define vfork          interplay_does_not_simulate_vfork
#define waitpid        interplay_does_not_simulate_waitpid

/* clocks and memory of other kinds */
#define clock          interplay_does_not_simulate_clock
#define memalign       interplay_does_not_simulate_memalign
#define valloc         interplay_does_not_simulate_valloc
#define pvalloc        interplay_does_not_simulate_pvalloc
#define wcsdup         interplay_does_not_simulate_wcsdup
#define getline        interplay_does_not_simulate_getline
#define getdelim       interplay_does_not_simulate_getdelim
#define open_memstream interplay_does_not_simulate_open_memstream

#endif
