/* SPDX-License-Identifier: Apache-2.0 */
/* A poll loop: whoever has bytes, a deadline that came, or was woken goes on; then it waits. */
#include "mssql/server/tds_listen.h"

#include "base/assert.h"
#include "sim/coroutine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, READ_BYTES = 16384, OUT_BYTES_MAX = 1 << 20 };

struct connection {
    int socket;
    struct tds_session *session;
    struct coroutine coroutine;
    bool has_ended; /* its coroutine has nothing more to do */
    bool is_due;    /* is to go on */
    bool is_closed; /* by the client, or it is broken */
    bool waits_for_room;
    uint64_t until_ns;
    uint8_t out[READ_BYTES]; /* taken from the session, and not sent yet */
    size_t out_length;
};

struct loop {
    int socket, wake_up; /* wake_up: signals come here */
    struct tds_server *server;
    struct connection *connections[CONNECTIONS_MAX];
    uint32_t count;
};

/* --- what the server asks --------------------------------------------------------------------- */

static uint64_t now_ns(void *loop)
{
    struct timespec now;
    (void)loop;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Who waits for room goes on when the client has taken enough. */
static void look_for_room(struct connection *connection)
{
    if (connection->waits_for_room && tds_session_ready_bytes(connection->session) < OUT_BYTES_MAX)
        connection->is_due = true;
}

static void wait_for(void *loop, void *context, enum tds_wait why, uint64_t until_ns)
{
    struct connection *connection = context;
    (void)loop;
    connection->waits_for_room = why == TDS_WAIT_ROOM;
    connection->until_ns = why == TDS_WAIT_ROOM ? TDS_FOREVER : until_ns;
    connection->is_due = false;
    look_for_room(connection);
    coroutine_suspend(&connection->coroutine);
    connection->waits_for_room = false;
}

static void wake(void *loop, void *context)
{
    (void)loop;
    ((struct connection *)context)->is_due = true;
}

static const struct tds_server_host host = {.wait = wait_for, .wake = wake, .now_ns = now_ns};

/* --- connections ------------------------------------------------------------------------------ */

static void serve(void *argument)
{
    struct connection *connection = argument;
    while (tds_session_run(connection->session)) {
        connection->until_ns = TDS_FOREVER;
        connection->is_due = false;
        coroutine_suspend(&connection->coroutine);
    }
    connection->has_ended = true;
    for (;;)
        coroutine_suspend(&connection->coroutine);
}

static void accept_one(struct loop *loop)
{
    int socket = accept4(loop->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    if (socket < 0)
        return;
    if (loop->count == CONNECTIONS_MAX) {
        close(socket);
        return;
    }
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = calloc(1, sizeof *connection);
    ASSERT(connection != NULL);
    connection->socket = socket;
    connection->until_ns = TDS_FOREVER;
    connection->session = tds_session_new(loop->server, connection);
    coroutine_init(&connection->coroutine, serve, connection);
    loop->connections[loop->count++] = connection;
}

static void receive(struct connection *connection)
{
    uint8_t bytes[READ_BYTES];
    ssize_t count = recv(connection->socket, bytes, sizeof bytes, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count > 0) {
        tds_session_feed(connection->session, bytes, (size_t)count);
    } else {
        connection->is_closed = true;
        tds_session_hang_up(connection->session);
    }
    connection->is_due = true;
}

/* All that there is, as far as the client takes it. */
static void send_all(struct connection *connection)
{
    while (!connection->is_closed) {
        size_t room = sizeof connection->out - connection->out_length;
        connection->out_length +=
            tds_session_take(connection->session, connection->out + connection->out_length, room);
        if (connection->out_length == 0)
            return;
        ssize_t count =
            send(connection->socket, connection->out, connection->out_length, MSG_NOSIGNAL);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (count < 0) {
            connection->is_closed = true;
            tds_session_hang_up(connection->session);
            connection->is_due = true;
            return;
        }
        connection->out_length -= (size_t)count;
        memmove(connection->out, connection->out + count, connection->out_length);
    }
}

static void send_out(struct connection *connection)
{
    send_all(connection);
    look_for_room(connection);
}

static bool has_output(const struct connection *connection)
{
    return !connection->is_closed &&
           (connection->out_length > 0 || tds_session_ready_bytes(connection->session) > 0);
}

static void go_on(struct connection *connection)
{
    if (connection->has_ended || !connection->is_due)
        return;
    coroutine_resume(&connection->coroutine);
    send_out(connection);
}

static void end_connection(struct connection *connection)
{
    coroutine_clean_up(&connection->coroutine);
    tds_session_free(connection->session);
    close(connection->socket);
    free(connection);
}

static void end_finished(struct loop *loop)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < loop->count; i++) {
        struct connection *connection = loop->connections[i];
        if (connection->has_ended && !has_output(connection))
            end_connection(connection);
        else
            loop->connections[kept++] = connection;
    }
    loop->count = kept;
}

