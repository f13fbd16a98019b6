/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interplay's own TDS server: speaks TDS 7.4 ([MS-TDS]) and enough T-SQL to test clients with. It
 * is not SQL Server; whoever prints its name prints TDS_SERVER_NAME.
 *
 * A library without sockets, threads or clocks: bytes of a client go in (tds_session_feed), bytes
 * for it come out (tds_session_take). Whoever runs it, the host, gives each session a flow of
 * control of its own (a coroutine), on which tds_session_run does what whole messages ask. Where
 * that cannot go on (a lock, WAITFOR, a packet is full) it calls the host's `wait`, which lets the
 * others run; bytes that come in meanwhile are fed at once, from whatever flow, so that attention
 * is seen. Sessions of one server never run at the same time.
 *
 * Deterministic: the same calls in the same order give the same bytes. Time is what the host says.
 * No byte of a client can do harm: what cannot be understood ends the session with an error token.
 */
#ifndef MSSQL_SERVER_TDS_SERVER_H
#define MSSQL_SERVER_TDS_SERVER_H

#include <interplay/value.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TDS_SERVER_NAME "mssql (Interplay's own TDS server)"

struct tds_server;  /* one database, its tables and its locks */
struct tds_session; /* one connection to it */

/* Why a session waits. */
enum tds_wait {
    TDS_WAIT_LOCK,  /* for others: tds_session_blockers says for whom; `wake` ends it */
    TDS_WAIT_DELAY, /* WAITFOR DELAY */
    TDS_WAIT_ROOM,  /* whole packets are there for the host to take, which it may do later */
};

enum tds_lie {
#define LIE(name, meaning) TDS_LIE_##name,
#include "mssql/server/tds_lies.def"
#undef LIE
    TDS_LIE_COUNT
};

#define TDS_FOREVER UINT64_MAX

/*
 * What the server asks of its host. `server` is the host's pointer of tds_server_new, `session`
 * that of tds_session_new.
 */
struct tds_server_host {
    /*
     * Called on the session's own flow. Returns when `wake` was called for the session, when
     * `until_ns` has come, or when bytes were fed or the client has hung up; returning too early
     * does no harm, the server asks again. TDS_WAIT_ROOM: may return at once.
     */
    void (*wait)(void *server, void *session, enum tds_wait why, uint64_t until_ns);

    /* Makes the `wait` of a session return: what it waited for has happened. Never switches. */
    void (*wake)(void *server, void *session);

    /* Nanoseconds, never going back. NULL: time stands still. */
    uint64_t (*now_ns)(void *server);

    /* Whether this lie strikes here; NULL: an honest server. */
    bool (*lies)(void *server, void *session, enum tds_lie lie);
};

struct tds_server_options {
    const char *database;      /* its name; NULL: interplay */
    uint32_t packet_bytes_max; /* 512 to 32767; 0: 32767 */
    /* As ALTER DATABASE sets them (which is understood, too). */
    bool read_committed_snapshot;
    bool no_snapshot_isolation; /* ALLOW_SNAPSHOT_ISOLATION OFF */
};

/* Does not return NULL. `host` and the texts of `options` (may be NULL) must outlive the server. */
struct tds_server *tds_server_new(const struct tds_server_options *options,
                                  const struct tds_server_host *host, void *context);
/* Its sessions must have been freed. */
void tds_server_free(struct tds_server *server);

/*
 * As after tds_server_new, with what was allocated and compiled kept for the next plan: no table,
 * no row, numbers of sessions and transactions from the beginning. No session may be left.
 */
void tds_server_reset(struct tds_server *server);

/*
 * Runs T-SQL from within, in autocommit, at once: for clean state and for a look at the content.
 * `on_row` (may be NULL) gets each row of each result. False: an error, which stands in `ret_error`
 * (may be NULL) until the next call. It must not have to wait for a lock: that is error 1222.
 */
struct tds_server_error {
    int32_t number;
    uint8_t state, class_;
    const char *message; /* UTF-8 */
};
typedef void (*tds_server_row_fn)(void *context, const struct value *values, uint32_t count);
bool tds_server_execute(struct tds_server *server, const char *sql, tds_server_row_fn on_row,
                        void *context, struct tds_server_error *ret_error);

/* A client has connected. `context` is what `wait` and `wake` get. */
struct tds_session *tds_session_new(struct tds_server *server, void *context);

/* Bytes came from the client; may be called while the session waits. */
void tds_session_feed(struct tds_session *session, const void *bytes, size_t length);

/* The client has closed, or the connection is gone: what runs ends, what is open is rolled back. */
void tds_session_hang_up(struct tds_session *session);

/* On the session's own flow: does all whole messages that were fed. False: it is over, close. */
bool tds_session_run(struct tds_session *session);

/* Bytes for the client, whole packets as far as they are ready: how many of them were taken. */
size_t tds_session_take(struct tds_session *session, void *bytes, size_t capacity_bytes);
size_t tds_session_ready_bytes(const struct tds_session *session);

/* Not while it runs or waits: after tds_session_hang_up and the end of tds_session_run. */
void tds_session_free(struct tds_session *session);

/* For whom a session waits in TDS_WAIT_LOCK: at most `capacity` of them; how many there are. */
size_t tds_session_blockers(const struct tds_session *session, struct tds_session **ret_sessions,
                            size_t capacity);

#endif
