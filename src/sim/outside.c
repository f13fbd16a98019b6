/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at the lines that owe an answer until it is known what becomes of each. */
#include "sim/outside.h"

#include "base/assert.h"
#include "sim/world_internal.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

enum { LINES_MAX = 63 }; /* of those beside the one that is asked about: bits */

/* How long an answer is waited for before somebody is asked what keeps it. */
static const struct timespec patience = {.tv_nsec = 300 * 1000};

/* --- lines ----------------------------------------------------------------------------------- */

void outside_open(struct outside *line)
{
    line->state = OUTSIDE_IDLE;
    line->task = WORLD_NOBODY;
    line->blocked_by = 0;
    line->wake_ns = WORLD_NEVER;
    line->next = world->lines;
    world->lines = line;
}

static bool owes(const struct outside *line)
{
    return line->state == OUTSIDE_OWES || line->state == OUTSIDE_BLOCKED;
}

static void set_line_state(struct outside *line, enum outside_state state)
{
    world->lines_owing -= owes(line);
    line->state = state;
    world->lines_owing += owes(line);
}

void outside_tell(void)
{
    world->outside_changed = true;
}

void outside_close(struct outside *line)
{
    set_line_state(line, OUTSIDE_IDLE);
    struct outside **link = &world->lines;
    while (*link != line)
        link = &(*link)->next;
    *link = line->next;
    outside_tell();
}

static uint32_t who_acts(void)
{
    if (world->current == NULL)
        return WORLD_NOBODY;
    uint32_t acting_for = world->current->acting_for;
    return acting_for == WORLD_NOBODY ? world_current_task() : acting_for;
}

void outside_expect(struct outside *line)
{
    ASSERT(line->state == OUTSIDE_IDLE);
    line->task = who_acts();
    set_line_state(line, OUTSIDE_OWES);
    outside_tell();
}

void outside_take(struct outside *line)
{
    ASSERT(line->state == OUTSIDE_ANSWERED);
    set_line_state(line, OUTSIDE_IDLE);
}

void outside_interrupt(struct outside *line)
{
    for (uint32_t set = world->in_state[TASK_OUTSIDE]; set != 0; set &= set - 1) {
        struct world_task *task = &world->tasks[__builtin_ctz(set)];
        if (task->line == line)
            task->wake_ns = world->now_ns;
    }
    outside_tell();
}

/* --- looking --------------------------------------------------------------------------------- */

struct look {
    struct outside *lines[LINES_MAX]; /* that owe */
    struct pollfd polled[LINES_MAX];
    nfds_t count;
    uint64_t begun_ms; /* 0: not looked at the clock yet */
};

static bool collect(struct look *look)
{
    bool all_blocked = true;
    look->count = 0;
    for (struct outside *line = world->lines; line != NULL; line = line->next) {
        if (!owes(line) || line->work != NULL)
            continue;
        ASSERT(look->count < LINES_MAX);
        all_blocked &= line->state == OUTSIDE_BLOCKED;
        look->lines[look->count] = line;
        look->polled[look->count++] =
            (struct pollfd){.fd = line->descriptor, .events = line->events};
    }
    return all_blocked;
}

/* Takes what has come, after `timeout` at the latest; true if there was something. */
static bool take_arrivals(struct look *look, const struct timespec *timeout)
{
    int ready = ppoll(look->polled, look->count, timeout, NULL);
    ASSERT(ready >= 0 || errno == EINTR);
    for (nfds_t i = 0; ready > 0 && i < look->count; i++) {
        struct outside *line = look->lines[i];
        if (look->polled[i].revents != 0 && (line->arrive == NULL || line->arrive(line)))
            set_line_state(line, OUTSIDE_ANSWERED);
    }
    return ready > 0;
}

/* Those who must do something before it is answered; 0: nobody. */
static uint64_t blockers_of(const struct outside *line)
{
    struct outside *others[LINES_MAX];
    uint32_t count = 0;
    for (struct outside *other = world->lines; other != NULL; other = other->next) {
        if (other == line)
            continue;
        ASSERT(count < LINES_MAX);
        others[count++] = other;
    }
    uint64_t said = world->blockers(world->blockers_context, line, others, count);
    uint64_t who = said & WORLD_BY_SOMEBODY ? UINT64_C(1) << WORLD_NOBODY : 0;
    for (said &= ~WORLD_BY_SOMEBODY; said != 0; said &= said - 1)
        who |= UINT64_C(1) << others[__builtin_ctzll(said)]->task;
    return who;
}

/*
 * What becomes of a line that owes. Whose other end is simulated and waits for nobody here waits
 * for time, or for nothing at all.
 */
static void ask_about(struct outside *line)
{
    line->blocked_by = world->blockers == NULL ? 0 : blockers_of(line);
    bool waits_for_nobody = line->work != NULL && line->blocked_by == 0;
    if (waits_for_nobody && line->wake_ns == WORLD_NEVER)
        line->blocked_by = UINT64_C(1) << WORLD_NOBODY;
    bool is_blocked = line->blocked_by != 0 || waits_for_nobody;
    set_line_state(line, is_blocked ? OUTSIDE_BLOCKED : OUTSIDE_OWES);
}

/* Asks about all that owe; true if every one of them is blocked. */
static bool ask(void)
{
    bool all_blocked = true;
    for (struct outside *line = world->lines; line != NULL; line = line->next) {
        if (!owes(line))
            continue;
        ask_about(line);
        all_blocked &= line->state == OUTSIDE_BLOCKED;
    }
    return all_blocked;
}

static bool is_too_late(struct look *look)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    if (look->begun_ms == 0)
        look->begun_ms = now_ms;
    return now_ms - look->begun_ms > world->outside_limit_ms;
}

/* Lets all simulated ends go on, in the order of the lines, until none of them can. */
static void let_work(void)
{
    bool goes_on = true;
    while (goes_on) {
        goes_on = world->outside_changed = false;
        for (struct outside *line = world->lines; line != NULL; line = line->next) {
            if (line->work == NULL || !owes(line) || !line->work(line))
                continue;
            set_line_state(line, OUTSIDE_ANSWERED);
            goes_on = true;
        }
        goes_on |= world->outside_changed;
    }
}

static bool all_is_simulated(void)
{
    const struct outside *line = world->lines;
    while (line != NULL && (line->work != NULL || !owes(line)))
        line = line->next;
    return line == NULL;
}

/*
 * What has been answered is taken before anybody is asked, and only what all are asked about in one
 * round, without an answer coming meanwhile, is believed: then nobody outside works on anything.
 */
static bool look_until_known(void)
{
    static const struct timespec at_once = {0};
    struct look look = {.begun_ms = 0};
    let_work();
    if (all_is_simulated())
        return ask();
    while (world->lines_owing != 0 && !is_too_late(&look)) {
        bool were_blocked = collect(&look);
        if (take_arrivals(&look, were_blocked ? &at_once : &patience))
            continue;
        if (ask() && !take_arrivals(&look, &at_once))
            return true;
    }
    return world->lines_owing == 0;
}

void outside_look(void)
{
    world->outside_changed = false;
    world->is_silent = !look_until_known();
    world_make_answered_ready();
}

bool world_wait_outside(struct outside *line, uint64_t deadline_ns)
{
    ASSERT(line->state != OUTSIDE_IDLE);
    if (world->current == NULL)
        outside_look();
    else if (line->state != OUTSIDE_ANSWERED)
        world_stop_outside(line, deadline_ns);
    return line->state == OUTSIDE_ANSWERED;
}
