/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans as JSON: what is read, what is written, and for each way of being wrong the exact message
 * with its place. Plans stand here with ' for ", so that they can be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "plan/json.h"
#include "sqlite/sqlite_settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;

/*
 * The same text with " for ', on the heap and without a zero byte behind it: a read beyond it is
 * seen.
 */
static char *quoted(const char *text, size_t *ret_length)
{
    size_t length = strlen(text);
    char *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    for (size_t i = 0; i < length; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    *ret_length = length;
    return copy;
}

static enum error_code read_quoted(struct plan *ret_plan, const char *text, struct error *error)
{
    size_t length;
    char *copy = quoted(text, &length);
    arena_reset(&arena);
    enum error_code code = json_read(ret_plan, &arena, "plan.json", copy, length, error);
    free(copy);
    return code;
}

static struct plan read_ok(const char *text)
{
    struct error error = {0};
    struct plan plan = {0};
    if (read_quoted(&plan, text, &error) != ERROR_NONE)
        fail_msg("%s in %s", error.message, text);
    return plan;
}

static char *write_ok(const struct plan *plan)
{
    char *text = NULL;
    size_t length = 0;
    assert_int_equal(json_write(plan, &arena, &text, &length), ERROR_NONE);
    assert_int_equal(strlen(text), length);
    return text;
}

/* What is written reads back as the same plan, and is written again as the same bytes. */
static void assert_round_trip(const struct plan *plan)
{
    struct error error = {0};
    struct plan back;
    char *text = write_ok(plan);
    if (json_read(&back, &arena, "again.json", text, strlen(text), &error) != ERROR_NONE)
        fail_msg("%s in %s", error.message, text);
    assert_true(plan_equal(plan, &back));
    assert_string_equal(write_ok(&back), text);
}

struct refusal {
    const char *text;
    const char *message; /* after "plan.json:"; * stands for the rest of a list that may grow */
};

static bool matches(const char *text, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    if (star == NULL)
        return strcmp(text, pattern) == 0;
    size_t before = (size_t)(star - pattern);
    size_t after = strlen(star + 1);
    size_t length = strlen(text);
    return length >= before + after && memcmp(text, pattern, before) == 0 &&
           strcmp(text + length - after, star + 1) == 0;
}

static void assert_refused(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct error error = {0};
        struct plan plan, untouched;
        memset(&plan, 0x5a, sizeof plan);
        memcpy(&untouched, &plan, sizeof plan);
        enum error_code code = read_quoted(&plan, refusals[i].text, &error);
        if (code != ERROR_INPUT || error.code != ERROR_INPUT)
            fail_msg("code %d for %s", (int)code, refusals[i].text);
        char expected[sizeof error.message];
        (void)snprintf(expected, sizeof expected, "plan.json:%s", refusals[i].message);
        if (!matches(error.message, expected))
            fail_msg("%s\nexpected %s\nfound    %s", refusals[i].text, expected, error.message);
        assert_memory_equal(&plan, &untouched, sizeof plan);
        /* The error is optional. */
        assert_int_equal(read_quoted(&plan, refusals[i].text, NULL), ERROR_INPUT);
    }
}

#define ASSERT_REFUSED(refusals)                                                                   \
    assert_refused((refusals), sizeof(refusals) / sizeof((refusals)[0]))

#define NATIVE(interaction)     "{'config':{},'interactions':[" interaction "]}"
#define ACTION(action)          NATIVE("{'task':0,'action':{" action "}}")
#define EXTRA(extra)            NATIVE("{'task':0,'action':{'type':'commit'}," extra "}")
#define MIDDLEWARE(interaction) "{'interactions':[" interaction "]}"

/* --- middleware plans ------------------------------------------------------------------------ */

static void test_middleware_reads_all_eight_actions(void **state)
{
    (void)state;
    struct plan plan = read_ok(
        "{'interactions':["
        "{'task':0,'action':{'type':'checkout'}},"
        "{'task':2,'action':{'type':'begin'}},"
        "{'task':0,'action':{'type':'execute','sql':'CREATE TABLE t (a)'}},"
        "{'task':0,'action':{'type':'execute','sql':'x','expect_error':{'contains':'syn'}}},"
        "{'task':1,'action':{'type':'query','sql':'SELECT 1',"
        "'expect':{'row_count':1,'column_count':2},'expect_error':null}},"
        "{'task':0,'action':{'type':'sleep','ms':12}},"
        "{'task':0,'action':{'type':'commit'}},"
        "{'task':0,'action':{'type':'rollback'}},"
        "{'task':0,'action':{'type':'return'}}]}");
    static const uint8_t actions[] = {ACTION_checkout, ACTION_begin,    ACTION_execute,
                                      ACTION_execute,  ACTION_query,    ACTION_sleep,
                                      ACTION_commit,   ACTION_rollback, ACTION_return};
    assert_int_equal(plan.kind, PLAN_MIDDLEWARE);
    assert_int_equal(plan.pool_size, 8);
    assert_int_equal(plan_tasks(&plan), 3);
    assert_int_equal(plan.interaction_count, sizeof actions);
    for (size_t i = 0; i < sizeof actions; i++)
        assert_int_equal(plan.interactions[i].action, actions[i]);
    assert_string_equal(plan.interactions[2].sql, "CREATE TABLE t (a)");
    assert_null(plan.interactions[2].expectation);
    const struct plan_expectation *error = plan.interactions[3].expectation;
    assert_true(error->expects_error && !error->has_row_count && !error->has_column_count);
    assert_string_equal(error->error_contains, "syn");
    const struct plan_expectation *rows = plan.interactions[4].expectation;
    assert_true(!rows->expects_error && rows->has_row_count && rows->has_column_count);
    assert_int_equal(rows->row_count, 1);
    assert_int_equal(rows->column_count, 2);
    assert_int_equal(plan.interactions[5].sleep_ms, 12);
    assert_round_trip(&plan);
}

