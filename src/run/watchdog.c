/* SPDX-License-Identifier: Apache-2.0 */
/* A timer signal, and what its handler makes of it. */
#include "run/watchdog.h"

#include "base/assert.h"
#include "run/run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

/* Process-wide, as timers and signals are. */
static struct {
    uint64_t limit_ms;
    uint64_t seen; /* the number of the plan that ran at the last look */
    watchdog_fn *on_timeout;
    void *context;
} watchdog = {.limit_ms = 60 * 1000};

void watchdog_set_limit(uint64_t limit_ms)
{
    watchdog.limit_ms = limit_ms;
}

static void judge(const struct run_at_work *at_work, struct verdict *verdict)
{
    char signature[sizeof verdict->signature];
    bool is_in_seconds = watchdog.limit_ms % 1000 == 0;
    const char *action = "end"; /* of a plan without interactions */
    if (at_work->interaction < at_work->plan->interaction_count)
        action = plan_action_infos[at_work->plan->interactions[at_work->interaction].action].name;
    (void)snprintf(signature, sizeof signature, "timeout/%s", action);
    verdict_violation(verdict, at_work->interaction, signature,
                      "the plan was still running after %" PRIu64
                      " %s of real time, in a %s of task %u: "
                      "something spins or waits where the simulation is not asked",
                      is_in_seconds ? watchdog.limit_ms / 1000 : watchdog.limit_ms,
                      is_in_seconds ? "s" : "ms", action, at_work->task);
}

static void on_alarm(int signal_number)
{
    struct run_at_work at_work;
    (void)signal_number;
    if (!run_is_at_work(&at_work))
        return;
    if (at_work.number != watchdog.seen) {
        watchdog.seen = at_work.number;
        return;
    }
    static struct verdict verdict; /* not on a stack that may be short */
    /* Whatever hangs from here on ends by the signal itself. */
    (void)signal(SIGALRM, SIG_DFL);
    judge(&at_work, &verdict);
    watchdog.on_timeout(watchdog.context, &verdict);
}

void watchdog_begin(watchdog_fn *on_timeout, void *context)
{
    const struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    const struct timeval limit = {.tv_sec = (time_t)(watchdog.limit_ms / 1000),
                                  .tv_usec = (suseconds_t)(watchdog.limit_ms % 1000 * 1000)};
    const struct itimerval every = {.it_interval = limit, .it_value = limit};
    watchdog.seen = run_next_number();
    watchdog.on_timeout = on_timeout;
    watchdog.context = context;
    ASSERT(sigaction(SIGALRM, &action, NULL) == 0);
    ASSERT(setitimer(ITIMER_REAL, &every, NULL) == 0);
}
