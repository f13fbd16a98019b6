/* SPDX-License-Identifier: Apache-2.0 */
#include "mssql/mssql_host.h"

#include <interplay/subject.h>

enum { PIECE_BYTES = 16 << 10, BLOCKERS_MAX = 64 };

/* --- one session ------------------------------------------------------------------------------ */

static void say(struct net_peer *peer, struct tds_session *session)
{
    unsigned char piece[PIECE_BYTES];
    size_t count;
    while ((count = tds_session_take(session, piece, sizeof piece)) > 0)
        net_peer_send(peer, piece, count);
}

/* What has come while it was at work. */
static void hear(struct net_peer *peer, struct tds_session *session)
{
    unsigned char piece[PIECE_BYTES];
    size_t count;
    while ((count = net_peer_take(peer, piece, sizeof piece)) > 0)
        tds_session_feed(session, piece, count);
    if (net_peer_has_hung_up(peer))
        tds_session_hang_up(session);
}

static void serve(void *context, struct net_peer *peer)
{
    struct mssql_host *host = context;
    unsigned char piece[PIECE_BYTES];
    struct tds_session *session = tds_session_new(host->server, peer);
    net_peer_set_session(peer, session);
    bool goes_on = true;
    size_t count;
    while (goes_on && (count = net_peer_receive(peer, piece, sizeof piece)) > 0) {
        tds_session_feed(session, piece, count);
        goes_on = tds_session_run(session);
        say(peer, session);
    }
    tds_session_hang_up(session);
    while (goes_on)
        goes_on = tds_session_run(session);
    net_peer_set_session(peer, NULL);
    tds_session_free(session);
}

/* --- what the server asks of its host --------------------------------------------------------- */

static void host_wait(void *server, void *session, enum tds_wait why, uint64_t until_ns)
{
    (void)server;
    struct net_peer *peer = session;
    struct tds_session *own = net_peer_session(peer);
    say(peer, own);
    if (why == TDS_WAIT_ROOM)
        return;
    net_peer_wait(peer, until_ns);
    hear(peer, own);
}

static void host_wake(void *server, void *session)
{
    (void)server;
    net_peer_wake(session);
}

static uint64_t host_now_ns(void *server)
{
    (void)server;
    return world->now_ns;
}

static const struct tds_server_host host_ops = {
    .wait = host_wait,
    .wake = host_wake,
    .now_ns = host_now_ns,
};

/* --- all of them ------------------------------------------------------------------------------ */

void mssql_host_open(struct mssql_host *host)
{
    host->server = tds_server_new(NULL, &host_ops, host);
    net_open_peers(&host->net, serve, host);
}

void mssql_host_close(struct mssql_host *host)
{
    net_close_all(&host->net);
    net_close_peers(&host->net);
    tds_server_free(host->server);
}

void mssql_host_set_back(struct mssql_host *host)
{
    net_close_all(&host->net);
    tds_server_reset(host->server);
    world->net = &host->net;
}

/* --- who is in the way ------------------------------------------------------------------------ */

static uint64_t bit_of(const struct tds_session *session, void *const *connections, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (net_peer_session(connections[i]) == session)
            return UINT64_C(1) << i;
    return SUBJECT_BLOCKED_BY_OTHERS;
}

uint64_t mssql_host_blockers(const void *waiting, void *const *connections, uint32_t count)
{
    struct tds_session *found[BLOCKERS_MAX];
    const struct tds_session *session = net_peer_session(waiting);
    size_t blockers = session == NULL ? 0 : tds_session_blockers(session, found, BLOCKERS_MAX);
    uint64_t who = 0;
    for (size_t i = 0; i < blockers && i < BLOCKERS_MAX; i++)
        who |= bit_of(found[i], connections, count);
    return who;
}
