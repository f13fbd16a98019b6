/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network as a client library sees it, when the other end is a server that is a process of its
 * own, or one that is simulated in this process (sim/net_peer.h). The library is compiled from
 * source with its socket calls redirected (sim/net_calls.h): in a world where a network is open
 * each is a yield point, and whoever waits, waits outside (sim/outside.h); everywhere else it is
 * the system's call.
 *
 * A connection is a line to the outside. What is said on it is not known here: a *protocol* reads
 * along, and knows when the other end owes an answer and when that is complete. Until then nothing
 * of it is given to the library, so that it does not matter in how many pieces it came. Waiting
 * ends in virtual time. Whoever waits for an answer that nobody owes waits for ever.
 *
 * A connection that is closed is seen to its end, so that whatever the server does then is done
 * before anybody goes on. Where the protocol knows how to set the other end back to how it was when
 * it was new, that is done instead, and the connection is kept for the next client that begins with
 * the same words: nobody sees a difference, but in time.
 *
 * What goes wrong on the way is the plan's (base/faults.def): net_faults.c.
 */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "sim/net_calls.h"
#include "sim/outside.h"

#include <stdbool.h>
#include <stddef.h>

enum { NET_PARTING_BYTES = 128 };

enum net_crash { NET_SESSION_CRASHES, NET_SERVER_DIES };

enum net_commit { NET_NO_COMMIT, NET_COMMIT_OF_NOTHING, NET_COMMIT_OF_WRITES };

/*
 * What is said on connections. `session` is what `begin` returned for the connection; it is the
 * `connection` of its line, too.
 */
struct net_protocol {
    void *(*begin)(void *context);
    /*
     * The first that is sent, and about to be: its bytes may be changed. NULL: nobody does.
     */
    void (*introduce)(void *session, unsigned char *bytes, size_t count);
    void (*sent)(void *session, const unsigned char *bytes, size_t count);
    /* 0 bytes: the other end has closed the connection. */
    void (*received)(void *session, const unsigned char *bytes, size_t count);
    bool (*owes)(const void *session); /* the other end does: more is to come by itself */
    /*
     * Since it was asked last, the other end has said that a transaction is committed. NULL: nobody
     * listens to that.
     */
    enum net_commit (*committed)(void *session);
    /*
     * The connection is closed while its request is blocked: whoever asked does not wait any more,
     * and the other end is to be told.
     */
    void (*hang_up)(void *session);
    /*
     * The other end is made to end the session, as an administrator would; false: it cannot be
     * told. NULL: nobody can.
     */
    bool (*kill)(void *session);
    /*
     * A process of the server is killed, that of the session or all of them. When it returns the
     * server has recovered, and every session that there was is ending. False: that cannot be done.
     * NULL: it never can.
     */
    bool (*crash)(void *session, enum net_crash crash);
    void (*end)(void *session);

    /* --- NULL, both of them: connections are not kept --- */

    /*
     * What is about to be sent is a good-bye, and the other end can be set back: what is sent in
     * its place, and answered. 0 bytes: it is none, or that cannot be.
     */
    size_t (*part)(void *session, const unsigned char *bytes, size_t count,
                   unsigned char ret_bytes[NET_PARTING_BYTES]);
    /* What is sent, and answered, when another client begins on a kept connection. */
    size_t (*wake)(void *session, unsigned char ret_bytes[NET_PARTING_BYTES]);
};

struct net_socket;
struct net_signal;
struct net_kept;
struct net_peers;

struct net {
    const struct net_protocol *protocol;
    void *context;
    struct net_socket *sockets; /* open ones */
    struct net_kept *kept;
    uint32_t kept_count;
    struct net_signal *signals; /* descriptors that wake up who polls them */
    struct net_peers *peers;    /* the other ends, if they are simulated; NULL: they are outside */
    int descriptors;            /* of simulated things, the last one given out */
};

/* From now on the network of the world that is entered. */
void net_open(struct net *net, const struct net_protocol *protocol, void *context);

/*
 * Closes what is left, as a process that ends does; works, too, when tasks were abandoned in the
 * middle of a call. Outside of all tasks.
 */
void net_close_all(struct net *net);

/* The kept ones, too; it can be used on. */
void net_close_kept(struct net *net);

/*
 * Whoever hears nothing by a fault is told at once that the connection is lost, as time would tell
 * him: nobody who closes what he has is kept waiting for that.
 */
void net_end_silence(void);

/*
 * The task waits no longer for the answer that is owed to it: the connection is lost, as to a
 * client that hears nothing, and the other end is told. False: it does not wait for one. Outside of
 * all tasks.
 */
bool net_give_up(uint32_t task);

/* How many are open. */
uint32_t net_sockets(const struct net *net);

#endif
