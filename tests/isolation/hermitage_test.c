/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hermitage's cases (M. Kleppmann, github.com/ept/hermitage) and Adya's phenomena as plans, in
 * seeds/fuzz_store/: NAME.json, and NAME-clean.json with the same transactions one after the other.
 * The versioned store serves each of its levels under the promise of each, as a planted bug: the
 * oracle names the anomaly exactly where the level served lets it happen and the level promised
 * forbids it. As promised, and on SQLite, nothing is found.
 *
 * What levels let happen is what Hermitage publishes of databases that do the same
 * (hermitage_published.txt): MySQL's read uncommitted, PostgreSQL's read committed, repeatable
 * read, which is snapshot isolation, and serializable. The store's repeatable read has a snapshot
 * besides, so that of its own ones only G2 is left. What levels forbid is Adya's (1999, chapters 3
 * and 4): PL-1 G0, PL-2 G1, PL-2.99 G2-item, PL-SI G-single, PL-3 G2. A range that is read twice
 * and differs (PMP) has the word non-repeatable-read.
 *
 * The steps are Hermitage's, with these differences: its rows 1 and 2 are 0 and 4, and its
 * predicates over values are ranges of keys, where a row that moves is removed and another one
 * added. Who waits there for a lock is refused here, and tries again when the other one has
 * committed. g0-crossed, g0-lists, pmp-delete, g-single-empty, g-single-interleaved and long-fork
 * are not Hermitage's.
 */
#include "base/arena.h"
#include "base/file.h"
#include "generated/subjects.h"
#include "plan/json.h"
#include "run/run.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEVELS = STORE_READ_UNCOMMITTED + 1 };

#define SER (1u << STORE_SERIALIZABLE)
#define SI  (1u << STORE_SNAPSHOT)
#define RR  (1u << STORE_REPEATABLE_READ)
#define RC  (1u << STORE_READ_COMMITTED)
#define RU  (1u << STORE_READ_UNCOMMITTED)

struct anomaly {
    const char *word;
    uint32_t happens, forbidden; /* levels: bit sets */
};

#define STALE_STATEMENT                                                                            \
    {                                                                                              \
        "stale-read", SER | SI | RR, RC                                                            \
    }

