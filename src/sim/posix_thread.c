/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated threads. A pthread_t is the number of a coroutine and how many threads it carried
 * before, so that an old one names nobody.
 */
#include "sim/posix_internal.h"

static struct thread {
    void *(*routine)(void *argument);
    void *argument;
    void *result;
    uint32_t generation; /* counts the threads that were here */
    bool is_used;        /* started, and neither joined nor detached */
} threads[WORLD_COROUTINES_MAX];

enum { SLOT_BITS = 8 };

/* Not 0, which programs like to take for "no thread". */
static pthread_t name_of(uint32_t number)
{
    uint32_t generation = number < WORLD_COROUTINES_MAX ? threads[number].generation : 0;
    return (pthread_t)generation << SLOT_BITS | (number + 1);
}

/* NULL unless it can be joined. */
static struct thread *find(pthread_t name)
{
    uint32_t number = (uint32_t)(name & ((1u << SLOT_BITS) - 1)) - 1;
    if (number < WORLD_TASKS_MAX || number >= WORLD_COROUTINES_MAX || name_of(number) != name ||
        !threads[number].is_used)
        return NULL;
    return &threads[number];
}

void posix_reset_threads(void)
{
    for (uint32_t i = WORLD_TASKS_MAX; i < WORLD_COROUTINES_MAX; i++)
        threads[i] = (struct thread){0};
}

static void thread_body(void *argument)
{
    (void)argument;
    struct thread *thread = &threads[posix_self()];
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
    struct thread *thread = &threads[number];
    *thread = (struct thread){
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
    struct thread *thread = find(name);
    if (thread == NULL) {
        posix_note_misuse("join of a thread that was joined or detached already, or never started");
        return ESRCH;
    }
    if (name == sim_pthread_self())
        return EDEADLK;
    thread->is_used = false; /* nobody else may */
    world_join((uint32_t)(thread - threads));
    if (ret_result != NULL)
        *ret_result = thread->result;
    return 0;
}

int sim_pthread_detach(pthread_t name)
{
    struct thread *thread = find(name);
    if (thread == NULL) {
        posix_note_misuse(
            "detach of a thread that was joined or detached already, or never started");
        return ESRCH;
    }
    thread->is_used = false;
    world_detach((uint32_t)(thread - threads));
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
