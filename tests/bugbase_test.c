/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bug base: what is recorded is read again, no two signatures share an entry, malformed entries
 * are named, processes that write at once lose nothing, and a process that is killed leaves whole
 * entries only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/random.h"
#include "bugbase/bugbase.h"
#include "plan/json.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/interplay-bugbase-test-XXXXXX";
static const char base[] = "base";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int remove_base(void **state)
{
    (void)state;
    return system("rm -rf base") != 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static struct error why;

static void must(enum error_code code)
{
    if (code != ERROR_NONE)
        fail_msg("%s", why.message);
}

/* --- findings -------------------------------------------------------------------------------- */

static const struct bugbase_subject subject = {
    .target = "fuzz_canary --canary='two words'",
    .command = "build/fuzz_canary --canary='two words' --interplay",
    .backend = "sqlite",
    .backend_version = "sqlite 3.40.1",
    .interplay_version = "0.1.0",
};

/* `count` checkouts, so that plans can be told apart. */
static struct plan plan_of(size_t count)
{
    static struct interaction interactions[8];
    assert_true(count <= 8);
    for (size_t i = 0; i < 8; i++)
        interactions[i] = (struct interaction){.action = ACTION_checkout};
    return (struct plan){.interaction_count = count, .interactions = interactions};
}

static struct verdict verdict_of(const char *signature)
{
    struct verdict verdict = {0};
    verdict_violation(&verdict, 1, signature, "two \"lines\"\nof text \x01 \xff");
    return verdict;
}

static enum error_code record(const char *signature, const char *origin, size_t interactions,
                              struct bugbase_recorded *ret_recorded, struct error *error)
{
    struct plan plan = plan_of(interactions);
    struct verdict verdict = verdict_of(signature);
    const struct bugbase_finding finding = {
        .subject = &subject,
        .plan = &plan,
        .verdict = &verdict,
        .trace_hash = 0x1234,
        .origin = origin,
    };
    return bugbase_record(base, &finding, ret_recorded, error);
}

static enum error_code add_shrunk(const char *signature, size_t interactions, struct error *error)
{
    struct plan plan = plan_of(interactions);
    struct verdict verdict = verdict_of(signature);
    char name[BUGBASE_NAME_BYTES];
    (void)snprintf(verdict.report, sizeof verdict.report, "of %zu", interactions);
    verdict.interaction = 0;
    const struct bugbase_small small = {&plan, BUGBASE_MINIMAL, &verdict, 0x5678};
    bugbase_name(name, signature);
    return bugbase_add_shrunk(base, name, &small, error);
}

static struct bugbase_entry entry_of(const char *signature)
{
    struct bugbase_entry entry;
    char name[BUGBASE_NAME_BYTES];
    bugbase_name(name, signature);
    must(bugbase_read(&entry, base, name, &why));
    return entry;
}

static size_t interactions_of(const char *name, enum bugbase_plan which)
{
    char path[PATH_MAX];
    struct file_content content;
    struct arena arena;
    struct plan plan;
    must(bugbase_plan_path(path, base, name, which, &why));
    must(file_read(&content, path, FILE_MUST_HAVE_BYTES, &why));
    arena_init(&arena, 1 << 20);
    must(json_read(&plan, &arena, path, content.bytes, content.size, &why));
    size_t count = plan.interaction_count;
    arena_clean_up(&arena);
    file_content_clean_up(&content);
    return count;
}

/* --- one process ----------------------------------------------------------------------------- */

static void test_round_trip(void **state)
{
    (void)state;
    struct bugbase_recorded recorded;
    char earliest[32], latest[32];
    time_t now = time(NULL);
    (void)strftime(earliest, sizeof earliest, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    must(bugbase_create(base, &why));
    must(record("pool/lost-wakeup", "crash-1", 3, &recorded, &why));
    assert_true(recorded.is_new && recorded.shrunk == BUGBASE_NOT_SHRUNK);
    must(record("pool/lost-wakeup", "crash-2 \xff", 1, &recorded, &why));
    assert_true(!recorded.is_new && recorded.shrunk == BUGBASE_NOT_SHRUNK);

    struct bugbase_entry entry = entry_of("pool/lost-wakeup");
    now = time(NULL);
    (void)strftime(latest, sizeof latest, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    assert_string_equal(entry.signature, "pool/lost-wakeup");
    assert_string_equal(entry.report, "two \"lines\"\nof text \x01 ?");
    assert_string_equal(entry.trace_hash, "0000000000001234");
    assert_int_equal(entry.interaction, 1);
    assert_int_equal(entry.times_seen, 2);
    assert_string_equal(entry.first.origin, "crash-1");
    assert_string_equal(entry.last.origin, "crash-2 ?");
    assert_true(strcmp(earliest, entry.first.time) <= 0);
    assert_true(strcmp(entry.first.time, entry.last.time) <= 0);
    assert_true(strcmp(entry.last.time, latest) <= 0);
    assert_string_equal(entry.last.backend_version, subject.backend_version);
    assert_int_equal(entry.shrunk, BUGBASE_NOT_SHRUNK);
    assert_string_equal(entry.subject.target, subject.target);
    assert_string_equal(entry.subject.command, subject.command);
    assert_string_equal(entry.subject.backend, subject.backend);
    assert_string_equal(entry.subject.interplay_version, subject.interplay_version);
    entry_clean_up(&entry);
    assert_int_equal(interactions_of("pool~lost-wakeup", BUGBASE_PLAN_FOUND), 3);
}

static void test_small_plan(void **state)
{
    (void)state;
    struct bugbase_recorded recorded;
    must(bugbase_create(base, &why));
    must(record("pool/a", "x", 3, &recorded, &why));
    struct bugbase_entry entry = entry_of("pool/a");
    assert_false(entry.tells_small);
    assert_string_equal(entry.trace_hash, "0000000000001234");
    entry_clean_up(&entry);
    must(add_shrunk("pool/a", 2, &why));
    must(add_shrunk("pool/a", 1, &why));         /* it has one */
    must(add_shrunk("pool/not-there", 1, &why)); /* somebody removed it */
    must(record("pool/a", "y", 3, &recorded, &why));
    assert_int_equal(recorded.shrunk, BUGBASE_MINIMAL);
    assert_int_equal(interactions_of("pool~a", BUGBASE_PLAN_FOUND), 3);
    assert_int_equal(interactions_of("pool~a", BUGBASE_PLAN_SHRUNK), 2);
    entry = entry_of("pool/a");
    assert_true(entry.tells_small);
    assert_string_equal(entry.report, "of 2");
    assert_string_equal(entry.trace_hash, "0000000000005678");
    assert_int_equal(entry.interaction, 0);
    entry_clean_up(&entry);
    assert_false(bugbase_has(base, "pool~not-there"));
}

/* --- causes ---------------------------------------------------------------------------------- */

static struct cause cause_of_checkouts(size_t count)
{
    struct plan plan = plan_of(count);
    struct cause cause;
    cause_of_plan(&cause, &plan);
    return cause;
}

static struct bugbase_recorded record_with_cause(const char *signature, const struct cause *cause)
{
    struct plan plan = plan_of(3);
    struct verdict verdict = verdict_of(signature);
    struct bugbase_recorded recorded;
    must(bugbase_record(
        base,
        &(struct bugbase_finding){
            .subject = &subject, .plan = &plan, .verdict = &verdict, .origin = "x", .cause = cause},
        &recorded, &why));
    return recorded;
}

static bool asks_cause(const char *signature)
{
    bool asks;
    must(bugbase_asks_cause(&asks, base, signature, &why));
    return asks;
}

static uint64_t times_seen(const char *name)
{
    struct bugbase_entry entry;
    must(bugbase_read(&entry, base, name, &why));
    uint64_t times = entry.times_seen;
    entry_clean_up(&entry);
    return times;
}

/* Two bugs that end alike have an entry each, as soon as the first one is small. */
static void test_causes(void **state)
{
    (void)state;
    const struct cause one = cause_of_checkouts(1), two = cause_of_checkouts(2), unknown = {0};
    char second[BUGBASE_NAME_BYTES], word[64];
    (void)snprintf(second, sizeof second, "pool~a@%s", two.hash);
    must(bugbase_create(base, &why));
    assert_false(asks_cause("pool/a"));
    assert_true(record_with_cause("pool/a", &unknown).is_new);
    assert_false(asks_cause("pool/a")); /* not small yet: it stands for all */
    assert_false(record_with_cause("pool/a", &two).is_new);
    must(add_shrunk("pool/a", 1, &why));
    assert_true(asks_cause("pool/a"));
    assert_false(record_with_cause("pool/a", &one).is_new);
    struct bugbase_recorded recorded = record_with_cause("pool/a", &two);
    assert_true(recorded.is_new);
    assert_string_equal(recorded.name, second);
    assert_false(asks_cause("pool/a"));
    struct plan plan = plan_of(2);
    const struct bugbase_small small = {.plan = &plan, .shrunk = BUGBASE_MINIMAL};
    must(bugbase_add_shrunk(base, recorded.name, &small, &why));
    assert_true(asks_cause("pool/a"));
    assert_false(record_with_cause("pool/a", &two).is_new);
    assert_false(record_with_cause("pool/a", &unknown).is_new); /* the first one */
    assert_int_equal(times_seen("pool~a"), 4);
    assert_int_equal(times_seen(second), 2);
    assert_false(asks_cause("pool/a@12345678") || asks_cause("pool/ab") || asks_cause("pool/"));

    struct bugbase_names names;
    size_t index;
    must(bugbase_list(&names, base, &why));
    assert_int_equal(names.count, 2);
    must(bugbase_find(&index, &names, base, "pool/a", &why));
    assert_int_equal(index, 0);
    (void)snprintf(word, sizeof word, "pool/a@%s", one.hash);
    must(bugbase_find(&index, &names, base, word, &why));
    assert_int_equal(index, 0);
    (void)snprintf(word, sizeof word, "pool/a@%s", two.hash);
    must(bugbase_find(&index, &names, base, word, &why));
    assert_int_equal(index, 1);
    bugbase_names_clean_up(&names);
}

static void test_where_noticed(void **state)
{
    (void)state;
    struct bugbase_recorded recorded;
    must(bugbase_create(base, &why));
    must(record("pool/at-end", "x", 1, &recorded, &why)); /* noticed at 1, behind the last */
    struct bugbase_entry entry = entry_of("pool/at-end");
    assert_true(entry.interaction == SIZE_MAX);
    entry_clean_up(&entry);
}

/* Each is another signature, and has an entry of its own. */
static void test_names(void **state)
{
    (void)state;
    char longest[BUGBASE_SIGNATURE_MAX + 1];
    char nasty[BUGBASE_SIGNATURE_MAX + 1];
    memset(longest, 'a', BUGBASE_SIGNATURE_MAX);
    memset(nasty, '*', BUGBASE_SIGNATURE_MAX);
    longest[BUGBASE_SIGNATURE_MAX] = nasty[BUGBASE_SIGNATURE_MAX] = '\0';
    const char *const signatures[] = {
        "a/b",     "a~b", "a%2fb",   "a b",  "a/",   "a",         "A/b",   ".",   "..", "/",
        "../../x", ".a",  "=612f62", "a\nb", "a\\b", "a\xc3\xa4", longest, nasty, "=",  "-a",
    };
    enum { COUNT = sizeof signatures / sizeof signatures[0] };
    struct bugbase_names names;
    struct bugbase_recorded recorded;
    must(bugbase_create(base, &why));
    for (size_t i = 0; i < COUNT; i++) {
        must(record(signatures[i], "x", 1, &recorded, &why));
        if (!recorded.is_new)
            fail_msg("'%s' shares the entry of another", signatures[i]);
    }
    must(bugbase_list(&names, base, &why));
    assert_int_equal(names.count, COUNT);
    for (size_t i = 0; i + 1 < COUNT; i++)
        assert_true(strcmp(names.items[i], names.items[i + 1]) < 0);
    bugbase_names_clean_up(&names);
    for (size_t i = 0; i < COUNT; i++) {
        struct bugbase_entry entry = entry_of(signatures[i]);
        assert_string_equal(entry.signature, signatures[i]);
        entry_clean_up(&entry);
    }
}

static void finds(const struct bugbase_names *names, const char *word, const char *name)
{
    size_t index;
    must(bugbase_find(&index, names, base, word, &why));
    assert_string_equal(names->items[index], name);
}

static void does_not_find(const struct bugbase_names *names, const char *word, const char *message)
{
    struct error error = {0};
    size_t index = 77;
    assert_int_equal(bugbase_find(&index, names, base, word, &error), ERROR_USAGE);
    assert_string_equal(error.message, message);
    assert_int_equal(index, 77);
}

static void test_find(void **state)
{
    (void)state;
    static const char *const signatures[] = {"pool/a", "pool/ab", "pool/abc", "snapshot/x y"};
    struct bugbase_recorded recorded;
    struct bugbase_names names;
    must(bugbase_create(base, &why));
    for (size_t i = 0; i < 4; i++)
        must(record(signatures[i], "x", 1, &recorded, &why));
    must(bugbase_list(&names, base, &why));
    finds(&names, "pool/a", "pool~a");
    finds(&names, "pool~a", "pool~a");
    finds(&names, "pool/abc", "pool~abc");
    finds(&names, "snapshot/x y", "=736e617073686f742f782079");
    does_not_find(&names, "pool/b", "base: there is no entry 'pool/b'");
    does_not_find(&names, "", "base: there is no entry ''");
    does_not_find(&names, "pool",
                  "base: 'pool' is the beginning of 3 entries, pool~a and pool~ab are two of them");
    bugbase_names_clean_up(&names);
}

static void test_remove(void **state)
{
    (void)state;
    struct bugbase_recorded recorded;
    struct error wrong = {0};
    must(bugbase_create(base, &why));
    must(record("pool/a", "x", 1, &recorded, &why));
    must(bugbase_remove(base, "pool~a", &why));
    assert_false(bugbase_has(base, "pool~a"));
    assert_int_equal(bugbase_remove(base, "pool~a", &wrong), ERROR_IO);
    must(record("pool/a", "x", 1, &recorded, &why));
    assert_true(recorded.is_new);
}

/* --- what is refused ------------------------------------------------------------------------- */

static void put_file(const char *path, const char *text)
{
    must(file_write(path, text, strlen(text), &why));
}

/* Replaces `old` in the file by `new`; the entry is then refused with `message`. */
static void refuses(const char *path, const char *old, const char *new, const char *message)
{
    struct file_content content;
    must(file_read(&content, path, FILE_MUST_HAVE_BYTES, &why));
    char *place = strstr(content.bytes, old);
    if (place == NULL)
        fail_msg("%s has no %s", path, old);
    char edited[4096];
    (void)snprintf(edited, sizeof edited, "%.*s%s%s", (int)(place - content.bytes), content.bytes,
                   new, place + strlen(old));
    put_file(path, edited);
    struct error error = {0};
    struct bugbase_entry entry;
    struct bugbase_recorded recorded;
    assert_int_equal(bugbase_read(&entry, base, "pool~a", &error), ERROR_INPUT);
    assert_string_equal(error.message, message);
    /* Nor is it counted; what somebody has written stays. */
    assert_int_equal(record("pool/a", "x", 1, &recorded, &error), ERROR_INPUT);
    struct file_content after;
    must(file_read(&after, path, FILE_MUST_HAVE_BYTES, &why));
    assert_string_equal(after.bytes, edited);
    file_content_clean_up(&after);
    put_file(path, content.bytes);
    file_content_clean_up(&content);
}

static void test_malformed(void **state)
{
    (void)state;
    static const char failure[] = "base/pool~a/failure.json";
    struct bugbase_recorded recorded;
    must(bugbase_create(base, &why));
    must(record("pool/a", "x", 1, &recorded, &why));
    refuses(failure, "\"version\": 1", "\"version\": 2",
            "base/pool~a/failure.json:2:14: version: expected an integer 1 to 1, found 2");
    refuses(failure, "pool/a", "pool/b",
            "base/pool~a/failure.json:3:16: signature: expected the signature that its folder is "
            "named after, found \"pool/b\"");
    refuses(failure, "\"pool/a\"", "\"\"",
            "base/pool~a/failure.json:3:16: signature: expected a signature, found \"\"");
    refuses(failure, "\"times_seen\": 1", "\"times_seen\": 0",
            "base/pool~a/failure.json:7:17: times_seen: expected an integer from 1, found 0");
    refuses(failure, "0000000000001234", "1234",
            "base/pool~a/failure.json:6:17: trace_hash: expected 16 hexadecimal digits, found "
            "\"1234\"");
    refuses(failure, "\"shrunk\": \"no\"", "\"shrunk\": \"perhaps\"",
            "base/pool~a/failure.json:18:13: shrunk: expected one of \"no\", \"yes, not "
            "1-minimal\", \"yes, 1-minimal\", found \"perhaps\"");
    refuses(failure, "\"first_seen\": {", "\"first_seen\": 3, \"x\": {",
            "base/pool~a/failure.json:8:17: first_seen: expected an object, found 3");
    refuses(failure, "{", "{{", "base/pool~a/failure.json:1:2: string or '}' expected near '{'");
    refuses("base/pool~a/config.json", "\"target\"", "\"Target\"",
            "base/pool~a/config.json:1:1: target: expected a text, found nothing");

    struct error error = {0};
    struct bugbase_entry entry;
    assert_int_equal(unlink("base/pool~a/config.json"), 0);
    assert_int_equal(bugbase_read(&entry, base, "pool~a", &error), ERROR_IO);
    assert_string_equal(error.message, "base/pool~a/config.json: does not exist");
    must(bugbase_remove(base, "pool~a", &why));
}

static void ignore_path(void *context, const char *path)
{
    (void)context;
    (void)path;
}

static void test_no_base(void **state)
{
    (void)state;
    struct error error = {0};
    struct bugbase_names names;
    assert_int_equal(bugbase_list(&names, base, &error), ERROR_IO);
    assert_string_equal(error.message, "base: does not exist, expected the folder of a bug base");
    assert_int_equal(bugbase_create("no/such", &error), ERROR_IO);
    assert_int_equal(mkdir(base, 0777), 0);
    assert_int_equal(bugbase_tidy(base, false, ignore_path, NULL, &error), ERROR_IO);
    assert_string_equal(error.message, "base: is no bug base: there is no .interplay-lock in it");
    assert_int_equal(rmdir(base), 0);
    put_file(base, "x");
    assert_int_equal(bugbase_create(base, &error), ERROR_USAGE);
    assert_string_equal(error.message, "base: is a file, expected the folder of a bug base");
}

/* --- many processes -------------------------------------------------------------------------- */

enum { SIGNATURES = 5 };
static const char *signature_number(size_t number)
{
    static const char *const signatures[SIGNATURES] = {"a/0", "a/1", "b/2", "c/3", "d/4"};
    return signatures[number % SIGNATURES];
}

/* Whole entries only, each counted at least so often and at most `slack` times more. */
static void assert_sound(const uint32_t *counted, uint32_t slack)
{
    struct bugbase_names names;
    must(bugbase_list(&names, base, &why));
    for (size_t i = 0; i < names.count; i++) {
        struct bugbase_entry entry;
        must(bugbase_read(&entry, base, names.items[i], &why));
        assert_int_equal(interactions_of(names.items[i], BUGBASE_PLAN_FOUND), 2);
        if (entry.shrunk != BUGBASE_NOT_SHRUNK)
            assert_int_equal(interactions_of(names.items[i], BUGBASE_PLAN_SHRUNK), 1);
        entry_clean_up(&entry);
    }
    bugbase_names_clean_up(&names);
    for (size_t i = 0; i < SIGNATURES; i++) {
        if (counted[i] == 0)
            continue;
        struct bugbase_entry entry = entry_of(signature_number(i));
        if (entry.times_seen < counted[i] || entry.times_seen > counted[i] + slack)
            fail_msg("%s was counted %u times, seen %lu times", entry.signature, counted[i],
                     (unsigned long)entry.times_seen);
        entry_clean_up(&entry);
    }
}

static uint32_t *shared_counts(void)
{
    uint32_t *counts = mmap(NULL, SIGNATURES * sizeof *counts, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(counts != MAP_FAILED);
    return counts;
}

/* In a process of its own: whatever goes wrong is its exit status. */
static void __attribute__((noreturn)) write_some(size_t first, size_t count, uint32_t *counted)
{
    struct bugbase_recorded recorded;
    for (size_t i = first; i < first + count; i++) {
        const char *signature = signature_number(i);
        if (record(signature, "x", 2, &recorded, NULL) != ERROR_NONE)
            _exit(1);
        __atomic_add_fetch(&counted[i % SIGNATURES], 1, __ATOMIC_SEQ_CST);
        if (i % 3 == 0 && add_shrunk(signature, 1, NULL) != ERROR_NONE)
            _exit(1);
    }
    _exit(0);
}

static void test_writers_at_once(void **state)
{
    (void)state;
    enum { WRITERS = 6, TIMES = 40 };
    uint32_t *counted = shared_counts();
    must(bugbase_create(base, &why));
    for (size_t i = 0; i < WRITERS; i++) {
        pid_t writer = fork();
        assert_true(writer >= 0);
        if (writer == 0)
            write_some(i, TIMES, counted);
    }
    int status;
    for (size_t i = 0; i < WRITERS; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    for (size_t i = 0; i < SIGNATURES; i++)
        assert_int_equal(counted[i], WRITERS * TIMES / SIGNATURES);
    assert_sound(counted, 0);
    assert_int_equal(munmap(counted, SIGNATURES * sizeof *counted), 0);
}

static size_t count_hidden(const char *path)
{
    size_t count = 0;
    DIR *listing = opendir(path);
    assert_non_null(listing);
    for (const struct dirent *item; (item = readdir(listing)) != NULL;)
        count += item->d_name[0] == '.' || strstr(item->d_name, ".tmp") != NULL;
    (void)closedir(listing);
    return count - 2; /* . and .. */
}

/* Makes entries and takes them away, until it is killed. */
static void __attribute__((noreturn)) come_and_go(uint32_t *counted)
{
    struct bugbase_recorded recorded;
    for (size_t i = 0;; i++) {
        if (record("e/comes-and-goes", "x", 2, &recorded, NULL) != ERROR_NONE ||
            add_shrunk("e/comes-and-goes", 1, NULL) != ERROR_NONE ||
            bugbase_remove(base, "e~comes-and-goes", NULL) != ERROR_NONE)
            _exit(1);
        if (record(signature_number(i), "x", 2, &recorded, NULL) != ERROR_NONE)
            _exit(1);
        __atomic_add_fetch(&counted[i % SIGNATURES], 1, __ATOMIC_SEQ_CST);
    }
}

static void count_left_over(void *context, const char *path)
{
    (void)path;
    (*(size_t *)context)++;
}

static void test_killed(void **state)
{
    (void)state;
    enum { KILLS = 300, WAIT_MAX_US = 12000 };
    uint32_t *counted = shared_counts();
    size_t told = 0, told_before = 0;
    struct random random;
    random_seed(&random, 1);
    must(bugbase_create(base, &why));
    for (uint32_t kills = 1; kills <= KILLS; kills++) {
        pid_t writer = fork();
        assert_true(writer >= 0);
        if (writer == 0)
            come_and_go(counted);
        (void)usleep(random_below(&random, WAIT_MAX_US));
        int status;
        (void)kill(writer, SIGKILL);
        assert_int_equal(waitpid(writer, &status, 0), writer);
        assert_true(WIFSIGNALED(status));
        assert_sound(counted, kills);
        if (kills % 10 == 0) {
            must(bugbase_tidy(base, true, count_left_over, &told_before, &why));
            must(bugbase_tidy(base, false, count_left_over, &told, &why));
            assert_int_equal(told, told_before);
            assert_int_equal(count_hidden(base), 1); /* the lock */
        }
    }
    assert_sound(counted, KILLS);
    print_message("%zu left-overs were removed\n", told);
    assert_int_equal(munmap(counted, SIGNATURES * sizeof *counted), 0);
}

/* What a kill leaves in an entry, made by hand: it is rare. */
static void test_tidy(void **state)
{
    (void)state;
    size_t told = 0;
    struct bugbase_recorded recorded;
    must(bugbase_create(base, &why));
    must(record("a/0", "x", 2, &recorded, &why));
    must(record("a/1", "x", 2, &recorded, &why));
    must(add_shrunk("a/1", 1, &why));
    put_file("base/a~0/shrunk_plan.json", "half");
    put_file("base/a~0/failure.json.99-0.tmp", "half");
    put_file("base/a~0/notes.tmp", "somebody's own");
    assert_int_equal(mkdir("base/.interplay-new", 0777), 0);
    put_file("base/.interplay-new/plan.json", "half");
    must(bugbase_tidy(base, true, count_left_over, &told, &why));
    assert_int_equal(told, 3);
    assert_int_equal(access("base/.interplay-new/plan.json", F_OK), 0);
    must(bugbase_tidy(base, false, count_left_over, &told, &why));
    assert_int_equal(told, 6);
    assert_int_equal(count_hidden(base), 1);
    assert_int_equal(count_hidden("base/a~0"), 1); /* notes.tmp */
    assert_int_not_equal(access("base/a~0/shrunk_plan.json", F_OK), 0);
    assert_int_equal(interactions_of("a~1", BUGBASE_PLAN_SHRUNK), 1);
    must(bugbase_tidy(base, false, count_left_over, &told, &why));
    assert_int_equal(told, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_round_trip, remove_base),
        cmocka_unit_test_teardown(test_small_plan, remove_base),
        cmocka_unit_test_teardown(test_causes, remove_base),
        cmocka_unit_test_teardown(test_where_noticed, remove_base),
        cmocka_unit_test_teardown(test_names, remove_base),
        cmocka_unit_test_teardown(test_find, remove_base),
        cmocka_unit_test_teardown(test_remove, remove_base),
        cmocka_unit_test_teardown(test_malformed, remove_base),
        cmocka_unit_test_teardown(test_no_base, remove_base),
        cmocka_unit_test_teardown(test_writers_at_once, remove_base),
        cmocka_unit_test_teardown(test_killed, remove_base),
        cmocka_unit_test_teardown(test_tidy, remove_base),
    };
    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
