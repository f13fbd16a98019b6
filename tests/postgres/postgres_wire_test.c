/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who owes an answer on a connection to PostgreSQL, told from what is said on it
 * (postgres_wire.h): conversations as the manual's "Message Flow" has them, each cut into pieces at
 * random.
 */
#include "postgres/postgres_wire.h"

#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TRIES = 200 };

/* Of one direction, and what is owed after all of it. */
struct said {
    bool by_client;
    const char *bytes;
    size_t count;
    bool is_owed;
    bool is_request; /* one message: nothing is owed before its end */
};
#define CLIENT(bytes, is_owed)                                                                     \
    {                                                                                              \
        true, bytes, sizeof(bytes) - 1, is_owed, false                                             \
    }
#define REQUEST(bytes)                                                                             \
    {                                                                                              \
        true, bytes, sizeof(bytes) - 1, true, true                                                 \
    }
#define SERVER(bytes, is_owed)                                                                     \
    {                                                                                              \
        false, bytes, sizeof(bytes) - 1, is_owed, false                                            \
    }

#define STARTUP        "\0\0\0\x10\0\3\0\0user\0u\0\0"
#define READY          "Z\0\0\0\5I"
#define AUTHENTICATED  "R\0\0\0\x8\0\0\0\0"
#define KEY            "K\0\0\0\xc\0\0\x30\x39\0\0\0\1"
#define ROW_OF_20      "D\0\0\0\x18Z\0\0\0\5IZ\0\0\0\5IZ\0\0\0\5IZZ"
#define QUERY          "Q\0\0\0\xdSELECT 1\0"
#define COMPLETE(word) "C\0\0\0\xf" word "\0"

static void say(struct postgres_wire *wire, const struct said *said, struct random *random)
{
    size_t at = 0;
    while (at < said->count) {
        size_t piece = 1 + random_below(random, (uint32_t)(said->count - at));
        const unsigned char *bytes = (const unsigned char *)said->bytes + at;
        if (said->by_client)
            postgres_wire_sent(wire, bytes, piece);
        else
            postgres_wire_received(wire, bytes, piece);
        at += piece;
        if (at < said->count && (said->is_request || !said->by_client))
            assert_int_equal(postgres_wire_owes(wire), !said->is_request);
    }
    assert_int_equal(postgres_wire_owes(wire), said->is_owed);
}

static void converse(const struct said *said, size_t count, struct postgres_wire *ret_wire)
{
    struct random random;
    random_seed(&random, 20261128);
    for (int i = 0; i < TRIES; i++) {
        postgres_wire_begin(ret_wire);
        assert_false(postgres_wire_owes(ret_wire));
        for (size_t k = 0; k < count; k++)
            say(ret_wire, &said[k], &random);
    }
}
#define CONVERSE(said, wire) converse(said, sizeof said / sizeof said[0], wire)

static void test_start_and_query(void **state)
{
    (void)state;
    static const struct said said[] = {
        REQUEST(STARTUP),
        SERVER(AUTHENTICATED KEY READY, false),
        REQUEST(QUERY),
        SERVER(ROW_OF_20 ROW_OF_20 COMPLETE("SELECT 2..") READY, false),
    };
    struct postgres_wire wire;
    CONVERSE(said, &wire);
    assert_int_equal(wire.process, 0x3039);
    assert_false(wire.has_changed_schema);
}

static void test_password(void **state)
{
    (void)state;
    static const struct said said[] = {
        REQUEST(STARTUP),
        SERVER("R\0\0\0\x17\0\0\0\xaSCRAM-SHA-256\0\0",
               false), /* wants a message of the client's */
        CLIENT("p\0\0\0\x8mine", true),
        SERVER("R\0\0\0\xc\0\0\0\xc...." AUTHENTICATED KEY READY, false),
    };
    struct postgres_wire wire;
    CONVERSE(said, &wire);
}

