/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that outlive their client: making one costs a server a process. The other end is set
 * back, as if it were new, when a client says good-bye, and is given to the next one that begins
 * with the same words; that one is told what the first one was told. What is sent and awaited in
 * place of connecting and parting is as much of it: nobody sees a difference, but in time.
 */
#include "sim/net_internal.h"

#include "base/assert.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 24 };

struct net_kept {
    int descriptor;
    void *session;
    struct net_bytes hello, greeting;
    struct sockaddr_un address;
    struct net_kept *next;
};

void net_bytes_append(struct net_bytes *bytes, const void *more, size_t count)
{
    if (bytes->count + count > bytes->room) {
        bytes->room = 2 * bytes->room + count;
        bytes->bytes = realloc(bytes->bytes, bytes->room);
        ASSERT(bytes->bytes != NULL);
    }
    if (count > 0)
        memcpy(bytes->bytes + bytes->count, more, count);
    bytes->count += count;
}

void net_bytes_clean_up(struct net_bytes *bytes)
{
    free(bytes->bytes);
    *bytes = (struct net_bytes){0};
}

static bool is_same_address(const struct sockaddr_un *left, const struct sockaddr_un *right)
{
    return left->sun_family == AF_UNIX && right->sun_family == AF_UNIX &&
           strncmp(left->sun_path, right->sun_path, sizeof left->sun_path) == 0;
}

bool net_has_kept(const struct net *net, const struct sockaddr_un *address)
{
    const struct net_kept *kept = net->kept;
    while (kept != NULL && !is_same_address(&kept->address, address))
        kept = kept->next;
    return kept != NULL;
}

static struct net_kept *take_out(struct net *net, const struct sockaddr_un *address,
                                 const void *hello, size_t count)
{
    struct net_kept **link = &net->kept;
    for (; *link != NULL; link = &(*link)->next) {
        struct net_kept *kept = *link;
        if (kept->hello.count != count || memcmp(kept->hello.bytes, hello, count) != 0 ||
            !is_same_address(&kept->address, address))
            continue;
        *link = kept->next;
        net->kept_count--;
        return kept;
    }
    return NULL;
}

static void adopt(struct net_socket *socket, struct net_kept *kept)
{
    ASSERT(dup2(kept->descriptor, socket->line.descriptor) >= 0);
    (void)fcntl(socket->line.descriptor, F_SETFD, FD_CLOEXEC);
    (void)close(kept->descriptor);
    socket->net->protocol->end(socket->session);
    socket->line.connection = socket->session = kept->session;
    net_bytes_clean_up(&socket->hello);
    socket->hello = kept->hello;
    socket->greeting = kept->greeting;
    free(kept);
}

bool net_take_kept(struct net_socket *socket, const void *hello, size_t count)
{
    struct net_kept *kept = take_out(socket->net, &socket->address, hello, count);
    if (kept == NULL)
        return false;
    adopt(socket, kept);
    unsigned char wake[NET_PARTING_BYTES];
    size_t length = socket->net->protocol->wake(socket->session, wake);
    socket->is_woken = true;
    socket->is_at_end =
        send(socket->line.descriptor, wake, length, MSG_NOSIGNAL) != (ssize_t)length;
    if (!socket->is_at_end)
        socket->net->protocol->sent(socket->session, wake, length);
    return true;
}

void net_keep(struct net_socket *socket)
{
    struct net *net = socket->net;
    if (net->kept_count == KEPT_MAX)
        return;
    struct net_kept *kept = calloc(1, sizeof *kept);
    ASSERT(kept != NULL);
    *kept = (struct net_kept){
        .descriptor = fcntl(socket->line.descriptor, F_DUPFD_CLOEXEC, 0),
        .session = socket->session,
        .hello = socket->hello,
        .greeting = socket->greeting,
        .address = socket->address,
        .next = net->kept,
    };
    ASSERT(kept->descriptor >= 0);
    net->kept = kept;
    net->kept_count++;
    socket->session = NULL;
    socket->hello = socket->greeting = (struct net_bytes){0};
}

static void let_go(struct net *net, struct net_kept **link)
{
    struct net_kept *kept = *link;
    *link = kept->next;
    net->kept_count--;
    (void)close(kept->descriptor);
    net->protocol->end(kept->session);
    net_bytes_clean_up(&kept->hello);
    net_bytes_clean_up(&kept->greeting);
    free(kept);
}

void net_drop_ended(struct net *net)
{
    struct net_kept **link = &net->kept;
    while (*link != NULL) {
        struct pollfd polled = {.fd = (*link)->descriptor, .events = POLLIN};
        if (poll(&polled, 1, 0) != 0)
            let_go(net, link);
        else
            link = &(*link)->next;
    }
}

void net_close_kept(struct net *net)
{
    while (net->kept != NULL)
        let_go(net, &net->kept);
}
