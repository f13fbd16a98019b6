/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_watch.h"

#include "base/assert.h"
#include "base/text.h"
#include "postgres/postgres_process.h"
#include "postgres/postgres_server.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ASKED_BYTES = 1024,
    GONE_LIMIT_MS = 10 * 1000,
    NUDGE_LIMIT_MS = 20,
    /* Of the server's silences: until when those are left alone who have got what they wait for. */
    PATIENT_SILENCES = 10,
    SILENCES_MAX = 50,
};

/* Who asks may be waited for, too, as long as he asks: an index is made beside old snapshots. */
static const char question[] =
    "SELECT p, array_to_string(array_remove(pg_blocking_pids(p) || "
    "pg_safe_snapshot_blocking_pids(p), pg_backend_pid()), ' ') FROM unnest($1::int[]) AS p";

/*
 * The same of all sessions in the database, and which client each works for: behind a pooler. One
 * that is idle works for the last one still, if that keeps it as long as it is connected.
 */
static const char question_of_sessions[] =
    "SELECT pid, application_name, array_to_string(array_remove(pg_blocking_pids(pid) || "
    "pg_safe_snapshot_blocking_pids(pid), pg_backend_pid()), ' ') FROM pg_stat_activity "
    "WHERE datname = current_database() AND backend_type = 'client backend' "
    "AND pid <> pg_backend_pid() AND (state <> 'idle' OR $1 = 'kept')";

/* The process of the server that works for it; 0: none. */
static int32_t process_of(const struct postgres_peer *peer)
{
    return peer->name[0] == '\0' ? peer->wire.process : peer->session;
}

/* --- who is stopped -------------------------------------------------------------------------- */

static void stop(struct postgres_peer *peer)
{
    if (peer->is_stopped || !peer->watch->can_stop || process_of(peer) == 0)
        return;
    peer->is_stopped = kill(process_of(peer), SIGSTOP) == 0;
}

static void let_go(struct postgres_peer *peer)
{
    if (peer->is_stopped)
        (void)kill(process_of(peer), SIGCONT);
    peer->is_stopped = false;
}

static void let_all_go(struct postgres_watch *watch)
{
    for (struct postgres_peer *peer = watch->peers; peer != NULL; peer = peer->next)
        let_go(peer);
}

/* It goes on until it waits again, for what it has waited for before. */
static void nudge(struct postgres_peer *peer)
{
    let_go(peer);
    for (int waited_ms = 0; waited_ms < NUDGE_LIMIT_MS; waited_ms++) {
        (void)usleep(1000);
        if (postgres_process_sleeps(process_of(peer)))
            break;
    }
    stop(peer);
}

/* It sleeps before it has answered: somebody must go on. */
static bool waits_for_somebody(const PGconn *server)
{
    struct pollfd answer = {.fd = PQsocket(server), .events = POLLIN};
    return postgres_process_sleeps(PQbackendPID(server)) && poll(&answer, 1, 0) == 0;
}

static void on_silence(void *context)
{
    struct postgres_watch *watch = context;
    if (!waits_for_somebody(watch->monitor->pg))
        return;
    if (++watch->silences > SILENCES_MAX) {
        let_all_go(watch);
        return;
    }
    if (watch->silences > PATIENT_SILENCES && watch->can_stop)
        postgres_server_nudge_writer();
    for (struct postgres_peer *peer = watch->peers; peer != NULL; peer = peer->next)
        if (peer->is_stopped && (peer->blocker_count > 0 || watch->silences > PATIENT_SILENCES))
            nudge(peer);
}

/* --- connections ----------------------------------------------------------------------------- */

bool postgres_watch_open(struct postgres_watch *watch, struct postgres_monitor *monitor,
                         bool can_stop, struct postgres_pooler_process *pooler)
{
    uint32_t names = watch->names; /* go on: sessions of before may still be there */
    *watch = (struct postgres_watch){
        .monitor = monitor, .can_stop = can_stop, .pooler = pooler, .names = names};
    monitor->on_silence = on_silence;
    monitor->context = watch;
    return postgres_watch_reopen(watch);
}

bool postgres_watch_reopen(struct postgres_watch *watch)
{
    return postgres_monitor_prepare(watch->monitor, "blocked",
                                    watch->pooler == NULL ? question : question_of_sessions);
}

static void *begin(void *context)
{
    struct postgres_watch *watch = context;
    struct postgres_peer *peer = calloc(1, sizeof *peer);
    ASSERT(peer != NULL);
    peer->watch = watch;
    postgres_wire_begin(&peer->wire);
    peer->next = watch->peers;
    watch->peers = peer;
    return peer;
}

