/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other ends of the simulated network (sim/net.h) that are simulated themselves: a server in this
 * process. Each connection has a peer, which runs on a coroutine of its own, outside of all tasks,
 * whenever a client has said something and nobody else is to go on first. No descriptor, no port
 * and no process is behind it; for the client it is what a server outside is.
 *
 * A peer that waits for input has answered all that was asked. One that waits for something else
 * (net_peer_wait) owes its answer; `blockers` of the world may say for whom it waits, and its
 * client can hang up, or say something that it is to notice, meanwhile.
 */
#ifndef SIM_NET_PEER_H
#define SIM_NET_PEER_H

#include "sim/net.h"

struct net_peer;

/*
 * Serves a client from its connecting until it has hung up, and may end the connection earlier: by
 * returning. Nothing of it is left then. On the peer's coroutine.
 */
typedef void (*net_serve_fn)(void *context, struct net_peer *peer);

/* As net_open; every socket of this network leads to a peer. */
void net_open_peers(struct net *net, net_serve_fn serve, void *context);

/* Frees what net_open_peers keeps; after net_close_all. */
void net_close_peers(struct net *net);

/* --- for `serve` ------------------------------------------------------------------------------ */

/* What the client has sent: waits until there is something. 0: it has hung up. */
size_t net_peer_receive(struct net_peer *peer, void *bytes, size_t capacity);

/* The same without waiting: 0 if there is nothing. */
size_t net_peer_take(struct net_peer *peer, void *bytes, size_t capacity);

bool net_peer_has_hung_up(const struct net_peer *peer);

/* Never waits. */
void net_peer_send(struct net_peer *peer, const void *bytes, size_t count);

/*
 * Waits for something that is not the client's: until net_peer_wake, `deadline_ns` of virtual time,
 * or that the client says something or hangs up.
 */
void net_peer_wait(struct net_peer *peer, uint64_t deadline_ns);

/* Makes another peer's wait end. */
void net_peer_wake(struct net_peer *peer);

/* A pointer of the server's own; NULL at first. */
void net_peer_set_session(struct net_peer *peer, void *session);

/* Of a line's `connection` (sim/outside.h) in a network of peers. */
void *net_peer_session(const void *connection);

#endif
