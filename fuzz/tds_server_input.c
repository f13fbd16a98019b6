/* SPDX-License-Identifier: Apache-2.0 */
/* A record of the input: who, what, and bytes that say more of it. */
#include "tds_server_input.h"

#include "base/assert.h"
#include "base/hash.h"
#include "mssql/server/tds_server.h"
#include "sim/coroutine.h"

#include <stdbool.h>
#include <string.h>

enum { CLIENTS = 3, STEPS_MAX = 64, WAITS_MAX = 2000, MESSAGE_BYTES = 4096 };

struct client {
    struct tds_session *session;
    struct coroutine coroutine;
    bool has_ended, is_woken;
    uint32_t waits; /* of the request that runs */
};

struct input {
    const uint8_t *next, *end;
    struct tds_server *server;
    struct client clients[CLIENTS];
    uint64_t now_ns;
    uint64_t hash;   /* of the answers */
    uint32_t lie_in; /* opportunities until one strikes; 0: none does */
};

static uint8_t take(struct input *input)
{
    return input->next < input->end ? *input->next++ : 0;
}

/* --- the host --------------------------------------------------------------------------------- */

/* Who waits too often is cut off: a request must end then. */
static void wait_for(void *context, void *of_session, enum tds_wait why, uint64_t until_ns)
{
    struct client *client = of_session;
    struct input *input = *(struct input **)context;
    if (++client->waits > WAITS_MAX)
        tds_session_hang_up(client->session);
    else if (why == TDS_WAIT_LOCK && until_ns == TDS_FOREVER)
        coroutine_suspend(&client->coroutine);
    else if (why != TDS_WAIT_ROOM)
        input->now_ns = until_ns;
    ASSERT(client->waits < WAITS_MAX * 2);
}

static void wake(void *context, void *of_session)
{
    (void)context;
    ((struct client *)of_session)->is_woken = true;
}

static uint64_t now_ns(void *context)
{
    return (*(struct input **)context)->now_ns;
}

static bool lies(void *context, void *of_session, enum tds_lie lie)
{
    struct input *input = *(struct input **)context;
    (void)of_session;
    (void)lie;
    return input->lie_in > 0 && --input->lie_in == 0;
}

static const struct tds_server_host host = {wait_for, wake, now_ns, lies};

/* --- answers ---------------------------------------------------------------------------------- */

static void check_answer(struct input *input, struct client *client)
{
    static uint8_t bytes[1 << 16];
    while (tds_session_ready_bytes(client->session) > 0) {
        uint8_t header[8];
        ASSERT(tds_session_take(client->session, header, sizeof header) == sizeof header);
        size_t size = (size_t)header[2] << 8 | header[3];
        ASSERT(header[0] == 4 && size > sizeof header);
        size -= sizeof header;
        ASSERT(tds_session_take(client->session, bytes, size) == size);
        input->hash = hash_bytes(input->hash, bytes, size);
    }
}

static void serve(void *argument)
{
    struct client *client = argument;
    for (;;) {
        client->waits = 0;
        client->has_ended |= !tds_session_run(client->session);
        coroutine_suspend(&client->coroutine);
    }
}

static void run_all(struct input *input)
{
    for (bool any = true; any;) {
        any = false;
        for (uint32_t i = 0; i < CLIENTS; i++) {
            struct client *client = &input->clients[i];
            if (client->has_ended || !client->is_woken)
                continue;
            client->is_woken = false;
            any = true;
            coroutine_resume(&client->coroutine);
            check_answer(input, client);
        }
    }
}

/* --- requests --------------------------------------------------------------------------------- */

static const char *const pieces[] = {
    "SELECT ",
    "* ",
    "FROM ",
    "t ",
    "k",
    ", ",
    "v ",
    "WHERE ",
    "= ",
    "1",
    "2 ",
    "5 ",
    "AND ",
    "OR ",
    "NOT ",
    "IN (",
    ")",
    "(",
    "BETWEEN ",
    "LIKE N'%a_[b-d]' ",
    "N'text' ",
    "NULL ",
    "IS ",
    "ORDER BY ",
    "DESC ",
    "TOP ",
    "GROUP BY ",
    "HAVING ",
    "COUNT(*) ",
    "SUM(",
    "CASE WHEN ",
    "THEN ",
    "ELSE ",
    "END ",
    "JOIN ",
    "LEFT JOIN ",
    "ON ",
    "AS a ",
    "t AS b ",
    "UNION ALL ",
    "OFFSET 1 ROWS ",
    "FETCH NEXT 1 ROWS ONLY ",
    "+ ",
    "- ",
    "* 3 ",
    "/ 0 ",
    "% ",
    "CAST(",
    "AS int) ",
    "@a ",
    "@@ROWCOUNT ",
    "XACT_STATE() ",
    "EXISTS (SELECT 1) ",
    "0x1234 ",
    "1.5 ",
    "9223372036854775807 ",
    "; ",
    "[k] ",
    "REPLICATE(N'x', 900) ",
    "WITH (UPDLOCK, HOLDLOCK) ",
    "DISTINCT ",
};

