/* SPDX-License-Identifier: Apache-2.0 */
/* Fork, run, wait; the verdict comes back through memory that both processes share. */
#include "run/isolated.h"

#include "base/assert.h"
#include "run/crash_place.h"
#include "run/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
    struct isolated_result result;
    struct crash_place crash;
    bool is_judged;
};

/* What cannot be set stays as it is: neither matters to the verdict. */
static void settle_in(const struct isolated_options *options)
{
    if (!options->is_quiet)
        return;
    const struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        (void)dup2(nowhere, STDERR_FILENO);
}

static void on_timeout(void *context, const struct verdict *verdict)
{
    struct shared *shared = context;
    shared->result = (struct isolated_result){.verdict = *verdict, .has_died = true};
    shared->is_judged = true;
    _exit(EXIT_SUCCESS);
}

static void __attribute__((noreturn))
be_child(struct run *run, const struct plan *plan, const struct isolated_options *options,
         struct shared *shared)
{
    settle_in(options);
    crash_place_watch(&shared->crash);
    watchdog_begin(on_timeout, shared);
    const struct run_result *result = run_plan(run, plan);
    shared->result.verdict = result->verdict;
    shared->result.trace_hash = result->trace_hash;
    shared->result.yields = result->yields;
    shared->result.unjudged = result->unjudged;
    shared->result.ends = result->ends;
    shared->result.failures = result->failures;
    shared->result.cuts = result->cuts;
    shared->is_judged = true;
    if (options->look != NULL)
        options->look(options->context, run, plan, result);
    _exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* "crash/asan/KIND/function+0x1c/of-allocator", as much of it as is known and has room. */
static void put_crash_signature(int status, const struct crash_place *crash, struct text *signature)
{
    char place[64], owner[64];
    crash_place_name(crash, place, sizeof place);
    crash_place_name_owner(crash, owner, sizeof owner);
    int number = crash->signal != 0 ? crash->signal : WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    const char *name = sigabbrev_np(number);
    text_append(signature, "crash/");
    if (crash->sanitizer_kind[0] != '\0')
        text_append(signature, crash->sanitizer_kind);
    else if (number == 0)
        text_append_format(signature, "exit/%d", WEXITSTATUS(status));
    else
        text_append_format(signature, "signal/SIG%s", name == NULL ? "UNKNOWN" : name);
    if (place[0] != '\0')
        text_append_format(signature, "/%s", place);
    if (owner[0] != '\0')
        text_append_format(signature, "/of-%s", owner);
}

/*
 * A process that ended before its time: the database crashed, or we did (a broken invariant
 * aborts). A sanitizer may end a process by SIGABRT, too.
 */
static enum error_code judge_death(int status, const struct shared *shared,
                                   struct isolated_result *ret_result, struct error *error)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && shared->crash.at.frame_count == 0)
        return interplay_error(error, ERROR_BACKEND, "the run was aborted (see above)");
    *ret_result = (struct isolated_result){.has_died = true};
    char signature_bytes[sizeof ret_result->verdict.signature], report_bytes[1536];
    struct text signature, report;
    text_init(&signature, signature_bytes, sizeof signature_bytes);
    text_init(&report, report_bytes, sizeof report_bytes);
    put_crash_signature(status, &shared->crash, &signature);
    text_append(&report, "the process of the code under test died");
    crash_place_describe(&shared->crash, &report);
    verdict_violation(&ret_result->verdict, SIZE_MAX, signature.bytes, "%s", report.bytes);
    return ERROR_NONE;
}

static enum error_code judge(int status, const struct shared *shared,
                             struct isolated_result *ret_result, struct error *error)
{
    if (!WIFEXITED(status) || !shared->is_judged)
        return judge_death(status, shared, ret_result, error);
    if (WEXITSTATUS(status) == EXIT_FAILURE)
        return interplay_error(error, ERROR_IO, "standard output cannot be written");
    if (WEXITSTATUS(status) != EXIT_SUCCESS)
        return judge_death(status, shared, ret_result, error);
    *ret_result = shared->result;
    return ERROR_NONE;
}

enum error_code isolated_run(struct run *run, const struct plan *plan,
                             const struct isolated_options *options,
                             struct isolated_result *ret_result, struct error *error)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return interplay_error(error, ERROR_MEMORY, "no shared memory: %s", strerror(errno));
    (void)fflush(stdout);
    enum error_code code;
    pid_t child = fork();
    if (child == 0)
        be_child(run, plan, options, shared);
    if (child < 0) {
        code = interplay_error(error, ERROR_MEMORY, "cannot start a process: %s", strerror(errno));
    } else {
        int status;
        while (waitpid(child, &status, 0) < 0)
            ASSERT(errno == EINTR);
        code = judge(status, shared, ret_result, error);
    }
    ASSERT(munmap(shared, sizeof *shared) == 0);
    return code;
}
