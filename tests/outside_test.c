/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for a process that takes its time at random (keys_server.h): what happens, in which order
 * and at which virtual time, is the plan's alone. Scenes, one claim each; then random plans, each
 * run three times with other delays. The number of plans is the first argument.
 */
#include "keys_client.h"

#include "base/hash.h"
#include "base/random.h"
#include "sim/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TASKS = 4, STEPS = 24, DELAY_US = 60, YIELDS_LIMIT = 1000000 };
static const uint64_t ns_of_ms = 1000000;
static unsigned plans = 350;

static struct keys_server server;
/* One a task, and one for the harness. */
static struct keys_session sessions[TASKS + 1];

/* --- what a task does, and what it has seen -------------------------------------------------- */

struct step {
    uint32_t task;
    enum keys_request request;
    uint32_t key;
    uint32_t timeout_ms;  /* 0: none */
    uint32_t sleep_ms;    /* before it asks */
    uint32_t pause_after; /* 0: none */
};

static struct step under_way[TASKS];
static uint64_t trace;
static char log_text[256]; /* of the scenes */

static void note(uint64_t what)
{
    trace = hash_word(trace, what);
}

static void note_answer(uint32_t task, unsigned answer)
{
    note(UINT64_C(1) << 40 | (uint64_t)task << 32 | answer);
    note(world->now_ns);
    size_t length = strlen(log_text);
    (void)snprintf(log_text + length, sizeof log_text - length, "%u%c ", task,
                   answer == 0 ? 'e' : (int)(answer & 0xff));
}

static void do_step(void *argument)
{
    const struct step *step = argument;
    struct keys_session *session = &sessions[step->task];
    if (step->sleep_ms > 0)
        world_sleep(step->sleep_ms * ns_of_ms);
    keys_client_ask(session, step->request, step->key);
    uint64_t deadline_ns =
        step->timeout_ms == 0 ? WORLD_NEVER : world->now_ns + step->timeout_ms * ns_of_ms;
    if (!keys_client_wait(session, deadline_ns)) {
        keys_client_cancel(session);
        (void)keys_client_wait(session, WORLD_NEVER);
    }
    note_answer(step->task, keys_client_take(session));
}

static void start(const struct step *step)
{
    under_way[step->task] = *step;
    world_arm_pause(step->pause_after == 0 ? 0 : WORLD_ALL_POINTS, step->pause_after);
    world_start(step->task, do_step, &under_way[step->task], FAULT_NONE, 0);
    world_run(step->task);
}

/* --- life ------------------------------------------------------------------------------------ */

static uint64_t blockers(void *context, const struct outside *line, struct outside *const *others,
                         uint32_t count)
{
    (void)context;
    return keys_client_blockers((const struct keys_session *)line,
                                (const struct keys_session *const *)others, count);
}

static void bring_up(bool breaks_deadlocks, uint32_t delay_max_us)
{
    const struct keys_server_options options = {breaks_deadlocks, delay_max_us};
    keys_server_start(&server, &options);
    for (uint32_t i = 0; i <= TASKS; i++)
        keys_client_open(&sessions[i], &server, i);
    world->blockers = blockers;
}

static void take_down(void)
{
    for (uint32_t i = 0; i <= TASKS; i++)
        keys_client_close(&sessions[i]);
    keys_server_stop(&server);
}

/* The count of locks begins anew: a call of the harness itself. */
static void reset(void)
{
    world_reset(YIELDS_LIMIT);
    trace = 0;
    log_text[0] = '\0';
    keys_client_ask(&sessions[TASKS], KEYS_RESTART, 0);
    assert_true(keys_client_wait(&sessions[TASKS], WORLD_NEVER));
    assert_true(keys_client_take(&sessions[TASKS]) == KEYS_DONE);
}

static int set_up(void **state)
{
    (void)state;
    world_enter(world_open());
    bring_up(false, 2000);
    reset();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    take_down();
    world_close(world);
    return 0;
}

/* --- scenes ---------------------------------------------------------------------------------- */

static void lock(uint32_t task, uint32_t key)
{
    start(&(struct step){.task = task, .request = KEYS_LOCK, .key = key});
}

static void release(uint32_t task)
{
    start(&(struct step){.task = task, .request = KEYS_RELEASE});
}

