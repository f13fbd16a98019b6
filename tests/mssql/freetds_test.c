/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FreeTDS' db-lib on the simulated network (sim/net_peer.h): a program as its users write it talks
 * to a peer with canned answers, which waits when a batch says WAIT, and says nothing at all to
 * SILENCE. What is shown: FreeTDS' own calls lead to the simulation, all of them (waits are
 * virtual, its timeouts and its cancelling from another thread work there), and in which pieces an
 * answer comes does not matter.
 */
#include "mssql/mssql_below.h"
#include "sim/net_peer.h"
#include "sim/world.h"

#include "base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sybfront.h>

#include <sybdb.h>

#include <cmocka.h>

enum { YIELDS_LIMIT = 1000000, MESSAGE_BYTES = 4096, PACKET_HEADER = 8 };
static const uint64_t second_ns = 1000000000;

/* --- the peer -------------------------------------------------------------------------------- */

enum { SQL_BATCH = 1, RESPONSE = 4, ATTENTION = 6, LOGIN = 0x10, PRELOGIN = 0x12 };

/* [MS-TDS] 2.2.6.5: version, no encryption, no instance, thread, no MARS. */
static const unsigned char prelogin_answer[] = {
    0, 0, 26, 0, 6,  1, 0, 32,  0,  1, 2, 0,    33, 0, 1, 3, 0, 34,
    0, 0, 4,  0, 34, 0, 1, 255, 16, 0, 7, 0xd0, 0,  0, 2, 0, 0,
};
/* LOGINACK for TDS 7.4 of a server named x, and DONE. */
static const unsigned char login_answer[] = {
    0xad, 12,   0, 1, 0x74, 0, 0, 4, 1, 'x', 0, 16, 0, 7,
    0xd0, 0xfd, 0, 0, 0,    0, 0, 0, 0, 0,   0, 0,  0, 0,
};
/* One column c, int not NULL, one row with 7; DONE with a count. */
static const unsigned char row_answer[] = {
    0x81, 1, 0,    0,    0, 0,    0, 0, 0, 0x38, 1, 'c', 0, 0xd1, 7, 0,
    0,    0, 0xfd, 0x10, 0, 0xc1, 0, 1, 0, 0,    0, 0,   0, 0,    0,
};
static const unsigned char attention_answer[] = {0xfd, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

static void answer(struct net_peer *peer, const unsigned char *bytes, size_t count)
{
    size_t whole = PACKET_HEADER + count;
    const unsigned char header[PACKET_HEADER] = {RESPONSE, 1, (unsigned char)(whole >> 8),
                                                 (unsigned char)whole};
    net_peer_send(peer, header, sizeof header);
    net_peer_send(peer, bytes, count);
}

static bool receive_all(struct net_peer *peer, unsigned char *bytes, size_t count)
{
    for (size_t got = 0, more; got < count; got += more)
        if ((more = net_peer_receive(peer, bytes + got, count - got)) == 0)
            return false;
    return true;
}

/* Its type; 0: the client has hung up. */
static int receive_message(struct net_peer *peer, unsigned char *bytes, size_t *ret_count)
{
    unsigned char header[PACKET_HEADER];
    *ret_count = 0;
    do {
        if (!receive_all(peer, header, sizeof header))
            return 0;
        size_t count = ((size_t)header[2] << 8 | header[3]) - PACKET_HEADER;
        if (*ret_count + count > MESSAGE_BYTES || !receive_all(peer, bytes + *ret_count, count))
            return 0;
        *ret_count += count;
    } while ((header[1] & 1) == 0);
    return header[0];
}

/* The text of a batch is UCS-2 behind the headers. */
static bool says(const unsigned char *bytes, size_t count, const char *word)
{
    size_t length = strlen(word), at = bytes[0];
    for (; at + 2 * length <= count; at += 2) {
        size_t same = 0;
        while (same < length && bytes[at + 2 * same] == (unsigned char)word[same])
            same++;
        if (same == length)
            return true;
    }
    return false;
}

static uint32_t attentions, served, ended;
static struct net_peer *waiting;

static void run_batch(struct net_peer *peer, const unsigned char *bytes, size_t count)
{
    if (says(bytes, count, "SILENCE"))
        return;
    if (says(bytes, count, "WAIT")) {
        waiting = peer;
        net_peer_wait(peer, says(bytes, count, "SECOND") ? world->now_ns + second_ns : WORLD_NEVER);
        waiting = NULL;
    }
    if (says(bytes, count, "WAKE") && waiting != NULL)
        net_peer_wake(waiting);
    answer(peer, row_answer, sizeof row_answer);
}

static void serve(void *context, struct net_peer *peer)
{
    (void)context;
    unsigned char bytes[MESSAGE_BYTES];
    size_t count;
    int type;
    served++;
    while ((type = receive_message(peer, bytes, &count)) != 0) {
        if (type == PRELOGIN)
            answer(peer, prelogin_answer, sizeof prelogin_answer);
        else if (type == LOGIN)
            answer(peer, login_answer, sizeof login_answer);
        else if (type == SQL_BATCH)
            run_batch(peer, bytes, count);
        else if (type == ATTENTION)
            answer(peer, attention_answer, sizeof attention_answer);
        attentions += type == ATTENTION;
    }
    ended++;
}

/* --- the program ----------------------------------------------------------------------------- */

struct client {
    const char *sql;
    DBPROCESS *process; /* NULL: no login */
    int error;          /* the first of db-lib's own */
    int timeout_s;
    RETCODE sent;
    int value;
    uint64_t answered_ns;
    bool stays; /* its connection */
};

static struct client *current_client(void)
{
    return world->tasks[world_current_task()].argument;
}

static int on_error(DBPROCESS *process, int severity, int error, int os_error, char *text,
                    char *os_text)
{
    (void)process, (void)severity, (void)os_error, (void)text, (void)os_text;
    struct client *client = current_client();
    if (client->error == 0)
        client->error = error;
    return error == SYBETIME ? INT_TIMEOUT : INT_CANCEL;
}

static int on_message(DBPROCESS *process, DBINT number, int state, int severity, char *text,
                      char *server, char *procedure, int line)
{
    (void)process, (void)number, (void)state, (void)severity;
    (void)text, (void)server, (void)procedure, (void)line;
    return 0;
}

static DBPROCESS *log_in(void)
{
    LOGINREC *login = dblogin();
    DBSETLUSER(login, "interplay");
    DBSETLPWD(login, "secret");
    (void)dbsetlversion(login, DBVERSION_74);
    DBPROCESS *process = dbopen(login, "127.0.0.1:1433");
    dbloginfree(login);
    return process;
}

static void run_sql(struct client *client)
{
    (void)dbsettime(client->timeout_s);
    (void)dbcmd(client->process, client->sql);
    client->sent = dbsqlexec(client->process);
    while (client->sent == SUCCEED && dbresults(client->process) == SUCCEED)
        while (dbnextrow(client->process) == REG_ROW)
            client->value = *(const int *)(const void *)dbdata(client->process, 1);
    client->answered_ns = world->now_ns;
}

static void client_body(void *argument)
{
    struct client *client = argument;
    if (client->process == NULL)
        client->process = log_in();
    if (client->process == NULL)
        return;
    run_sql(client);
    if (!client->stays)
        dbclose(client->process);
}

static void cancel_body(void *argument)
{
    struct client *client = argument;
    mssql_interrupt(client->process);
}

/* --- the world ------------------------------------------------------------------------------- */

static struct net net;

static int set_up(void **state)
{
    (void)state;
    attentions = served = ended = 0;
    world_enter(world_open());
    world_reset(YIELDS_LIMIT);
    net_open_peers(&net, serve, NULL);
    assert_int_equal(dbinit(), SUCCEED);
    (void)dberrhandle(on_error);
    (void)dbmsghandle(on_message);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dbexit();
    assert_int_equal(net_sockets(&net), 0);
    assert_int_equal(served, ended);
    net_close_all(&net);
    net_close_peers(&net);
    world_close(world);
    return 0;
}

static void start(uint32_t task, struct client *client, enum fault_kind fault, uint32_t fault_at)
{
    world_start(task, client_body, client, fault, fault_at);
    world_run(task);
}

static void finish(uint32_t task)
{
    assert_int_equal(world_finish(task), WORLD_IDLE);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void test_a_row_comes_back(void **state)
{
    (void)state;
    struct client client = {.sql = "SELECT 7"};
    start(0, &client, FAULT_NONE, 0);
    finish(0);
    assert_int_equal(client.error, 0);
    assert_int_equal(client.value, 7);
    assert_int_equal(served, 1);
    assert_int_equal(world->now_ns, 0);
}

static void test_every_byte_by_itself(void **state)
{
    (void)state;
    for (uint32_t at = 1; at < 40; at++) {
        struct client client = {.sql = "SELECT 7"};
        start(0, &client, FAULT_short_read, at);
        finish(0);
        assert_int_equal(client.error, 0);
        assert_int_equal(client.value, 7);
    }
}

static void test_waits_are_virtual(void **state)
{
    (void)state;
    struct client client = {.sql = "WAIT A SECOND"};
    start(0, &client, FAULT_NONE, 0);
    finish(0);
    assert_int_equal(client.value, 7);
    assert_int_equal(client.answered_ns, second_ns);
}

static void test_one_waits_for_another(void **state)
{
    (void)state;
    struct client waits = {.sql = "WAIT"}, wakes = {.sql = "WAKE"};
    start(0, &waits, FAULT_NONE, 0);
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_int_equal(world->tasks[0].state, TASK_OUTSIDE);
    start(1, &wakes, FAULT_NONE, 0);
    finish(1);
    assert_int_equal(wakes.value, 7);
    finish(0);
    assert_int_equal(waits.value, 7);
    assert_int_equal(world->now_ns, 0);
}

/* db-lib asks the server to stop, and reads on until that is acknowledged. */
static void test_a_timeout_sends_attention(void **state)
{
    (void)state;
    struct client client = {.sql = "WAIT", .timeout_s = 3, .stays = true};
    start(0, &client, FAULT_NONE, 0);
    finish(0);
    assert_int_equal(client.error, SYBETIME);
    assert_int_equal(client.answered_ns, 3 * second_ns);
    assert_int_equal(attentions, 1);
    assert_false(DBDEAD(client.process));
    client = (struct client){.sql = "SELECT 7", .process = client.process};
    start(0, &client, FAULT_NONE, 0);
    finish(0);
    assert_int_equal(client.value, 7);
}

/* From another thread, as SQLCancel of FreeTDS' ODBC driver does it: by a descriptor it polls. */
static void test_another_thread_cancels(void **state)
{
    (void)state;
    struct client client = {.sql = "WAIT", .stays = true};
    start(0, &client, FAULT_NONE, 0);
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_int_equal(world->tasks[0].state, TASK_OUTSIDE);
    world_start(1, cancel_body, &client, FAULT_NONE, 0);
    finish(1);
    finish(0);
    assert_int_equal(attentions, 1);
    assert_int_equal(client.answered_ns, 0);
    client = (struct client){.sql = "SELECT 7", .process = client.process};
    start(0, &client, FAULT_NONE, 0);
    finish(0);
    assert_int_equal(client.value, 7);
}

/* Whoever is never answered waits for ever, and the world says so. */
static void test_silence(void **state)
{
    (void)state;
    struct client client = {.sql = "SILENCE", .timeout_s = 5};
    start(0, &client, FAULT_NONE, 0);
    finish(0);
    assert_int_equal(client.error, SYBETIME);
    assert_int_equal(client.answered_ns, 5 * second_ns);
}

static void test_resets(void **state)
{
    (void)state;
    static const enum fault_kind kinds[] = {FAULT_io_read, FAULT_io_write};
    for (size_t kind = 0; kind < 2; kind++) {
        uint32_t struck = 0;
        for (uint32_t at = 1; at < 12; at++) {
            struct client client = {.sql = "SELECT 7"};
            start(0, &client, kinds[kind], at);
            finish(0);
            struck += world->tasks[0].fault.fired;
            assert_true(world->tasks[0].fault.fired ? client.error != 0 : client.value == 7);
        }
        assert_in_range(struck, 2, 11);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_row_comes_back),
        TEST(test_every_byte_by_itself),
        TEST(test_waits_are_virtual),
        TEST(test_one_waits_for_another),
        TEST(test_a_timeout_sends_attention),
        TEST(test_another_thread_cancels),
        TEST(test_silence),
        TEST(test_resets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