static void test_extended_and_pipelined(void **state)
{
    (void)state;
    static const struct said said[] = {
        REQUEST(STARTUP),
        SERVER(AUTHENTICATED READY, false),
        CLIENT("P\0\0\0\x8\0\0\0\0", false), /* nothing is answered without Sync */
        CLIENT("S\0\0\0\4", true),
        CLIENT("B\0\0\0\x8\0\0\0\0S\0\0\0\4", true),
        SERVER("1\0\0\0\4" READY "2\0\0\0\4" READY, false),
    };
    struct postgres_wire wire;
    CONVERSE(said, &wire);
}

static void test_copy_in(void **state)
{
    (void)state;
    static const struct said said[] = {
        REQUEST(STARTUP),
        SERVER(AUTHENTICATED READY, false),
        REQUEST(QUERY),
        SERVER("G\0\0\0\7\0\0\0", false),
        CLIENT("d\0\0\0\6xx"
               "c\0\0\0\4",
               true),
        SERVER(COMPLETE("COPY 1....") READY, false),
    };
    /* With a Sync of its own, which is passed over: another one ends it. */
    static const struct said extended[] = {
        REQUEST(STARTUP),
        SERVER(AUTHENTICATED READY, false),
        CLIENT("E\0\0\0\x9\0\0\0\0\0S\0\0\0\4", true),
        SERVER("G\0\0\0\7\0\0\0", false),
        CLIENT("d\0\0\0\6xx", false),
        CLIENT("d\0\0\0\6xxc\0\0\0\4S\0\0\0\4", true),
        SERVER(COMPLETE("COPY 2....") READY, false),
    };
    struct postgres_wire wire;
    CONVERSE(said, &wire);
    CONVERSE(extended, &wire);
}

static void test_schema(void **state)
{
    (void)state;
    static const struct said said[] = {
        REQUEST(STARTUP),
        SERVER(AUTHENTICATED READY, false),
        REQUEST(QUERY),
        SERVER(COMPLETE("DROP TABLE") READY, false),
    };
    struct postgres_wire wire;
    CONVERSE(said, &wire);
    assert_true(wire.has_changed_schema);
}

/* Whether it was done or only begun. */
static void test_what_may_be_left_by_halves(void **state)
{
    (void)state;
    static const struct said said[] = {
        REQUEST(STARTUP),
        SERVER(AUTHENTICATED READY, false),
        CLIENT("P\0\0\0\x25s7\0DROP INDEX CONCURRENTLY j0v\0\0\0S\0\0\0\4", true),
        SERVER("E\0\0\0\5\0" READY, false),
    };
    struct postgres_wire wire;
    CONVERSE(said, &wire);
    assert_true(wire.has_changed_schema);
}

#define COMMITTED                                                                                  \
    "C\0\0\0\xb"                                                                                   \
    "COMMIT\0"
#define FAILED   "E\0\0\0\5\0"
#define IN_BLOCK "Z\0\0\0\5T"

static enum net_commit what_is_committed(const char *answer, size_t count)
{
    struct postgres_wire wire;
    const struct said said[] = {
        REQUEST(STARTUP),
        SERVER(AUTHENTICATED READY, false),
        REQUEST(QUERY),
        {false, answer, count, false, false},
    };
    CONVERSE(said, &wire);
    return wire.committed;
}
#define COMMITTED_BY(answer) what_is_committed(answer, sizeof(answer) - 1)

