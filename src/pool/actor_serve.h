/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an actor does on its thread: its connection, and one request at a time. All of it is called
 * with the pool's mutex held and gives it up while the backend works or somebody is told.
 */
#ifndef POOL_ACTOR_SERVE_H
#define POOL_ACTOR_SERVE_H

struct actor;
struct request;

/* Opens the connection by which the pool sees whether its target is right. */
void actor_open_first(struct actor *actor);

void actor_close_connection(struct actor *actor);

/* From on_serve to the end of the request. */
void actor_serve(struct actor *actor, struct request *request);

/* Rolls back the transaction that holds the actor and was stopped, and releases the actor. */
void actor_end_txn(struct actor *actor);

#endif
