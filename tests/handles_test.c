/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever uses a connection or a statement after its end is noticed, in every call and in every
 * build, and nothing comes of it: by the backends that notice it themselves, and by what stands in
 * front of the others. Whoever does it while a call is under way, too. Who uses each to its end is
 * not.
 */
#include <interplay/backend.h>

#include "generated/subjects.h"
#include "sim/handles.h"
#include "sim/requests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct backend_ops *backend;
static const struct subject *subject;
static struct subject_instance *instance;
static struct requests requests;
static struct world *own_world;

static const char *noted; /* the first one */
static uint32_t notes;

static void on_misuse(void *context, const char *what)
{
    (void)context;
    if (notes++ == 0)
        noted = what;
}

static void expect_note(const char *what)
{
    assert_non_null(noted);
    assert_string_equal(noted, what);
    noted = NULL;
    notes = 0;
}

static void expect_peace(void)
{
    if (noted != NULL)
        fail_msg("noted: %s", noted);
}

/* --- set-up ----------------------------------------------------------------------------------- */

static int open_subject(const struct subject *opened)
{
    struct error error;
    subject = opened;
    backend = opened->backend;
    own_world = world_open();
    world_enter(own_world);
    world->on_misuse = on_misuse;
    notes = 0;
    noted = NULL;
    if (opened->world->open(&instance, "", &error) != ERROR_NONE)
        return -1;
    world_reset(100000);
    opened->world->reset(instance,
                         &(struct subject_start){.is_empty = true, .settings = (int32_t[32]){0}});
    return 0;
}

static int open_memory(void **state)
{
    (void)state;
    return open_subject(&interplay_subject_memory);
}

static int open_store(void **state)
{
    (void)state;
    return open_subject(&interplay_subject_store);
}

/* What is noticed here never reaches the backend behind it, so that any would do. */
static int open_requests(void **state)
{
    (void)state;
    int status = open_subject(&interplay_subject_memory);
    backend = requests_open(&requests, backend);
    return status;
}

static int close_subject(void **state)
{
    (void)state;
    requests_free(&requests);
    subject->world->close(instance);
    world_close(own_world);
    return 0;
}

static struct backend_connection *dial(void)
{
    struct backend_connection *connection;
    struct backend_options options = {0};
    subject->world->connection(instance, &options);
    assert_int_equal(backend->connect(&connection, &options), OUTCOME_OK);
    return connection;
}

static struct backend_statement *prepare(struct backend_connection *connection)
{
    struct backend_statement *statement;
    assert_int_equal(backend->prepare(connection, "COMMIT", 6, &statement), OUTCOME_OK);
    return statement;
}

/* --- after the end ---------------------------------------------------------------------------- */

static void test_statement_after_its_finalize(void **state)
{
    (void)state;
    struct backend_connection *connection = dial();
    struct backend_statement *statement = prepare(connection);
    struct value value = value_integer(1);
    size_t length = 1;
    backend->finalize(statement);
    expect_peace();
    struct backend_statement *other = prepare(connection); /* is another one */
    assert_int_equal(backend->step(statement), OUTCOME_MISUSE);
    expect_note(HANDLE_STATEMENT_USED);
    assert_int_equal(backend->bind_int64(statement, 1, 1), OUTCOME_MISUSE);
    expect_note(HANDLE_STATEMENT_USED);
    assert_int_equal(backend->bind_text(statement, 1, "x", 1), OUTCOME_MISUSE);
    expect_note(HANDLE_STATEMENT_USED);
    assert_int_equal(backend->bind(statement, 1, &value), OUTCOME_MISUSE);
    expect_note(HANDLE_STATEMENT_USED);
    assert_int_equal(backend->parameter_count(statement), 0);
    expect_note(HANDLE_STATEMENT_USED);
    (void)backend->is_read_only(statement);
    expect_note(HANDLE_STATEMENT_USED);
    assert_int_equal(backend->column_count(statement), 0);
    expect_note(HANDLE_STATEMENT_USED);
    assert_true(backend->column_is_null(statement, 0));
    expect_note(HANDLE_STATEMENT_USED);
    assert_int_equal(backend->column_int64(statement, 0), 0);
    expect_note(HANDLE_STATEMENT_USED);
    assert_null(backend->column_text(statement, 0, &length));
    assert_int_equal(length, 0);
    expect_note(HANDLE_STATEMENT_USED);
    backend->column(statement, 0, &value);
    assert_int_equal(value.kind, VALUE_NULL);
    expect_note(HANDLE_STATEMENT_USED);
    backend->reset(statement);
    expect_note(HANDLE_STATEMENT_USED);
    backend->finalize(statement);
    expect_note(HANDLE_STATEMENT_LEFT_TWICE);
    backend->finalize(other);
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
    expect_peace();
}

static void test_connection_after_its_disconnect(void **state)
{
    (void)state;
    struct backend_connection *connection = dial();
    struct backend_statement *statement;
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
    expect_peace();
    struct backend_connection *other = dial(); /* is another one */
    assert_int_equal(backend->prepare(connection, "COMMIT", 6, &statement), OUTCOME_MISUSE);
    expect_note(HANDLE_CONNECTION_USED);
    assert_int_equal(backend->changes(connection), 0);
    expect_note(HANDLE_CONNECTION_USED);
    assert_false(backend->in_transaction(connection));
    expect_note(HANDLE_CONNECTION_USED);
    backend->cancel(connection);
    expect_note(HANDLE_CONNECTION_USED);
    (void)backend->error_code(connection);
    expect_note(HANDLE_CONNECTION_USED);
    assert_string_equal(backend->error_state(connection), "");
    expect_note(HANDLE_CONNECTION_USED);
    assert_non_null(backend->error_message(connection));
    expect_note(HANDLE_CONNECTION_USED);
    if (backend->session_change != NULL) {
        assert_null(backend->session_change(connection));
        expect_note(HANDLE_CONNECTION_USED);
    }
    assert_int_equal(backend->disconnect(connection), OUTCOME_MISUSE);
    expect_note(HANDLE_CONNECTION_LEFT_TWICE);
    assert_int_equal(backend->disconnect(other), OUTCOME_OK);
    expect_peace();
}

