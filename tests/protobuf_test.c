/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans as protobuf: that plan.proto says what the tables say, that bytes to JSON to protobuf
 * to bytes is the identity, what is refused and how, and that no bytes do harm. The number of
 * random plans is the first argument or the environment's INTERPLAY_TEST_PLANS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "plan/compact.h"
#include "plan/json.h"
#include "plan/protobuf.h"

#include "draw_bytes.h"

#include <ctype.h>
#include <plan.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLANS_DEFAULT = 20000 };

static long plan_count = PLANS_DEFAULT;
static struct arena arena;

/* --- the .proto and the tables --------------------------------------------------------------- */

/* "PREFIX_WORD" in capital letters. */
static void make_name(char name[64], const char *prefix, const char *word)
{
    (void)snprintf(name, 64, "%s_%s", prefix, word);
    for (char *letter = name; *letter != '\0'; letter++)
        *letter = (char)toupper((unsigned char)*letter);
}

/* Value `number` of the field's enum has the name that docs/plan-format.md promises. */
static void assert_word(const ProtobufCFieldDescriptor *field, const char *prefix, int number,
                        const char *word)
{
    char name[64];
    make_name(name, prefix, word);
    assert_int_equal(field->type, PROTOBUF_C_TYPE_ENUM);
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(field->descriptor, number);
    if (value == NULL || strcmp(value->name, name) != 0)
        fail_msg("plan.proto: %s: %s = %d expected", field->name, name, number);
}

static void assert_count(const ProtobufCFieldDescriptor *field, unsigned count)
{
    const ProtobufCEnumDescriptor *values = field->descriptor;
    if (values->n_values != count)
        fail_msg("plan.proto: %s has %u values, the tables %u", values->name, values->n_values,
                 count);
}

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *message,
                                                  const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message, name);
    if (field == NULL)
        fail_msg("plan.proto: %s lacks the field %s", message->short_name, name);
    return field;
}

static void test_actions_are_those_of_the_tables(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *message = &interplay__action__descriptor;
    const ProtobufCFieldDescriptor *type = find_field(message, "type");
    for (int action = 0; action < ACTION_COUNT; action++)
        assert_word(type, "action", plan_action_infos[action].number,
                    plan_action_infos[action].name);
    assert_count(type, ACTION_COUNT);
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct plan_field_info *info = &plan_field_infos[field];
        if (field == FIELD_duration)
            continue;
        const ProtobufCFieldDescriptor *found = find_field(message, info->name);
        if (info->words == NULL) {
            assert_int_equal(found->type, PROTOBUF_C_TYPE_UINT32);
            continue;
        }
        for (int word = 0; word < info->domain; word++)
            assert_word(found, info->name, word, info->words[word]);
        assert_count(found, info->domain);
    }
    /* type, sql and ms beside them; duration is ms */
    assert_int_equal(message->n_fields, FIELD_COUNT - 1 + 3);
}

static void test_configuration_is_that_of_the_table(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *message = &interplay__config__descriptor;
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        const ProtobufCFieldDescriptor *found = find_field(message, info->name);
        if (!info->is_word) {
            assert_int_equal(found->type, PROTOBUF_C_TYPE_INT32);
            continue;
        }
        for (int word = 0; word < info->value_count; word++)
            assert_word(found, info->name, word, info->values[word].name);
        assert_count(found, info->value_count);
    }
    assert_int_equal(message->n_fields, PLAN_CONFIG_COUNT);
}

static void test_pauses_and_faults_are_those_of_the_tables(void **state)
{
    (void)state;
    const ProtobufCFieldDescriptor *at = find_field(&interplay__pause__descriptor, "at");
    const ProtobufCFieldDescriptor *kind = find_field(&interplay__fault__descriptor, "kind");
    for (int class = 0; class < PAUSE_CLASS_COUNT; class ++)
        assert_word(at, "pause_at", class, plan_pause_class_words[class]);
    assert_count(at, PAUSE_CLASS_COUNT);
    for (int fault = FAULT_NONE + 1; fault < FAULT_KIND_COUNT; fault++)
        assert_word(kind, "fault", fault, fault_infos[fault].name);
    assert_count(kind, FAULT_KIND_COUNT - 1);
}

/* --- round trips ----------------------------------------------------------------------------- */

