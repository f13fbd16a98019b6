/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a socket, and for what a library polls beside it; settings of sockets; clocks. */
#include "sim/net_internal.h"

#include "sim/posix_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

/* --- poll ------------------------------------------------------------------------------------- */

static uint64_t deadline_after(int timeout_ms)
{
    return timeout_ms < 0 ? WORLD_NEVER : world->now_ns + (uint64_t)timeout_ms * 1000000;
}

/* The only simulated socket among them; NULL: none. */
static struct net_socket *find_socket(const struct pollfd *polled, nfds_t count)
{
    struct net_socket *found = NULL;
    for (nfds_t i = 0; i < count; i++) {
        struct net_socket *socket = net_find_socket(world->net, polled[i].fd);
        if (socket != NULL && found != NULL)
            world_meet_limit("sockets that a client waits for at once (1)");
        found = socket != NULL ? socket : found;
    }
    return found;
}

/* The signal among them; 0: none. */
static int find_signal(const struct pollfd *polled, nfds_t count)
{
    for (nfds_t i = 0; i < count; i++)
        if (net_find_signal(world->net, polled[i].fd) != NULL)
            return polled[i].fd;
    return 0;
}

/* Sending never waits here (net_send). */
static short socket_events(struct net_socket *socket, short events)
{
    if (!socket->is_connected) {
        socket->is_connected = net_wait_for_system(socket->line.descriptor, POLLOUT);
        return (short)(socket->is_connected ? events & POLLOUT : POLLERR);
    }
    return (short)(events & (POLLOUT | (net_has_input(socket) ? POLLIN : 0)));
}

static short events_of(struct pollfd polled)
{
    struct net_socket *socket = net_find_socket(world->net, polled.fd);
    if (socket != NULL)
        return socket_events(socket, polled.events);
    const struct net_signal *signal = net_find_signal(world->net, polled.fd);
    if (signal != NULL)
        return (short)(net_signal_is_set(signal) ? polled.events & POLLIN : 0);
    return poll(&polled, 1, 0) > 0 ? polled.revents : 0; /* a real one is served, too */
}

static int look_at_all(struct pollfd *polled, nfds_t count)
{
    int ready = 0;
    for (nfds_t i = 0; i < count; i++) {
        polled[i].revents = polled[i].fd < 0 ? 0 : events_of(polled[i]);
        ready += polled[i].revents != 0;
    }
    return ready;
}

/* False: time is up. */
static bool wait_for_change(struct net_socket *socket, int signal, uint64_t deadline_ns)
{
    socket->watched = signal;
    bool goes_on = net_wait_for_input(socket, deadline_ns) || socket->is_woken_up;
    socket->watched = 0;
    socket->is_woken_up = false;
    return goes_on;
}

int net_poll(struct pollfd *polled, nfds_t count, int timeout_ms)
{
    struct net_socket *socket = find_socket(polled, count);
    if (socket == NULL)
        return poll(polled, count, timeout_ms);
    world_yield(YIELD_net_wait);
    if (socket->is_connected)
        net_strike_session(socket);
    int signal = find_signal(polled, count);
    uint64_t deadline_ns = deadline_after(timeout_ms);
    int ready = look_at_all(polled, count);
    while (ready == 0 && wait_for_change(socket, signal, deadline_ns))
        ready = look_at_all(polled, count);
    return ready;
}

/* --- settings --------------------------------------------------------------------------------- */

static struct net_socket *find_simulated(int descriptor)
{
    struct net_socket *socket = net_find_socket(world->net, descriptor);
    return socket != NULL && net_is_simulated(socket) ? socket : NULL;
}

int net_setsockopt(int descriptor, int level, int name, const void *value, socklen_t length)
{
    if (find_simulated(descriptor) == NULL)
        return setsockopt(descriptor, level, name, value, length);
    return 0;
}

/* Of interest is SO_ERROR, and there is none. */
int net_getsockopt(int descriptor, int level, int name, void *ret_value, socklen_t *length)
{
    if (find_simulated(descriptor) == NULL)
        return getsockopt(descriptor, level, name, ret_value, length);
    memset(ret_value, 0, *length);
    return 0;
}

int net_ioctl(int descriptor, unsigned long request, void *argument)
{
    struct net_socket *socket = find_simulated(descriptor);
    if (socket == NULL)
        return ioctl(descriptor, request, argument);
    if (request == FIONBIO)
        socket->never_waits = *(const int *)argument != 0;
    else if (request == SIOCGIFCONF) /* the machine has no network cards */
        ((struct ifconf *)argument)->ifc_len = 0;
    else
        errno = ENOTTY;
    return request == FIONBIO || request == SIOCGIFCONF ? 0 : -1;
}

int net_fcntl(int descriptor, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    long argument = va_arg(arguments, long);
    va_end(arguments);
    struct net_socket *socket = find_simulated(descriptor);
    if (socket == NULL)
        return fcntl(descriptor, command, argument);
    if (command == F_SETFL)
        socket->never_waits = (argument & O_NONBLOCK) != 0;
    return command == F_GETFL && socket->never_waits ? O_NONBLOCK : 0;
}

/* --- clocks ----------------------------------------------------------------------------------- */

time_t net_time(time_t *ret_time)
{
    return world->net == NULL ? time(ret_time) : sim_time(ret_time);
}

int net_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    return world->net == NULL ? clock_gettime(clock, ret_time) : sim_clock_gettime(clock, ret_time);
}

int net_gettimeofday(struct timeval *ret_time, void *zone)
{
    return world->net == NULL ? gettimeofday(ret_time, zone) : sim_gettimeofday(ret_time, zone);
}
