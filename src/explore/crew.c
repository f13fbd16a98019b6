/* SPDX-License-Identifier: Apache-2.0 */
/* Forking, sharing work, and waiting. */
#include "explore/crew.h"

#include "base/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PORTION = 32 }; /* numbers that a worker takes at once */

struct worker {
    pid_t process; /* 0: none */
    uint64_t at, end;
};

/* Between all processes. */
struct crew {
    _Atomic uint64_t next, done;
    _Atomic bool is_over;
    struct worker workers[CREW_JOBS_MAX];
};

enum error_code crew_memory(void **ret_memory, size_t size_bytes, struct error *error)
{
    void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return interplay_error(error, ERROR_MEMORY, "no shared memory: %s", strerror(errno));
    *ret_memory = memory;
    return ERROR_NONE;
}

void crew_memory_free(void *memory, size_t size_bytes)
{
    if (memory != NULL)
        ASSERT(munmap(memory, size_bytes) == 0);
}

/* --- in a worker's process ------------------------------------------------------------------- */

/*
 * What it says of a crash, whoever runs the plan again will say, too. Who interrupts us interrupts
 * all: the workers end when they are told.
 */
static void settle_in(pid_t parent)
{
    /* Whoever is gone without a word takes us along; if that was before this line, too. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    const struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        (void)dup2(nowhere, STDERR_FILENO);
    (void)signal(SIGINT, SIG_IGN);
}

static bool take_portion(struct crew *crew, struct worker *worker, uint64_t total)
{
    uint64_t first = atomic_fetch_add(&crew->next, PORTION);
    if (first >= total)
        return false;
    worker->at = first;
    worker->end = total - first < PORTION ? total : first + PORTION;
    return true;
}

static void __attribute__((noreturn))
be_worker(struct crew *crew, uint32_t number, pid_t parent, const struct crew_work *work)
{
    struct worker *worker = &crew->workers[number];
    settle_in(parent);
    work->begin(work->context, number);
    while (!crew->is_over &&
           (worker->at < worker->end || take_portion(crew, worker, work->total))) {
        work->work(work->context, number, worker->at);
        worker->at++;
        atomic_fetch_add(&crew->done, 1);
    }
    _exit(EXIT_SUCCESS);
}

/* --- in ours --------------------------------------------------------------------------------- */

static enum error_code start(struct crew *crew, uint32_t number, const struct crew_work *work,
                             struct error *error)
{
    (void)fflush(stdout);
    pid_t parent = getpid(), process = fork();
    if (process == 0)
        be_worker(crew, number, parent, work);
    if (process < 0)
        return interplay_error(error, ERROR_MEMORY, "cannot start a process: %s", strerror(errno));
    crew->workers[number].process = process;
    return ERROR_NONE;
}

static enum error_code end_worker(struct crew *crew, uint32_t number, int status,
                                  const struct crew_work *work, struct error *error)
{
    struct worker *worker = &crew->workers[number];
    worker->process = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
        return ERROR_NONE;
    enum error_code code = work->on_death(work->context, number, worker->at, error);
    if (code != ERROR_NONE)
        return code;
    worker->at++;
    crew->done++;
    return start(crew, number, work, error);
}

/* Of a worker that has ended; its number, or CREW_JOBS_MAX: none has. */
static uint32_t find_ended(const struct crew *crew, const struct crew_work *work, int *ret_status)
{
    for (uint32_t i = 0; i < work->jobs; i++)
        if (crew->workers[i].process != 0 &&
            waitpid(crew->workers[i].process, ret_status, WNOHANG) == crew->workers[i].process)
            return i;
    return CREW_JOBS_MAX;
}

static bool has_workers(const struct crew *crew, const struct crew_work *work)
{
    for (uint32_t i = 0; i < work->jobs; i++)
        if (crew->workers[i].process != 0)
            return true;
    return false;
}

/* Someone may want to see how far it is, so it looks around rather than wait for the next end. */
static void look_around(struct crew *crew, const struct crew_work *work)
{
    const struct timespec moment = {.tv_nsec = 2000000};
    if (work->on_progress != NULL && !work->on_progress(work->context, crew->done))
        crew->is_over = true;
    (void)nanosleep(&moment, NULL);
}

static enum error_code drive(struct crew *crew, const struct crew_work *work, struct error *error)
{
    enum error_code code = ERROR_NONE;
    for (uint32_t i = 0; i < work->jobs && code == ERROR_NONE; i++)
        code = start(crew, i, work, error);
    while (has_workers(crew, work)) {
        int status;
        uint32_t ended = find_ended(crew, work, &status);
        if (code != ERROR_NONE)
            crew->is_over = true;
        if (ended == CREW_JOBS_MAX)
            look_around(crew, work);
        else if (code == ERROR_NONE)
            code = end_worker(crew, ended, status, work, error);
        else
            crew->workers[ended].process = 0;
    }
    return code;
}

enum error_code crew_run(const struct crew_work *work, uint64_t *ret_done, struct error *error)
{
    void *memory;
    ASSERT(work->jobs >= 1 && work->jobs <= CREW_JOBS_MAX);
    enum error_code code = crew_memory(&memory, sizeof(struct crew), error);
    if (code != ERROR_NONE)
        return code;
    struct crew *crew = memory;
    code = drive(crew, work, error);
    *ret_done = crew->done;
    crew_memory_free(memory, sizeof *crew);
    return code;
}