static void settle(void)
{
    assert_int_equal(world_settle(), WORLD_IDLE);
}

static void assert_state(uint32_t task, enum task_state expected)
{
    assert_int_equal(world->tasks[task].state, expected);
}

/* After a stop of anybody it is known what became of each: answered here, and blocked there. */
static void test_answered_or_blocked(void **state)
{
    (void)state;
    lock(0, 1);
    assert_state(0, TASK_READY);
    settle();
    lock(1, 1);
    assert_state(1, TASK_OUTSIDE);
    assert_int_equal(world_waits_for(1), 0);
    settle();
    assert_string_equal(log_text, "0d ");
    assert_int_equal(world->now_ns, 0);
}

/* Both are freed by one release, and become ready in the order in which they began to wait. */
static void test_answers_are_taken_in_the_order_of_waiting(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        log_text[0] = '\0';
        lock(0, 1);
        settle();
        lock(0, 2);
        settle();
        lock(3, round % 2 ? 1 : 2);
        lock(1, round % 2 ? 2 : 1);
        settle();
        release(0);
        settle();
        assert_string_equal(log_text, "0d 0d 3d 1d 0d ");
        release(3);
        release(1);
        settle();
    }
}

/* A request that is under way while its task is held back is looked at, too. */
static void test_a_task_held_back_between_request_and_answer(void **state)
{
    (void)state;
    lock(0, 1);
    settle();
    lock(1, 1);
    start(&(struct step){.task = 0, .request = KEYS_RELEASE, .pause_after = 2});
    assert_state(0, TASK_PARKED);
    assert_state(1, TASK_READY); /* the release was done, though nobody has read its answer */
    settle();
    assert_string_equal(log_text, "0d 1d ");
    world_arm_pause(0, 0);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(log_text, "0d 1d 0d ");
}

/* Who waits for a task that is held back makes it go on. */
static void test_who_is_in_the_way_goes_on(void **state)
{
    (void)state;
    lock(0, 1);
    lock(2, 2);
    settle();
    start(&(struct step){.task = 2, .request = KEYS_RELEASE, .pause_after = 1}); /* not asked for */
    start(&(struct step){.task = 0, .request = KEYS_RELEASE, .pause_after = 1});
    lock(1, 1);
    world_arm_pause(0, 0);
    assert_int_equal(world_finish(1), WORLD_IDLE);
    assert_string_equal(log_text, "0d 2d 1d ");
    assert_state(2, TASK_PARKED);
    assert_int_equal(world_finish(2), WORLD_IDLE);
}

static void test_a_chain_of_waiting_ones(void **state)
{
    (void)state;
    lock(0, 0);
    lock(1, 1);
    lock(2, 2);
    settle();
    lock(2, 1);
    lock(1, 0);
    settle();
    assert_int_equal(world_finish(2), WORLD_BLOCKED); /* 2 for 1 for 0, who has no work */
    assert_int_equal(world_waits_for(2), 1);
    assert_int_equal(world_waits_for(1), 0);
    log_text[0] = '\0';
    start(&(struct step){.task = 0, .request = KEYS_RELEASE, .sleep_ms = 5});
    assert_int_equal(world_finish(1), WORLD_IDLE); /* the clock moves for that */
    settle();
    assert_string_equal(log_text, "1d 0d "); /* 1 has waited longer */
    assert_int_equal(world->now_ns, 5 * ns_of_ms);
    release(1);
    assert_int_equal(world_finish(2), WORLD_IDLE);
}

/* In virtual time: neither how long the server takes nor how long it blocks counts. */
static void wait_for_signal(void *signal)
{
    (void)world_wait(signal, WORLD_NEVER);
}

/* Whom somebody waits for who waits for nobody in particular may be outside, behind an idle one. */
static void test_a_signal_from_somebody_outside(void **state)
{
    (void)state;
    int signal;
    lock(0, 0);
    settle();
    lock(1, 0);
    world_start(2, wait_for_signal, &signal, FAULT_NONE, 0);
    world_run(2);
    assert_int_equal(world_finish(2), WORLD_BLOCKED); /* 1 may give it once 0 has done something */
    release(0);
    settle();
    assert_state(1, TASK_IDLE);
    assert_int_equal(world_finish(2), WORLD_DEADLOCK);
    world_wake_all(&signal);
    assert_int_equal(world_finish(2), WORLD_IDLE);
}

