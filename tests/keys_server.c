/* SPDX-License-Identifier: Apache-2.0 */
/* One loop over all sessions, each with something to do at some time. */
#include "keys_server.h"

#include "base/assert.h"
#include "base/random.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NOBODY = KEYS_SESSIONS, MONITOR = KEYS_SESSIONS, DESCRIPTORS };

enum doing {
    IDLE,
    ASKED,     /* does what it was asked for at `due_ns` */
    WAITING,   /* for the key */
    ANSWERING, /* sends the next piece at `due_ns` */
    SILENT,
};

struct session {
    enum doing doing;
    uint64_t due_ns;
    unsigned char request[KEYS_REQUEST_BYTES];
    unsigned char answer[KEYS_ANSWER_BYTES];
    size_t sent;
    uint64_t order; /* of WAITING */
};

static struct {
    struct keys_server_options options;
    struct random random;
    int descriptors[DESCRIPTORS];
    struct session sessions[KEYS_SESSIONS];
    uint32_t holder[KEYS_KEYS];
    uint64_t orders;
    uint32_t given;
} server;

/* --- time ------------------------------------------------------------------------------------ */

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t some_time_later(void)
{
    uint64_t delay_us = random_below(&server.random, server.options.delay_max_us + 1);
    return now_ns() + delay_us * 1000;
}

/* --- locks ----------------------------------------------------------------------------------- */

static uint32_t key_of(const struct session *session)
{
    return session->request[1] % KEYS_KEYS;
}

static void answer(struct session *session, enum keys_answer what)
{
    session->doing = ANSWERING;
    session->due_ns = some_time_later();
    session->sent = 0;
    const unsigned char bytes[KEYS_ANSWER_BYTES] = {
        (unsigned char)what, (unsigned char)key_of(session), (unsigned char)server.given,
        (unsigned char)(server.given >> 8)};
    memcpy(session->answer, bytes, sizeof bytes);
}

static void give(uint32_t key, uint32_t number)
{
    server.holder[key] = number;
    server.given++;
    answer(&server.sessions[number], KEYS_DONE);
}

/* Who has waited longest, or NOBODY. */
static uint32_t first_waiter(uint32_t key)
{
    uint32_t first = NOBODY;
    for (uint32_t i = 0; i < KEYS_SESSIONS; i++) {
        const struct session *session = &server.sessions[i];
        if (session->doing == WAITING && key_of(session) == key &&
            (first == NOBODY || session->order < server.sessions[first].order))
            first = i;
    }
    return first;
}

static void release_all(uint32_t number)
{
    for (uint32_t key = 0; key < KEYS_KEYS; key++) {
        if (server.holder[key] != number)
            continue;
        server.holder[key] = NOBODY;
        uint32_t next = first_waiter(key);
        if (next != NOBODY)
            give(key, next);
    }
}

static bool would_close_a_circle(uint32_t number)
{
    uint32_t next = server.holder[key_of(&server.sessions[number])];
    while (next != number && next != NOBODY && server.sessions[next].doing == WAITING)
        next = server.holder[key_of(&server.sessions[next])];
    return next == number;
}

static void lock(uint32_t number)
{
    struct session *session = &server.sessions[number];
    uint32_t key = key_of(session);
    if (server.holder[key] == NOBODY || server.holder[key] == number) {
        give(key, number);
    } else if (server.options.breaks_deadlocks && would_close_a_circle(number)) {
        answer(session, KEYS_DEADLOCK);
    } else {
        session->doing = WAITING;
        session->order = ++server.orders;
    }
}

static uint32_t blockers(uint32_t number)
{
    const struct session *session = &server.sessions[number];
    if (session->doing != WAITING)
        return 0;
    uint32_t who = 1u << server.holder[key_of(session)];
    for (uint32_t i = 0; i < KEYS_SESSIONS; i++) {
        const struct session *other = &server.sessions[i];
        if (other->doing == WAITING && key_of(other) == key_of(session) &&
            other->order < session->order)
            who |= 1u << i;
    }
    return who;
}

/* --- requests -------------------------------------------------------------------------------- */

static void serve(uint32_t number)
{
    struct session *session = &server.sessions[number];
    switch ((enum keys_request)session->request[0]) {
    case KEYS_LOCK:
        lock(number);
        return;
    case KEYS_LOOK:
        answer(session, KEYS_DONE);
        return;
    case KEYS_RELEASE:
        release_all(number);
        answer(session, KEYS_DONE);
        return;
    case KEYS_RESTART:
        server.given = 0;
        answer(session, KEYS_DONE);
        return;
    case KEYS_KEEP_SILENT:
        session->doing = SILENT;
        return;
    case KEYS_DIE:
        _exit(0);
    case KEYS_CANCEL:
        break;
    }
    ASSERT(false);
}