static uint8_t *write_ok(const struct plan *plan, size_t *ret_size)
{
    uint8_t *bytes = NULL;
    assert_int_equal(protobuf_write(plan, &arena, &bytes, ret_size), ERROR_NONE);
    return bytes;
}

static struct plan read_ok(const uint8_t *bytes, size_t size)
{
    struct plan plan = {0};
    struct error error = {0};
    if (protobuf_read(&plan, &arena, "plan.pb", bytes, size, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    return plan;
}

static struct plan through_json(const struct plan *plan)
{
    struct plan back = {0};
    struct error error = {0};
    char *text;
    size_t length;
    assert_int_equal(json_write(plan, &arena, &text, &length), ERROR_NONE);
    if (json_read(&back, &arena, "plan.json", text, length, &error) != ERROR_NONE)
        fail_msg("%s in\n%s", error.message, text);
    return back;
}

static void test_bytes_json_protobuf_bytes(void **state)
{
    (void)state;
    static uint8_t bytes[DRAW_BYTES_MAX], canonical[COMPACT_SIZE_MAX], back[COMPACT_SIZE_MAX];
    struct random random;
    struct error error = {0};
    random_seed(&random, 11);
    for (long round = 0; round < plan_count; round++) {
        size_t size = draw_bytes(&random, bytes), canonical_size, back_size, packed_size;
        struct plan plan;
        arena_reset(&arena);
        compact_decode(&plan, &arena, bytes, size, DATABASE_sqlite);
        assert_int_equal(compact_encode(&plan, canonical, &canonical_size, &error), ERROR_NONE);
        struct plan from_json = through_json(&plan);
        const uint8_t *packed = write_ok(&from_json, &packed_size);
        struct plan from_protobuf = read_ok(packed, packed_size);
        assert_true(plan_equal(&plan, &from_protobuf));
        from_protobuf.database = DATABASE_sqlite; /* as who runs it says */
        assert_int_equal(compact_encode(&from_protobuf, back, &back_size, &error), ERROR_NONE);
        assert_int_equal(back_size, canonical_size);
        assert_memory_equal(back, canonical, canonical_size);
    }
}

static const char native_document[] =
    "{\"config\": {\"tasks\": 3, \"autocheckpoint\": 0}, "
    "\"recorded_on\": {\"target\": \"fuzz_x --fixed=\\u00fc\", \"backend\": \"sqlite\"}, "
    "\"interactions\": ["
    "{\"task\":2,\"action\":{\"type\":\"query\",\"sql\":\"SELECT '\\u00fc'\","
    "\"expect\":{\"row_count\":0,\"column_count\":\"18446744073709551615\",\"rows\":\"1|NULL\"},"
    "\"expect_error\":{\"contains\":\"\"}}},"
    "{\"task\":0,\"action\":{\"type\":\"sleep\",\"ms\":\"18446744073709551615\"}},"
    "{\"task\":0,\"action\":{\"type\":\"sleep\",\"ms\":0}},"
    "{\"task\":1,\"action\":{\"type\":\"execute\",\"sql\":\"\"},"
    "\"pause\":{\"after\":65535,\"at\":\"any\"},\"fault\":{\"kind\":\"latency\",\"at\":65535}},"
    "{\"task\":1,\"action\":{\"type\":\"begin\"},\"expect\":{\"row_count\":7}}]}";

static const char middleware_document[] =
    "{\"pool_size\": 3, \"interactions\": [{\"task\":7,\"action\":{\"type\":\"checkout\"}},"
    "{\"task\":7,\"action\":{\"type\":\"query\",\"sql\":\"SELECT "
    "1\",\"expect\":{\"row_count\":1}}},"
    "{\"task\":7,\"action\":{\"type\":\"sleep\",\"ms\":3}},"
    "{\"task\":1,\"action\":{\"type\":\"execute\",\"sql\":\"x\","
    "\"expect_error\":{\"contains\":\"syntax\"}}}]}";

static void assert_same_origin(const struct plan_origin *left, const struct plan_origin *right)
{
    assert_int_equal(left == NULL, right == NULL);
    if (left == NULL)
        return;
    assert_string_equal(left->target, right->target);
    assert_string_equal(left->backend, right->backend);
}

/* What the compact form cannot carry. */
static void test_documents(void **state)
{
    (void)state;
    static const char *const documents[] = {native_document, middleware_document,
                                            "{\"interactions\": []}",
                                            "{\"config\": {}, \"interactions\": []}"};
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        struct plan plan = {0};
        struct error error = {0};
        size_t size, again_size;
        arena_reset(&arena);
        if (json_read(&plan, &arena, "plan.json", documents[i], strlen(documents[i]), &error) !=
            ERROR_NONE)
            fail_msg("%s", error.message);
        const uint8_t *bytes = write_ok(&plan, &size);
        struct plan back = read_ok(bytes, size);
        assert_true(plan_equal(&plan, &back));
        assert_int_equal(back.origin != NULL, documents[i] == native_document);
        assert_same_origin(plan.origin, back.origin);
        const struct plan as_json = through_json(&back);
        assert_same_origin(plan.origin, as_json.origin);
        const uint8_t *again = write_ok(&back, &again_size);
        assert_int_equal(again_size, size);
        assert_memory_equal(again, bytes, size);
    }
}

static void test_texts_must_be_utf8(void **state)
{
    (void)state;
    struct interaction query = {.action = ACTION_query, .sql = "SELECT '\xff'"};
    const struct plan_origin origins[] = {{"fuzz_x --fixed=\xff", "sqlite"}, {"fuzz_x", "\xff"}};
    const struct plan plans[] = {{.interaction_count = 1, .interactions = &query},
                                 {.origin = &origins[0]},
                                 {.origin = &origins[1]}};
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        uint8_t *bytes = NULL;
        size_t size = 77;
        arena_reset(&arena);
        assert_int_equal(protobuf_write(&plans[i], &arena, &bytes, &size), ERROR_INPUT);
        assert_int_equal(size, 77);
    }
}

