/* SPDX-License-Identifier: Apache-2.0 */
/* What net.c and net_kept.c share; nobody else includes it. */
#ifndef SIM_NET_INTERNAL_H
#define SIM_NET_INTERNAL_H

#include "sim/net.h"

#include <sys/un.h>

/* Bytes on the heap; all zero: none. */
struct net_bytes {
    unsigned char *bytes;
    size_t count, room;
};

void net_bytes_append(struct net_bytes *bytes, const void *more, size_t count);
void net_bytes_clean_up(struct net_bytes *bytes);

struct net_socket {
    struct outside line; /* first */
    struct net *net;
    void *session;
    bool is_connected;
    bool is_at_end;   /* the other end has closed it */
    bool is_closing;  /* nobody wants to know what still comes */
    bool is_reset;    /* by a fault, which the client sees with its next call */
    bool never_waits; /* of a simulated socket: as the client has asked for */
    int watched;      /* a signal that whoever polls the socket polls, too; 0: none */
    bool is_woken_up; /* by it */
    struct net_bytes input;
    size_t input_taken;

    /* Of connections that may be kept (net_kept.c): */
    bool is_lazy;               /* it connects to `address` when something is sent */
    bool is_woken;              /* the answer that is owed stands for the greeting */
    bool parts;                 /* the client has said good-bye; the other end was not told */
    struct net_bytes hello;     /* what was sent first */
    struct net_bytes greeting;  /* what came of it */
    struct sockaddr_un address; /* of the other end; a family of 0: not known */
    struct net_socket *next;
};

/* --- kept connections (net_kept.c) ------------------------------------------------------------ */

/* One may be waiting for whoever connects there. */
bool net_has_kept(const struct net *net, const struct sockaddr_un *address);

/*
 * What is sent first: true if a kept connection now is the socket's, and has been told so.
 */
bool net_take_kept(struct net_socket *socket, const void *hello, size_t count);

/*
 * The other end has done with its client, and does not know that it is another one that comes
 * next: from now on the connection is kept.
 */
void net_keep(struct net_socket *socket);

/* Those whose other end has gone, or says something that nobody asked for. */
void net_drop_ended(struct net *net);

/* --- simulated other ends (net_peer.c) ------------------------------------------------------- */

struct net_peer;

/* `work` of the line of a socket whose session is a peer. */
bool net_peer_work(struct outside *line);

/* What it has said: as recv without waiting. */
ssize_t net_peer_say(struct net_peer *peer, unsigned char *bytes, size_t capacity);

bool net_peer_has_ended(const struct net_peer *peer);

/* The client sends no more, and does not listen. */
void net_peer_hang_up(void *peer);

/* --- signals (net_signal.c) ------------------------------------------------------------------ */

/* NULL: no signal has this descriptor. */
struct net_signal *net_find_signal(const struct net *net, int descriptor);
bool net_signal_is_set(const struct net_signal *signal);
void net_close_signals(struct net *net);

/* False: it is none. */
bool net_close_signal(int descriptor);

/* --- what net.c does for others --------------------------------------------------------------- */

/* NULL: it is the system's affair. */
struct net_socket *net_find_socket(const struct net *net, int descriptor);

/* For something that has no descriptor of the system. */
int net_new_descriptor(struct net *net);

bool net_has_input(const struct net_socket *socket);

/* True when there is something to take, or the end; false at the deadline, or when woken up. */
bool net_wait_for_input(struct net_socket *socket, uint64_t deadline_ns);

/* What the system does by itself, and soon. */
bool net_wait_for_system(int descriptor, short events);

#endif
