/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interplay's own TDS server in the simulated world: each of its sessions is a peer of the
 * simulated network (sim/net_peer.h), so that a client and the server are one deterministic run.
 */
#ifndef MSSQL_MSSQL_HOST_H
#define MSSQL_MSSQL_HOST_H

#include "mssql/server/tds_server.h"
#include "sim/net_peer.h"

struct mssql_host {
    struct net net;
    struct tds_server *server;
};

/* In the world that is entered; stays where it is. */
void mssql_host_open(struct mssql_host *host);
void mssql_host_close(struct mssql_host *host);

/* Without connections, tables and rows, and with the network of this world. */
void mssql_host_set_back(struct mssql_host *host);

/*
 * For whom the session waits behind `waiting`: as struct subject_world_ops says of `blockers`, of
 * connections as lines have them.
 */
uint64_t mssql_host_blockers(const void *waiting, void *const *connections, uint32_t count);

#endif
