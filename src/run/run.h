/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs plans: brings up a simulated world and the backend in it once, then executes any number of
 * plans, each from the same clean state, and lets the oracles judge every outcome.
 *
 * Deterministic: the same plan gives the same verdict and the same trace hash, in this process or
 * another, the first time or the millionth. Several runs may be open in a process, of one database
 * or of several, used in turns: each runs as if it were alone.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/text.h"
#include "history/recording.h"
#include "oracle/oracles.h"
#include "oracle/verdict.h"
#include "plan/plan.h"
#include "sim/world.h"

#include <interplay/error.h>
#include <interplay/stack.h>
#include <interplay/subject.h>

struct run;

/*
 * Who has a plan run once more, or on something else, too, and compares: the modes (src/mode/). All
 * functions may be NULL, but that who asks for events reads them.
 */
struct run_mode {
    /* Before a run: the plan that runs in place of this one, valid until the next run. */
    const struct plan *(*begin)(void *context, const struct plan *plan);
    uint64_t events; /* that it reads: a bit set */
    void (*on_event)(void *context, const struct event *event);
    /* A row that came of the interaction's statement. */
    void (*on_row)(void *context, size_t interaction, const struct value *columns, uint32_t count);
    /*
     * After a run that came to VERDICT_OK, of the plan that ran: may say otherwise in `verdict`,
     * and may run plans with another `struct run`.
     */
    void (*review)(void *context, const struct plan *plan, const struct trace *trace,
                   struct verdict *verdict);
    void *context;
};

struct run_options {
    const struct subject *subject;
    const struct stack_ops *stack; /* NULL: the one that the plan's configuration names */
    const char *driver;            /* NULL: the subject's; or a decorator of it */
    void (*before_plan)(void);     /* called before each plan; NULL: nothing is */
    /* How signatures of violations begin that come to VERDICT_OK; the last is NULL. NULL: none. */
    const char *const *deserved;
    const struct run_mode *mode; /* lives as long as the run; NULL: none */
};

/*
 * Statements of the plan's own SQL that failed although the plan does not expect it. No finding: a
 * plan may try what is wrong. But whoever wrote it should know.
 */
struct run_failures {
    uint32_t count;
    uint32_t interaction; /* the first */
    char message[128];    /* the first one's, in the database's words */
};

/* What has ended what is claimed: of content, or of errors, too. */
struct run_unjudged {
    const char *reason;   /* "raw SQL wrote"; NULL: nothing */
    uint32_t interaction; /* from here on */
    bool is_everything;   /* content and errors; else content only */
};

/* Streams that ended before their time, since another action of the same task came. */
struct run_cuts {
    uint32_t count;
    uint32_t interaction; /* the first that ended one */
};

struct run_result {
    struct verdict verdict;
    struct run_unjudged unjudged;
    struct oracle_ends ends; /* of oracles that judged no more, for other reasons */
    uint64_t trace_hash;
    uint64_t yields;         /* yield points crossed */
    uint64_t statements;     /* statements executed for the plan's tasks */
    uint32_t pauses, faults; /* that struck */
    struct run_failures failures;
    struct run_cuts cuts;
    const struct trace *trace; /* the events, oldest first; valid until the next run_plan */
};

/*
 * Fails with ERROR_BACKEND when the database cannot be brought up.
 */
enum error_code run_open(struct run **ret_run, const struct run_options *options,
                         struct error *error) __attribute__((warn_unused_result));
void run_close(struct run *run);

/*
 * Closes the run and opens it again as it was: what a violation has left behind does not show in
 * what runs after it. On failure there is no run any more, and *run is NULL.
 */
enum error_code run_renew(struct run **run, struct error *error)
    __attribute__((warn_unused_result));

/* Name and version of the database; static. */
const char *run_backend_version(const struct run *run);

/* A pool may stand in front of what stands between clients and the database. */
bool run_takes_pool(const struct subject *subject, const struct plan_config *config);

/*
 * False: what stands between clients and the database is documented not to support what the
 * interaction says there (struct subject_between).
 */
bool run_supports(const struct subject *subject, const struct interaction *interaction);

/* What it runs plans on. */
const struct subject *run_subject(const struct run *run);

/*
 * Appends what the stack makes of the modes that the plan asks for, where it is something else:
 * "SETTING x is y, begin deferred is immediate (stack pool)".
 */
void run_describe_overrides(const struct run_options *options, const struct plan *plan,
                            struct text *text);

/* Appends what a stack of one's own makes of every plan: "SETTING y, begins immediate". */
void run_describe_stack(const struct run_options *options, struct text *text);

/*
 * The next runs write down what happens, for reports; NULL: they do not. One recording serves one
 * plan, once.
 */
void run_record(struct run *run, struct recording *recording);

/* A coroutine is about to cross a yield point, for a task's interaction. */
struct run_crossing {
    uint64_t number; /* of all yield points that were crossed, from 1 */
    uint32_t coroutine;
    uint32_t task; /* for whom it acts */
    uint32_t interaction;
    uint32_t position; /* in the plan: the interaction that was started, or gone on with, last */
    bool can_pause;    /* a pause of that one would count it, if it is of the pause's class */
    enum yield_point point;
};

/* Called on the coroutine's own stack, on which all is that led there. */
struct run_watcher {
    /* NULL: not asked for, and then yield points cost nothing. */
    void (*on_crossing)(void *context, const struct run_crossing *crossing);
    /* After the crossing, where it is one of a fault's opportunities; NULL: not asked for. */
    void (*on_fault)(void *context, uint32_t interaction, enum fault_kind kind);
    /* Each event, as whoever is on the stack emits it; NULL: not asked for. */
    void (*on_event)(void *context, const struct event *event);
    void *context;
};

/*
 * The next runs let somebody watch each yield point; NULL: they do not. Changes nothing of what
 * happens, whoever watches.
 */
void run_watch(struct run *run, const struct run_watcher *watcher);

/*
 * Executes the plan from clean state. The result belongs to `run` and is valid until the next call.
 * Do not run anything more with this `run` after a violation if you need clean resources: what
 * leaked stays leaked.
 */
const struct run_result *run_plan(struct run *run, const struct plan *plan);

/* --- for a signal handler, which may look at any time --------------------------------------- */

struct run_at_work {
    uint64_t number; /* of the plan, counted in this process */
    const struct plan *plan;
    size_t interaction; /* of who runs, or the one that was started last */
    uint32_t task;
};

/* What runs in this process; false: no plan does. */
bool run_is_at_work(struct run_at_work *ret_at_work);

/* What the number of the next plan in this process will be. */
uint64_t run_next_number(void);

#endif