static const struct {
    const char *name;
    /*
     * The first one: what the case is named for. The second one: what the same steps are where that
     * does not happen. The third one: a statement that does not see one state, with all that had
     * been committed before it, as the store's read committed promises.
     */
    struct anomaly anomalies[3];
} cases[] = {
    /* Who looks in the midst of it sees half of task 1, where that may be seen. */
    {"g0", {{"dirty-write", 0, SER | SI | RR | RC | RU}, {"read-skew", RU, SER | SI | RR | RC}}},
    {"g0-crossed", {{"dirty-write", 0, SER | SI | RR | RC | RU}}},
    {"g0-lists", {{"dirty-write", 0, SER | SI | RR | RC | RU}}},
    {"g1a", {{"aborted-read", RU, SER | SI | RR | RC}}},
    {"g1b",
     {{"intermediate-read", RU, SER | SI | RR | RC},
      {"non-repeatable-read", RC, SER | SI | RR},
      STALE_STATEMENT}},
    {"g1c",
     {{"circular-information-flow", RU, SER | SI | RR | RC}, {"write-skew", RC | SI, SER | RR}}},
    {"otv",
     {{"non-repeatable-read", RU, SER | SI | RR},
      {"read-skew", RC, SER | SI | RR}, /* by its last look, which Hermitage has, too */
      {"read-skew", RU, RC}}},
    {"pmp-read", {{"non-repeatable-read", RU | RC, SER | SI}, {0}, STALE_STATEMENT}},
    {"pmp-write", {{"non-repeatable-read", 0, SER | SI}, {0}, STALE_STATEMENT}},
    {"pmp-delete", {{"non-repeatable-read", RU | RC, SER | SI}}},
    {"p4", {{"lost-update", RU | RC, SER | SI | RR}}},
    {"g-single", {{"read-skew", RU | RC, SER | SI | RR}, {0}, STALE_STATEMENT}},
    {"g-single-predicate", {{"read-skew", RU | RC, SER | SI | RR}, {0}, STALE_STATEMENT}},
    {"g-single-empty", {{"read-skew", RU | RC, SER | SI}, {0}, STALE_STATEMENT}},
    {"g-single-write", {{"read-skew", RU | RC, SER | SI | RR}}},
    {"g-single-interleaved",
     {{"read-skew", 0, SER | SI | RR}, {"aborted-read", RU, SER | SI | RR | RC}}},
    {"g2-item", {{"write-skew", RU | RC | SI, SER | RR}}},
    {"g2", {{"phantom", RU | RC | SI | RR, SER}}},
    {"g2-two-edges", {{"anti-dependency-cycle", RU | RC | SI, SER | RR}}},
    /* PL-2.99 knows it as a cycle of rows only. */
    {"long-fork",
     {{"long-fork", RU | RC, SER | SI}, {"anti-dependency-cycle", RU | RC, RR}, STALE_STATEMENT}},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static struct arena arena;
static int differences;
static const char *const level_names[LEVELS] = {"serializable", "snapshot", "repeatable read",
                                                "read committed", "read uncommitted"};

/* ctest runs this in tests/. */
static void read_plan(const char *name, const char *suffix, struct plan *ret_plan)
{
    char path[128];
    struct error error = {0};
    struct file_content content;
    (void)snprintf(path, sizeof path, "../seeds/fuzz_store/%s%s.json", name, suffix);
    if (file_read(&content, path, FILE_MUST_HAVE_BYTES, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    arena_reset(&arena);
    if (json_read(ret_plan, &arena, path, (const char *)content.bytes, content.size, &error) !=
        ERROR_NONE)
        fail_msg("%s", error.message);
    file_content_clean_up(&content);
}

static void ask_for(struct plan *plan, int32_t level)
{
    plan->config.choice[PLAN_CONFIG_isolation] = 0;
    while (plan_config_get(&plan->config, PLAN_CONFIG_isolation) != level)
        plan->config.choice[PLAN_CONFIG_isolation]++;
}

static void comes_to(struct run *run, const struct plan *plan, const char *anomaly,
                     const char *what)
{
    char expected[64] = "";
    const struct run_result *result = run_plan(run, plan);
    if (anomaly != NULL)
        (void)snprintf(expected, sizeof expected, "isolation/%s", anomaly);
    if (strcmp(result->verdict.signature, expected) == 0)
        return;
    differences++;
    print_error("%s: '%s' expected, '%s' found: %s\n", what, expected, result->verdict.signature,
                result->verdict.report);
}

static struct run *open_on(const struct subject *subject)
{
    struct run *run;
    struct error error = {0};
    const struct run_options options = {.subject = subject};
    if (run_open(&run, &options, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    return run;
}

/* NULL: none. */
static const char *expected_of(int number, int served, int promised)
{
    for (int i = 0; i < 3; i++) {
        const struct anomaly *anomaly = &cases[number].anomalies[i];
        if ((anomaly->happens >> served & 1u) && (anomaly->forbidden >> promised & 1u))
            return anomaly->word;
    }
    return NULL;
}

static void each_level_under_each_promise(const char *suffix, bool is_anomalous)
{
    differences = 0;
    struct run *run = open_on(&interplay_subject_store);
    for (int i = 0; i < CASES; i++) {
        struct plan plan;
        read_plan(cases[i].name, suffix, &plan);
        for (int served = 0; served < LEVELS; served++) {
            for (int promised = 0; promised < LEVELS; promised++) {
                char what[128];
                (void)snprintf(what, sizeof what, "%s%s, %s served as %s", cases[i].name, suffix,
                               level_names[served], level_names[promised]);
                ask_for(&plan, promised);
                store_serves = served;
                comes_to(run, &plan, is_anomalous ? expected_of(i, served, promised) : NULL, what);
            }
        }
    }
    store_serves = -1;
    run_close(run);
    assert_int_equal(differences, 0);
}

static void test_anomalies(void **state)
{
    (void)state;
    each_level_under_each_promise("", true);
}

static void test_the_same_one_after_the_other(void **state)
{
    (void)state;
    each_level_under_each_promise("-clean", false);
}

/* --- what Hermitage publishes ----------------------------------------------------------------- */

static const char *const published_as[LEVELS] = {
    [STORE_SERIALIZABLE] = "postgresql serializable",
    [STORE_SNAPSHOT] = "postgresql repeatable-read",
    [STORE_READ_COMMITTED] = "postgresql read-committed",
    [STORE_READ_UNCOMMITTED] = "mysql read-uncommitted",
};
static const char *const published_anomalies[] = {"g0",  "g1a", "g1b",      "g1c",     "otv",
                                                  "pmp", "p4",  "g-single", "g2-item", "g2"};
enum { ANOMALIES = sizeof published_anomalies / sizeof published_anomalies[0] };

/* "g-single-write" is of "g-single", "g2-item" is not of "g2". */
static int anomaly_of(const char *name)
{
    int found = -1;
    for (int i = 0; i < ANOMALIES; i++)
        if (strncmp(name, published_anomalies[i], strlen(published_anomalies[i])) == 0 &&
            (found < 0 || strlen(published_anomalies[found]) < strlen(published_anomalies[i])))
            found = i;
    return found;
}

/* A line of the file: whether it is of the level, and what happens there, as a bit set. */
static bool reads_line(char *line, const char *wanted, uint32_t *ret_anomalies)
{
    const char *database = strtok(line, " \n"), *level = strtok(NULL, " \n");
    char both[64];
    if (database == NULL || level == NULL || database[0] == '#')
        return false;
    (void)snprintf(both, sizeof both, "%s %s", database, level);
    if (strcmp(both, wanted) != 0)
        return false;
    *ret_anomalies = 0;
    for (const char *word = strtok(NULL, " \n"); word != NULL; word = strtok(NULL, " \n"))
        *ret_anomalies |= 1u << anomaly_of(word);
    return true;
}

static uint32_t published(const char *wanted)
{
    char line[256];
    uint32_t anomalies = UINT32_MAX;
    FILE *file = fopen("isolation/hermitage_published.txt", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL && !reads_line(line, wanted, &anomalies))
        continue;
    (void)fclose(file);
    assert_int_not_equal(anomalies, UINT32_MAX);
    return anomalies;
}

static void test_as_published(void **state)
{
    (void)state;
    for (int level = 0; level < LEVELS; level++) {
        uint32_t happens = 0;
        for (int i = 0; i < CASES; i++)
            if (anomaly_of(cases[i].name) >= 0 && (cases[i].anomalies[0].happens >> level & 1u))
                happens |= 1u << anomaly_of(cases[i].name);
        if (published_as[level] != NULL)
            assert_int_equal(happens, published(published_as[level]));
    }
}

/* --- what the store does ---------------------------------------------------------------------- */

/* With nothing in the way of those who write over what is open, that is what is seen. */
static void test_dirty_write(void **state)
{
    (void)state;
    struct run *run = open_on(&interplay_subject_store);
    struct plan plan;
    differences = 0;
    store_flaws = STORE_FLAW_DIRTY_WRITE;
    read_plan("g0-crossed", "", &plan);
    for (int level = STORE_READ_COMMITTED; level <= STORE_READ_UNCOMMITTED; level++) {
        ask_for(&plan, level);
        comes_to(run, &plan, "dirty-write", level_names[level]);
    }
    store_flaws = 0;
    run_close(run);
    assert_int_equal(differences, 0);
}

/* Each promised level is kept by the store that does what it says. */
static void test_as_promised(void **state)
{
    (void)state;
    differences = 0;
    struct run *run = open_on(&interplay_subject_store);
    for (int i = 0; i < CASES; i++) {
        struct plan plan;
        read_plan(cases[i].name, "", &plan);
        for (int level = 0; level < LEVELS; level++) {
            ask_for(&plan, level);
            comes_to(run, &plan, NULL, cases[i].name);
        }
    }
    run_close(run);
    assert_int_equal(differences, 0);
}

static void test_sqlite(void **state)
{
    (void)state;
    differences = 0;
    struct run *run = open_on(&interplay_subject_sqlite);
    for (int i = 0; i < CASES; i++) {
        for (int clean = 0; clean < 2; clean++) {
            struct plan plan;
            read_plan(cases[i].name, clean ? "-clean" : "", &plan);
            comes_to(run, &plan, NULL, cases[i].name);
        }
    }
    run_close(run);
    assert_int_equal(differences, 0);
}

int main(void)
{
    arena_init(&arena, (size_t)16 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anomalies),    cmocka_unit_test(test_the_same_one_after_the_other),
        cmocka_unit_test(test_as_published), cmocka_unit_test(test_dirty_write),
        cmocka_unit_test(test_as_promised),  cmocka_unit_test(test_sqlite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
