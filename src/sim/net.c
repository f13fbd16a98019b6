/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets whose other end is outside: what is sent, what has come, and who waits for it. */
#include "sim/net.h"

#include "base/assert.h"
#include "sim/posix_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 64 << 10 };

/* How long the system may take for what takes no time in the simulation. */
static const int system_limit_ms = 60 * 1000;

struct net_socket {
    struct outside line; /* first */
    struct net *net;
    void *session;
    bool is_connected;
    bool is_at_end;  /* the other end has closed it */
    bool is_closing; /* nobody wants to know what still comes */
    unsigned char *input;
    size_t input_bytes, input_taken, input_room;
    struct net_socket *next;
};

void net_open(struct net *net, const struct net_protocol *protocol, void *context)
{
    *net = (struct net){.protocol = protocol, .context = context};
    world->net = net;
}

/* NULL: it is the system's affair. */
static struct net_socket *find(int descriptor)
{
    if (world->net == NULL)
        return NULL;
    struct net_socket *found = world->net->sockets;
    while (found != NULL && found->line.descriptor != descriptor)
        found = found->next;
    return found;
}

/* --- what has come --------------------------------------------------------------------------- */

static bool owes(const struct net_socket *socket)
{
    if (socket->is_at_end)
        return false;
    return socket->is_closing || socket->net->protocol->owes(socket->session);
}

static void keep(struct net_socket *socket, const unsigned char *bytes, size_t count)
{
    if (socket->is_closing)
        return;
    if (socket->input_taken == socket->input_bytes)
        socket->input_taken = socket->input_bytes = 0;
    if (socket->input_bytes + count > socket->input_room) {
        socket->input_room = 2 * socket->input_room + count;
        socket->input = realloc(socket->input, socket->input_room);
        ASSERT(socket->input != NULL);
    }
    memcpy(socket->input + socket->input_bytes, bytes, count);
    socket->input_bytes += count;
}

/* Takes what is there, without waiting. */
static void take(struct net_socket *socket)
{
    unsigned char piece[PIECE_BYTES];
    ssize_t got;
    while ((got = recv(socket->line.descriptor, piece, sizeof piece, MSG_DONTWAIT)) > 0) {
        socket->net->protocol->received(socket->session, piece, (size_t)got);
        keep(socket, piece, (size_t)got);
    }
    bool is_at_end = got == 0 || (errno != EAGAIN && errno != EINTR);
    if (is_at_end && !socket->is_at_end)
        socket->net->protocol->received(socket->session, NULL, 0);
    socket->is_at_end |= is_at_end;
}

static bool arrive(struct outside *line)
{
    struct net_socket *socket = (struct net_socket *)line;
    take(socket);
    return !owes(socket);
}

static bool has_input(const struct net_socket *socket)
{
    return socket->line.state == OUTSIDE_ANSWERED ||
           (socket->line.state == OUTSIDE_IDLE &&
            (socket->input_taken < socket->input_bytes || socket->is_at_end));
}

/* --- waiting --------------------------------------------------------------------------------- */

static uint64_t deadline_after(int timeout_ms)
{
    return timeout_ms < 0 ? WORLD_NEVER : world->now_ns + (uint64_t)timeout_ms * 1000000;
}

/* True when there is something to take, or the end; false at the deadline. */
static bool wait_for_input(struct net_socket *socket, uint64_t deadline_ns)
{
    if (socket->line.state == OUTSIDE_IDLE && !has_input(socket))
        take(socket); /* what nobody asked for */
    if (has_input(socket))
        return true;
    if (socket->line.state != OUTSIDE_IDLE)
        return world_wait_outside(&socket->line, deadline_ns);
    if (world->current == NULL || deadline_ns == world->now_ns)
        return false;
    (void)world_wait(socket, deadline_ns);
    return false;
}

/* What the system does by itself, and soon. */
static bool wait_for_system(int descriptor, short events)
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

int net_poll(struct pollfd *polled, nfds_t count, int timeout_ms)
{
    struct net_socket *socket = count == 1 ? find(polled->fd) : NULL;
    if (socket == NULL)
        return poll(polled, count, timeout_ms);
    world_yield(YIELD_net_wait);
    polled->revents = 0;
    if (!socket->is_connected) {
        socket->is_connected = wait_for_system(polled->fd, POLLOUT);
        polled->revents = (short)(socket->is_connected ? polled->events & POLLOUT : POLLERR);
        return 1;
    }
    /* Sending never waits here (net_send). */
    uint64_t deadline_ns = deadline_after(polled->events & POLLOUT ? 0 : timeout_ms);
    if (polled->events & POLLIN &&
        (polled->events & POLLOUT ? has_input(socket) : wait_for_input(socket, deadline_ns)))
        polled->revents |= POLLIN;
    polled->revents = (short)(polled->revents | (polled->events & POLLOUT));
    return polled->revents != 0;
}

