/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated network (sim/net.h) before a server that takes its time and answers in pieces: what
 * a client sees, in which order and at which virtual time, is the same whatever the delays. The
 * server is a thread of this program, the client calls what a redirected library would call. A
 * request is one byte, how many bytes the answer has beside its end; 'q' says good-bye.
 */
#include "sim/net.h"
#include "sim/world.h"

#include "base/hash.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

enum { CLIENTS = 3, ROUNDS = 12, ANSWER_END = '.', SILENT = 255, YIELDS_LIMIT = 1000000 };
static const uint64_t ns_of_ms = 1000000;

/* --- the server ------------------------------------------------------------------------------ */

static char server_path[108];
static int listener;
static uint32_t delay_max_us;
static atomic_uint accepted, farewells; /* connections, and those that the server has done with */
static atomic_int last_client;

static void take_time(struct random *random)
{
    if (delay_max_us > 0)
        (void)usleep((useconds_t)random_below(random, delay_max_us));
}

static void answer(int client, unsigned char count, struct random *random)
{
    for (unsigned i = 0; i <= count; i++) {
        unsigned char byte = i == count ? ANSWER_END : 'x';
        take_time(random);
        if (send(client, &byte, 1, MSG_NOSIGNAL) != 1) /* who hung up takes no more */
            return;
    }
}

static void *serve(void *argument)
{
    int client = (int)(intptr_t)argument;
    struct random random;
    random_seed(&random, (uint64_t)client);
    atomic_store(&last_client, client);
    unsigned char request;
    while (read(client, &request, 1) == 1 && request != 'q')
        if (request != SILENT)
            answer(client, request, &random);
    take_time(&random);
    atomic_fetch_add(&farewells, 1);
    (void)close(client);
    return NULL;
}

static void *accept_all(void *argument)
{
    (void)argument;
    int client;
    while ((client = accept(listener, NULL, NULL)) >= 0) {
        pthread_t thread;
        atomic_fetch_add(&accepted, 1);
        assert_int_equal(pthread_create(&thread, NULL, serve, (void *)(intptr_t)client), 0);
        (void)pthread_detach(thread);
    }
    return NULL;
}

static struct sockaddr_un address(void)
{
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    (void)snprintf(there.sun_path, sizeof there.sun_path, "%s", server_path);
    return there;
}

static void start_server(void)
{
    (void)snprintf(server_path, sizeof server_path, "/tmp/net_test.%d", (int)getpid());
    struct sockaddr_un there = address();
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&there, sizeof there), 0);
    assert_int_equal(listen(listener, 1), 0); /* shorter than there are clients */
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, accept_all, NULL), 0);
    (void)pthread_detach(thread);
}

/* --- the protocol ---------------------------------------------------------------------------- */

struct session {
    uint32_t owed;
    bool says_good_bye;
    bool is_hung_up;
};

static uint32_t sessions_ended, sessions_hung_up, sessions_killed;
static enum net_crash crashed_as;

static void *begin(void *context)
{
    (void)context;
    return calloc(1, sizeof(struct session));
}

static void sent(void *session, const unsigned char *bytes, size_t count)
{
    struct session *own = session;
    for (size_t i = 0; i < count; i++) {
        own->owed += bytes[i] != 'q';
        own->says_good_bye |= bytes[i] == 'q';
    }
}

static void received(void *session, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((struct session *)session)->owed -= bytes[i] == ANSWER_END;
}

static bool owes(const void *session)
{
    const struct session *own = session;
    return own->owed > 0 || own->says_good_bye;
}

static void hang_up(void *session)
{
    ((struct session *)session)->is_hung_up = true;
    sessions_hung_up++;
}

/* Where there is one connection. */
static bool kill_session(void *session)
{
    (void)session;
    sessions_killed++;
    return shutdown(atomic_load(&last_client), SHUT_RD) == 0;
}

static bool crash(void *session, enum net_crash crash)
{
    crashed_as = crash;
    return kill_session(session);
}

static void end(void *session)
{
    sessions_ended++;
    free(session);
}

static const struct net_protocol protocol = {
    .begin = begin,
    .sent = sent,
    .received = received,
    .owes = owes,
    .hang_up = hang_up,
    .kill = kill_session,
    .crash = crash,
    .end = end,
};