static const char *const statements[] = {
    "SELECT * FROM t ",
    "INSERT INTO t VALUES (3, 3, N'three') ",
    "INSERT INTO t (k) SELECT v FROM t ",
    "UPDATE t SET v = v + 1 WHERE k = 1 ",
    "UPDATE t SET k = k + 1 ",
    "UPDATE t SET v = 1 OUTPUT inserted.k, deleted.* ",
    "DELETE FROM t WHERE k > 2 ",
    "DELETE a FROM t a JOIN t b ON a.k = b.k ",
    "BEGIN TRAN ",
    "COMMIT ",
    "ROLLBACK ",
    "SAVE TRAN s ",
    "ROLLBACK TRAN s ",
    "SET XACT_ABORT ON ",
    "SET LOCK_TIMEOUT 10 ",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE ",
    "SET TRANSACTION ISOLATION LEVEL SNAPSHOT ",
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ ",
    "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED ",
    "BEGIN TRY SELECT 1 / 0 END TRY BEGIN CATCH SELECT ERROR_MESSAGE() END CATCH ",
    "DECLARE @a int = 4 WHILE @a > 0 SET @a = @a - 1 ",
    "IF EXISTS (SELECT 1 FROM t) SELECT k FROM t ELSE DELETE FROM t ",
    "DROP TABLE t ",
    "CREATE TABLE t (k int PRIMARY KEY, v bigint, p nvarchar(10)) ",
    "CREATE UNIQUE INDEX i ON t (v) ",
    "ALTER TABLE t ADD x AS (v + 1) ",
    "ALTER TABLE t DROP COLUMN x ",
    "TRUNCATE TABLE t ",
    "WAITFOR DELAY '0:0:1' ",
    "RAISERROR(N'own', 16, 1) ",
};

struct message {
    uint8_t bytes[MESSAGE_BYTES];
    size_t length;
};

static void put(struct message *message, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes && message->length < MESSAGE_BYTES; i++)
        message->bytes[message->length++] = (uint8_t)(number >> (8 * i));
}

static void put_text(struct message *message, const char *text)
{
    for (; *text != 0; text++)
        put(message, (uint8_t)*text, 2);
}

/* Whole statements, or those with pieces of others between them. */
static void put_sql(struct input *input, struct message *message)
{
    uint8_t how = take(input);
    bool is_whole = how % 4 > 0;
    for (uint8_t left = is_whole ? how / 4 % 4 + 1 : how / 4 % 16; left > 0; left--) {
        uint8_t which = take(input);
        if (is_whole || which < 128)
            put_text(message, statements[which % (sizeof statements / sizeof *statements)]);
        else
            put_text(message, pieces[which % (sizeof pieces / sizeof *pieces)]);
    }
}

static void put_raw(struct input *input, struct message *message)
{
    for (uint8_t left = take(input) % 40; left > 0; left--)
        put(message, take(input), 1);
}

static void put_headers(struct message *message)
{
    put(message, 22, 4);
    put(message, 18, 4);
    put(message, 2, 2);
    put(message, 0, 8);
    put(message, 1, 4);
}

static void put_nvarchar(struct input *input, struct message *message)
{
    put(message, 0xe700, 3);
    put(message, 8000, 2);
    put(message, 0, 5);
    size_t at = message->length;
    put(message, 0, 2);
    put_sql(input, message);
    if (at + 2 <= MESSAGE_BYTES) {
        message->bytes[at] = (uint8_t)(message->length - at - 2);
        message->bytes[at + 1] = (uint8_t)((message->length - at - 2) >> 8);
    }
}

static void put_login(struct message *message)
{
    put(message, 94, 4);
    put(message, 0x74000004, 4);
    put(message, 512, 4);
    while (message->length < 94)
        put(message, 0, 1);
}

static void send_message(struct client *client, uint8_t type, uint8_t status,
                         const struct message *message)
{
    size_t size = message->length + 8;
    uint8_t header[8] = {type, status, (uint8_t)(size >> 8), (uint8_t)size};
    tds_session_feed(client->session, header, sizeof header);
    tds_session_feed(client->session, message->bytes, message->length);
    client->is_woken = true;
}

