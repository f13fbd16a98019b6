/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the network (net*.c) share; nobody else includes it. */
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
    bool is_at_end;           /* the other end has closed it */
    bool is_closing;          /* nobody wants to know what still comes */
    bool is_ending;           /* somebody else has made the other end close it */
    bool is_reset;            /* by a fault, which the client sees with its next call */
    int reset_error;          /* as which error */
    bool is_garbled;          /* the client may wait for what nobody is going to say */
    bool trickles;            /* what is left of an answer comes byte by byte */
    uint64_t silent_until_ns; /* until the system gives it up; 0: it is not silent */
    bool is_given_up;         /* by net_end_silence or net_give_up, at once */
    bool never_waits;         /* of a simulated socket: as the client has asked for */
    int watched;              /* a signal that whoever polls the socket polls, too; 0: none */
    bool is_woken_up;         /* by it */
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

/* It leads to a peer (sim/net_peer.h), and there is no descriptor of the system. */
static inline bool net_is_simulated(const struct net_socket *socket)
{
    return socket->line.work != NULL;
}

/* --- what faults make of a connection --------------------------------------------------------- */

/* What was sent has been answered, or is blocked, before anybody goes on. */
void net_settle(struct net_socket *socket);

/* The other end closes it by itself: before anybody goes on its last words, if any, are there. */
void net_expect_end(struct net_socket *socket);
/* The same of the socket of who runs; when it returns they are. */
void net_await_end(struct net_socket *socket);

/*
 * The connection is gone: what was not sent never arrives, what has come is never read. The other
 * end finds out at once, and the client with its next call.
 */
void net_reset(struct net_socket *socket, int error);

/* The same, but to the client it looks as if the other end had closed it in good order. */
void net_drop(struct net_socket *socket);

/* --- faults (net_faults.c) -------------------------------------------------------------------- */

/* What somebody else may ask of the server now, while the socket waits, sends or receives. */
void net_strike_session(struct net_socket *socket);

/* A call that sends, or receives, begins; true: it fails, errno says how. */
bool net_call_fails(struct net_socket *socket, enum fault_kind error);

/* `count` bytes are about to be sent. After which of them, from 1, it is reset; 0: it is not. */
size_t net_cut_request(size_t count);

/* Somebody is about to wait, for an answer or for what nobody owes; true: nothing is heard. */
bool net_is_silent(struct net_socket *socket, bool waits_for_ever);
/* True: it was reset at last; false: the deadline came first. */
bool net_wait_in_silence(struct net_socket *socket, uint64_t deadline_ns);

/* Of the `count` bytes that have come, how many the client gets. */
size_t net_bytes_to_give(struct net_socket *socket, size_t count);
/* They were taken; what goes wrong with them, and how many there are then. */
size_t net_spoil(struct net_socket *socket, unsigned char *bytes, size_t count);

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
