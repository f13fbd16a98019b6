/* SPDX-License-Identifier: Apache-2.0 */
/* Fork ahead, wait in order. */
#include "cli/scouts.h"

#include "run/feedback.h"
#include "run/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE_PLANS = 256 };

/* Of one scout; shared with its process. */
struct report {
    struct scouted scouted;
    uint64_t index; /* of the plan that runs, or ran last */
    bool is_whole;  /* it has come to its end */
    struct metrics metrics;
    struct mode_counts counts;
    uint8_t feedback[FEEDBACK_COUNTERS];
};

struct scout {
    pid_t process; /* 0: none */
    uint64_t from, to;
    struct report *report;
    FILE *log; /* of its events; NULL: nobody wants them */
};

struct scouts {
    struct campaign *campaign;
    uint64_t next, to; /* where the next piece begins */
    uint32_t count;    /* at work, in the order of their plans */
    uint32_t jobs;
    struct scout at_work[]; /* `jobs` of them */
};

/* --- the scout's own process ------------------------------------------------------------------ */

static void stop(struct report *report, uint64_t index)
{
    report->scouted.has_stopped = true;
    report->scouted.stopped_at = index;
}

/* The campaign runs it again, and there it is timed, too. */
static void on_timeout(void *context, const struct verdict *verdict)
{
    struct report *report = context;
    (void)verdict;
    stop(report, report->index);
    report->is_whole = true;
    _exit(EXIT_SUCCESS);
}

/* False: the plan came to something, and leaves no trace in what is reported. */
static bool scout_plan(struct campaign *campaign, struct report *report, uint64_t index)
{
    struct plan plan;
    const struct metrics before = campaign->metrics;
    const struct mode_counts counts =
        campaign->mode != NULL ? *mode_counts(campaign->mode) : (struct mode_counts){0};
    long written = campaign->log.file == NULL ? 0 : ftell(campaign->log.file);
    report->index = index;
    const struct run_result *result = campaign_run_plan(campaign, index, &plan);
    if (result->verdict.kind == VERDICT_OK) {
        report->scouted.plans++;
        report->scouted.statements += result->statements;
        return true;
    }
    campaign->metrics = before;
    report->counts = counts;
    if (campaign->log.file != NULL && fseek(campaign->log.file, written, SEEK_SET) == 0)
        (void)ftruncate(fileno(campaign->log.file), written);
    stop(report, index);
    return false;
}

/*
 * What the campaign has open is not this process's: storage that simulated processes share is
 * memory that real ones would share, too.
 */
static bool open_own(struct campaign *campaign)
{
    struct error error;
    return run_open(&campaign->run, campaign->order->backend, &error) == ERROR_NONE &&
           (campaign->mode == NULL || mode_open_own(campaign->mode, &error) == ERROR_NONE);
}

static _Noreturn void be_scout(struct campaign *campaign, const struct scout *scout, pid_t parent)
{
    struct report *report = scout->report;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    (void)signal(SIGINT, SIG_IGN); /* the campaign ends this one */
    if (!open_own(campaign))
        _exit(EXIT_FAILURE);
    watchdog_begin(on_timeout, report);
    memset(&campaign->metrics, 0, sizeof campaign->metrics);
    memset(feedback_counters, 0, sizeof feedback_counters);
    campaign->log.file = scout->log;
    uint64_t index = scout->from;
    while (index < scout->to && scout_plan(campaign, report, index))
        index++;
    if (!report->scouted.has_stopped && campaign->mode != NULL)
        report->counts = *mode_counts(campaign->mode);
    report->metrics = campaign->metrics;
    memcpy(report->feedback, feedback_counters, sizeof report->feedback);
    bool is_written = scout->log == NULL || fflush(scout->log) == 0;
    report->is_whole = is_written;
    _exit(EXIT_SUCCESS);
}

/* --- sending them out ------------------------------------------------------------------------- */

/* A file without a name, for the events. */
static FILE *new_log(const struct campaign *campaign)
{
    return campaign->log.file == NULL ? NULL : tmpfile();
}

static enum error_code send(struct scouts *scouts, struct scout *scout, struct error *error)
{
    memset(scout->report, 0, sizeof *scout->report);
    scout->log = new_log(scouts->campaign);
    if (scouts->campaign->log.file != NULL && scout->log == NULL)
        return interplay_error(error, ERROR_IO, "no temporary file: %s", strerror(errno));
    pid_t parent = getpid();
    (void)fflush(NULL);
    scout->process = fork();
    if (scout->process == 0)
        be_scout(scouts->campaign, scout, parent);
    if (scout->process > 0)
        return ERROR_NONE;
    scout->process = 0;
    return interplay_error(error, ERROR_MEMORY, "cannot start a process: %s", strerror(errno));
}