static void damage(struct input *input, struct message *message)
{
    uint8_t how = take(input);
    if (how % 4 > 0)
        return;
    for (uint8_t left = how / 4 % 4; left > 0 && message->length > 0; left--) {
        size_t at = (size_t)(take(input) | take(input) << 8) % message->length;
        message->bytes[at] = take(input);
    }
    if (how / 16 % 4 == 0)
        message->length = message->length * take(input) / 256;
}

enum {
    DO_BATCH,
    DO_BATCH_TOO,
    DO_EXECUTE,
    DO_PROCEDURE,
    DO_MANAGER,
    DO_ATTENTION,
    DO_RAW,
    DO_CUT,
    DO_LIE,
    DO_MESSAGE,
    DO_COUNT
};

static void do_procedure(struct input *input, struct client *client, bool is_execute)
{
    struct message message = {.length = 0};
    put_headers(&message);
    put(&message, 0xffff, 2);
    put(&message, is_execute ? 10u : 9u + take(input) % 8, 2);
    put(&message, 0, 2);
    if (is_execute)
        put_nvarchar(input, &message);
    put_raw(input, &message);
    damage(input, &message);
    send_message(client, 3, 1, &message);
}

static void do_step(struct input *input, struct client *client, uint8_t what)
{
    struct message message = {.length = 0};
    switch (what) {
    case DO_BATCH:
    case DO_BATCH_TOO:
        put_headers(&message);
        put_sql(input, &message);
        if (what == DO_BATCH_TOO)
            damage(input, &message);
        send_message(client, 1, 1, &message);
        return;
    case DO_EXECUTE:
    case DO_PROCEDURE:
        do_procedure(input, client, what == DO_EXECUTE);
        return;
    case DO_MANAGER:
        put_headers(&message);
        put(&message, 5u + take(input) % 5, 2);
        put_raw(input, &message);
        send_message(client, 14, 1, &message);
        return;
    case DO_ATTENTION:
        send_message(client, 6, 1, &message);
        return;
    case DO_CUT:
        tds_session_hang_up(client->session);
        client->is_woken = true;
        return;
    case DO_LIE:
        input->lie_in = take(input);
        return;
    case DO_MESSAGE:
        put_raw(input, &message);
        send_message(client, take(input), take(input), &message);
        return;
    default:
        put_raw(input, &message);
        tds_session_feed(client->session, message.bytes, message.length);
        client->is_woken = true;
    }
}

/* --- all of it -------------------------------------------------------------------------------- */

static void connect(struct input *input, struct client *client)
{
    struct message login = {.length = 0};
    if (client->session != NULL)
        tds_session_free(client->session);
    client->has_ended = false;
    client->session = tds_session_new(input->server, client);
    put_login(&login);
    send_message(client, 16, 1, &login);
}

static void begin(struct input *input)
{
    static struct input *at_hand; /* what the server, which is always the same one, refers to */
    static struct tds_server *server;
    at_hand = input;
    if (server == NULL)
        server = tds_server_new(NULL, &host, &at_hand);
    else
        tds_server_reset(server);
    input->server = server;
    tds_server_execute(input->server,
                       "CREATE TABLE t (k int PRIMARY KEY, v bigint, p nvarchar(10)); "
                       "INSERT INTO t VALUES (1, 10, N'one'), (2, 20, NULL)",
                       NULL, NULL, NULL);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        struct client *client = &input->clients[i];
        connect(input, client);
        coroutine_init(&client->coroutine, serve, client);
    }
    run_all(input);
}

static void end(struct input *input)
{
    for (uint32_t i = 0; i < CLIENTS; i++) {
        tds_session_hang_up(input->clients[i].session);
        input->clients[i].is_woken = true;
    }
    run_all(input);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        ASSERT(input->clients[i].has_ended);
        coroutine_clean_up(&input->clients[i].coroutine);
        tds_session_free(input->clients[i].session);
    }
}

uint64_t tds_server_input_run(const uint8_t *bytes, size_t size)
{
    struct input input = {.next = bytes, .end = bytes + size};
    begin(&input);
    for (uint32_t step = 0; step < STEPS_MAX && input.next < input.end; step++) {
        struct client *client = &input.clients[take(&input) % CLIENTS];
        uint8_t what = take(&input) % (DO_COUNT + 6); /* batches are most of it */
        if (client->has_ended)
            connect(&input, client);
        do_step(&input, client, what < DO_COUNT ? what : DO_BATCH);
        run_all(&input);
    }
    end(&input);
    return input.hash;
}
