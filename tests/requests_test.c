/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what becomes of requests that are lost, late or half done, on both backends and through
 * every kind of pool; that a pool of one's own that is careful is never called wrong for it, one
 * that goes on as before is, and one that tries again is.
 */
#include "base/arena.h"
#include "generated/subjects.h"
#include "plan/json.h"
#include "run/run.h"
#include "subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

/* --- a pool of one's own ---------------------------------------------------------------------- */

enum { CONNECTIONS = PLAN_TASKS_MAX };

static enum {
    CAREFUL,   /* closes what owes an answer, looks at what it hands out */
    KEEPS,     /* goes on with what owes an answer */
    REPEATS,   /* sends what had no answer a second time, on the same connection */
    STARTS_UP, /* the same on a new connection, where no transaction is open */
} habit;

struct stack_lease {
    struct stack *stack;
    struct backend_connection *connection; /* NULL: not opened yet */
    bool is_out, owes;
};

struct stack {
    struct stack_options options;
    bool is_closed;
    struct stack_lease leases[CONNECTIONS];
};

static void hang_up(struct stack_lease *lease)
{
    struct backend_connection *connection = lease->connection;
    lease->connection = NULL;
    lease->owes = false;
    (void)lease->stack->options.backend->disconnect(connection);
}

static enum outcome own_open(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack *stack = calloc(1, sizeof *stack);
    assert_non_null(stack);
    stack->options = *options;
    *ret_stack = stack;
    return OUTCOME_OK;
}

static enum outcome own_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    (void)interrupt, (void)timeout_ms;
    stack->is_closed = true;
    for (uint32_t i = 0; i < CONNECTIONS; i++)
        if (stack->leases[i].is_out)
            return OUTCOME_TIMEOUT;
    for (uint32_t i = 0; i < CONNECTIONS; i++)
        if (stack->leases[i].connection != NULL)
            hang_up(&stack->leases[i]);
    return OUTCOME_OK;
}

static void own_destroy(struct stack *stack)
{
    free(stack);
}

static enum outcome dial(struct stack_lease *lease)
{
    const struct stack_options *options = &lease->stack->options;
    if (lease->connection != NULL)
        return OUTCOME_OK;
    return options->backend->connect(&lease->connection, &options->connection);
}

static enum outcome own_checkout(struct stack *stack, enum stack_access access, uint32_t timeout_ms,
                                 struct stack_lease **ret_lease)
{
    struct stack_lease *lease = stack->leases;
    (void)access, (void)timeout_ms;
    if (stack->is_closed)
        return OUTCOME_CLOSED;
    while (lease->is_out)
        lease++;
    lease->stack = stack;
    lease->is_out = true;
    enum outcome outcome = dial(lease);
    if (outcome == OUTCOME_OK)
        *ret_lease = lease;
    else
        lease->is_out = false;
    return outcome;
}

static void say(struct stack_lease *lease, const char *sql, struct stack_reply *ret_reply)
{
    const struct stack_call call = {.sql = sql, .sql_length = strlen(sql)};
    interplay_stack_run(lease->stack->options.backend, lease->connection, &call, ret_reply);
    lease->owes |= ret_reply->outcome == OUTCOME_TIMEOUT || ret_reply->outcome == OUTCOME_DIED;
}

static enum outcome own_give_back(struct stack_lease *lease)
{
    const struct backend_ops *backend = lease->stack->options.backend;
    struct stack_reply reply;
    if (backend->in_transaction(lease->connection))
        say(lease, "ROLLBACK", &reply);
    bool is_suspect = lease->owes && habit != KEEPS;
    if (is_suspect || backend->in_transaction(lease->connection))
        hang_up(lease);
    lease->is_out = false;
    return OUTCOME_OK;
}

static void own_execute(struct stack_lease *lease, const struct stack_call *call,
                        struct stack_reply *ret_reply)
{
    const struct backend_ops *backend = lease->stack->options.backend;
    interplay_stack_run(backend, lease->connection, call, ret_reply);
    bool is_lost = ret_reply->outcome == OUTCOME_TIMEOUT;
    lease->owes |= is_lost || ret_reply->outcome == OUTCOME_DIED;
    bool is_alone = !backend->in_transaction(lease->connection);
    if (is_lost && habit == STARTS_UP && is_alone) {
        hang_up(lease);
        if (dial(lease) != OUTCOME_OK)
            return;
    }
    if (is_lost && (habit == REPEATS || (habit == STARTS_UP && is_alone)))
        interplay_stack_run(backend, lease->connection, call, ret_reply);
}

static bool own_in_transaction(struct stack_lease *lease)
{
    return lease->connection != NULL &&
           lease->stack->options.backend->in_transaction(lease->connection);
}