/* --- refusals -------------------------------------------------------------------------------- */

/* Where the bytes stand: alone; after an empty config; as a native interaction; as its action. */
enum level { ROOT, INTERACTION, MIDDLEWARE_INTERACTION, ACTION };

struct refusal {
    enum level level;
    const char *bytes;
    size_t size;
    const char *message; /* after "plan.pb: " */
};
#define BYTES(literal) (literal), sizeof(literal) - 1

/* Builds the message; only for contents of less than 128 bytes. */
static size_t build(const struct refusal *refusal, uint8_t bytes[160])
{
    size_t size = refusal->size;
    memcpy(bytes, refusal->bytes, size);
    if (refusal->level == ACTION) {
        memmove(bytes + 4, bytes, size);
        memcpy(bytes, "\x08\x00\x12", 3); /* task 0, action */
        bytes[3] = (uint8_t)size;
        size += 4;
    }
    if (refusal->level != ROOT) {
        memmove(bytes + 2, bytes, size);
        bytes[0] = 0x22;
        bytes[1] = (uint8_t)size;
        size += 2;
    }
    if (refusal->level == INTERACTION || refusal->level == ACTION) {
        memmove(bytes + 2, bytes, size);
        memcpy(bytes, "\x12\x00", 2); /* config */
        size += 2;
    }
    return size;
}