/* --- connections ----------------------------------------------------------------------------- */

int net_socket(int domain, int type, int protocol)
{
    int descriptor = socket(domain, type, protocol);
    struct net *net = world->net;
    if (net == NULL || descriptor < 0)
        return descriptor;
    world_yield(YIELD_net_connect);
    struct net_socket *made = calloc(1, sizeof *made);
    ASSERT(made != NULL);
    *made = (struct net_socket){.net = net, .session = net->protocol->begin(net->context)};
    made->line = (struct outside){
        .descriptor = descriptor, .events = POLLIN, .arrive = arrive, .connection = made->session};
    made->next = net->sockets;
    net->sockets = made;
    outside_open(&made->line);
    return descriptor;
}

int net_connect(int descriptor, const struct sockaddr *address, socklen_t length)
{
    struct net_socket *socket = find(descriptor);
    if (socket == NULL)
        return connect(descriptor, address, length);
    world_yield(YIELD_net_connect);
    int failed = connect(descriptor, address, length);
    /* The server's queue of connections is full, which is no affair of the simulation. */
    while (failed != 0 && errno == EAGAIN && address->sa_family == AF_UNIX) {
        (void)poll(NULL, 0, 1);
        failed = connect(descriptor, address, length);
    }
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
    (void)close(socket->line.descriptor);
    socket->net->protocol->end(socket->session);
    free(socket->input);
    free(socket);
}

/* What it owes now is its end. */
static void expect_end(struct net_socket *socket)
{
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
    if (!socket->is_connected || socket->is_at_end)
        return;
    if (socket->line.state != OUTSIDE_IDLE && !world_wait_outside(&socket->line, world->now_ns))
        socket->net->protocol->hang_up(socket->session);
    if (socket->is_at_end)
        return;
    expect_end(socket);
    (void)world_wait_outside(&socket->line, WORLD_NEVER);
}

int net_close(int descriptor)
{
    struct net_socket *socket = find(descriptor);
    if (socket == NULL)
        return close(descriptor);
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

/* --- bytes ----------------------------------------------------------------------------------- */

/* All of it; what the other end says meanwhile is taken, so that it is never in its own way. */
static ssize_t send_all(struct net_socket *socket, const unsigned char *bytes, size_t count,
                        int flags)
{
    size_t sent = 0;
    while (sent < count) {
        ssize_t done = send(socket->line.descriptor, bytes + sent, count - sent,
                            flags | MSG_DONTWAIT | MSG_NOSIGNAL);
        if (done >= 0)
            sent += (size_t)done;
        else if (errno != EAGAIN && errno != EINTR)
            return sent > 0 ? (ssize_t)sent : -1;
        else if (!wait_for_system(socket->line.descriptor, POLLIN | POLLOUT))
            return -1;
        if (sent < count)
            take(socket);
    }
    return (ssize_t)count;
}

ssize_t net_send(int descriptor, const void *bytes, size_t count, int flags)
{
    struct net_socket *socket = find(descriptor);
    if (socket == NULL)
        return send(descriptor, bytes, count, flags);
    world_yield(YIELD_net_send);
    ssize_t sent = send_all(socket, bytes, count, flags);
    if (sent <= 0)
        return sent;
    socket->net->protocol->sent(socket->session, bytes, (size_t)sent);
    if (socket->line.state == OUTSIDE_ANSWERED && owes(socket))
        outside_take(&socket->line);
    if (socket->line.state == OUTSIDE_IDLE && owes(socket))
        outside_expect(&socket->line);
    else
        outside_tell();
    return sent;
}

ssize_t net_recv(int descriptor, void *bytes, size_t count, int flags)
{
    struct net_socket *socket = find(descriptor);
    if (socket == NULL)
        return recv(descriptor, bytes, count, flags);
    world_yield(YIELD_net_receive);
    bool may_wait = (fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0 && (flags & MSG_DONTWAIT) == 0;
    if (!wait_for_input(socket, may_wait ? WORLD_NEVER : world->now_ns)) {
        errno = EAGAIN;
        return -1;
    }
    if (socket->line.state == OUTSIDE_ANSWERED)
        outside_take(&socket->line);
    size_t left = socket->input_bytes - socket->input_taken;
    size_t given = left < count ? left : count;
    if (given > 0)
        memcpy(bytes, socket->input + socket->input_taken, given);
    socket->input_taken += given;
    return (ssize_t)given;
}

time_t net_time(time_t *ret_time)
{
    return world->net == NULL ? time(ret_time) : sim_time(ret_time);
}
