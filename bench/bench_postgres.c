/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the harness costs on PostgreSQL: the same statements of three sessions that meet on a few
 * rows, under the harness and by a plain program on libpq, which keeps its connections, sets
 * everything back between plans in the same way, and asks the server in the same way who is
 * blocked. Time on the wall, since most of it is the server's; the least of several rounds, in
 * turns.
 */
#include "figures.h"
#include "generated/subjects.h"

#include "base/arena.h"
#include "base/random.h"
#include "base/text.h"
#include "plan/sql.h"
#include "postgres/postgres_database.h"
#include "run/run.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLANS = 60, ROUNDS = 7, SESSIONS = 3, STEPS = 20, TEXT_MAX = 1 << 16 };

static const enum plan_action actions[] = {
    ACTION_begin,  ACTION_select, ACTION_select, ACTION_update, ACTION_update,
    ACTION_insert, ACTION_upsert, ACTION_delete, ACTION_commit, ACTION_rollback};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

static struct interaction steps[PLANS][STEPS];

static void make_plans(void)
{
    struct random random;
    random_seed(&random, 1);
    for (uint32_t plan = 0; plan < PLANS; plan++)
        for (uint32_t i = 0; i < STEPS; i++) {
            struct interaction *step = &steps[plan][i];
            step->task = (uint8_t)random_below(&random, SESSIONS);
            step->action = (uint8_t)actions[random_below(&random, ACTIONS)];
            step->arguments[FIELD_filter] = 1; /* by key */
            step->arguments[FIELD_key] = (uint8_t)(4 * random_below(&random, 4));
        }
}

static void fail(const char *what)
{
    (void)fprintf(stderr, "bench_postgres: %s\n", what);
    exit(2);
}

/* --- under the harness ------------------------------------------------------------------------ */

static double time_harness(struct run *run)
{
    struct plan plan = {.database = DATABASE_postgres, .interaction_count = STEPS};
    plan.config.choice[PLAN_CONFIG_tasks] = SESSIONS - 1;
    double start = clock_s(CLOCK_MONOTONIC);
    for (int i = 0; i < PLANS; i++) {
        plan.interactions = steps[i];
        const struct run_result *result = run_plan(run, &plan);
        if (result->verdict.kind != VERDICT_OK)
            fail(result->verdict.report);
    }
    return clock_s(CLOCK_MONOTONIC) - start;
}

/* --- by a plain program ----------------------------------------------------------------------- */

struct plain {
    struct postgres_database database;
    PGconn *sessions[SESSIONS];
    bool is_waiting[SESSIONS];
};

static void take_results(PGconn *session)
{
    PGresult *result;
    while ((result = PQgetResult(session)) != NULL)
        PQclear(result);
}

/* True when all has come; false after `timeout_ms`. */
static bool has_come(PGconn *session, const struct timespec *timeout)
{
    while (PQisBusy(session)) {
        struct pollfd polled = {.fd = PQsocket(session), .events = POLLIN};
        if (ppoll(&polled, 1, timeout, NULL) == 0)
            return false;
        (void)PQconsumeInput(session);
    }
    return true;
}

static bool is_blocked(struct plain *plain, PGconn *session)
{
    char process[16];
    (void)snprintf(process, sizeof process, "{%d}", PQbackendPID(session));
    PGresult *rows = postgres_monitor_ask_prepared(&plain->database.monitor, "blocked", process);
    bool is = rows != NULL && PQntuples(rows) == 1 && PQgetvalue(rows, 0, 1)[0] != '\0';
    PQclear(rows);
    return is;
}

/* Until each is answered or blocked. */
static void settle(struct plain *plain)
{
    static const struct timespec patience = {.tv_nsec = 300 * 1000};
    for (int i = 0; i < SESSIONS; i++) {
        PGconn *session = plain->sessions[i];
        bool is_done = !plain->is_waiting[i];
        while (!is_done && !(is_done = has_come(session, &patience)) && !is_blocked(plain, session))
            continue;
        if (!is_done || !plain->is_waiting[i])
            continue;
        take_results(session);
        plain->is_waiting[i] = false;
    }
}

static void do_step(struct plain *plain, const struct interaction *step, int64_t number)
{
    static char payload[TEXT_MAX];
    char sql[PLAN_SQL_BYTES];
    struct text text;
    if (plain->is_waiting[step->task])
        return;
    text_init(&text, sql, sizeof sql);
    uint32_t units = plan_sql(step, number, DIALECT_POSTGRES, &text);
    memset(payload, 'x', units);
    payload[units] = '\0';
    const char *const values[] = {payload};
    if (PQsendQueryParams(plain->sessions[step->task], sql, units > 0, NULL, values, NULL, NULL,
                          0) != 1)
        fail("a statement could not be sent");
    plain->is_waiting[step->task] = true;
    settle(plain);
}

static void on_all(struct plain *plain, const char *sql)
{
    for (int i = 0; i < SESSIONS; i++) {
        if (plain->is_waiting[i] || PQsendQuery(plain->sessions[i], sql) != 1)
            continue;
        plain->is_waiting[i] = true;
    }
    settle(plain);
}

static double time_plain(struct plain *plain)
{
    double start = clock_s(CLOCK_MONOTONIC);
    for (int i = 0; i < PLANS; i++) {
        if (postgres_database_set_back(&plain->database, false, false, NULL) != ERROR_NONE)
            fail("the database could not be set back");
        for (int step = 0; step < STEPS; step++)
            do_step(plain, &steps[i][step], step);
        on_all(plain, "ROLLBACK");
        on_all(plain, "ROLLBACK"); /* who was waiting has his answer now */
        on_all(plain, "DISCARD ALL");
    }
    return clock_s(CLOCK_MONOTONIC) - start;
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static void open_plain(struct plain *plain)
{
    static char setup[PLAN_SETUP_SQL_BYTES];
    struct text text;
    struct error error;
    text_init(&text, setup, sizeof setup);
    plan_setup_sql(DIALECT_POSTGRES, &text);
    if (postgres_database_open(&plain->database, setup, false, &error) != ERROR_NONE)
        fail(error.message);
    if (!postgres_monitor_prepare(&plain->database.monitor, "blocked",
                                  "SELECT p, array_to_string(pg_blocking_pids(p), ' ') "
                                  "FROM unnest($1::int[]) AS p"))
        fail("the server does not say who is in whose way");
    for (int i = 0; i < SESSIONS; i++) {
        plain->sessions[i] = PQconnectdb(plain->database.target);
        (void)PQsetNoticeReceiver(plain->sessions[i], ignore_notice, NULL);
    }
}

int main(void)
{
    const struct run_options options = {.subject = &interplay_subject_postgres,
                                        .stack = &interplay_stack_direct};
    struct run *run;
    struct error error;
    struct plain plain = {0};
    make_plans();
    open_plain(&plain);
    if (run_open(&run, &options, &error) != ERROR_NONE)
        fail(error.message);
    double harness_s = 1e9, plain_s = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double taken = time_harness(run);
        harness_s = taken < harness_s ? taken : harness_s;
        world->net = NULL;
        taken = time_plain(&plain);
        plain_s = taken < plain_s ? taken : plain_s;
    }
    (void)printf("three sessions, %d statements: harness %.0f plans/s, plain libpq %.0f plans/s, "
                 "ratio %.2f\n",
                 STEPS, PLANS / harness_s, PLANS / plain_s, harness_s / plain_s);
    run_close(run);
    for (int i = 0; i < SESSIONS; i++)
        PQfinish(plain.sessions[i]);
    postgres_database_close(&plain.database);
    return 0;
}