static const struct refusal refusals[] = {
    {ROOT, BYTES("\x12"),
     "expected a protobuf message interplay.Plan, found bytes that are cut short or something "
     "else"},
    {ROOT, BYTES("{\"interactions\": []}"),
     "expected a protobuf message interplay.Plan, found bytes that are cut short or something "
     "else"},
    {ROOT, BYTES("\x08\x02"), "version: expected 1, the only version that is known, found 2"},
    {ROOT, BYTES("\x38\x01"),
     "plan: field number 7 is unknown: the plan is newer than this build, or no plan"},
    {ROOT, BYTES("\x12\x00\x18\x08"), "pool_size: only a plan without config has it"},
    {ROOT, BYTES("\x18\x41"), "pool_size: expected an integer 1 to 64, found 65"},
    {ROOT, BYTES("\x2a\x01\xff"), "comment: expected a text, found bytes that are not UTF-8"},
    {ROOT, BYTES("\x32\x06\x0a\x01x\x12\x01y"), "recorded_on: needs a plan with config"},
    {ROOT, BYTES("\x12\x00\x32\x03\x12\x01y"), "recorded_on.target: is missing"},
    {ROOT, BYTES("\x12\x00\x32\x03\x0a\x01x"), "recorded_on.backend: is missing"},
    {ROOT, BYTES("\x12\x00\x32\x06\x0a\x01x\x12\x01\xff"),
     "recorded_on.backend: expected a text, found bytes that are not UTF-8"},
    {ROOT, BYTES("\x12\x02\x08\x09"),
     "config.tasks: expected one of 1, 2, 3, 4, 5, 6, 7, 8, found 9"},
    {ROOT, BYTES("\x12\x02\x10\x06"),
     "config.journal_mode: expected a value of JournalMode (JOURNAL_MODE_WAL = 0, ...), found 6"},
    {ROOT, BYTES("\x12\x03\xa0\x01\x01"),
     "config: field number 20 is unknown: the plan is newer than this build, or no plan"},
    {ROOT, BYTES("\x12\x02\x08\x02\x22\x06\x08\x02\x12\x02\x08\x00"),
     "interactions[0].task: expected an integer 0 to 1, found 2"},
    {INTERACTION, BYTES("\x12\x02\x08\x00"), "interactions[0].task: is missing"},
    {INTERACTION, BYTES("\x08\x00"), "interactions[0].action: is missing"},
    {INTERACTION, BYTES("\x40\x01"),
     "interactions[0]: field number 8 is unknown: the plan is newer than this build, or no plan"},
    {INTERACTION, BYTES("\x08\x08\x12\x02\x08\x00"),
     "interactions[0].task: expected an integer 0 to 7, found 8"},
    {INTERACTION, BYTES("\x08\x00\x12\x02\x08\x00\x1a\x00"),
     "interactions[0].pause.after: is missing"},
    {INTERACTION, BYTES("\x08\x00\x12\x02\x08\x00\x1a\x02\x08\x00"),
     "interactions[0].pause.after: expected an integer 1 to 65535, found 0"},
    {INTERACTION, BYTES("\x08\x00\x12\x02\x08\x00\x1a\x04\x08\x80\x80\x04"),
     "interactions[0].pause.after: expected an integer 1 to 65535, found 65536"},
    {INTERACTION, BYTES("\x08\x00\x12\x02\x08\x00\x1a\x04\x08\x01\x10\x04"),
     "interactions[0].pause.at: expected a value of PauseAt (PAUSE_AT_STORAGE = 0, ...), found 4"},
    {INTERACTION, BYTES("\x08\x00\x12\x02\x08\x00\x22\x00"),
     "interactions[0].fault.kind: is missing"},
    {INTERACTION, BYTES("\x08\x00\x12\x02\x08\x00\x22\x04\x08\x01\x10\x00"),
     "interactions[0].fault.at: expected an integer 1 to 65535, found 0"},
    {INTERACTION, BYTES("\x08\x00\x12\x02\x08\x00\x32\x00"),
     "interactions[0].expect_error.contains: is missing"},
    {INTERACTION, BYTES("\x08\x00\x12\x02\x08\x00\x2a\x02\x20\x01"),
     "interactions[0].expect: field number 4 is unknown: the plan is newer than this build, or no "
     "plan"},
    {ACTION, BYTES(""), "interactions[0].action.type: is missing"},
    {ACTION, BYTES("\x08\x21"),
     "interactions[0].action.type: expected a value of ActionType (ACTION_SELECT = 0, ...), found "
     "33"},
    {ACTION, BYTES("\x08\x06\x20\x01"),
     "interactions[0].action.table: commit has no such field here"},
    {ACTION, BYTES("\x08\x01\x20\x04"),
     "interactions[0].action.table: expected an integer 0 to 3, found 4"},
    {ACTION, BYTES("\x08\x11"), "interactions[0].action.ms: is missing"},
    {ACTION, BYTES("\x08\x06\x18\x01"), "interactions[0].action.ms: commit has no such field"},
    {ACTION, BYTES("\x08\x22"), "interactions[0].action.sql: is missing"},
    {ACTION, BYTES("\x08\x06\x12\x01x"), "interactions[0].action.sql: commit has no such field"},
    {ACTION, BYTES("\x08\x22\x12\x03x\0y"),
     "interactions[0].action.sql: expected a text, found a zero byte in it"},
    {ACTION, BYTES("\x08\x22\x12\x01\xc3"),
     "interactions[0].action.sql: expected a text, found bytes that are not UTF-8"},
    {MIDDLEWARE_INTERACTION, BYTES("\x08\x00\x12\x02\x08\x01"),
     "interactions[0].action.type: insert needs a plan with config (at least an empty one)"},
    {MIDDLEWARE_INTERACTION, BYTES("\x08\x00\x12\x04\x08\x05\x60\x01"),
     "interactions[0].action.begin_mode: begin has no such field here"},
    {MIDDLEWARE_INTERACTION, BYTES("\x08\x00\x12\x02\x08\x05\x1a\x02\x08\x01"),
     "interactions[0].pause: needs a plan with config"},
    {MIDDLEWARE_INTERACTION, BYTES("\x08\x00\x12\x02\x08\x05\x22\x02\x08\x01"),
     "interactions[0].fault: needs a plan with config"},
    {MIDDLEWARE_INTERACTION, BYTES("\x08\x00\x12\x02\x08\x05\x2a\x00"),
     "interactions[0].expect: only query has it in a plan without config"},
    {MIDDLEWARE_INTERACTION, BYTES("\x08\x00\x12\x02\x08\x05\x2a\x02\x1a\x00"),
     "interactions[0].expect.rows: needs a plan with config"},
    {MIDDLEWARE_INTERACTION, BYTES("\x08\x00\x12\x02\x08\x05\x32\x02\x0a\x00"),
     "interactions[0].expect_error: only execute and query have it in a plan without config"},
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        uint8_t bytes[160];
        char expected[300];
        struct error error = {0};
        struct plan plan, untouched;
        size_t size = build(&refusals[i], bytes);
        memset(&plan, 0x5a, sizeof plan);
        memcpy(&untouched, &plan, sizeof plan);
        arena_reset(&arena);
        (void)snprintf(expected, sizeof expected, "plan.pb: %s", refusals[i].message);
        assert_int_equal(protobuf_read(&plan, &arena, "plan.pb", bytes, size, &error), ERROR_INPUT);
        assert_string_equal(error.message, expected);
        assert_memory_equal(&plan, &untouched, sizeof plan);
    }
}

