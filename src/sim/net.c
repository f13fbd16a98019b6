/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets whose other end is outside: what is sent, what has come, and who waits for it. */
#include "sim/net_internal.h"

#include "base/assert.h"
#include "sim/posix_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 64 << 10 };

/* More than the system ever gives out, so that what gets past us fails. */
static const int simulated_descriptors_from = 1 << 24;

/* How long the system may take for what takes no time in the simulation. */
static const int system_limit_ms = 60 * 1000;

void net_open(struct net *net, const struct net_protocol *protocol, void *context)
{
    *net = (struct net){.protocol = protocol, .context = context};
    world->net = net;
}

int net_new_descriptor(struct net *net)
{
    return simulated_descriptors_from + ++net->descriptors;
}

struct net_socket *net_find_socket(const struct net *net, int descriptor)
{
    struct net_socket *found = net == NULL ? NULL : net->sockets;
    while (found != NULL && found->line.descriptor != descriptor)
        found = found->next;
    return found;
}

static struct net_socket *find(int descriptor)
{
    return net_find_socket(world->net, descriptor);
}

/* --- what has come --------------------------------------------------------------------------- */

static bool owes(const struct net_socket *socket)
{
    if (socket->is_at_end)
        return false;
    return socket->is_closing || socket->is_ending || socket->net->protocol->owes(socket->session);
}

static void keep(struct net_socket *socket, const unsigned char *bytes, size_t count)
{
    if (socket->is_closing || socket->is_woken || socket->parts)
        return;
    if (socket->input_taken == socket->input.count)
        socket->input_taken = socket->input.count = 0;
    net_bytes_append(&socket->input, bytes, count);
}

static ssize_t receive_piece(struct net_socket *socket, unsigned char *piece, size_t capacity)
{
    return net_is_simulated(socket) ? net_peer_say(socket->session, piece, capacity)
                                    : recv(socket->line.descriptor, piece, capacity, MSG_DONTWAIT);
}

/* Whoever keeps the client from hearing it, it was said. */
static void hear(struct net_socket *socket, const unsigned char *bytes, size_t count)
{
    const struct net_protocol *protocol = socket->net->protocol;
    protocol->received(socket->session, bytes, count);
    enum net_commit commit =
        protocol->committed == NULL ? NET_NO_COMMIT : protocol->committed(socket->session);
    if (commit != NET_NO_COMMIT && world->on_commit != NULL)
        world->on_commit(world->on_commit_context, socket->line.task,
                         commit == NET_COMMIT_OF_WRITES);
}

/* Takes what is there, without waiting. */
static void take(struct net_socket *socket)
{
    unsigned char piece[PIECE_BYTES];
    ssize_t got;
    while ((got = receive_piece(socket, piece, sizeof piece)) > 0) {
        hear(socket, piece, (size_t)got);
        keep(socket, piece, (size_t)got);
    }
    bool is_at_end = got == 0 || (errno != EAGAIN && errno != EINTR);
    if (is_at_end && !socket->is_at_end)
        hear(socket, NULL, 0);
    socket->is_at_end |= is_at_end;
}

/* What the first answer was, or stands for. */
static void take_greeting(struct net_socket *socket)
{
    if (socket->is_woken && !socket->is_at_end) {
        socket->is_woken = false;
        keep(socket, socket->greeting.bytes, socket->greeting.count);
    } else if (socket->greeting.count == 0) {
        net_bytes_append(&socket->greeting, socket->input.bytes, socket->input.count);
    }
}

static bool arrive(struct outside *line)
{
    struct net_socket *socket = (struct net_socket *)line;
    take(socket);
    if (owes(socket))
        return false;
    take_greeting(socket);
    return true;
}

bool net_has_input(const struct net_socket *socket)
{
    if (socket->is_reset || socket->silent_until_ns != 0)
        return socket->is_reset;
    bool owes_nothing =
        socket->line.state == OUTSIDE_ANSWERED || socket->line.state == OUTSIDE_IDLE;
    return owes_nothing && (socket->input_taken < socket->input.count || socket->is_at_end);
}

/* --- waiting --------------------------------------------------------------------------------- */

/* For the answer that is owed. A simulated other end may have to go on when its time comes. */
static bool wait_for_answer(struct net_socket *socket, uint64_t deadline_ns)
{
    while (!world_wait_outside(&socket->line, deadline_ns)) {
        if (world->current == NULL || world->now_ns >= deadline_ns || socket->is_woken_up ||
            socket->is_given_up)
            return false;
        outside_tell();
    }
    return true;
}