static const struct stack_ops own = {
    .name = "own",
    .open = own_open,
    .close = own_close,
    .destroy = own_destroy,
    .checkout = own_checkout,
    .give_back = own_give_back,
    .execute = own_execute,
    .in_transaction = own_in_transaction,
};

/* --- running plans ---------------------------------------------------------------------------- */

static struct run *open_run(const struct subject *subject, const struct stack_ops *stack)
{
    const struct run_options options = {.subject = subject, .stack = stack};
    struct error error = {0};
    struct run *run = NULL;
    if (run_open(&run, &options, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    return run;
}

static const struct run_result *run_text(struct run *run, const char *text)
{
    struct error error = {0};
    struct plan plan;
    arena_reset(&arena);
    if (json_read(&plan, &arena, "plan", text, strlen(text), &error) != ERROR_NONE)
        fail_msg("%s: %s", text, error.message);
    return run_plan(run, &plan);
}

#define STEP(task, type, more) "{\"task\":" #task ",\"action\":{\"type\":\"" type "\"" more "}}"
#define LOST(task, type, more, fault)                                                              \
    "{\"task\":" #task ",\"action\":{\"type\":\"" type "\"" more "},\"fault\":{\"kind\":\"" fault  \
    "\"}}"
#define KEY ",\"key\":1"

/* --- what happens ----------------------------------------------------------------------------- */

#define BEGUN STEP(0, "begin", "") "," STEP(0, "insert", KEY) ","

/* After a fault in task 0's insert, or in the commit of it, so many rows are there. */
static void check(struct run *run, bool in_commit, const char *config, const char *fault, int rows)
{
    char text[1024];
    (void)snprintf(text, sizeof text,
                   "{\"config\":{\"tasks\":2%s},\"interactions\":[%s{\"task\":0,\"action\":"
                   "{\"type\":\"%s\"%s},\"fault\":{\"kind\":\"%s\"}},"
                   "{\"task\":0,\"action\":{\"type\":\"return\"}},"
                   "{\"task\":1,\"action\":{\"type\":\"query\",\"sql\":"
                   "\"SELECT k FROM t0 WHERE k=1\"},\"expect\":{\"row_count\":%d}}]}",
                   config, in_commit ? BEGUN : "", in_commit ? "commit" : "insert",
                   in_commit ? "" : ",\"key\":1", fault, rows);
    const struct run_result *result = run_text(run, text);
    if (result->verdict.kind != VERDICT_OK || result->faults != 1)
        fail_msg("%s: %s (%s), %u faults", text, result->verdict.signature, result->verdict.report,
                 (unsigned)result->faults);
}

static void test_what_was_told_to_be_lost_may_have_happened(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        int rows;
    } cases[] = {{"request_drop", 0},
                 {"request_reorder", 0},
                 {"partial_failure", 1},
                 {"partial_success", 0}};
    static const char *const stacks[] = {",\"stack\":\"pool\"", ",\"stack\":\"actors\""};
    struct run *run = open_run(&interplay_subject_sqlite, NULL);
    struct run *with_own = open_run(&interplay_subject_sqlite, &own);
    habit = CAREFUL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t s = 0; s < 2; s++) {
            check(run, false, stacks[s], cases[i].fault, cases[i].rows);
            check(run, true, stacks[s], cases[i].fault, cases[i].rows);
        }
        check(with_own, false, "", cases[i].fault, cases[i].rows);
        /* with its ROLLBACK the late COMMIT arrives */
        bool arrives = strcmp(cases[i].fault, "request_reorder") == 0;
        check(with_own, true, "", cases[i].fault, cases[i].rows + arrives);
    }
    run_close(with_own);
    run_close(run);
}

static void test_without_a_pool_no_request_is_lost(void **state)
{
    (void)state;
    struct run *run = open_run(&interplay_subject_sqlite, NULL);
    const struct run_result *result = run_text(
        run, "{\"config\":{},\"interactions\":[" LOST(0, "insert", KEY, "request_drop") "]}");
    assert_int_equal(result->verdict.kind, VERDICT_OK);
    assert_int_equal(result->faults, 0);
    run_close(run);
}

/* --- who is wrong ----------------------------------------------------------------------------- */

static void assert_found(const struct subject *subject, const char *steps, const char *signature)
{
    char text[1024];
    struct run *run = open_run(subject, &own);
    (void)snprintf(text, sizeof text, "{\"config\":{\"tasks\":2},\"interactions\":[%s]}", steps);
    const struct verdict *verdict = &run_text(run, text)->verdict;
    if (strcmp(verdict->signature, signature) != 0)
        fail_msg("%s: '%s' expected, '%s' (%s) found", text, signature, verdict->signature,
                 verdict->report);
    run_close(run);
}