/* Also of parting and waking: an empty request. */
static size_t send_nothing(void *session, unsigned char ret_bytes[NET_PARTING_BYTES])
{
    (void)session;
    ret_bytes[0] = 0;
    return 1;
}

static size_t part(void *session, const unsigned char *bytes, size_t count,
                   unsigned char ret_bytes[NET_PARTING_BYTES])
{
    return count == 1 && bytes[0] == 'q' ? send_nothing(session, ret_bytes) : 0;
}

/* The same, but connections are kept. */
static const struct net_protocol keeping_protocol = {
    .begin = begin,
    .sent = sent,
    .received = received,
    .owes = owes,
    .hang_up = hang_up,
    .end = end,
    .part = part,
    .wake = send_nothing,
};

/* Who was asked to be silent is in nobody's way but the harness's, until it is hung up. */
static uint64_t blockers(void *context, const struct outside *line, struct outside *const *others,
                         uint32_t count)
{
    (void)context;
    (void)others;
    (void)count;
    const struct session *session = line->connection;
    return session->owed >= 2 && !session->is_hung_up ? WORLD_BY_SOMEBODY : 0;
}

/* --- clients --------------------------------------------------------------------------------- */

static struct net net;
static uint64_t trace;
static uint32_t timeouts;

static void note(uint32_t client, uint64_t what)
{
    trace = hash_word(hash_word(trace, client), hash_word(what, world->now_ns));
}

static int dial(void)
{
    struct sockaddr_un there = address();
    int line = net_socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(fcntl(line, F_SETFL, O_NONBLOCK), 0);
    if (net_connect(line, (struct sockaddr *)&there, sizeof there) != 0)
        abort();
    return line;
}

static bool ask(int line, unsigned char request)
{
    return net_send(line, &request, 1, 0) == 1;
}

static int wait_for(int line, int timeout_ms)
{
    struct pollfd polled = {.fd = line, .events = POLLIN};
    return net_poll(&polled, 1, timeout_ms);
}

/* Of the answer that has come, how many bytes. */
static uint32_t read_answer(int line)
{
    unsigned char piece[7];
    uint32_t count = 0;
    ssize_t got;
    while ((got = net_recv(line, piece, sizeof piece, 0)) > 0)
        count += (uint32_t)got;
    return got == 0 ? UINT32_MAX : count;
}

static void converse(void *argument)
{
    uint32_t client = (uint32_t)(intptr_t)argument;
    int line = dial();
    for (uint32_t i = 0; i < ROUNDS; i++) {
        unsigned char request = (unsigned char)(5 * i + 11 * client);
        if (!ask(line, request) || wait_for(line, -1) != 1)
            abort();
        note(client, read_answer(line));
    }
    (void)ask(line, 'q');
    (void)net_close(line);
    note(client, net_sockets(&net));
}

/* Nobody answers SILENT twice, as the server says. */
static void wait_in_vain(void *argument)
{
    (void)argument;
    int line = dial();
    (void)ask(line, SILENT);
    (void)ask(line, SILENT);
    timeouts += wait_for(line, 1500) == 0;
    note(9, 0);
    (void)net_close(line);
}

/* For ever: somebody gives it up. */
static void wait_to_be_given_up(void *argument)
{
    unsigned char byte;
    int line = dial();
    (void)ask(line, SILENT);
    (void)ask(line, SILENT);
    *(bool *)argument =
        wait_for(line, -1) == 1 && net_recv(line, &byte, 1, 0) == -1 && errno == ETIMEDOUT;
    (void)net_close(line);
}

static void wait_for_nothing(void *argument)
{
    (void)argument;
    int line = dial();
    timeouts += wait_for(line, 0) == 0;
    timeouts += wait_for(line, 300) == 0;
    note(8, 0);
    (void)net_close(line);
}

/* Until the connection is lost; then it stays so, and the server knows it. */
static void converse_until_lost(void *argument)
{
    bool *ret_is_lost = argument;
    int line = dial();
    uint32_t answers = 0;
    while (answers < ROUNDS && ask(line, 9) && wait_for(line, -1) == 1 && read_answer(line) == 10)
        answers++;
    *ret_is_lost = answers < ROUNDS && errno == ECONNRESET && atomic_load(&farewells) == 1 &&
                   !ask(line, 9) && wait_for(line, -1) == 1;
    note(answers, 0);
    (void)net_close(line);
}