static void test_middleware_optional_fields_and_other_keys(void **state)
{
    (void)state;
    struct plan plain =
        read_ok("{'interactions':[{'task':0,'action':{'type':'query','sql':'q'}}]}");
    static const char *const same[] = {
        "{'interactions':[{'task':0,'action':{'type':'query','sql':'q','expect':null}}]}",
        "{'interactions':[{'task':0,'action':{'type':'query','sql':'q','expect':{}}}]}",
        "{'interactions':[{'task':0,'action':{'type':'query','sql':'q',"
        "'expect':{'row_count':null,'column_count':null,'rows':3},'expect_error':null}}]}",
        "{'version':9,'seed':18446744073709551615,'config':null,'pool_size':null,"
        "'interactions':[{'task':0,'action':{'type':'query','sql':'q','ms':'x','table':9},"
        "'pause':3,'fault':[],'expect':7,'expect_error':{},'comment':8}],'x':[{},[],1e5,true]}",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        struct error error = {0};
        struct plan plan;
        size_t length;
        char *copy = quoted(same[i], &length);
        if (json_read(&plan, &arena, "p", copy, length, &error) != ERROR_NONE)
            fail_msg("%s in %s", error.message, same[i]);
        free(copy);
        assert_true(plan_equal(&plain, &plan));
    }
    /* `expect` belongs to queries, arguments to native plans. */
    struct plan plan =
        read_ok("{'interactions':[{'task':0,'action':{'type':'execute','sql':'q','expect':5}},"
                "{'task':0,'action':{'type':'begin','begin_mode':'exclusive'}}]}");
    assert_null(plan.interactions[0].expectation);
    assert_int_equal(plan.interactions[1].arguments[FIELD_begin_mode], 0);
    assert_int_equal(read_ok("{'interactions':[]}").interaction_count, 0);
}

static void test_middleware_pool_size(void **state)
{
    (void)state;
    struct plan plan = read_ok("{'pool_size':64,'interactions':[]}");
    assert_int_equal(plan.pool_size, 64);
    assert_round_trip(&plan);
    assert_non_null(strstr(write_ok(&plan), "\"pool_size\": 64"));
    plan = read_ok("{'pool_size':8,'interactions':[]}");
    assert_null(strstr(write_ok(&plan), "pool_size"));
}

static void test_middleware_refusals(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"{}", "1:1: interactions: expected an array, found nothing"},
        {"{'interactions':null}", "1:17: interactions: expected an array, found null"},
        {"{'interactions':{}}", "1:17: interactions: expected an array, found an object"},
        {MIDDLEWARE("3"), "1:18: interactions[0]: expected an object, found 3"},
        {MIDDLEWARE("{'action':{'type':'begin'}}"),
         "1:18: interactions[0].task: expected an integer 0 to 7, found nothing"},
        {MIDDLEWARE("{'task':null,'action':{'type':'begin'}}"),
         "1:26: interactions[0].task: expected an integer 0 to 7, found null"},
        {MIDDLEWARE("{'task':-1,'action':{'type':'begin'}}"),
         "1:26: interactions[0].task: expected an integer 0 to 7, found -1"},
        {MIDDLEWARE("{'task':'0','action':{'type':'begin'}}"),
         "1:26: interactions[0].task: expected an integer 0 to 7, found \"0\""},
        {MIDDLEWARE("{'task':8,'action':{'type':'begin'}}"),
         "1:26: interactions[0].task: expected an integer 0 to 7 (there are at most 8 tasks), "
         "found 8"},
        {MIDDLEWARE("{'task':0}"),
         "1:18: interactions[0].action: expected an object, found nothing"},
        {MIDDLEWARE("{'task':0,'action':{}}"),
         "1:37: interactions[0].action.type: expected one of \"begin\", \"commit\", \"rollback\", "
         "\"sleep\", \"checkout\", \"return\", \"execute\", \"query\", found nothing"},
        {MIDDLEWARE("{'task':0,'action':{'type':'fetch'}}"),
         "1:45: interactions[0].action.type: expected one of \"begin\", \"commit\", \"rollback\", "
         "\"sleep\", \"checkout\", \"return\", \"execute\", \"query\", found \"fetch\""},
        {MIDDLEWARE("{'task':0,'action':{'type':'insert'}}"),
         "1:45: interactions[0].action.type: \"insert\" needs a plan with \"config\" (at least "
         "{})"},
        {MIDDLEWARE("{'task':0,'action':{'type':'execute'}}"),
         "1:37: interactions[0].action.sql: expected a text, found nothing"},
        {MIDDLEWARE("{'task':0,'action':{'type':'query','sql':null}}"),
         "1:59: interactions[0].action.sql: expected a text, found null"},
        {MIDDLEWARE("{'task':0,'action':{'type':'sleep'}}"),
         "1:37: interactions[0].action.ms: expected an integer 0 to 18446744073709551615, found "
         "nothing"},
        {MIDDLEWARE("{'task':0,'action':{'type':'query','sql':'','expect':[]}}"),
         "1:71: interactions[0].action.expect: expected an object, found an array"},
        {MIDDLEWARE("{'task':0,'action':{'type':'query','sql':'','expect':{'row_count':-1}}}"),
         "1:84: interactions[0].action.expect.row_count: expected an integer 0 to "
         "18446744073709551615, found -1"},
        {MIDDLEWARE("{'task':0,'action':{'type':'query','sql':'','expect_error':{}}}"),
         "1:77: interactions[0].action.expect_error.contains: expected a text, found nothing"},
        {"{'pool_size':0,'interactions':[]}",
         "1:14: pool_size: expected an integer 1 to 64, found 0"},
        {"{'pool_size':65,'interactions':[]}",
         "1:14: pool_size: expected an integer 1 to 64, found 65"},
    };
    ASSERT_REFUSED(refusals);
}

