/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDS 7.4 ([MS-TDS]), the server's side: packets, requests, types, tokens. What is between two
 * token functions is nobody's business but tds_session.c's: it holds back the last DONE until it is
 * known whether more follows.
 */
#ifndef MSSQL_SERVER_WIRE_H
#define MSSQL_SERVER_WIRE_H

#include "mssql/server/engine.h"
#include "mssql/server/wire_bytes.h"

enum wire_packet {
    WIRE_BATCH = 1,
    WIRE_RPC = 3,
    WIRE_RESPONSE = 4,
    WIRE_ATTENTION = 6,
    WIRE_TRANSACTION = 14,
    WIRE_LOGIN = 16,
    WIRE_PRELOGIN = 18,
};

enum wire_status { WIRE_LAST = 1, WIRE_IGNORE = 2, WIRE_RESET = 8 };

enum wire_done { DONE_MORE = 1, DONE_ERROR = 2, DONE_COUNT = 0x10, DONE_ATTENTION = 0x20 };

enum wire_token {
    TOKEN_RETURN_STATUS = 0x79,
    TOKEN_COLUMNS = 0x81,
    TOKEN_ERROR = 0xaa,
    TOKEN_INFO = 0xab,
    TOKEN_RETURN_VALUE = 0xac,
    TOKEN_LOGIN = 0xad,
    TOKEN_ROW = 0xd1,
    TOKEN_ROW_WITHOUT_NULLS = 0xd2, /* NBCROW */
    TOKEN_CHANGE = 0xe3,
    TOKEN_DONE = 0xfd,
    TOKEN_DONE_PROCEDURE = 0xfe,
    TOKEN_DONE_IN_PROCEDURE = 0xff,
};

enum wire_change {
    CHANGE_DATABASE = 1,
    CHANGE_LANGUAGE = 2,
    CHANGE_PACKET_SIZE = 4,
    CHANGE_COLLATION = 7,
    CHANGE_BEGUN = 8,
    CHANGE_COMMITTED = 9,
    CHANGE_ROLLED_BACK = 10,
    CHANGE_RESET = 18,
};

enum {
    WIRE_HEADER_BYTES = 8,
    WIRE_PACKET_LEAST = 512,
    WIRE_PACKET_MOST = 32767,
    WIRE_PACKET_FIRST = 4096,                  /* before login says otherwise */
    WIRE_MESSAGE_BYTES_MAX = 32 * 1024 * 1024, /* a longer request ends the session */
    WIRE_PREPARED_MAX = 4096,
};

/* What sp_prepare has kept. */
struct wire_prepared {
    struct wire_prepared *next;
    int32_t handle;
    char *parameters, *sql; /* parameters: may be NULL */
    size_t parameters_length, sql_length;
};

struct wire_done_held {
    bool is_held;
    uint8_t token;
    uint16_t status, command;
    uint64_t count;
};

struct tds_session {
    struct engine_session *engine;
    void *host_context;
    uint32_t packet_bytes, packet_bytes_next; /* next: from the next response on */
    uint8_t packet_number;
    bool is_logged_in, is_over, is_running, is_in_procedure;
    bool attention; /* has come, and is not acknowledged yet */
    bool is_hung_up;
    struct wire_buffer in;      /* bytes of packets */
    struct wire_buffer message; /* what packets carried so far */
    bool message_is_whole;
    uint8_t message_type, message_status;
    struct wire_buffer body; /* tokens that are in no packet yet */
    struct wire_buffer out;  /* whole packets */
    struct wire_done_held held;
    struct tsql_type *columns; /* of the result that is being sent */
    struct wire_prepared *prepared;
    int32_t handles;
};

/* wire_type.c */
bool wire_get_parameter(struct engine_session *session, struct wire_reader *reader,
                        struct tsql_type *ret_type, struct value *ret_value);
void wire_put_type(struct wire_buffer *buffer, struct tsql_type type);
void wire_put_value(struct wire_buffer *buffer, struct tsql_type type, const struct value *value);
extern const uint8_t wire_collation[5];

/* wire_token.c: each ends with wire_send_full. */
void wire_message(struct tds_session *session, const struct engine_error *message);
void wire_change_text(struct tds_session *session, enum wire_change change, const char *now,
                      const char *before);
void wire_change_transaction(struct tds_session *session, enum wire_change change, uint64_t number);
void wire_change_collation(struct tds_session *session);
void wire_login_ack(struct tds_session *session, uint32_t version);
void wire_columns(struct tds_session *session, const struct tsql_output *columns, uint32_t count);
void wire_row(struct tds_session *session, const struct value *values, uint32_t count);
/* Held back until the next one, or until wire_end, comes. */
void wire_done(struct tds_session *session, uint8_t token, uint16_t status, uint16_t command,
               uint64_t count);
void wire_let_go(struct tds_session *session, bool has_more); /* of the one that is held */
void wire_return_status(struct tds_session *session, int32_t status);
void wire_return_value(struct tds_session *session, uint16_t ordinal, const char *name,
                       struct tsql_type type, const struct value *value);
bool wire_lies(struct tds_session *session, enum tds_lie lie);

/* wire_packet.c */
void wire_send_full(struct tds_session *session); /* whole packets that are there */
void wire_end(struct tds_session *session);       /* the last one of a response */
void wire_take_packets(struct tds_session *session);

/* wire_login.c, wire_request.c, wire_procedure.c: one request each. */
void wire_prelogin(struct tds_session *session);
void wire_login(struct tds_session *session, struct wire_reader *reader);
void wire_batch(struct tds_session *session, struct wire_reader *reader);
void wire_transaction(struct tds_session *session, struct wire_reader *reader);
void wire_procedure(struct tds_session *session, struct wire_reader *reader);
void wire_forget_prepared(struct tds_session *session);
/* The error that was raised, which then is none any more. */
void wire_tell_error(struct tds_session *session);
/* The same as all of an answer. */
void wire_refuse(struct tds_session *session);
/* The stream is not to be understood: error 4002, and the session is over. */
void wire_fail(struct tds_session *session, const char *why);
/* ALL_HEADERS; false: they are wrong, and it was said. */
bool wire_skip_headers(struct tds_session *session, struct wire_reader *reader);

extern const struct engine_client wire_client;

#endif
