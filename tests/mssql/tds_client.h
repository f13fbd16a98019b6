/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of Interplay's own TDS server for its tests, in one thread: what is asked is sent, the
 * session runs on a coroutine until it is done or waits, and the tokens of its answer become a line
 * of words:
 *
 *   columns k:int p:nvarchar | row 1 'one' | done 1
 *
 * Words: columns, row, done N (done: without a count), done-error, done-attention, error N,
 * info N, begun, committed, rolled-back, status N, value N, login.
 */
#ifndef TESTS_MSSQL_TDS_CLIENT_H
#define TESTS_MSSQL_TDS_CLIENT_H

#include "mssql/server/tds_server.h"
#include "sim/coroutine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TDS_CLIENTS_MAX = 8, TDS_ANSWER_BYTES = 1 << 20 };

struct tds_client {
    struct tds_session *session;
    struct coroutine coroutine;
    bool is_woken, has_ended;
    bool is_waiting; /* for a lock or a delay */
    uint64_t until_ns;
    uint64_t transaction; /* as ENVCHANGE told it */
    uint8_t answer[TDS_ANSWER_BYTES];
    size_t answer_bytes;
    char words[65536];
};

struct tds_fixture {
    struct tds_server *server;
    struct tds_client *clients[TDS_CLIENTS_MAX];
    uint32_t count;
    uint64_t now_ns;
    enum tds_lie lie; /* strikes at the next opportunity; TDS_LIE_COUNT: none does */
};

void tds_fixture_begin(struct tds_fixture *fixture, const struct tds_server_options *options);
void tds_fixture_end(struct tds_fixture *fixture);

/* Connects; logs in unless `logs_in` is false. */
struct tds_client *tds_client_new(struct tds_fixture *fixture, bool logs_in);

/* Bytes as a client sends them: a message of this type, cut into packets. */
void tds_client_send(struct tds_client *client, uint8_t type, const void *bytes, size_t length);
void tds_client_send_attention(struct tds_client *client);
/* sp_executesql with int and nvarchar values: `types` has an i or an n for each. */
void tds_client_send_execute(struct tds_client *client, const char *sql, const char *declaration,
                             const char *types, ...);
/* LOGIN7 of this version (as 0x74000004) for a database. */
void tds_client_send_login(struct tds_client *client, uint32_t version, uint32_t packet_bytes,
                           const char *database);

/* Lets everybody go on who can. Words of what this client has been answered since the last time. */
const char *tds_client_answer(struct tds_fixture *fixture, struct tds_client *client);
/* Both at once. */
const char *tds_client_ask(struct tds_fixture *fixture, struct tds_client *client, const char *sql);
/* Time passes; who waited for it goes on. */
void tds_fixture_pass(struct tds_fixture *fixture, uint64_t ms);

#endif