/* What came of one request for 20 bytes and their end, by a fault. */
struct heard {
    uint32_t bytes, wrong_bytes; /* of the answer */
    ssize_t end;                 /* what the last call that receives came to, and why */
    int error;
    uint32_t calls; /* that received something */
};

static void hear_one(void *argument)
{
    struct heard *heard = argument;
    unsigned char byte[64];
    int line = dial();
    if (!ask(line, 20))
        abort();
    while (heard->bytes < 21 && wait_for(line, -1) == 1 &&
           (heard->end = net_recv(line, byte, sizeof byte, 0)) > 0) {
        for (ssize_t i = 0; i < heard->end; i++)
            heard->wrong_bytes += byte[i] != 'x' && byte[i] != ANSWER_END;
        heard->bytes += (uint32_t)heard->end;
        heard->calls++;
    }
    heard->error = errno;
    (void)net_close(line);
}

/* --- scenes ---------------------------------------------------------------------------------- */

static void reset(void)
{
    world_reset(YIELDS_LIMIT);
    trace = 0;
    timeouts = sessions_hung_up = sessions_ended = sessions_killed = 0;
    atomic_store(&farewells, 0);
}

/* Three at once, each held back once. */
static uint64_t run_clients(uint32_t delay_us)
{
    delay_max_us = delay_us;
    reset();
    for (uint32_t i = 0; i < CLIENTS; i++) {
        world_start(i, converse, (void *)(intptr_t)i, FAULT_NONE, 0);
        world_arm_pause(WORLD_ALL_POINTS, 3 + 7 * i);
        world_run(i);
    }
    world_arm_pause(0, 0);
    for (uint32_t i = 0; i < CLIENTS; i++)
        assert_int_equal(world_finish(i), WORLD_IDLE);
    return hash_word(trace, world->yields);
}

static void test_delays_do_not_matter(void **state)
{
    (void)state;
    uint64_t first = run_clients(0);
    for (uint32_t i = 0; i < 5; i++)
        assert_true(run_clients(100) == first);
    assert_null(net.sockets);
    assert_int_equal(sessions_ended, CLIENTS);
}

static void test_closed_is_done_with(void **state)
{
    (void)state;
    (void)run_clients(300);
    assert_int_equal(atomic_load(&farewells), CLIENTS);
}

static void test_timeouts_are_virtual(void **state)
{
    (void)state;
    reset();
    world_start(0, wait_in_vain, NULL, FAULT_NONE, 0);
    world_run(0);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_int_equal(timeouts, 1);
    assert_true(world->now_ns == 1500 * ns_of_ms);
    assert_int_equal(sessions_hung_up, 1);
    reset();
    world_start(0, wait_for_nothing, NULL, FAULT_NONE, 0);
    world_run(0);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_int_equal(timeouts, 2);
    assert_true(world->now_ns == 300 * ns_of_ms);
    assert_int_equal(sessions_hung_up, 0);
}

static void test_who_waits_in_vain_is_given_up(void **state)
{
    (void)state;
    bool was_told = false;
    reset();
    assert_false(net_give_up(0));
    world_start(0, wait_to_be_given_up, &was_told, FAULT_NONE, 0);
    world_run(0);
    assert_int_equal(world_finish(0), WORLD_BLOCKED);
    assert_true(net_give_up(0));
    assert_false(net_give_up(0)); /* once is enough */
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_true(was_told);
    assert_true(world->now_ns == 0);
    assert_int_equal(sessions_hung_up, 1);
    assert_int_equal(atomic_load(&farewells), 1);
}

static void test_outside_of_tasks(void **state)
{
    (void)state;
    reset();
    int line = dial();
    assert_true(ask(line, 30));
    assert_int_equal(wait_for(line, -1), 1);
    assert_int_equal(read_answer(line), 31);
    (void)dial(); /* nobody closes this one */
    net_close_all(&net);
    assert_int_equal(sessions_ended, 2);
    net_open(&net, &protocol, NULL);
}

static bool is_lost_by(enum fault_kind fault, uint32_t fault_at)
{
    bool is_lost = false;
    reset();
    world_start(0, converse_until_lost, &is_lost, fault, fault_at);
    world_run(0);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_null(net.sockets);
    return is_lost;
}