static void test_a_wait_ends_at_its_deadline(void **state)
{
    (void)state;
    lock(0, 3);
    settle();
    start(&(struct step){.task = 1, .request = KEYS_LOCK, .key = 3, .timeout_ms = 70});
    settle();
    assert_state(1, TASK_OUTSIDE);
    start(&(struct step){.task = 2, .request = KEYS_LOCK, .key = 3, .timeout_ms = 20});
    settle();
    assert_int_equal(world_finish(1), WORLD_IDLE);
    assert_string_equal(log_text, "0d 2c 1c ");
    assert_int_equal(world->now_ns, 70 * ns_of_ms);
}

/* The deadline comes before those who are held back, as in all waits. */
static void test_a_deadline_does_not_wait_for_who_is_held_back(void **state)
{
    (void)state;
    lock(0, 3);
    settle();
    start(&(struct step){.task = 0, .request = KEYS_RELEASE, .pause_after = 1});
    start(&(struct step){.task = 1, .request = KEYS_LOCK, .key = 3, .timeout_ms = 10});
    world_arm_pause(0, 0);
    assert_int_equal(world_finish(1), WORLD_IDLE);
    assert_string_equal(log_text, "0d 1c ");
    assert_state(0, TASK_PARKED);
    assert_int_equal(world_finish(0), WORLD_IDLE);
}

/* A server that does not see it leaves them waiting for each other. */
static void test_a_circle_outside_is_a_deadlock(void **state)
{
    (void)state;
    lock(0, 0);
    lock(1, 1);
    settle();
    lock(0, 1);
    lock(1, 0);
    assert_int_equal(world_finish(0), WORLD_DEADLOCK);
    assert_int_equal(world_finish(1), WORLD_DEADLOCK);
    keys_client_cancel(&sessions[1]);
    assert_int_equal(world_finish(1), WORLD_IDLE);
    release(1);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(log_text, "0d 1d 1c 0d ");
}

/* A server that breaks it says of nobody that he is blocked whom it will answer. */
static void test_a_circle_that_the_server_breaks(void **state)
{
    (void)state;
    take_down();
    bring_up(true, 2000);
    lock(0, 0);
    lock(1, 1);
    settle();
    lock(0, 1);
    lock(1, 0);
    assert_state(1, TASK_READY);
    assert_state(0, TASK_OUTSIDE);
    assert_int_equal(world_finish(1), WORLD_IDLE);
    assert_int_equal(world_finish(0), WORLD_BLOCKED);
    release(1);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(log_text, "0d 1d 1x 0d ");
}

static void test_a_server_that_dies_answers_everybody(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        lock(0, 0);
        settle();
        lock(3, 0);
        lock(1, 0);
        settle();
        log_text[0] = '\0';
        start(&(struct step){.task = 2, .request = KEYS_DIE});
        settle();
        assert_string_equal(log_text, "3e 1e 2e ");
        take_down();
        bring_up(false, 2000);
    }
}

/* Neither answered nor blocked: the harness gives up, and nobody is to blame. */
static void test_silence_has_a_limit(void **state)
{
    (void)state;
    world->outside_limit_ms = 50;
    start(&(struct step){.task = 0, .request = KEYS_KEEP_SILENT});
    assert_int_equal(world_last_stop(), WORLD_SILENT);
    assert_int_equal(world_finish(0), WORLD_DEADLOCK);
}

/* --- random plans ---------------------------------------------------------------------------- */

static struct census {
    unsigned waits, skips, timeouts, held_back, circles, broken;
} census;

static void draw(struct step steps[STEPS], uint64_t seed)
{
    struct random random;
    random_seed(&random, seed);
    for (int i = 0; i < STEPS; i++) {
        bool locks = !random_chance(&random, 3);
        steps[i] = (struct step){
            .task = random_below(&random, TASKS),
            .request = locks ? KEYS_LOCK : KEYS_RELEASE,
            .key = random_below(&random, KEYS_KEYS),
            .timeout_ms = locks && random_chance(&random, 3) ? random_below(&random, 50) + 1 : 0,
            .sleep_ms = random_chance(&random, 6) ? random_below(&random, 30) : 0,
            .pause_after = random_chance(&random, 3) ? random_below(&random, 2) + 1 : 0,
        };
    }
}

