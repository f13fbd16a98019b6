/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said on a connection to PostgreSQL, as far as one must know to say who owes an answer
 * (the manual, "Frontend/Backend Protocol", "Message Flow" and "Message Formats"; version 3.0,
 * without encryption). Bytes may come in any pieces.
 */
#ifndef POSTGRES_POSTGRES_WIRE_H
#define POSTGRES_POSTGRES_WIRE_H

#include "sim/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POSTGRES_HEAD_BYTES = 48 };

/* One direction: where in a message it is. */
struct postgres_stream {
    unsigned char head[POSTGRES_HEAD_BYTES]; /* of the message: type, length, what is in it */
    uint32_t got;                            /* of it */
    bool has_head;                           /* all of it */
    uint64_t left;                           /* of the message behind that */
    bool is_untyped;                         /* the next message is the first one of a client */
};

struct postgres_wire {
    struct postgres_stream client, server;
    uint32_t pending;          /* answers that the server owes */
    bool was_synced;           /* the last request was Sync, and no text of its own */
    bool awaits_client;        /* in the midst of one: it wants more first */
    bool is_leaving;           /* the client said good-bye, or only wants somebody cancelled */
    bool has_ended;            /* the server has closed it */
    bool has_changed_schema;   /* a command tag says so, or what is asked for may do it by halves */
    bool has_written;          /* in the transaction at hand, parts that were undone included */
    enum net_commit committed; /* what the server has said to be, since somebody asked last */
    bool had_password;         /* it was asked for one, or for something like it */
    char status;     /* of the last ReadyForQuery: 'I', 'T', or 'E' for failed; 0: none yet */
    int32_t process; /* of the session; 0: not known yet */
    int32_t cancels; /* whose statement it wants cancelled: that process; 0: nobody's */
};

void postgres_wire_begin(struct postgres_wire *wire);
void postgres_wire_sent(struct postgres_wire *wire, const unsigned char *bytes, size_t count);
/* 0 bytes: it is closed. */
void postgres_wire_received(struct postgres_wire *wire, const unsigned char *bytes, size_t count);
bool postgres_wire_owes(const struct postgres_wire *wire);

#endif