static void test_faults(void **state)
{
    (void)state;
    assert_false(is_lost_by(FAULT_NONE, 0));
    for (uint32_t at = 1; at < 8; at++) {
        assert_true(is_lost_by(FAULT_io_write, at));
        assert_true(is_lost_by(FAULT_io_read, at));
        assert_false(is_lost_by(FAULT_short_read, at));
        assert_false(is_lost_by(FAULT_latency, at));
        assert_true(world->now_ns == WORLD_LATENCY_NS);
    }
}

static struct heard hear(enum fault_kind fault, uint32_t fault_at)
{
    struct heard heard = {0};
    reset();
    errno = 0;
    world_start(0, hear_one, &heard, fault, fault_at);
    world_run(0);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_null(net.sockets);
    assert_int_equal(atomic_load(&farewells), 1);
    return heard;
}

/* After each byte of the answer, wherever the server's own pieces end. */
static void test_replies_that_are_cut(void **state)
{
    (void)state;
    delay_max_us = 50;
    for (uint32_t at = 1; at <= 20; at++) {
        struct heard cut = hear(FAULT_wire_cut_reply, at);
        assert_int_equal(cut.bytes, at);
        assert_true(cut.end == -1 && cut.error == ECONNRESET);
        struct heard ended = hear(FAULT_wire_end_reply, at);
        assert_int_equal(ended.bytes, at);
        assert_int_equal(ended.end, 0);
    }
    assert_int_equal(hear(FAULT_wire_cut_reply, 22).bytes, 21); /* there is no such byte */
}

/* The request gets through, and the server has worked on it before anybody goes on. */
static void test_requests_that_are_cut(void **state)
{
    (void)state;
    struct heard cut = hear(FAULT_wire_cut_request, 1);
    assert_true(cut.bytes == 0 && cut.end == -1 && cut.error == ECONNRESET);
    assert_int_equal(hear(FAULT_wire_cut_request, 2).bytes, 21);
}

static void test_silence(void **state)
{
    (void)state;
    struct heard silent = hear(FAULT_wire_silence, 1);
    assert_true(silent.bytes == 0 && silent.end == -1 && silent.error == ETIMEDOUT);
    assert_true(world->now_ns == 15 * 60 * 1000 * ns_of_ms);
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    assert_int_equal(hear(FAULT_NONE, 0).calls, 1);
    struct heard trickled = hear(FAULT_wire_trickle, 1);
    assert_true(trickled.bytes == 21 && trickled.calls == 21 && trickled.wrong_bytes == 0);
    assert_int_equal(hear(FAULT_short_read, 1).calls, 2);
}

/* Whoever waits for more than there is is told in the end. */
static void test_a_wrong_bit(void **state)
{
    (void)state;
    for (uint32_t at = 1; at <= 21; at++) {
        struct heard garbled = hear(FAULT_wire_garble, at);
        assert_true(garbled.bytes == 21 && garbled.wrong_bytes == 1);
    }
    assert_int_equal(hear(FAULT_wire_garble, 22).wrong_bytes, 0);
}

static void wait_for_more(void *argument)
{
    int line = dial();
    unsigned char byte[64];
    if (!ask(line, 3) || wait_for(line, -1) != 1 || net_recv(line, byte, sizeof byte, 0) != 4)
        abort();
    *(bool *)argument =
        wait_for(line, -1) == 1 && net_recv(line, byte, sizeof byte, 0) == -1 && errno == ETIMEDOUT;
    (void)net_close(line);
}

static void test_who_was_misled_is_not_left_waiting(void **state)
{
    (void)state;
    bool is_told = false;
    reset();
    world_start(0, wait_for_more, &is_told, FAULT_wire_garble, 2);
    world_run(0);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_true(is_told);
}

/* What was said before is still there, and its end is before anybody goes on. */
static void test_sessions_that_are_ended(void **state)
{
    (void)state;
    assert_int_equal(hear(FAULT_session_killed, 1).bytes, 21);
    assert_int_equal(sessions_killed, 0); /* nothing was said yet: there is none */
    for (uint32_t at = 2; at <= 3; at++) {
        assert_int_equal(hear(FAULT_session_killed, at).bytes, 21);
        assert_int_equal(sessions_killed, 1);
    }
}

static uint32_t server_ends;

/* As outside of every task, and of the network. */
static void on_server_end(void *context)
{
    (void)context;
    server_ends += world->current == NULL && world->net == NULL;
}

