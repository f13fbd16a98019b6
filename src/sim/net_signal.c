/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors by which one thread of a library wakes up another that polls a socket: what eventfd
 * gives. In a world with a network they are simulated, so that whoever waits in virtual time is
 * woken up.
 */
#include "sim/net_internal.h"

#include "base/assert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

struct net_signal {
    int descriptor;
    uint64_t count;
    struct net_signal *next;
};

struct net_signal *net_find_signal(const struct net *net, int descriptor)
{
    struct net_signal *found = net == NULL ? NULL : net->signals;
    while (found != NULL && found->descriptor != descriptor)
        found = found->next;
    return found;
}

bool net_signal_is_set(const struct net_signal *signal)
{
    return signal->count > 0;
}

int net_eventfd(unsigned count, int flags)
{
    struct net *net = world->net;
    if (net == NULL)
        return eventfd(count, flags);
    struct net_signal *made = calloc(1, sizeof *made);
    ASSERT(made != NULL);
    *made = (struct net_signal){
        .descriptor = net_new_descriptor(net), .count = count, .next = net->signals};
    net->signals = made;
    return made->descriptor;
}

static void wake_up(struct net *net, int descriptor)
{
    for (struct net_socket *socket = net->sockets; socket != NULL; socket = socket->next) {
        if (socket->watched != descriptor)
            continue;
        socket->is_woken_up = true;
        outside_interrupt(&socket->line);
        world_unblock(socket);
    }
}

ssize_t net_write(int descriptor, const void *bytes, size_t count)
{
    struct net_signal *signal = net_find_signal(world->net, descriptor);
    if (signal == NULL)
        return write(descriptor, bytes, count);
    uint64_t more;
    ASSERT(count == sizeof more);
    memcpy(&more, bytes, sizeof more);
    signal->count += more;
    wake_up(world->net, descriptor);
    return (ssize_t)count;
}

/* It never waits: nobody reads one that was not polled. */
ssize_t net_read(int descriptor, void *bytes, size_t count)
{
    struct net_signal *signal = net_find_signal(world->net, descriptor);
    if (signal == NULL)
        return read(descriptor, bytes, count);
    errno = EAGAIN;
    if (signal->count == 0)
        return -1;
    ASSERT(count >= sizeof signal->count);
    memcpy(bytes, &signal->count, sizeof signal->count);
    signal->count = 0;
    return sizeof signal->count;
}

static void let_go(struct net_signal **link)
{
    struct net_signal *signal = *link;
    *link = signal->next;
    free(signal);
}

bool net_close_signal(int descriptor)
{
    if (net_find_signal(world->net, descriptor) == NULL)
        return false;
    struct net_signal **link = &world->net->signals;
    while ((*link)->descriptor != descriptor)
        link = &(*link)->next;
    let_go(link);
    return true;
}

void net_close_signals(struct net *net)
{
    while (net->signals != NULL)
        let_go(&net->signals);
}