bool net_wait_for_input(struct net_socket *socket, uint64_t deadline_ns)
{
    bool waits_for_ever =
        socket->line.state == OUTSIDE_IDLE && !net_has_input(socket) && deadline_ns == WORLD_NEVER;
    if (net_is_silent(socket, waits_for_ever))
        return net_wait_in_silence(socket, deadline_ns);
    if (net_has_input(socket))
        return true;
    if (socket->line.state == OUTSIDE_OWES || socket->line.state == OUTSIDE_BLOCKED) {
        bool is_answered = wait_for_answer(socket, deadline_ns);
        if (!is_answered && socket->is_given_up)
            net_reset(socket, ETIMEDOUT);
        if (!is_answered || net_has_input(socket))
            return socket->is_reset || socket->line.state == OUTSIDE_ANSWERED;
    }
    if (socket->line.state == OUTSIDE_ANSWERED) /* there was nothing to say */
        outside_take(&socket->line);
    take(socket); /* what nobody asked for */
    if (net_has_input(socket))
        return true;
    if (world->current == NULL || deadline_ns == world->now_ns)
        return false;
    (void)world_wait(socket, deadline_ns);
    return false;
}

bool net_give_up(uint32_t task)
{
    const struct world_task *there = &world->tasks[task];
    struct net_socket *socket = world->net == NULL ? NULL : world->net->sockets;
    while (socket != NULL && &socket->line != there->line)
        socket = socket->next;
    if (there->state != TASK_OUTSIDE || socket == NULL || socket->is_given_up ||
        socket->is_closing || socket->is_ending)
        return false;
    socket->is_given_up = true;
    outside_interrupt(&socket->line);
    return true;
}

bool net_wait_for_system(int descriptor, short events)
{
    struct pollfd polled = {.fd = descriptor, .events = events};
    int ready;
    do
        ready = poll(&polled, 1, system_limit_ms);
    while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        world_meet_limit("time that the system takes for a connection (60 s)");
    return ready > 0;
}

/* --- connections ----------------------------------------------------------------------------- */

int net_socket(int domain, int type, int protocol)
{
    struct net *net = world->net;
    bool simulated = net != NULL && net->peers != NULL;
    int descriptor = simulated ? net_new_descriptor(net) : socket(domain, type, protocol);
    if (net == NULL || descriptor < 0)
        return descriptor;
    world_yield(YIELD_net_connect);
    struct net_socket *made = calloc(1, sizeof *made);
    ASSERT(made != NULL);
    *made = (struct net_socket){.net = net, .session = net->protocol->begin(net->context)};
    made->line = (struct outside){.descriptor = descriptor,
                                  .events = POLLIN,
                                  .arrive = arrive,
                                  .work = simulated ? net_peer_work : NULL,
                                  .connection = made->session};
    made->next = net->sockets;
    net->sockets = made;
    outside_open(&made->line);
    return descriptor;
}

/* The server's queue of connections may be full, which is no affair of the simulation. */
static int connect_now(int descriptor, const struct sockaddr *address, socklen_t length)
{
    int failed = connect(descriptor, address, length);
    while (failed != 0 && errno == EAGAIN && address->sa_family == AF_UNIX) {
        (void)poll(NULL, 0, 1);
        failed = connect(descriptor, address, length);
    }
    return failed;
}

static void keep_address(struct net_socket *socket, const struct sockaddr *address,
                         socklen_t length)
{
    if (address->sa_family == AF_UNIX && length <= sizeof socket->address)
        memcpy(&socket->address, address, length);
}

int net_connect(int descriptor, const struct sockaddr *address, socklen_t length)
{
    struct net_socket *socket = find(descriptor);
    if (socket == NULL)
        return connect(descriptor, address, length);
    world_yield(YIELD_net_connect);
    keep_address(socket, address, length);
    socket->is_lazy = net_has_kept(socket->net, &socket->address);
    int failed =
        socket->is_lazy || net_is_simulated(socket) ? 0 : connect_now(descriptor, address, length);
    socket->is_connected = failed == 0;
    return failed;
}