/* --- the loop --------------------------------------------------------------------------------- */

static int milliseconds_left(struct loop *loop)
{
    uint64_t now = now_ns(loop), first = TDS_FOREVER;
    for (uint32_t i = 0; i < loop->count; i++) {
        struct connection *connection = loop->connections[i];
        if (!connection->has_ended && connection->until_ns <= now)
            connection->is_due = true;
        if (connection->is_due && !connection->has_ended)
            return 0;
        if (connection->until_ns > now && connection->until_ns < first)
            first = connection->until_ns;
    }
    uint64_t left = first == TDS_FOREVER ? 3600000 : (first - now) / 1000000 + 1;
    return left > 3600000 ? 3600000 : (int)left;
}

static void poll_all(struct loop *loop)
{
    struct pollfd polled[CONNECTIONS_MAX + 2];
    uint32_t count = loop->count;
    for (uint32_t i = 0; i < count; i++) {
        const struct connection *connection = loop->connections[i];
        short events = connection->is_closed ? 0 : POLLIN;
        if (has_output(connection))
            events |= POLLOUT;
        polled[i] = (struct pollfd){connection->is_closed ? -1 : connection->socket, events, 0};
    }
    polled[count] = (struct pollfd){loop->socket, POLLIN, 0};
    polled[count + 1] = (struct pollfd){loop->wake_up, POLLIN, 0};
    if (poll(polled, count + 2, milliseconds_left(loop)) <= 0)
        return;
    for (uint32_t i = 0; i < count; i++) {
        if (polled[i].revents & (POLLIN | POLLHUP | POLLERR))
            receive(loop->connections[i]);
        if (polled[i].revents & POLLOUT)
            send_out(loop->connections[i]);
    }
    if (polled[count].revents & POLLIN)
        accept_one(loop);
}

static volatile sig_atomic_t is_stopped;
static int stop_pipe[2];

static void stop(int number)
{
    (void)number;
    is_stopped = 1;
    ssize_t ignored = write(stop_pipe[1], "", 1);
    (void)ignored;
}

static void run(struct loop *loop)
{
    while (!is_stopped) {
        poll_all(loop);
        for (uint32_t i = 0; i < loop->count; i++)
            go_on(loop->connections[i]);
        end_finished(loop);
    }
    /* Whoever is connected is hung up on, and ends what it is in. */
    for (uint32_t i = 0; i < loop->count; i++)
        tds_session_hang_up(loop->connections[i]->session);
    while (loop->count > 0) {
        for (uint32_t i = 0; i < loop->count; i++) {
            loop->connections[i]->is_due = loop->connections[i]->is_closed = true;
            go_on(loop->connections[i]);
        }
        end_finished(loop);
    }
}

/* --- beginning -------------------------------------------------------------------------------- */

static enum error_code open_port(int *ret_socket, uint16_t *port, struct error *error)
{
    int number = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (number < 0 || bind(number, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(number, CONNECTIONS_MAX) != 0 ||
        getsockname(number, (struct sockaddr *)&address, &length) != 0) {
        int reason = errno;
        if (number >= 0)
            close(number);
        return interplay_error(error, ERROR_IO, "127.0.0.1, port %u: %s", *port, strerror(reason));
    }
    *port = ntohs(address.sin_port);
    *ret_socket = number;
    return ERROR_NONE;
}

static enum error_code run_initial(struct tds_server *server, const char *sql, struct error *error)
{
    struct tds_server_error problem;
    if (sql == NULL || tds_server_execute(server, sql, NULL, NULL, &problem))
        return ERROR_NONE;
    return interplay_error(error, ERROR_INPUT, "error %d: %s", problem.number, problem.message);
}

static void catch_signals(void)
{
    ASSERT(pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) == 0);
    is_stopped = 0;
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

enum error_code tds_listen(const struct tds_listen_options *options, struct error *error)
{
    struct loop loop = {.socket = -1};
    uint16_t port = options->port;
    loop.server = tds_server_new(&options->server, &host, &loop);
    enum error_code failed = run_initial(loop.server, options->initial_sql, error);
    if (failed == ERROR_NONE)
        failed = open_port(&loop.socket, &port, error);
    if (failed == ERROR_NONE) {
        catch_signals();
        loop.wake_up = stop_pipe[0];
        options->on_ready(options->context, port);
        run(&loop);
        close(loop.socket);
        close(stop_pipe[0]);
        close(stop_pipe[1]);
    }
    tds_server_free(loop.server);
    return failed;
}
