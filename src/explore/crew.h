/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A crew: processes that share numbered work. One that dies takes nothing with it but the number at
 * which it was: another process goes on behind that. What they find out they leave in memory that
 * they share with whoever set them to work (crew_memory).
 */
#ifndef EXPLORE_CREW_H
#define EXPLORE_CREW_H

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CREW_JOBS_MAX = 256 };

struct crew_work {
    uint32_t jobs;  /* up to CREW_JOBS_MAX */
    uint64_t total; /* numbers from 0 */
    /* In a worker's process: before its first number, and for each number. */
    void (*begin)(void *context, uint32_t worker);
    void (*work)(void *context, uint32_t worker, uint64_t number);
    /* In ours: the worker's process died at this number. Others go on if that is no error. */
    enum error_code (*on_death)(void *context, uint32_t worker, uint64_t number,
                                struct error *error);
    /* In ours, now and then; false: enough. NULL: nobody asks. */
    bool (*on_progress)(void *context, uint64_t done);
    void *context;
};

/*
 * Returns when all is done, or enough; `ret_done`: how many numbers. Fails with ERROR_MEMORY when
 * there is no process to be had, and as on_death does.
 */
enum error_code crew_run(const struct crew_work *work, uint64_t *ret_done, struct error *error)
    __attribute__((warn_unused_result));

/* Zeroed memory that a crew which is set to work later shares with us; what is not used costs
 * nothing. */
enum error_code crew_memory(void **ret_memory, size_t size_bytes, struct error *error)
    __attribute__((warn_unused_result));
void crew_memory_free(void *memory, size_t size_bytes);

#endif
