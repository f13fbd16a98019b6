/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts the simulated network (sim/net.h) in the place of the system's, for a client library that
 * knows nothing of it: compile it with `-include sim/net_calls.h`. Calls only: a field or a
 * function pointer of that name is left alone.
 */
#ifndef SIM_NET_CALLS_H
#define SIM_NET_CALLS_H

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

int net_socket(int domain, int type, int protocol);
int net_connect(int descriptor, const struct sockaddr *address, socklen_t length);
ssize_t net_send(int descriptor, const void *bytes, size_t count, int flags);
ssize_t net_recv(int descriptor, void *bytes, size_t count, int flags);
int net_poll(struct pollfd *polled, nfds_t count, int timeout_ms);
int net_close(int descriptor);
time_t net_time(time_t *ret_time);

#ifndef SIM_NET_H
#define socket(domain, type, protocol)        net_socket(domain, type, protocol)
#define connect(descriptor, address, length)  net_connect(descriptor, address, length)
#define send(descriptor, bytes, count, flags) net_send(descriptor, bytes, count, flags)
#define recv(descriptor, bytes, count, flags) net_recv(descriptor, bytes, count, flags)
#define poll(polled, count, timeout_ms)       net_poll(polled, count, timeout_ms)
#define close(descriptor)                     net_close(descriptor)
#define time(ret_time)                        net_time(ret_time)
#endif

#endif
