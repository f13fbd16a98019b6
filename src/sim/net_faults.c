/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong on the way to a server that is a process of its own, by the plan: connections
 * that are cut, in the midst of what is said, answers that end too early, never come, come byte by
 * byte or with a wrong bit, sessions that the server ends, servers that are killed.
 *
 * A fault strikes when it is known what becomes of what was sent before (net_settle), so that it
 * never races with the server. Bytes are counted as the client sends and receives them.
 */
#include "sim/net_internal.h"

#include <errno.h>

/* How long a system sends again what nobody acknowledges before it gives the connection up. */
static const uint64_t silence_ns = UINT64_C(15) * 60 * 1000 * 1000 * 1000;

/* --- the other end --------------------------------------------------------------------------- */

static bool is_armed(enum fault_kind kind)
{
    const struct world_fault *fault = world_current_fault();
    return fault != NULL && fault->kind == kind;
}

/* One that has not been greeted yet is none. */
static bool has_session(const struct net_socket *socket)
{
    return socket->greeting.count > 0 && !socket->is_woken && !socket->is_at_end &&
           !socket->is_reset;
}

static void end_session(struct net_socket *socket)
{
    const struct net_protocol *protocol = socket->net->protocol;
    if (has_session(socket) && protocol->kill != NULL && protocol->kill(socket->session))
        net_await_end(socket);
}

/* What has been said on it is there to be taken, and then its end. */
static void lose(struct net_socket *socket)
{
    if (!socket->is_connected || socket->is_lazy || socket->is_at_end || socket->is_reset)
        return;
    if (socket->hello.count > 0) {
        net_expect_end(socket);
        return;
    }
    socket->is_at_end = socket->is_reset = true; /* whether it had got as far nobody knows */
    socket->reset_error = ECONNRESET;
}

/* As if it were outside of every task: others are not let go on, and nothing strikes. */
static void tell_server_end(struct net *net)
{
    struct world_task *current = world->current;
    if (world->on_server_end == NULL)
        return;
    world->current = NULL;
    world->net = NULL;
    world->on_server_end(world->on_server_end_context);
    world->net = net;
    world->current = current;
}

/*
 * Of the others, too, it is known by then what becomes of what they have asked (net_settle): who is
 * answered hears that.
 */
static void end_server(struct net_socket *socket, enum net_crash crash)
{
    struct net *net = socket->net;
    if (!has_session(socket) || net->protocol->crash == NULL ||
        !net->protocol->crash(socket->session, crash))
        return;
    tell_server_end(net); /* before anybody goes on */
    net_close_kept(net);
    for (struct net_socket *other = net->sockets; other != NULL; other = other->next)
        if (other != socket)
            lose(other);
    net_await_end(socket);
}

void net_strike_session(struct net_socket *socket)
{
    if (!is_armed(FAULT_session_killed) && !is_armed(FAULT_session_crash) &&
        !is_armed(FAULT_server_death) && !is_armed(FAULT_interrupt))
        return;
    net_settle(socket);
    if (world_fault_due(FAULT_session_killed))
        end_session(socket);
    if (world_fault_due(FAULT_session_crash))
        end_server(socket, NET_SESSION_CRASHES);
    if (world_fault_due(FAULT_server_death))
        end_server(socket, NET_SERVER_DIES);
    (void)world_fault_due(FAULT_interrupt); /* whoever is told of it cancels */
}

/* --- calls ----------------------------------------------------------------------------------- */

bool net_call_fails(struct net_socket *socket, enum fault_kind error)
{
    if (world_fault_due(FAULT_latency))
        world_sleep(WORLD_LATENCY_NS);
    net_strike_session(socket);
    if (!socket->is_reset && world_fault_due(error))
        net_reset(socket, ECONNRESET);
    if (socket->is_reset)
        errno = socket->reset_error;
    return socket->is_reset;
}

size_t net_cut_request(size_t count)
{
    return (size_t)world_fault_among(FAULT_wire_cut_request, count);
}

/* --- replies --------------------------------------------------------------------------------- */

bool net_is_silent(struct net_socket *socket, bool waits_for_ever)
{
    if (socket->is_reset)
        return false;
    /* Who was told something wrong may wait for more than there is. */
    bool falls_silent =
        world_fault_due(FAULT_wire_silence) || (waits_for_ever && socket->is_garbled);
    if (falls_silent && socket->silent_until_ns == 0)
        socket->silent_until_ns = world->now_ns + silence_ns;
    return socket->silent_until_ns != 0;
}

bool net_wait_in_silence(struct net_socket *socket, uint64_t deadline_ns)
{
    bool gives_up_first = deadline_ns < socket->silent_until_ns;
    if (world->current != NULL)
        (void)world_wait(socket, gives_up_first ? deadline_ns : socket->silent_until_ns);
    if (world->current != NULL && world->now_ns < socket->silent_until_ns && !socket->is_given_up)
        return false;
    net_reset(socket, ETIMEDOUT);
    return true;
}

void net_end_silence(void)
{
    if (world->net == NULL)
        return;
    for (struct net_socket *socket = world->net->sockets; socket != NULL; socket = socket->next) {
        if (socket->silent_until_ns == 0)
            continue;
        socket->is_given_up = true;
        world_wake_all(socket);
    }
}

size_t net_bytes_to_give(struct net_socket *socket, size_t count)
{
    if (count <= 1)
        return count;
    socket->trickles |= world_fault_due(FAULT_wire_trickle);
    return socket->trickles || world_fault_due(FAULT_short_read) ? 1 : count;
}

/* One bit, and always the same one of the n-th byte. */
static void garble(struct net_socket *socket, unsigned char *byte, uint64_t which)
{
    *byte ^= (unsigned char)(1u << (which * 5 % 8));
    socket->is_garbled = true;
}

size_t net_spoil(struct net_socket *socket, unsigned char *bytes, size_t count)
{
    if (socket->input_taken == socket->input.count)
        socket->trickles = false;
    uint64_t which = world_fault_among(FAULT_wire_garble, count);
    if (which != 0)
        garble(socket, &bytes[which - 1], which);
    which = world_fault_among(FAULT_wire_cut_reply, count);
    if (which != 0) {
        net_reset(socket, ECONNRESET);
        return (size_t)which;
    }
    which = world_fault_among(FAULT_wire_end_reply, count);
    if (which == 0)
        return count;
    net_drop(socket);
    return (size_t)which;
}

/* --- memory ---------------------------------------------------------------------------------- */

/* Of the client library; not that of a connection of the harness's own. */
static bool is_refused(void)
{
    if (world->net == NULL || !world_fault_due(FAULT_no_memory))
        return false;
    errno = ENOMEM;
    return true;
}

void *net_malloc(size_t size)
{
    return is_refused() ? NULL : malloc(size);
}

void *net_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : calloc(count, size);
}

void *net_realloc(void *memory, size_t size)
{
    return is_refused() ? NULL : realloc(memory, size);
}

char *net_strdup(const char *text)
{
    return is_refused() ? NULL : strdup(text);
}