/* What other languages may write: defaults said outright, an empty plan, comments. */
static void test_what_is_read(void **state)
{
    (void)state;
    static const struct refusal legal[] = {
        {ROOT, BYTES(""), NULL},
        {ROOT, BYTES("\x08\x01\x18\x08\x2a\x02hi"), NULL},
        {INTERACTION, BYTES("\x08\x01\x12\x08\x08\x05\x60\x01\x60\x02\x60\x00\x3a\x02hi"), NULL},
        {ACTION, BYTES("\x08\x22\x12\x00"), NULL},
    };
    for (size_t i = 0; i < sizeof legal / sizeof legal[0]; i++) {
        uint8_t bytes[160];
        size_t size = build(&legal[i], bytes);
        arena_reset(&arena);
        struct plan plan = read_ok(bytes, size);
        if (legal[i].level == ROOT) {
            assert_int_equal(plan.kind, PLAN_MIDDLEWARE);
            assert_int_equal(plan.pool_size, PLAN_POOL_SIZE_DEFAULT);
            assert_int_equal(plan.interaction_count, 0);
        } else {
            assert_int_equal(plan.kind, PLAN_NATIVE);
            assert_int_equal(plan.interactions[0].arguments[FIELD_begin_mode], 0);
        }
        assert_int_equal(plan_tasks(&plan), legal[i].level == INTERACTION ? 2 : 1);
    }
}

/* --- bytes that are not plans ---------------------------------------------------------------- */

/* Either a plan, which is written again, or one line that begins with the name. */
static bool assert_harmless(const uint8_t *bytes, size_t size)
{
    struct plan plan = {0};
    struct error error = {0};
    /* A copy on the heap: a read beyond it is seen. */
    uint8_t *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    enum error_code code = protobuf_read(&plan, &arena, "plan.pb", copy, size, &error);
    free(copy);
    if (code == ERROR_NONE) {
        size_t again;
        (void)write_ok(&plan, &again);
        return true;
    }
    assert_int_equal(code, ERROR_INPUT);
    assert_memory_equal(error.message, "plan.pb: ", strlen("plan.pb: "));
    assert_null(strchr(error.message, '\n'));
    return false;
}

