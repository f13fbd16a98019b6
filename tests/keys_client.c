/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers over lines to the outside. */
#include "keys_client.h"

#include "base/assert.h"

#include <poll.h>
#include <sys/socket.h>

static bool arrive(struct outside *line)
{
    struct keys_session *session = (struct keys_session *)line;
    ssize_t got = recv(line->descriptor, session->answer + session->got,
                       sizeof session->answer - session->got, MSG_DONTWAIT);
    session->is_at_end |= got <= 0;
    session->got += got > 0 ? (size_t)got : 0;
    return session->is_at_end || session->got == sizeof session->answer;
}

uint64_t keys_client_blockers(const struct keys_session *session,
                              const struct keys_session *const *others, uint32_t count)
{
    if (session->is_cancelled)
        return 0;
    uint32_t sessions = keys_server_blockers(session->server, session->number);
    uint64_t who = 0;
    for (uint32_t i = 0; i < count; i++)
        who |= (uint64_t)(sessions >> others[i]->number & 1u) << i;
    return who;
}

void keys_client_open(struct keys_session *session, const struct keys_server *server,
                      uint32_t number)
{
    *session = (struct keys_session){.server = server, .number = number};
    session->line = (struct outside){
        .descriptor = server->sessions[number], .events = POLLIN, .arrive = arrive};
    outside_open(&session->line);
}

void keys_client_close(struct keys_session *session)
{
    outside_close(&session->line);
}

static void send_request(struct keys_session *session, enum keys_request request, uint32_t key)
{
    const unsigned char bytes[KEYS_REQUEST_BYTES] = {(unsigned char)request, (unsigned char)key};
    ssize_t sent = send(session->line.descriptor, bytes, sizeof bytes, MSG_NOSIGNAL);
    ASSERT(sent == sizeof bytes || session->is_at_end);
}

void keys_client_ask(struct keys_session *session, enum keys_request request, uint32_t key)
{
    world_yield(YIELD_backend_call);
    session->got = 0;
    session->is_cancelled = false;
    send_request(session, request, key);
    outside_expect(&session->line);
    world_yield(YIELD_backend_call);
}

bool keys_client_wait(struct keys_session *session, uint64_t deadline_ns)
{
    return world_wait_outside(&session->line, deadline_ns);
}

void keys_client_cancel(struct keys_session *session)
{
    session->is_cancelled = true;
    send_request(session, KEYS_CANCEL, 0);
    outside_tell();
}

unsigned keys_client_take(struct keys_session *session)
{
    outside_take(&session->line);
    if (session->got < sizeof session->answer)
        return 0;
    return (unsigned)session->answer[0] | (unsigned)session->answer[1] << 8 |
           (unsigned)session->answer[2] << 16 | (unsigned)session->answer[3] << 24;
}