/* --- native plans ---------------------------------------------------------------------------- */

static void test_native_reads_everything(void **state)
{
    (void)state;
    struct plan plan = read_ok(
        "{'version':1,'comment':'why','config':{'tasks':3,'journal_mode':'delete','page_size':512},"
        "'interactions':["
        "{'task':2,'action':{'type':'select','table':1,'filter':'range','key':3,'span':4,"
        "'order':'key_desc','aggregate':'count','limit':31},'pause':{'after':12,'at':'lock'},"
        "'fault':{'kind':'io_write','at':2},'comment':'here'},"
        "{'task':0,'action':{'type':'begin','begin_mode':'immediate'},'pause':{'after':1},"
        "'fault':{'kind':'power_loss'},'expect_error':{'contains':'locked'}},"
        "{'task':1,'action':{'type':'select'},'expect':{'row_count':0,'rows':''}},"
        "{'task':1,'action':{'type':'query','sql':'SELECT 1'},'expect':{'column_count':1}},"
        "{'task':1,'action':{'type':'execute','sql':'a','expect_error':{'contains':''}}}]}");
    assert_int_equal(plan.kind, PLAN_NATIVE);
    assert_int_equal(plan.pool_size, 0);
    assert_int_equal(plan_tasks(&plan), 3);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_journal_mode),
                     SQLITE_JOURNAL_DELETE);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_page_size), 512);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_synchronous),
                     SQLITE_SYNCHRONOUS_FULL);
    assert_int_equal(plan.interaction_count, 5);

    const struct interaction *first = &plan.interactions[0];
    assert_int_equal(first->task, 2);
    assert_int_equal(first->action, ACTION_select);
    assert_int_equal(first->arguments[FIELD_table], 1);
    assert_int_equal(first->arguments[FIELD_filter], FILTER_RANGE);
    assert_int_equal(first->arguments[FIELD_key], 3);
    assert_int_equal(first->arguments[FIELD_span], 4);
    assert_int_equal(first->arguments[FIELD_order], ORDER_KEY_DESC);
    assert_int_equal(first->arguments[FIELD_aggregate], AGGREGATE_COUNT);
    assert_int_equal(first->arguments[FIELD_limit], 31);
    assert_int_equal(first->pause_after, 12);
    assert_int_equal(first->pause_class, PAUSE_LOCK);
    assert_int_equal(first->fault, FAULT_io_write);
    assert_int_equal(first->fault_at, 2);

    const struct interaction *second = &plan.interactions[1];
    assert_int_equal(second->arguments[FIELD_begin_mode], BEGIN_IMMEDIATE);
    assert_int_equal(second->pause_after, 1);
    assert_int_equal(second->pause_class, PAUSE_STORAGE);
    assert_int_equal(second->fault, FAULT_power_loss);
    assert_int_equal(second->fault_at, 1);
    assert_string_equal(second->expectation->error_contains, "locked");
    assert_true(plan.interactions[2].expectation->has_row_count);
    assert_string_equal(plan.interactions[2].expectation->rows, "");
    assert_int_equal(plan.interactions[3].expectation->column_count, 1);
    assert_string_equal(plan.interactions[4].expectation->error_contains, "");
    assert_round_trip(&plan);
}

/* Settings of one database stand in an object with its name, or, as they used to, beside the
 * others. */
static void test_native_knows_its_database(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum plan_database database;
    } plans[] = {
        {"{'config':{'tasks':2},'interactions':[]}", DATABASE_ALL},
        {"{'config':{'tasks':2,'sqlite':null,'page_size':null},'interactions':[]}", DATABASE_ALL},
        {"{'config':{'tasks':2,'sqlite':{}},'interactions':[]}", DATABASE_sqlite},
        {"{'config':{'tasks':2,'memory':{}},'interactions':[]}", DATABASE_memory},
        {"{'config':{'sqlite':{'page_size':512,'synchronous':null}},'interactions':[]}",
         DATABASE_sqlite},
        {"{'config':{'page_size':512},'interactions':[]}", DATABASE_sqlite},
        {"{'config':{},'interactions':[{'task':0,'action':{'type':'vacuum'}}]}", DATABASE_sqlite},
        {"{'config':{'memory':{}},'interactions':[{'task':0,'action':{'type':'vacuum'}}]}",
         DATABASE_memory},
    };
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        arena_reset(&arena);
        struct plan plan = read_ok(plans[i].text);
        assert_int_equal(plan.database, plans[i].database);
        bool has_page_size = strstr(plans[i].text, "512") != NULL;
        assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_page_size),
                         has_page_size ? 512 : 4096);
        assert_round_trip(&plan);
    }
}

