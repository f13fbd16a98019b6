/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's connections as the harness watches them: what each is waited for, and who is in whose
 * way, as the server says.
 *
 * Two who wait for the same race once they may go on, inside the server. So whoever waits is
 * stopped (SIGSTOP), and goes on when the server says that he got what he waited for and nobody
 * else is at work: the one first who has waited longest. Where the server is somebody else's nobody
 * can be stopped, and that order is the server's.
 *
 * Behind a pooler a connection has a session of the server for a while only. Which one it is the
 * server says, as each client has a name (application_name) that poolers carry over. Who has none
 * and is not answered, where others have as many as there may be, waits for one of these: as soon
 * as the pooler is asleep it has done what it can.
 *
 * Who is stopped while he looks for a deadlock holds what the server needs to say anything at all.
 * So where it sleeps over a question he goes on until he sleeps again. A server that is only slow
 * does not sleep; whoever went on then would race.
 *
 * A deadlock is nothing that is waited for: the server ends it, and its victim is who closed the
 * circle, since that is who looks for one while the others are stopped.
 */
#ifndef POSTGRES_POSTGRES_WATCH_H
#define POSTGRES_POSTGRES_WATCH_H

#include "postgres/postgres_monitor.h"
#include "postgres/postgres_pooler_process.h"
#include "postgres/postgres_wire.h"

#include "sim/net.h"

enum { POSTGRES_BLOCKERS_MAX = 16, POSTGRES_CLIENT_BYTES = 18 };

/* In a target: the place of the client's name, which is another one for each connection. */
#define POSTGRES_CLIENT_UNNAMED "client-0000000000"

struct postgres_watch;

/* A connection: what its line leads to. */
struct postgres_peer {
    struct postgres_wire wire;
    struct postgres_watch *watch;
    int32_t blockers[POSTGRES_BLOCKERS_MAX]; /* processes, as the server said last; 0: nobody's */
    uint32_t blocker_count;
    uint64_t waits_since; /* a number that grows; 0: it does not wait */
    bool was_asked;       /* since the server was asked */
    bool is_cancelled;    /* its request: it will be answered anyhow */
    bool is_stopped;
    char name[POSTGRES_CLIENT_BYTES]; /* of a client of a pooler; empty: it is none */
    int32_t session; /* the process of the server that works for it; 0: none, or not known */
    struct postgres_peer *next;
};

struct postgres_watch {
    struct postgres_monitor *monitor;
    bool can_stop;                          /* processes of the server */
    struct postgres_pooler_process *pooler; /* NULL: none */
    uint32_t names;                         /* that were given to its clients */
    int sessions;                           /* that its clients have, as the server said last */
    struct postgres_peer *peers;
    uint64_t waits;
    uint32_t silences;       /* how often the server has slept over the question at hand */
    bool was_used;           /* something was asked of the server, since somebody set it back */
    bool has_changed_schema; /* likewise: the schema may be another one */
    /*
     * Kills a process of the server, or all (0), and lets it recover; false: that cannot be done.
     * NULL: it never can.
     */
    bool (*crash)(void *context, pid_t process);
    void *context;
};

/* What the network is opened with; its context is the watch. */
extern const struct net_protocol postgres_protocol;

/* The monitor is there, and the pooler, if any; false: it does not understand. */
bool postgres_watch_open(struct postgres_watch *watch, struct postgres_monitor *monitor,
                         bool can_stop, struct postgres_pooler_process *pooler);

/* The monitor has another connection; likewise. */
bool postgres_watch_reopen(struct postgres_watch *watch);

/* Who waits for whom may be otherwise by now, by something that no connection has asked for. */
void postgres_watch_ask_again(struct postgres_watch *watch);

/* As subject_world_ops.blockers, of peers. */
uint64_t postgres_watch_blockers(struct postgres_watch *watch, struct postgres_peer *waiting,
                                 void *const *others, uint32_t count);

#endif