/* In two pieces. */
static void send_piece(uint32_t number)
{
    struct session *session = &server.sessions[number];
    ssize_t sent = send(server.descriptors[number], session->answer + session->sent,
                        KEYS_ANSWER_BYTES / 2, MSG_NOSIGNAL);
    if (sent != KEYS_ANSWER_BYTES / 2)
        _exit(0); /* nobody is there any more */
    session->sent += (size_t)sent;
    session->due_ns = some_time_later();
    if (session->sent == KEYS_ANSWER_BYTES)
        session->doing = IDLE;
}

static void hear(uint32_t number)
{
    unsigned char request[KEYS_REQUEST_BYTES];
    struct session *session = &server.sessions[number];
    if (read(server.descriptors[number], request, sizeof request) != sizeof request)
        _exit(0);
    if (request[0] == KEYS_CANCEL) {
        if (session->doing == WAITING)
            answer(session, KEYS_CANCELLED);
        return;
    }
    ASSERT(session->doing == IDLE);
    memcpy(session->request, request, sizeof request);
    session->doing = ASKED;
    session->due_ns = some_time_later();
}

static void tell_monitor(void)
{
    unsigned char number;
    if (read(server.descriptors[MONITOR], &number, 1) != 1)
        _exit(0);
    uint32_t who = blockers(number);
    if (write(server.descriptors[MONITOR], &who, sizeof who) != sizeof who)
        _exit(0);
}

/* Does what is due; returns when the next thing is. */
static uint64_t do_what_is_due(void)
{
    uint64_t now = now_ns(), next_ns = now + 1000000000u;
    for (uint32_t i = 0; i < KEYS_SESSIONS; i++) {
        struct session *session = &server.sessions[i];
        if (session->doing == ASKED && session->due_ns <= now)
            serve(i);
        else if (session->doing == ANSWERING && session->due_ns <= now)
            send_piece(i);
        if ((session->doing == ASKED || session->doing == ANSWERING) && session->due_ns < next_ns)
            next_ns = session->due_ns;
    }
    return next_ns;
}

static void __attribute__((noreturn)) be_server(void)
{
    (void)prctl(PR_SET_TIMERSLACK, 1);
    for (uint32_t key = 0; key < KEYS_KEYS; key++)
        server.holder[key] = NOBODY;
    for (;;) {
        uint64_t next_ns = do_what_is_due(), now = now_ns();
        uint64_t wait_ns = next_ns > now ? next_ns - now : 0;
        const struct timespec timeout = {(time_t)(wait_ns / 1000000000u),
                                         (long)(wait_ns % 1000000000u)};
        struct pollfd polled[DESCRIPTORS];
        for (uint32_t i = 0; i < DESCRIPTORS; i++)
            polled[i] = (struct pollfd){.fd = server.descriptors[i], .events = POLLIN};
        if (ppoll(polled, DESCRIPTORS, &timeout, NULL) <= 0)
            continue;
        for (uint32_t i = 0; i < KEYS_SESSIONS; i++)
            if (polled[i].revents != 0)
                hear(i);
        if (polled[MONITOR].revents != 0)
            tell_monitor();
    }
}

/* --- from the other side --------------------------------------------------------------------- */

void keys_server_start(struct keys_server *started, const struct keys_server_options *options)
{
    int ours[DESCRIPTORS], theirs[DESCRIPTORS];
    for (uint32_t i = 0; i < DESCRIPTORS; i++) {
        int pair[2];
        ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
        ours[i] = pair[0];
        theirs[i] = pair[1];
    }
    started->process = fork();
    ASSERT(started->process >= 0);
    if (started->process == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        uint64_t seed = 0;
        ASSERT(getrandom(&seed, sizeof seed, 0) == sizeof seed);
        server.options = *options;
        random_seed(&server.random, seed);
        memcpy(server.descriptors, theirs, sizeof theirs);
        for (uint32_t i = 0; i < DESCRIPTORS; i++)
            (void)close(ours[i]);
        be_server();
    }
    for (uint32_t i = 0; i < DESCRIPTORS; i++)
        (void)close(theirs[i]);
    memcpy(started->sessions, ours, sizeof started->sessions);
    started->monitor = ours[MONITOR];
}

void keys_server_stop(struct keys_server *stopped)
{
    for (uint32_t i = 0; i < KEYS_SESSIONS; i++)
        (void)close(stopped->sessions[i]);
    (void)close(stopped->monitor);
    (void)kill(stopped->process, SIGKILL);
    ASSERT(waitpid(stopped->process, NULL, 0) == stopped->process);
}

uint32_t keys_server_blockers(const struct keys_server *asked, uint32_t session)
{
    const unsigned char number = (unsigned char)session;
    uint32_t who;
    if (send(asked->monitor, &number, 1, MSG_NOSIGNAL) != 1 ||
        read(asked->monitor, &who, sizeof who) != sizeof who)
        return 0; /* it is gone: all lines have come to their end */
    return who;
}