static void test_native_reads_pools(void **state)
{
    (void)state;
    struct plan plan = read_ok(
        "{'config':{'tasks':2,'stack':'actors','readers':1,'writers':2,'statement_cache':0,"
        "'acquire_timeout':10,'mailbox':4,'stream_rows':1},'interactions':["
        "{'task':0,'action':{'type':'checkout','access':'read','timeout':'none'}},"
        "{'task':0,'action':{'type':'stream_open','table':1,'filter':'from','key':3,'order':'key',"
        "'limit':9}},"
        "{'task':0,'action':{'type':'stream_next','span':4}},"
        "{'task':1,'action':{'type':'cancel','target':0}},"
        "{'task':1,'action':{'type':'drop','target':0}},"
        "{'task':0,'action':{'type':'stream_close'}},"
        "{'task':1,'action':{'type':'mutate_stream','table':1,'size':2}},"
        "{'task':1,'action':{'type':'batch','key':30,'span':5}},"
        "{'task':1,'action':{'type':'return'}},"
        "{'task':1,'action':{'type':'reopen','close_mode':'interrupt'}}]}");
    static const uint8_t actions[] = {ACTION_checkout,      ACTION_stream_open, ACTION_stream_next,
                                      ACTION_cancel,        ACTION_drop,        ACTION_stream_close,
                                      ACTION_mutate_stream, ACTION_batch,       ACTION_return,
                                      ACTION_reopen};
    assert_int_equal(plan.kind, PLAN_NATIVE);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_stack), PLAN_STACK_ACTORS);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_readers), 1);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_writers), 2);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_statement_cache), 0);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_acquire_timeout), 10);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_mailbox), 4);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_stream_rows), 1);
    assert_int_equal(plan.interaction_count, sizeof actions);
    for (size_t i = 0; i < sizeof actions; i++)
        assert_int_equal(plan.interactions[i].action, actions[i]);
    assert_int_equal(plan.interactions[0].arguments[FIELD_access], ACCESS_READ);
    assert_int_equal(plan.interactions[0].arguments[FIELD_timeout], TIMEOUT_NONE);
    assert_int_equal(plan.interactions[1].arguments[FIELD_filter], FILTER_FROM);
    assert_int_equal(plan.interactions[2].arguments[FIELD_span], 4);
    assert_int_equal(plan.interactions[7].arguments[FIELD_span], 5);
    assert_int_equal(plan.interactions[9].arguments[FIELD_close_mode], CLOSE_INTERRUPT);
    assert_round_trip(&plan);
}

/* The same words in a plan of the simulator: no arguments there. */
static void test_middleware_leases_have_no_arguments(void **state)
{
    (void)state;
    struct plan plan = read_ok(
        MIDDLEWARE("{'task':0,'action':{'type':'checkout','access':'read','timeout':'none'}}"));
    assert_int_equal(plan.interactions[0].action, ACTION_checkout);
    for (int field = 0; field < FIELD_COUNT; field++)
        assert_int_equal(plan.interactions[0].arguments[field], 0);
    static const struct refusal refusals[] = {
        {MIDDLEWARE("{'task':0,'action':{'type':'drop'}}"),
         "1:45: interactions[0].action.type: \"drop\" needs a plan with \"config\" (at least {})"},
    };
    ASSERT_REFUSED(refusals);
}

static void test_native_defaults(void **state)
{
    (void)state;
    struct plan plan = read_ok(ACTION("'type':'select'"));
    static const struct interaction simplest = {0};
    assert_int_equal(plan_tasks(&plan), 1);
    assert_memory_equal(&plan.interactions[0], &simplest, sizeof simplest);
    plan = read_ok("{'config':{},'interactions':[{'task':5,'action':{'type':'select'}}]}");
    assert_int_equal(plan_tasks(&plan), 6);
    plan = read_ok("{'config':{'tasks':8},'interactions':[{'task':5,'action':{'type':'select'}}]}");
    assert_int_equal(plan_tasks(&plan), 8);
    plan =
        read_ok("{'version':null,'comment':null,'config':{'tasks':null},'interactions':[{'task':"
                "0,'action':{'type':'insert','key':null},'pause':null,'fault':null,'expect':null,"
                "'expect_error':null,'comment':null}]}");
    assert_int_equal(plan.interactions[0].action, ACTION_insert);
    assert_round_trip(&plan);
}

static void test_native_every_word_and_number(void **state)
{
    (void)state;
    for (int action = 0; action < ACTION_COUNT; action++) {
        for (int field = 0; field < FIELD_COUNT; field++) {
            const struct plan_field_info *info = &plan_field_infos[field];
            if (!plan_action_has((enum plan_action)action, (enum plan_field)field))
                continue;
            for (uint8_t value = 0; value < info->domain; value++) {
                struct interaction interaction = {.action = (uint8_t)action};
                struct plan plan = {.interaction_count = 1, .interactions = &interaction};
                plan_settle_database(&plan);
                interaction.arguments[field] = value;
                if (field == FIELD_duration)
                    interaction.sleep_ms = 1ull << value;
                arena_reset(&arena);
                assert_round_trip(&plan);
            }
        }
    }
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        for (uint8_t choice = 0; choice < plan_config_infos[field].value_count; choice++) {
            struct plan plan = {0};
            plan.config.choice[field] = choice;
            plan_settle_database(&plan);
            arena_reset(&arena);
            assert_round_trip(&plan);
        }
    }
    for (uint8_t fault = 0; fault < FAULT_KIND_COUNT; fault++) {
        struct interaction interaction = {.fault = fault, .fault_at = fault > 0 ? 65535 : 0};
        struct plan plan = {.interaction_count = 1, .interactions = &interaction};
        assert_round_trip(&plan);
    }
    for (uint8_t class = 0; class < PAUSE_CLASS_COUNT; class ++) {
        struct interaction interaction = {.pause_after = 65535, .pause_class = class};
        struct plan plan = {.interaction_count = 1, .interactions = &interaction};
        assert_round_trip(&plan);
    }
}