/* The same; and whoever is to be told is told at once. */
static void test_servers_that_end(void **state)
{
    (void)state;
    static const enum fault_kind ends[] = {FAULT_session_crash, FAULT_server_death};
    world->on_server_end = on_server_end;
    for (uint32_t i = 0; i < 2; i++) {
        server_ends = 0;
        assert_int_equal(hear(ends[i], 1).bytes, 21);
        assert_int_equal(server_ends, 0);
        assert_int_equal(hear(ends[i], 2).bytes, 21);
        assert_int_equal(server_ends, 1);
        assert_int_equal(crashed_as, i == 0 ? NET_SESSION_CRASHES : NET_SERVER_DIES);
        assert_ptr_equal(world->net, &net);
    }
    world->on_server_end = NULL;
}

static void *allocate_all(void)
{
    void *made[4] = {net_malloc(8), net_calloc(2, 4), net_strdup("1234567"), NULL};
    made[3] = net_realloc(NULL, 8);
    void *refused = NULL;
    for (uintptr_t i = 0; i < 4; i++) {
        if (made[i] == NULL)
            refused = (void *)(i + 1);
        free(made[i]);
    }
    return refused;
}

static void allocate(void *argument)
{
    *(void **)argument = allocate_all();
}

static void test_memory_is_refused(void **state)
{
    (void)state;
    for (uintptr_t at = 1; at <= 4; at++) {
        void *refused = NULL;
        reset();
        world_start(0, allocate, &refused, FAULT_no_memory, (uint32_t)at);
        world_run(0);
        assert_int_equal((uintptr_t)refused, at);
    }
    assert_null(allocate_all());
}

/* In turns, so that one connection is enough; what each sees is the same as without keeping. */
static void test_kept_connections(void **state)
{
    (void)state;
    uint64_t traces[2], yields[2];
    uint32_t connections[2];
    for (int keeps = 0; keeps < 2; keeps++) {
        net_close_all(&net);
        net_open(&net, keeps ? &keeping_protocol : &protocol, NULL);
        reset();
        uint32_t before = atomic_load(&accepted);
        for (uint32_t i = 0; i < 4; i++) {
            world_start(i % CLIENTS, converse, (void *)(intptr_t)(i / 2), FAULT_NONE, 0);
            world_run(i % CLIENTS);
            assert_int_equal(world_finish(i % CLIENTS), WORLD_IDLE);
        }
        traces[keeps] = trace;
        yields[keeps] = world->yields;
        connections[keeps] = atomic_load(&accepted) - before;
    }
    assert_true(traces[0] == traces[1] && yields[0] == yields[1]);
    assert_int_equal(connections[0], 4);
    assert_int_equal(connections[1], 2); /* there are two ways to begin */
    assert_int_equal(net.kept_count, 2);
    net_close_kept(&net);
    assert_int_equal(sessions_ended, 4);
    net_close_all(&net);
    net_open(&net, &protocol, NULL);
}

static void test_the_system_without_a_network(void **state)
{
    (void)state;
    struct net *opened = world->net;
    world->net = NULL;
    int line = dial();
    assert_null(opened->sockets);
    assert_true(ask(line, 3));
    assert_int_equal(wait_for(line, -1), 1);
    assert_true(net_time(NULL) > 1700000000);
    assert_int_equal(net_close(line), 0);
    assert_int_equal(net_close(line), -1);
    world->net = opened;
}

static int set_up(void **state)
{
    (void)state;
    start_server();
    world_enter(world_open());
    world->blockers = blockers;
    net_open(&net, &protocol, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    net_close_all(&net);
    world_close(world);
    return unlink(server_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delays_do_not_matter),
        cmocka_unit_test(test_closed_is_done_with),
        cmocka_unit_test(test_timeouts_are_virtual),
        cmocka_unit_test(test_who_waits_in_vain_is_given_up),
        cmocka_unit_test(test_outside_of_tasks),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_replies_that_are_cut),
        cmocka_unit_test(test_requests_that_are_cut),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_a_wrong_bit),
        cmocka_unit_test(test_who_was_misled_is_not_left_waiting),
        cmocka_unit_test(test_sessions_that_are_ended),
        cmocka_unit_test(test_servers_that_end),
        cmocka_unit_test(test_memory_is_refused),
        cmocka_unit_test(test_kept_connections),
        cmocka_unit_test(test_the_system_without_a_network),
    };
    return cmocka_run_group_tests_name("net", tests, set_up, tear_down);
}