static void note_states(void)
{
    for (uint32_t i = 0; i < TASKS; i++) {
        note((uint64_t)world->tasks[i].state << 8 | world_waits_for(i));
        census.held_back += world->tasks[i].state == TASK_PARKED;
    }
    note(world->yields);
}

/* Somebody in a circle that nobody breaks gives in: the lowest. */
static void break_circle(void)
{
    uint32_t first = (uint32_t)__builtin_ctz(world->in_state[TASK_OUTSIDE]);
    keys_client_cancel(&sessions[first]);
    census.circles++;
}

static void finish(uint32_t task)
{
    world_arm_pause(0, 0);
    enum world_progress progress = world_finish(task);
    note(progress);
    while (progress == WORLD_DEADLOCK) {
        break_circle();
        progress = world_finish(task);
    }
    assert_true(progress == WORLD_IDLE || progress == WORLD_BLOCKED);
    settle();
}

/*
 * In each round one at least whom nobody is in the way of comes to his end, and gives back what he
 * has.
 */
static void finish_all(void)
{
    for (uint32_t round = 0; round < TASKS; round++) {
        for (uint32_t i = 0; i < TASKS; i++) {
            finish(i);
            if (world->tasks[i].state != TASK_IDLE)
                continue;
            release(i);
            settle();
        }
    }
    assert_true(world->in_state[TASK_IDLE] == UINT32_MAX);
}

static uint64_t run(const struct step steps[STEPS])
{
    reset();
    for (int i = 0; i < STEPS; i++) {
        finish(steps[i].task);
        if (world->tasks[steps[i].task].state != TASK_IDLE) {
            census.skips++;
            continue;
        }
        start(&steps[i]);
        census.waits += world->tasks[steps[i].task].state == TASK_OUTSIDE;
        note_states();
        settle();
        note_states();
    }
    finish_all();
    census.timeouts += strchr(log_text, KEYS_CANCELLED) != NULL;
    census.broken += strchr(log_text, KEYS_DEADLOCK) != NULL;
    return trace;
}

static void test_random_plans(void **state)
{
    (void)state;
    static const uint32_t delays_us[] = {0, DELAY_US, DELAY_US};
    uint64_t *first = calloc(plans, sizeof *first);
    assert_non_null(first);
    for (int breaks = 0; breaks < 2; breaks++) {
        memset(&census, 0, sizeof census);
        for (size_t round = 0; round < sizeof delays_us / sizeof delays_us[0]; round++) {
            take_down();
            bring_up(breaks != 0, delays_us[round]);
            for (unsigned i = 0; i < plans; i++) {
                struct step steps[STEPS];
                draw(steps, i);
                uint64_t hash = run(steps);
                if (round == 0)
                    first[i] = hash;
                else if (hash != first[i])
                    fail_msg("plan %u differs in round %zu", i, round);
            }
        }
        assert_true(census.waits > plans && census.skips > plans / 4);
        assert_true(census.timeouts > plans / 8 && census.held_back > plans);
        assert_true(breaks ? census.broken > plans / 8 : census.circles > plans / 8);
    }
    free(first);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        plans = (unsigned)strtoul(argv[1], NULL, 10);
#define SCENE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENE(test_answered_or_blocked),
        SCENE(test_answers_are_taken_in_the_order_of_waiting),
        SCENE(test_a_task_held_back_between_request_and_answer),
        SCENE(test_who_is_in_the_way_goes_on),
        SCENE(test_a_chain_of_waiting_ones),
        SCENE(test_a_signal_from_somebody_outside),
        SCENE(test_a_wait_ends_at_its_deadline),
        SCENE(test_a_deadline_does_not_wait_for_who_is_held_back),
        SCENE(test_a_circle_outside_is_a_deadlock),
        SCENE(test_a_circle_that_the_server_breaks),
        SCENE(test_a_server_that_dies_answers_everybody),
        SCENE(test_silence_has_a_limit),
        SCENE(test_random_plans),
    };
    return cmocka_run_group_tests_name("outside", tests, NULL, NULL);
}