/* A client of a pooler gets a name of its own. */
static void introduce(void *session, unsigned char *bytes, size_t count)
{
    static const char unnamed[] = POSTGRES_CLIENT_UNNAMED;
    struct postgres_peer *peer = session;
    char *place = memmem(bytes, count, unnamed, sizeof unnamed);
    if (place == NULL)
        return;
    (void)snprintf(peer->name, sizeof peer->name, "client-%010u", (unsigned)++peer->watch->names);
    memcpy(place, peer->name, sizeof peer->name);
}

static void end(void *session)
{
    struct postgres_peer *peer = session, **link = &peer->watch->peers;
    let_go(peer);
    while (*link != peer)
        link = &(*link)->next;
    *link = peer->next;
    free(peer);
}

static struct postgres_peer *find(const struct postgres_watch *watch, int32_t process)
{
    struct postgres_peer *found = watch->peers;
    while (found != NULL && (process == 0 || process_of(found) != process))
        found = found->next;
    return found;
}

/* By what it was told to name when it wants something cancelled. */
static struct postgres_peer *find_told(const struct postgres_watch *watch, int32_t process)
{
    struct postgres_peer *found = watch->peers;
    while (found != NULL && (process == 0 || found->wire.process != process))
        found = found->next;
    return found;
}

static struct postgres_peer *find_named(const struct postgres_watch *watch, const char *name)
{
    struct postgres_peer *found = watch->peers;
    while (found != NULL && (*name == '\0' || strcmp(found->name, name) != 0))
        found = found->next;
    return found;
}

static bool owes(const void *session)
{
    return postgres_wire_owes(&((const struct postgres_peer *)session)->wire);
}

/* --- what the server says --------------------------------------------------------------------- */

static void take_blockers(struct postgres_peer *peer, const char *said)
{
    peer->blocker_count = 0;
    while (*said != '\0' && peer->blocker_count < POSTGRES_BLOCKERS_MAX) {
        char *end_of_number;
        peer->blockers[peer->blocker_count++] = (int32_t)strtol(said, &end_of_number, 10);
        if (end_of_number == said)
            return;
        said = end_of_number;
    }
}

static bool append_asked(struct postgres_watch *watch, struct text *text)
{
    text_append(text, "{");
    for (struct postgres_peer *peer = watch->peers; peer != NULL; peer = peer->next) {
        peer->was_asked = false;
        if (peer->wire.process == 0 || !owes(peer)) {
            peer->blocker_count = 0;
            continue;
        }
        text_append(text, text->length > 1 ? "," : "");
        text_append_number(text, peer->wire.process);
    }
    text_append(text, "}");
    return text->length > 2 && !text->truncated;
}

/* About all at once. */
static void ask_about_processes(struct postgres_watch *watch)
{
    char buffer[ASKED_BYTES];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    if (!append_asked(watch, &text))
        return;
    PGresult *rows = postgres_monitor_ask_prepared(watch->monitor, "blocked", buffer);
    for (struct postgres_peer *peer = watch->peers; rows == NULL && peer != NULL; peer = peer->next)
        peer->blocker_count = 0; /* the server is gone */
    for (int row = 0; rows != NULL && row < PQntuples(rows); row++) {
        struct postgres_peer *peer = find(watch, (int32_t)atoi(PQgetvalue(rows, row, 0)));
        if (peer != NULL)
            take_blockers(peer, PQgetvalue(rows, row, 1));
    }
    PQclear(rows);
}

static void take_session(struct postgres_watch *watch, int32_t process, const char *name,
                         const char *blockers)
{
    struct postgres_peer *peer = find_named(watch, name);
    if (peer != NULL)
        peer->session = process;
    else
        peer = find(watch, process);
    if (peer != NULL)
        take_blockers(peer, blockers);
}

static void forget_sessions(struct postgres_watch *watch)
{
    for (struct postgres_peer *peer = watch->peers; peer != NULL; peer = peer->next) {
        peer->was_asked = false;
        peer->blocker_count = 0;
        if (!peer->is_stopped)
            peer->session = 0;
    }
}

static void ask_about_sessions(struct postgres_watch *watch)
{
    bool keeps = watch->pooler->pooler->keeps_session;
    PGresult *rows = postgres_monitor_ask_prepared(watch->monitor, "blocked", keeps ? "kept" : "");
    forget_sessions(watch);
    for (int row = 0; rows != NULL && row < PQntuples(rows); row++)
        take_session(watch, (int32_t)atoi(PQgetvalue(rows, row, 0)), PQgetvalue(rows, row, 1),
                     PQgetvalue(rows, row, 2));
    PQclear(rows);
    watch->sessions = 0;
    for (struct postgres_peer *peer = watch->peers; peer != NULL; peer = peer->next)
        watch->sessions += peer->session != 0;
}