static void mutate(struct random *random, uint8_t *bytes, size_t *size)
{
    uint32_t count = 1 + random_below(random, 3);
    for (uint32_t i = 0; i<count && * size> 0; i++) {
        size_t at = random_below(random, (uint32_t)*size);
        switch (random_below(random, 4)) {
        case 0:
            *size = at;
            break;
        case 1:
            bytes[at] = (uint8_t)random_next(random);
            break;
        case 2:
            bytes[at] ^= (uint8_t)(1u << random_below(random, 8));
            break;
        default:
            memmove(bytes + at, bytes + at + 1, *size - at - 1);
            *size -= 1;
            break;
        }
    }
}

static void test_mutated_messages_do_no_harm(void **state)
{
    (void)state;
    static uint8_t bytes[DRAW_BYTES_MAX];
    struct random random;
    long plans = 0;
    random_seed(&random, 12);
    for (long round = 0; round < plan_count; round++) {
        struct plan plan = {0};
        struct error error = {0};
        size_t size;
        arena_reset(&arena);
        if (random_chance(&random, 3))
            assert_int_equal(json_read(&plan, &arena, "plan.json", native_document,
                                       sizeof native_document - 1, &error),
                             ERROR_NONE);
        else
            compact_decode(&plan, &arena, bytes, draw_bytes(&random, bytes) % 200, DATABASE_sqlite);
        uint8_t *packed = write_ok(&plan, &size);
        mutate(&random, packed, &size);
        plans += assert_harmless(packed, size);
    }
    assert_in_range(plans, plan_count / 50, plan_count - plan_count / 50);
}

/* Each prefix of a message is a plan or an error, never the whole plan. */
static void test_truncated_messages(void **state)
{
    (void)state;
    struct plan plan = {0};
    struct error error = {0};
    size_t size, refused = 0;
    arena_reset(&arena);
    assert_int_equal(
        json_read(&plan, &arena, "plan.json", native_document, sizeof native_document - 1, &error),
        ERROR_NONE);
    const uint8_t *bytes = write_ok(&plan, &size);
    for (size_t cut = 0; cut < size; cut++)
        refused += !assert_harmless(bytes, cut);
    assert_in_range(refused, size - 9, size);
}

/* The smallest bytes for each kind of block: what the header promises suffices. */
static void test_memory_suffices(void **state)
{
    (void)state;
    static const char *const dense[] = {"\x22\x00", "\x12\x00", "\x38\x01", "\x2a\x00", "\x32\x00"};
    enum { PAIRS = 100000, SLACK_BYTES = 1 << 16 };
    uint8_t *bytes = malloc(2 * PAIRS);
    assert_non_null(bytes);
    for (size_t i = 0; i < sizeof dense / sizeof dense[0]; i++) {
        struct arena exact;
        struct plan plan;
        struct error error = {0};
        for (size_t pair = 0; pair < PAIRS; pair++)
            memcpy(bytes + 2 * pair, dense[i], 2);
        arena_init(&exact, 2 * PAIRS * (size_t)PROTOBUF_ARENA_FACTOR + SLACK_BYTES);
        enum error_code code = protobuf_read(&plan, &exact, "plan.pb", bytes, 2 * PAIRS, &error);
        arena_clean_up(&exact);
        if (code == ERROR_MEMORY)
            fail_msg("%zu: %s", i, error.message);
        arena_init(&exact, 4096);
        code = protobuf_read(&plan, &exact, "plan.pb", bytes, 2 * PAIRS, &error);
        arena_clean_up(&exact);
        assert_true(code == ERROR_MEMORY || i == 1 || i >= 3);
    }
    free(bytes);
}

int main(int argc, char **argv)
{
    const char *asked = argc > 1 ? argv[1] : getenv("INTERPLAY_TEST_PLANS");
    if (asked != NULL)
        plan_count = atol(asked);
    if (plan_count < 1) {
        fprintf(stderr, "protobuf_test: expected a number of plans, found %s\n", asked);
        return 2;
    }
    arena_init(&arena, 64u << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actions_are_those_of_the_tables),
        cmocka_unit_test(test_configuration_is_that_of_the_table),
        cmocka_unit_test(test_pauses_and_faults_are_those_of_the_tables),
        cmocka_unit_test(test_bytes_json_protobuf_bytes),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_texts_must_be_utf8),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_mutated_messages_do_no_harm),
        cmocka_unit_test(test_truncated_messages),
        cmocka_unit_test(test_memory_suffices),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