static void forget(struct net_socket *socket)
{
    struct net_socket **link = &socket->net->sockets;
    while (*link != socket)
        link = &(*link)->next;
    *link = socket->next;
    outside_close(&socket->line);
    if (!net_is_simulated(socket))
        (void)close(socket->line.descriptor);
    if (socket->session != NULL)
        socket->net->protocol->end(socket->session);
    net_bytes_clean_up(&socket->input);
    net_bytes_clean_up(&socket->hello);
    net_bytes_clean_up(&socket->greeting);
    free(socket);
}

/* What it owes now is its end. */
static void expect_end(struct net_socket *socket)
{
    if (net_is_simulated(socket))
        net_peer_hang_up(socket->session);
    else
        (void)shutdown(socket->line.descriptor, SHUT_WR);
    socket->is_closing = true;
    if (socket->line.state == OUTSIDE_ANSWERED)
        outside_take(&socket->line);
    if (socket->line.state == OUTSIDE_IDLE)
        outside_expect(&socket->line);
    outside_tell();
}

static void see_to_its_end(struct net_socket *socket)
{
    if (!socket->is_connected || socket->is_lazy || socket->is_at_end)
        return;
    if (socket->line.state != OUTSIDE_IDLE && !world_wait_outside(&socket->line, world->now_ns))
        socket->net->protocol->hang_up(socket->session);
    if (socket->is_at_end)
        return;
    if (socket->parts && socket->line.state == OUTSIDE_ANSWERED) {
        net_keep(socket);
        return;
    }
    expect_end(socket);
    (void)world_wait_outside(&socket->line, WORLD_NEVER);
}

int net_close(int descriptor)
{
    struct net_socket *socket = find(descriptor);
    if (socket == NULL)
        return net_close_signal(descriptor) ? 0 : close(descriptor);
    world_yield(YIELD_net_close);
    see_to_its_end(socket);
    forget(socket);
    return 0;
}

void net_close_all(struct net *net)
{
    while (net->sockets != NULL) {
        see_to_its_end(net->sockets);
        forget(net->sockets);
    }
    net_close_signals(net);
    net_drop_ended(net);
    net->descriptors = 0;
    if (world->net == net)
        world->net = NULL;
}

uint32_t net_sockets(const struct net *net)
{
    uint32_t count = 0;
    for (const struct net_socket *socket = net->sockets; socket != NULL; socket = socket->next)
        count++;
    return count;
}

/* --- faults ---------------------------------------------------------------------------------- */

void net_settle(struct net_socket *socket)
{
    if (socket->line.state != OUTSIDE_IDLE)
        (void)world_wait_outside(&socket->line, world->now_ns);
}

void net_expect_end(struct net_socket *socket)
{
    socket->is_ending = true;
    if (socket->line.state == OUTSIDE_ANSWERED)
        outside_take(&socket->line);
    if (socket->line.state == OUTSIDE_IDLE)
        outside_expect(&socket->line);
    outside_tell();
}

void net_await_end(struct net_socket *socket)
{
    net_expect_end(socket);
    (void)world_wait_outside(&socket->line, WORLD_NEVER);
}

void net_drop(struct net_socket *socket)
{
    see_to_its_end(socket);
    if (socket->line.state == OUTSIDE_ANSWERED)
        outside_take(&socket->line);
    socket->is_at_end = true;
    net_bytes_clean_up(&socket->input);
    socket->input_taken = 0;
}

void net_reset(struct net_socket *socket, int error)
{
    net_drop(socket);
    socket->is_reset = true;
    socket->reset_error = error;
}

/* --- bytes ----------------------------------------------------------------------------------- */

/* All of it; what the other end says meanwhile is taken, so that it is never in its own way. */
static ssize_t send_all(struct net_socket *socket, const unsigned char *bytes, size_t count,
                        int flags)
{
    size_t sent = 0;
    if (net_is_simulated(socket)) {
        errno = EPIPE;
        return net_peer_has_ended(socket->session) ? -1 : (ssize_t)count;
    }
    while (sent < count) {
        ssize_t done = send(socket->line.descriptor, bytes + sent, count - sent,
                            flags | MSG_DONTWAIT | MSG_NOSIGNAL);
        if (done >= 0)
            sent += (size_t)done;
        else if (errno != EAGAIN && errno != EINTR)
            return sent > 0 ? (ssize_t)sent : -1;
        else if (!net_wait_for_system(socket->line.descriptor, POLLIN | POLLOUT))
            return -1;
        if (sent < count)
            take(socket);
    }
    return (ssize_t)count;
}