static void ask_server(struct postgres_watch *watch)
{
    watch->silences = 0;
    if (watch->pooler == NULL)
        ask_about_processes(watch);
    else
        ask_about_sessions(watch);
}

/* --- what is said ----------------------------------------------------------------------------- */

static enum net_commit committed(void *session)
{
    struct postgres_wire *wire = &((struct postgres_peer *)session)->wire;
    enum net_commit heard = wire->committed;
    wire->committed = NET_NO_COMMIT;
    return heard;
}

static void will_be_answered(struct postgres_peer *peer)
{
    peer->is_cancelled = true;
    let_go(peer);
}

static void sent(void *session, const unsigned char *bytes, size_t count)
{
    struct postgres_peer *peer = session;
    peer->was_asked = true; /* what is known of it is old */
    peer->watch->was_used = true;
    postgres_wire_sent(&peer->wire, bytes, count);
    struct postgres_peer *cancelled = find_told(peer->watch, peer->wire.cancels);
    if (cancelled != NULL && owes(cancelled))
        will_be_answered(cancelled);
}

/*
 * A pooler closes a client's connection, and tells the server something: what that does is done
 * before anybody goes on.
 */
static void see_session_off(struct postgres_peer *peer)
{
    let_go(peer);
    for (int waited_ms = 0; waited_ms < GONE_LIMIT_MS; waited_ms++) {
        ask_server(peer->watch);
        if (peer->session == 0)
            return;
        (void)usleep(1000);
    }
    world_meet_limit("time that a session takes whose client has left a pooler (10 s)");
}

static void received(void *session, const unsigned char *bytes, size_t count)
{
    struct postgres_peer *peer = session;
    postgres_wire_received(&peer->wire, bytes, count);
    if (count == 0 && peer->name[0] != '\0')
        see_session_off(peer);
    peer->watch->has_changed_schema |= peer->wire.has_changed_schema;
    if (owes(peer))
        return;
    peer->is_cancelled = false;
    peer->waits_since = peer->blocker_count = 0;
}

static bool terminate(void *session)
{
    struct postgres_peer *peer = session;
    char process[16];
    if (peer->name[0] != '\0')
        ask_server(peer->watch);
    if (process_of(peer) == 0)
        return false;
    (void)snprintf(process, sizeof process, "%d", (int)process_of(peer));
    will_be_answered(peer);
    PGresult *rows =
        postgres_monitor_ask(peer->watch->monitor, "SELECT pg_terminate_backend($1::int)", process);
    PQclear(rows);
    return rows != NULL;
}

static void hang_up(void *session)
{
    (void)terminate(session);
}

/* Somebody's server is left alone. */
static bool kill_session(void *session)
{
    return ((const struct postgres_peer *)session)->watch->can_stop && terminate(session);
}

/* Of the sessions none is left. */
static bool crash(void *session, enum net_crash crash)
{
    struct postgres_watch *watch = ((struct postgres_peer *)session)->watch;
    pid_t process = process_of(session);
    if (watch->crash == NULL || process == 0 ||
        !watch->crash(watch->context, crash == NET_SERVER_DIES ? 0 : process))
        return false;
    for (struct postgres_peer *peer = watch->peers; peer != NULL; peer = peer->next) {
        peer->is_stopped = false;
        peer->waits_since = peer->blocker_count = 0;
    }
    return true;
}

/* --- sessions that are kept ------------------------------------------------------------------- */

/* The manual, "DISCARD": as if the client had left and another one come. */
static size_t part(void *session, const unsigned char *bytes, size_t count,
                   unsigned char ret_bytes[NET_PARTING_BYTES])
{
    static const char terminate[] = "X\0\0\0\4";
    static const char roll_back[] = "Q\0\0\0\x0dROLLBACK";
    static const char discard[] = "Q\0\0\0\x10"
                                  "DISCARD ALL";
    const struct postgres_wire *wire = &((const struct postgres_peer *)session)->wire;
    bool is_good_bye = count == sizeof terminate - 1 && memcmp(bytes, terminate, count) == 0;
    bool is_behind = ((const struct postgres_peer *)session)->watch->pooler != NULL;
    if (!is_good_bye || is_behind || wire->process == 0 || wire->had_password ||
        wire->status == 0 || wire->pending > 0)
        return 0;
    size_t length = 0;
    if (wire->status != 'I') {
        memcpy(ret_bytes, roll_back, sizeof roll_back);
        length = sizeof roll_back;
    }
    memcpy(ret_bytes + length, discard, sizeof discard);
    return length + sizeof discard;
}