static enum error_code send_more(struct scouts *scouts, struct error *error)
{
    enum error_code code = ERROR_NONE;
    while (code == ERROR_NONE && scouts->count < scouts->jobs && scouts->next < scouts->to) {
        struct scout *scout = &scouts->at_work[scouts->count];
        uint64_t left = scouts->to - scouts->next;
        scout->from = scouts->next;
        scout->to = scout->from + (left < PIECE_PLANS ? left : PIECE_PLANS);
        code = send(scouts, scout, error);
        scouts->count += code == ERROR_NONE;
        scouts->next = scout->to;
    }
    return code;
}

/* --- taking in what they report -------------------------------------------------------------- */

static void take_log(struct campaign *campaign, FILE *log)
{
    char bytes[1 << 14];
    size_t size;
    if (log == NULL)
        return;
    rewind(log);
    while ((size = fread(bytes, 1, sizeof bytes, log)) > 0)
        (void)fwrite(bytes, 1, size, campaign->log.file);
    (void)fclose(log);
}

static void take_report(struct campaign *campaign, const struct report *report)
{
    metrics_add(&campaign->metrics, &report->metrics);
    for (int i = 0; i < FEEDBACK_COUNTERS; i++)
        feedback_counters[i] |= report->feedback[i];
    if (campaign->mode != NULL)
        mode_add_counts(campaign->mode, &report->counts);
}

/* The first one is done: the others move up. */
static void move_up(struct scouts *scouts)
{
    const struct scout done = scouts->at_work[0];
    scouts->count--;
    memmove(scouts->at_work, scouts->at_work + 1, scouts->count * sizeof done);
    scouts->at_work[scouts->count] = done; /* its report is used again */
    scouts->at_work[scouts->count].process = 0;
}

/* Of a process that died nothing is known: the campaign runs its plans itself, one by one. */
static void take_death(const struct scout *scout)
{
    memset(scout->report, 0, sizeof *scout->report);
    stop(scout->report, scout->from);
}

enum error_code scouts_next(struct scouts *scouts, struct scouted *ret_scouted, struct error *error)
{
    enum error_code code = send_more(scouts, error);
    *ret_scouted = (struct scouted){.is_end = true};
    if (code != ERROR_NONE || scouts->count == 0)
        return code;
    struct scout *first = &scouts->at_work[0];
    while (waitpid(first->process, NULL, 0) < 0 && errno == EINTR)
        ;
    if (!first->report->is_whole)
        take_death(first);
    take_report(scouts->campaign, first->report);
    if (first->report->is_whole)
        take_log(scouts->campaign, first->log);
    else if (first->log != NULL)
        (void)fclose(first->log);
    *ret_scouted = first->report->scouted;
    first->log = NULL;
    first->process = 0;
    if (ret_scouted->has_stopped && ret_scouted->stopped_at + 1 < first->to) {
        first->from = ret_scouted->stopped_at + 1;
        return send(scouts, first, error);
    }
    move_up(scouts);
    return ERROR_NONE;
}

/* --- opening ---------------------------------------------------------------------------------- */

enum error_code scouts_open(struct scouts **ret_scouts, struct campaign *campaign, uint64_t from,
                            uint64_t to, struct error *error)
{
    uint32_t jobs = campaign->order->jobs;
    struct scouts *scouts = calloc(1, sizeof *scouts + jobs * sizeof scouts->at_work[0]);
    struct report *reports = mmap(NULL, jobs * sizeof *reports, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (scouts == NULL || reports == MAP_FAILED) {
        free(scouts);
        return interplay_error(error, ERROR_MEMORY, "no memory for %u jobs", jobs);
    }
    *scouts = (struct scouts){.campaign = campaign, .next = from, .to = to, .jobs = jobs};
    for (uint32_t i = 0; i < jobs; i++)
        scouts->at_work[i].report = &reports[i];
    *ret_scouts = scouts;
    return ERROR_NONE;
}

void scouts_close(struct scouts *scouts)
{
    struct report *reports = NULL;
    for (uint32_t i = 0; i < scouts->jobs; i++) {
        struct scout *scout = &scouts->at_work[i];
        if (reports == NULL || scout->report < reports)
            reports = scout->report;
        if (scout->process == 0)
            continue;
        (void)kill(scout->process, SIGKILL);
        (void)waitpid(scout->process, NULL, 0);
        if (scout->log != NULL)
            (void)fclose(scout->log);
    }
    (void)munmap(reports, scouts->jobs * sizeof *reports);
    free(scouts);
}
