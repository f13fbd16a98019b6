/* SPDX-License-Identifier: Apache-2.0 */
/* A timer signal, and what its handler makes of it. */
#include "run/watchdog.h"

#include "base/assert.h"
#include "run/run.h"

#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

/* Process-wide, as timers and signals are. */
static struct {
    uint32_t limit_s;
    uint64_t seen; /* the number of the plan that ran at the last look */
    watchdog_fn *on_timeout;
    void *context;
} watchdog = {.limit_s = 60};

void watchdog_set_limit(uint32_t seconds)
{
    watchdog.limit_s = seconds;
}

static void judge(const struct run_at_work *at_work, struct verdict *verdict)
{
    char signature[sizeof verdict->signature];
    const char *action = "end"; /* of a plan without interactions */
    if (at_work->interaction < at_work->plan->interaction_count)
        action = plan_action_infos[at_work->plan->interactions[at_work->interaction].action].name;
    (void)snprintf(signature, sizeof signature, "timeout/%s", action);
    verdict_violation(verdict, at_work->interaction, signature,
                      "the plan was still running after %u s of real time, in a %s of task %u: "
                      "something spins or waits where the simulation is not asked",
                      watchdog.limit_s, action, at_work->task);
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
    const struct itimerval every = {.it_interval.tv_sec = watchdog.limit_s,
                                    .it_value.tv_sec = watchdog.limit_s};
    watchdog.seen = run_next_number();
    watchdog.on_timeout = on_timeout;
    watchdog.context = context;
    ASSERT(sigaction(SIGALRM, &action, NULL) == 0);
    ASSERT(setitimer(ITIMER_REAL, &every, NULL) == 0);
}