static void test_native_refusals(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"{'config':3,'interactions':[]}", "1:11: config: expected an object, found 3"},
        {"{'config':{}}", "1:1: interactions: expected an array, found nothing"},
        {"{'config':{},'interaction':[]}", "1:14: interaction: unknown key, expected \"version\", "
                                           "\"config\", \"recorded_on\", \"interactions\", "
                                           "\"comment\""},
        {"{'config':{},'pool_size':1,'interactions':[]}",
         "1:14: pool_size: unknown key, expected \"version\", \"config\", \"recorded_on\", "
         "\"interactions\", "
         "\"comment\""},
        {"{'version':2,'config':{},'interactions':[]}",
         "1:12: version: expected 1, the only version that is known, found 2"},
        {"{'version':'1','config':{},'interactions':[]}",
         "1:12: version: expected 1, the only version that is known, found \"1\""},
        {"{'comment':1,'config':{},'interactions':[]}", "1:12: comment: expected a text, found 1"},
        {"{'config':{'sqlite':{'journal_mode':'wall'}},'interactions':[]}",
         "1:37: config.sqlite.journal_mode: expected one of \"wal\", \"delete\", \"truncate\", *"},
        {"{'config':{'sqlite':{'tasks':2}},'interactions':[]}",
         "1:22: config.sqlite.tasks: unknown key, expected \"journal_mode\", *"},
        {"{'config':{'sqlite':1},'interactions':[]}",
         "1:21: config.sqlite: expected an object, found 1"},
        {"{'config':{'sqlite':{},'memory':{}},'interactions':[]}",
         "1:33: config.memory: a plan is for one database, this one for sqlite"},
        {"{'config':{'sqlite':{},'page_size':512},'interactions':[]}",
         "1:36: config.page_size: belongs into \"sqlite\" in a plan that names its database"},
        {"{'config':{'page_size':512,'memory':{}},'interactions':[]}",
         "1:24: config.page_size: belongs into \"sqlite\" in a plan that names its database"},
        {"{'config':{'journal_mode':'wall'},'interactions':[]}",
         "1:27: config.journal_mode: expected one of \"wal\", \"delete\", \"truncate\", "
         "\"persist\", \"memory\", \"off\", found \"wall\""},
        {"{'config':{'journal_mode':0},'interactions':[]}",
         "1:27: config.journal_mode: expected one of \"wal\", \"delete\", \"truncate\", "
         "\"persist\", \"memory\", \"off\", found 0"},
        {"{'config':{'page_size':4095},'interactions':[]}",
         "1:24: config.page_size: expected one of 4096, 512, 1024, 65536, found 4095"},
        {"{'config':{'page_size':'512'},'interactions':[]}",
         "1:24: config.page_size: expected one of 4096, 512, 1024, 65536, found \"512\""},
        {"{'config':{'tasks':9},'interactions':[]}",
         "1:20: config.tasks: expected one of 1, 2, 3, 4, 5, 6, 7, 8, found 9"},
        {"{\n 'config': {\n  'tasks': 2,\n  'taks': 3 },\n 'interactions': [] }",
         "4:3: config.taks: unknown key, expected \"tasks\", \"busy_timeout\", *"},
        {"{'config':{'tasks':2},'interactions':[{'task':2,'action':{'type':'commit'}}]}",
         "1:47: interactions[0].task: expected an integer 0 to 1 (the config has 2 tasks), found "
         "2"},
        {"{'config':{'tasks':1},'interactions':[{'task':1,'action':{'type':'commit'}}]}",
         "1:47: interactions[0].task: expected an integer 0 to 0 (the config has 1 task), found 1"},
        {"{'config':{},'interactions':[{'task':99999999999999999999,'action':{}}]}",
         "1:38: interactions[0].task: expected an integer 0 to 7, found \"99999999999999999999\""},
        {NATIVE("{'task':1.0}"), "1:38: interactions[0].task: expected an integer 0 to 7, found 1"},
        {NATIVE("{'task':true}"),
         "1:38: interactions[0].task: expected an integer 0 to 7, found true"},
        {ACTION("'type':'checkout','table':1"),
         "1:68: interactions[0].action.table: unknown key, expected \"type\", \"access\", "
         "\"timeout\", \"property\""},
        {ACTION("'type':'checkout','timeout':'2s'"),
         "1:78: interactions[0].action.timeout: expected one of \"default\", \"none\", \"10ms\", "
         "\"1s\", found \"2s\""},
        {ACTION("'type':'cancel','target':8"),
         "1:75: interactions[0].action.target: expected an integer 0 to 7, found 8"},
        {"{'config':{'stack':'threads'},'interactions':[]}",
         "1:20: config.stack: expected one of \"direct\", \"pool\", \"actors\", found "
         "\"threads\""},
        {ACTION("'type':'inser'"), "1:57: interactions[0].action.type: expected one of \"select\", "
                                   "\"insert\"*found \"inser\""},
        {ACTION("'type':'insert','limit':3"),
         "1:66: interactions[0].action.limit: unknown key, expected \"type\", \"table\", \"size\", "
         "\"key\", \"property\""},
        {ACTION("'type':'sleep','duration':3"),
         "1:65: interactions[0].action.duration: unknown key, expected \"type\", \"ms\""},
        {ACTION("'type':'sleep','ms':-3"),
         "1:70: interactions[0].action.ms: expected an integer 0 to 18446744073709551615, found "
         "-3"},
        {ACTION("'type':'sleep','ms':18446744073709551616"),
         "1:70: interactions[0].action.ms: expected an integer 0 to 18446744073709551615, found "
         "\"18446744073709551616\""},
        {ACTION("'type':'sleep','ms':''"),
         "1:70: interactions[0].action.ms: expected an integer 0 to 18446744073709551615, found "
         "\"\""},
        {ACTION("'type':'sleep','ms':' 1'"),
         "1:70: interactions[0].action.ms: expected an integer 0 to 18446744073709551615, found "
         "\" 1\""},
        {ACTION("'type':'insert','key':32"),
         "1:72: interactions[0].action.key: expected an integer 0 to 31, found 32"},
        {"{'config':{},\n 'interactions':[\n  {'task':0,'action':{'type':'commit'}},\n"
         "  {'task':0,'action':{'type':'select','filter':'foo'}}]}",
         "4:48: interactions[1].action.filter: expected one of \"all\", \"key\", \"range\", "
         "\"from\", \"value_from\", \"value_below\", found \"foo\""},
        {ACTION("'type':'query'"),
         "1:49: interactions[0].action.sql: expected a text, found nothing"},
        {NATIVE("{'task':0,'action':{'type':'query','sql':'','expect':{'row_count':1}},"
                "'expect':{'row_count':1}}"),
         "1:109: interactions[0].expect: is there twice: beside the action and in it"},
        {EXTRA("'pauses':{}"),
         "1:67: interactions[0].pauses: unknown key, expected \"task\", \"action\", \"pause\", "
         "\"fault\", \"expect\", \"expect_error\", \"comment\""},
        {EXTRA("'pause':7"), "1:75: interactions[0].pause: expected an object, found 7"},
        {EXTRA("'pause':{}"),
         "1:75: interactions[0].pause.after: expected an integer 1 to 65535, found nothing"},
        {EXTRA("'pause':{'after':0}"),
         "1:84: interactions[0].pause.after: expected an integer 1 to 65535, found 0"},
        {EXTRA("'pause':{'after':1,'at':'locks'}"),
         "1:91: interactions[0].pause.at: expected one of \"storage\", \"lock\", \"write\", "
         "\"any\", found \"locks\""},
        {EXTRA("'pause':{'afer':1}"),
         "1:76: interactions[0].pause.afer: unknown key, expected \"after\", \"at\""},
        {EXTRA("'fault':{'kind':'busy','at':65536}"),
         "1:95: interactions[0].fault.at: expected an integer 1 to 65535, found 65536"},
        {EXTRA("'fault':{'kind':'none'}"),
         "1:83: interactions[0].fault.kind: expected one of \"io_read\", *, found \"none\""},
        {EXTRA("'expect':{'count':1}"),
         "1:77: interactions[0].expect.count: unknown key, expected \"row_count\", "
         "\"column_count\", \"rows\""},
        {EXTRA("'expect':{'rows':1}"),
         "1:84: interactions[0].expect.rows: expected a text, found 1"},
        {EXTRA("'expect_error':{'contains':1}"),
         "1:94: interactions[0].expect_error.contains: expected a text, found 1"},
        {EXTRA("'comment':{}"), "1:77: interactions[0].comment: expected a text, found an object"},
        /* Escapes and nesting before the place do not move it; columns count characters. */
        {"{'comment':'\\'}]\xc3\xa4\xf0\x9f\x90\x9b\\\\','c\\u006fnfig':{ },\t'interactions':[7]}",
         "1:58: interactions[0]: expected an object, found 7"},
        {EXTRA("'comment':['a long text in something that is wrong', {}]"),
         "1:77: interactions[0].comment: expected a text, found an array"},
        {ACTION("'type':'a name that goes on and on and on until nobody reads it\\n'"),
         "1:57: interactions[0].action.type: expected one of \"select\", \"insert\"*found \"a name "
         "that goes on and on and on until nobody r...\""},
        {ACTION("'type':'commit','a\\nb':1"),
         "1:66: interactions[0].action.a?b: unknown key, expected \"type\""},
    };
    ASSERT_REFUSED(refusals);
}

