/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated threads. A pthread_t is the number of a coroutine and how many threads it carried
 * before, so that an old one names nobody.
 */
#include "sim/posix_internal.h"

enum { SLOT_BITS = 8 };

/* Not 0, which programs like to take for "no thread". */
static pthread_t name_of(uint32_t number)
{
    uint32_t generation =
        number < WORLD_COROUTINES_MAX ? world->tasks[number].thread.generation : 0;
    return (pthread_t)generation << SLOT_BITS | (number + 1);
}

static struct posix_thread *thread_of(uint32_t number)
{
    return &world->tasks[number].thread;
}

/* False unless it can be joined. */
static bool find(pthread_t name, uint32_t *ret_number)
{
    uint32_t number = (uint32_t)(name & ((1u << SLOT_BITS) - 1)) - 1;
    if (number < WORLD_TASKS_MAX || number >= WORLD_COROUTINES_MAX || name_of(number) != name ||
        !thread_of(number)->is_used)
        return false;
    *ret_number = number;
    return true;
}

void posix_reset_threads(void)
{
    for (uint32_t i = WORLD_TASKS_MAX; i < WORLD_COROUTINES_MAX; i++)
        *thread_of(i) = (struct posix_thread){0};
}

static void thread_body(void *argument)
{
    (void)argument;
    struct posix_thread *thread = thread_of(posix_self());
    thread->result = thread->routine(thread->argument);
}

static bool is_detached(const pthread_attr_t *attributes)
{
    int state = PTHREAD_CREATE_JOINABLE;
    return attributes != NULL && pthread_attr_getdetachstate(attributes, &state) == 0 &&
           state == PTHREAD_CREATE_DETACHED;
}

int sim_pthread_create(pthread_t *ret_thread, const pthread_attr_t *attributes,
                       void *(*routine)(void *), void *argument)
{
    world_yield(YIELD_thread_start);
    uint32_t number;
    if (world_fault_due(FAULT_no_memory))
        return EAGAIN; /* no room for its stack */
    /* It does not run before this one stops: what it needs is filled in below. */
    if (!world_spawn(&number, thread_body, NULL))
        return EAGAIN;
    struct posix_thread *thread = thread_of(number);
    *thread = (struct posix_thread){
        .routine = routine,
        .argument = argument,
        .generation = thread->generation + 1,
        .is_used = !is_detached(attributes),
    };
    if (!thread->is_used)
        world_detach(number);
    *ret_thread = name_of(number);
    return 0;
}

int sim_pthread_join(pthread_t name, void **ret_result)
{
    world_yield(YIELD_thread_join);
    uint32_t number;
    if (!find(name, &number)) {
        posix_note_misuse("join of a thread that was joined or detached already, or never started");
        return ESRCH;
    }
    if (name == sim_pthread_self())
        return EDEADLK;
    struct posix_thread *thread = thread_of(number);
    thread->is_used = false; /* nobody else may */
    world_join(number);
    if (ret_result != NULL)
        *ret_result = thread->result;
    return 0;
}

int sim_pthread_detach(pthread_t name)
{
    uint32_t number;
    if (!find(name, &number)) {
        posix_note_misuse(
            "detach of a thread that was joined or detached already, or never started");
        return ESRCH;
    }
    thread_of(number)->is_used = false;
    world_detach(number);
    return 0;
}

pthread_t sim_pthread_self(void)
{
    return name_of(posix_self());
}

int sim_pthread_equal(pthread_t left, pthread_t right)
{
    return left == right;
}

int sim_pthread_setname_np(pthread_t thread, const char *name)
{
    (void)thread;
    (void)name;
    return 0;
}

/* Time passes, so that a loop which only yields meets its own timeouts. */
int sim_sched_yield(void)
{
    world_yield(YIELD_sleep);
    world_sleep(1000);
    return 0;
}
