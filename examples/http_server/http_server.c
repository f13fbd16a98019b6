/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTP service on the pool with actors, for one machine: http_server [PORT] DATABASE
 *
 *     POST /add?amount=N    GET /total    GET /count?to=N    GET /wait (never ends by itself)
 *
 * One thread serves all connections. While a statement runs, its connection is suspended and its
 * socket watched: a client that hangs up cancels its statement, for real, and the actor serves the
 * next one. Prints where it listens; after SIGINT or SIGTERM it cancels what runs, says what it has
 * done, and exits with 1 if anything was left over.
 */
#include "calls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WATCHED_BEFORE_CALLS = 2, CLOSE_TIMEOUT_MS = 10000 };

static volatile sig_atomic_t is_stopped;

static void stop(int signal)
{
    (void)signal;
    is_stopped = 1;
}

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "http_server: %s: %s\n", what, why);
    exit(2);
}

/* --- the loop --------------------------------------------------------------------------------- */

/* What the service waits for: its own sockets, ends of statements, clients that hang up. */
static nfds_t watch(const struct service *service, int server_fd, struct pollfd *watched,
                    struct call **calls)
{
    nfds_t count = WATCHED_BEFORE_CALLS;
    watched[0] = (struct pollfd){.fd = server_fd, .events = POLLIN};
    watched[1] = (struct pollfd){.fd = service->wake[0], .events = POLLIN};
    for (struct call *call = service->suspended; call != NULL; call = call->next) {
        if (call->is_gone)
            continue; /* it only waits for the end of its statement */
        calls[count - WATCHED_BEFORE_CALLS] = call;
        watched[count++] = (struct pollfd){.fd = call->socket, .events = POLLRDHUP};
    }
    return count;
}

static void wait_and_serve(struct service *service, struct MHD_Daemon *daemon, int server_fd,
                           const sigset_t *open_mask)
{
    struct pollfd watched[WATCHED_BEFORE_CALLS + CALLS_MAX];
    struct call *calls[CALLS_MAX];
    MHD_UNSIGNED_LONG_LONG left_ms;
    nfds_t count = watch(service, server_fd, watched, calls);
    bool has_limit = MHD_get_timeout(daemon, &left_ms) == MHD_YES;
    const struct timespec limit = {.tv_sec = has_limit ? (time_t)(left_ms / 1000) : 0,
                                   .tv_nsec = has_limit ? (long)(left_ms % 1000) * 1000000 : 0};
    if (ppoll(watched, count, has_limit ? &limit : NULL, open_mask) > 0) {
        for (nfds_t i = WATCHED_BEFORE_CALLS; i < count; i++)
            if (watched[i].revents != 0)
                call_hang_up(calls[i - WATCHED_BEFORE_CALLS]);
        calls_wake_up(service);
    }
    (void)MHD_run(daemon);
}

/* Who still waits is told that the service ends. */
static void finish(struct service *service, struct MHD_Daemon *daemon)
{
    for (struct call *call = service->suspended; call != NULL; call = call->next)
        interplay_request_cancel(call->request);
    while (service->suspended != NULL) {
        struct pollfd wake = {.fd = service->wake[0], .events = POLLIN};
        (void)poll(&wake, 1, -1);
        calls_wake_up(service);
    }
    (void)MHD_run(daemon);
    MHD_stop_daemon(daemon);
}

/* --- starting and ending ---------------------------------------------------------------------- */

static void open_pool(struct service *service, const char *database)
{
    struct pool_error error = {.outcome = OUTCOME_OK};
    struct pool_options options = interplay_pool_defaults(&interplay_backend_sqlite, database);
    options.connection.setup = routes_setup;
    options.mailbox = CALLS_MAX; /* so that sending never waits */
    if (interplay_actors_open(&service->pool, &options, &error) != OUTCOME_OK)
        fail(database, error.message);
    if (pipe2(service->wake, O_CLOEXEC) != 0 || fcntl(service->wake[0], F_SETFL, O_NONBLOCK) != 0)
        fail("pipe", "cannot be made");
}

static struct MHD_Daemon *listen_at(struct service *service, uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL, calls_handle, service,
        MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CALLS_MAX, MHD_OPTION_NOTIFY_COMPLETED, calls_completed, service, MHD_OPTION_END);
    if (daemon == NULL)
        fail("HTTP", "cannot listen");
    printf("listening on http://127.0.0.1:%u\n",
           (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    (void)fflush(stdout);
    return daemon;
}

/* True: nothing is left over. */
static bool tell(const struct service *service)
{
    struct pool_view view;
    uint32_t busy = 0;
    interplay_actors_inspect(service->pool, &view);
    for (uint32_t i = 0; i < view.slot_count; i++)
        busy += view.slots[i].state != POOL_SLOT_IDLE && view.slots[i].state != POOL_SLOT_EMPTY;
    printf("%" PRIu64 " replied, %" PRIu64 " refused, %" PRIu64 " hung up, %" PRIu64
           " of them cancelled while their statement waited or ran\n",
           service->replied, service->refused, service->hung_up, service->cancelled);
    printf("%" PRIu64 " statements left, %u of %u connections busy, %" PRIu64 " replaced\n",
           service->left, busy, view.slot_count, view.replaced);
    return service->left == 0 && busy == 0 && view.waiting_readers + view.waiting_writers == 0;
}

static void catch_signals(sigset_t *ret_open_mask)
{
    const struct sigaction action = {.sa_handler = stop};
    sigset_t closed;
    (void)sigemptyset(&closed);
    (void)sigaddset(&closed, SIGINT);
    (void)sigaddset(&closed, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &closed, ret_open_mask); /* but while it waits */
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
    struct service service = {.pool = NULL};
    sigset_t open_mask;
    unsigned long port = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    if (argc < 2 || argc > 3 || port > UINT16_MAX)
        fail("usage", "http_server [PORT] DATABASE");
    catch_signals(&open_mask); /* before there are threads, which are to have it blocked */
    open_pool(&service, argv[argc - 1]);
    struct MHD_Daemon *daemon = listen_at(&service, (uint16_t)port);
    int server_fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    while (!is_stopped)
        wait_and_serve(&service, daemon, server_fd, &open_mask);
    finish(&service, daemon);
    bool is_clean = tell(&service);
    if (interplay_actors_close(service.pool, POOL_CLOSE_WAIT, CLOSE_TIMEOUT_MS) != OUTCOME_OK)
        return 1;
    interplay_actors_free(service.pool);
    return is_clean ? 0 : 1;
}