/* --- text that is no JSON -------------------------------------------------------------------- */

static void test_syntax_errors_have_places(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"", "1:1: expected an object, found nothing"},
        {" \n\t ", "1:1: expected an object, found nothing"},
        {"3", "1:1: expected an object, found 3"},
        {"[]", "1:1: expected an object, found an array"},
        {"  null", "1:3: expected an object, found null"},
        {"{", "1:2: string or '}' expected near end of file"},
        {"{'a':1", "1:7: '}' expected near end of file"},
        {"{\n'a' 1}", "2:5: ':' expected near '1'"},
        {"{'a':tru}", "1:6: invalid token near 'tru'"},
        {"{'a':1,}", "1:8: string or '}' expected near '}'"},
        {"{'a':1}\n{", "2:1: end of file expected near '{'"},
        {"{'a':01}", "1:6: invalid token near '0'"},
        {"{'a':+1}", "1:6: invalid token near '+'"},
        {"{'a':1e999}", "1:6: real number overflow near '1e999'"},
        {"{'a':1,\n 'a':2}", "2:2: duplicate object key near '\"a\"'"},
        {"{'a':'b\tc'}", "1:8: control character 0x9"},
        {"{'a':'\\u0000'}", "1:6: a text cannot hold the character \\u0000"},
        {"{'a':'\\x'}", "1:6: invalid escape near '\"\\x'"},
        {"{'a':'\xc3\xa4\xff'}", "1:8: unable to decode byte 0xff"},
        {"{'a':'\xc3'}", "1:7: unable to decode byte 0xc3"},
        {"\xff", "1:1: unable to decode byte 0xff"},
        /* Large integers before the error do not move it. */
        {"{'a':18446744073709551615,'b':-99999999999999999999, x}",
         "1:54: string or '}' expected near 'x'"},
        {"{'a':'1\\'99999999999999999999','b':99999999999999999999 1}",
         "1:57: '}' expected near '1'"},
        {"{'a':00000000000000000000000001}", "1:6: invalid token near '0'"},
        {"{'a':99999999999999999999,'b':00000000000000000001}", "1:31: invalid token near '0'"},
    };
    ASSERT_REFUSED(refusals);
}

static void test_nesting_is_bounded(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    static char text[DEPTH];
    struct error error = {0};
    struct plan plan;
    memset(text, '[', sizeof text);
    assert_int_equal(json_read(&plan, &arena, "deep.json", text, sizeof text, &error), ERROR_INPUT);
    assert_non_null(strstr(error.message, "deep.json:1:20"));
    assert_non_null(strstr(error.message, "maximum parsing depth reached"));
}

static void test_zero_bytes_are_no_end(void **state)
{
    (void)state;
    static const char text[] = "{\"interactions\":[]}\0 ";
    struct error error = {0};
    struct plan plan;
    assert_int_equal(json_read(&plan, &arena, "z", text, sizeof text - 1, &error), ERROR_INPUT);
    assert_string_equal(error.message, "z:1:20: end of file expected near a zero byte");
}