static void test_commits(void **state)
{
    (void)state;
    assert_int_equal(COMMITTED_BY("C\0\0\0\xdUPDATE 1\0" READY), NET_COMMIT_OF_WRITES);
    assert_int_equal(COMMITTED_BY("C\0\0\0\xdUPDATE 0\0" READY), NET_NO_COMMIT);
    assert_int_equal(COMMITTED_BY("C\0\0\0\xfINSERT 0 0\0" READY), NET_NO_COMMIT);
    assert_int_equal(COMMITTED_BY("C\0\0\0\xfINSERT 0 1\0" READY), NET_COMMIT_OF_WRITES);
    assert_int_equal(COMMITTED_BY("C\0\0\0\xe"
                                  "SELECT 12\0" READY),
                     NET_NO_COMMIT);
    assert_int_equal(COMMITTED_BY("C\0\0\0\xdUPDATE 1\0" FAILED READY), NET_NO_COMMIT);
    assert_int_equal(COMMITTED_BY(COMMITTED READY), NET_NO_COMMIT); /* of no transaction */
    assert_int_equal(COMMITTED_BY("C\0\0\0\x14"
                                  "COMMIT PREPARED\0" READY),
                     NET_COMMIT_OF_WRITES);
    assert_int_equal(COMMITTED_BY(IN_BLOCK), NET_NO_COMMIT);
}

/* In a transaction, whose BEGIN was answered before. */
static enum net_commit what_a_block_commits(const char *answer, size_t count)
{
    struct postgres_wire wire;
    const struct said said[] = {
        REQUEST(STARTUP), SERVER(AUTHENTICATED READY, false),
        REQUEST(QUERY),   SERVER(IN_BLOCK, false),
        REQUEST(QUERY),   {false, answer, count, false, false},
        REQUEST(QUERY),   SERVER(COMMITTED READY, false),
    };
    CONVERSE(said, &wire);
    return wire.committed;
}
#define BLOCK_COMMITS(answer) what_a_block_commits(answer, sizeof(answer) - 1)

static void test_commits_of_transactions(void **state)
{
    (void)state;
    assert_int_equal(BLOCK_COMMITS("C\0\0\0\xdUPDATE 1\0" IN_BLOCK), NET_COMMIT_OF_WRITES);
    assert_int_equal(BLOCK_COMMITS("C\0\0\0\xdUPDATE 0\0" IN_BLOCK), NET_COMMIT_OF_NOTHING);
    assert_int_equal(BLOCK_COMMITS("C\0\0\0\x18PREPARE TRANSACTION\0" READY), NET_NO_COMMIT);
}

/* The end of the connection is what comes then. */
static void test_leaving(void **state)
{
    (void)state;
    static const struct said cancelling[] = {
        CLIENT("\0\0\0\x10\x4\xd2\x16\x2e\0\0\x30\x39\0\0\0\1", true)};
    static const struct said ending[] = {REQUEST(STARTUP), SERVER(AUTHENTICATED READY, false),
                                         CLIENT("X\0\0\0\4", true)};
    struct postgres_wire wire;
    CONVERSE(cancelling, &wire);
    assert_int_equal(wire.cancels, 0x3039);
    CONVERSE(ending, &wire);
    assert_int_equal(wire.cancels, 0);
    postgres_wire_received(&wire, NULL, 0);
    assert_false(postgres_wire_owes(&wire));
}

/* Whatever comes, it is read to its end. */
static void test_noise(void **state)
{
    (void)state;
    struct random random;
    struct postgres_wire wire;
    random_seed(&random, 1);
    for (int i = 0; i < 20000; i++) {
        unsigned char noise[64];
        for (size_t k = 0; k < sizeof noise; k++)
            noise[k] = (unsigned char)(random_below(&random, 3) == 0 ? random_next(&random) : 0);
        postgres_wire_begin(&wire);
        postgres_wire_sent(&wire, noise, sizeof noise);
        postgres_wire_received(&wire, noise, sizeof noise);
        assert_true(wire.client.got <= POSTGRES_HEAD_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_and_query),
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_extended_and_pipelined),
        cmocka_unit_test(test_copy_in),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_what_may_be_left_by_halves),
        cmocka_unit_test(test_commits),
        cmocka_unit_test(test_commits_of_transactions),
        cmocka_unit_test(test_leaving),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests_name("postgres_wire", tests, NULL, NULL);
}
