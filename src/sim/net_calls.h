/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts the simulated network (sim/net.h) in the place of the system's, for a client library that
 * knows nothing of it: compile it with `-include sim/net_calls.h`. Calls only: a field or a
 * function pointer of that name is left alone. Since members are called `read` and `write`, too, a
 * file gets these only if it is compiled with SIM_NET_READS_AND_WRITES. Allocations are the
 * system's, but that one may be refused (the fault no_memory), unless SIM_NET_HAS_MEMORY says
 * otherwise; what gives them back is left alone.
 */
#ifndef SIM_NET_CALLS_H
#define SIM_NET_CALLS_H

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

int net_socket(int domain, int type, int protocol);
int net_connect(int descriptor, const struct sockaddr *address, socklen_t length);
ssize_t net_send(int descriptor, const void *bytes, size_t count, int flags);
ssize_t net_recv(int descriptor, void *bytes, size_t count, int flags);
int net_poll(struct pollfd *polled, nfds_t count, int timeout_ms);
int net_close(int descriptor);
int net_setsockopt(int descriptor, int level, int name, const void *value, socklen_t length);
int net_getsockopt(int descriptor, int level, int name, void *ret_value, socklen_t *length);
int net_ioctl(int descriptor, unsigned long request, void *argument);
int net_fcntl(int descriptor, int command, ...);
int net_eventfd(unsigned count, int flags);
ssize_t net_read(int descriptor, void *bytes, size_t count);
ssize_t net_write(int descriptor, const void *bytes, size_t count);
time_t net_time(time_t *ret_time);
int net_clock_gettime(clockid_t clock, struct timespec *ret_time);
int net_gettimeofday(struct timeval *ret_time, void *zone);
void *net_malloc(size_t size);
void *net_calloc(size_t count, size_t size);
void *net_realloc(void *memory, size_t size);
char *net_strdup(const char *text);

#ifndef SIM_NET_H
#define socket(domain, type, protocol)        net_socket(domain, type, protocol)
#define connect(descriptor, address, length)  net_connect(descriptor, address, length)
#define send(descriptor, bytes, count, flags) net_send(descriptor, bytes, count, flags)
#define recv(descriptor, bytes, count, flags) net_recv(descriptor, bytes, count, flags)
#define poll(polled, count, timeout_ms)       net_poll(polled, count, timeout_ms)
#define close(descriptor)                     net_close(descriptor)
#define setsockopt(descriptor, level, name, value, length)                                         \
    net_setsockopt(descriptor, level, name, value, length)
#define getsockopt(descriptor, level, name, value, length)                                         \
    net_getsockopt(descriptor, level, name, value, length)
#define ioctl(descriptor, request, argument) net_ioctl(descriptor, request, argument)
#define fcntl(...)                           net_fcntl(__VA_ARGS__)
#define eventfd(count, flags)                net_eventfd(count, flags)
#define time(ret_time)                       net_time(ret_time)
#define clock_gettime(clock, ret_time)       net_clock_gettime(clock, ret_time)
#define gettimeofday(ret_time, zone)         net_gettimeofday(ret_time, zone)
#ifdef SIM_NET_READS_AND_WRITES
#define read(descriptor, bytes, count)  net_read(descriptor, bytes, count)
#define write(descriptor, bytes, count) net_write(descriptor, bytes, count)
#endif
#ifndef SIM_NET_HAS_MEMORY
#undef strdup
#define malloc(size)          net_malloc(size)
#define calloc(count, size)   net_calloc(count, size)
#define realloc(memory, size) net_realloc(memory, size)
#define strdup(text)          net_strdup(text)
#endif
#endif

#endif