static size_t wake(void *session, unsigned char ret_bytes[NET_PARTING_BYTES])
{
    static const char sync[] = "S\0\0\0\4";
    (void)session;
    memcpy(ret_bytes, sync, sizeof sync - 1);
    return sizeof sync - 1;
}

const struct net_protocol postgres_protocol = {
    .begin = begin,
    .introduce = introduce,
    .sent = sent,
    .received = received,
    .owes = owes,
    .committed = committed,
    .hang_up = hang_up,
    .kill = kill_session,
    .crash = crash,
    .end = end,
    .part = part,
    .wake = wake,
};

/* --- who is in whose way ---------------------------------------------------------------------- */

/* Whether it waits for itself, by way of others. */
static bool leads_to(const struct postgres_peer *from, const struct postgres_peer *to, int depth)
{
    for (uint32_t i = 0; depth > 0 && i < from->blocker_count; i++) {
        const struct postgres_peer *next = find(from->watch, from->blockers[i]);
        if (next == to || (next != NULL && leads_to(next, to, depth - 1)))
            return true;
    }
    return false;
}

/* For a session of the server, which other clients of the pooler have. */
static bool waits_for_session(const struct postgres_peer *peer)
{
    const struct postgres_watch *watch = peer->watch;
    return peer->name[0] != '\0' && peer->session == 0 &&
           watch->sessions >= postgres_pooler_sessions(watch->pooler->pooler) &&
           postgres_process_sleeps(watch->pooler->process);
}

static bool is_blocked(const struct postgres_peer *peer)
{
    bool waits_for_lock = peer->blocker_count > 0 && !leads_to(peer, peer, 8);
    return !peer->is_cancelled && (waits_for_lock || waits_for_session(peer));
}

/* It is about to be answered, or to be blocked. */
static bool is_at_work(const struct postgres_peer *peer)
{
    return owes(peer) && !peer->is_stopped && !is_blocked(peer);
}

/* Of those who got what they waited for: the one who has waited longest, once nobody is at work. */
static void let_the_next_go(struct postgres_watch *watch)
{
    struct postgres_peer *next = NULL;
    for (struct postgres_peer *peer = watch->peers; peer != NULL; peer = peer->next) {
        if (is_at_work(peer))
            return;
        bool got_it = peer->is_stopped && peer->blocker_count == 0;
        if (got_it && (next == NULL || peer->waits_since < next->waits_since))
            next = peer;
    }
    if (next == NULL)
        return;
    let_go(next);
    next->waits_since = 0;
}

/* A transaction that was prepared and waits for its second phase is process 0's. */
static uint64_t name_blocker(int32_t process, void *const *others, uint32_t count)
{
    for (uint32_t i = 0; process != 0 && i < count; i++)
        if (process_of(others[i]) == process)
            return UINT64_C(1) << i;
    return WORLD_BY_SOMEBODY;
}

static uint64_t name_holders(void *const *others, uint32_t count)
{
    uint64_t who = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct postgres_peer *peer = others[i];
        if (peer->name[0] != '\0' && peer->session != 0)
            who |= UINT64_C(1) << i;
    }
    return who == 0 ? WORLD_BY_SOMEBODY : who;
}

void postgres_watch_ask_again(struct postgres_watch *watch)
{
    for (struct postgres_peer *peer = watch->peers; peer != NULL; peer = peer->next)
        peer->was_asked = true;
}

uint64_t postgres_watch_blockers(struct postgres_watch *watch, struct postgres_peer *waiting,
                                 void *const *others, uint32_t count)
{
    if (waiting->was_asked)
        ask_server(watch);
    waiting->was_asked = true;
    if (!is_blocked(waiting)) {
        if (!waiting->is_stopped)
            waiting->waits_since = 0;
        let_the_next_go(watch);
        return 0;
    }
    if (waiting->waits_since == 0)
        waiting->waits_since = ++watch->waits;
    stop(waiting);
    uint64_t who = waiting->blocker_count == 0 ? name_holders(others, count) : 0;
    for (uint32_t i = 0; i < waiting->blocker_count; i++)
        who |= name_blocker(waiting->blockers[i], others, count);
    return who;
}