static void test_late_requests_hit_somebody_else(void **state)
{
    (void)state;
    static const char steps[] = LOST(0, "insert", KEY, "request_reorder") "," STEP(
        0, "return", "") "," STEP(1, "select", "");
    static const char same[] = STEP(0, "checkout", "") "," LOST(
        0, "insert", KEY, "request_reorder") "," STEP(0, "select", "") "," STEP(0, "select", "");
    habit = KEEPS;
    assert_found(&interplay_subject_sqlite, steps, "pool/late-request");
    assert_found(&interplay_subject_memory, steps, "pool/late-request");
    assert_found(&interplay_subject_sqlite, same, ""); /* its own */
    assert_found(&interplay_subject_memory, same, "");
    habit = CAREFUL;
    assert_found(&interplay_subject_sqlite, steps, "");
    assert_found(&interplay_subject_memory, steps, "");
}

static void test_a_repeated_request_is_done_twice(void **state)
{
    (void)state;
    static const char alone[] = LOST(0, "update", "", "partial_failure");
    static const char insert[] = LOST(0, "insert", KEY, "partial_failure");
    static const char commit[] =
        STEP(0, "begin", "") "," STEP(0, "update", "") "," LOST(0, "commit", "", "partial_failure");
    static const char within[] =
        STEP(0, "begin", "") "," LOST(0, "delete", "", "partial_failure") "," STEP(0, "commit", "");
    static const char not_done[] = LOST(0, "insert", KEY, "request_drop") "," STEP(1, "select", "");
    habit = REPEATS;
    assert_found(&interplay_subject_sqlite, alone, "");
    assert_found(&interplay_subject_sqlite, insert, "pool/commit-denied");
    assert_found(&interplay_subject_sqlite, commit, "pool/commit-denied");
    assert_found(&interplay_subject_memory, commit, "pool/commit-denied");
    assert_found(&interplay_subject_sqlite, within, "snapshot/wrong-own-delete");
    assert_found(&interplay_subject_sqlite, not_done, "");
    habit = STARTS_UP;
    assert_found(&interplay_subject_sqlite, insert, "pool/commit-denied");
    habit = CAREFUL;
    assert_found(&interplay_subject_sqlite, alone, "");
    assert_found(&interplay_subject_sqlite, insert, "");
    assert_found(&interplay_subject_sqlite, commit, "");
    assert_found(&interplay_subject_memory, commit, "");
    assert_found(&interplay_subject_sqlite, within, "");
}

/* --- random plans ----------------------------------------------------------------------------- */

static unsigned long plans = 2000; /* of each kind; or the first argument */

/* Every third plan has many such faults, in places of its own. */
static void lose_requests(struct plan *plan, struct random *random)
{
    uint32_t one_in = random_below(random, 3) == 0 ? 2 : 8;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        struct interaction *interaction = &plan->interactions[i];
        if (random_below(random, one_in) != 0)
            continue;
        interaction->fault = (uint8_t)(FAULT_request_drop + random_below(random, 4));
        interaction->fault_at = (uint16_t)(1 + random_below(random, 4));
    }
}

static uint32_t struck;

static void run_random(const struct subject *subject, const struct stack_ops *stack,
                       struct generate_subject drawn)
{
    struct run *run = open_run(subject, stack);
    for (uint64_t i = 0; i < plans; i++) {
        struct random random;
        struct plan plan;
        arena_reset(&arena);
        generate_seed(&random, 17, i);
        generate_plan(&plan, &arena, &random, drawn);
        lose_requests(&plan, &random);
        const struct run_result *result = run_plan(run, &plan);
        struck += (uint32_t)result->faults;
        if (result->verdict.kind != VERDICT_OK)
            fail_msg("plan %u on %s: %s: %s", (unsigned)i, stack == NULL ? "ours" : stack->name,
                     result->verdict.signature, result->verdict.report);
    }
    run_close(run);
}

static void test_whoever_is_careful_is_never_called_wrong(void **state)
{
    (void)state;
    habit = CAREFUL;
    struck = 0;
    run_random(&interplay_subject_memory, NULL, FOR_MEMORY);
    run_random(&interplay_subject_memory, &own, FOR_MEMORY);
    run_random(&interplay_subject_sqlite, NULL, FOR_POOL_ON_SQLITE);
    run_random(&interplay_subject_sqlite, &own, FOR_POOL_ON_SQLITE);
    assert_true(struck > plans);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        plans = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_told_to_be_lost_may_have_happened),
        cmocka_unit_test(test_without_a_pool_no_request_is_lost),
        cmocka_unit_test(test_late_requests_hit_somebody_else),
        cmocka_unit_test(test_a_repeated_request_is_done_twice),
        cmocka_unit_test(test_whoever_is_careful_is_never_called_wrong),
    };
    arena_init(&arena, (size_t)64 << 20);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