/* Truncated, damaged, any: an error or a plan, never a crash, and an error has a place. */
static void test_damaged_documents(void **state)
{
    (void)state;
    static const char text[] =
        "{\"version\": 1, \"config\": {\"tasks\": 3, \"journal_mode\": \"off\"}, \"interactions\": "
        "[\n"
        "{\"task\": 2, \"action\": {\"type\": \"select\", \"table\": 1, \"filter\": \"range\"},"
        " \"pause\": {\"after\": 12, \"at\": \"lock\"}, \"fault\": {\"kind\": \"busy\"}},\n"
        "{\"task\": 1, \"action\": {\"type\": \"sleep\", \"ms\": 18446744073709551615}},\n"
        "{\"task\": 0, \"action\": {\"type\": \"query\", \"sql\": \"SELECT '\\u00e4\"},"
        " \"expect\": {\"row_count\": 1}, \"comment\": \"x\"}]}\n";
    static const char alphabet[] = "{}[]:,\"\\019-.eE \n\xc3\xa4ntf\0";
    struct random random;
    int accepted = 0;
    random_seed(&random, 5);
    for (int round = 0; round < 20000; round++) {
        size_t length = sizeof text - 1;
        if (round < (int)length)
            length = (size_t)round;
        char *copy = malloc(length > 0 ? length : 1);
        assert_non_null(copy);
        memcpy(copy, text, length);
        for (uint32_t i = 0; length > 0 && round >= (int)sizeof text && i < 1 + (uint32_t)round % 3;
             i++)
            copy[random_below(&random, (uint32_t)length)] =
                alphabet[random_below(&random, sizeof alphabet - 1)];
        struct error error = {0};
        struct plan plan;
        arena_reset(&arena);
        if (json_read(&plan, &arena, "d", copy, length, &error) == ERROR_NONE) {
            accepted++;
            assert_round_trip(&plan);
        } else {
            unsigned line, column;
            assert_int_equal(error.code, ERROR_INPUT);
            assert_int_equal(sscanf(error.message, "d:%u:%u: ", &line, &column), 2);
            assert_true(line >= 1 && line <= 6 && column >= 1);
            assert_null(strchr(error.message, '\n'));
        }
        free(copy);
    }
    assert_true(accepted > 100);
}

/* --- numbers, texts, memory ------------------------------------------------------------------ */

static void test_large_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *read;
        uint64_t number;
        const char *written;
    } cases[] = {
        {"0", 0, "\"ms\": 0}"},
        {"'0'", 0, "\"ms\": 0}"},
        {"'32768'", 32768, "\"ms\": 32768}"},
        {"9007199254740992", 9007199254740992, "\"ms\": 9007199254740992}"},
        {"9007199254740993", 9007199254740993, "\"ms\": \"9007199254740993\"}"},
        {"'9007199254740993'", 9007199254740993, "\"ms\": \"9007199254740993\"}"},
        {"9223372036854775807", INT64_MAX, "\"ms\": \"9223372036854775807\"}"},
        {"9223372036854775808", 1ull << 63, "\"ms\": \"9223372036854775808\"}"},
        {"18446744073709551615", UINT64_MAX, "\"ms\": \"18446744073709551615\"}"},
        {"'18446744073709551615'", UINT64_MAX, "\"ms\": \"18446744073709551615\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200];
        (void)snprintf(
            text, sizeof text,
            "{'config':{},'interactions':[{'task':0,'action':{'type':'sleep','ms':%s}}]}",
            cases[i].read);
        struct plan plan = read_ok(text);
        assert_true(plan.interactions[0].sleep_ms == cases[i].number);
        assert_int_equal(plan.interactions[0].arguments[FIELD_duration],
                         cases[i].number == 32768 ? 15 : 0);
        assert_non_null(strstr(write_ok(&plan), cases[i].written));
        assert_round_trip(&plan);
    }
    struct plan plan = read_ok(MIDDLEWARE("{'task':0,'action':{'type':'query','sql':'','expect':"
                                          "{'row_count':18446744073709551615}}}"));
    assert_true(plan.interactions[0].expectation->row_count == UINT64_MAX);
    assert_round_trip(&plan);
}

static void test_texts(void **state)
{
    (void)state;
    struct plan plan = read_ok(MIDDLEWARE(
        "{'task':0,'action':{'type':'execute','sql':'\\'\\\\\\n\\u00e4\\ud83d\\udc1b/'}}"));
    assert_string_equal(plan.interactions[0].sql, "\"\\\n\xc3\xa4\xf0\x9f\x90\x9b/");
    assert_round_trip(&plan);
    struct interaction interaction = {.action = ACTION_query, .sql = "\xff"};
    plan = (struct plan){.interaction_count = 1, .interactions = &interaction};
    char *text = NULL;
    size_t length = 7;
    assert_int_equal(json_write(&plan, &arena, &text, &length), ERROR_INPUT);
    assert_null(text);
    assert_int_equal(length, 7);
}

static void test_small_arena_is_an_error(void **state)
{
    (void)state;
    static const char text[] = "{\"config\":{},\"interactions\":[{\"task\":0,\"action\":"
                               "{\"type\":\"query\",\"sql\":\"SELECT 1\"},"
                               "\"expect\":{\"row_count\":1}}]}";
    int refused = 0;
    for (size_t capacity = 16; capacity <= 4096; capacity += 16) {
        struct arena small;
        struct error error = {0};
        struct plan plan;
        char *written;
        size_t length;
        arena_init(&small, capacity);
        enum error_code code = json_read(&plan, &small, "s", text, sizeof text - 1, &error);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        if (code == ERROR_NONE)
            code = json_write(&plan, &small, &written, &length);
        else
            assert_non_null(strstr(error.message, "too large for its"));
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        refused += code == ERROR_MEMORY;
        arena_clean_up(&small);
    }
    assert_true(refused > 3 && refused < 100);
}