/* Something else is sent in place of a good-bye; false: it is none. */
static bool part(struct net_socket *socket, const unsigned char *bytes, size_t count)
{
    unsigned char instead[NET_PARTING_BYTES];
    const struct net_protocol *protocol = socket->net->protocol;
    bool can_part = protocol->part != NULL && socket->address.sun_family == AF_UNIX &&
                    socket->hello.count > 0 && socket->greeting.count > 0 &&
                    socket->line.state == OUTSIDE_IDLE;
    size_t length = can_part ? protocol->part(socket->session, bytes, count, instead) : 0;
    if (length == 0 || send_all(socket, instead, length, 0) != (ssize_t)length)
        return false;
    socket->parts = true;
    protocol->sent(socket->session, instead, length);
    return true;
}

/* The first that is sent; true: a kept connection has been told in its place. */
static bool begin(struct net_socket *socket, const unsigned char *bytes, size_t count)
{
    if (socket->is_lazy) {
        socket->is_lazy = false;
        if (net_take_kept(socket, bytes, count))
            return true;
        socket->is_at_end =
            connect_now(socket->line.descriptor, (const struct sockaddr *)&socket->address,
                        sizeof socket->address) != 0;
    }
    net_bytes_append(&socket->hello, bytes, count);
    return false;
}

/* The other end owes an answer, perhaps; everybody looks. */
static void expect(struct net_socket *socket)
{
    if (socket->line.state == OUTSIDE_ANSWERED && owes(socket))
        outside_take(&socket->line);
    if (socket->line.state == OUTSIDE_IDLE && owes(socket))
        outside_expect(&socket->line);
    else
        outside_tell();
}

/* To the client all has been sent: it learns of the reset with its next call. */
static void send_and_reset(struct net_socket *socket, const void *bytes, size_t count, int flags)
{
    if (!socket->is_lazy && send_all(socket, bytes, count, flags) == (ssize_t)count) {
        socket->net->protocol->sent(socket->session, bytes, count);
        expect(socket);
    }
    net_reset(socket, ECONNRESET);
}

ssize_t net_send(int descriptor, const void *bytes, size_t count, int flags)
{
    struct net_socket *socket = find(descriptor);
    if (socket == NULL)
        return send(descriptor, bytes, count, flags);
    world_yield(YIELD_net_send);
    if (net_call_fails(socket, FAULT_io_write))
        return -1;
    size_t cut = net_cut_request(count);
    if (cut != 0) {
        send_and_reset(socket, bytes, cut, flags);
        return (ssize_t)count;
    }
    bool is_first = socket->hello.count == 0;
    if ((is_first && begin(socket, bytes, count)) || part(socket, bytes, count)) {
        expect(socket);
        return (ssize_t)count;
    }
    if (is_first && socket->net->protocol->introduce != NULL) {
        bytes = socket->hello.bytes;
        socket->net->protocol->introduce(socket->session, socket->hello.bytes, count);
    }
    ssize_t sent = send_all(socket, bytes, count, flags);
    if (sent <= 0)
        return sent;
    socket->net->protocol->sent(socket->session, bytes, (size_t)sent);
    expect(socket);
    return sent;
}

static bool may_wait(const struct net_socket *socket, int flags)
{
    bool never_waits = net_is_simulated(socket)
                           ? socket->never_waits
                           : (fcntl(socket->line.descriptor, F_GETFL) & O_NONBLOCK) != 0;
    return !never_waits && (flags & MSG_DONTWAIT) == 0;
}

ssize_t net_recv(int descriptor, void *bytes, size_t count, int flags)
{
    struct net_socket *socket = find(descriptor);
    if (socket == NULL)
        return recv(descriptor, bytes, count, flags);
    world_yield(YIELD_net_receive);
    if (net_call_fails(socket, FAULT_io_read))
        return -1;
    if (!net_wait_for_input(socket, may_wait(socket, flags) ? WORLD_NEVER : world->now_ns)) {
        errno = EAGAIN;
        return -1;
    }
    if (socket->line.state == OUTSIDE_ANSWERED)
        outside_take(&socket->line);
    if (socket->is_reset) { /* while it waited */
        errno = socket->reset_error;
        return -1;
    }
    size_t left = socket->input.count - socket->input_taken;
    size_t given = net_bytes_to_give(socket, left < count ? left : count);
    if (given > 0)
        memcpy(bytes, socket->input.bytes + socket->input_taken, given);
    socket->input_taken += given;
    return (ssize_t)net_spoil(socket, bytes, given);
}