/* A connection with statements is not closed, and that is no misuse. */
static void test_connection_that_is_busy(void **state)
{
    (void)state;
    struct backend_connection *connection = dial();
    struct backend_statement *statement = prepare(connection);
    assert_int_equal(backend->disconnect(connection), OUTCOME_BUSY);
    assert_false(backend->in_transaction(connection));
    backend->finalize(statement);
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
    expect_peace();
}

/* --- in the midst of a call ------------------------------------------------------------------- */

static struct backend_connection *held_connection;
static struct backend_statement *held_statement;
static enum outcome held_outcome;

static void step_it(void *argument)
{
    (void)argument;
    held_outcome = backend->step(held_statement);
}

static void prepare_it(void *argument)
{
    (void)argument;
    struct backend_statement *statement;
    held_outcome = backend->prepare(held_connection, "COMMIT", 6, &statement);
}

static void finalize_it(void *argument)
{
    (void)argument;
    backend->finalize(held_statement);
}

static void disconnect_it(void *argument)
{
    (void)argument;
    (void)backend->disconnect(held_connection);
}

/* `first` is held back at its first yield point, `second` comes, and then both go on. */
static void meet(void (*first)(void *argument), void (*second)(void *argument))
{
    world_arm_pause(WORLD_ALL_POINTS, 1);
    world_start(0, first, NULL, FAULT_NONE, 0);
    world_run(0);
    assert_int_equal(world->tasks[0].state, TASK_PARKED);
    world_arm_pause(0, 0);
    world_start(1, second, NULL, FAULT_NONE, 0);
    assert_int_equal(world_finish(1), WORLD_IDLE);
    assert_int_equal(world_finish(0), WORLD_IDLE);
}

static void test_finalize_in_the_midst_of_a_step(void **state)
{
    (void)state;
    held_connection = dial();
    held_statement = prepare(held_connection);
    held_outcome = OUTCOME_MISUSE;
    meet(step_it, finalize_it);
    expect_note(HANDLE_STATEMENT_LEFT);
}

static void test_disconnect_in_the_midst_of_a_prepare(void **state)
{
    (void)state;
    held_connection = dial();
    meet(prepare_it, disconnect_it);
    expect_note(HANDLE_CONNECTION_LEFT);
}

/* One after the other is no misuse. */
static void test_whoever_waits_is_not_noticed(void **state)
{
    (void)state;
    held_connection = dial();
    held_statement = prepare(held_connection);
    world_start(0, step_it, NULL, FAULT_NONE, 0);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    world_start(1, finalize_it, NULL, FAULT_NONE, 0);
    assert_int_equal(world_finish(1), WORLD_IDLE);
    world_start(0, disconnect_it, NULL, FAULT_NONE, 0);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    expect_peace();
}

/* --- many ------------------------------------------------------------------------------------- */

/* A handle stays what it was while others come and go, up to a point. */
static void test_many_others_came_and_went(void **state)
{
    (void)state;
    struct backend_connection *connection = dial();
    struct backend_statement *statement = prepare(connection);
    backend->finalize(statement);
    for (uint32_t i = 0; i < 15; i++)
        backend->finalize(prepare(connection));
    expect_peace();
    backend->reset(statement);
    expect_note(HANDLE_STATEMENT_USED);
    for (uint32_t i = 0; i < 20000; i++)
        backend->finalize(prepare(connection));
    struct backend_connection *closed = dial();
    assert_int_equal(backend->disconnect(closed), OUTCOME_OK);
    for (uint32_t i = 0; i < 62; i++)
        assert_int_equal(backend->disconnect(dial()), OUTCOME_OK);
    expect_peace();
    backend->cancel(closed);
    expect_note(HANDLE_CONNECTION_USED);
    for (uint32_t i = 0; i < 2000; i++)
        assert_int_equal(backend->disconnect(dial()), OUTCOME_OK);
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
    expect_peace();
}

#define TESTS(open)                                                                                \
    {                                                                                              \
        cmocka_unit_test_setup_teardown(test_statement_after_its_finalize, open, close_subject),   \
            cmocka_unit_test_setup_teardown(test_connection_after_its_disconnect, open,            \
                                            close_subject),                                        \
            cmocka_unit_test_setup_teardown(test_connection_that_is_busy, open, close_subject),    \
            cmocka_unit_test_setup_teardown(test_finalize_in_the_midst_of_a_step, open,            \
                                            close_subject),                                        \
            cmocka_unit_test_setup_teardown(test_disconnect_in_the_midst_of_a_prepare, open,       \
                                            close_subject),                                        \
            cmocka_unit_test_setup_teardown(test_whoever_waits_is_not_noticed, open,               \
                                            close_subject),                                        \
            cmocka_unit_test_setup_teardown(test_many_others_came_and_went, open, close_subject),  \
    }

int main(void)
{
    const struct CMUnitTest memory[] = TESTS(open_memory), store[] = TESTS(open_store),
                            in_front[] = TESTS(open_requests);
    int failed = cmocka_run_group_tests_name("memory", memory, NULL, NULL);
    failed += cmocka_run_group_tests_name("store", store, NULL, NULL);
    return failed + cmocka_run_group_tests_name("in front", in_front, NULL, NULL);
}
