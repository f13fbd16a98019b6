/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated other ends: what a protocol of net.h is for a server outside, and their coroutines. */
#include "sim/net_peer.h"

#include "base/assert.h"
#include "sim/net_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct net_peers {
    net_serve_fn serve;
    void *context;
    struct net_peer *spare; /* whose coroutine can be used again */
};

struct net_peer {
    struct net_peers *all;
    struct coroutine coroutine;
    struct net_bytes input, output;
    size_t input_taken, output_taken;
    void *session;
    uint64_t deadline_ns; /* of its wait */
    bool has_hung_up;     /* the client has */
    bool waits_for_input;
    bool waits; /* for something else */
    bool has_ended;
    struct net_peer *next; /* of the spare ones */
};

/* --- the server's side ------------------------------------------------------------------------ */

static void suspend(struct net_peer *peer)
{
    coroutine_suspend(&peer->coroutine);
}

size_t net_peer_take(struct net_peer *peer, void *bytes, size_t capacity)
{
    size_t left = peer->input.count - peer->input_taken;
    size_t taken = left < capacity ? left : capacity;
    if (taken > 0)
        memcpy(bytes, peer->input.bytes + peer->input_taken, taken);
    peer->input_taken += taken;
    if (peer->input_taken == peer->input.count)
        peer->input_taken = peer->input.count = 0;
    return taken;
}

size_t net_peer_receive(struct net_peer *peer, void *bytes, size_t capacity)
{
    while (peer->input.count == 0 && !peer->has_hung_up) {
        peer->waits_for_input = true;
        suspend(peer);
    }
    return net_peer_take(peer, bytes, capacity);
}

bool net_peer_has_hung_up(const struct net_peer *peer)
{
    return peer->has_hung_up;
}

void net_peer_send(struct net_peer *peer, const void *bytes, size_t count)
{
    net_bytes_append(&peer->output, bytes, count);
}

void net_peer_wait(struct net_peer *peer, uint64_t deadline_ns)
{
    bool has_news = peer->input.count > 0 || peer->has_hung_up;
    peer->waits = !has_news;
    peer->deadline_ns = deadline_ns;
    while (peer->waits && world->now_ns < deadline_ns)
        suspend(peer);
    peer->waits = false;
    peer->deadline_ns = WORLD_NEVER;
}

void net_peer_wake(struct net_peer *peer)
{
    peer->waits = false;
    outside_tell();
}

void net_peer_set_session(struct net_peer *peer, void *session)
{
    peer->session = session;
}

void *net_peer_session(const void *connection)
{
    return ((const struct net_peer *)connection)->session;
}

/* --- life ------------------------------------------------------------------------------------- */

static void peer_body(void *argument)
{
    struct net_peer *peer = argument;
    for (;;) {
        peer->all->serve(peer->all->context, peer);
        peer->has_ended = true;
        suspend(peer);
    }
}

static struct net_peer *make(struct net_peers *all)
{
    struct net_peer *peer = calloc(1, sizeof *peer);
    ASSERT(peer != NULL);
    peer->all = all;
    coroutine_init(&peer->coroutine, peer_body, peer);
    return peer;
}

static void *begin(void *context)
{
    struct net_peers *all = context;
    struct net_peer *peer = all->spare;
    if (peer == NULL)
        peer = make(all);
    else
        all->spare = peer->next;
    peer->deadline_ns = WORLD_NEVER;
    return peer;
}

/* To its end, whatever it waits for: nobody will answer it any more. */
static void end(void *session)
{
    struct net_peer *peer = session;
    struct net_peers *all = peer->all;
    net_peer_hang_up(peer);
    while (!peer->has_ended)
        coroutine_resume(&peer->coroutine);
    peer->input.count = peer->input_taken = 0;
    peer->output.count = peer->output_taken = 0;
    peer->has_hung_up = peer->waits_for_input = peer->waits = peer->has_ended = false;
    peer->session = NULL;
    peer->next = all->spare;
    all->spare = peer;
}

/* --- the client's side ------------------------------------------------------------------------ */

static void sent(void *session, const unsigned char *bytes, size_t count)
{
    struct net_peer *peer = session;
    net_bytes_append(&peer->input, bytes, count);
    peer->waits_for_input = peer->waits = false;
}

static void received(void *session, const unsigned char *bytes, size_t count)
{
    (void)session, (void)bytes, (void)count;
}

static bool owes(const void *session)
{
    const struct net_peer *peer = session;
    return !peer->has_ended && !peer->waits_for_input;
}

void net_peer_hang_up(void *session)
{
    struct net_peer *peer = session;
    peer->has_hung_up = true;
    peer->waits_for_input = peer->waits = false;
}

static const struct net_protocol peer_protocol = {
    .begin = begin,
    .sent = sent,
    .received = received,
    .owes = owes,
    .hang_up = net_peer_hang_up,
    .end = end,
};

ssize_t net_peer_say(struct net_peer *peer, unsigned char *bytes, size_t capacity)
{
    size_t left = peer->output.count - peer->output_taken;
    size_t count = left < capacity ? left : capacity;
    if (count > 0)
        memcpy(bytes, peer->output.bytes + peer->output_taken, count);
    peer->output_taken += count;
    if (count > 0 || peer->has_ended)
        return (ssize_t)count;
    peer->output_taken = peer->output.count = 0;
    errno = EAGAIN;
    return -1;
}

bool net_peer_has_ended(const struct net_peer *peer)
{
    return peer->has_ended;
}

bool net_peer_work(struct outside *line)
{
    struct net_peer *peer = line->connection;
    if (peer->waits && world->now_ns >= peer->deadline_ns)
        peer->waits = false;
    if (owes(peer) && !peer->waits)
        coroutine_resume(&peer->coroutine);
    line->wake_ns = peer->waits ? peer->deadline_ns : WORLD_NEVER;
    return line->arrive(line);
}

/* --- networks --------------------------------------------------------------------------------- */

void net_open_peers(struct net *net, net_serve_fn serve, void *context)
{
    struct net_peers *all = calloc(1, sizeof *all);
    ASSERT(all != NULL);
    *all = (struct net_peers){.serve = serve, .context = context};
    net_open(net, &peer_protocol, all);
    net->peers = all;
}

void net_close_peers(struct net *net)
{
    struct net_peers *all = net->peers;
    net->peers = NULL;
    while (all != NULL && all->spare != NULL) {
        struct net_peer *peer = all->spare;
        all->spare = peer->next;
        coroutine_clean_up(&peer->coroutine);
        net_bytes_clean_up(&peer->input);
        net_bytes_clean_up(&peer->output);
        free(peer);
    }
    free(all);
}