/* The header promises that this much memory suffices for any text. */
static void test_arena_factor(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    static char text[COUNT * 2 + 64];
    size_t length = (size_t)snprintf(text, sizeof text, "{\"interactions\":[0");
    for (int i = 1; i < COUNT; i++) {
        text[length++] = ',';
        text[length++] = '0';
    }
    text[length++] = ']';
    text[length++] = '}';
    struct arena own;
    struct error error = {0};
    struct plan plan;
    arena_init(&own, length * JSON_ARENA_FACTOR + 4096);
    assert_int_equal(json_read(&plan, &own, "f", text, length, &error), ERROR_INPUT);
    assert_string_equal(error.message, "f:1:18: interactions[0]: expected an object, found 0");
    arena_clean_up(&own);
}

static void test_long_names_keep_the_message(void **state)
{
    (void)state;
    char name[3000];
    struct error error = {0};
    struct plan plan;
    memset(name, 'n', sizeof name);
    memcpy(name + sizeof name - 6, ".json", 6);
    assert_int_equal(json_read(&plan, &arena, name, "{}", 2, &error), ERROR_INPUT);
    assert_non_null(
        strstr(error.message, "nnn.json:1:1: interactions: expected an array, found nothing"));
}

static void test_layout_of_the_text(void **state)
{
    (void)state;
    struct plan plan =
        read_ok("{'config':{'tasks':2,'journal_mode':'off'},'interactions':["
                "{'task':0,'action':{'type':'insert','table':0,'key':3,'size':1},"
                "'pause':{'after':12,'at':'lock'},'fault':{'kind':'io_write','at':2}},"
                "{'task':1,'action':{'type':'commit'},'pause':{'after':1},'fault':{'kind':'busy'},"
                "'expect_error':{'contains':'busy'}}]}");
    assert_string_equal(
        write_ok(&plan),
        "{\n"
        "  \"version\": 1,\n"
        "  \"config\": {\"tasks\": 2, \"sqlite\": {\"journal_mode\": \"off\"}},\n"
        "  \"interactions\": [\n"
        "    {\"task\": 0, \"action\": {\"type\": \"insert\", \"size\": 1, \"key\": 3}, "
        "\"pause\": {\"after\": 12, \"at\": \"lock\"}, "
        "\"fault\": {\"kind\": \"io_write\", \"at\": 2}},\n"
        "    {\"task\": 1, \"action\": {\"type\": \"commit\"}, \"pause\": {\"after\": 1}, "
        "\"fault\": {\"kind\": \"busy\"}, \"expect_error\": {\"contains\": \"busy\"}}\n"
        "  ]\n"
        "}\n");
    plan = read_ok("{'config':{},'interactions':[]}");
    assert_string_equal(write_ok(&plan), "{\n"
                                         "  \"version\": 1,\n"
                                         "  \"config\": {},\n"
                                         "  \"interactions\": []\n"
                                         "}\n");
    plan = read_ok(MIDDLEWARE("{'task':0,'action':{'type':'query','sql':'q',"
                              "'expect':{'row_count':2},'expect_error':{'contains':'e'}}}"));
    assert_string_equal(
        write_ok(&plan),
        "{\n"
        "  \"interactions\": [\n"
        "    {\"task\": 0, \"action\": {\"type\": \"query\", \"sql\": \"q\", "
        "\"expect\": {\"row_count\": 2}, \"expect_error\": {\"contains\": \"e\"}}}\n"
        "  ]\n"
        "}\n");
}

/* --- documentation --------------------------------------------------------------------------- */

/* Each plan in the documentation is one; ctest runs this in tests/. */
static void test_documented_plans(void **state)
{
    (void)state;
    static char text[1 << 16];
    FILE *file = fopen("../docs/plan-format.md", "r");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    assert_in_range(size, 1, sizeof text - 2);
    assert_int_equal(fclose(file), 0);
    text[size] = '\0';
    int plans = 0;
    static const char fence[] = "```json\n";
    for (char *start = strstr(text, fence); start != NULL; start = strstr(start, fence)) {
        start += sizeof fence - 1;
        char *end = strstr(start, "```");
        assert_non_null(end);
        struct error error = {0};
        struct plan plan;
        arena_reset(&arena);
        if (json_read(&plan, &arena, "plan-format.md", start, (size_t)(end - start), &error) !=
            ERROR_NONE)
            fail_msg("%s in %.*s", error.message, (int)(end - start), start);
        assert_true(plan.interaction_count > 0);
        assert_round_trip(&plan);
        plans++;
    }
    assert_true(plans >= 2);
}

int main(void)
{
    arena_init(&arena, 16u << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_middleware_reads_all_eight_actions),
        cmocka_unit_test(test_middleware_optional_fields_and_other_keys),
        cmocka_unit_test(test_middleware_pool_size),
        cmocka_unit_test(test_middleware_refusals),
        cmocka_unit_test(test_native_reads_everything),
        cmocka_unit_test(test_native_knows_its_database),
        cmocka_unit_test(test_native_reads_pools),
        cmocka_unit_test(test_middleware_leases_have_no_arguments),
        cmocka_unit_test(test_native_defaults),
        cmocka_unit_test(test_native_every_word_and_number),
        cmocka_unit_test(test_native_refusals),
        cmocka_unit_test(test_syntax_errors_have_places),
        cmocka_unit_test(test_nesting_is_bounded),
        cmocka_unit_test(test_zero_bytes_are_no_end),
        cmocka_unit_test(test_damaged_documents),
        cmocka_unit_test(test_large_numbers),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_small_arena_is_an_error),
        cmocka_unit_test(test_arena_factor),
        cmocka_unit_test(test_long_names_keep_the_message),
        cmocka_unit_test(test_layout_of_the_text),
        cmocka_unit_test(test_documented_plans),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
