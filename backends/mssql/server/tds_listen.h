/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server on a real port of the loopback address: one thread, a coroutine for each connection.
 * Time is the system's.
 */
#ifndef MSSQL_SERVER_TDS_LISTEN_H
#define MSSQL_SERVER_TDS_LISTEN_H

#include "mssql/server/tds_server.h"

#include <interplay/error.h>

#include <stdint.h>

struct tds_listen_options {
    struct tds_server_options server;
    uint16_t port;           /* 0: any that is free */
    const char *initial_sql; /* is run first; NULL: nothing */
    /* Called once connections are accepted. */
    void (*on_ready)(void *context, uint16_t port);
    void *context;
};

/* Serves until SIGINT or SIGTERM. ERROR_IO: the port is not to be had; ERROR_INPUT: the SQL. */
enum error_code tds_listen(const struct tds_listen_options *options, struct error *error);

#endif
